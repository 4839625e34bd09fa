/* real.h - what a C library would have for floats, where there is none. */
#ifndef FIRMWARE_CORE_REAL_H
#define FIRMWARE_CORE_REAL_H

/* Square root by Newton's steps, to the last bit but one; of what is not
 * positive, 0. */
float fe_root(float v);

/* Without its sign. */
float fe_magnitude(float v);

#endif

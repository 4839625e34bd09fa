/* float.h - of the compiler's run-time library (RTABI 4.1.2), what libgcc does
 * in double precision. */
#ifndef FIRMWARE_PORT_CORTEX_M_FLOAT_H
#define FIRMWARE_PORT_CORTEX_M_FLOAT_H

#include <stdint.h>

/* (int64_t)v of the float with these bits, as the base standard passes it.
 * What does not fit gives the nearest that does; not a number gives either. */
int64_t __aeabi_f2lz(uint32_t bits);

#endif

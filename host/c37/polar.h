/* polar.h - magnitudes and angles as floats, fast. */
#ifndef HOST_C37_POLAR_H
#define HOST_C37_POLAR_H

#include <complex.h>

#define C37_POLAR_MAX 8 /* phasors at a time */

/*
 * mag[i] and rad[i] of p[i], i < n <= C37_POLAR_MAX, within one unit in the last
 * place of what hypot() and atan2() give rounded to float, signs of zeros
 * included. Both are NaN where the phasor or its magnitude is no finite float.
 */
void c37_polar(const double complex *p, unsigned n, float mag[C37_POLAR_MAX],
	       float rad[C37_POLAR_MAX]);

#endif

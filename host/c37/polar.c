/*
 * polar.c - see polar.h.
 *
 * Two phasors a vector, no branch: all take the same steps, and masks choose.
 * The arc tangent is that of r in +-tan(pi/8), the smaller part over the larger,
 * turned back by pi/4 where it is beyond. There
 *
 *     atan(r) = r * (c0 + c1 r^2 + ... + c7 r^14)
 *
 * through the zeros of a Chebyshev polynomial, with a relative error below
 * 7.6e-13: a 1e-5th of half a unit of float. The rest is rounding of doubles, a
 * few 1e-16.
 */
#include "polar.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define LANES    2
#define TAN_PI_8 0.41421356237309504880

typedef double vec __attribute__((vector_size(LANES * sizeof(double))));
typedef int64_t mask __attribute__((vector_size(LANES * sizeof(int64_t))));

static const double pi = 3.14159265358979323846;

static inline vec choose(mask where, vec yes, vec no)
{
	return (vec)((where & (mask)yes) | (~where & (mask)no));
}

static inline vec arc(vec r)
{
	vec z = r * r;
	vec high = 0.11103456906275322 +
		   z * (-0.08992552881325808 +
			z * (0.06974197572958282 - z * 0.03765510398052598));

	return r * (0.9999999999992447 +
		    z * (-0.33333333276922456 +
			 z * (0.1999999305355202 +
			      z * (-0.14285386553605597 + z * high))));
}

/* In [-pi, pi] as atan2() has it; anything where x or y is not finite. */
static inline vec angle(vec y, vec x)
{
	const vec zero = {0};
	const mask sign = (mask)(-zero);
	vec wide = (vec)((mask)x & ~sign), high = (vec)((mask)y & ~sign);
	vec side = (vec)((mask)(zero + 1) | ((mask)x & sign)); /* 1 or -1 */
	mask steep = high > wide;
	vec low = choose(steep, wide, high), top = choose(steep, high, wide);
	mask beyond = low > TAN_PI_8 * top;
	vec num = choose(beyond, low - top, low);
	vec den = choose(beyond, low + top, top);
	vec rad = arc(num / choose(den > 0, den, zero + 1));

	rad = choose(beyond, rad + pi / 4, rad);
	rad = choose(steep, pi / 2 - rad, rad);
	/* Left of the axis, -0 included: pi - rad. */
	rad = (0.5 - 0.5 * side) * pi + side * rad;
	return (vec)((mask)rad | ((mask)y & sign));
}

/* Squares neither overflow nor vanish where the root is a float. */
void c37_polar(const double complex *p, unsigned n, float mag[C37_POLAR_MAX],
	       float rad[C37_POLAR_MAX])
{
	for (unsigned i = 0; i < n; i += LANES) {
		double complex last = i + 1 < n ? p[i + 1] : 0;
		vec x = {creal(p[i]), creal(last)};
		vec y = {cimag(p[i]), cimag(last)};
		vec square = x * x + y * y;
		vec a = angle(y, x);

		for (unsigned k = 0; k < LANES; k++) {
			double m = sqrt(square[k]);
			bool fits = m <= (double)FLT_MAX;

			mag[i + k] = (float)(fits ? m : (double)NAN);
			rad[i + k] = (float)(fits ? a[k] : (double)NAN);
		}
	}
}

/* noise.c - counter-based noise; see noise.h. */
#include "noise.h"

#include <math.h>

#include "host/core/angle.h"
#include "host/core/draw.h"

double cis_noise_uniform(uint64_t seed, uint64_t what, uint64_t n)
{
	return 2 * cis_draw_unit(seed, what, n) - 1;
}

/* Box and Muller, 1958. */
double cis_noise_gauss(uint64_t seed, uint64_t what, uint64_t n)
{
	double u = 1 - cis_draw_unit(seed, what, 2 * n);
	double v = cis_draw_unit(seed, what, 2 * n + 1);

	return sqrt(-2 * log(u)) * cos(CIS_TWO_PI * v);
}

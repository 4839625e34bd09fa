/*
 * wave.c - cosine and sine by one rotation from the nearest exact sample.
 */
#include "wave.h"

#include <math.h>

#include "dyn.h"

#define RUN 32

/* cos and sin of 2 pi turns i; the product is exact before its whole turns
 * are taken out. */
static void sample(double turns, size_t i, double *c, double *s)
{
	double hi = turns * (double)i;
	double lo = fma(turns, (double)i, -hi);
	double a = 2 * CIS_PI * ((hi - rint(hi)) + lo);

	*c = cos(a);
	*s = sin(a);
}

void cis_wave(double turns, size_t n, double *c, double *s)
{
	double dc[RUN], ds[RUN], c0, s0;

	for (size_t i = 0; i < RUN; i++)
		sample(turns, i, &dc[i], &ds[i]);
	for (size_t at = 0; at < n; at += RUN) {
		size_t run = n - at < RUN ? n - at : RUN;

		sample(turns, at, &c0, &s0);
		for (size_t i = 0; i < run; i++) {
			c[at + i] = c0 * dc[i] - s0 * ds[i];
			s[at + i] = s0 * dc[i] + c0 * ds[i];
		}
	}
}

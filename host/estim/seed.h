/*
 * seed.h - a first value of the frequency, from the spectrum.
 */
#ifndef HOST_ESTIM_SEED_H
#define HOST_ESTIM_SEED_H

#include <stddef.h>

struct cis_seed;

/* For at most max_n samples; NULL when there is no memory. FFTW's planner
 * wants one caller at a time. */
struct cis_seed *cis_seed_new(size_t max_n);
void cis_seed_free(struct cis_seed *seed); /* NULL is allowed */

/*
 * Frequency of the largest line within 0.6 to 1.4 fnom of n samples, all
 * finite; fnom where there is none.
 */
double cis_seed_find(struct cis_seed *seed, const double *x, size_t n,
		     double rate_hz, double fnom_hz);

#endif

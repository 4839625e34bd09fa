/*
 * jump.h - is there a step, and when? docs/estimator.md, 8.
 *
 * One seed frequency's design: the window of four cycles around a candidate,
 * its smooth part, and the two projected columns of a jump in between samples.
 */
#ifndef HOST_ESTIM_JUMP_H
#define HOST_ESTIM_JUMP_H

#include <complex.h>
#include <stdbool.h>
#include <stdint.h>

struct cis_jump; /* the design of one seed, constant */

/* How strongly the samples say that there is a jump. */
struct cis_jump_found {
	double f;     /* energy explained / 2 over residual energy / (N - m) */
	double depth; /* |jump| / amplitude */
};

/* Samples on either side of the candidate, which lies between two samples. */
uint32_t cis_jump_half(double rate_hz, double fnom_hz);

/* NULL: no memory or singular. */
struct cis_jump *cis_jump_design(double rate_hz, double fnom_hz,
				 double seed_hz);
void cis_jump_free(struct cis_jump *jump);

/* The candidate lies between after[-1] and after[0]. */
struct cis_jump_found cis_jump_test(const struct cis_jump *jump,
				    const double *after);

/* Whether that is a step: F > 5000 and depth > 0.4 %. */
bool cis_jump_is(const struct cis_jump_found *found);

#endif

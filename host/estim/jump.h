/*
 * jump.h - is there a step, and when? docs/estimator.md, 8.
 *
 * One seed frequency's design: the window of four cycles around a candidate,
 * its smooth part, and the two projected columns of a jump in between samples.
 *
 * A jump is told from what is merely not modelled by the share of the energy
 * that it explains. F grows with the number of samples N for the same share
 * and the same signal-to-noise ratio, so its limit does too: 5000 at 1440
 * samples and 39 columns, in proportion to N - m elsewhere, and never so low
 * that white noise passes it once in 1e12 tests.
 */
#ifndef HOST_ESTIM_JUMP_H
#define HOST_ESTIM_JUMP_H

#include <stdbool.h>
#include <stdint.h>

/* From one seed to the next: half of it, at the 15th harmonic, is a third of
 * what would turn by a cycle in the window. */
#define CIS_JUMP_GRID_HZ 0.5

struct cis_jump; /* the design of one seed, constant */

/* How strongly the samples say that there is a jump. */
struct cis_jump_found {
	double f;     /* energy explained / 2 over residual energy / (N - m) */
	double depth; /* |jump| / amplitude */
};

/* What a handful of rows says, without the residual. */
struct cis_jump_glance {
	double energy;  /* explained by the jump */
	double depth;   /* |jump| / amplitude */
	double share;   /* of all the energy that the fundamental has */
	double freq_hz; /* of the smooth part, at the candidate */
};

/* Samples on either side of the candidate, which lies between two samples. */
uint32_t cis_jump_half(double rate_hz, double fnom_hz);

/* NULL: no memory, singular, or too few samples to tell. */
struct cis_jump *cis_jump_design(double rate_hz, double fnom_hz,
				 double seed_hz);
void cis_jump_free(struct cis_jump *jump); /* NULL is allowed */

/* The candidate lies between after[-1] and after[0]. work: room for
 * cis_jump_work() doubles. */
uint32_t cis_jump_work(double rate_hz, double fnom_hz);
struct cis_jump_glance cis_jump_glance(const struct cis_jump *jump,
				       const double *after, double *work);
struct cis_jump_found cis_jump_test(const struct cis_jump *jump,
				    const double *after, double *work);

/* F from which on it is a step; see above. */
double cis_jump_limit(const struct cis_jump *jump);
/* The jump, as a part of the amplitude, from which on it is a step: 0.4 %. */
#define CIS_JUMP_DEPTH 4e-3

/* Whether that is a step. */
bool cis_jump_is(const struct cis_jump *jump,
		 const struct cis_jump_found *found);

#endif

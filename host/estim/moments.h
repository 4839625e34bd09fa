/*
 * moments.h - what M and R know of a signal's decimated samples.
 */
#ifndef HOST_ESTIM_MOMENTS_H
#define HOST_ESTIM_MOMENTS_H

#include "comb.h"
#include "part.h"
#include "prefilter.h"

struct cis_moments {
	size_t half;
	double *cov; /* between points 0..2 half apart */
	double *with[2]
		    [CIS_N_FORM]; /* of form f of a part with point 0..half */
};

/* false: no memory. */
bool cis_moments_init(struct cis_moments *m, const struct cis_comb *comb,
		      const struct cis_prefilter *h, double seed_hz);
void cis_moments_free(struct cis_moments *m);

/* Scaled covariance of a part's points: [n][n], lower triangle. */
void cis_moments_cov(const struct cis_moments *m, const struct cis_part *p,
		     double *c);
/* p->w <- covariance of its forms with its points. */
void cis_moments_prior(const struct cis_moments *m, struct cis_part *p);

#endif

/*
 * prefilter.h - before decimation, M and R smooth with a window of Kaiser's.
 */
#ifndef HOST_ESTIM_PREFILTER_H
#define HOST_ESTIM_PREFILTER_H

#include <stdbool.h>

#include "design_parts.h"

struct cis_prefilter {
	struct cis_decimation to;
	double rate_hz; /* of the samples */
	double *tap;    /* [2 to.reach + 1], their sum is 1 */
};

/* false: no memory. */
bool cis_prefilter_init(struct cis_prefilter *h, const struct cis_design *d);
void cis_prefilter_free(struct cis_prefilter *h);

/* Response at hz: real, as the taps are even. */
double cis_prefilter_gain(const struct cis_prefilter *h, double hz);

/* Covariance, of white noise of variance 1, of two points so far apart. */
double cis_prefilter_cov(const struct cis_prefilter *h, size_t lag);

/* Points 0..to.half of a column whose samples 0..half are given. */
void cis_prefilter_apply(const struct cis_prefilter *h, unsigned odd,
			 const double *col, double *point);

/* The transpose: a half-row of points becomes one of samples. */
void cis_prefilter_fuse(const struct cis_prefilter *h, unsigned odd,
			const double *point, double *row);

#endif

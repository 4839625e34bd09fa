/*
 * aware_check.h - does the model hold? docs/estimator.md, 9.
 */
#ifndef HOST_ESTIM_AWARE_CHECK_H
#define HOST_ESTIM_AWARE_CHECK_H

#include "aware_seed.h"

/* A line in what a fit has left. */
struct cis_leftover {
	double f_hz;
	double amplitude; /* peak, V or A; 0: none that counts */
};

/*
 * The strongest line of the residual (tools->residual, which is lost)
 * between 0.2 and 2.5 fnom that stands out of the noise around it and is not
 * the converter's.
 */
struct cis_leftover cis_aware_leftover(struct cis_aware_tools *tools,
				       const struct cis_track *t,
				       const struct cis_fitted *f);

#endif

/*
 * step_fit.h - the phasor of one channel at an instant near steps of known
 * date, from the samples of its own side. docs/estimator.md, 8.
 *
 * First all sides together, with one frequency; where that does not explain the
 * samples, the side of the instant alone, with a frequency of its own; where
 * that does not either, a phasor that moves, on up to six cycles of the side.
 * Each side has its own constant and, where the residual is not noise,
 * harmonics.
 */
#ifndef HOST_ESTIM_STEP_FIT_H
#define HOST_ESTIM_STEP_FIT_H

#include "dyn.h"
#include "step_side.h"
#include "step_steady.h"

struct cis_step_job {
	const double *s;
	uint32_t n;
	double rate_hz;
	double at;         /* the instant, in samples from s[0] */
	const double *cut; /* the steps: ascending, in samples from s[0] */
	unsigned n_cut;
	double fnom_hz, seed_hz;
};

struct cis_step_fitter {
	uint32_t max_n;
	struct cis_steady_work steady;
	struct cis_side_work side;
	double *r;      /* [max_n] a residual */
	double *r_side; /* [max_n] */
	struct cis_steady fit;
};

/* For up to max_n samples at up to rate_hz. */
int cis_step_fitter_init(struct cis_step_fitter *f, uint32_t max_n,
			 double rate_hz, double fnom_hz);
void cis_step_fitter_fini(struct cis_step_fitter *f);

/* All of *dyn but its flags. -ERANGE, and *dyn as it was: the side is too short
 * or holds nothing that can be fitted. */
int cis_step_fit(struct cis_step_fitter *f, const struct cis_step_job *job,
		 struct cis_dyn *dyn);

#endif

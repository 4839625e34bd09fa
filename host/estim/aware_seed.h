/*
 * aware_seed.h - first values of a waveform's parameters.
 */
#ifndef HOST_ESTIM_AWARE_SEED_H
#define HOST_ESTIM_AWARE_SEED_H

#include "aware_fit.h"
#include "scope.h"

struct cis_aware_tools {
	struct cis_lsq lsq;
	struct cis_scope *scope;
	double *residual; /* one channel's samples */
	double fnom_hz;
	bool harmonics;
};

/*
 * All parameters of `model` for one channel, whose frequency is about f_hz (that
 * of the middle, for a ramp). -ENODATA: too short, or what the model looks for
 * is not there.
 */
int cis_aware_seed(struct cis_aware_tools *tools, const struct cis_track *t,
		   double f_hz, struct cis_waveform *w);

/* For a ramp that begins or ends, or both, within the recording. */
int cis_aware_seed_corners(struct cis_aware_tools *tools,
			   const struct cis_track *t, double f_hz,
			   struct cis_waveform *w);

/* First values for a step; aware_step.c. `v` are phasors against f_hz. */
int cis_aware_seed_step(const struct cis_track *t, const struct cis_view *v,
			double f_hz, struct cis_waveform *w);
/* Moves the step to where the two fitted sides change best; true if it moved.
 */
bool cis_aware_step_again(const struct cis_track *t, struct cis_fitted *f);

#endif

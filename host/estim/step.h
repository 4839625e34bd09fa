/*
 * step.h - reports of the reference near a step: two-sided fits.
 * docs/estimator.md, 8.
 */
#ifndef HOST_ESTIM_STEP_H
#define HOST_ESTIM_STEP_H

#include "history.h"
#include "method.h"

struct cis_stepper;

/* A report as the blind fit leaves it. */
struct cis_step_case {
	const struct cis_history *hist;
	struct cis_split_time at;
	const struct cis_windows *w; /* fit[]: dyn is replaced */
	struct cis_system *sys;      /* replaced, with CIS_NOTE_STEP */
};

/* How long after a window samples must reach to tell a step within it, s. */
double cis_step_lookahead_s(double fnom_hz);

/* All memory there will be; NULL: there is none. */
struct cis_stepper *cis_stepper_new(const struct cis_estim_config *cfg);
void cis_stepper_free(struct cis_stepper *st); /* NULL is allowed */

/* True: there is a step in the window, and the report is made anew. */
bool cis_step_apply(struct cis_stepper *st, const struct cis_step_case *sc);

#endif

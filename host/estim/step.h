/*
 * step.h - reports of the reference near a step: two-sided fits.
 * docs/estimator.md, 8.
 *
 * Each channel is searched for steps of its own; steps of several channels
 * within 0.2 ms of each other are one event, whose date is the likeliest for
 * all of them together. A channel that does not take part keeps its blind fit.
 *
 * Not found: steps that jump.h does not tell (below 0.4 %, or 1 % in 60 dB of
 * noise), those within two cycles of each other or of the ends of a stretch,
 * and all of them where a stretch's sampling rate is more than 20 % off the
 * one configured and designs are made in the background.
 */
#ifndef HOST_ESTIM_STEP_H
#define HOST_ESTIM_STEP_H

#include "history.h"
#include "method.h"

struct cis_stepper;

/* A report as the blind fit leaves it. */
struct cis_step_case {
	const struct cis_history *hist;
	const struct cis_windows *w; /* fit[]: dyn is replaced */
	struct cis_system *sys;      /* replaced, with CIS_NOTE_STEP */
};

/* How long after a window samples must reach to tell a step within it, s. */
double cis_step_lookahead_s(double fnom_hz);

/* All memory there will be; NULL: there is none. */
struct cis_stepper *cis_stepper_new(const struct cis_estim_config *cfg);
void cis_stepper_free(struct cis_stepper *st); /* NULL is allowed */

/* True: there is a step in the window, and the report is made anew. A channel
 * whose side of the step is too short for a fit is CIS_REPORT_NOFIT. */
bool cis_step_apply(struct cis_stepper *st, const struct cis_step_case *sc);

/* As cis_estim_wants() and cis_estim_design(), for what tells steps. */
bool cis_stepper_wants(const struct cis_stepper *st);
int cis_stepper_design(struct cis_stepper *st);

#endif

/*
 * step_watch.h - finds the steps of all channels as samples come.
 * docs/estimator.md, 8.
 */
#ifndef HOST_ESTIM_STEP_WATCH_H
#define HOST_ESTIM_STEP_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/estim.h"
#include "history.h"

#define CIS_N_EVENT 16

/* A step of one channel or more, after all their samples before `at` and before
 * all others: true time in scans, of which a channel's delay is a part. */
struct cis_event {
	double at;
	uint8_t *takes;   /* [n_chan] whether a channel takes part */
	uint32_t n_takes; /* 0: no event */
	bool changed;     /* since its date was found */
};

struct cis_watch;

/* How far beyond an instant samples must reach to tell a step at it, s. */
double cis_watch_ahead_s(double fnom_hz);

/* NULL: no memory. */
struct cis_watch *cis_watch_new(const struct cis_estim_config *cfg);
void cis_watch_free(struct cis_watch *watch); /* NULL is allowed */

/* What there is to look at: scans from..end of a history, at rate_hz. */
struct cis_watch_span {
	const struct cis_history *hist;
	double rate_hz;
	int64_t from, end;
};

/* Looks at what has not been looked at. */
void cis_watch_run(struct cis_watch *watch, const struct cis_watch_span *span);

/* CIS_N_EVENT events, in no order. */
const struct cis_event *cis_watch_events(const struct cis_watch *watch);

/* Frequency of a channel, as it was followed. */
double cis_watch_freq_hz(const struct cis_watch *watch, uint32_t chan);

/* As cis_estim_wants() and cis_estim_design(). */
bool cis_watch_wants(const struct cis_watch *watch);
int cis_watch_design(struct cis_watch *watch);

#endif

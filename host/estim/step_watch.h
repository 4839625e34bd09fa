/*
 * step_watch.h - finds the steps of all channels as samples come.
 * docs/estimator.md, 8.
 */
#ifndef HOST_ESTIM_STEP_WATCH_H
#define HOST_ESTIM_STEP_WATCH_H

#include "step_events.h"

struct cis_watch;

/* How far beyond an instant samples must reach to tell a step at it, s. */
double cis_watch_ahead_s(double fnom_hz);

/* NULL: no memory. */
struct cis_watch *cis_watch_new(const struct cis_estim_config *cfg);
void cis_watch_free(struct cis_watch *watch); /* NULL is allowed */

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

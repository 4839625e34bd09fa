/*
 * step_events.h - steps that channels have in common, and their dates.
 * docs/estimator.md, 8.
 */
#ifndef HOST_ESTIM_STEP_EVENTS_H
#define HOST_ESTIM_STEP_EVENTS_H

#include "step_look.h"

#define CIS_N_EVENT 16

/* A step of one channel or more, after all their samples before `at` and before
 * all others: true time in scans, of which a channel's delay is a part. */
struct cis_event {
	double at;
	uint8_t *takes;   /* [n_chan] whether a channel takes part */
	uint32_t n_takes; /* 0: no event */
	bool changed;     /* since its date was found */
};

struct cis_step_events {
	uint32_t n_chan;
	unsigned next; /* to be overwritten */
	uint8_t *takes;
	struct cis_event event[CIS_N_EVENT];
};

/* No memory: false; fini() is due in any case. */
bool cis_step_events_init(struct cis_step_events *t, uint32_t n_chan);
void cis_step_events_fini(struct cis_step_events *t);

void cis_step_events_forget(struct cis_step_events *t);

/* The look's channel has a step just before its sample `at`. */
void cis_step_events_add(struct cis_step_events *t,
			 const struct cis_step_look *k, int64_t at);

/* All channels' samples. */
struct cis_step_scene {
	struct cis_step_designs *designs;
	const struct cis_watch_span *span;
	const double *freq_hz; /* [n_chan] */
};

struct cis_step_look cis_step_look_at(const struct cis_step_scene *scene,
				      uint32_t chan);

/* Dates what is new, by all that take part; others join where they have it. */
void cis_step_events_settle(struct cis_step_events *t,
			    const struct cis_step_scene *scene);

#endif

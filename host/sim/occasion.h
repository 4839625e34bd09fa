/*
 * occasion.h - an event that repeats: how often so far, and since when.
 */
#ifndef HOST_SIM_OCCASION_H
#define HOST_SIM_OCCASION_H

#include <stdbool.h>

#include "cisoid/scenario.h"
#include "host/core/dd.h"

/* Instants that are told as decimals and met by k/N of a second are the same
 * within this. */
#define CIS_SAME_INSTANT_S 1e-8

struct cis_occasion {
	struct dd t;
	bool begun;
	double n_before;  /* occurrences before the one that began last */
	struct dd first;  /* s since the first began */
	struct dd last;   /* s since the last began */
	double next_in_s; /* INFINITY: there is none */
};

struct cis_occasion cis_event_occasion(const struct cis_event *event,
				       struct dd t);

/* Whether that occurrence is not over yet. */
static inline bool cis_occasion_lasts(const struct cis_occasion *o,
				      double for_s)
{
	return o->begun && o->last.hi < for_s - CIS_SAME_INSTANT_S;
}

#endif

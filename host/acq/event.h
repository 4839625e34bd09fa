/*
 * event.h - what went wrong with the samples or their time, and when.
 *
 * Made on acq's thread, told on main's. A fault that lasts is told twice: when
 * it is found (over false) and when it has gone (over true), then with its whole
 * extent.
 */
#ifndef HOST_ACQ_EVENT_H
#define HOST_ACQ_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/time.h"

enum cis_event_kind {
	CIS_EVENT_OVERFLOW,      /* the driver's buffer overran */
	CIS_EVENT_DEVICE_ERROR,  /* the driver ended the command */
	CIS_EVENT_CLOCK_STOPPED, /* the board waits for its scan clock */
	CIS_EVENT_STALLED, /* no samples, though the board is on its own clock */
	CIS_EVENT_SCAN_LOST,   /* the count of scans does not fit the time */
	CIS_EVENT_DEVICE_GONE, /* unplugged */
	CIS_EVENT_TIME_STATE,  /* LOCKED, HOLDOVER, ...: see state */
	CIS_EVENT_FRONT_END,   /* the timing front end's own: see name, value */
	CIS_N_EVENT_KIND,
};

enum cis_time_state {
	CIS_TIME_LOCKED,
	CIS_TIME_HOLDOVER, /* was locked; goes on with the last rate */
	CIS_TIME_UNLOCKED, /* has never been locked, or is too far off */
	CIS_TIME_FREE_RUN, /* declared to be of no worth */
};

struct cis_event {
	enum cis_event_kind kind;
	bool over;
	uint64_t first_scan; /* the first that is lost, in the count then */
	struct cis_time at;  /* its date, as far as known */
	double duration_s;   /* without samples; NaN while it lasts */
	uint64_t n_lost;     /* scans, when over, to the nearest */
	enum cis_time_state state; /* TIME_STATE: the new one ... */
	double unc_s;              /* ... and its uncertainty */
	/* FRONT_END: as docs/mcu-link.md has them. */
	char name[24], word[24]; /* word: what the value means; may be "" */
	int64_t value;
	bool good; /* nothing is wrong, or not any more */
};

/* A fault of the samples, which lasts until it is over; else news of the time. */
static inline bool cis_event_is_fault(const struct cis_event *ev)
{
	return ev->kind < CIS_EVENT_TIME_STATE;
}

/* "overflow", "device-error", "clock-stopped", "stalled", "scan-lost",
 * "device-gone", "time", "front-end". */
const char *cis_event_name(enum cis_event_kind kind);
/* "LOCKED", "HOLDOVER", "UNLOCKED", "FREE-RUN". */
const char *cis_time_state_name(enum cis_time_state state);

#endif

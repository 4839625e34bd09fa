/*
 * dater.h - when the scans were taken, by the time source that was chosen.
 *
 * It stands between source and pipe, on acq's thread, and replaces what a block
 * says of its clock. Nothing is ever dated by the moment at which it was read:
 * - external: the source's edges and its start are UTC's; the count is the date.
 *   Right until the arrival of the samples, or they themselves, contradict. How
 *   good they are is declared, or attested by a timing front end.
 * - pps-channel: the edges of a pulse a second among the samples, fitted and
 *   tracked (pps_edge.h, track.h); between lock and loss it holds over.
 * - system: the moment at which the board was started, by this computer's clock,
 *   and from then on the lower envelope of the samples' arrival: it cannot be
 *   better than a board's start and delivery are known, some milliseconds.
 * - pps:DEV: the same, but this computer's clock is compared with a pulse a
 *   second that the kernel stamps.
 * - none: what the source says, declared to be of no worth.
 *
 * Samples that are made by a formula are exact against the clock that they began
 * on: system and none change their quality alone.
 */
#ifndef HOST_ACQ_DATER_H
#define HOST_ACQ_DATER_H

#include <stdbool.h>

#include "cisoid/block.h"
#include "cisoid/diag.h"
#include "cisoid/source.h"
#include "host/acq/dates/dater_spec.h"
#include "host/acq/dates/pps_watch.h"
#include "host/acq/event.h"

struct cis_dater_config {
	struct cis_dater_spec spec;
	const struct cis_source_info *info; /* borrowed until free */
	bool declared;      /* the start is a date by definition: no clock's */
	double fnom_hz;     /* flags dates off by more than 1 % TVE */
	double max_error_s; /* flags what may be off by more; INFINITY */
};

struct cis_dater;

/* -EINVAL: the source cannot be dated so; -ENODEV: no such PPS device. */
int cis_dater_new(const struct cis_dater_config *cfg, struct cis_dater **out,
		  struct cis_diag *diag);
void cis_dater_free(struct cis_dater *d); /* NULL is allowed */

/* ---- acq's thread ---- */

/* The next block begins a new count of scans. */
void cis_dater_restart(struct cis_dater *d);

/*
 * Sets blk->clock, and CIS_BLOCK_UNSYNC where the date may be off by more than
 * makes 1 % TVE or than was asked for. -EPIPE: the block contradicts the time
 * that was declared; it must not be used, and the source be started anew.
 */
int cis_dater_stamp(struct cis_dater *d, struct cis_block *blk);

/* What the samples of a formula are worth, which are dated by the system's clock
 * or none: stamp() leaves those alone, and so recordings of them. */
void cis_dater_appraise(struct cis_dater *d, struct cis_block *blk);

/* No samples come meanwhile: what the time that attests them is worth. Where the
 * dates are not attested nothing changes. */
void cis_dater_idle(struct cis_dater *d, const struct cis_time_quality *q);

/* What stamp(), appraise() and idle() found, in order; false: no more. */
bool cis_dater_event(struct cis_dater *d, struct cis_event *event);

/* ---- any thread ---- */

/* The frequency of the wave, by the last good report: lost scans show in it. */
void cis_dater_follow(struct cis_dater *d, double freq_hz);

struct cis_time_status {
	enum cis_dater_kind kind;
	enum cis_time_state state;
	struct cis_time_quality quality;
	struct cis_time at; /* the date of the last scan stamped */
	double rate_hz;     /* of the scans, against UTC */
	double ppm;         /* the source's clock is fast by; NaN: not known */
	double last_edge_s; /* the last pulse less its second; NaN: none */
	double last_age_s;  /* since then */
	double tau_s;       /* of the network, as fitted; NaN */
	/* By how much the system's clock, with what it says of its own error,
	 * excludes that these are the seconds; 0: it does not. */
	double denied_s;
	uint64_t n_edges;     /* pulses used ... */
	uint64_t n_outliers;  /* ... and refused */
	uint64_t n_unused;    /* and those before lock, which fit nothing */
	enum cis_pps_why why; /* pps-channel: what is wrong with the pulses */
};

void cis_dater_status(const struct cis_dater *d, struct cis_time_status *st);

#endif

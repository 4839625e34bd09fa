/* dater_in.h - what the files of the dater share; see dater.h. */
#ifndef HOST_ACQ_DATER_IN_H
#define HOST_ACQ_DATER_IN_H

#include <stdatomic.h>

#include "dater.h"
#include "dater_shown.h"
#include "host/acq/dates/continuity.h"
#include "host/acq/dates/kernel_pps.h"
#include "host/acq/dates/pps_edge.h"
#include "host/acq/dates/pps_watch.h"
#include "host/acq/dates/track.h"

#define DATER_N_EVENTS 8

/* How late samples arrive, by the second; see dater_arrival.c. */
struct dater_arrival {
	bool over;          /* the next block begins a second */
	uint64_t from_scan; /* of the second under way */
	double least_s;     /* in it: the arrival less the date */
	uint64_t at_scan;   /* where that was */
	double batch_s;     /* the longest block so far */
	bool asked;         /* the system's clock has been */
	unsigned n_denied;  /* seconds in a row that it excludes */
};

/* Scans that the wave says are lost, or delivered twice. */
struct dater_doubt {
	bool on;
	bool by_pulse; /* and not counted in yet */
	int lost;
	uint64_t first_scan;
};

/* What a source did not count; see dater_lost.c. */
struct dater_lost {
	int64_t skip; /* scans, so far */
	struct dater_doubt doubt;
};

/* A pulse as it was when last locked, and what it said then: after a restart one
 * that is alike is good for a date. */
struct dater_one {
	double tau_scan, step_v;
	struct cis_track_state known;
	bool in_force; /* dates are by such a pulse */
};

struct dater_external {
	int64_t tai_s; /* of scan 0 */
	struct dater_arrival arrival;
	unsigned n_second;
	double usual_s, rise_s, spread_s; /* of the seconds' least lateness */
	unsigned n_odd;                   /* seconds in a row that differ */
};

struct dater_pps {
	struct cis_pps_finder finder;
	struct cis_pps_watch watch;
	uint64_t n_seen;
	bool named; /* the second, beyond doubt */
	struct cis_track track;
	struct dater_lost lost;
	struct cis_scan_clock clock; /* in force, of counted scans */
	bool has_clock;
	unsigned n_odd; /* pulses in a row that the system's clock denies */
	struct dater_arrival arrival;
	struct dater_one one;
};

struct dater_system {
	struct cis_scan_clock from; /* the source's, after a restart */
	struct dater_arrival arrival;
	struct cis_track track;
	double bias_s; /* of the first second's least lateness */
	unsigned n_second;
	struct cis_scan_clock clock; /* in force */
	double left_s;               /* by which it is still to move */
	struct cis_kernel_pps pps;
};

struct dater_ops {
	void (*restart)(struct cis_dater *d);
	/* Sets blk->clock and now.state; what stamp() returns. */
	int (*stamp)(struct cis_dater *d, struct cis_block *blk);
};

struct cis_dater {
	struct cis_dater_config cfg;
	const struct dater_ops *ops;
	double limit_s; /* 1 % TVE */
	struct cis_clock clock;
	struct cis_time asked;           /* when quality was read */
	struct cis_time_quality quality; /* of the system's clock */
	bool fresh;                      /* the next block begins a count */
	enum cis_time_state state;       /* as told */
	struct cis_time_status now;
	struct cis_continuity watch;
	uint32_t n_event;
	struct cis_event event[DATER_N_EVENTS];
	struct dater_external external;
	struct dater_pps pps;
	struct dater_system system;
	/* Shared: */
	_Atomic double freq_hz;
	struct dater_shown shown;
};

extern const struct dater_ops dater_external_ops, dater_pps_ops,
	dater_system_ops;

/* ---- dater_external.c ---- */

/* Of what a front end says; it is the state's that was found. */
enum cis_time_state dater_attested(const struct cis_dater *d,
				   struct cis_time_quality *q);

/* ---- dater.c ---- */

void dater_add_event(struct cis_dater *d, const struct cis_event *event);
/* Of the system's clock; the kernel is asked once a second at most. */
struct cis_time_quality dater_system_quality(struct cis_dater *d);
/* Whether scans are missing in the block, by its wave; first_scan and lost of
 * `doubt`. */
bool dater_torn(struct cis_dater *d, const struct cis_block *blk,
		struct dater_doubt *doubt);
/* Scans before `scan` go; the block begins after a gap. */
void dater_cut(struct cis_block *blk, uint64_t scan);

static inline uint64_t dater_end(const struct cis_block *blk)
{
	return blk->first_scan + blk->n_scan;
}

static inline struct cis_time dater_rounded(struct cis_split_time t)
{
	return cis_split_rounded(t);
}

/* ---- dater_arrival.c ---- */

void dater_arrival_restart(struct dater_arrival *a);
/*
 * The block's samples by `clock`, and when they were taken: true when a second is
 * over, least_s and at_scan then are its. A block without taken_by is not seen.
 */
bool dater_arrival_push(struct dater_arrival *a,
			const struct cis_scan_clock *clock,
			const struct cis_block *blk);
/* The dates are so far from the system's clock that the pulse may as well be the
 * next second's, or the last one's. */
bool dater_arrival_vague(const struct dater_arrival *a);
/*
 * Dates that the system's clock excludes, by what it says of its own error, are
 * not good, and now.denied_s is set. It is asked of the first block after a
 * restart, and whenever a second is `over`: then three in a row must be off, as
 * the system itself may stand still for one.
 */
void dater_ask_system(struct cis_dater *d, struct dater_arrival *a, bool over,
		      struct cis_time_quality *q);

/* ---- dater_lost.c ---- */

/* The number of a scan, with those that were not counted. */
uint64_t dater_counted(const struct dater_lost *lost, uint64_t scan);
/* The wave says so. */
void dater_lost_by_wave(struct cis_dater *d, const struct dater_doubt *doubt);
/*
 * What a pulse says that comes `off` scans early by the model (NaN: there is
 * none): the scans that are counted in by it. `first`: the scan that shows them.
 */
int dater_lost_by_pulse(struct cis_dater *d, double off, uint64_t first);
/* Told: the pulses have moved by so much, and are followed. */
void dater_lost_jump(struct cis_dater *d, double off, uint64_t first);

#endif

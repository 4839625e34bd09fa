/*
 * pipe.h - the threads between source and reports: acq, est, design and rec.
 *
 *     acq reads and stamps -> ring 1 -> est fits -> ring 3 -> pop()
 *                          -> ring 2 -> rec writes COMTRADE
 *
 * A source that fails is begun anew until it works, and frames without values go
 * out meanwhile: see outage.h.
 *
 * acq and est never allocate, lock or log after start. A full ring drops,
 * counts, and flags the gap. design makes the rows that est finds missing; with
 * an estimator in the foreground est makes them too, and the source must wait.
 */
#ifndef HOST_ACQ_PIPE_H
#define HOST_ACQ_PIPE_H

#include <stdbool.h>

#include "cisoid/estim.h"
#include "cisoid/source.h"
#include "host/acq/cal/cal.h"
#include "host/acq/dates/clock.h"
#include "host/acq/dates/dater.h"
#include "host/acq/event.h"
#include "host/acq/level.h"
#include "host/acq/realtime.h"
#include "host/acq/rec.h"
#include "host/acq/tap.h"

struct cis_pipe;

struct cis_pipe_config {
	struct cis_source *src; /* borrowed until free */
	struct cis_estim *est;  /* borrowed until free */
	struct cis_cal
		*cal; /* for est: samples, then reports; borrowed; NULL */
	struct cis_clock *clock;
	struct cis_dater *dater; /* borrowed; NULL: as the source says */
	uint32_t max_block;      /* scans read at a time, at most */
	bool paced;        /* sources that do not sleep are held to the clock */
	bool declared;     /* the start is a date, not that of the clock */
	double duration_s; /* of data, see duration.h; INFINITY */
	double ring_s;     /* of samples in ring 1, at least; 0: 2 s */
	struct cis_rec *rec; /* recording of the samples; borrowed; NULL */
	struct cis_tap *tap; /* a look at them; borrowed; NULL */
	/* Called on their threads when there is a report or an event to take;
	 * async-safe. */
	void (*notify)(void *arg);
	void *arg;
};

struct cis_pipe_stats {
	uint64_t scans;
	uint64_t reports;
	uint64_t lost_scans;   /* known to be missing */
	uint64_t overruns;     /* of the device, or of ring 1 */
	uint64_t lost_reports; /* ring 3 was full */
	uint64_t refused; /* scans of a clock that the estimator cannot take */
	uint64_t events[CIS_N_EVENT_KIND]; /* faults begun, changes of state */
	struct cis_ring_level ring;        /* ring 1 */
	struct cis_realtime realtime;
};

int cis_pipe_new(const struct cis_pipe_config *pc, struct cis_pipe **out,
		 struct cis_diag *diag);
/* Starts source and threads; scan 0 at `at`. */
int cis_pipe_start(struct cis_pipe *pipe, struct cis_time at,
		   struct cis_diag *diag);
/* The next report: 0; -EAGAIN: not yet; -ENODATA: ended, all popped; else the
 * error that ended the source. */
int cis_pipe_pop(struct cis_pipe *pipe, struct cis_report *rep);
/* The next event: 0; -EAGAIN: there is none. */
int cis_pipe_event(struct cis_pipe *pipe, struct cis_event *ev);
void cis_pipe_stats(const struct cis_pipe *pipe, struct cis_pipe_stats *stats);
/*
 * Whether acq and est do their work: each has gone on since the last call, or has
 * nothing to go on with. A board that is away is no fault of theirs. To be asked
 * from one thread, some tenths of a second apart at least.
 */
bool cis_pipe_alive(struct cis_pipe *pipe);
/* Stops and joins the threads; what is in ring 3 can still be popped. */
void cis_pipe_stop(struct cis_pipe *pipe);
void cis_pipe_free(struct cis_pipe *pipe);

#endif

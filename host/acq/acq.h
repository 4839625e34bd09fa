/*
 * acq.h - the acq thread: it reads the source into ring 1, and begins the
 * source's command anew where that has ended.
 *
 * A part of pipe, whose threads share its counters and ring.
 */
#ifndef HOST_ACQ_ACQ_H
#define HOST_ACQ_ACQ_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "cisoid/source.h"
#include "host/acq/dates/clock.h"
#include "host/acq/dates/dater.h"
#include "host/acq/duration.h"
#include "host/acq/event.h"
#include "host/acq/level.h"
#include "host/acq/mcu/front_end.h"
#include "host/acq/outage.h"
#include "host/acq/rec.h"
#include "host/core/ring.h"

/* What is in ring 1: a block with its samples behind it. One of no scans tells
 * that no samples come for instants up to `until`. */
struct cis_slot {
	struct cis_block blk;
	struct cis_split_time until;
	double x[];
};

struct cis_acq_config {
	struct cis_source *src;
	struct cis_clock *clock;
	struct cis_dater *dater; /* NULL: as the source says */
	uint32_t max_block;
	bool paced;
	bool declared;
	double duration_s;
	double ring_s;       /* of samples in ring 1 */
	struct cis_rec *rec; /* NULL */
	/* Called on the thread when there is an event; async-safe. */
	void (*notify)(void *arg);
	void *arg;
};

struct cis_acq {
	struct cis_acq_config cfg;
	const struct cis_source_info *info;
	struct cis_ring *samples; /* ring 1 */
	struct cis_ring *events;  /* struct cis_event, to main */
	sem_t filled;             /* ring 1 has something, or acq is done */
	atomic_bool stop;         /* asked to end */
	atomic_bool done;
	atomic_int err; /* what ended the source, if not its end */
	_Atomic uint64_t scans, lost_scans, overruns;
	struct cis_level level;  /* of ring 1 */
	_Atomic uint64_t n_turn; /* the loop goes round: it lives */
	_Atomic uint64_t n_event[CIS_N_EVENT_KIND]; /* begun, or of state */
	/* The thread's own. */
	pthread_t thread;
	struct cis_slot *spare; /* where samples go while ring 1 is full */
	struct cis_duration duration;
	struct cis_outage outage;
	bool down;        /* the source is to be begun anew ... */
	int64_t again_ns; /* ... then, monotonic */
	bool dropped;     /* flag the next block */
	struct cis_front_end_news news;
	bool paced_once;   /* offset_ns is valid */
	int64_t offset_ns; /* from dates of samples to the clock */
};

/* Of zeroed memory. -ENOMEM; to be followed by fini() in any case. */
int cis_acq_init(struct cis_acq *acq, const struct cis_acq_config *cfg);
void cis_acq_fini(struct cis_acq *acq);

/* Starts the source, and makes the thread. */
int cis_acq_open(struct cis_acq *acq, struct cis_time at,
		 struct cis_diag *diag);
int cis_acq_spawn(struct cis_acq *acq);
/* Ends the thread; then close() stops the source. */
void cis_acq_join(struct cis_acq *acq);
void cis_acq_close(struct cis_acq *acq);

#endif

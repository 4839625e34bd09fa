/* pipe.c - the est and design threads, and the owner's side; see pipe.h. */
#include "pipe.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "host/acq/acq.h"
#include "host/core/ring.h"

#define N_REPORT_SLOTS 256
#define RING_S         2.0

struct cis_pipe {
	struct cis_pipe_config cfg;
	struct cis_acq acq;       /* with ring 1 */
	struct cis_ring *reports; /* ring 3 */
	sem_t wanted;             /* est misses rows, or all ends */
	pthread_t est, design;
	bool started;
	atomic_bool stop;
	atomic_bool est_done;
	_Atomic uint64_t n_reports, lost_reports, refused;
	_Atomic uint64_t n_slot;       /* that est has done with */
	uint64_t seen_turn, seen_slot; /* by alive() */
	bool seen_busy;                /* est had something to do */
	struct cis_realtime realtime;
};

static void count(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t counted(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static bool flag(const atomic_bool *f)
{
	return atomic_load_explicit(f, memory_order_acquire);
}

static void raise_flag(atomic_bool *f)
{
	atomic_store_explicit(f, true, memory_order_release);
}

static void wait_for(sem_t *sem)
{
	while (sem_wait(sem) && errno == EINTR)
		;
}

/* ---- est ---- */

/* Lost scans show in a wave whose frequency is known. */
static void follow(struct cis_pipe *p, const struct cis_report *rep)
{
	if (p->cfg.dater && !(rep->flags & ~CIS_REPORT_UNSYNC))
		cis_dater_follow(p->cfg.dater, rep->freq_hz);
}

static void drain_estimator(struct cis_pipe *p)
{
	for (;;) {
		struct cis_report *rep = cis_ring_put_begin(p->reports);

		if (!rep) {
			/* Ring 3 is full: the report is made and lost. */
			struct cis_report lost;

			if (cis_estim_pop(p->cfg.est, &lost))
				return;
			count(&p->lost_reports, 1);
			continue;
		}
		if (cis_estim_pop(p->cfg.est, rep))
			return;
		cis_tap_report(p->cfg.tap, rep);
		if (p->cfg.cal)
			cis_cal_report(p->cfg.cal, rep);
		count(&p->n_reports, 1);
		follow(p, rep);
		cis_ring_put_end(p->reports);
		p->cfg.notify(p->cfg.arg);
	}
}

/* Asks again with every block until all is there: the design thread may find
 * nothing left to do just when something new comes up. */
static void ask_for_rows(struct cis_pipe *p)
{
	if (cis_estim_wants(p->cfg.est))
		sem_post(&p->wanted);
}

static void estimate(struct cis_pipe *p, struct cis_slot *slot)
{
	if (slot->blk.n_scan == 0) {
		const struct cis_time_quality *q = &slot->blk.clock.quality;

		cis_estim_give_up(p->cfg.est, slot->until,
				  p->acq.info->attested ? q : NULL);
		return;
	}
	if (p->cfg.cal)
		cis_cal_apply(p->cfg.cal, &slot->blk);
	cis_tap_block(p->cfg.tap, &slot->blk);
	if (cis_estim_push(p->cfg.est, &slot->blk))
		count(&p->refused, slot->blk.n_scan);
}

static void *est_main(void *arg)
{
	struct cis_pipe *p = arg;

	for (;;) {
		bool done = flag(&p->acq.done);
		struct cis_slot *slot = cis_ring_get_begin(p->acq.samples);

		if (slot) {
			uint32_t n_scan = slot->blk.n_scan;

			estimate(p, slot);
			cis_ring_get_end(p->acq.samples);
			cis_level_take(&p->acq.level, n_scan);
			count(&p->n_slot, 1);
			drain_estimator(p);
			ask_for_rows(p);
		} else if (done) {
			break;
		} else {
			wait_for(&p->acq.filled);
		}
	}
	cis_estim_finish(p->cfg.est);
	drain_estimator(p);
	raise_flag(&p->est_done);
	p->cfg.notify(p->cfg.arg);
	return NULL;
}

/* ---- design ---- */

static void *design_main(void *arg)
{
	struct cis_pipe *p = arg;

	while (!flag(&p->stop)) {
		if (cis_estim_design(p->cfg.est) != 0)
			continue;
		while (!sem_trywait(&p->wanted))
			;
		if (!cis_estim_wants(p->cfg.est) && !flag(&p->stop))
			wait_for(&p->wanted);
	}
	return NULL;
}

/* ---- the owner ---- */

int cis_pipe_new(const struct cis_pipe_config *pc, struct cis_pipe **out,
		 struct cis_diag *diag)
{
	struct cis_pipe *p = calloc(1, sizeof(*p));
	struct cis_acq_config ac = {
		.src = pc->src,
		.clock = pc->clock,
		.dater = pc->dater,
		.max_block = pc->max_block,
		.paced = pc->paced,
		.declared = pc->declared,
		.duration_s = pc->duration_s,
		.ring_s = pc->ring_s > 0 ? pc->ring_s : RING_S,
		.rec = pc->rec,
		.notify = pc->notify,
		.arg = pc->arg,
	};

	if (!p)
		return cis_fail(diag, -ENOMEM, "out of memory");
	p->cfg = *pc;
	sem_init(&p->wanted, 0, 0);
	if (cis_acq_init(&p->acq, &ac) ||
	    cis_ring_new(N_REPORT_SLOTS, sizeof(struct cis_report),
			 &p->reports)) {
		cis_pipe_free(p);
		return cis_fail(diag, -ENOMEM, "out of memory");
	}
	*out = p;
	return 0;
}

static void join_design(struct cis_pipe *p)
{
	raise_flag(&p->stop);
	sem_post(&p->wanted);
	pthread_join(p->design, NULL);
}

static void join_est(struct cis_pipe *p)
{
	raise_flag(&p->acq.done);
	sem_post(&p->acq.filled);
	pthread_join(p->est, NULL);
}

static int start_threads(struct cis_pipe *p)
{
	int err = -pthread_create(&p->design, NULL, design_main, p);

	if (err)
		return err;
	err = -pthread_create(&p->est, NULL, est_main, p);
	if (!err) {
		err = cis_acq_spawn(&p->acq);
		if (err)
			join_est(p);
	}
	if (err)
		join_design(p);
	return err;
}

int cis_pipe_start(struct cis_pipe *p, struct cis_time at,
		   struct cis_diag *diag)
{
	int err = cis_acq_open(&p->acq, at, diag);

	if (err)
		return err;
	err = start_threads(p);
	if (err) {
		cis_acq_close(&p->acq);
		return cis_fail(diag, err, "cannot start a thread: %s",
				strerror(-err));
	}
	p->started = true;
	cis_realtime_name(p->acq.thread, "acq");
	cis_realtime_name(p->est, "est");
	cis_realtime_name(p->design, "design");
	if (p->acq.info->realtime)
		cis_realtime_ask(&p->realtime, p->acq.thread);
	return 0;
}

int cis_pipe_pop(struct cis_pipe *p, struct cis_report *rep)
{
	bool done = flag(&p->est_done);
	const struct cis_report *slot = cis_ring_get_begin(p->reports);
	int err;

	if (slot) {
		*rep = *slot;
		cis_ring_get_end(p->reports);
		return 0;
	}
	if (!done)
		return -EAGAIN;
	err = atomic_load_explicit(&p->acq.err, memory_order_relaxed);
	return err ? err : -ENODATA;
}

int cis_pipe_event(struct cis_pipe *p, struct cis_event *ev)
{
	const struct cis_event *slot = cis_ring_get_begin(p->acq.events);

	if (!slot)
		return -EAGAIN;
	*ev = *slot;
	cis_ring_get_end(p->acq.events);
	return 0;
}

void cis_pipe_stats(const struct cis_pipe *p, struct cis_pipe_stats *stats)
{
	*stats = (struct cis_pipe_stats){
		.scans = counted(&p->acq.scans),
		.reports = counted(&p->n_reports),
		.lost_scans = counted(&p->acq.lost_scans),
		.overruns = counted(&p->acq.overruns),
		.lost_reports = counted(&p->lost_reports),
		.refused = counted(&p->refused),
		.ring = cis_level_get(&p->acq.level),
		.realtime = p->realtime,
	};
	for (unsigned i = 0; i < CIS_N_EVENT_KIND; i++)
		stats->events[i] = counted(&p->acq.n_event[i]);
}

bool cis_pipe_alive(struct cis_pipe *p)
{
	uint64_t turn = counted(&p->acq.n_turn), slot = counted(&p->n_slot);
	bool acq = turn != p->seen_turn || flag(&p->acq.done);
	bool est = slot != p->seen_slot || !p->seen_busy;

	p->seen_turn = turn;
	p->seen_slot = slot;
	p->seen_busy = cis_ring_used(p->acq.samples) > 0;
	return acq && est;
}

void cis_pipe_stop(struct cis_pipe *p)
{
	if (!p->started)
		return;
	cis_acq_join(&p->acq);
	pthread_join(p->est, NULL);
	join_design(p);
	cis_acq_close(&p->acq);
	p->started = false;
}

void cis_pipe_free(struct cis_pipe *p)
{
	if (!p)
		return;
	cis_pipe_stop(p);
	sem_destroy(&p->wanted);
	cis_acq_fini(&p->acq);
	cis_ring_free(p->reports);
	free(p);
}

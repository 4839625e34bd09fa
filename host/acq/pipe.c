/* pipe.c - the acq, est and design threads; see pipe.h. */
#include "pipe.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "host/acq/duration.h"
#include "host/core/ring.h"

#define SAMPLE_RING_S   2.0         /* of samples in ring 1 */
#define SAMPLE_RING_LEN 268435456.0 /* bytes, at most */
#define SLOTS_PER_BLOCK 4
#define MIN_SLOTS       64
#define N_REPORT_SLOTS  256
#define READ_MS         100
#define WAIT_MS         50

/* A block with its samples behind it. */
struct slot {
	struct cis_block blk;
	double x[];
};

struct cis_pipe {
	struct cis_pipe_config cfg;
	const struct cis_source_info *info;
	struct cis_ring *samples; /* ring 1 */
	struct cis_ring *reports; /* ring 3 */
	struct slot *spare;       /* where samples go while ring 1 is full */
	sem_t filled;             /* ring 1 has something, or acq is done */
	sem_t wanted;             /* est misses rows, or all ends */
	pthread_t acq, est, design;
	bool started;
	atomic_bool stop;
	atomic_bool acq_done;
	atomic_bool est_done;
	atomic_int err; /* what ended the source, if not its end */
	_Atomic uint64_t scans, n_reports, lost_scans, overruns, lost_reports;
	_Atomic uint64_t refused;
	/* acq's own */
	struct cis_duration duration;
	bool dropped;          /* flag the next block */
	bool paced_once;       /* offset_ns is valid */
	int64_t offset_ns;     /* from dates of samples to the clock */
	struct cis_time asked; /* when quality was read */
	struct cis_time_quality quality;
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

/* ---- acq ---- */

/* The date, rounded, of the scan after the block. */
static struct cis_time end_of(const struct cis_block *blk)
{
	struct cis_split_time t =
		cis_scan_instant(&blk->clock, blk->first_scan + blk->n_scan);

	return (struct cis_time){.tai_ns = t.tai_s * CIS_NS_PER_S +
					   (int64_t)(t.frac_s * 1e9)};
}

/*
 * Holds samples that need no waiting for back to the time they are of. Dates
 * that are not the clock's are moved so that the first block is due when it is
 * read.
 */
static void pace(struct cis_pipe *p, const struct cis_block *blk)
{
	struct cis_time due = end_of(blk);

	if (p->info->realtime || !p->cfg.paced)
		return;
	if (!p->paced_once) {
		p->paced_once = true;
		if (p->info->dated || p->cfg.declared)
			p->offset_ns = cis_time_diff_ns(
				cis_clock_now(p->cfg.clock), due);
	}
	due = cis_time_add_ns(due, p->offset_ns);
	while (!flag(&p->stop) &&
	       cis_time_diff_ns(cis_clock_now(p->cfg.clock), due) < 0)
		cis_clock_wait(p->cfg.clock, due, WAIT_MS);
}

/* A formula's samples are as good as the clock they were started on; a date that
 * was declared is right by definition. */
static void set_quality(struct cis_pipe *p, struct cis_block *blk)
{
	struct cis_time now;

	if (p->info->realtime || p->info->dated || p->cfg.declared)
		return;
	now = cis_clock_now(p->cfg.clock);
	if (cis_time_diff_ns(now, p->asked) > CIS_NS_PER_S) {
		p->quality = cis_clock_quality(p->cfg.clock);
		p->asked = now;
	}
	blk->clock.quality = p->quality;
}

/*
 * A slot to read into; the spare one, whose samples are lost, when ring 1 is
 * full and the source does not wait. Then all is lost until the ring is half
 * empty: one long hole leaves good reports between it and the next, many short
 * ones would not.
 */
static struct slot *take_slot(struct cis_pipe *p)
{
	struct slot *slot = cis_ring_put_begin(p->samples);

	if (p->info->realtime && p->dropped && cis_ring_half_full(p->samples))
		return p->spare;
	while (!slot && !p->info->realtime && !flag(&p->stop)) {
		struct cis_time soon =
			cis_time_add_ns(cis_clock_now(p->cfg.clock), 1000000);

		cis_clock_wait(p->cfg.clock, soon, WAIT_MS);
		slot = cis_ring_put_begin(p->samples);
	}
	return slot ? slot : p->spare;
}

static void prepare(struct cis_pipe *p, struct slot *slot)
{
	slot->blk = (struct cis_block){
		.n_chan = p->info->map->n_chan,
		.n_scan = cis_duration_room(&p->duration, p->cfg.max_block),
		.stride = p->cfg.max_block,
		.x = slot->x,
	};
}

static void hand_over(struct cis_pipe *p, struct slot *slot)
{
	struct cis_block *blk = &slot->blk;

	count(&p->scans, blk->n_scan);
	/* A recording keeps what the source itself says of its dates. */
	if (p->cfg.rec)
		cis_rec_offer(p->cfg.rec, blk);
	set_quality(p, blk);
	if (slot == p->spare) {
		count(&p->lost_scans, blk->n_scan);
		if (!p->dropped)
			count(&p->overruns, 1);
		p->dropped = true;
		return;
	}
	if (p->dropped)
		blk->flags |= CIS_BLOCK_GAP;
	p->dropped = false;
	cis_ring_put_end(p->samples);
	sem_post(&p->filled);
}

/* An overrun ends a command of the device: it is begun anew. */
static int restart(struct cis_pipe *p)
{
	count(&p->overruns, 1);
	p->dropped = true;
	cis_source_stop(p->cfg.src);
	return cis_source_start(p->cfg.src, cis_clock_now(p->cfg.clock), NULL);
}

static void acq_loop(struct cis_pipe *p)
{
	while (!flag(&p->stop) && !cis_duration_over(&p->duration)) {
		struct slot *slot = take_slot(p);
		int err;

		prepare(p, slot);
		err = cis_source_read(p->cfg.src, &slot->blk, READ_MS);
		if (err == -ETIMEDOUT)
			continue;
		if (err == -EPIPE)
			err = restart(p);
		else if (!err) {
			if (!cis_duration_take(&p->duration, &slot->blk))
				return;
			pace(p, &slot->blk);
			hand_over(p, slot);
		}
		if (err) {
			if (err != -ENODATA)
				atomic_store_explicit(&p->err, err,
						      memory_order_relaxed);
			return;
		}
	}
}

static void *acq_main(void *arg)
{
	struct cis_pipe *p = arg;

	acq_loop(p);
	raise_flag(&p->acq_done);
	sem_post(&p->filled);
	return NULL;
}

/* ---- est ---- */

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
		count(&p->n_reports, 1);
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

static void *est_main(void *arg)
{
	struct cis_pipe *p = arg;

	for (;;) {
		bool done = flag(&p->acq_done);
		struct slot *slot = cis_ring_get_begin(p->samples);

		if (slot) {
			if (p->cfg.cal)
				cis_cal_apply(p->cfg.cal, &slot->blk);
			if (cis_estim_push(p->cfg.est, &slot->blk))
				count(&p->refused, slot->blk.n_scan);
			cis_ring_get_end(p->samples);
			drain_estimator(p);
			ask_for_rows(p);
		} else if (done) {
			break;
		} else {
			wait_for(&p->filled);
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

static size_t slot_size(const struct cis_pipe *p)
{
	return sizeof(struct slot) +
	       sizeof(double) * p->cfg.max_block * p->info->map->n_chan;
}

/* Live sources deliver what there is, which may fill a quarter of a slot. */
static uint32_t n_slots(const struct cis_pipe *p)
{
	double n_blocks = SAMPLE_RING_S * p->info->rate_hz / p->cfg.max_block;
	double n = fmin(ceil(SLOTS_PER_BLOCK * n_blocks),
			floor(SAMPLE_RING_LEN / (double)slot_size(p)));

	return n > MIN_SLOTS ? (uint32_t)n : MIN_SLOTS;
}

int cis_pipe_new(const struct cis_pipe_config *pc, struct cis_pipe **out,
		 struct cis_diag *diag)
{
	struct cis_pipe *p = calloc(1, sizeof(*p));

	if (!p)
		return cis_fail(diag, -ENOMEM, "out of memory");
	p->cfg = *pc;
	p->info = cis_source_info(pc->src);
	sem_init(&p->filled, 0, 0);
	sem_init(&p->wanted, 0, 0);
	p->spare = malloc(slot_size(p));
	if (!p->spare || cis_ring_new(n_slots(p), slot_size(p), &p->samples) ||
	    cis_ring_new(N_REPORT_SLOTS, sizeof(struct cis_report),
			 &p->reports)) {
		cis_pipe_free(p);
		return cis_fail(diag, -ENOMEM, "out of memory");
	}
	cis_duration_init(&p->duration, pc->duration_s, p->info->rate_hz);
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
	raise_flag(&p->acq_done);
	sem_post(&p->filled);
	pthread_join(p->est, NULL);
}

static int start_threads(struct cis_pipe *p)
{
	int err = -pthread_create(&p->design, NULL, design_main, p);

	if (err)
		return err;
	err = -pthread_create(&p->est, NULL, est_main, p);
	if (!err) {
		err = -pthread_create(&p->acq, NULL, acq_main, p);
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
	int err = cis_source_start(p->cfg.src, at, diag);

	if (err)
		return err;
	p->asked = cis_clock_now(p->cfg.clock);
	p->quality = cis_clock_quality(p->cfg.clock);
	err = start_threads(p);
	if (err) {
		cis_source_stop(p->cfg.src);
		return cis_fail(diag, err, "cannot start a thread: %s",
				strerror(-err));
	}
	p->started = true;
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
	err = atomic_load_explicit(&p->err, memory_order_relaxed);
	return err ? err : -ENODATA;
}

void cis_pipe_stats(const struct cis_pipe *p, struct cis_pipe_stats *stats)
{
	*stats = (struct cis_pipe_stats){
		.scans = counted(&p->scans),
		.reports = counted(&p->n_reports),
		.lost_scans = counted(&p->lost_scans),
		.overruns = counted(&p->overruns),
		.lost_reports = counted(&p->lost_reports),
		.refused = counted(&p->refused),
	};
}

void cis_pipe_stop(struct cis_pipe *p)
{
	if (!p->started)
		return;
	raise_flag(&p->stop);
	pthread_join(p->acq, NULL);
	pthread_join(p->est, NULL);
	join_design(p);
	cis_source_stop(p->cfg.src);
	p->started = false;
}

void cis_pipe_free(struct cis_pipe *p)
{
	if (!p)
		return;
	cis_pipe_stop(p);
	sem_destroy(&p->filled);
	sem_destroy(&p->wanted);
	cis_ring_free(p->samples);
	cis_ring_free(p->reports);
	free(p->spare);
	free(p);
}

/* acq.c - see acq.h. */
#include "acq.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "driver.h"

#define SAMPLE_RING_LEN 268435456.0 /* bytes, at most */
#define SLOTS_PER_BLOCK 4
#define MIN_SLOTS       64
#define READ_MS         100
#define WAIT_MS         50
#define OUTAGE_MS       20
#define AGAIN_NS        INT64_C(250000000)
#define FULL_NS         INT64_C(1000000) /* until it is looked at again */
#define N_EVENT_SLOTS   64

static void count(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* Nothing that a sound thread does takes long between two of these. */
static void beat(struct cis_acq *a)
{
	count(&a->n_turn, 1);
}

static bool stopping(const struct cis_acq *a)
{
	return atomic_load_explicit(&a->stop, memory_order_acquire);
}

/* The date, rounded, of the scan after the block. */
static struct cis_time end_of(const struct cis_block *blk)
{
	return cis_split_rounded(
		cis_scan_instant(&blk->clock, blk->first_scan + blk->n_scan));
}

/*
 * Holds samples that need no waiting for back to the time they are of. Dates
 * that are not the clock's are moved so that the first block is due when it is
 * read.
 */
static void pace(struct cis_acq *a, const struct cis_block *blk)
{
	struct cis_time due = end_of(blk);

	if (a->info->realtime || a->info->attested || !a->cfg.paced)
		return;
	if (!a->paced_once) {
		a->paced_once = true;
		if (a->info->dated || a->cfg.declared)
			a->offset_ns = cis_time_diff_ns(
				cis_clock_now(a->cfg.clock), due);
	}
	due = cis_time_add_ns(due, a->offset_ns);
	while (!stopping(a) &&
	       cis_time_diff_ns(cis_clock_now(a->cfg.clock), due) < 0) {
		beat(a);
		cis_clock_wait(a->cfg.clock, due, WAIT_MS);
	}
}

/* To main, and counted. */
static void tell(struct cis_acq *a, const struct cis_event *ev)
{
	struct cis_event *slot = cis_ring_put_begin(a->events);

	if (!ev->over)
		count(&a->n_event[ev->kind], 1);
	if (!slot)
		return;
	*slot = *ev;
	cis_ring_put_end(a->events);
	a->cfg.notify(a->cfg.arg);
}

static void tell_of_time(struct cis_acq *a)
{
	struct cis_event ev;

	while (cis_dater_event(a->cfg.dater, &ev)) {
		if (ev.kind == CIS_EVENT_SCAN_LOST && ev.over)
			count(&a->lost_scans, ev.n_lost);
		tell(a, &ev);
	}
}

static void tell_of_front_end(struct cis_acq *a)
{
	struct cis_event ev;

	while (cis_front_end_event(a->info->front_end, &a->news, &ev))
		tell(a, &ev);
}

/*
 * A slot to read into; the spare one, whose samples are lost, when ring 1 is
 * full and the source does not wait. Then all is lost until the ring is half
 * empty: one long hole leaves good reports between it and the next, many short
 * ones would not.
 */
static struct cis_slot *take_slot(struct cis_acq *a)
{
	struct cis_slot *slot = cis_ring_put_begin(a->samples);

	if (a->info->realtime && a->dropped && cis_ring_half_full(a->samples))
		return a->spare;
	while (!slot && !a->info->realtime && !stopping(a)) {
		struct cis_time soon =
			cis_time_add_ns(cis_clock_now(a->cfg.clock), FULL_NS);

		beat(a);
		cis_clock_wait(a->cfg.clock, soon, WAIT_MS);
		slot = cis_ring_put_begin(a->samples);
	}
	return slot ? slot : a->spare;
}

static void prepare(struct cis_acq *a, struct cis_slot *slot)
{
	slot->blk = (struct cis_block){
		.n_chan = a->info->map->n_chan,
		.n_scan = cis_duration_room(&a->duration, a->cfg.max_block),
		.stride = a->cfg.max_block,
		.x = slot->x,
	};
}

static void hand_over(struct cis_acq *a, struct cis_slot *slot)
{
	struct cis_block *blk = &slot->blk;
	uint32_t n_scan = blk->n_scan; /* the slot will be est's */

	count(&a->scans, n_scan);
	/* A recording keeps what the source itself says of its dates. */
	if (a->cfg.rec)
		cis_rec_offer(a->cfg.rec, blk);
	if (a->cfg.dater) {
		cis_dater_appraise(a->cfg.dater, blk);
		tell_of_time(a);
	}
	if (slot == a->spare) {
		count(&a->lost_scans, blk->n_scan);
		if (!a->dropped)
			count(&a->overruns, 1);
		a->dropped = true;
		return;
	}
	if (a->dropped)
		blk->flags |= CIS_BLOCK_GAP;
	a->dropped = false;
	cis_ring_put_end(a->samples);
	cis_level_put(&a->level, n_scan);
	sem_post(&a->filled);
}

/* ---- outages ---- */

/* A command that has ended is begun anew: see try_again(). */
static void fail(struct cis_acq *a, enum cis_event_kind kind)
{
	struct cis_event ev;

	count(&a->overruns, 1);
	a->dropped = true;
	a->down = true;
	a->again_ns = cis_clock_monotonic_ns();
	if (cis_outage_begin(&a->outage, kind, &ev))
		tell(a, &ev);
}

/* What the time is worth meanwhile, where somebody else knows. */
static struct cis_time_quality quality_now(struct cis_acq *a)
{
	struct cis_time_quality q = {0};

	if (!a->info->attested)
		return q;
	q = cis_mcu_quality(a->info->front_end, cis_clock_monotonic_ns());
	if (a->cfg.dater)
		cis_dater_idle(a->cfg.dater, &q);
	tell_of_time(a);
	return q;
}

/* Time that passes without samples is told to est, and counts. */
static void pass(struct cis_acq *a)
{
	struct cis_split_time until =
		cis_outage_until(&a->outage, cis_clock_monotonic_ns());
	struct cis_time_quality quality = quality_now(a);
	struct cis_slot *slot;

	cis_duration_pass(&a->duration, until);
	if (!a->outage.measured || cis_ring_half_full(a->samples))
		return;
	slot = cis_ring_put_begin(a->samples);
	if (!slot)
		return;
	slot->blk = (struct cis_block){.n_scan = 0, .clock.quality = quality};
	slot->until = until;
	cis_ring_put_end(a->samples);
	sem_post(&a->filled);
}

static void try_again(struct cis_acq *a)
{
	struct cis_time now = cis_clock_now(a->cfg.clock);
	int64_t now_ns = cis_clock_monotonic_ns();

	if (now_ns < a->again_ns) {
		cis_clock_wait(a->cfg.clock,
			       cis_time_add_ns(now, a->again_ns - now_ns),
			       OUTAGE_MS);
	} else {
		cis_source_stop(a->cfg.src);
		a->down = cis_source_start(a->cfg.src, now, NULL) != 0;
		a->paced_once = false;
		if (a->cfg.dater)
			cis_dater_restart(a->cfg.dater);
		a->again_ns = now_ns + AGAIN_NS;
	}
	pass(a);
}

/* ---- the loop ---- */

/* -EPIPE: the block is not of the time that it should be. */
static int date(struct cis_acq *a, struct cis_block *blk)
{
	int err = 0;

	if (a->cfg.dater) {
		err = cis_dater_stamp(a->cfg.dater, blk);
		tell_of_time(a);
	}
	return err;
}

/* False when the duration is over. */
static bool take(struct cis_acq *a, struct cis_slot *slot)
{
	struct cis_event ev;

	if (date(a, &slot->blk)) {
		fail(a, CIS_EVENT_SCAN_LOST);
		return true;
	}
	if (!cis_duration_take(&a->duration, &slot->blk))
		return false;
	if (cis_outage_take(&a->outage, &slot->blk, cis_clock_monotonic_ns(),
			    &ev)) {
		count(&a->lost_scans, ev.n_lost);
		tell(a, &ev);
	}
	pace(a, &slot->blk);
	hand_over(a, slot);
	return true;
}

/* 0, or what ends the thread: -ENODATA, also when the duration is over. */
static int step(struct cis_acq *a)
{
	struct cis_slot *slot = take_slot(a);
	int err;

	prepare(a, slot);
	err = cis_source_read(a->cfg.src, &slot->blk,
			      a->outage.on ? OUTAGE_MS : READ_MS);
	switch (err) {
	case 0:
		/* An empty block is no end. */
		return !slot->blk.n_scan || take(a, slot) ? 0 : -ENODATA;
	case -ETIMEDOUT:
		if (a->outage.on)
			pass(a);
		return 0;
	case -EPIPE:
		fail(a, a->cfg.src->fault);
		return 0;
	case -ENODEV:
		fail(a, CIS_EVENT_DEVICE_GONE);
		return 0;
	default:
		return err;
	}
}

static int loop(struct cis_acq *a)
{
	while (!stopping(a) && !cis_duration_over(&a->duration)) {
		int err = 0;

		beat(a);
		tell_of_front_end(a);
		if (a->down)
			try_again(a);
		else
			err = step(a);
		if (err)
			return err == -ENODATA ? 0 : err;
	}
	return a->outage.on && !a->outage.measured ? -ENODEV : 0;
}

static void *run(void *arg)
{
	struct cis_acq *a = arg;

	atomic_store_explicit(&a->err, loop(a), memory_order_relaxed);
	atomic_store_explicit(&a->done, true, memory_order_release);
	sem_post(&a->filled);
	return NULL;
}

/* ---- the owner ---- */

static size_t slot_size(const struct cis_acq *a)
{
	return sizeof(struct cis_slot) +
	       sizeof(double) * a->cfg.max_block * a->info->map->n_chan;
}

/* Live sources deliver what there is, which may fill a quarter of a slot. */
static uint32_t n_slots(const struct cis_acq *a)
{
	double n_blocks = a->cfg.ring_s * a->info->rate_hz / a->cfg.max_block;
	double n = fmin(ceil(SLOTS_PER_BLOCK * n_blocks),
			floor(SAMPLE_RING_LEN / (double)slot_size(a)));

	return n > MIN_SLOTS ? (uint32_t)n : MIN_SLOTS;
}

/* What it holds at least, of blocks that fill a quarter of a slot. */
static double ring_s(const struct cis_acq *a)
{
	return (double)cis_ring_size(a->samples) / SLOTS_PER_BLOCK *
	       a->cfg.max_block / a->info->rate_hz;
}

int cis_acq_init(struct cis_acq *a, const struct cis_acq_config *cfg)
{
	a->cfg = *cfg;
	a->info = cis_source_info(cfg->src);
	sem_init(&a->filled, 0, 0);
	cis_duration_init(&a->duration, cfg->duration_s, a->info->rate_hz);
	a->spare = malloc(slot_size(a));
	if (!a->spare)
		return -ENOMEM;
	if (cis_ring_new(N_EVENT_SLOTS, sizeof(struct cis_event), &a->events))
		return -ENOMEM;
	if (cis_ring_new(n_slots(a), slot_size(a), &a->samples))
		return -ENOMEM;
	cis_level_init(&a->level, a->samples, ring_s(a), a->info->rate_hz);
	return 0;
}

void cis_acq_fini(struct cis_acq *a)
{
	sem_destroy(&a->filled);
	cis_ring_free(a->samples);
	cis_ring_free(a->events);
	free(a->spare);
}

int cis_acq_open(struct cis_acq *a, struct cis_time at, struct cis_diag *diag)
{
	int err = cis_source_start(a->cfg.src, at, diag);

	if (err)
		return err;
	cis_outage_init(&a->outage, at, cis_clock_monotonic_ns());
	return 0;
}

void cis_acq_close(struct cis_acq *a)
{
	cis_source_stop(a->cfg.src);
}

int cis_acq_spawn(struct cis_acq *a)
{
	return -pthread_create(&a->thread, NULL, run, a);
}

void cis_acq_join(struct cis_acq *a)
{
	atomic_store_explicit(&a->stop, true, memory_order_release);
	pthread_join(a->thread, NULL);
}

/*
 * verify_bench.c - one point of the plan: its samples by formula, through the
 * estimator or a test-aware fit; see verify.h.
 *
 * Every point has an estimator of its own, so that nothing of the point before
 * is left in it; only the rows are shared.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "verify.h"

#define MARGIN_S 0.1 /* of samples either side of what the windows need */
/* Of what is on either side of a corner of a ramp, at least. */
#define CORNER_S 0.5

/* Of an instant of the point's span. */
enum place {
	NOT_JUDGED,
	EXPECTED,
	GOT,
};

struct cis_verify_bench {
	struct cis_verify_run *run;
	pthread_mutex_t *lock;
	struct cis_chan_map map;
	struct cis_plan_point point;
	struct cis_verify_point *out;
	/* Instants from the first second of the span on. */
	struct cis_instant first;
	uint32_t n_place;
	unsigned char *place; /* [n_place] */
	/* The samples. */
	struct cis_scan_clock clock;
	uint64_t n_scan; /* made so far */
	struct cis_report rep;
	double x[CIS_SIGNAL_N_CHAN * CIS_VERIFY_BLOCK];
};

struct cis_verify_bench *cis_verify_bench_new(struct cis_verify_run *run,
					      pthread_mutex_t *lock)
{
	struct cis_verify_bench *b = calloc(1, sizeof(*b));

	if (b) {
		b->run = run;
		b->lock = lock;
	}
	return b;
}

void cis_verify_bench_free(struct cis_verify_bench *b)
{
	if (b)
		free(b->place);
	free(b);
}

static bool stopped(const struct cis_verify_bench *b)
{
	return atomic_load_explicit(&b->run->stop, memory_order_relaxed);
}

/* ---- samples ---- */

static void choose_channels(struct cis_verify_bench *b)
{
	cis_signal_map(&b->point.sig, &b->map);
	if (!b->point.current) {
		b->map.n_chan = 3;
		cis_chan_map_group(&b->map);
	}
}

/* Samples lie on the whole second, as those of a board that starts there; the
 * next is the first that is not before first_s. */
static void set_clock(struct cis_verify_bench *b, double first_s)
{
	double s = floor(first_s);

	b->clock = (struct cis_scan_clock){
		.anchor = {(CIS_VERIFY_T0_TAI_S + (int64_t)s) * CIS_NS_PER_S},
		.rate_hz = CIS_VERIFY_SAMPLE_HZ};
	b->n_scan = (uint64_t)ceil((first_s - s) * CIS_VERIFY_SAMPLE_HZ - 1e-6);
}

/* How many from the next on are not after last_s. */
static uint64_t scans_until(const struct cis_verify_bench *b, double last_s)
{
	struct cis_split_time t = cis_scan_instant(&b->clock, b->n_scan);
	double next_s = (double)(t.tai_s - CIS_VERIFY_T0_TAI_S) + t.frac_s;

	if (last_s < next_s)
		return 0;
	return (uint64_t)floor((last_s - next_s) * CIS_VERIFY_SAMPLE_HZ +
			       1e-6) +
	       1;
}

static struct cis_block make_block(struct cis_verify_bench *b, uint32_t n_scan)
{
	const struct cis_signal *sig = &b->point.sig;
	struct cis_block blk = {.clock = b->clock,
				.first_scan = b->n_scan,
				.n_chan = b->map.n_chan,
				.n_scan = n_scan,
				.stride = CIS_VERIFY_BLOCK,
				.x = b->x};

	for (uint32_t i = 0; i < n_scan; i++, b->n_scan++) {
		struct cis_split_time t =
			cis_scan_instant(&b->clock, b->n_scan);

		for (uint32_t c = 0; c < blk.n_chan; c++) {
			double x = cis_signal_sample(
				sig, c, t.tai_s - CIS_VERIFY_T0_TAI_S, t.frac_s,
				b->n_scan);

			cis_block_chan(&blk, c)[i] = x;
			if (cis_signal_clips(sig, c, x))
				blk.flags |= CIS_BLOCK_CLIP;
		}
	}
	return blk;
}

/* ---- reports ---- */

/* Which instants count. */
static int expect_reports(struct cis_verify_bench *b)
{
	const struct cis_plan_point *p = &b->point;
	int64_t from_s = (int64_t)floor(p->from_s);
	int64_t n_s = (int64_t)ceil(p->to_s) + 1 - from_s;
	struct cis_time from = {(CIS_VERIFY_T0_TAI_S + from_s) * CIS_NS_PER_S};
	struct cis_instant at;
	unsigned char *place;

	b->first = at = cis_instant_from(from, b->run->cfg.estim.rate);
	b->n_place = (uint32_t)n_s * at.rate.num;
	place = realloc(b->place, b->n_place);
	if (!place)
		return -ENOMEM;
	b->place = place;
	for (uint32_t i = 0; i < b->n_place; i++) {
		bool counts = cis_plan_counts(p, cis_verify_seconds(at));

		place[i] = counts ? EXPECTED : NOT_JUDGED;
		b->out->n_expected += counts;
		at = cis_instant_next(at);
	}
	return 0;
}

static bool complete(const struct cis_verify_bench *b)
{
	return b->out->n_got == b->out->n_expected;
}

/* The end of what was pushed, less the report's instant. */
static double latency_s(const struct cis_verify_bench *b)
{
	struct cis_split_time last = cis_scan_instant(&b->clock, b->n_scan - 1);

	return cis_split_diff_s(last, cis_instant_split(b->rep.at));
}

/* b->rep, unless it does not count or is there already. */
static void take_report(struct cis_verify_bench *b, bool by_model)
{
	int64_t i = cis_instant_diff(b->rep.at, b->first);
	struct cis_verify_point *out = b->out;
	struct cis_verify_report r;

	if (i < 0 || i >= b->n_place || b->place[i] != EXPECTED)
		return;
	b->place[i] = GOT;
	cis_verify_judge(&b->point, &b->rep, &r);
	for (unsigned e = 0; e < CIS_VERIFY_N_ERROR; e++)
		cis_stat_add(&out->error[e], r.error[e]);
	if (out->report)
		out->report[out->n_report++] = r;
	out->n_got++;
	out->n_model += by_model;
	out->n_flagged += b->rep.flags != 0;
	out->flags |= b->rep.flags;
	if (b->point.test == CIS_TEST_REPORTING_LATENCY &&
	    !(out->latency_s > latency_s(b)))
		out->latency_s = latency_s(b);
}

/* ---- the profile ---- */

static int open_estim(struct cis_verify_bench *b, struct cis_estim **est)
{
	struct cis_estim_config cfg = b->run->cfg.estim;
	int err;

	cfg.map = &b->map;
	pthread_mutex_lock(b->lock);
	err = cis_estim_new(&cfg, est, NULL);
	pthread_mutex_unlock(b->lock);
	return err;
}

static void close_estim(struct cis_verify_bench *b, struct cis_estim *est)
{
	pthread_mutex_lock(b->lock);
	cis_estim_free(est);
	pthread_mutex_unlock(b->lock);
}

static void pop_estim(struct cis_verify_bench *b, struct cis_estim *est)
{
	while (!cis_estim_pop(est, &b->rep))
		take_report(b, false);
}

/* Pushes until the last report is there. Latency is measured sample by
 * sample. */
static int push_estim(struct cis_verify_bench *b, struct cis_estim *est)
{
	const struct cis_plan_point *p = &b->point;
	const struct cis_estim_config *cfg = &b->run->cfg.estim;
	bool timed = p->test == CIS_TEST_REPORTING_LATENCY;
	uint64_t left;
	int err = 0;

	set_clock(b, p->from_s - cis_estim_window_s(cfg) / 2 - MARGIN_S);
	left = scans_until(b, p->to_s + cis_estim_latency_s(cfg) + MARGIN_S);
	while (!err && left > 0 && !complete(b) && !stopped(b)) {
		uint32_t n = timed                     ? 1
			     : left < CIS_VERIFY_BLOCK ? (uint32_t)left
						       : CIS_VERIFY_BLOCK;
		struct cis_block blk = make_block(b, n);

		err = cis_estim_push(est, &blk);
		pop_estim(b, est);
		left -= n;
	}
	cis_estim_finish(est);
	pop_estim(b, est);
	return err;
}

static int run_profile(struct cis_verify_bench *b)
{
	struct cis_estim *est;
	int err = open_estim(b, &est);

	if (err)
		return err;
	err = push_estim(b, est);
	close_estim(b, est);
	return err;
}

/* ---- a model ---- */

/* A stretch of samples that one model describes. */
struct piece {
	double first_s, last_s;
	enum cis_model model;
};

/* What the profile's windows reach, of what it is asked about. */
static struct piece whole(const struct cis_verify_bench *b)
{
	const struct cis_estim_config *cfg = &b->run->cfg.estim;
	double reach_s = cis_estim_window_s(cfg) / 2 + MARGIN_S;

	return (struct piece){
		.first_s = b->point.from_s - reach_s,
		.last_s = b->point.to_s +
			  fmax(reach_s, cis_estim_latency_s(cfg) + MARGIN_S),
		.model = cis_verify_model(&b->run->cfg, b->point.test)};
}

static int open_aware(struct cis_verify_bench *b, const struct piece *piece,
		      struct cis_aware **aware)
{
	struct cis_estim_config cfg = b->run->cfg.estim;
	struct cis_aware_config aware_cfg = {.estim = &cfg,
					     .model = piece->model,
					     .harmonics = b->point.test ==
							  CIS_TEST_HARMONIC};
	int err;

	cfg.map = &b->map;
	set_clock(b, piece->first_s);
	aware_cfg.max_scan = scans_until(b, piece->last_s);
	pthread_mutex_lock(b->lock);
	err = cis_aware_new(&aware_cfg, aware, NULL);
	pthread_mutex_unlock(b->lock);
	return err;
}

static int push_aware(struct cis_verify_bench *b, struct cis_aware *aware,
		      uint64_t left)
{
	int err = 0;

	while (!err && left > 0 && !stopped(b)) {
		uint32_t n = left < CIS_VERIFY_BLOCK ? (uint32_t)left
						     : CIS_VERIFY_BLOCK;
		struct cis_block blk = make_block(b, n);

		err = cis_aware_push(aware, &blk);
		left -= n;
	}
	return err || stopped(b) ? err : cis_aware_finish(aware);
}

/* Takes the reports of a piece in which the model holds. */
static int run_model(struct cis_verify_bench *b, const struct piece *piece)
{
	struct cis_aware *aware;
	int err = open_aware(b, piece, &aware);

	if (err)
		return err;
	err = push_aware(b, aware, scans_until(b, piece->last_s));
	while (!err && !cis_aware_pop(aware, &b->rep)) {
		if (!(b->rep.notes & CIS_NOTE_BLIND))
			take_report(b, true);
	}
	pthread_mutex_lock(b->lock);
	cis_aware_free(aware);
	pthread_mutex_unlock(b->lock);
	return err;
}

/* A corner can be fitted where there is something on either side of it. */
static void take_in_corners(const struct cis_plan_point *p, struct piece *piece)
{
	for (unsigned i = 0; i < 2; i++) {
		double from_s = p->corner_s[i] - CORNER_S;
		double to_s = p->corner_s[i] + CORNER_S;

		if (!(to_s > piece->first_s && from_s < piece->last_s))
			continue;
		piece->first_s = fmin(piece->first_s, from_s);
		piece->last_s = fmax(piece->last_s, to_s);
	}
}

static int run_models(struct cis_verify_bench *b)
{
	struct piece piece = whole(b);

	take_in_corners(&b->point, &piece);
	if (piece.model == CIS_MODEL_NONE)
		return 0;
	return run_model(b, &piece);
}

/* ---- a point ---- */

static int prepare(struct cis_verify_bench *b, uint32_t i)
{
	const struct cis_plan_point *p = &b->point;
	struct cis_verify_point *out = &b->run->point[i];
	int err;

	cis_plan_point(b->run->plan, i, &b->point);
	b->out = out;
	out->latency_s = NAN;
	choose_channels(b);
	err = expect_reports(b);
	if (err || (p->test != CIS_TEST_FREQUENCY_RAMP &&
		    !cis_verify_is_step(p->test)))
		return err;
	out->report = calloc(out->n_expected + 1u, sizeof(*out->report));
	return out->report ? 0 : -ENOMEM;
}

/* Where no model holds, the profile serves. */
int cis_verify_bench_point(struct cis_verify_bench *b, uint32_t i)
{
	struct cis_verify_point *out = &b->run->point[i];
	int err = prepare(b, i);

	if (!err)
		err = run_models(b);
	if (!err && !complete(b))
		err = run_profile(b);
	for (uint32_t n = out->n_got; n < out->n_expected; n++)
		for (unsigned e = 0; e < CIS_VERIFY_N_ERROR; e++)
			cis_stat_add(&out->error[e], NAN);
	return err;
}

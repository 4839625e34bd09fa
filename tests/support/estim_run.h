/*
 * estim_run.h - a signal in closed form through the estimator, report by
 * report, with the truth beside it.
 */
#ifndef TESTS_ESTIM_RUN_H
#define TESTS_ESTIM_RUN_H

#include <complex.h>
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "cisoid/estim.h"
#include "cisoid/judge.h"
#include "cisoid/signal.h"

/* A date with a non-zero second, so that nothing rests on its being zero. */
#define RUN_T0    INT64_C(1791331237)
#define RUN_BLOCK 500

struct run {
	struct cis_signal sig;
	double rate_hz;
	double promised_hz;       /* what the estimator is told; 0: rate_hz */
	enum cis_profile profile; /* LS7 unless told */
	uint32_t n_cycle;
	struct cis_rate fps;
	double start_s;              /* of the first sample, after t0 */
	double duration_s;           /* of the samples */
	uint32_t flags;              /* of every block */
	bool background;             /* nobody makes rows unless spoil() does */
	struct cis_designs *designs; /* NULL: the estimator's own */
	/* Spoils the samples of a block; may be NULL. */
	void (*spoil)(struct cis_block *blk);
};

struct worst {
	unsigned n;
	double tve_pct, fe_hz, rfe_hz_per_s; /* maxima of |.| */
	uint32_t flags, notes;               /* all that occurred */
};

static inline struct run run_init(double fnom_hz)
{
	struct run r = {.rate_hz = 18000,
			.n_cycle = 2,
			.fps = {(uint32_t)fnom_hz, 1},
			.duration_s = 1};

	cis_signal_init(&r.sig);
	cis_signal_set(&r.sig, "fnom", fnom_hz == 60 ? "60" : "50", NULL);
	return r;
}

static inline void run_key(struct run *r, const char *key, const char *value)
{
	struct cis_diag diag = {""};

	if (cis_signal_set(&r->sig, key, value, &diag))
		fail_msg("%s=%s: %s", key, value, diag.msg);
}

static inline struct cis_estim *run_estim(const struct run *r,
					  struct cis_chan_map *map)
{
	struct cis_estim_config cfg = {
		.map = map,
		.profile = r->profile,
		.n_cycle = r->n_cycle,
		.designs = r->designs,
		.background = r->background,
		.fnom_hz = r->sig.fnom_hz,
		.rate = r->fps,
		.rate_hz = r->promised_hz > 0 ? r->promised_hz : r->rate_hz,
		.max_block = RUN_BLOCK};
	struct cis_estim *est;
	struct cis_diag diag = {""};

	cis_signal_map(&r->sig, map);
	if (cis_estim_new(&cfg, &est, &diag))
		fail_msg("%s", diag.msg);
	return est;
}

/* The samples of one block, taken by formula at each one's own instant. */
static inline void run_fill(const struct run *r, struct cis_block *blk)
{
	struct cis_split_time t0 = {RUN_T0, 0};

	for (uint32_t i = 0; i < blk->n_scan; i++) {
		struct cis_split_time t =
			cis_scan_instant(&blk->clock, blk->first_scan + i);
		int64_t s = t.tai_s - t0.tai_s;

		for (uint32_t c = 0; c < blk->n_chan; c++)
			cis_block_chan(blk, c)[i] = cis_signal_sample(
				&r->sig, c, s,
				t.frac_s + (blk->delay_s ? blk->delay_s[c] : 0),
				blk->first_scan + i);
	}
}

static inline struct cis_scan_clock run_clock(const struct run *r)
{
	int64_t ns = RUN_T0 * CIS_NS_PER_S + (int64_t)(r->start_s * 1e9);

	return (struct cis_scan_clock){.anchor = {ns}, .rate_hz = r->rate_hz};
}

typedef void run_visit(void *ctx, const struct cis_report *rep,
		       const struct cis_signal_truth *truth);

static inline void run_pop(const struct run *r, struct cis_estim *est,
			   run_visit *visit, void *ctx)
{
	static struct cis_report rep;

	while (!cis_estim_pop(est, &rep)) {
		struct cis_signal_truth truth;
		struct cis_split_time t = cis_instant_split(rep.at);

		cis_signal_truth(&r->sig, t.tai_s - RUN_T0, t.frac_s, &truth);
		visit(ctx, &rep, &truth);
	}
}

/* `delay_s` may be NULL. */
static inline void run_all(struct run *r, const double *delay_s,
			   run_visit *visit, void *ctx)
{
	static struct cis_chan_map map;
	static double x[CIS_SIGNAL_N_CHAN * RUN_BLOCK];
	uint64_t n = (uint64_t)(r->duration_s * r->rate_hz);
	struct cis_estim *est;

	assert_int_equal(cis_signal_finish(&r->sig, NULL), 0);
	est = run_estim(r, &map);
	for (uint64_t at = 0; at < n; at += RUN_BLOCK) {
		struct cis_block blk = {
			.clock = run_clock(r),
			.first_scan = at,
			.flags = r->flags,
			.n_chan = CIS_SIGNAL_N_CHAN,
			.n_scan = (uint32_t)(n - at < RUN_BLOCK ? n - at
								: RUN_BLOCK),
			.stride = RUN_BLOCK,
			.delay_s = delay_s,
			.x = x};

		run_fill(r, &blk);
		if (r->spoil)
			r->spoil(&blk);
		assert_int_equal(cis_estim_push(est, &blk), 0);
		run_pop(r, est, visit, ctx);
	}
	cis_estim_finish(est);
	run_pop(r, est, visit, ctx);
	cis_estim_free(est);
}

static inline void run_keep_worst(void *ctx, const struct cis_report *rep,
				  const struct cis_signal_truth *truth)
{
	struct worst *w = ctx;

	w->n++;
	w->flags |= rep->flags;
	w->notes |= rep->notes;
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++)
		w->tve_pct =
			fmax(w->tve_pct, 100 * cis_tve(rep->phasor_rms[c],
						       truth->phasor_rms[c]));
	for (unsigned g = 0; g < 2 && rep->n_phasor > CIS_SIGNAL_N_CHAN; g++)
		w->tve_pct = fmax(
			w->tve_pct,
			100 * cis_tve(rep->phasor_rms[CIS_SIGNAL_N_CHAN + g],
				      truth->pos_rms[g]));
	w->fe_hz = fmax(w->fe_hz, fabs(rep->freq_hz - truth->freq_hz));
	w->rfe_hz_per_s = fmax(w->rfe_hz_per_s, fabs(rep->rocof_hz_per_s -
						     truth->rocof_hz_per_s));
}

static inline struct worst run_worst(struct run *r, const double *delay_s)
{
	struct worst w = {.n = 0};

	run_all(r, delay_s, run_keep_worst, &w);
	return w;
}

#endif

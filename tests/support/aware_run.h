/*
 * aware_run.h - a signal in closed form through a test-aware fit, report by
 * report, with the truth beside it.
 */
#ifndef TESTS_AWARE_RUN_H
#define TESTS_AWARE_RUN_H

#include "cisoid/aware.h"
#include "estim_run.h"

struct aware_run {
	struct run run; /* the signal and its samples */
	enum cis_model model;
	enum cis_profile profile; /* of the blind estimate */
	bool harmonics;
	uint64_t gap_at; /* the block that holds this scan begins after a gap */
};

static inline struct aware_run aware_init(enum cis_model model)
{
	struct aware_run a = {.run = run_init(50), .model = model};

	return a;
}

static inline void aware_push_all(const struct aware_run *a,
				  struct cis_aware *aw)
{
	static double x[CIS_SIGNAL_N_CHAN * RUN_BLOCK];
	const struct run *r = &a->run;
	uint64_t n = (uint64_t)(r->duration_s * r->rate_hz);

	for (uint64_t at = 0; at < n; at += RUN_BLOCK) {
		uint64_t left = n - at;
		struct cis_block blk = {
			.clock = run_clock(r),
			.first_scan = at,
			.flags = r->flags,
			.n_chan = CIS_SIGNAL_N_CHAN,
			.n_scan =
				(uint32_t)(left < RUN_BLOCK ? left : RUN_BLOCK),
			.stride = RUN_BLOCK,
			.x = x};

		if (a->gap_at > at && a->gap_at <= at + RUN_BLOCK)
			blk.flags |= CIS_BLOCK_GAP;
		run_fill(r, &blk);
		if (r->spoil)
			r->spoil(&blk);
		assert_int_equal(cis_aware_push(aw, &blk), 0);
	}
}

/* Fits; every report goes to `visit`. Free the result. */
static inline struct cis_aware *aware_all(struct aware_run *a, run_visit *visit,
					  void *ctx)
{
	static struct cis_chan_map map;
	static struct cis_report rep;
	struct run *r = &a->run;
	struct cis_estim_config estim = {.map = &map,
					 .profile = a->profile,
					 .n_cycle = r->n_cycle,
					 .rate = r->fps,
					 .rate_hz = r->rate_hz,
					 .max_block = RUN_BLOCK};
	struct cis_aware_config cfg = {
		.estim = &estim,
		.model = a->model,
		.harmonics = a->harmonics,
		.max_scan = (size_t)(r->duration_s * r->rate_hz)};
	struct cis_diag diag = {""};
	struct cis_aware *aw;

	assert_int_equal(cis_signal_finish(&r->sig, NULL), 0);
	cis_signal_map(&r->sig, &map);
	estim.fnom_hz = r->sig.fnom_hz;
	if (cis_aware_new(&cfg, &aw, &diag))
		fail_msg("%s", diag.msg);
	aware_push_all(a, aw);
	assert_int_equal(cis_aware_finish(aw), 0);
	while (!cis_aware_pop(aw, &rep)) {
		struct cis_signal_truth truth;
		struct cis_split_time t = cis_instant_split(rep.at);

		cis_signal_truth(&r->sig, t.tai_s - RUN_T0, t.frac_s, &truth);
		visit(ctx, &rep, &truth);
	}
	return aw;
}

#endif

/*
 * verify_bench.c - one point of the plan: its samples by formula, through the
 * estimator, against the truth; see verify.h.
 *
 * Every point has an estimator of its own, so that nothing of the point before
 * is left in it; only the rows are shared.
 */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "verify.h"

#define T0_TAI_S   INT64_C(1800000000) /* t0 of every signal: some second */
#define BLOCK      512
#define MARGIN_S   0.1 /* of samples before the first window */
#define PATIENCE_S 1.0 /* of samples after the last window */

struct cis_verify_bench {
	struct cis_verify_run *run;
	pthread_mutex_t *lock;
	struct cis_chan_map map;
	struct cis_verify_point *out;
	struct cis_plan_point point;
	struct cis_signal still; /* of a step: the signal without it */
	struct cis_estim *est;
	struct cis_scan_clock clock;
	uint64_t n_scan; /* pushed so far */
	struct cis_report rep;
	double x[CIS_SIGNAL_N_CHAN * BLOCK];
};

struct cis_verify_bench *cis_verify_bench_new(struct cis_verify_run *run,
					      void *lock)
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
	free(b);
}

/* ---- which reports count ---- */

static double seconds(struct cis_instant at)
{
	const struct cis_split_time t0 = {T0_TAI_S, 0};

	return cis_split_diff_s(cis_instant_split(at), t0);
}

static uint32_t count_expected(const struct cis_verify_bench *b)
{
	const struct cis_plan_point *p = &b->point;
	struct cis_time from = {(T0_TAI_S + (int64_t)floor(p->from_s) - 1) *
				CIS_NS_PER_S};
	struct cis_instant at = cis_instant_from(from, b->run->cfg.estim.rate);
	uint32_t n = 0;

	for (; seconds(at) <= p->to_s + 1; at = cis_instant_next(at))
		n += cis_plan_counts(p, seconds(at));
	return n;
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

/* Samples lie on the whole second, as those of a board that starts there. */
static void set_clock(struct cis_verify_bench *b, double first_s)
{
	double s = floor(first_s);

	b->clock = (struct cis_scan_clock){
		.anchor = {(T0_TAI_S + (int64_t)s) * CIS_NS_PER_S},
		.rate_hz = CIS_VERIFY_SAMPLE_HZ};
	b->n_scan = (uint64_t)((first_s - s) * CIS_VERIFY_SAMPLE_HZ);
}

static struct cis_block make_block(struct cis_verify_bench *b, uint32_t n_scan)
{
	const struct cis_signal *sig = &b->point.sig;
	struct cis_block blk = {.clock = b->clock,
				.first_scan = b->n_scan,
				.n_chan = b->map.n_chan,
				.n_scan = n_scan,
				.stride = BLOCK,
				.x = b->x};

	for (uint32_t i = 0; i < n_scan; i++) {
		struct cis_split_time t =
			cis_scan_instant(&b->clock, b->n_scan + i);

		for (uint32_t c = 0; c < blk.n_chan; c++) {
			double x = cis_signal_sample(sig, c, t.tai_s - T0_TAI_S,
						     t.frac_s, b->n_scan + i);

			cis_block_chan(&blk, c)[i] = x;
			if (cis_signal_clips(sig, c, x))
				blk.flags |= CIS_BLOCK_CLIP;
		}
	}
	return blk;
}

/* ---- reports ---- */

/* What is judged: three channels and their positive sequence. */
static void pick(const struct cis_verify_bench *b, const double complex *chan,
		 const double complex *pos,
		 double complex x[CIS_VERIFY_N_PHASOR])
{
	uint32_t first = b->point.current ? 3 : 0;

	memcpy(x, chan + first, 3 * sizeof(x[0]));
	x[3] = pos[b->point.current ? 1 : 0];
}

static void truth_at(const struct cis_verify_bench *b,
		     const struct cis_signal *sig, struct cis_signal_truth *out)
{
	struct cis_split_time t = cis_instant_split(b->rep.at);

	cis_signal_truth(sig, t.tai_s - T0_TAI_S, t.frac_s, out);
}

/* Not fmax(): NaN stays. */
static double larger(double a, double b)
{
	return isnan(a) || a > b ? a : b;
}

static void judge_step(const struct cis_verify_bench *b,
		       const double complex x[CIS_VERIFY_N_PHASOR],
		       struct cis_verify_report *r)
{
	struct cis_signal_truth truth;
	double complex was[CIS_VERIFY_N_PHASOR];

	truth_at(b, &b->still, &truth);
	pick(b, truth.phasor_rms, truth.pos_rms, was);
	for (unsigned i = 0; i < CIS_VERIFY_N_PHASOR; i++)
		r->value[i] = b->point.test == CIS_TEST_STEP_PHASE
				      ? carg(x[i] / was[i])
				      : cabs(x[i] / was[i]);
	r->t_s -= b->point.sig.step_s;
}

static void judge(const struct cis_verify_bench *b, struct cis_verify_report *r)
{
	double complex x[CIS_VERIFY_N_PHASOR], is[CIS_VERIFY_N_PHASOR];
	const struct cis_report *rep = &b->rep;
	struct cis_signal_truth truth;

	truth_at(b, &b->point.sig, &truth);
	pick(b, rep->phasor_rms, rep->phasor_rms + rep->n_chan, x);
	pick(b, truth.phasor_rms, truth.pos_rms, is);
	memset(r, 0, sizeof(*r));
	r->t_s = seconds(rep->at);
	for (unsigned i = 0; i < CIS_VERIFY_N_PHASOR; i++) {
		r->tve_pct[i] = 100 * cis_tve(x[i], is[i]);
		r->error[CIS_VERIFY_TVE] =
			larger(r->error[CIS_VERIFY_TVE], r->tve_pct[i]);
	}
	r->error[CIS_VERIFY_FE] = fabs(rep->freq_hz - truth.freq_hz);
	r->error[CIS_VERIFY_RFE] =
		fabs(rep->rocof_hz_per_s - truth.rocof_hz_per_s);
	if (cis_verify_is_step(b->point.test))
		judge_step(b, x, r);
}

/* The end of what was pushed, less the report's instant. */
static double latency(const struct cis_verify_bench *b)
{
	struct cis_split_time last = cis_scan_instant(&b->clock, b->n_scan - 1);

	return cis_split_diff_s(last, cis_instant_split(b->rep.at));
}

static void take_report(struct cis_verify_bench *b)
{
	struct cis_verify_point *out = b->out;
	struct cis_verify_report r;

	if (!cis_plan_counts(&b->point, seconds(b->rep.at)))
		return;
	judge(b, &r);
	for (unsigned e = 0; e < CIS_VERIFY_N_ERROR; e++)
		cis_stat_add(&out->error[e], r.error[e]);
	if (out->report && out->n_report < out->n_expected)
		out->report[out->n_report++] = r;
	out->n_got++;
	out->n_flagged += b->rep.flags != 0;
	out->flags |= b->rep.flags;
	if (b->point.test == CIS_TEST_REPORTING_LATENCY)
		out->latency_s = larger(latency(b), out->latency_s);
}

/* ---- a point ---- */

static bool stopped(const struct cis_verify_bench *b)
{
	return atomic_load_explicit(&b->run->stop, memory_order_relaxed);
}

static int open_estim(struct cis_verify_bench *b)
{
	struct cis_estim_config cfg = b->run->cfg.estim;
	int err;

	cfg.map = &b->map;
	cfg.designs = b->run->designs;
	pthread_mutex_lock(b->lock);
	err = cis_estim_new(&cfg, &b->est, NULL);
	pthread_mutex_unlock(b->lock);
	return err;
}

static void close_estim(struct cis_verify_bench *b)
{
	pthread_mutex_lock(b->lock);
	cis_estim_free(b->est);
	pthread_mutex_unlock(b->lock);
	b->est = NULL;
}

static void pop_all(struct cis_verify_bench *b)
{
	while (!cis_estim_pop(b->est, &b->rep))
		take_report(b);
}

static int push(struct cis_verify_bench *b, uint32_t n_scan)
{
	struct cis_block blk = make_block(b, n_scan);
	int err = cis_estim_push(b->est, &blk);

	b->n_scan += n_scan;
	return err;
}

/* Pushes until the last report is there. Latency is measured sample by
 * sample. */
static int run_samples(struct cis_verify_bench *b)
{
	const struct cis_plan_point *p = &b->point;
	double half_s = cis_estim_window_s(&b->run->cfg.estim) / 2;
	double first_s = p->from_s - half_s - MARGIN_S;
	double length_s = p->to_s + half_s + PATIENCE_S - first_s;
	uint32_t n = p->test == CIS_TEST_REPORTING_LATENCY ? 1 : BLOCK;
	uint64_t end;
	int err = 0;

	set_clock(b, first_s);
	end = b->n_scan + (uint64_t)(length_s * CIS_VERIFY_SAMPLE_HZ);
	while (!err && b->n_scan < end && b->out->n_got < b->out->n_expected &&
	       !stopped(b)) {
		err = push(b, n);
		pop_all(b);
	}
	return err;
}

static int prepare(struct cis_verify_bench *b, uint32_t i)
{
	const struct cis_plan_point *p = &b->point;
	struct cis_verify_point *out = &b->run->point[i];

	cis_plan_point(b->run->plan, i, &b->point);
	b->still = p->sig;
	b->still.step_s = NAN;
	b->out = out;
	choose_channels(b);
	out->n_expected = count_expected(b);
	if (p->test == CIS_TEST_REPORTING_LATENCY)
		out->latency_s = -INFINITY;
	if (p->test != CIS_TEST_FREQUENCY_RAMP && !cis_verify_is_step(p->test))
		return 0;
	out->report = calloc(out->n_expected + 1u, sizeof(*out->report));
	return out->report ? 0 : -ENOMEM;
}

int cis_verify_bench_point(struct cis_verify_bench *b, uint32_t i)
{
	struct cis_verify_point *out = &b->run->point[i];
	int err;

	out->latency_s = NAN;
	err = prepare(b, i);
	if (err)
		return err;
	err = open_estim(b);
	if (err)
		return err;
	err = run_samples(b);
	close_estim(b);
	for (uint32_t n = out->n_got; n < out->n_expected; n++)
		for (unsigned e = 0; e < CIS_VERIFY_N_ERROR; e++)
			cis_stat_add(&out->error[e], NAN);
	return err;
}

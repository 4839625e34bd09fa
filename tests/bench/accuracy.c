/*
 * accuracy.c - the curves of docs/accuracy.md, as lines of CSV.
 *
 *     bench_accuracy [ramp|am|pm|steps|trace]
 *
 * 50 Hz, 18 kHz, 50 reports a second, no noise; all profiles see the same
 * samples. Lines: profile, then
 *
 *   ramp    frequency, TVE, |FE|, |RFE| of each report on 45 to 55 Hz
 *   am, pm  modulating frequency, largest TVE, |FE|, |RFE| of all reports
 *   steps   phase of the carrier, response by TVE, FE and RFE, delay, overshoot
 *           of a phase step of 10 degrees
 *   trace   time since such a step, the phase reported; "samples" has the
 *           waveform instead
 *
 * in Hz, %, Hz/s, degrees and seconds.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/aware.h"
#include "cisoid/estim.h"
#include "cisoid/judge.h"
#include "cisoid/signal.h"

#define RATE_HZ 18000
#define FPS     50
#define BLOCK   360
#define T0      INT64_C(1791331237)
#define RAD     57.29577951308232
/* Half the longest window, and what a step takes to be told from others. */
#define PAD_S   0.3

enum { P, M, REFERENCE, LS7, AWARE, N_FIT };
static const char *const fit_names[N_FIT] = {"p", "m", "reference", "ls7",
					     "aware"};

static void die(const char *what)
{
	fprintf(stderr, "accuracy: %s\n", what);
	exit(1);
}

static void set(struct cis_signal *sig, const char *key, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.17g", value);
	if (cis_signal_set(sig, key, text, NULL))
		die(key);
}

/* ---- one signal through all fits ---- */

struct work {
	struct cis_designs *designs[N_FIT];
	struct cis_chan_map map;
	unsigned n_chan; /* 1: phase A alone */
	double *x;
	uint32_t n;
	struct cis_scan_clock clock;
};

typedef void visitor(void *ctx, unsigned fit, const struct cis_report *rep);

static struct cis_estim_config config_of(struct work *w, unsigned fit)
{
	static const enum cis_profile profiles[N_FIT] = {
		CIS_PROFILE_P, CIS_PROFILE_M, CIS_PROFILE_REFERENCE,
		CIS_PROFILE_LS7, CIS_PROFILE_REFERENCE};

	return (struct cis_estim_config){.map = &w->map,
					 .profile = profiles[fit],
					 .n_cycle = 2,
					 .fnom_hz = 50,
					 .rate = {FPS, 1},
					 .rate_hz = RATE_HZ,
					 .max_block = BLOCK,
					 .designs = w->designs[fit]};
}

static void open_work(struct work *w)
{
	memset(w, 0, sizeof(*w));
	for (unsigned f = 0; f < N_FIT; f++) {
		struct cis_estim_config cfg = config_of(w, f);

		if (cfg.profile != CIS_PROFILE_LS7)
			w->designs[f] = cis_designs_new(&cfg);
	}
	w->n_chan = CIS_SIGNAL_N_CHAN;
}

static void close_work(struct work *w)
{
	for (unsigned f = 0; f < N_FIT; f++)
		cis_designs_free(w->designs[f]);
}

/* The signal from from_s to to_s after T0. */
static void sample(struct work *w, struct cis_signal *sig, double from_s,
		   double to_s)
{
	if (cis_signal_finish(sig, NULL))
		die("no such signal");
	cis_signal_map(sig, &w->map);
	w->map.n_chan = w->n_chan;
	cis_chan_map_group(&w->map);
	w->n = (uint32_t)ceil((to_s - from_s) * RATE_HZ);
	w->clock = (struct cis_scan_clock){
		.anchor = {T0 * CIS_NS_PER_S + (int64_t)rint(from_s * 1e9)},
		.rate_hz = RATE_HZ};
	w->x = malloc((size_t)w->n_chan * w->n * sizeof(*w->x));
	if (!w->x)
		die("not enough memory");
	for (uint32_t i = 0; i < w->n; i++) {
		struct cis_split_time t = cis_scan_instant(&w->clock, i);

		for (unsigned c = 0; c < w->n_chan; c++)
			w->x[(size_t)c * w->n + i] = cis_signal_sample(
				sig, c, t.tai_s - T0, t.frac_s, i);
	}
}

static struct cis_block block_at(const struct work *w, uint32_t at)
{
	return (struct cis_block){.clock = w->clock,
				  .first_scan = at,
				  .n_chan = w->n_chan,
				  .n_scan =
					  w->n - at < BLOCK ? w->n - at : BLOCK,
				  .stride = w->n,
				  .x = w->x + at};
}

static void blind(struct work *w, unsigned fit, visitor *visit, void *ctx)
{
	static struct cis_report rep;
	struct cis_estim_config cfg = config_of(w, fit);
	struct cis_estim *est;

	if (cis_estim_new(&cfg, &est, NULL))
		die("no estimator");
	for (uint32_t at = 0; at < w->n; at += BLOCK) {
		struct cis_block blk = block_at(w, at);

		if (cis_estim_push(est, &blk))
			die("a block is refused");
		if (at + BLOCK >= w->n)
			cis_estim_finish(est);
		while (!cis_estim_pop(est, &rep))
			visit(ctx, fit, &rep);
	}
	cis_estim_free(est);
}

static void aware(struct work *w, enum cis_model model, visitor *visit,
		  void *ctx)
{
	static struct cis_report rep;
	struct cis_estim_config cfg = config_of(w, AWARE);
	struct cis_aware_config with = {
		.estim = &cfg, .model = model, .max_scan = w->n};
	struct cis_aware *aw;

	if (cis_aware_new(&with, &aw, NULL))
		die("no test-aware fit");
	for (uint32_t at = 0; at < w->n; at += BLOCK) {
		struct cis_block blk = block_at(w, at);

		if (cis_aware_push(aw, &blk))
			die("a block is refused");
	}
	if (cis_aware_finish(aw))
		die("not enough memory");
	while (!cis_aware_pop(aw, &rep)) {
		if (rep.notes & CIS_NOTE_BLIND)
			die("a test-aware fit is refused");
		visit(ctx, AWARE, &rep);
	}
	cis_aware_free(aw);
}

/* Every fit; `model` may be NONE. */
static void run(struct work *w, enum cis_model model, visitor *visit, void *ctx)
{
	for (unsigned f = 0; f < AWARE; f++)
		blind(w, f, visit, ctx);
	if (model != CIS_MODEL_NONE)
		aware(w, model, visit, ctx);
	free(w->x);
}

/* ---- errors ---- */

struct errors {
	double tve_pct, fe_hz, rfe_hz_per_s;
};

static struct cis_signal_truth truth_of(const struct cis_signal *sig,
					const struct cis_report *rep)
{
	struct cis_split_time t = cis_instant_split(rep->at);
	struct cis_signal_truth truth;

	cis_signal_truth(sig, t.tai_s - T0, t.frac_s, &truth);
	return truth;
}

static double seconds_of(const struct cis_report *rep)
{
	struct cis_split_time t = cis_instant_split(rep->at);

	return (double)(t.tai_s - T0) + t.frac_s;
}

static struct errors errors_of(const struct cis_signal *sig,
			       const struct cis_report *rep)
{
	struct cis_signal_truth truth = truth_of(sig, rep);
	struct errors e = {0, fabs(rep->freq_hz - truth.freq_hz),
			   fabs(rep->rocof_hz_per_s - truth.rocof_hz_per_s)};

	for (uint32_t c = 0; c < rep->n_chan; c++)
		e.tve_pct = fmax(e.tve_pct, 100 * cis_tve(rep->phasor_rms[c],
							  truth.phasor_rms[c]));
	return e;
}

static void print(const char *fit, double at, const struct errors *e)
{
	printf("%s,%.6g,%.4g,%.4g,%.4g\n", fit, at, e->tve_pct, e->fe_hz,
	       e->rfe_hz_per_s);
}

/* ---- ramp ---- */

static void print_ramp(void *ctx, unsigned fit, const struct cis_report *rep)
{
	const struct cis_signal *sig = ctx;
	struct errors e = errors_of(sig, rep);
	double t_s = seconds_of(rep);

	if (t_s >= 1 - 1e-9 && t_s <= 11 + 1e-9)
		print(fit_names[fit], truth_of(sig, rep).freq_hz, &e);
}

static void ramp(struct work *w)
{
	struct cis_signal sig;

	cis_signal_init(&sig);
	set(&sig, "f", 44);
	set(&sig, "rocof", 1);
	set(&sig, "i_deg", 30);
	sample(w, &sig, 1 - PAD_S, 11 + PAD_S);
	run(w, CIS_MODEL_RAMP, print_ramp, &sig);
}

/* ---- modulation ---- */

struct sweep {
	const struct cis_signal *sig;
	struct errors worst[N_FIT];
};

static void keep_worst(void *ctx, unsigned fit, const struct cis_report *rep)
{
	struct sweep *s = ctx;
	struct errors e = errors_of(s->sig, rep), *w = &s->worst[fit];

	w->tve_pct = fmax(w->tve_pct, e.tve_pct);
	w->fe_hz = fmax(w->fe_hz, e.fe_hz);
	w->rfe_hz_per_s = fmax(w->rfe_hz_per_s, e.rfe_hz_per_s);
}

/* Three phases of voltages and three of currents, 30 degrees apart, are six
 * phases of the carrier. */
static void modulation(struct work *w, const char *key)
{
	char key_hz[8];

	snprintf(key_hz, sizeof(key_hz), "%s_hz", key);
	for (unsigned i = 1; i <= 50; i++) {
		struct cis_signal sig;
		struct sweep s = {.sig = &sig};
		double mod_hz = i / 10.0;

		cis_signal_init(&sig);
		set(&sig, key, 0.1);
		set(&sig, key_hz, mod_hz);
		set(&sig, "i_deg", 30);
		sample(w, &sig, 0, fmax(2, 1 / mod_hz + 2 * PAD_S));
		run(w, CIS_MODEL_MOD, keep_worst, &s);
		for (unsigned f = 0; f < N_FIT; f++)
			print(fit_names[f], mod_hz, &s.worst[f]);
	}
}

/* ---- steps ---- */

#define STEP_DEG  10
#define N_TEST    180
#define N_REPEAT  10
#define MAX_POINT 4000

struct step {
	const struct cis_signal *sig;
	double at_s;
	uint32_t n[N_FIT];
	struct cis_step_point point[N_FIT][MAX_POINT];
};

/* Angle from that before the step. */
static double turned_rad(const struct cis_signal *sig, double complex x)
{
	return carg(x * cexp(cis_rect(0, -sig->angle_rad[0])));
}

static void keep_point(void *ctx, unsigned fit, const struct cis_report *rep)
{
	struct step *s = ctx;
	struct errors e = errors_of(s->sig, rep);
	double t_s = seconds_of(rep) - s->at_s;

	if (fabs(t_s) > 0.36)
		return;
	if (s->n[fit] == MAX_POINT)
		die("too many points");
	s->point[fit][s->n[fit]++] =
		(struct cis_step_point){t_s, e.tve_pct, e.fe_hz, e.rfe_hz_per_s,
					turned_rad(s->sig, rep->phasor_rms[0])};
}

static void run_step(struct work *w, struct step *s, double carrier_deg,
		     double after_s)
{
	struct cis_signal sig;

	cis_signal_init(&sig);
	s->sig = &sig;
	s->at_s = 1 + after_s;
	set(&sig, "v_deg", carrier_deg);
	set(&sig, "step_deg", STEP_DEG);
	set(&sig, "step_s", s->at_s);
	sample(w, &sig, 0.4, 1.7);
	run(w, CIS_MODEL_NONE, keep_point, s);
}

static void judge_steps(struct step *s, unsigned carrier_deg)
{
	struct cis_criteria whose = {
		.edition = CIS_EDITION_2018, .fnom_hz = 50, .report_rate = FPS};

	for (unsigned f = 0; f < AWARE; f++) {
		struct cis_step_result r;

		whose.perf_class = f == M ? CIS_CLASS_M : CIS_CLASS_P;
		if (cis_step_judge(s->point[f], s->n[f], 0, STEP_DEG / RAD,
				   cis_limit_find(&whose, CIS_TEST_STEP_PHASE),
				   &r))
			die("a step that cannot be judged");
		printf("%s,%u,%.4g,%.4g,%.4g,%.4g,%.4g\n", fit_names[f],
		       carrier_deg, r.resp_tve_s, r.resp_fe_s, r.resp_rfe_s,
		       r.delay_s, r.overshoot_pct);
	}
}

static void steps(struct work *w)
{
	static struct step s;

	w->n_chan = 1;
	for (unsigned i = 0; i < N_TEST; i++) {
		memset(s.n, 0, sizeof(s.n));
		for (unsigned k = 0; k < N_REPEAT; k++)
			run_step(w, &s, 2.0 * i, k * 1.0 / (N_REPEAT * FPS));
		judge_steps(&s, 2 * i);
	}
}

static void trace(struct work *w)
{
	static struct step s;
	const double carrier_deg = 40;

	w->n_chan = 1;
	for (unsigned k = 0; k < 20; k++)
		run_step(w, &s, carrier_deg, (k + 0.5) / (20.0 * FPS));
	for (unsigned f = 0; f < AWARE; f++)
		for (uint32_t i = 0; i < s.n[f]; i++)
			printf("%s,%.6g,%.15g\n", fit_names[f],
			       s.point[f][i].t_s, s.point[f][i].value * RAD);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "ramp";
	struct work w;

	open_work(&w);
	if (!strcmp(what, "ramp"))
		ramp(&w);
	else if (!strcmp(what, "am") || !strcmp(what, "pm"))
		modulation(&w, what);
	else if (!strcmp(what, "steps"))
		steps(&w);
	else if (!strcmp(what, "trace"))
		trace(&w);
	else
		die("ramp, am, pm, steps or trace?");
	close_work(&w);
	return 0;
}

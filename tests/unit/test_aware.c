/* test_aware.c - test-aware fits against signals in closed form. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "aware_run.h"

/* The figures: a clean test with its own fit. */
#define TVE_PCT      1e-9
#define FE_HZ        1e-11
#define RFE_HZ_PER_S 1e-10

/* The mathematics is that of any rate. */
#define RATE_HZ 2400

static void set_keys(struct run *r, const char *keys)
{
	char key[32], value[32];
	int used;

	for (; sscanf(keys, " %31[^=]=%31s%n", key, value, &used) == 2;
	     keys += used)
		run_key(r, key, value);
}

struct told {
	unsigned n_held, n_refused, n_idle;
	char why[160]; /* the last */
};

static struct told ask(const struct cis_aware *aw)
{
	struct told t = {.n_held = 0};

	for (uint32_t c = 0; c < CIS_SIGNAL_N_CHAN; c++) {
		const char *why = cis_aware_why(aw, c);

		if (!why[0])
			t.n_held++;
		else if (!strcmp(why, "no signal"))
			t.n_idle++;
		else
			t.n_refused++;
		if (why[0])
			snprintf(t.why, sizeof(t.why), "%s", why);
	}
	return t;
}

static struct told fit(struct aware_run *a, struct worst *w)
{
	struct cis_aware *aw;
	struct told t;

	*w = (struct worst){.n = 0};
	aw = aware_all(a, run_keep_worst, w);
	t = ask(aw);
	cis_aware_free(aw);
	return t;
}

static struct aware_run case_of(enum cis_model model, double duration_s,
				const char *keys)
{
	struct aware_run a = aware_init(model);

	a.run.duration_s = duration_s;
	a.run.rate_hz = RATE_HZ;
	set_keys(&a.run, keys);
	return a;
}

/* Every model on its own test, delivered exactly. */
static void check_holds(struct aware_run *a)
{
	struct worst w;
	struct told t = fit(a, &w);

	if (t.n_held != CIS_SIGNAL_N_CHAN)
		fail_msg("refused: %s", t.why);
	assert_true(w.n > 0);
	assert_int_equal(w.flags, 0);
	assert_int_equal(w.notes & CIS_NOTE_BLIND, 0);
	check_close(w.tve_pct, 0, TVE_PCT);
	check_close(w.fe_hz, 0, FE_HZ);
	check_close(w.rfe_hz_per_s, 0, RFE_HZ_PER_S);
}

static const struct {
	enum cis_model model;
	const char *keys;
} clean[] = {
	{CIS_MODEL_STEADY, "f=50"},
	{CIS_MODEL_STEADY, "f=45 v_deg=123"},
	{CIS_MODEL_STEADY, "f=54.99 v=12 dc=0.2"},
	{CIS_MODEL_RAMP, "f=47 rocof=1"},
	{CIS_MODEL_RAMP, "f=53 rocof=-1 i_deg=30"},
	{CIS_MODEL_MOD, "am=0.1 am_hz=5"},
	{CIS_MODEL_MOD, "pm=0.1 pm_hz=5 f=50.3"},
	{CIS_MODEL_MOD, "am=0.1 am_hz=0.7 pm=0.1 pm_hz=0.7 v_deg=-70"},
	{CIS_MODEL_TONE, "ih=0.1 ih_hz=10"},
	{CIS_MODEL_TONE, "ih=0.1 ih_hz=24.9 f=50.3"},
	{CIS_MODEL_TONE, "ih=0.1 ih_hz=75.1"},
	{CIS_MODEL_TONE, "ih=0.1 ih_hz=99.7"},
	{CIS_MODEL_STEP, "step_mag=0.1 step_s=1.0123456"},
	{CIS_MODEL_STEP, "step_mag=-0.1 step_s=0.78 f=49.8"},
	{CIS_MODEL_STEP, "step_deg=10 step_s=1"},
	{CIS_MODEL_STEP, "step_deg=-10 step_s=0.91111 v_deg=33"},
};
#define N_CLEAN (sizeof(clean) / sizeof(clean[0]))

static void every_test_is_exact_with_its_own_model(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CLEAN; i++) {
		struct aware_run a = case_of(clean[i].model, 2, clean[i].keys);

		check_holds(&a);
	}
}

/* Neither on instants of samples, nor in whole cycles, nor at 50 Hz. */
static void instants_between_samples_are_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CLEAN; i += 3) {
		struct aware_run a = case_of(clean[i].model, 2, clean[i].keys);

		a.run.rate_hz = 2701.37;
		a.run.start_s = 0.123456789;
		if (a.model != CIS_MODEL_TONE)
			check_holds(&a);
	}
}

/* Phases count from the second of the report: 2 pi f t has 4 digits before the
 * point within a minute. */
static void a_long_recording_is_as_exact_as_a_short_one(void **state)
{
	struct aware_run a = case_of(CIS_MODEL_STEADY, 100, "f=50.123");

	(void)state;
	a.run.rate_hz = 1000;
	a.run.fps.num = 1;
	check_holds(&a);
}

/* Corners between report instants: at one, ROCOF has two values. */
static void a_ramp_may_begin_and_end_in_the_recording(void **state)
{
	static const char *const keys[] = {
		"f=49 rocof=1 rocof_s=0.7053 f_to=50.1",
		"f=51 rocof=-1 rocof_s=1.1111", "f=49 rocof=1 f_to=50.234"};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct aware_run a = case_of(CIS_MODEL_RAMP, 2.5, keys[i]);

		check_holds(&a);
	}
}

static void harmonics_are_part_of_the_fit(void **state)
{
	struct aware_run a =
		case_of(CIS_MODEL_MOD, 1.5,
			"am=0.1 am_hz=2 f=50.2 h2=0.1 h3=0.1 h17=0.05 h23=0.01"
			" h5_deg=40");

	(void)state;
	a.harmonics = true;
	check_holds(&a);
}

/* ---- models that do not hold ---- */

static void check_refused(struct aware_run *a, const char *why)
{
	struct worst w;
	struct told t = fit(a, &w);

	assert_int_equal(t.n_refused, CIS_SIGNAL_N_CHAN);
	if (!strstr(t.why, why))
		fail_msg("refused, but: %s", t.why);
	assert_int_equal(w.notes & CIS_NOTE_BLIND, CIS_NOTE_BLIND);
}

static void a_drift_of_1_mhz_per_s_is_not_steady(void **state)
{
	static const char *const how[] = {"", "snr_db=60", "snr_db=80",
					  "bits=16", "bits=16 h3=0.002"};

	(void)state;
	for (size_t i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		struct aware_run a =
			case_of(CIS_MODEL_STEADY, 1.5, "rocof=0.001");

		set_keys(&a.run, how[i]);
		a.harmonics = true;
		check_refused(&a, "residual");
	}
}

static void what_is_not_the_models_test_is_refused(void **state)
{
	static const struct {
		enum cis_model model;
		const char *keys;
	} cases[] = {
		{CIS_MODEL_STEADY, "am=0.001 am_hz=1"},
		{CIS_MODEL_STEADY, "pm=0.001 pm_hz=5"},
		{CIS_MODEL_STEADY, "ih=0.001 ih_hz=75"},
		{CIS_MODEL_STEADY, "step_deg=0.1 step_s=0.9"},
		{CIS_MODEL_RAMP, "am=0.001 am_hz=1"},
		{CIS_MODEL_RAMP, "pm=0.1 pm_hz=0.3"},
		{CIS_MODEL_MOD, "am=0.1 am_hz=2 rocof=0.5"},
		{CIS_MODEL_MOD, "am=0.1 am_hz=2 pm=0.1 pm_hz=3"},
		{CIS_MODEL_TONE, "ih=0.1 ih_hz=20 rocof=0.001"},
		{CIS_MODEL_STEP, "step_deg=10 step_s=0.9 rocof=0.001"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct aware_run a = case_of(cases[i].model, 2, cases[i].keys);

		check_refused(&a, "");
	}
}

/* 0.2 % distortion, a tone of 0.1 %, a source drifting by 10 ppm/s: within
 * 3e-3 %, or refused. */
static void a_poor_source_is_measured_well_or_refused(void **state)
{
	static const char *const own[] = {
		[CIS_MODEL_STEADY] = "f=50.3",
		[CIS_MODEL_RAMP] = "f=49",
		[CIS_MODEL_MOD] = "am=0.1 am_hz=2 pm=0.1 pm_hz=2",
		[CIS_MODEL_TONE] = "f=50.1",
		[CIS_MODEL_STEP] = "step_mag=0.1 step_s=0.9"};
	static const char *const poor[] = {
		"h3=0.0017 h7=0.001", "ih=0.001 ih_hz=20",
		"ih=0.001 ih_hz=107.7", "rocof=5e-4",
		"h3=0.0017 h7=0.001 ih=0.001 ih_hz=70 rocof=5e-4"};

	(void)state;
	for (unsigned m = CIS_MODEL_STEADY; m <= CIS_MODEL_STEP; m++)
		for (size_t i = 0; i < sizeof(poor) / sizeof(poor[0]); i++) {
			struct aware_run a =
				case_of((enum cis_model)m, 2, own[m]);
			struct worst w;
			struct told t;

			set_keys(&a.run, poor[i]);
			a.run.rate_hz = 1200;
			a.harmonics = true;
			t = fit(&a, &w);
			if (t.n_refused < CIS_SIGNAL_N_CHAN)
				check_close(w.tve_pct, 0, 3e-3);
		}
}

/* ---- models that hold, whatever the converter does ---- */

/* The rounding of a sine that repeats within a few cycles is itself a few
 * lines: no reason to refuse the truth. The error is at most half a step of the
 * fundamental's peak: 1.5/2^16 = 2.3e-5 of it; a fit leaves far less. */
static void rounding_of_the_converter_refuses_nothing(void **state)
{
	static const char *const f[] = {"45",    "47.5", "49", "50",
					"50.12", "54",   "55"};

	(void)state;
	for (size_t i = 0; i < sizeof(f) / sizeof(f[0]); i++)
		for (unsigned harm = 0; harm < 2; harm++) {
			struct aware_run a =
				case_of(CIS_MODEL_STEADY, 1.2, "bits=16");
			struct worst w;
			struct told t;

			run_key(&a.run, "f", f[i]);
			a.run.rate_hz = harm ? 2400 : 18000;
			a.harmonics = harm;
			t = fit(&a, &w);
			if (t.n_held != CIS_SIGNAL_N_CHAN)
				fail_msg("%s Hz refused: %s", f[i], t.why);
			check_close(w.tve_pct, 0, 2.3e-3);
		}
}

/* ---- what cannot be fitted ---- */

static void a_gap_refuses_the_fit_and_is_told(void **state)
{
	struct aware_run a = case_of(CIS_MODEL_STEADY, 1, "f=50");

	(void)state;
	a.gap_at = 1201;
	check_refused(&a, "gap");
}

static void lose_vb(struct cis_block *blk)
{
	if (blk->first_scan == 0)
		cis_block_chan(blk, 1)[7] = NAN;
	for (uint32_t i = 0; i < blk->n_scan; i++)
		cis_block_chan(blk, 5)[i] = 0;
}

static void one_bad_channel_is_refused_alone(void **state)
{
	struct aware_run a = case_of(CIS_MODEL_STEADY, 2, "f=50.5");
	struct worst w;
	struct told t;

	(void)state;
	a.run.spoil = lose_vb;
	t = fit(&a, &w);
	assert_int_equal(t.n_refused, 1);
	assert_int_equal(t.n_idle, 1);
	assert_int_equal(t.n_held, CIS_SIGNAL_N_CHAN - 2);
	assert_int_equal(w.notes & CIS_NOTE_BLIND, CIS_NOTE_BLIND);
}

static void what_is_not_a_model_is_named(void **state)
{
	struct cis_diag diag = {""};
	enum cis_model m;

	(void)state;
	assert_int_equal(cis_model_parse("mod", &m, &diag), 0);
	assert_int_equal(m, CIS_MODEL_MOD);
	assert_int_equal(cis_model_parse("ripple", &m, &diag), -EINVAL);
	assert_non_null(strstr(diag.msg, "\"ripple\""));
	assert_non_null(strstr(diag.msg, "steady, ramp, mod"));
}

static void a_recording_longer_than_told_is_refused(void **state)
{
	static struct cis_chan_map map;
	static double x[CIS_SIGNAL_N_CHAN * 100];
	struct aware_run a = aware_init(CIS_MODEL_STEADY);
	struct cis_estim_config estim = {.map = &map,
					 .n_cycle = 2,
					 .fnom_hz = 50,
					 .rate = {50, 1},
					 .rate_hz = 1000,
					 .max_block = 100};
	struct cis_aware_config cfg = {
		.estim = &estim, .model = CIS_MODEL_STEADY, .max_scan = 150};
	struct cis_block blk = {.clock = run_clock(&a.run),
				.n_chan = CIS_SIGNAL_N_CHAN,
				.n_scan = 100,
				.stride = 100,
				.x = x};
	struct cis_report *rep = calloc(1, sizeof(*rep));
	struct cis_aware *aw;

	(void)state;
	cis_signal_map(&a.run.sig, &map);
	blk.clock.rate_hz = 1000;
	assert_int_equal(cis_aware_new(&cfg, &aw, NULL), 0);
	assert_int_equal(cis_aware_push(aw, &blk), 0);
	blk.first_scan = 100;
	assert_int_equal(cis_aware_push(aw, &blk), -ENOSPC);
	assert_int_equal(cis_aware_pop(aw, rep), -EAGAIN);
	assert_int_equal(cis_aware_finish(aw), 0);
	cis_aware_free(aw);
	free(rep);
	cfg.max_scan = 0;
	assert_int_equal(cis_aware_new(&cfg, &aw, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_test_is_exact_with_its_own_model),
		cmocka_unit_test(instants_between_samples_are_exact),
		cmocka_unit_test(a_long_recording_is_as_exact_as_a_short_one),
		cmocka_unit_test(a_ramp_may_begin_and_end_in_the_recording),
		cmocka_unit_test(harmonics_are_part_of_the_fit),
		cmocka_unit_test(a_drift_of_1_mhz_per_s_is_not_steady),
		cmocka_unit_test(what_is_not_the_models_test_is_refused),
		cmocka_unit_test(a_poor_source_is_measured_well_or_refused),
		cmocka_unit_test(rounding_of_the_converter_refuses_nothing),
		cmocka_unit_test(a_gap_refuses_the_fit_and_is_told),
		cmocka_unit_test(one_bad_channel_is_refused_alone),
		cmocka_unit_test(what_is_not_a_model_is_named),
		cmocka_unit_test(a_recording_longer_than_told_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

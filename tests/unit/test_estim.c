/* test_estim.c - the estimator against signals in closed form. */
#include <errno.h>
#include <string.h>

#include "estim_run.h"

/*
 * The model holds the signal exactly, so what is left is rounding: samples and
 * phases of some 1e-15, a window whose least-squares gain is of order one, times
 * 1/(2 pi T) for f and 1/(pi T^2) for ROCOF with T = 20 ms; the acceptance
 * figures of the product leave a decade or two.
 */
#define TVE_PCT      1e-8
#define FE_HZ        1e-8
#define RFE_HZ_PER_S 1e-6

static void check_exact(struct worst w, unsigned at_least)
{
	assert_true(w.n >= at_least);
	assert_int_equal(w.flags, 0);
	assert_int_equal(w.notes, 0);
	check_close(w.tve_pct, 0, TVE_PCT);
	check_close(w.fe_hz, 0, FE_HZ);
	check_close(w.rfe_hz_per_s, 0, RFE_HZ_PER_S);
}

static void a_frequency_ramp_is_exact(void **state)
{
	struct run r = run_init(50);

	(void)state;
	run_key(&r, "f", "45");
	run_key(&r, "rocof", "1");
	r.duration_s = 10;
	check_exact(run_worst(&r, NULL), 497);
}

static void off_nominal_is_exact_at_any_rate(void **state)
{
	static const struct {
		double rate_hz, fnom_hz, fps;
		const char *f;
	} cases[] = {
		{18000, 50, 50, "45.3"},        {18000, 60, 60, "64.7"},
		{17857.142857, 50, 50, "50.1"}, {5760, 60, 60, "60.04"},
		{30707.244, 60, 30, "59.97"},   {1200, 50, 50, "49.2"},
		{300, 50, 10, "50.7"},          {9000, 50, 200, "52"},
		{11111.1, 50, 100, "47.77"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_init(cases[i].fnom_hz);

		run_key(&r, "f", cases[i].f);
		r.rate_hz = cases[i].rate_hz;
		r.fps.num = (uint32_t)cases[i].fps;
		check_exact(run_worst(&r, NULL),
			    (unsigned)(cases[i].fps * 0.9) - 1);
	}
}

/* Reports fall everywhere between two samples when the clock is off. */
static void instants_between_samples_are_exact(void **state)
{
	struct run r = run_init(50);

	(void)state;
	run_key(&r, "f", "47");
	run_key(&r, "rocof", "-0.7");
	r.rate_hz = 18000.37;
	r.start_s = 0.123456789;
	r.duration_s = 2;
	check_exact(run_worst(&r, NULL), 97);
	r = run_init(60);
	run_key(&r, "f", "61.3");
	r.rate_hz = 7001; /* an odd window: 233 samples */
	r.duration_s = 2;
	check_exact(run_worst(&r, NULL), 115);
}

static void delays_of_channels_are_taken_out_exactly(void **state)
{
	/* Less than a sample, many samples, and before the scan. */
	static const double delay_s[CIS_SIGNAL_N_CHAN] = {
		0, 7.9e-6, 15.8e-6, 3.3e-3, -1e-3, 27.7e-6};
	struct run r = run_init(50);

	(void)state;
	run_key(&r, "f", "52.5");
	run_key(&r, "rocof", "0.9");
	check_exact(run_worst(&r, delay_s), 46);
}

static void a_constant_offset_is_a_column_of_its_own(void **state)
{
	struct run r = run_init(50);

	(void)state;
	run_key(&r, "f", "49.4");
	run_key(&r, "dc", "0.3");
	check_exact(run_worst(&r, NULL), 47);
}

static void rates_below_one_a_second_fall_on_whole_seconds(void **state)
{
	struct run r = run_init(50);

	(void)state;
	run_key(&r, "f", "50.2");
	r.fps = (struct cis_rate){1, 2};
	r.duration_s = 6;
	r.rate_hz = 2000;
	check_exact(run_worst(&r, NULL), 2);
}

static void longer_windows_are_exact_too(void **state)
{
	(void)state;
	for (uint32_t n = 3; n <= 4; n++) {
		struct run r = run_init(50);

		run_key(&r, "f", "46");
		run_key(&r, "rocof", "1");
		r.n_cycle = n;
		check_exact(run_worst(&r, NULL), 44);
	}
}

/* Figures of a literal solver of the paper's equations, all phases: at most
 * 0.014 % (AM) and 0.015 % (PM) on two cycles at 50 Hz. */
static void modulation_leaves_what_the_method_leaves(void **state)
{
	static const char *const hz[] = {"0.1", "0.9", "2.5", "3.9", "4.9"};

	(void)state;
	for (size_t i = 0; i < sizeof(hz) / sizeof(hz[0]); i++) {
		struct run am = run_init(50), pm = run_init(50);

		run_key(&am, "am", "0.1");
		run_key(&am, "am_hz", hz[i]);
		run_key(&am, "i_deg", "30");
		am.duration_s = 1;
		check_close(run_worst(&am, NULL).tve_pct, 0, 0.014);
		run_key(&pm, "pm", "0.1");
		run_key(&pm, "pm_hz", hz[i]);
		run_key(&pm, "i_deg", "30");
		pm.duration_s = 1;
		check_close(run_worst(&pm, NULL).tve_pct, 0, 0.015);
	}
}

struct series {
	unsigned n;
	struct cis_report rep[128];
};

static void keep(void *ctx, const struct cis_report *rep,
		 const struct cis_signal_truth *truth)
{
	struct series *s = ctx;

	(void)truth;
	assert_true(s->n < 128);
	s->rep[s->n++] = *rep;
}

/* The iteration ends within 1e-9 Hz and 1e-7 Hz/s of its end, wherever it
 * began: the one run is seeded by spectra of other samples than the other, and
 * follows another history. */
static void reports_do_not_depend_on_what_came_before(void **state)
{
	static struct series early, late;
	struct run r = run_init(50);
	unsigned skip;

	(void)state;
	run_key(&r, "f", "50.9");
	run_key(&r, "h2", "0.05");
	run_key(&r, "h3", "0.1");
	run_key(&r, "ih", "0.05");
	run_key(&r, "ih_hz", "83");
	run_key(&r, "pm", "0.1");
	run_key(&r, "pm_hz", "3.3");
	early.n = late.n = 0;
	run_all(&r, NULL, keep, &early);
	r.start_s = 0.3; /* the same samples, the first 5400 left out */
	r.duration_s = 0.7;
	run_all(&r, NULL, keep, &late);
	skip = early.n - late.n;
	assert_int_equal(skip, 15);
	for (unsigned i = 0; i < late.n; i++) {
		const struct cis_report *a = &early.rep[i + skip];
		const struct cis_report *b = &late.rep[i];

		assert_int_equal(cis_instant_diff(a->at, b->at), 0);
		check_close(a->freq_hz, b->freq_hz, 1e-9);
		check_close(a->rocof_hz_per_s, b->rocof_hz_per_s, 2e-7);
		for (unsigned c = 0; c < a->n_phasor; c++)
			check_close(cis_tve(a->phasor_rms[c], b->phasor_rms[c]),
				    0, 1e-10);
	}
}

static void nonsense_is_refused_with_a_reason(void **state)
{
	static const struct {
		double fnom_hz, rate_hz;
		struct cis_rate fps;
		uint32_t n_chan, max_block;
		const char *says;
	} cases[] = {
		{50, 299, {50, 1}, 1, 1, "fewer than 6 a cycle"},
		{50, NAN, {50, 1}, 1, 1, "fewer than 6 a cycle"},
		{50, 0, {50, 1}, 1, 1, "fewer than 6 a cycle"},
		{55, 9e3, {50, 1}, 1, 1, "50 or 60"},
		{50, 9e3, {0, 1}, 1, 1, "reporting rate"},
		{50, 9e3, {3, 2}, 1, 1, "reporting rate"},
		{50, 9e3, {50, 1}, 0, 1, "no voltage or current"},
		{50, 9e3, {50, 1}, 1, 0, "blocks of no scans"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static struct cis_chan_map map;
		struct cis_estim_config cfg = {
			.map = &map,
			.n_cycle = 2,
			.fnom_hz = cases[i].fnom_hz,
			.rate = cases[i].fps,
			.rate_hz = cases[i].rate_hz,
			.max_block = cases[i].max_block,
		};
		struct cis_estim *est = NULL;
		struct cis_diag diag = {""};

		map.n_chan = cases[i].n_chan;
		assert_int_equal(cis_estim_new(&cfg, &est, &diag), -EINVAL);
		assert_null(est);
		assert_non_null(strstr(diag.msg, cases[i].says));
	}
}

static void profiles_have_names(void **state)
{
	static const char *const bad[] = {"",       "P",
					  "p:2",    "reference:",
					  "mm",     "ls",
					  "ls71",   "ls7:",
					  "ls7:1",  "ls7:501",
					  "ls7:-2", "ls7:2x",
					  "ls7: 3", "ls7:99999999999999999999"};
	struct cis_estim_config cfg = {.fnom_hz = 60};
	struct cis_diag diag;
	char name[CIS_PROFILE_SIZE];

	(void)state;
	assert_int_equal(cis_estim_parse_profile("ls7:3", &cfg, NULL), 0);
	assert_string_equal(cis_estim_profile_name(&cfg, name), "ls7:3");
	check_close(cis_estim_window_s(&cfg), 0.05, 1e-17);
	assert_int_equal(cis_estim_parse_profile("ls7", &cfg, NULL), 0);
	assert_int_equal(cfg.n_cycle, 2);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(cis_estim_parse_profile(bad[i], &cfg, &diag),
				 -EINVAL);
		assert_non_null(strstr(diag.msg, "ls7"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frequency_ramp_is_exact),
		cmocka_unit_test(off_nominal_is_exact_at_any_rate),
		cmocka_unit_test(instants_between_samples_are_exact),
		cmocka_unit_test(delays_of_channels_are_taken_out_exactly),
		cmocka_unit_test(a_constant_offset_is_a_column_of_its_own),
		cmocka_unit_test(
			rates_below_one_a_second_fall_on_whole_seconds),
		cmocka_unit_test(longer_windows_are_exact_too),
		cmocka_unit_test(modulation_leaves_what_the_method_leaves),
		cmocka_unit_test(reports_do_not_depend_on_what_came_before),
		cmocka_unit_test(nonsense_is_refused_with_a_reason),
		cmocka_unit_test(profiles_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

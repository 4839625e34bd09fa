/*
 * test_estim_rows.c - profiles p, m and reference against signals in closed
 * form: every frequency, rate, delay and clock.
 */
#include <errno.h>
#include <string.h>

#include "profiles.h"

static void check_within(struct worst w, struct limits limits)
{
	assert_true(w.n > 0);
	assert_int_equal(w.flags, 0);
	check_close(w.tve_pct, 0, limits.tve_pct);
	check_close(w.fe_hz, 0, limits.fe_hz);
	check_close(w.rfe_hz_per_s, 0, limits.rfe_hz_per_s);
}

/* Between two samples, both ends of what a free clock sweeps through. */
static const double offsets_s[] = {0, 13e-6, 27.7e-6};
#define N_OFFSET (sizeof(offsets_s) / sizeof(offsets_s[0]))

/* One second, all reports `offset_s` after a sample. */
static struct worst run_offset(struct run *r, double offset_s)
{
	r->start_s = 1 / r->rate_hz - offset_s;
	return run_worst(r, NULL);
}

static void on_a_seed_there_is_rounding_alone(void **state)
{
	static const char *const f[] = {"45", "50", "54.5"};

	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++)
		for (unsigned j = 0; j < 3; j++)
			for (unsigned k = 0; k < N_OFFSET; k++) {
				struct run r = run_of(&profiles[i]);

				run_key(&r, "f", f[j]);
				r.duration_s = 0.65;
				check_within(run_offset(&r, offsets_s[k]),
					     profiles[i].on_seed);
			}
}

static void between_seeds_the_figures_hold(void **state)
{
	/* Half way between seeds of either grid, and just past that. */
	static const char *const f[] = {"45.25",  "47.875", "49.76",
					"50.374", "52.26",  "54.74"};

	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++)
		for (unsigned j = 0; j < 6; j++) {
			struct run r = run_of(&profiles[i]);

			run_key(&r, "f", f[j]);
			r.duration_s = 0.65;
			check_within(run_offset(&r, offsets_s[j % N_OFFSET]),
				     profiles[i].between);
		}
}

/* Skew of a multiplexed board, many samples, and before the scan. */
static void delays_are_shifts_of_the_instant(void **state)
{
	static const double delay_s[CIS_SIGNAL_N_CHAN] = {
		0, 13e-6, 27.7e-6, 3.3e-3, -1e-3, 7.9e-6};

	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++) {
		struct run r = run_of(&profiles[i]);

		run_key(&r, "f", "52.38");
		r.duration_s = 0.65;
		check_within(run_worst(&r, delay_s), profiles[i].between);
	}
}

/* A phase that bends: what d3 is for. Modulation of 5 Hz, by the figures of
 * acceptance, at every offset; p to 2 Hz. */
static void modulation_is_shifted_with_the_third_derivative(void **state)
{
	static const struct {
		const char *hz;
		struct limits limits;
	} pm[N_PROFILE] = {{"2", {5e-4, 1e-5, 2.5e-2}},
			   {"5", {2e-3, 4e-4, 4e-2}},
			   {"5", {2e-4, 5e-5, 3e-3}}};

	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++)
		for (unsigned k = 0; k < N_OFFSET; k++) {
			struct run r = run_of(&profiles[i]);

			run_key(&r, "pm", "0.1");
			run_key(&r, "pm_hz", pm[i].hz);
			run_key(&r, "v_deg", "31");
			check_within(run_offset(&r, offsets_s[k]),
				     pm[i].limits);
		}
}

static void any_sampling_rate_serves(void **state)
{
	/* Fewer than 1200 a second need no prefilter. */
	static const double rates_hz[] = {300,  307.3, 1199,  1200,
					  2500, 7001,  30720, 100e3};

	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++)
		for (unsigned j = 0; j < 8; j++) {
			struct run r = run_of(&profiles[i]);

			r.designs = NULL;
			r.rate_hz = rates_hz[j];
			r.duration_s = 0.65;
			run_key(&r, "f", "50.13");
			check_within(run_worst(&r, NULL), profiles[i].between);
		}
}

/* The design is for the rate that was promised; samples come at another. */
static void the_measured_rate_counts(void **state)
{
	static const double measured_hz[] = {18001.8, 18000.18, 17857.142857,
					     18300};

	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++)
		for (unsigned j = 0; j < 4; j++) {
			struct run r = run_of(&profiles[i]);

			r.promised_hz = 18000;
			r.rate_hz = measured_hz[j];
			r.duration_s = 0.65;
			run_key(&r, "f", "51.6");
			run_key(&r, "dc", "0.2");
			check_within(run_worst(&r, NULL), profiles[i].between);
		}
}

static void phases_that_turn_backwards_are_recognised(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++) {
		struct run r = run_of(&profiles[i]);
		struct worst w;

		run_key(&r, "seq", "acb");
		run_key(&r, "f", "48.37");
		r.duration_s = 0.65;
		w = run_worst(&r, NULL);
		assert_int_equal(w.notes, CIS_NOTE_ACB);
		w.tve_pct = 0; /* V+ is nothing, and an error over nothing */
		check_within(w, profiles[i].between);
	}
}

static void harmonics_stay_out(void **state)
{
	static const char *const h[] = {"h2", "h3", "h7", "h50"};

	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++)
		for (unsigned j = 0; j < 4; j++) {
			struct run r = run_of(&profiles[i]);

			run_key(&r, h[j], i == 0 ? "0.01" : "0.1");
			run_key(&r, "f", "50.12");
			r.duration_s = 0.65;
			check_within(run_worst(&r, NULL), profiles[i].harmonic);
		}
}

/* ---- how many reports, and when ---- */

/* Windows of whole samples about every instant from the first to the last. */
static void every_complete_window_is_reported(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++) {
		struct run r = run_of(&profiles[i]);
		unsigned n_half = (unsigned)(profiles[i].half_s * 50 + 0.999);

		/* Samples 0 to 1 s, both included. */
		r.duration_s = 1 + 1.5 / 18000;
		run_key(&r, "f", "50");
		assert_int_equal(run_worst(&r, NULL).n, 51 - 2 * n_half);
	}
}

static void the_latency_is_half_the_window_and_the_wait_for_steps(void **state)
{
	static struct cis_chan_map map;

	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++) {
		const struct profile *p = &profiles[i];
		struct cis_estim_config cfg = {.map = &map,
					       .profile = p->profile,
					       .fnom_hz = 50,
					       .rate = {50, 1},
					       .rate_hz = 18000};

		check_close(cis_estim_latency_s(&cfg), p->half_s + p->ahead_s,
			    1e-12);
		check_close(cis_estim_window_s(&cfg), 2 * p->half_s, 1e-12);
	}
}

/* Pushes samples one by one; the last one that the report of 0.5 s needs. */
static uint64_t last_scan_needed(const struct profile *p)
{
	struct run r = run_of(p);
	static struct cis_chan_map map;
	static struct cis_report rep;
	double x[CIS_SIGNAL_N_CHAN];
	struct cis_estim *est;
	uint64_t at = 0;

	cis_signal_finish(&r.sig, NULL);
	est = run_estim(&r, &map);
	for (;; at++) {
		struct cis_block blk = {.clock = run_clock(&r),
					.first_scan = at,
					.n_chan = CIS_SIGNAL_N_CHAN,
					.n_scan = 1,
					.stride = 1,
					.x = x};

		run_fill(&r, &blk);
		assert_int_equal(cis_estim_push(est, &blk), 0);
		if (!cis_estim_pop(est, &rep) && rep.at.k == 25)
			break;
	}
	cis_estim_free(est);
	return at;
}

static void a_report_comes_with_the_last_sample_it_needs(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++) {
		double after_s = profiles[i].half_s + profiles[i].ahead_s;

		assert_int_equal(last_scan_needed(&profiles[i]),
				 llround((0.5 + after_s) * 18000));
	}
}

/* ---- designs ---- */

static void designs_serve_only_their_own_kind(void **state)
{
	static struct cis_chan_map map = {.n_chan = 1};
	struct cis_estim_config cfg = {.map = &map,
				       .profile = CIS_PROFILE_P,
				       .fnom_hz = 60,
				       .rate = {50, 1},
				       .rate_hz = 18000,
				       .max_block = 1,
				       .designs = profiles[0].designs};
	struct cis_estim *est = NULL;
	struct cis_diag diag = {""};

	(void)state;
	assert_int_equal(cis_estim_new(&cfg, &est, &diag), -EINVAL);
	assert_non_null(strstr(diag.msg, "shared"));
	cfg.fnom_hz = 50;
	cfg.designs = profiles[1].designs;
	assert_int_equal(cis_estim_new(&cfg, &est, &diag), -EINVAL);
	assert_null(est);
}

static void rates_beyond_the_design_are_refused(void **state)
{
	static struct cis_chan_map map = {.n_chan = 1};
	static const struct {
		double rate_hz;
		const char *says;
	} cases[] = {{299, "fewer than 6 a cycle"}, {100001, "100000"}};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct cis_estim_config cfg = {.map = &map,
					       .profile = CIS_PROFILE_REFERENCE,
					       .fnom_hz = 50,
					       .rate = {50, 1},
					       .rate_hz = cases[i].rate_hz,
					       .max_block = 1};
		struct cis_estim *est = NULL;
		struct cis_diag diag = {""};

		assert_int_equal(cis_estim_new(&cfg, &est, &diag), -EINVAL);
		assert_null(est);
		assert_non_null(strstr(diag.msg, cases[i].says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_a_seed_there_is_rounding_alone),
		cmocka_unit_test(between_seeds_the_figures_hold),
		cmocka_unit_test(delays_are_shifts_of_the_instant),
		cmocka_unit_test(
			modulation_is_shifted_with_the_third_derivative),
		cmocka_unit_test(any_sampling_rate_serves),
		cmocka_unit_test(the_measured_rate_counts),
		cmocka_unit_test(phases_that_turn_backwards_are_recognised),
		cmocka_unit_test(harmonics_stay_out),
		cmocka_unit_test(every_complete_window_is_reported),
		cmocka_unit_test(
			the_latency_is_half_the_window_and_the_wait_for_steps),
		cmocka_unit_test(a_report_comes_with_the_last_sample_it_needs),
		cmocka_unit_test(designs_serve_only_their_own_kind),
		cmocka_unit_test(rates_beyond_the_design_are_refused),
	};

	return cmocka_run_group_tests(tests, profiles_setup, profiles_teardown);
}

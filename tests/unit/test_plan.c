/*
 * test_plan.c - the points are the standard's tests, all of them; the steady
 * ones. Conditions and ranges: docs/limits.md.
 */
#include <errno.h>

#include "plan_points.h"

#define PI 3.141592653589793238463

/* ---- the plan ---- */

static void every_test_of_every_rate_has_points_that_count(void **state)
{
	static const unsigned rates[][2] = {
		{50, 10}, {50, 25}, {50, 50}, {50, 100}, {60, 10}, {60, 12},
		{60, 15}, {60, 20}, {60, 30}, {60, 60},  {60, 120}};

	(void)state;
	for (unsigned i = 0; i < 6 * sizeof(rates) / sizeof(rates[0]); i++) {
		const unsigned *r = rates[i / 6];
		struct cis_plan_config cfg =
			config((enum cis_class)(i % 2), r[0], r[1]);
		struct cis_plan_point p;
		struct cis_plan *plan;
		uint32_t at = 0;

		cfg.criteria.edition = (enum cis_edition)(i / 2 % 3);
		plan = plan_of(&cfg);
		for (int t = 0; t < CIS_N_TEST; t++) {
			enum cis_test test = (enum cis_test)t;
			uint32_t n = cis_plan_count(plan, test);

			assert_int_equal(n > 0, cis_limit_find(&cfg.criteria,
							       test) != NULL);
			for (uint32_t k = 0; k < n; k++, at++) {
				cis_plan_point(plan, at, &p);
				assert_int_equal(p.test, test);
				assert_ptr_equal(
					p.limit,
					cis_limit_find(&cfg.criteria, test));
				assert_true(n_counted(&p, r[1]) >= 3);
			}
		}
		assert_int_equal(at, cis_plan_size(plan));
		cis_plan_free(plan);
	}
}

static void a_point_depends_on_its_number_alone(void **state)
{
	const struct cis_plan_config cfg = config(CIS_CLASS_M, 50, 50);
	struct cis_plan *plan = plan_of(&cfg), *again = plan_of(&cfg);
	uint32_t n = cis_plan_size(plan);
	struct cis_plan_point a, b;

	(void)state;
	for (uint32_t i = 0; i < n; i += 7) {
		cis_plan_point(plan, i, &a);
		cis_plan_point(again, n - 1, &b);
		cis_plan_point(again, i, &b);
		assert_int_equal(a.test, b.test);
		assert_string_equal(a.label, b.label);
		check_close(a.from_s, b.from_s, 0);
		check_close(a.sig.angle_rad[0], b.sig.angle_rad[0], 0);
		assert_int_equal(a.sig.seed, b.sig.seed);
	}
	cis_plan_free(again);
	cis_plan_free(plan);
}

static void noise_bits_and_ranges_reach_every_signal(void **state)
{
	struct cis_plan_config cfg = config(CIS_CLASS_M, 60, 60);
	struct cis_plan_point p;
	struct cis_plan *plan;

	(void)state;
	cfg.snr_db = 80;
	cfg.bits = 16;
	cfg.seed = 1000;
	plan = plan_of(&cfg);
	for (uint32_t i = 0; i < cis_plan_size(plan); i++) {
		cis_plan_point(plan, i, &p);
		check_close(p.sig.fnom_hz, 60, 0);
		check_close(p.sig.snr_db, 80, 0);
		check_close(p.sig.bits, 16, 0);
		assert_int_equal(p.sig.seed, 1000 + i);
		check_close(p.sig.range_v, 1.5 * sqrt(2) * 120, 1e-12);
		check_close(p.sig.range_a,
			    (p.current ? 2.5 : 1.5) * sqrt(2) * 5, 1e-12);
	}
	cis_plan_free(plan);
}

static void check_refused(const struct cis_plan_config *cfg, const char *why)
{
	struct cis_plan *plan = NULL;
	struct cis_diag diag = {""};

	assert_int_equal(cis_plan_new(cfg, &plan, &diag), -EINVAL);
	assert_non_null(strstr(diag.msg, why));
	assert_null(plan);
}

static void plans_that_cannot_be_are_refused_with_a_reason(void **state)
{
	struct cis_plan_config cfg = config(CIS_CLASS_P, 50, 30);

	(void)state;
	check_refused(&cfg, "10, 25, 50, 100");
	cfg = config(CIS_CLASS_P, 50, 50);
	cfg.repeats = 1;
	check_refused(&cfg, "not 1");
	cfg = config(CIS_CLASS_P, 50, 50);
	cfg.bits = 33;
	check_refused(&cfg, "bits");
	cfg = config(CIS_CLASS_P, 50, 50);
	cfg.snr_db = NAN;
	check_refused(&cfg, "snr_db");
	cfg = config(CIS_CLASS_P, 50, 50);
	memset(cfg.wanted, 0, sizeof(cfg.wanted));
	cfg.wanted[CIS_TEST_OUT_OF_BAND] = true;
	check_refused(&cfg, "class P");
	cis_plan_free(NULL);
}

/* ---- steady ---- */

static void frequencies_cover_the_range_and_leave_the_grid(void **state)
{
	uint32_t n, n_off = 0;
	struct cis_plan_point *p =
		points_at_50(CIS_CLASS_M, CIS_TEST_STEADY_FREQUENCY, &n);

	(void)state;
	check_params(p, n, 0.01);
	for (uint32_t i = 0; i < n; i++) {
		check_close(p[i].sig.f_hz, p[i].param, 0);
		n_off += fabs(remainder(p[i].param, 0.01)) > 1e-6;
	}
	assert_true(n_off >= 20);
	free(p);
}

static void magnitudes_cover_the_range_of_voltage_and_current(void **state)
{
	uint32_t n;
	struct cis_plan_point *p = points_at_50(
		CIS_CLASS_P, CIS_TEST_STEADY_MAGNITUDE_VOLTAGE, &n);

	(void)state;
	check_params(p, n, 5);
	for (uint32_t i = 0; i < n; i++) {
		assert_false(p[i].current);
		check_close(p[i].sig.rms[1], 120 * p[i].param / 100, 1e-12);
		check_close(p[i].sig.rms[5], 5, 0);
	}
	free(p);
	p = points_at_50(CIS_CLASS_M, CIS_TEST_STEADY_MAGNITUDE_CURRENT, &n);
	check_params(p, n, 5);
	for (uint32_t i = 0; i < n; i++) {
		assert_true(p[i].current);
		check_close(p[i].sig.rms[1], 120, 0);
		check_close(p[i].sig.rms[5], 5 * p[i].param / 100, 1e-12);
	}
	free(p);
}

/* At the first report the angle is the parameter, at rest or rotating. */
static void phases_cover_the_circle_at_rest_and_both_ways_round(void **state)
{
	uint32_t n, n_way[3] = {0};
	struct cis_plan_point *p =
		points_at_50(CIS_CLASS_M, CIS_TEST_STEADY_PHASE, &n);
	struct cis_signal_truth truth;

	(void)state;
	check_params(p, n, 15);
	for (uint32_t i = 0; i < n; i++) {
		double off_hz = p[i].sig.f_hz - 50;
		double complex wanted = 120 * cexp(I * p[i].param * PI / 180);

		assert_true(fabs(off_hz) < 0.25);
		n_way[1 + (off_hz > 0) - (off_hz < 0)]++;
		assert_true(cis_plan_counts(&p[i], 1));
		assert_false(cis_plan_counts(&p[i], 1 - 1 / 50.0));
		cis_signal_truth(&p[i].sig, 1, 0, &truth);
		/* A second of a frequency that is rounded by 3.6e-15 Hz, and
		 * as much again of the angles. */
		check_close(cabs(truth.phasor_rms[0] - wanted), 0,
			    120 * 2 * PI * 2 * 3.6e-15);
	}
	for (int i = 0; i < 3; i++)
		assert_true(n_way[i] >= 25);
	free(p);
}

static void every_harmonic_comes_alone_at_eight_phases(void **state)
{
	uint32_t n, phases[51] = {0};
	struct cis_plan_point *p =
		points_at_50(CIS_CLASS_M, CIS_TEST_HARMONIC, &n);

	(void)state;
	for (uint32_t i = 0; i < n; i++) {
		unsigned order = (unsigned)p[i].param, n_harm = 0;

		for (unsigned h = 2; h <= 50; h++)
			n_harm += p[i].sig.harm[h] != 0;
		assert_int_equal(n_harm, 1);
		check_close(p[i].sig.harm[order], 0.1, 0);
		check_close(p[i].sig.f_hz, 50, 0);
		phases[order] |= 1u
				 << llrint(p[i].sig.harm_rad[order] / (PI / 4));
	}
	for (unsigned h = 2; h <= 50; h++)
		assert_int_equal(phases[h], 0xff);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			every_test_of_every_rate_has_points_that_count),
		cmocka_unit_test(a_point_depends_on_its_number_alone),
		cmocka_unit_test(noise_bits_and_ranges_reach_every_signal),
		cmocka_unit_test(
			plans_that_cannot_be_are_refused_with_a_reason),
		cmocka_unit_test(
			frequencies_cover_the_range_and_leave_the_grid),
		cmocka_unit_test(
			magnitudes_cover_the_range_of_voltage_and_current),
		cmocka_unit_test(
			phases_cover_the_circle_at_rest_and_both_ways_round),
		cmocka_unit_test(every_harmonic_comes_alone_at_eight_phases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

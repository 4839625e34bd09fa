/* test_judge.c - errors by their definitions, statistics, the verdict. */
#include <errno.h>

#include "check.h"
#include "cisoid/judge.h"

#define PI  3.141592653589793238463
#define DEG (PI / 180)

/* Some roundings of numbers near 1, as a fraction of them. */
#define ROUNDING 4e-16

static double complex polar(double mag, double rad)
{
	return CMPLX(mag * cos(rad), mag * sin(rad));
}

static struct cis_errors errors(double complex x, double complex truth)
{
	const struct cis_state measured = {x, 50, 0}, is = {truth, 50, 0};

	return cis_errors_of(&measured, &is);
}

/* ---- errors ---- */

/* |r exp(j phi) - 1| = sqrt((r - 1)^2 + 4 r sin^2(phi / 2)). */
static void tve_joins_magnitude_and_phase(void **state)
{
	static const struct {
		double mag, rad;
	} cases[] = {{1.01, 0},  {0.99, 0},     {1, 0.01},
		     {1, -0.01}, {1.005, 5e-3}, {1, PI}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double r = cases[i].mag, phi = cases[i].rad;
		struct cis_errors e =
			errors(polar(120 * r, phi + 2), polar(120, 2));
		double half = sin(phi / 2);

		check_close(e.tve_pct,
			    100 * sqrt((r - 1) * (r - 1) + 4 * r * half * half),
			    100 * ROUNDING);
		check_close(e.mag_pct, 100 * (r - 1), 100 * ROUNDING);
		/* Half a turn may round to either side. */
		check_close(fabs(e.phase_rad), fabs(phi), 4 * ROUNDING);
	}
}

static void angles_wrap(void **state)
{
	struct cis_errors e =
		errors(polar(1, -179.9 * DEG), polar(1, 179.9 * DEG));

	(void)state;
	/* The angles themselves are rounded at pi. */
	check_close(e.phase_rad, 0.2 * DEG, 2 * PI * ROUNDING);
	e = errors(polar(1, 179.9 * DEG), polar(1, -179.9 * DEG));
	check_close(e.phase_rad, -0.2 * DEG, 2 * PI * ROUNDING);
	check_close(cis_angle_wrap(-PI), PI, 0);
	check_close(cis_angle_wrap(PI), PI, 0);
	check_close(cis_angle_wrap(7 * PI / 2), -PI / 2, 4 * PI * ROUNDING);
	assert_true(isnan(cis_angle_wrap(NAN)));
}

static void frequency_errors_are_signed(void **state)
{
	const struct cis_state measured = {1, 49.875, -0.5};
	const struct cis_state truth = {1, 50, 0.25};
	struct cis_errors e = cis_errors_of(&measured, &truth);

	(void)state;
	check_close(e.fe_hz, -0.125, 0);
	check_close(e.rfe_hz_per_s, -0.75, 0);
	check_close(e.tve_pct, 0, 0);
}

static void nothing_is_relative_to_zero(void **state)
{
	struct cis_errors e = errors(1, 0);

	(void)state;
	assert_true(isnan(e.tve_pct));
	assert_true(isnan(e.mag_pct));
	assert_true(isnan(e.phase_rad));
	check_close(e.fe_hz, 0, 0);
	assert_true(isnan(cis_tve(0, 0)));
}

static void a_measured_zero_is_all_wrong_and_has_no_phase(void **state)
{
	struct cis_errors e = errors(0, polar(120, 1));

	(void)state;
	check_close(e.tve_pct, 100, 0);
	check_close(e.mag_pct, -100, 0);
	assert_true(isnan(e.phase_rad));
}

static void what_is_missing_has_no_error(void **state)
{
	const double complex half = CMPLX(NAN, INFINITY);
	struct cis_errors e = errors(half, 1);

	(void)state;
	assert_true(isnan(e.tve_pct));
	assert_true(isnan(e.mag_pct));
	assert_true(isnan(e.phase_rad));
	assert_true(isnan(cis_tve(1, CMPLX(0, NAN))));
}

/* ---- statistics ---- */

static void a_statistic_keeps_extremes_mean_and_gaps(void **state)
{
	static const double x[] = {2, NAN, 0.5, 8, NAN, 1.5};
	struct cis_stat s = {0};

	(void)state;
	assert_true(isnan(cis_stat_mean(&s)));
	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++)
		cis_stat_add(&s, x[i]);
	assert_int_equal(s.n, 4);
	assert_int_equal(s.n_missing, 2);
	check_close(s.max, 8, 0);
	check_close(s.min, 0.5, 0);
	check_close(cis_stat_mean(&s), 3, 0);
}

static void merged_statistics_are_those_of_all_values(void **state)
{
	struct cis_stat all = {0}, a = {0}, b = {0}, empty = {0};

	(void)state;
	for (int i = 0; i < 9; i++) {
		double d = i - 3, x = i == 4 ? (double)NAN : d * d;

		cis_stat_add(&all, x);
		cis_stat_add(i % 3 ? &a : &b, x);
	}
	cis_stat_merge(&empty, &a);
	cis_stat_merge(&b, &empty);
	assert_int_equal(b.n, all.n);
	assert_int_equal(b.n_missing, all.n_missing);
	check_close(b.max, all.max, 0);
	check_close(b.min, all.min, 0);
	check_close(b.sum, all.sum, 0); /* small whole numbers */
}

/* ---- the verdict ---- */

static void the_verdict_is_by_the_worst_value(void **state)
{
	static const struct {
		double max;
		uint64_t n, n_missing;
		double limit;
		enum cis_confidence confidence;
		enum cis_verdict verdict;
	} cases[] = {
		{0.9, 5, 0, 1, CIS_CONF_HIGH, CIS_VERDICT_PASS},
		{1.0, 5, 0, 1, CIS_CONF_HIGH, CIS_VERDICT_PASS},
		{1.0000001, 5, 0, 1, CIS_CONF_HIGH, CIS_VERDICT_FAIL},
		{INFINITY, 5, 0, 1, CIS_CONF_HIGH, CIS_VERDICT_FAIL},
		{1.1, 5, 0, 1, CIS_CONF_MEDIUM, CIS_VERDICT_FAIL},
		{1.1, 5, 0, 1, CIS_CONF_LOW, CIS_VERDICT_NOT_APPLICABLE},
		{0.9, 5, 0, 1, CIS_CONF_LOW, CIS_VERDICT_PASS},
		{0.9, 5, 1, 1, CIS_CONF_HIGH, CIS_VERDICT_FAIL},
		{0.9, 5, 1, 1, CIS_CONF_LOW, CIS_VERDICT_FAIL},
		{0, 0, 0, 1, CIS_CONF_HIGH, CIS_VERDICT_FAIL},
		{9, 5, 0, NAN, CIS_CONF_HIGH, CIS_VERDICT_NOT_APPLICABLE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct cis_stat s = {.n = cases[i].n,
					   .n_missing = cases[i].n_missing,
					   .max = cases[i].max};

		assert_int_equal(
			cis_judge_max(&s, cases[i].limit, cases[i].confidence),
			cases[i].verdict);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tve_joins_magnitude_and_phase),
		cmocka_unit_test(angles_wrap),
		cmocka_unit_test(frequency_errors_are_signed),
		cmocka_unit_test(nothing_is_relative_to_zero),
		cmocka_unit_test(a_measured_zero_is_all_wrong_and_has_no_phase),
		cmocka_unit_test(what_is_missing_has_no_error),
		cmocka_unit_test(a_statistic_keeps_extremes_mean_and_gaps),
		cmocka_unit_test(merged_statistics_are_those_of_all_values),
		cmocka_unit_test(the_verdict_is_by_the_worst_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_plan.c - the points are the standard's tests, all of them and no others.
 *
 * Conditions and ranges: docs/limits.md.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cisoid/plan.h"

#define PI 3.141592653589793238463

static struct cis_plan_config config(enum cis_class perf_class, unsigned fnom,
				     unsigned rate)
{
	struct cis_plan_config cfg = {
		.criteria = {CIS_EDITION_2018, perf_class, fnom, rate},
		.snr_db = INFINITY,
		.seed = 1,
		.repeats = 10,
	};

	for (int t = 0; t < CIS_N_TEST; t++)
		cfg.wanted[t] = true;
	return cfg;
}

static struct cis_plan *plan_of(const struct cis_plan_config *cfg)
{
	struct cis_plan *plan = NULL;
	struct cis_diag diag = {""};

	assert_int_equal(cis_plan_new(cfg, &plan, &diag), 0);
	return plan;
}

/* The points of one test of a plan; *n of them. */
static struct cis_plan_point *points_of(const struct cis_plan_config *cfg,
					enum cis_test test, uint32_t *n)
{
	struct cis_plan_config only = *cfg;
	struct cis_plan_point *points;
	struct cis_plan *plan;

	memset(only.wanted, 0, sizeof(only.wanted));
	only.wanted[test] = true;
	plan = plan_of(&only);
	*n = cis_plan_size(plan);
	points = calloc(*n, sizeof(*points));
	assert_non_null(points);
	for (uint32_t i = 0; i < *n; i++)
		cis_plan_point(plan, i, &points[i]);
	cis_plan_free(plan);
	return points;
}

static struct cis_plan_point *points_at_50(enum cis_class perf_class,
					   enum cis_test test, uint32_t *n)
{
	const struct cis_plan_config cfg = config(perf_class, 50, 50);

	return points_of(&cfg, test, n);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* From min to max without a gap above `gap`. */
static void check_covers(double *x, uint32_t n, double min, double max,
			 double gap)
{
	const double tol = 1e-9; /* of sums of decimal fractions */

	qsort(x, n, sizeof(*x), by_value);
	check_close(x[0], min, tol);
	check_close(x[n - 1], max, tol);
	for (uint32_t i = 1; i < n; i++)
		assert_true(x[i] - x[i - 1] <= gap + tol);
}

static void check_params(const struct cis_plan_point *p, uint32_t n, double gap)
{
	double *x = calloc(n, sizeof(*x));

	assert_non_null(x);
	for (uint32_t i = 0; i < n; i++)
		x[i] = p[i].param;
	check_covers(x, n, p->limit->param_min, p->limit->param_max, gap);
	free(x);
}

static unsigned n_counted(const struct cis_plan_point *p, double rate)
{
	unsigned n = 0;

	for (int64_t k = 0; (double)k / rate < p->to_s + 1; k++)
		n += cis_plan_counts(p, (double)k / rate);
	return n;
}

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

/* ---- out of band ---- */

/* Tones of one carrier and phase, on one side of the band. */
static void check_side(const struct cis_plan_point *p, uint32_t n, double f_hz,
		       double pm_rad, double min, double max)
{
	double *tone = calloc(n, sizeof(*tone)), edge;
	uint32_t found = 0, near = 0;

	assert_non_null(tone);
	edge = min < f_hz ? max : min;
	for (uint32_t i = 0; i < n; i++) {
		if (fabs(p[i].sig.f_hz - f_hz) > 1e-9 ||
		    p[i].sig.pm_rad != pm_rad ||
		    (p[i].param < 50) != (min < 50))
			continue;
		check_close(p[i].sig.ih_hz, p[i].param, 0);
		near += fabs(p[i].param - edge) < 1.05;
		tone[found++] = p[i].param;
	}
	assert_true(found > 0);
	check_covers(tone, found, min, max, 0.5);
	assert_true(near == 11 || min == max);
	free(tone);
}

static void tones_stay_out_of_the_band_and_begin_at_its_edge(void **state)
{
	static const struct {
		unsigned fnom, rate;
		double below, above; /* edges; NaN: no such side */
	} cases[] = {{50, 50, 25, 75},
		     {50, 10, 45, 55},
		     {60, 30, 45, 75},
		     {50, 100, NAN, 100},
		     {60, 120, NAN, 120}};
	uint32_t n;

	(void)state;
	for (size_t i = 0; i < 6 * sizeof(cases) / sizeof(cases[0]); i++) {
		const struct cis_plan_config cfg = config(
			CIS_CLASS_M, cases[i / 6].fnom, cases[i / 6].rate);
		struct cis_plan_point *p =
			points_of(&cfg, CIS_TEST_OUT_OF_BAND, &n);
		double fnom_hz = cases[i / 6].fnom;
		double f_hz =
			fnom_hz + 0.05 * cases[i / 6].rate * ((int)(i % 3) - 1);
		double pm_rad = i % 6 / 3 ? PI / 2 : 0;

		if (!isnan(cases[i / 6].below))
			check_side(p, n, f_hz, pm_rad, 10, cases[i / 6].below);
		check_side(p, n, f_hz, pm_rad, cases[i / 6].above, 2 * fnom_hz);
		for (uint32_t k = 0; k < n; k++) {
			assert_true(fabs(p[k].param - fnom_hz) >=
				    cases[i / 6].rate / 2.0 - 1e-9);
			check_close(p[k].sig.ih, 0.1, 0);
		}
		free(p);
	}
}

/* On the edge the tone turns by half a turn against the carrier from report to
 * report: one of its phases is along the carrier, the other across. */
static void tones_have_two_phases_against_the_carrier(void **state)
{
	uint32_t n, n_edge = 0;
	struct cis_plan_point *p =
		points_at_50(CIS_CLASS_M, CIS_TEST_OUT_OF_BAND, &n);
	struct cis_signal_truth truth;

	(void)state;
	for (uint32_t i = 0; i < n; i++) {
		double across;

		if (p[i].param != 75 || p[i].sig.f_hz != 50)
			continue;
		n_edge++;
		/* At t = 1 s the tone has its phase of t = 0. */
		cis_signal_truth(&p[i].sig, 1, 0, &truth);
		across = sin(carg(truth.phasor_rms[0]) - p[i].sig.angle_rad[0]);
		check_close(fabs(across), p[i].sig.pm_rad != 0, 1e-12);
		check_close(truth.freq_hz, 50, 0);
		check_close(truth.rocof_hz_per_s, 0, 0);
	}
	assert_int_equal(n_edge, 2);
	free(p);
}

/* ---- modulation ---- */

static void check_modulation(enum cis_edition edition, enum cis_test test,
			     double am, double pm)
{
	struct cis_plan_config cfg = config(CIS_CLASS_M, 50, 50);
	struct cis_plan_point *p;
	uint32_t n;

	cfg.criteria.edition = edition;
	p = points_of(&cfg, test, &n);
	check_params(p, n, 0.2);
	for (uint32_t i = 0; i < n; i++) {
		check_close(p[i].sig.am, am, 0);
		check_close(p[i].sig.pm_rad, pm, 0);
		if (am != 0)
			check_close(p[i].sig.am_hz, p[i].param, 0);
		if (pm != 0)
			check_close(p[i].sig.pm_hz, p[i].param, 0);
		/* n reports span n intervals. */
		assert_true(n_counted(&p[i], 50) / 50.0 >=
			    1 / p[i].param - 1e-9);
	}
	free(p);
}

static void modulation_covers_the_range_and_a_period_each(void **state)
{
	(void)state;
	check_modulation(CIS_EDITION_2018, CIS_TEST_MODULATION_AMPLITUDE, 0.1,
			 0);
	check_modulation(CIS_EDITION_2018, CIS_TEST_MODULATION_PHASE, 0, 0.1);
	check_modulation(CIS_EDITION_2011, CIS_TEST_MODULATION_COMBINED, 0.1,
			 0.1);
}

/* ---- ramps ---- */

/* How often each report counts, and that none does too near to a corner. */
static void check_ramp(const struct cis_plan_point *p, double rate,
		       unsigned *times, unsigned n_report)
{
	check_close(p->corner_s[0], p->sig.rocof_s, 0);
	check_close(p->corner_s[1], p->sig.ramp_end_s, 1e-12);
	check_close(p->exclusion_s, 7 / rate, 1e-15);
	for (unsigned k = 0; k < n_report; k++) {
		double near_s = fmin(fabs(k / rate - p->corner_s[0]),
				     fabs(k / rate - p->corner_s[1]));

		if (!cis_plan_counts(p, k / rate))
			continue;
		assert_true(near_s >= 7 / rate - 1e-9);
		times[k]++;
	}
}

/* 2 s, then 10 Hz at 1 Hz/s: corners at 2 and 12 s, reports of 7/60 s on. */
static void ramps_run_both_ways_and_each_report_counts_once(void **state)
{
	const struct cis_plan_config cfg = config(CIS_CLASS_M, 60, 60);
	static unsigned up[15 * 60], down[15 * 60];
	uint32_t n;
	struct cis_plan_point *p = points_of(&cfg, CIS_TEST_FREQUENCY_RAMP, &n);

	(void)state;
	for (uint32_t i = 0; i < n; i++) {
		bool is_up = p[i].sig.rocof_hz_per_s > 0;

		check_close(p[i].sig.rocof_hz_per_s, is_up ? 1 : -1, 0);
		check_close(p[i].sig.f_hz, is_up ? 55 : 65, 0);
		check_close(p[i].sig.f_to_hz, is_up ? 65 : 55, 0);
		assert_true(p[i].param >= 55 && p[i].param <= 65);
		check_ramp(&p[i], 60, is_up ? up : down, 15 * 60);
	}
	for (unsigned k = 0; k < 15 * 60; k++) {
		bool ramp = k >= 120 + 7 && k <= 720 - 7;
		bool hold = (k >= 120 - 12 && k <= 120 - 7) ||
			    (k >= 720 + 7 && k <= 720 + 12);

		assert_int_equal(up[k], ramp || hold);
		assert_int_equal(down[k], ramp || hold);
	}
	free(p);
}

/* ---- steps ---- */

/* Reports of one group, on the axis of the step, 1/(n Fs) apart. */
static void check_group(const struct cis_plan_point *p, unsigned n_repeat,
			double rate, double side_s)
{
	double *t = calloc(100 * n_repeat, sizeof(*t));
	uint32_t n = 0;

	assert_non_null(t);
	for (unsigned i = 0; i < n_repeat; i++) {
		assert_int_equal(p[i].step, p[0].step);
		check_close(p[i].param, p[0].param, 0);
		for (int k = 0; k < 10 * rate; k++)
			if (cis_plan_counts(&p[i], k / rate))
				t[n++] = k / rate - p[i].sig.step_s;
		assert_true(n <= 100 * n_repeat);
	}
	qsort(t, n, sizeof(*t), by_value);
	assert_true(t[0] <= -side_s + 1 / rate && t[n - 1] >= side_s - 1e-9);
	for (uint32_t i = 1; i < n; i++)
		check_close(t[i] - t[i - 1], 1 / (n_repeat * rate), 1e-12);
	free(t);
}

static void check_steps(enum cis_test test, unsigned rate, double side_s)
{
	struct cis_plan_config cfg = config(CIS_CLASS_M, 50, rate);
	struct cis_plan_point *p;
	uint32_t n;

	cfg.repeats = 12;
	p = points_of(&cfg, test, &n);
	assert_int_equal(n, 2 * 12);
	for (uint32_t i = 0; i < n; i++) {
		bool phase = test == CIS_TEST_STEP_PHASE;
		double size = phase ? p[i].sig.step_rad * 180 / PI
				    : p[i].sig.step_mag * 100;

		check_close(p[i].param, i < 12 ? 10 : -10, 0);
		check_close(size, p[i].param, 1e-14);
	}
	assert_int_not_equal(p[0].step, p[12].step);
	check_group(p, 12, rate, side_s);
	check_group(p + 12, 12, rate, side_s);
	free(p);
}

/* Before and after: twice the response time of class M, 7 reports. */
static void steps_interleave_evenly_and_see_the_whole_response(void **state)
{
	(void)state;
	check_steps(CIS_TEST_STEP_MAGNITUDE, 50, 14 / 50.0);
	check_steps(CIS_TEST_STEP_PHASE, 50, 14 / 50.0);
	check_steps(CIS_TEST_STEP_MAGNITUDE, 10, 14 / 10.0);
	check_steps(CIS_TEST_STEP_PHASE, 100, 14 / 50.0);
}

/* ---- latency ---- */

static void latency_is_asked_of_a_thousand_reports(void **state)
{
	uint32_t n;
	struct cis_plan_point *p =
		points_at_50(CIS_CLASS_P, CIS_TEST_REPORTING_LATENCY, &n);

	(void)state;
	assert_int_equal(n, 1);
	assert_int_equal(n_counted(p, 50), 1000);
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
		cmocka_unit_test(
			tones_stay_out_of_the_band_and_begin_at_its_edge),
		cmocka_unit_test(tones_have_two_phases_against_the_carrier),
		cmocka_unit_test(modulation_covers_the_range_and_a_period_each),
		cmocka_unit_test(
			ramps_run_both_ways_and_each_report_counts_once),
		cmocka_unit_test(
			steps_interleave_evenly_and_see_the_whole_response),
		cmocka_unit_test(latency_is_asked_of_a_thousand_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_plan_dynamic.c - points with tones, modulation, ramps and steps.
 * Conditions and ranges: docs/limits.md.
 */
#include "plan_points.h"

#define PI 3.141592653589793238463

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

/*
 * test_judge_limits.c - the limits follow the closed forms of docs/limits.md.
 *
 * The forms are written out here once more. The table gives them rounded as its
 * sources do: times to four significant digits, the FE of modulation to two
 * decimals, its RFE to one below 10 Hz/s and to two significant digits above.
 */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "cisoid/judge.h"

#define PI 3.141592653589793238463

/* ---- the closed forms ---- */

struct form {
	bool m;
	double f0, fs;
	enum cis_edition edition;
};

static double range_hz(const struct form *x)
{
	if (!x->m || x->fs < 10)
		return 2;
	return x->fs < 25 ? x->fs / 5 : 5;
}

static double modulation_hz(const struct form *x)
{
	return x->m ? fmin(x->fs / 5, 5) : fmin(x->fs / 10, 2);
}

static void steady(const struct form *x, struct cis_limit *e)
{
	e->tve_pct = 1;
	e->fe_hz = 0.005;
	e->rfe_hz_per_s = x->m ? 0.1 : 0.4;
}

static void sweep(struct cis_limit *e, double min, double max, double level)
{
	e->param_min = min;
	e->param_max = max;
	e->level = level;
}

static void modulation(const struct form *x, struct cis_limit *e)
{
	double fr = modulation_hz(x);

	sweep(e, 0.1, fr, 10);
	e->tve_pct = 3;
	e->fe_hz = (x->m ? 0.06 : 0.03) * fr;
	e->rfe_hz_per_s = 0.18 * PI * fr * fr;
}

static void ramp(const struct form *x, struct cis_limit *e)
{
	double half = x->m ? fmin(x->fs / 5, 5) : 2;

	sweep(e, x->f0 - half, x->f0 + half, 1);
	e->tve_pct = 1;
	e->fe_hz = 0.01;
	e->rfe_hz_per_s = x->m ? 0.2 : 0.4;
	e->exclusion_s = (x->m ? 7 : 2) / x->fs;
}

static void step(const struct form *x, struct cis_limit *e)
{
	double slowest = fmin(x->f0, x->fs);

	steady(x, e);
	sweep(e, -10, 10, 10);
	e->resp_tve_s = x->m ? 7 / slowest : 2 / x->f0;
	e->resp_fe_s = x->m ? 14 / slowest : 4.5 / x->f0;
	e->resp_rfe_s = x->m ? 14 / slowest : 6 / x->f0;
	e->delay_s = 1 / (4 * x->fs);
	e->overshoot_pct = x->m ? 10 : 5;
}

static void harmonic(const struct form *x, struct cis_limit *e)
{
	steady(x, e);
	sweep(e, 2, 50, x->m ? 10 : 1);
	if (x->m) {
		e->fe_hz = x->fs <= 20 ? 0.005 : 0.025;
		e->rfe_hz_per_s = NAN;
	}
}

static void magnitude(const struct form *x, bool current, struct cis_limit *e)
{
	if (current) {
		sweep(e, 10, 200, NAN);
		e->tve_pct = 1;
		return;
	}
	steady(x, e);
	sweep(e, x->m ? 10 : 80, 120, NAN);
}

static void other(const struct form *x, enum cis_test test, struct cis_limit *e)
{
	if (test == CIS_TEST_STEADY_FREQUENCY) {
		steady(x, e);
		sweep(e, x->f0 - range_hz(x), x->f0 + range_hz(x), 100);
	} else if (test == CIS_TEST_STEADY_PHASE) {
		sweep(e, -180, 180, NAN);
		e->tve_pct = 1;
	} else if (test == CIS_TEST_OUT_OF_BAND) {
		sweep(e, 10, 2 * x->f0, 10);
		e->tve_pct = 1.3;
		e->fe_hz = 0.01;
	} else {
		double n = x->edition == CIS_EDITION_2018 ? 7 : 5;

		assert_int_equal(test, CIS_TEST_REPORTING_LATENCY);
		e->latency_s = (x->m ? n : 2) / x->fs;
	}
}

static struct cis_limit expected(const struct form *x, enum cis_test test)
{
	struct cis_limit e = {0};

	sweep(&e, NAN, NAN, NAN);
	e.tve_pct = e.fe_hz = e.rfe_hz_per_s = NAN;
	e.resp_tve_s = e.resp_fe_s = e.resp_rfe_s = e.delay_s = NAN;
	e.overshoot_pct = e.latency_s = e.exclusion_s = NAN;
	switch (test) {
	case CIS_TEST_STEADY_MAGNITUDE_VOLTAGE:
	case CIS_TEST_STEADY_MAGNITUDE_CURRENT:
		magnitude(x, test == CIS_TEST_STEADY_MAGNITUDE_CURRENT, &e);
		break;
	case CIS_TEST_HARMONIC:
		harmonic(x, &e);
		break;
	case CIS_TEST_MODULATION_AMPLITUDE:
	case CIS_TEST_MODULATION_PHASE:
		modulation(x, &e);
		break;
	case CIS_TEST_FREQUENCY_RAMP:
		ramp(x, &e);
		break;
	case CIS_TEST_STEP_MAGNITUDE:
	case CIS_TEST_STEP_PHASE:
		step(x, &e);
		break;
	default:
		other(x, test, &e);
	}
	return e;
}

/* ---- the table ---- */

static void check_cell(double cell, double form, double tol)
{
	if (isnan(form))
		assert_true(isnan(cell));
	else
		check_close(cell, form, tol + 1e-12);
}

/* Half of the fourth significant digit. */
static void check_time(double cell, double form_s)
{
	double tol =
		isnan(form_s) ? 0 : 0.5 * pow(10, floor(log10(form_s)) - 3);

	check_cell(cell, form_s, tol);
}

static void check_row(const struct cis_limit *l)
{
	const struct form x = {l->criteria.perf_class == CIS_CLASS_M,
			       l->criteria.fnom_hz, l->criteria.report_rate,
			       l->criteria.edition};
	struct cis_limit e = expected(&x, l->test);
	bool mod = l->test == CIS_TEST_MODULATION_AMPLITUDE ||
		   l->test == CIS_TEST_MODULATION_PHASE;
	double rfe_tol = e.rfe_hz_per_s < 10 ? 0.05 : 0.5;

	check_cell(l->param_min, e.param_min, 0);
	check_cell(l->param_max, e.param_max, 0);
	check_cell(l->level, e.level, 0);
	check_cell(l->tve_pct, e.tve_pct, 0);
	check_cell(l->fe_hz, e.fe_hz, mod ? 0.005 : 0);
	check_cell(l->rfe_hz_per_s, e.rfe_hz_per_s, mod ? rfe_tol : 0);
	check_time(l->resp_tve_s, e.resp_tve_s);
	check_time(l->resp_fe_s, e.resp_fe_s);
	check_time(l->resp_rfe_s, e.resp_rfe_s);
	check_time(l->delay_s, e.delay_s);
	check_cell(l->overshoot_pct, e.overshoot_pct, 0);
	check_time(l->latency_s, e.latency_s);
	check_time(l->exclusion_s, e.exclusion_s);
}

static void limits_of_2014_and_2018_follow_the_closed_forms(void **state)
{
	const struct cis_limit *all;
	uint32_t n, n_checked = 0;

	(void)state;
	all = cis_limit_all(&n);
	for (uint32_t i = 0; i < n; i++) {
		if (all[i].criteria.edition == CIS_EDITION_2011)
			continue;
		check_row(&all[i]);
		n_checked++;
	}
	/* Two editions, eleven rates, eleven tests of P and twelve of M. */
	assert_int_equal(n_checked, 2 * 11 * (11 + 12));
}

/* ---- lookup ---- */

static const struct rates {
	unsigned fnom_hz, rate[8];
} rates[] = {
	{50, {10, 25, 50, 100, 0}},
	{60, {10, 12, 15, 20, 30, 60, 120, 0}},
};

static bool is_in_edition(const struct cis_criteria *c, enum cis_test test)
{
	bool first = c->edition == CIS_EDITION_2011;

	if (test == CIS_TEST_OUT_OF_BAND)
		return c->perf_class == CIS_CLASS_M;
	if (test == CIS_TEST_MODULATION_AMPLITUDE)
		return !first;
	return test != CIS_TEST_MODULATION_COMBINED || first;
}

static unsigned find_all(const struct cis_criteria *c)
{
	unsigned n = 0;

	assert_int_equal(cis_criteria_check(c, NULL), 0);
	for (int t = 0; t < CIS_N_TEST; t++) {
		enum cis_test test = (enum cis_test)t;
		const struct cis_limit *l = cis_limit_find(c, test);

		assert_int_equal(l != NULL, is_in_edition(c, test));
		if (!l)
			continue;
		n++;
		assert_int_equal(l->test, test);
		assert_memory_equal(&l->criteria, c, sizeof(*c));
	}
	return n;
}

static void every_row_is_found_by_its_criteria(void **state)
{
	unsigned n = 0;
	uint32_t n_all;

	(void)state;
	for (int edition = 0; edition < 3; edition++) {
		for (unsigned i = 0; i < 2 * 2 * 8; i++) {
			const struct rates *r = &rates[i / 16];
			struct cis_criteria c = {(enum cis_edition)edition,
						 (enum cis_class)(i / 8 % 2),
						 r->fnom_hz, r->rate[i % 8]};

			if (c.report_rate)
				n += find_all(&c);
		}
	}
	(void)cis_limit_all(&n_all);
	assert_int_equal(n, n_all);
	assert_int_equal(n, 759);
}

static void other_rates_are_refused_with_those_there_are(void **state)
{
	const struct cis_criteria c = {CIS_EDITION_2018, CIS_CLASS_M, 60, 50};
	struct cis_diag diag;

	(void)state;
	assert_int_equal(cis_criteria_check(&c, &diag), -EINVAL);
	assert_string_equal(diag.msg,
			    "IEC/IEEE 60255-118-1:2018 has no limits for 50 "
			    "reports/s at 60 Hz; it has 10, 12, 15, 20, 30, "
			    "60, 120");
	assert_null(cis_limit_find(&c, CIS_TEST_STEADY_FREQUENCY));
}

static void other_frequencies_are_refused(void **state)
{
	const struct cis_criteria c = {CIS_EDITION_2014, CIS_CLASS_P, 400, 50};
	struct cis_diag diag;

	(void)state;
	assert_int_equal(cis_criteria_check(&c, &diag), -EINVAL);
	assert_non_null(strstr(diag.msg, "400 Hz"));
	assert_non_null(strstr(diag.msg, "50 or 60"));
}

static void tests_are_known_by_their_names(void **state)
{
	enum cis_test test;

	(void)state;
	for (int t = 0; t < CIS_N_TEST; t++) {
		const char *name = cis_test_name((enum cis_test)t);

		assert_int_equal(cis_test_parse(name, &test, NULL), 0);
		assert_int_equal(test, t);
	}
}

static void editions_are_known_by_their_years(void **state)
{
	enum cis_edition edition = CIS_EDITION_2011;

	(void)state;
	assert_int_equal(cis_edition_parse("2014:m", 4, &edition), 0);
	assert_int_equal(edition, CIS_EDITION_2014);
	assert_string_equal(cis_edition_name(CIS_EDITION_2018), "2018");
	assert_int_equal(cis_edition_parse("2018", 3, &edition), -EINVAL);
	assert_int_equal(cis_edition_parse("2005", 4, &edition), -EINVAL);
	assert_int_equal(cis_edition_parse("", 0, &edition), -EINVAL);
	assert_int_equal(edition, CIS_EDITION_2014);
}

static void an_unknown_test_is_refused_with_a_suggestion(void **state)
{
	struct cis_diag diag;
	enum cis_test test = CIS_TEST_HARMONIC;

	(void)state;
	assert_int_equal(cis_test_parse("harmonics", &test, &diag), -EINVAL);
	assert_non_null(strstr(diag.msg, "did you mean harmonic?"));
	assert_int_equal(cis_test_parse("", &test, &diag), -EINVAL);
	assert_non_null(strstr(diag.msg, "reporting_latency"));
	assert_int_equal(test, CIS_TEST_HARMONIC);
}

static void intervals_are_whole_reports_again(void **state)
{
	const struct cis_criteria c = {CIS_EDITION_2018, CIS_CLASS_P, 60, 60};
	const struct cis_limit *l;

	(void)state;
	l = cis_limit_find(&c, CIS_TEST_REPORTING_LATENCY);
	check_close(cis_limit_unrounded_s(l, l->latency_s), 2 / 60.0, 1e-16);
	assert_true(isnan(cis_limit_unrounded_s(l, l->exclusion_s)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			limits_of_2014_and_2018_follow_the_closed_forms),
		cmocka_unit_test(every_row_is_found_by_its_criteria),
		cmocka_unit_test(other_rates_are_refused_with_those_there_are),
		cmocka_unit_test(other_frequencies_are_refused),
		cmocka_unit_test(tests_are_known_by_their_names),
		cmocka_unit_test(editions_are_known_by_their_years),
		cmocka_unit_test(an_unknown_test_is_refused_with_a_suggestion),
		cmocka_unit_test(intervals_are_whole_reports_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_compare.c - known errors are found as they are; verdicts follow their
 * rule. */
#include <errno.h>

#include "compare_run.h"

#define DEG (3.141592653589793238463 / 180)

/* Roundings of phasors and of angles near pi, in the units of the figure. */
#define ROUNDING_PCT 1e-12
#define ROUNDING_RAD 2e-15

/* ---- errors ---- */

/* TVE by |r exp(j phi) - 1|; a PMU that samples late sees a later angle. */
static void known_errors_are_found_as_they_are(void **state)
{
	struct bench *b = bench_new("VA=VA,IC=IC");
	double phi = 0.1 * DEG + 2 * 180 * DEG * 50.5 * 100e-6;
	double tve = 100 * cabs(1.003 * CMPLX(cos(phi), sin(phi)) - 1);

	(void)state;
	bench_compare(b, "f=50.5", "f=50.5 err_pct=0.3 err_deg=0.1 err_us=100",
		      200);
	for (uint32_t i = 0; i < 2; i++) {
		const struct cis_error_stat *s = bench_chan(b, i, CIS_ERR_TVE);

		assert_int_equal(s->n, 200);
		assert_int_equal(s->n_missing, 0);
		check_close(s->max_abs, tve, ROUNDING_PCT);
		check_close(bench_chan(b, i, CIS_ERR_MAG)->mean, 0.3,
			    ROUNDING_PCT);
		check_close(bench_chan(b, i, CIS_ERR_MAG)->sigma, 0,
			    ROUNDING_PCT);
		check_close(bench_chan(b, i, CIS_ERR_PHASE)->mean, phi,
			    ROUNDING_RAD);
		check_close(bench_chan(b, i, CIS_ERR_DELAY)->mean,
			    phi / (360 * DEG * 50.5), ROUNDING_RAD / 300);
	}
	check_close(cis_tally_pmu(b->tally, CIS_ERR_FE)->max_abs, 0, 1e-13);
	assert_int_equal(cis_tally_pmu(b->tally, CIS_ERR_LATENCY)->n, 0);
	bench_free(b);
}

static void errors_are_signed_and_the_worst_has_its_date(void **state)
{
	static const double x[] = {0.1, -0.5, 0.3, NAN, 0.2};
	struct cis_error_stat s = {0};

	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		cis_error_add(&s, x[i], 0.01 * (1 + i), instant_of(50, i));
	assert_int_equal(s.n, 4);
	assert_int_equal(s.n_missing, 1);
	check_close(s.max_abs, 0.5, 0);
	check_close(s.max, 0.3, 0);
	check_close(s.min, -0.5, 0);
	check_close(s.mean, 0.025, 1e-16);
	/* sum of squares .39, less 4 times .025 squared, over 3 */
	check_close(s.sigma, sqrt((0.39 - 4 * 0.000625) / 3), 1e-15);
	assert_int_equal(s.worst.k, 1);
	check_close(s.u_worst, 0.02, 0);
	check_close(s.upper, 0.52, 1e-16);
	check_close(s.lower, 0.48, 1e-16);
}

static void half_a_turn_has_a_mean(void **state)
{
	struct bench *b = bench_new("VA=VA");

	(void)state;
	bench_compare(b, "f=50.3", "f=50.3 v_deg=180 deg_noise=0.5", 400);
	/* 5 standard errors of 0.5 degree over 400 reports. */
	check_close(fabs(bench_chan(b, 0, CIS_ERR_PHASE)->mean), 180 * DEG,
		    5 * 0.5 * DEG / 20);
	assert_true(bench_chan(b, 0, CIS_ERR_PHASE)->sigma < 1 * DEG);
	bench_free(b);
}

static void a_zero_reference_and_nothing_of_the_pmu_are_missing(void **state)
{
	struct bench *b = bench_new("VA=VA,VB=VB");
	struct cis_report *rep = blank_report(instant_of(50, 0));

	(void)state;
	bench_begin(b);
	rep->n_chan = rep->n_phasor = 2;
	rep->freq_hz = 50;
	for (uint64_t i = 0; i < 10; i++) {
		rep->at = instant_of(50, i);
		rep->phasor_rms[0] = 0;
		rep->phasor_rms[1] = 120;
		bench_put(b, CIS_REF, rep, NULL);
		rep->phasor_rms[0] = 120;
		rep->phasor_rms[1] = CMPLX(NAN, NAN);
		bench_put(b, CIS_DUT, rep, NULL);
	}
	bench_end(b);
	assert_int_equal(bench_chan(b, 0, CIS_ERR_TVE)->n, 0);
	assert_int_equal(bench_chan(b, 0, CIS_ERR_TVE)->n_missing, 10);
	assert_int_equal(bench_chan(b, 1, CIS_ERR_TVE)->n_missing, 10);
	assert_int_equal(cis_tally_count(b->tally)->judged, 10);
	free(rep);
	bench_free(b);
}

/* ---- hostile ---- */

static void time_that_goes_back_is_survived(void **state)
{
	struct cis_signal sig = signal_of("f=50");
	struct cis_report *rep = blank_report(instant_of(50, 0));
	struct bench *b = bench_new("VA=VA");

	(void)state;
	bench_begin(b);
	for (uint64_t i = 0; i < 200; i++) {
		cis_signal_report(&sig, 1, T0_S, instant_of(50, i), i, rep);
		rep->at.tai_s -= i >= 100 ? 7200 : 0;
		bench_put(b, CIS_REF, rep, NULL);
		bench_put(b, CIS_DUT, rep, NULL);
	}
	bench_end(b);
	assert_true(cis_tally_count(b->tally)->judged > 150);
	check_close(bench_chan(b, 0, CIS_ERR_TVE)->max_abs, 0, 0);
	bench_free(b);
	free(rep);
}

/* ---- uncertainty ---- */

/* u_mag 1e-4, u_phase 2e-4 rad and 1 us of 50 Hz: k = 2 of each. */
static void uncertainty_comes_from_the_reports(void **state)
{
	struct cis_report *rep = blank_report(instant_of(50, 0));
	struct bench *b = bench_new("VA=VA,VA-VB=VB");
	double time = 2 * 180 * DEG * 50 * 1e-6;
	double phase = hypot(2e-4, time);

	(void)state;
	bench_begin(b);
	rep->n_chan = rep->n_phasor = 2;
	rep->freq_hz = 50;
	rep->u_freq_hz = 1e-3;
	rep->time_quality.unc_s = 1e-6;
	for (int i = 0; i < 2; i++) {
		rep->phasor_rms[i] =
			120 * CMPLX(cos(i * 120 * DEG), -sin(i * 120 * DEG));
		rep->fit[i].u_mag = 1e-4;
		rep->fit[i].u_phase_rad = 2e-4;
	}
	bench_put(b, CIS_REF, rep, NULL);
	bench_put(b, CIS_DUT, rep, NULL);
	bench_end(b);
	check_close(bench_chan(b, 0, CIS_ERR_MAG)->u_worst, 100 * 2e-4, 1e-15);
	check_close(bench_chan(b, 0, CIS_ERR_PHASE)->u_worst, 2 * phase, 1e-17);
	check_close(bench_chan(b, 0, CIS_ERR_TVE)->u_worst,
		    200 * hypot(1e-4, phase), 1e-15);
	check_close(cis_tally_pmu(b->tally, CIS_ERR_FE)->u_worst, 2e-3, 1e-17);
	assert_true(isnan(cis_tally_pmu(b->tally, CIS_ERR_RFE)->upper));
	/*
	 * Line to line: each is turned by 30 degrees and 1/sqrt(3) of it. The
	 * squares of the radial parts: 2 (cos^2 m^2 + sin^2 p^2) / 3.
	 */
	check_close(bench_chan(b, 1, CIS_ERR_MAG)->u_worst,
		    200 * sqrt(2 * (0.75 * 1e-8 + 0.25 * 4e-8) / 3), 1e-15);
	free(rep);
	bench_free(b);
}

static void a_sequence_is_as_uncertain_as_its_phases(void **state)
{
	struct cis_signal sig = signal_of("f=50");
	struct cis_report *rep = blank_report(instant_of(50, 0));
	struct bench *b = bench_new("V+=V+");

	(void)state;
	bench_begin(b);
	cis_signal_report(&sig, 1, T0_S, instant_of(50, 0), 0, rep);
	for (int i = 0; i < 6; i++)
		rep->fit[i].u_mag = 1e-4;
	bench_put(b, CIS_REF, rep, NULL);
	bench_put(b, CIS_DUT, rep, NULL);
	bench_end(b);
	check_close(bench_chan(b, 0, CIS_ERR_MAG)->u_worst, 0.02, 1e-12);
	free(rep);
	bench_free(b);
}

static void given_uncertainties_replace_those_of_the_reports(void **state)
{
	struct bench *b = bench_new("VA=VA");
	struct cis_diag diag = {""};

	(void)state;
	assert_int_equal(
		cis_unc_parse("tve=0.05,rfe=0.1,pe=1", &b->cfg.given, &diag),
		0);
	assert_true(isnan(b->cfg.given.fe_hz));
	bench_compare(b, "f=50", "err_pct=0.3", 10);
	check_close(bench_chan(b, 0, CIS_ERR_TVE)->u_worst, 0.05, 0);
	check_close(bench_chan(b, 0, CIS_ERR_PHASE)->u_worst, DEG, 1e-17);
	check_close(cis_tally_pmu(b->tally, CIS_ERR_RFE)->u_worst, 0.1, 0);
	bench_free(b);
}

static void nonsense_uncertainties_are_refused(void **state)
{
	static const char *const bad[] = {
		"",        "tve",     "tve=",  "tve=x",       "tve=-1",
		"tve=nan", "tve=inf", "foo=1", "tve=1,tve=2", "tve=1x"};
	struct cis_unc u;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cis_diag diag = {""};

		assert_int_equal(cis_unc_parse(bad[i], &u, &diag), -EINVAL);
		assert_true(strlen(diag.msg) > 0);
	}
}

/* ---- verdicts ---- */

static struct cis_ruling decide(double x, double u, double limit,
				enum cis_confidence confidence,
				enum cis_rule rule)
{
	struct cis_error_stat s = {0};
	struct cis_ruling r;

	cis_error_add(&s, x, u, instant_of(50, 0));
	cis_decide(&s, limit, confidence, rule, &r);
	return r;
}

static void verdicts_follow_their_rule(void **state)
{
	static const struct {
		double x, u, limit;
		enum cis_confidence confidence;
		enum cis_rule rule;
		enum cis_decision decision;
	} cases[] = {
		{0.8, 0.2, 1, CIS_CONF_HIGH, CIS_RULE_AUTO, CIS_DECIDE_PASS},
		{-0.9, 0.2, 1, CIS_CONF_HIGH, CIS_RULE_AUTO,
		 CIS_DECIDE_INDETERMINATE},
		{1.1, 0.2, 1, CIS_CONF_HIGH, CIS_RULE_AUTO,
		 CIS_DECIDE_INDETERMINATE},
		{-1.3, 0.2, 1, CIS_CONF_HIGH, CIS_RULE_AUTO, CIS_DECIDE_FAIL},
		{1.3, 0.2, 1, CIS_CONF_LOW, CIS_RULE_AUTO,
		 CIS_DECIDE_INDETERMINATE},
		{0.3, 0.2, 1, CIS_CONF_LOW, CIS_RULE_AUTO, CIS_DECIDE_PASS},
		{0.9, NAN, 1, CIS_CONF_HIGH, CIS_RULE_AUTO, CIS_DECIDE_PASS},
		{1.1, NAN, 1, CIS_CONF_HIGH, CIS_RULE_AUTO, CIS_DECIDE_FAIL},
		{0.1, NAN, 1, CIS_CONF_HIGH, CIS_RULE_GUARD_BAND,
		 CIS_DECIDE_INDETERMINATE},
		{9, NAN, 1, CIS_CONF_HIGH, CIS_RULE_GUARD_BAND,
		 CIS_DECIDE_INDETERMINATE},
		{1.0, 0.2, 1, CIS_CONF_HIGH, CIS_RULE_SIMPLE, CIS_DECIDE_PASS},
		{1.1, 0.2, 1, CIS_CONF_HIGH, CIS_RULE_SIMPLE, CIS_DECIDE_FAIL},
		{1.1, 0.2, NAN, CIS_CONF_HIGH, CIS_RULE_AUTO, CIS_DECIDE_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_ruling r =
			decide(cases[i].x, cases[i].u, cases[i].limit,
			       cases[i].confidence, cases[i].rule);

		assert_int_equal(r.decision, cases[i].decision);
		assert_true(r.rule != CIS_RULE_AUTO || isnan(r.limit));
	}
}

static void an_unverified_limit_is_called_so(void **state)
{
	static const struct {
		double x, u;
		const char *why;
	} cases[] = {
		{0.3, 0.2, "unverified limit"},
		{0.3, NAN, "simple acceptance, U unknown, unverified limit"},
		{1.3, 0.2, "above an unverified limit"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(decide(cases[i].x, cases[i].u, 1,
					   CIS_CONF_LOW, CIS_RULE_AUTO)
					    .why,
				    cases[i].why);
	assert_string_equal(
		decide(0.3, 0.2, 1, CIS_CONF_MEDIUM, CIS_RULE_AUTO).why, "");
}

static struct cis_ruling judge_latency(double latency_s)
{
	const struct cis_criteria c = {CIS_EDITION_2018, CIS_CLASS_P, 50, 50};
	const struct cis_arrival a = {latency_s, NAN, -1};
	struct cis_signal sig = signal_of("f=50");
	struct cis_report *rep = blank_report(instant_of(50, 0));
	struct cis_judgement *j = calloc(1, sizeof(*j));
	struct bench *b = bench_new("VA=VA");
	struct cis_ruling r;
	struct cis_diag diag;

	assert_non_null(j);
	bench_begin(b);
	for (uint64_t i = 0; i < 20; i++) {
		cis_signal_report(&sig, 1, T0_S, instant_of(50, i), i, rep);
		bench_put(b, CIS_REF, rep, NULL);
		bench_put(b, CIS_DUT, rep, &a);
	}
	bench_end(b);
	assert_int_equal(
		cis_tally_decide(b->tally,
				 cis_limit_find(&c, CIS_TEST_REPORTING_LATENCY),
				 CIS_RULE_AUTO, j, &diag),
		0);
	r = j->latency;
	assert_int_equal(j->overall.decision, r.decision);
	free(j);
	free(rep);
	bench_free(b);
	return r;
}

/* Class P: two reports, 0.04 s. Nobody knows how well arrivals are dated. */
static void a_latency_is_judged_without_its_uncertainty(void **state)
{
	struct cis_ruling r = judge_latency(0.03);

	(void)state;
	assert_int_equal(r.decision, CIS_DECIDE_PASS);
	assert_true(isnan(r.u));
	assert_int_equal(r.rule, CIS_RULE_SIMPLE);
	assert_non_null(strstr(r.why, "simple acceptance, U unknown"));
	assert_int_equal(judge_latency(0.05).decision, CIS_DECIDE_FAIL);
	r = judge_latency(0);
	assert_int_equal(r.decision, CIS_DECIDE_INDETERMINATE);
	assert_non_null(strstr(r.why, "no times of arrival"));
}

static void judge_all(const char *dut, uint32_t dut_flags,
		      enum cis_decision expected)
{
	const struct cis_criteria c = {CIS_EDITION_2018, CIS_CLASS_M, 50, 50};
	struct cis_signal r = signal_of("f=50"), d = signal_of(dut);
	struct cis_report *rep = blank_report(instant_of(50, 0));
	struct cis_judgement *j = calloc(1, sizeof(*j));
	struct bench *b = bench_new("VA=VA,VB=VB");
	struct cis_diag diag;

	assert_non_null(j);
	assert_int_equal(cis_unc_parse("tve=0.05,fe=0.0001,rfe=0.001",
				       &b->cfg.given, &diag),
			 0);
	bench_begin(b);
	for (uint64_t i = 0; i < 50; i++) {
		cis_signal_report(&r, 1, T0_S, instant_of(50, i), i, rep);
		bench_put(b, CIS_REF, rep, NULL);
		cis_signal_report(&d, 2, T0_S, instant_of(50, i), i, rep);
		rep->flags = i == 7 ? dut_flags : 0;
		bench_put(b, CIS_DUT, rep, NULL);
	}
	bench_end(b);
	assert_int_equal(
		cis_tally_decide(b->tally,
				 cis_limit_find(&c, CIS_TEST_STEADY_FREQUENCY),
				 CIS_RULE_AUTO, j, &diag),
		0);
	assert_int_equal(j->overall.decision, expected);
	assert_true(expected == CIS_DECIDE_PASS || j->overall.why[0]);
	assert_int_equal(
		cis_tally_decide(b->tally,
				 cis_limit_find(&c, CIS_TEST_STEP_PHASE),
				 CIS_RULE_AUTO, j, &diag),
		-EINVAL);
	free(j);
	free(rep);
	bench_free(b);
}

static void the_whole_is_as_good_as_its_worst(void **state)
{
	(void)state;
	judge_all("err_pct=0.3", 0, CIS_DECIDE_PASS);
	judge_all("err_pct=0.98", 0, CIS_DECIDE_INDETERMINATE);
	judge_all("err_pct=1.1", 0, CIS_DECIDE_FAIL);
	judge_all("f=50.006", 0, CIS_DECIDE_FAIL);
	judge_all("err_pct=0.3", CIS_REPORT_UNSYNC, CIS_DECIDE_INDETERMINATE);
	judge_all("err_pct=1.1", CIS_REPORT_UNSYNC, CIS_DECIDE_FAIL);
}

static void what_was_guessed_neither_passes_nor_fails(void **state)
{
	static const char *const dut[] = {"err_pct=0.3", "err_pct=5"};
	const struct cis_criteria c = {CIS_EDITION_2018, CIS_CLASS_M, 50, 50};
	struct cis_judgement *j = calloc(1, sizeof(*j));
	struct cis_diag diag;

	(void)state;
	assert_non_null(j);
	for (size_t i = 0; i < 2; i++) {
		struct bench *b = bench_new("VA=VA");

		b->map.match[0].doubt = CIS_MATCH_RATIO_GUESSED;
		bench_compare(b, "f=50", dut[i], 10);
		assert_int_equal(
			cis_tally_decide(
				b->tally,
				cis_limit_find(&c, CIS_TEST_STEADY_FREQUENCY),
				CIS_RULE_AUTO, j, &diag),
			0);
		assert_int_equal(j->overall.decision, CIS_DECIDE_INDETERMINATE);
		assert_non_null(strstr(j->overall.why, "guess"));
		bench_free(b);
	}
	free(j);
}

static void nothing_judged_does_not_pass(void **state)
{
	const struct cis_criteria c = {CIS_EDITION_2018, CIS_CLASS_M, 50, 50};
	struct cis_judgement *j = calloc(1, sizeof(*j));
	struct bench *b = bench_new("VA=VA");
	struct cis_diag diag;

	(void)state;
	assert_non_null(j);
	bench_begin(b);
	bench_end(b);
	assert_int_equal(
		cis_tally_decide(b->tally,
				 cis_limit_find(&c, CIS_TEST_STEADY_FREQUENCY),
				 CIS_RULE_AUTO, j, &diag),
		0);
	assert_int_equal(j->overall.decision, CIS_DECIDE_INDETERMINATE);
	free(j);
	bench_free(b);
}

static void nonsense_is_refused(void **state)
{
	static const struct {
		uint32_t n;
		double fnom_hz, half_s;
	} bad[] = {{0, 50, 0},   {1, 0, 0},  {1, NAN, 0},
		   {1, 50, NAN}, {1, 50, 3}, {1, 50, -1}};
	struct cis_match_map *map = calloc(1, sizeof(*map));

	(void)state;
	assert_non_null(map);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct cis_tally_config cfg = {.map = map,
						     .fnom_hz = bad[i].fnom_hz,
						     .half_window_s =
							     bad[i].half_s};
		struct cis_tally *t = NULL;
		struct cis_diag diag = {""};

		map->n = bad[i].n;
		assert_int_equal(cis_tally_new(&cfg, &t, &diag), -EINVAL);
		assert_true(strlen(diag.msg) > 0);
	}
	free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_errors_are_found_as_they_are),
		cmocka_unit_test(errors_are_signed_and_the_worst_has_its_date),
		cmocka_unit_test(half_a_turn_has_a_mean),
		cmocka_unit_test(
			a_zero_reference_and_nothing_of_the_pmu_are_missing),
		cmocka_unit_test(time_that_goes_back_is_survived),
		cmocka_unit_test(uncertainty_comes_from_the_reports),
		cmocka_unit_test(a_sequence_is_as_uncertain_as_its_phases),
		cmocka_unit_test(
			given_uncertainties_replace_those_of_the_reports),
		cmocka_unit_test(nonsense_uncertainties_are_refused),
		cmocka_unit_test(verdicts_follow_their_rule),
		cmocka_unit_test(an_unverified_limit_is_called_so),
		cmocka_unit_test(a_latency_is_judged_without_its_uncertainty),
		cmocka_unit_test(the_whole_is_as_good_as_its_worst),
		cmocka_unit_test(what_was_guessed_neither_passes_nor_fails),
		cmocka_unit_test(nothing_judged_does_not_pass),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

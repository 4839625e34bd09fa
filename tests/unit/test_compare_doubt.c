/* test_compare_doubt.c - what carries a doubt is not judged, and said; where its
 * values exist they are measured all the same, apart from the judged ones. */
#include "compare_run.h"

#define DEG (3.141592653589793238463 / 180)

/* Roundings of phasors, %. */
#define ROUNDING_PCT 1e-12

#define UNSYNC CIS_REPORT_UNSYNC

/* What both sides say of a report; STAT -1: nothing. */
struct mood {
	uint32_t flags[CIS_N_SIDE];
	int stat[CIS_N_SIDE];
};

static const struct mood good = {{0, 0}, {-1, -1}};

static void put_pair(struct bench *b, const struct cis_signal sig[CIS_N_SIDE],
		     uint64_t i, const struct mood *mood)
{
	struct cis_report *rep = blank_report(instant_of(50, i));

	for (int s = 0; s < CIS_N_SIDE; s++) {
		const struct cis_arrival a = {0.01, NAN, mood->stat[s]};

		cis_signal_report(&sig[s], 1, T0_S, instant_of(50, i), i, rep);
		rep->flags = mood->flags[s];
		bench_put(b, (enum cis_side)s, rep, &a);
	}
	free(rep);
}

/* n reports; those from `first` to before `end` have the mood. */
static void run(struct bench *b, const char *ref, const char *dut, uint64_t n,
		const uint64_t span[2], const struct mood *mood)
{
	const struct cis_signal sig[] = {signal_of(ref), signal_of(dut)};

	bench_begin(b);
	for (uint64_t i = 0; i < n; i++)
		put_pair(b, sig, i, i >= span[0] && i < span[1] ? mood : &good);
	bench_end(b);
}

static const struct cis_error_stat *tve(const struct bench *b)
{
	return cis_tally_chan(b->tally, 0, CIS_ERR_TVE);
}

static const struct cis_error_stat *doubtful_tve(const struct bench *b)
{
	return cis_tally_doubtful_chan(b->tally, 0, CIS_ERR_TVE);
}

static void what_is_flagged_is_counted_and_not_judged(void **state)
{
	static const struct {
		struct mood mood;
		enum cis_side whose;
		unsigned doubt; /* number of the bit */
		unsigned doubtful, untimed;
	} cases[] = {
		{{{0, UNSYNC}, {-1, -1}}, CIS_DUT, 4, 1, 1},
		{{{0, CIS_REPORT_NOFIT}, {-1, 0x4000}}, CIS_DUT, 3, 1, 0},
		{{{0, CIS_REPORT_NOFIT}, {-1, 0x8000}}, CIS_DUT, 5, 1, 0},
		{{{0, 0}, {-1, 0x1000}}, CIS_DUT, 6, 1, 1},
		{{{0, CIS_REPORT_NOSIGNAL}, {-1, -1}}, CIS_DUT, 2, 1, 0},
		{{{UNSYNC, 0}, {-1, -1}}, CIS_REF, 4, 1, 0},
		{{{CIS_REPORT_NOFIT, 0}, {0x8000, -1}}, CIS_REF, 5, 1, 0},
		{{{0, 0}, {0x1000, -1}}, CIS_REF, 6, 1, 0},
		{{{CIS_REPORT_GAP, 0}, {-1, -1}}, CIS_REF, 0, 0, 0},
		{{{CIS_REPORT_CLIP, 0}, {-1, -1}}, CIS_REF, 1, 0, 0},
		{{{CIS_REPORT_NOSIGNAL, 0}, {-1, -1}}, CIS_REF, 2, 0, 0},
		{{{CIS_REPORT_NOFIT, 0}, {0x4000, -1}}, CIS_REF, 3, 0, 0},
		{{{CIS_REPORT_GAP | UNSYNC, 0}, {-1, -1}}, CIS_REF, 4, 0, 0},
		{{{CIS_REPORT_GAP, UNSYNC}, {-1, -1}}, CIS_REF, 0, 0, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *b = bench_new("VA=VA");
		const struct cis_tally_count *c;
		unsigned doubt = cases[i].doubt, side = cases[i].whose;

		run(b, "f=50", "f=50 err_pct=0.3", 10, (uint64_t[]){5, 6},
		    &cases[i].mood);
		c = cis_tally_count(b->tally);
		assert_int_equal(c->pairs, 10);
		assert_int_equal(c->judged, 9);
		assert_int_equal(c->doubt[side][doubt], 1);
		assert_int_equal(c->left[side == CIS_REF ? 1 : 2], 1);
		assert_int_equal(c->doubtful, cases[i].doubtful);
		assert_int_equal(c->doubtful_by[side][doubt],
				 cases[i].doubtful);
		assert_int_equal(tve(b)->n, 9);
		assert_int_equal(doubtful_tve(b)->n, cases[i].doubtful);
		assert_int_equal(cis_tally_pmu(b->tally, CIS_ERR_LATENCY)->n,
				 10 - cases[i].untimed);
		assert_int_equal(
			cis_tally_doubtful_pmu(b->tally, CIS_ERR_LATENCY)->n,
			cases[i].untimed);
		bench_free(b);
	}
}

static void what_is_accepted_is_judged_and_still_counted(void **state)
{
	const struct mood mood = {{0, UNSYNC}, {-1, -1}};
	struct bench *b = bench_new("VA=VA");
	const struct cis_tally_count *c;

	(void)state;
	b->cfg.accept[CIS_DUT] = UNSYNC;
	run(b, "f=50", "f=50", 10, (uint64_t[]){0, 10}, &mood);
	c = cis_tally_count(b->tally);
	assert_int_equal(c->judged, 10);
	assert_int_equal(c->doubt[CIS_DUT][4], 10);
	assert_int_equal(c->doubtful + c->doubtful_by[CIS_DUT][4], 0);
	assert_int_equal(doubtful_tve(b)->n, 0);
	bench_free(b);
}

/* A PMU 0.3 % off throughout, its first half doubtful and another 1 %: each
 * half has its own figures. */
static void doubtful_errors_are_measured_apart(void **state)
{
	const struct mood mood = {{UNSYNC, UNSYNC}, {-1, -1}};
	const struct cis_signal ref = signal_of("f=50");
	const struct cis_signal off = signal_of("f=50 err_pct=1.3");
	const struct cis_signal dut = signal_of("f=50 err_pct=0.3");
	struct bench *b = bench_new("VA=VA");

	(void)state;
	bench_begin(b);
	for (uint64_t i = 0; i < 100; i++) {
		const struct cis_signal sig[] = {ref, i < 50 ? off : dut};

		put_pair(b, sig, i, i < 50 ? &mood : &good);
	}
	bench_end(b);
	assert_int_equal(tve(b)->n, 50);
	check_close(tve(b)->max_abs, 0.3, ROUNDING_PCT);
	assert_int_equal(doubtful_tve(b)->n, 50);
	check_close(doubtful_tve(b)->mean, 1.3, ROUNDING_PCT);
	assert_int_equal(cis_tally_doubtful_pmu(b->tally, CIS_ERR_FE)->n, 50);
	assert_int_equal(b->sweep[0].n, 50);
	bench_free(b);
}

static void a_doubt_without_a_value_measures_nothing(void **state)
{
	struct bench *b = bench_new("VA=VA");
	struct cis_report *rep = blank_report(instant_of(50, 0));

	(void)state;
	bench_begin(b);
	rep->n_chan = rep->n_phasor = 1;
	for (uint64_t i = 0; i < 10; i++) {
		rep->at = instant_of(50, i);
		rep->flags = 0;
		rep->freq_hz = 50;
		rep->phasor_rms[0] = 120;
		bench_put(b, CIS_REF, rep, NULL);
		rep->flags = CIS_REPORT_NOFIT;
		rep->freq_hz = rep->rocof_hz_per_s = NAN;
		rep->phasor_rms[0] = CMPLX(NAN, NAN);
		bench_put(b, CIS_DUT, rep, NULL);
		rep->rocof_hz_per_s = 0;
	}
	bench_end(b);
	assert_int_equal(cis_tally_count(b->tally)->judged, 0);
	assert_int_equal(cis_tally_count(b->tally)->doubtful, 0);
	assert_int_equal(cis_tally_count(b->tally)->left[2], 10);
	free(rep);
	bench_free(b);
}

/* Report 10 of the PMU comes again 0.3 % off: right after it, before the
 * reference's is there, or so late that it has been judged. */
static void contradict(struct bench *b, unsigned when, uint64_t at)
{
	const struct cis_signal sig = signal_of("f=50");
	struct cis_report *rep = blank_report(instant_of(50, 0));

	bench_begin(b);
	for (uint64_t i = 0; i < 50; i++) {
		cis_signal_report(&sig, 1, T0_S, instant_of(50, i), i, rep);
		if (when != 1)
			bench_put(b, CIS_REF, rep, NULL);
		bench_put(b, CIS_DUT, rep, NULL);
		if (i == at) {
			rep->at = instant_of(50, 10);
			rep->phasor_rms[0] *= 1.003;
			bench_put(b, CIS_DUT, rep, NULL);
			cis_tally_contradict(b->tally, rep->at);
			cis_signal_report(&sig, 1, T0_S, instant_of(50, i), i,
					  rep);
		}
		if (when == 1)
			bench_put(b, CIS_REF, rep, NULL);
	}
	bench_end(b);
	free(rep);
}

static void what_contradicts_itself_is_left_out_and_does_not_pass(void **state)
{
	const struct cis_criteria criteria = {CIS_EDITION_2018, CIS_CLASS_M, 50,
					      50};
	struct cis_judgement *j = calloc(1, sizeof(*j));
	struct cis_diag diag;

	(void)state;
	assert_non_null(j);
	for (unsigned when = 0; when < 3; when++) {
		struct bench *b = bench_new("VA=VA");

		contradict(b, when, when == 2 ? 40 : 10);
		assert_int_equal(cis_pair_count(b->pair, CIS_DUT)->contradicted,
				 1);
		assert_int_equal(cis_tally_count(b->tally)->left[6], when < 2);
		assert_int_equal(cis_tally_count(b->tally)->judged,
				 when < 2 ? 49 : 50);
		assert_int_equal(
			cis_tally_decide(
				b->tally,
				cis_limit_find(&criteria,
					       CIS_TEST_STEADY_FREQUENCY),
				CIS_RULE_SIMPLE, j, &diag),
			0);
		assert_int_equal(j->overall.decision, CIS_DECIDE_INDETERMINATE);
		assert_non_null(strstr(j->overall.why, "contradicts"));
		bench_free(b);
	}
	free(j);
}

/* Steps are found in doubtful references too (also in one in test mode): what is
 * near them is in neither set. */
static void near_a_step_nothing_is_measured(void **state)
{
	static const struct mood moods[] = {
		{{UNSYNC, UNSYNC}, {-1, -1}},
		{{CIS_REPORT_NOFIT, 0}, {0x8000, -1}},
		{{0, 0}, {0x1000, 0x1000}}};

	(void)state;
	for (size_t i = 0; i < sizeof(moods) / sizeof(moods[0]); i++) {
		struct bench *b = bench_new("VA=VA");
		const struct cis_tally_count *c;

		run(b, "step_mag=0.1 step_s=2.01",
		    "step_mag=0.1 step_s=2.01 err_us=30000", 200,
		    (uint64_t[]){0, 200}, &moods[i]);
		c = cis_tally_count(b->tally);
		assert_in_range(c->left[3], 6, 12);
		assert_int_equal(c->doubtful, 200 - c->left[3]);
		check_close(cis_tally_doubtful_chan(b->tally, 0, CIS_ERR_MAG)
				    ->max_abs,
			    0, ROUNDING_PCT);
		bench_free(b);
	}
}

/* The tolerances of test_sweep.c: 1e-4 %, 0.001 degree, 1 us. */
static void a_doubtful_sweep_is_taken_apart(void **state)
{
	const struct cis_signal sig[] = {
		signal_of("f=45 f_to=55 rocof=1"),
		signal_of("f=45 f_to=55 rocof=1 err_pct=0.3 err_deg=0.1 "
			  "err_us=100")};
	const struct mood mood = {{0, UNSYNC}, {-1, -1}};
	struct bench *b = bench_new("VA=VA");
	struct cis_sweep_result r;

	(void)state;
	bench_begin(b);
	for (uint64_t i = 0; i < 500; i++)
		put_pair(b, sig, i, &mood);
	bench_end(b);
	cis_sweep_solve(&b->sweep[0], &r);
	assert_int_equal(r.n, 0);
	cis_sweep_solve(&b->doubtful_sweep, &r);
	assert_int_equal(r.n, 500);
	assert_true(r.separated);
	check_close(r.mag_pct, 0.3, 1e-4);
	check_close(r.phase_rad, 0.1 * DEG, 0.001 * DEG);
	check_close(r.delay_s, 100e-6, 1e-6);
	bench_free(b);
}

static void check_ruling(const struct cis_ruling *r)
{
	assert_int_equal(r->decision, CIS_DECIDE_INDETERMINATE);
	assert_string_equal(r->why, "only doubtful reports");
}

/* Errors far beyond and far within the limits alike. */
static void doubtful_reports_decide_nothing(void **state)
{
	static const char *const dut[] = {"f=50 err_pct=0.01",
					  "f=51 err_pct=5"};
	const struct cis_criteria criteria = {CIS_EDITION_2018, CIS_CLASS_M, 50,
					      50};
	const struct mood mood = {{UNSYNC, UNSYNC}, {-1, -1}};
	struct cis_judgement *j = calloc(1, sizeof(*j));
	struct cis_diag diag;

	(void)state;
	assert_non_null(j);
	for (size_t i = 0; i < 2; i++) {
		struct bench *b = bench_new("VA=VA");

		run(b, "f=50", dut[i], 20, (uint64_t[]){0, 20}, &mood);
		assert_int_equal(
			cis_tally_decide(
				b->tally,
				cis_limit_find(&criteria,
					       CIS_TEST_STEADY_FREQUENCY),
				CIS_RULE_SIMPLE, j, &diag),
			0);
		check_ruling(&j->tve[0]);
		check_ruling(&j->fe);
		check_ruling(&j->rfe);
		assert_int_equal(j->overall.decision, CIS_DECIDE_INDETERMINATE);
		assert_non_null(strstr(j->overall.why, "20 of 20"));
		assert_true(isnan(j->tve[0].max_abs));
		bench_free(b);
	}
	free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_flagged_is_counted_and_not_judged),
		cmocka_unit_test(what_is_accepted_is_judged_and_still_counted),
		cmocka_unit_test(doubtful_errors_are_measured_apart),
		cmocka_unit_test(a_doubt_without_a_value_measures_nothing),
		cmocka_unit_test(
			what_contradicts_itself_is_left_out_and_does_not_pass),
		cmocka_unit_test(near_a_step_nothing_is_measured),
		cmocka_unit_test(a_doubtful_sweep_is_taken_apart),
		cmocka_unit_test(doubtful_reports_decide_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

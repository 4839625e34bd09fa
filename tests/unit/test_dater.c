/*
 * test_dater.c - the words of --time; external, attested and system.
 *
 * Blocks as a board would deliver them: 90 scans every 5 ms, each fetched some
 * time after its last scan.
 */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "host/acq/dates/dater_in.h"

#define RATE_HZ 18000.0
#define N_SCAN  90
#define T0_S    INT64_C(1795252500)

static void words_are_read(void **state)
{
	struct cis_dater_spec spec;

	(void)state;
	assert_int_equal(cis_dater_parse("system", &spec, NULL), 0);
	assert_int_equal(spec.kind, CIS_DATER_SYSTEM);
	assert_int_equal(cis_dater_parse("none", &spec, NULL), 0);
	assert_int_equal(spec.kind, CIS_DATER_NONE);
	assert_int_equal(cis_dater_parse("external", &spec, NULL), 0);
	assert_int_equal(spec.kind, CIS_DATER_EXTERNAL);
	check_close(spec.error_s, 100e-9, 1e-22);
	assert_int_equal(cis_dater_parse("external,error_ns=20", &spec, NULL),
			 0);
	check_close(spec.error_s, 20e-9, 1e-22);
	assert_int_equal(cis_dater_parse("pps-channel:7", &spec, NULL), 0);
	assert_int_equal(spec.kind, CIS_DATER_PPS_CHANNEL);
	assert_int_equal(spec.channel, 7);
	assert_int_equal(
		cis_dater_parse("pps-channel:0,delay_ns=-120", &spec, NULL), 0);
	assert_int_equal(spec.channel, 0);
	check_close(spec.delay_s, -120e-9, 1e-22);
	assert_int_equal(
		cis_dater_parse("pps:/dev/pps0,delay_ns=1", &spec, NULL), 0);
	assert_int_equal(spec.kind, CIS_DATER_PPS_DEV);
	assert_string_equal(spec.dev, "/dev/pps0");
}

static void other_words_are_refused_with_a_reason(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "no such time source"},
		{"gps", "there are external, pps-channel:N"},
		{"systems", "no such"},
		{"system,delay_ns=1", "no such"},
		{"pps-channel:", "names no input"},
		{"pps-channel:x", "names no input"},
		{"pps-channel:-1", "names no input"},
		{"pps-channel:123456", "names no input"},
		{"pps-channel:7x", "names no input"},
		{"pps-channel:7,delay=1", "there are delay_ns"},
		{"pps-channel:7,delay_ns=nan", "not a number"},
		{"pps-channel:7,error_ns=-1", "at most"},
		{"external,error_ns=1e12", "at most"},
		{"external,error_ns=1,error_ns=2", "error_ns is given twice"},
		{"external,drift_ppb=1", "is for pps-channel"},
		{"pps-channel:7,drift_ppb=0", "from 0.1 to 1000"},
		{"pps:", "names no device"},
		{"pps:,delay_ns=1", "names no device"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_dater_spec spec = {.channel = 99};
		struct cis_diag diag = {""};

		assert_int_equal(cis_dater_parse(cases[i].text, &spec, &diag),
				 -EINVAL);
		if (!strstr(diag.msg, cases[i].why))
			fail_msg("%s: %s", cases[i].text, diag.msg);
		assert_int_equal(spec.channel, 99);
	}
}

/* ---- a board ---- */

struct bench {
	struct cis_chan_map map;
	struct cis_source_info info;
	struct cis_dater *dater;
	struct cis_scan_clock truth; /* when scans are taken */
	struct cis_scan_clock told;
	uint64_t next; /* scan, as counted */
	uint64_t lost; /* not counted */
	double late_s;
	struct cis_block blk;
	double x[N_SCAN];
};

static void bench_open(struct bench *b, const char *time)
{
	struct cis_dater_config cfg = {.fnom_hz = 50, .max_error_s = INFINITY};

	memset(b, 0, sizeof(*b));
	b->map.n_chan = 1;
	cis_chan_set_name(&b->map, 0, "VA");
	b->info = (struct cis_source_info){
		.rate_hz = RATE_HZ, .realtime = true, .map = &b->map};
	b->truth = (struct cis_scan_clock){
		.anchor = {.tai_ns = T0_S * CIS_NS_PER_S}, .rate_hz = RATE_HZ};
	b->told = b->truth;
	b->late_s = 2e-3;
	cfg.info = &b->info;
	assert_int_equal(cis_dater_parse(time, &cfg.spec, NULL), 0);
	assert_int_equal(cis_dater_new(&cfg, &b->dater, NULL), 0);
}

static int bench_next(struct bench *b)
{
	struct cis_split_time end;

	end = cis_scan_instant(&b->truth, b->next + b->lost + N_SCAN - 1);
	for (unsigned i = 0; i < N_SCAN; i++)
		b->x[i] = 100 * cos(6.283185307179586 * 50 / RATE_HZ *
				    (double)((b->next + b->lost + i) % 360));
	b->blk = (struct cis_block){
		.clock = b->told,
		.first_scan = b->next,
		.n_chan = 1,
		.n_scan = N_SCAN,
		.stride = N_SCAN,
		.taken_by = {.tai_ns =
				     end.tai_s * CIS_NS_PER_S +
				     (int64_t)((end.frac_s + b->late_s) * 1e9)},
		.x = b->x,
	};
	b->next += N_SCAN;
	return cis_dater_stamp(b->dater, &b->blk);
}

/* Blocks of so many seconds; the first error, or 0. */
static int bench_run(struct bench *b, double s)
{
	uint64_t until = b->next + (uint64_t)(s * RATE_HZ);
	int err = 0;

	while (!err && b->next < until)
		err = bench_next(b);
	return err;
}

/* Of the last block's first scan: by its date later than in truth. */
static double bench_error_s(const struct bench *b)
{
	uint64_t n = b->blk.first_scan;

	return cis_split_diff_s(cis_scan_instant(&b->blk.clock, n),
				cis_scan_instant(&b->truth, n + b->lost));
}

static struct cis_time_status bench_status(const struct bench *b)
{
	struct cis_time_status st;

	cis_dater_status(b->dater, &st);
	return st;
}

/* ---- external ---- */

static void external_counts_from_the_whole_second(void **state)
{
	struct bench b;
	struct cis_event ev;

	(void)state;
	bench_open(&b, "external,error_ns=50");
	/* The source rounds its anchor as it can. */
	b.told.anchor.tai_ns += 300000000;
	assert_int_equal(bench_run(&b, 20), 0);
	check_close(bench_error_s(&b), 0, 0);
	check_close(b.blk.clock.quality.unc_s, 50e-9, 1e-22);
	check_close(b.blk.clock.quality.unlocked_s, 0, 0);
	assert_int_equal(b.blk.flags, 0);
	assert_true(cis_dater_event(b.dater, &ev));
	assert_int_equal(ev.kind, CIS_EVENT_TIME_STATE);
	assert_int_equal(ev.state, CIS_TIME_LOCKED);
	assert_false(cis_dater_event(b.dater, &ev));
	assert_int_equal(bench_status(&b).state, CIS_TIME_LOCKED);
	cis_dater_free(b.dater);
}

/* Less than half a second late, but more than this clock and the delivery. */
static void external_is_denied_by_a_clock_that_knows_its_error(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, "external");
	b.truth.anchor.tai_ns += CIS_NS_PER_S / 5;
	for (int i = 0; i < 2000; i++) {
		b.dater->asked = cis_clock_now(&b.dater->clock);
		b.dater->quality = (struct cis_time_quality){.unc_s = 5e-3};
		assert_int_equal(bench_next(&b), 0);
		assert_int_equal(bench_status(&b).state, CIS_TIME_UNLOCKED);
		assert_true(b.blk.flags & CIS_BLOCK_UNSYNC);
		assert_true(b.blk.clock.quality.unc_s >= 0.2);
	}
	check_close(bench_status(&b).denied_s, 0.2, 5e-3);
	cis_dater_free(b.dater);
}

static void external_is_contradicted_by_the_arrival(void **state)
{
	struct bench b;

	(void)state;
	/* A second late: a start that was missed. */
	bench_open(&b, "external");
	b.truth.anchor.tai_ns += CIS_NS_PER_S;
	assert_int_equal(bench_run(&b, 1.1), -EPIPE);
	assert_int_equal(bench_status(&b).state, CIS_TIME_UNLOCKED);
	cis_dater_free(b.dater);
	/* A second early: of the future. */
	bench_open(&b, "external");
	b.truth.anchor.tai_ns -= CIS_NS_PER_S;
	assert_int_equal(bench_next(&b), -EPIPE);
	/* Begun anew it is believed. */
	b.told = b.truth;
	b.next = 0;
	cis_dater_restart(b.dater);
	assert_int_equal(bench_run(&b, 2), 0);
	check_close(bench_error_s(&b), 0, 0);
	cis_dater_free(b.dater);
}

/* 720 scans are 40 ms; batches are 5 ms. One second's least lateness shows it. */
static void many_lost_scans_show_in_the_arrival(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, "external");
	assert_int_equal(bench_run(&b, 10), 0);
	b.lost = 720;
	assert_int_equal(bench_run(&b, 2.1), -EPIPE);
	cis_dater_free(b.dater);
}

/* The system's clock goes 200 ppm wrong: 12 ms in a minute, and is no scan lost.
 * Now and then the system has no time for 80 ms. */
static void a_drifting_system_clock_contradicts_nothing(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, "external");
	for (unsigned i = 0; i < 60 * 200; i++) {
		b.late_s = 2e-3 + i * 5e-3 * 200e-6 + (i * 7919 % 13) * 1e-3 +
			   (i % 700 < 16 ? 80e-3 : 0);
		assert_int_equal(bench_next(&b), 0);
		check_close(bench_error_s(&b), 0, 0);
	}
	cis_dater_free(b.dater);
}

static void dates_that_are_not_good_enough_are_flagged(void **state)
{
	struct bench b;
	struct cis_dater_config cfg = {.fnom_hz = 50, .max_error_s = 80e-9};

	(void)state;
	bench_open(&b, "external,error_ns=50");
	cis_dater_free(b.dater);
	cfg.info = &b.info;
	assert_int_equal(cis_dater_parse("external", &cfg.spec, NULL), 0);
	assert_int_equal(cis_dater_new(&cfg, &b.dater, NULL), 0);
	assert_int_equal(bench_next(&b), 0);
	assert_int_equal(b.blk.flags, CIS_BLOCK_UNSYNC);
	cis_dater_free(b.dater);
}

/* ---- a front end attests ---- */

/* What the system's clock says of its own error. */
static void set_system(struct bench *b, double unc_s)
{
	b->dater->asked = cis_clock_now(&b->dater->clock);
	b->dater->quality = (struct cis_time_quality){.unc_s = unc_s};
}

static void attested_open(struct bench *b, const char *time)
{
	struct cis_dater_config cfg = {.fnom_hz = 50, .max_error_s = INFINITY};

	bench_open(b, time);
	cis_dater_free(b->dater);
	b->info.attested = true;
	cfg.info = &b->info;
	assert_int_equal(cis_dater_parse(time, &cfg.spec, NULL), 0);
	assert_int_equal(cis_dater_new(&cfg, &b->dater, NULL), 0);
	set_system(b, INFINITY);
}

static void attested_dates_are_as_good_as_is_said(void **state)
{
	static const struct {
		struct cis_time_quality q;
		enum cis_time_state state;
		bool unsync; /* 31 us: 1 % TVE at 50 Hz */
	} cases[] = {
		{{60e-9, 0}, CIS_TIME_LOCKED, false},
		{{800e-9, 3}, CIS_TIME_HOLDOVER, false},
		{{30e-6, 500}, CIS_TIME_HOLDOVER, false},
		{{32e-6, 600}, CIS_TIME_UNLOCKED, true},
		{{INFINITY, 600}, CIS_TIME_UNLOCKED, true},
		{{60e-9, INFINITY}, CIS_TIME_UNLOCKED, false},
		{{INFINITY, INFINITY}, CIS_TIME_UNLOCKED, true},
		{{70e-9, 0}, CIS_TIME_LOCKED, false},
	};
	struct bench b;

	(void)state;
	attested_open(&b, "external");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		b.told.quality = cases[i].q;
		assert_int_equal(bench_next(&b), 0);
		check_close(bench_error_s(&b), 0, 0);
		assert_int_equal(bench_status(&b).state, cases[i].state);
		assert_int_equal(b.blk.flags,
				 cases[i].unsync ? CIS_BLOCK_UNSYNC : 0);
		assert_memory_equal(&b.blk.clock.quality, &cases[i].q,
				    sizeof(cases[i].q));
	}
	cis_dater_free(b.dater);
}

/* Cable and board: what is said of them comes on top. */
static void what_the_operator_knows_is_added(void **state)
{
	struct bench b;

	(void)state;
	attested_open(&b, "external,error_ns=50");
	b.told.quality = (struct cis_time_quality){60e-9, 0};
	assert_int_equal(bench_next(&b), 0);
	check_close(b.blk.clock.quality.unc_s, 110e-9, 1e-21);
	cis_dater_free(b.dater);
}

/* This computer's clock does not know its error: it is the one that is wrong. */
static void the_front_end_names_the_second(void **state)
{
	static const int64_t by_s[] = {1, -1, 86400};
	struct bench b;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		attested_open(&b, "external");
		b.told.quality = (struct cis_time_quality){60e-9, 0};
		b.late_s = (double)by_s[i];
		assert_int_equal(bench_run(&b, 5), 0);
		assert_int_equal(bench_status(&b).state, CIS_TIME_LOCKED);
		check_close(bench_error_s(&b), 0, 0);
		cis_dater_free(b.dater);
	}
}

/* A clock that does know excludes it: dates are kept, and not called good. */
static void a_label_that_a_good_clock_excludes_is_not_locked(void **state)
{
	struct bench b;

	(void)state;
	attested_open(&b, "external");
	b.told.quality = (struct cis_time_quality){60e-9, 0};
	b.late_s = 1;
	for (int i = 0; i < 1000; i++) {
		set_system(&b, 5e-3);
		assert_int_equal(bench_next(&b), 0);
		check_close(bench_error_s(&b), 0, 0);
		assert_int_equal(bench_status(&b).state, CIS_TIME_UNLOCKED);
	}
	check_close(bench_status(&b).denied_s, 1, 1e-9);
	cis_dater_free(b.dater);
}

/* A clock that stood still shows in the arrival, whatever the label is. */
static void scans_lost_show_though_attested(void **state)
{
	struct bench b;

	(void)state;
	attested_open(&b, "external");
	b.told.quality = (struct cis_time_quality){60e-9, 0};
	b.late_s = 3600;
	assert_int_equal(bench_run(&b, 10), 0);
	b.lost = 720;
	assert_int_equal(bench_run(&b, 2.1), -EPIPE);
	cis_dater_free(b.dater);
}

static void without_samples_the_state_still_follows(void **state)
{
	struct bench b;
	struct cis_event ev;
	struct cis_time_quality gone = {INFINITY, 4};

	(void)state;
	attested_open(&b, "external");
	b.told.quality = (struct cis_time_quality){60e-9, 0};
	assert_int_equal(bench_next(&b), 0);
	assert_true(cis_dater_event(b.dater, &ev));
	assert_int_equal(ev.state, CIS_TIME_LOCKED);
	cis_dater_idle(b.dater, &gone);
	cis_dater_idle(b.dater, &gone);
	assert_int_equal(bench_status(&b).state, CIS_TIME_UNLOCKED);
	assert_true(cis_dater_event(b.dater, &ev));
	assert_int_equal(ev.state, CIS_TIME_UNLOCKED);
	assert_false(cis_dater_event(b.dater, &ev));
	cis_dater_free(b.dater);
	/* What is declared has nobody who could say otherwise. */
	bench_open(&b, "external");
	assert_int_equal(bench_next(&b), 0);
	cis_dater_idle(b.dater, &gone);
	assert_int_equal(bench_status(&b).state, CIS_TIME_LOCKED);
	cis_dater_free(b.dater);
}

/* ---- system ---- */

/*
 * The board is fast by 30 ppm, which would be 6 ms in 200 s, and began 0.4 ms
 * before it is said to. What arrives at the earliest is 0 to 3 ms late, at times
 * 80 ms: read() knows nothing better. The start's error stays; the rest is
 * found within a tenth of that jitter.
 */
static void the_earliest_arrival_tells_the_rate(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, "system");
	b.told.quality.unc_s = 1e-3;
	b.truth.rate_hz = RATE_HZ * (1 + 30e-6);
	b.truth.anchor.tai_ns -= 400000;
	for (unsigned i = 0; i < 200 * 200; i++) {
		b.late_s = 2e-3 + (i * 7919 % 31) * 1e-4 +
			   (i % 700 < 16 ? 80e-3 : 0);
		assert_int_equal(bench_next(&b), 0);
		check_close(bench_error_s(&b), 0.4e-3, 0.3e-3);
		/* Start and arrival: no reference. */
		assert_true(b.blk.flags & CIS_BLOCK_UNSYNC);
		assert_true(b.blk.clock.quality.unc_s >=
			    fabs(bench_error_s(&b)));
	}
	check_close(bench_status(&b).ppm, 30, 3);
	assert_true(bench_status(&b).state != CIS_TIME_FREE_RUN);
	cis_dater_free(b.dater);
}

static void none_is_of_no_worth(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, "none");
	assert_int_equal(bench_run(&b, 3), 0);
	assert_int_equal(bench_status(&b).state, CIS_TIME_FREE_RUN);
	assert_true(isinf(b.blk.clock.quality.unc_s));
	assert_true(isinf(b.blk.clock.quality.unlocked_s));
	assert_true(b.blk.flags & CIS_BLOCK_UNSYNC);
	cis_dater_free(b.dater);
}

/* What brings its own dates keeps them. */
static void recordings_are_left_alone(void **state)
{
	struct bench b;
	struct cis_dater_config cfg = {.fnom_hz = 50, .max_error_s = INFINITY};
	struct cis_diag diag = {""};

	(void)state;
	bench_open(&b, "system");
	cis_dater_free(b.dater);
	b.info.dated = true;
	b.info.realtime = false;
	cfg.info = &b.info;
	assert_int_equal(cis_dater_parse("external", &cfg.spec, NULL), 0);
	assert_int_equal(cis_dater_new(&cfg, &b.dater, &diag), -EINVAL);
	assert_non_null(strstr(diag.msg, "own dates"));
	assert_int_equal(cis_dater_parse("system", &cfg.spec, NULL), 0);
	assert_int_equal(cis_dater_new(&cfg, &b.dater, &diag), 0);
	b.told.quality = (struct cis_time_quality){1e-6, 0};
	assert_int_equal(bench_next(&b), 0);
	cis_dater_appraise(b.dater, &b.blk);
	assert_int_equal(b.blk.flags, 0);
	check_close(b.blk.clock.quality.unc_s, 1e-6, 0);
	cis_dater_free(b.dater);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_read),
		cmocka_unit_test(other_words_are_refused_with_a_reason),
		cmocka_unit_test(external_counts_from_the_whole_second),
		cmocka_unit_test(
			external_is_denied_by_a_clock_that_knows_its_error),
		cmocka_unit_test(external_is_contradicted_by_the_arrival),
		cmocka_unit_test(many_lost_scans_show_in_the_arrival),
		cmocka_unit_test(a_drifting_system_clock_contradicts_nothing),
		cmocka_unit_test(dates_that_are_not_good_enough_are_flagged),
		cmocka_unit_test(attested_dates_are_as_good_as_is_said),
		cmocka_unit_test(what_the_operator_knows_is_added),
		cmocka_unit_test(the_front_end_names_the_second),
		cmocka_unit_test(
			a_label_that_a_good_clock_excludes_is_not_locked),
		cmocka_unit_test(scans_lost_show_though_attested),
		cmocka_unit_test(without_samples_the_state_still_follows),
		cmocka_unit_test(the_earliest_arrival_tells_the_rate),
		cmocka_unit_test(none_is_of_no_worth),
		cmocka_unit_test(recordings_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

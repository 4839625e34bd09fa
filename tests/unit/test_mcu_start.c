/*
 * test_mcu_start.c - a start pulse of the timing front end, and whether the count
 * of scans from it on is still the time.
 */
#include "mcu_bench.h"

/* ---- a start ---- */

static void the_second_is_the_first_far_enough_ahead(void **state)
{
	static const struct {
		double age_s;
		int lead_ms;
		int ahead_s;
	} cases[] = {
		/* 0.15 s is what a report may be late. */
		{0, 500, 1},   {0, 849, 1},   {0, 851, 2},  {0.4, 449, 1},
		{0.4, 451, 2}, {1.9, 500, 3}, {0, 1000, 2}, {0, 58000, 59},
	};
	struct bench b;

	(void)state;
	meet(&b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t now_ns = S + (int64_t)(1e9 * cases[i].age_s);
		struct mcu_second s =
			mcu_start_second(&b.t.now, now_ns, cases[i].lead_ms);

		assert_int_equal(s.utc_s, UTC_S + 1 + cases[i].ahead_s);
		assert_int_equal(s.tai_s, TAI_S + 1 + cases[i].ahead_s);
	}
}

static void no_start_falls_on_a_leap_second(void **state)
{
	struct mcu_second s;
	struct bench b;

	(void)state;
	begin(&b);
	say(&b, ID);
	report_at(&b, LEAP_SOC - 2, "00A3");
	/* 23:59:59 has the number of 23:59:60. */
	s = mcu_start_second(&b.t.now, b.now_ns, 500);
	assert_int_equal(s.utc_s, LEAP_SOC);
	assert_int_equal(s.tai_s, LEAP_SOC + 37);
	s = mcu_start_second(&b.t.now, b.now_ns, 2500);
	assert_int_equal(s.utc_s, LEAP_SOC);
	s = mcu_start_second(&b.t.now, b.now_ns, 3500);
	assert_int_equal(s.utc_s, LEAP_SOC + 1);
	report_at(&b, LEAP_SOC - 1, "00AB");
	s = mcu_start_second(&b.t.now, b.now_ns, 500);
	assert_int_equal(s.tai_s, LEAP_SOC + 37);
}

static void a_start_is_promised_with_its_answer(void **state)
{
	const struct mcu_order *o;
	struct bench b;

	(void)state;
	meet(&b);
	o = &b.t.order;
	mcu_start_begin(&b.t, 1000, b.now_ns);
	assert_true(asks(&b, "1795287603*"));
	say(&b, "PSYN,ACK,9"); /* somebody else's */
	assert_false(o->done);
	acknowledge(&b, "$PSYN,START,");
	assert_true(o->done && o->err == 0);
	assert_int_equal(o->tai_s, TAI_S + 3);
	good(&b, 2);
	good(&b, 3);
	good(&b, 4);
	assert_false(b.t.watch.torn);
}

static void a_start_too_late_is_asked_for_later(void **state)
{
	const struct mcu_order *o;
	struct bench b;

	(void)state;
	meet(&b);
	o = &b.t.order;
	mcu_start_begin(&b.t, 500, b.now_ns);
	assert_true(asks(&b, "1795287602*"));
	refuse(&b, "$PSYN,START,", "LATE");
	assert_true(asks(&b, "1795287603*"));
	refuse(&b, "$PSYN,START,", "LATE");
	assert_true(asks(&b, "1795287604*"));
	assert_false(o->done);
	refuse(&b, "$PSYN,START,", "LATE");
	assert_int_equal(o->err, -EAGAIN);
	assert_non_null(strstr(o->why.msg, "LATE"));
}

static void a_start_that_cannot_be_has_a_reason(void **state)
{
	static const struct {
		const char *name, *rest, *sentence;
		double at_s;
		int err;
	} cases[] = {
		{"ACQUIRE", "1,,50,9,18000,0001", "ACQUIRE", 2, -EAGAIN},
		{"INIT", ",,,,18000,0000", "fix", 2, -EAGAIN},
		{"LOCKED", "1,1,50,9,18000,00A0", "which second", 2, -EAGAIN},
		{"LOCKED", GOOD, "not heard", 5, -ETIMEDOUT},
	};
	struct bench b;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		meet(&b);
		report(&b, 2, cases[i].name, cases[i].rest);
		mcu_start_begin(&b.t, 500, (int64_t)(cases[i].at_s * 1e9));
		assert_true(b.t.order.done);
		assert_int_equal(b.t.order.err, cases[i].err);
		assert_non_null(strstr(b.t.order.why.msg, cases[i].sentence));
	}
	meet(&b);
	mcu_talk_end(&b.t, -ENODEV);
	mcu_start_begin(&b.t, 500, S);
	assert_int_equal(b.t.order.err, -ENODEV);
}

static void a_refused_start_says_why(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	mcu_start_begin(&b.t, 500, b.now_ns);
	refuse(&b, "$PSYN,START,", "STATE");
	assert_int_equal(b.t.order.err, -EAGAIN);
	mcu_start_begin(&b.t, 500, b.now_ns);
	refuse(&b, "$PSYN,START,", "RANGE");
	assert_int_equal(b.t.order.err, -EPROTO);
}

static void a_start_without_an_answer_ends(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	mcu_start_begin(&b.t, 500, b.now_ns);
	for (int i = 1; i <= 5; i++) {
		assert_false(b.t.order.done);
		sent(&b);
		good(&b, 1 + i);
		/* A computer that stood still has asked no more often. */
		mcu_talk_tick(&b.t, b.now_ns);
		assert_true(seqs_of(&b, "$PSYN,START,", NULL) > 0); /* again */
	}
	assert_int_equal(b.t.order.err, -ETIMEDOUT);
	acknowledge(&b, "$PSYN,START,"); /* nobody waits for it */
	assert_int_equal(b.t.order.err, -ETIMEDOUT);
	assert_false(b.t.watch.on);
}

/* ---- is the count of scans still the time? ---- */

static void what_voids_the_count_is_seen(void **state)
{
	static const char *const voids[] = {
		"PSYN,E,1795287603,STEP,-1200",
		"PSYN,E,1795287603,UNDERRUN,1",
		"PSYN,E,1795287603,LABEL_JUMP,1",
		"PSYN,ID,1,nucleo,0.1.0,84000000,18000,4712",
		"PSYN,T,1795287604,LOCKED,1,1,120,9,17999,00A1",
		"PSYN,T,1795287604,LOCKED,1,1,120,9,18001,00A1",
		"PSYN,T,1795287604,TRACK,1,1,120,9,18000,0021",
		"PSYN,T,1795287604,FAULT,1,1,120,9,18000,00A1",
		"PSYN,T,1795287615,LOCKED,1,1,120,9,18000,00A1",
	};
	struct bench b;

	(void)state;
	for (size_t i = 0; i < sizeof(voids) / sizeof(voids[0]); i++) {
		start(&b);
		b.now_ns += S;
		say(&b, voids[i]);
		if (!b.t.watch.torn)
			fail_msg("%s", voids[i]);
	}
}

static void other_events_do_not_void_it(void **state)
{
	static const char *const others[] = {
		"PSYN,E,1795287603,PPS_LOST,0",  "PSYN,E,1795287603,STATE,4",
		"PSYN,E,1795287603,PPS_BACK,0",  "PSYN,E,1795287603,STARTED,0",
		"PSYN,E,1795287603,LINE_BAD,3",  "PSYN,E,0,NMEA_BAD,3",
		"PSYN,E,1795287603,PPS_DOUBLE,0"};
	struct bench b;

	(void)state;
	start(&b);
	b.t.n_event = 0;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		say(&b, others[i]);
	report(&b, 4, "HOLDOVER", ",30125,350,,18000,0081");
	good(&b, 5);
	assert_false(b.t.watch.torn);
	assert_int_equal(b.t.n_event, 7);
	assert_int_equal(b.t.event[4].kind, CIS_MCU_TOLD);
	assert_string_equal(b.t.event[4].name, "LINE_BAD");
	assert_int_equal(b.t.event[4].value, 3);
}

static void edges_before_the_start_do_not_count(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	mcu_start_begin(&b.t, 1500, b.now_ns); /* second 3 */
	acknowledge(&b, "$PSYN,START,");
	report(&b, 2, "LOCKED", "1,1,120,9,17000,00B1");
	report(&b, 3, "LOCKED", "1,1,120,9,17999,00A1");
	assert_false(b.t.watch.torn);
	report(&b, 4, "LOCKED", "1,1,120,9,17999,00A1");
	assert_true(b.t.watch.torn);
}

static void reports_that_are_missing_void_it_when_a_step_may_hide(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	good(&b, 8); /* nothing gets from good edges to others so soon */
	assert_false(b.t.watch.torn);
	/* From 1 ms on edges are stepped. */
	report(&b, 9, "HOLDOVER", ",1,1000000,,18000,0081");
	good(&b, 11);
	assert_true(b.t.watch.torn);
	start(&b);
	/* Pulses from elsewhere are believed after 30 s; when did they begin? */
	report(&b, 4, "HOLDOVER", ",1,100000,,18000,0081");
	report(&b, 6, "HOLDOVER", ",1,100000,,18000,0081");
	assert_false(b.t.watch.torn);
	good(&b, 9);
	assert_true(b.t.watch.torn);
	start(&b);
	good(&b, 14);
	assert_true(b.t.watch.torn);
}

static void reports_read_late_and_at_once_do_not_void_it(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	/* The computer stood still for 20 s. */
	for (int i = 4; i <= 24; i++) {
		char text[128];

		snprintf(text, sizeof(text), "PSYN,T,%lld,LOCKED," GOOD,
			 (long long)UTC_S + i);
		b.now_ns = 24 * S;
		say(&b, text);
	}
	good(&b, 25);
	good(&b, 26);
	assert_false(b.t.watch.torn);
}

static void a_first_report_read_late_does_not_void_it(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	say(&b, ID);
	acknowledge(&b, "$PSYN,SET,");
	b.now_ns = 8 * S / 5;
	say(&b, "PSYN,T,1795287601,LOCKED," GOOD);
	mcu_start_begin(&b.t, 500, b.now_ns);
	acknowledge(&b, "$PSYN,START,");
	for (int i = 2; i < 8; i++)
		good(&b, i);
	assert_false(b.t.watch.torn);
}

/* As of an emulator, or a network, that is slow at first: 0.7 s, then in time. */
static void nor_do_first_reports_that_were_all_late(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	say(&b, ID);
	acknowledge(&b, "$PSYN,SET,");
	for (int i = 1; i < 6; i++) {
		char text[64];

		b.now_ns = i * S + 7 * S / 10;
		snprintf(text, sizeof(text), "PSYN,T,%lld,LOCKED," GOOD,
			 (long long)UTC_S + i);
		say(&b, text);
	}
	mcu_start_begin(&b.t, 500, b.now_ns);
	acknowledge(&b, "$PSYN,START,");
	for (int i = 6; i < 14; i++)
		good(&b, i);
	assert_false(b.t.watch.torn);
}

static void another_name_for_the_second_voids_it(void **state)
{
	static const int by_s[] = {1, -1, 3600};
	struct bench b;

	(void)state;
	for (int k = 0; k < 3; k++) {
		start(&b);
		for (int i = 4; i < 8; i++) {
			char text[128];

			b.now_ns = i * S;
			snprintf(text, sizeof(text), "PSYN,T,%lld,LOCKED," GOOD,
				 (long long)UTC_S + i + by_s[k]);
			say(&b, text);
		}
		assert_true(b.t.watch.torn);
	}
}

/* Lines were lost; the names are 1 s ahead, and read 0.3 s late. */
static void another_name_read_late_voids_it_too(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	for (int i = 8; i < 12; i++) {
		char text[128];

		b.now_ns = i * S + 3 * S / 10;
		snprintf(text, sizeof(text), "PSYN,T,%lld,LOCKED," GOOD,
			 (long long)UTC_S + i + 1);
		say(&b, text);
	}
	assert_true(b.t.watch.torn);
}

/* A leap second that nobody knew of: no report is worth anything by the new name. */
static void another_name_after_none_voids_it_at_once(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	good(&b, 4);
	good(&b, 5);
	report(&b, 6, "TRACK", "1,1,120,9,18000,00A0");
	assert_false(b.t.watch.torn);
	b.now_ns = 7 * S;
	say(&b, "PSYN,T,1795287606,TRACK,1,1,120,9,18000,00A1");
	assert_true(b.t.watch.torn);
	start(&b);
	good(&b, 4);
	report(&b, 6, "TRACK", "1,1,120,9,18000,00A0");
	good(&b, 7); /* the same name again */
	assert_false(b.t.watch.torn);
}

/* Who was named by one report alone may come back by another name. */
static void a_name_lost_before_it_was_sure_voids_it(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	say(&b, ID);
	acknowledge(&b, "$PSYN,SET,");
	good(&b, 1);
	mcu_start_begin(&b.t, 500, b.now_ns);
	acknowledge(&b, "$PSYN,START,");
	assert_false(b.t.watch.torn);
	b.now_ns = 2 * S;
	say(&b, "PSYN,T,0,TRACK,,1,100,,18000,0080");
	assert_true(b.t.watch.torn);
}

/* Another name, believed and started by, is not another one once more. */
static void a_start_by_the_new_name_is_whole(void **state)
{
	struct bench b;
	char text[128];

	(void)state;
	start(&b);
	say(&b, "PSYN,E,1795287603,LABEL_JUMP,5");
	for (int i = 4; i < 12; i++) {
		b.now_ns = i * S;
		snprintf(text, sizeof(text), "PSYN,T,%lld,LOCKED," GOOD,
			 (long long)UTC_S + i + 5);
		say(&b, text);
		if (i == 4) {
			mcu_start_begin(&b.t, 500, b.now_ns);
			acknowledge(&b, "$PSYN,START,");
		}
		assert_false(b.t.watch.torn);
	}
}

static void a_new_start_is_whole_again(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	say(&b, "PSYN,E,1795287603,STEP,-1200");
	assert_true(b.t.watch.torn);
	mcu_start_begin(&b.t, 500, b.now_ns);
	acknowledge(&b, "$PSYN,START,");
	assert_false(b.t.watch.torn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_second_is_the_first_far_enough_ahead),
		cmocka_unit_test(no_start_falls_on_a_leap_second),
		cmocka_unit_test(a_start_is_promised_with_its_answer),
		cmocka_unit_test(a_start_too_late_is_asked_for_later),
		cmocka_unit_test(a_start_that_cannot_be_has_a_reason),
		cmocka_unit_test(a_refused_start_says_why),
		cmocka_unit_test(a_start_without_an_answer_ends),
		cmocka_unit_test(what_voids_the_count_is_seen),
		cmocka_unit_test(other_events_do_not_void_it),
		cmocka_unit_test(edges_before_the_start_do_not_count),
		cmocka_unit_test(
			reports_that_are_missing_void_it_when_a_step_may_hide),
		cmocka_unit_test(reports_read_late_and_at_once_do_not_void_it),
		cmocka_unit_test(a_first_report_read_late_does_not_void_it),
		cmocka_unit_test(nor_do_first_reports_that_were_all_late),
		cmocka_unit_test(another_name_for_the_second_voids_it),
		cmocka_unit_test(another_name_read_late_voids_it_too),
		cmocka_unit_test(another_name_after_none_voids_it_at_once),
		cmocka_unit_test(a_name_lost_before_it_was_sure_voids_it),
		cmocka_unit_test(a_start_by_the_new_name_is_whole),
		cmocka_unit_test(a_new_start_is_whole_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

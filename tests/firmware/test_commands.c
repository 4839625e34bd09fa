/* test_commands.c - what the host may ask, when, and what it is answered. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "tests/firmware/rig.h"

static bool ask_for_start(struct rig *r, unsigned seq, int64_t utc_s)
{
	char text[64];

	snprintf(text, sizeof(text), "PSYN,START,%u,%lld", seq,
		 (long long)utc_s);
	return rig_ask(r, text);
}

/* Refused, for that reason. */
static void check_nak(struct rig *r, const char *text, enum fe_reason reason)
{
	assert_false(rig_ask(r, text));
	assert_int_equal(r->answer.kind, FE_MESSAGE_NAK);
	assert_int_equal(r->answer.nak.reason, reason);
}

static void locked(struct rig *r, uint32_t rate_hz)
{
	rig_init(r, rate_hz, 0xfff00000);
	assert_true(rig_lock(r));
	rig_to_second(r, 300);
	rig_clear(r);
}

static void start_pulses_rise_half_a_period_before_edge_0(void **state)
{
	static const uint32_t rates_hz[] = {50000, 18000, 17999, 100, 2, 1};

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct rig r;
		uint64_t half = RIG_TICK_HZ / rates_hz[i] / 2;
		uint64_t begins;
		int64_t utc_s;

		locked(&r, rates_hz[i]);
		utc_s = rig_utc_s(&r) + 3;
		assert_true(ask_for_start(&r, 9, utc_s));
		assert_int_equal(r.answer.ack.seq, 9);
		begins = r.pulse + 2 * r.second_ticks;
		rig_to_second(&r, 300);
		assert_true(r.report.flags & FE_FLAG_START);
		assert_int_equal(r.n_events[FE_EVENT_STARTED], 0);
		rig_to_second(&r, 300);
		rig_to_second(&r, 300);
		rig_ms(&r, 1000);
		assert_int_equal(r.n_starts, 1);
		/* Of the edges: they are within 24 ns of the pulses, two ticks;
		 * and a period need not be a whole number of ticks. */
		check_close((double)r.rise, (double)(begins - half),
			    3 + 30e-6 * (double)half);
		check_close((double)r.fall, (double)(begins + half),
			    3 + 30e-6 * (double)half);
		check_close((double)r.after_rise, (double)begins, 2);
		assert_int_equal(r.n_events[FE_EVENT_STARTED], 1);
		assert_int_equal(r.value[FE_EVENT_STARTED], utc_s);
		assert_false(r.report.flags & FE_FLAG_START);
	}
}

static void the_same_start_twice_is_done_once(void **state)
{
	struct rig r;
	int64_t utc_s;

	(void)state;
	locked(&r, 18000);
	utc_s = rig_utc_s(&r) + 2;
	assert_true(ask_for_start(&r, 4, utc_s));
	assert_true(ask_for_start(&r, 4, utc_s));
	assert_int_equal(r.n_answers, 2);
	rig_to_second(&r, 300);
	rig_to_second(&r, 300);
	assert_int_equal(r.n_starts, 1);
	/* Too late for it now, but it was answered by yes. */
	assert_true(ask_for_start(&r, 4, utc_s));
	assert_false(ask_for_start(&r, 5, utc_s));
	rig_ms(&r, 3000);
	assert_int_equal(r.n_starts, 1);
	assert_int_equal(r.n_events[FE_EVENT_STARTED], 1);
}

static void a_start_is_0_1_to_60_s_ahead(void **state)
{
	struct rig r;

	(void)state;
	locked(&r, 18000);
	assert_false(ask_for_start(&r, 1, rig_utc_s(&r)));
	assert_int_equal(r.answer.nak.reason, FE_REASON_LATE);
	assert_false(ask_for_start(&r, 2, rig_utc_s(&r) + 62));
	assert_int_equal(r.answer.nak.reason, FE_REASON_RANGE);
	rig_to_second(&r, 880);
	assert_true(ask_for_start(&r, 3, rig_utc_s(&r) + 1));
	rig_to_second(&r, 880);
	assert_int_equal(r.n_starts, 1);
	rig_to_second(&r, 905);
	assert_false(ask_for_start(&r, 4, rig_utc_s(&r) + 1));
	assert_int_equal(r.answer.nak.reason, FE_REASON_LATE);
	assert_true(ask_for_start(&r, 5, rig_utc_s(&r) + 60));
}

static void without_lock_or_label_there_is_no_start(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, 18000, 0);
	rig_ms(&r, 2500);
	check_nak(&r, "PSYN,START,1,1800000010", FE_REASON_STATE);
	assert_true(rig_lock(&r));
	r.no_pulses = true;
	for (int i = 0; i < 5; i++)
		rig_to_second(&r, 300);
	assert_int_equal(r.report.state, FE_STATE_HOLDOVER);
	assert_true(ask_for_start(&r, 2, rig_utc_s(&r) + 2));
	/* In its place another, and the label is taken away before that. */
	rig_to_second(&r, 300);
	r.no_pulses = false;
	assert_true(ask_for_start(&r, 3, rig_utc_s(&r) + 20));
	r.gps.start_utc_s += 86400;
	for (int i = 0; i < 6; i++)
		rig_to_second(&r, 300);
	assert_int_equal(r.n_events[FE_EVENT_LABEL_JUMP], 1);
	assert_false(r.report.flags & FE_FLAG_START);
	for (int i = 0; i < 20; i++)
		rig_to_second(&r, 300);
	assert_int_equal(r.n_events[FE_EVENT_STARTED], 0);
	assert_int_equal(r.n_starts, 0);
}

/* At 1 Hz it rises half a second ahead. */
static void a_pulse_in_the_making_is_not_replaced(void **state)
{
	struct rig r;

	(void)state;
	locked(&r, 1);
	assert_true(ask_for_start(&r, 1, rig_utc_s(&r) + 2));
	assert_true(ask_for_start(&r, 2, rig_utc_s(&r) + 3));
	rig_to_second(&r, 300);
	rig_to_second(&r, 300);
	assert_int_equal(r.n_starts, 1);
	assert_int_equal(r.n_events[FE_EVENT_STARTED], 0);
	assert_false(ask_for_start(&r, 3, rig_utc_s(&r) + 3));
	assert_int_equal(r.answer.nak.reason, FE_REASON_STATE);
	rig_to_second(&r, 300);
	assert_int_equal(r.n_events[FE_EVENT_STARTED], 1);
	assert_true(ask_for_start(&r, 4, rig_utc_s(&r) + 3));
}

static void a_start_over_a_leap_second_is_at_its_second(void **state)
{
	struct rig r;
	uint64_t begins;

	(void)state;
	rig_init(&r, 18000, 0);
	/* 2027-07-01 00:00:00 UTC is 1814400000. */
	r.gps.start_utc_s = 1814400000 - 60;
	r.gps.leap_utc_s = 1814400000;
	assert_true(rig_lock(&r));
	rig_to_second(&r, 300);
	assert_true(rig_ask(&r, "PSYN,SET,1,leap,1814400000"));
	assert_true(rig_ask(&r, "PSYN,QUERY,2,leap"));
	assert_int_equal(r.answer.ack.value, 1814400000);
	assert_true(rig_ask(&r, "PSYN,QUERY,2,leap_till"));
	assert_int_equal(r.answer.ack.value, 0);
	assert_true(rig_ask(&r, "PSYN,SET,5,leap_till,1814140800"));
	assert_true(rig_ask(&r, "PSYN,QUERY,2,leap_till"));
	assert_int_equal(r.answer.ack.value, 1814140800);
	assert_true(rig_ask(&r, "PSYN,SET,6,leap_till,0"));
	while (r.n < 58)
		rig_to_second(&r, 300);
	assert_true(r.report.flags & FE_FLAG_LEAP_INSERT);
	assert_int_equal(r.report.utc_s, 1814399997);
	assert_true(ask_for_start(&r, 3, 1814400001));
	/* ..98, ..99, leap, 0, 1. */
	begins = r.pulse + 4 * r.second_ticks;
	rig_to_second(&r, 300);
	rig_to_second(&r, 300);
	rig_to_second(&r, 300);
	assert_true(r.report.flags & FE_FLAG_IN_LEAP);
	assert_int_equal(r.report.utc_s, 1814399999);
	assert_int_equal(r.n_events[FE_EVENT_LEAP], 1);
	rig_to_second(&r, 300);
	assert_int_equal(r.report.utc_s, 1814400000);
	assert_int_equal(r.n_starts, 0);
	rig_to_second(&r, 300);
	assert_int_equal(r.n_starts, 1);
	check_close((double)r.after_rise, (double)begins, 2);
	assert_int_equal(r.value[FE_EVENT_STARTED], 1814400001);
}

static void another_rate_goes_from_an_edge_0_on_and_is_told(void **state)
{
	static const struct {
		uint32_t from_hz, to_hz;
	} cases[] = {{18000, 50000}, {50000, 1}, {1, 18000}, {100, 17999}};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct rig r;
		char text[64];
		int seconds = 0;

		locked(&r, cases[i].from_hz);
		snprintf(text, sizeof(text), "PSYN,SET,1,rate,%u",
			 cases[i].to_hz);
		assert_true(rig_ask(&r, text));
		/* Not while it is only promised. */
		assert_false(ask_for_start(&r, 2, rig_utc_s(&r) + 5));
		assert_int_equal(r.answer.nak.reason, FE_REASON_STATE);
		while (!r.n_events[FE_EVENT_STEP] && seconds++ < 5)
			rig_to_second(&r, 300);
		assert_int_equal(r.value[FE_EVENT_STEP], cases[i].to_hz);
		assert_int_equal(r.report.edges, cases[i].from_hz);
		assert_int_equal(r.report.state, FE_STATE_LOCKED);
		rig_clear(&r);
		for (int k = 0; k < 4; k++) {
			rig_to_second(&r, 300);
			assert_int_equal(r.report.edges, cases[i].to_hz);
			assert_int_equal(r.report.state, FE_STATE_LOCKED);
		}
		assert_int_equal(r.n_events[FE_EVENT_STEP], 0);
		assert_true(ask_for_start(&r, 3, rig_utc_s(&r) + 5));
	}
}

static void rates_that_cannot_be_are_refused(void **state)
{
	struct rig r;

	(void)state;
	locked(&r, 18000);
	check_nak(&r, "PSYN,SET,1,rate,0", FE_REASON_RANGE);
	check_nak(&r, "PSYN,SET,2,rate,50001", FE_REASON_RANGE);
	check_nak(&r, "PSYN,SET,3,rate,x", FE_REASON_FIELDS);
	check_nak(&r, "PSYN,SET,4,rate", FE_REASON_FIELDS);
	check_nak(&r, "PSYN,SET,5,colour,3", FE_REASON_KEY);
	check_nak(&r, "PSYN,JUMP,6,3", FE_REASON_COMMAND);
	check_nak(&r, "PSYN,SET,7,delay_ns,1000001", FE_REASON_RANGE);
	check_nak(&r, "PSYN,SET,8,leap,1800000001", FE_REASON_RANGE);
	assert_true(rig_ask(&r, "PSYN,QUERY,9,rate"));
	assert_int_equal(r.answer.ack.value, 18000);
	rig_ms(&r, 2000);
	assert_int_equal(r.n_events[FE_EVENT_STEP], 0);
	assert_int_equal(r.n_events[FE_EVENT_LINE_BAD], 0);
}

/* 10 MHz make no 200 ticks between 50001 edges, nor between 50000. */
static void a_slow_timer_bounds_the_rate(void **state)
{
	struct fe_config cfg = {
		.tick_hz = 9000000, .rate_hz = 1000, .board = "slow"};
	struct rig r;

	(void)state;
	rig_init(&r, 18000, 0);
	fe_front_init(&r.front, &cfg, (uint32_t)r.now);
	r.armed = false;
	r.second_ticks = 9000000;
	check_nak(&r, "PSYN,SET,1,rate,45001", FE_REASON_RANGE);
	assert_true(rig_ask(&r, "PSYN,SET,2,rate,45000"));
}

static void the_delay_moves_the_edges_before_the_pulse(void **state)
{
	struct rig r;
	uint64_t off;

	(void)state;
	locked(&r, 18000);
	assert_true(rig_ask(&r, "PSYN,SET,1,delay_ns,1000"));
	assert_true(rig_ask(&r, "PSYN,QUERY,2,delay_ns"));
	assert_int_equal(r.answer.ack.value, 1000);
	for (int i = 0; i < 30; i++)
		rig_to_second(&r, 300);
	assert_int_equal(r.report.state, FE_STATE_LOCKED);
	assert_int_equal(r.n_events[FE_EVENT_STEP], 0);
	assert_in_range(r.report.phase_ns + 24, 0, 48);
	/* Every edge is a whole number of periods from edge 0. */
	off = r.pulse - r.last_at;
	off = off * 18000 % r.second_ticks;
	check_close((double)off / 18000, 84, 3);
}

static void the_id_is_told_when_asked(void **state)
{
	struct rig r;

	(void)state;
	locked(&r, 18000);
	r.n_ids = 0;
	assert_true(rig_ask(&r, "PSYN,QUERY,65535,id"));
	assert_int_equal(r.n_ids, 1);
	assert_int_equal(r.answer.ack.seq, 65535);
	assert_false(r.answer.ack.has_value);
	assert_int_equal(r.id.tick_hz, RIG_TICK_HZ);
	assert_int_equal(r.id.rate_hz, 18000);
	assert_int_equal(r.id.boot, 7);
}

/* No answer, an event, one in a second, with their number. */
static void lines_that_are_none_are_told(void **state)
{
	static const char *const bad[] = {
		"$PSYN,QUERY,1,id*00\r\n",           /* checksum */
		"$PSYN,QUERY,1,\x01id*00\r\n",       /* a byte that is none */
		"$GPZDA,000000,01,01,2027,,*00\r\n", /* checksum */
		"noise\r\n",
	};
	struct rig r;

	(void)state;
	locked(&r, 18000);
	for (size_t i = 0; i < 4; i++)
		rig_bytes(&r, bad[i], strlen(bad[i]));
	for (int i = 0; i < 10; i++)
		rig_bytes(&r, "$PSYN,again,", 12);
	rig_ms(&r, 300);
	assert_int_equal(r.n_events[FE_EVENT_LINE_BAD], 1);
	assert_int_equal(r.value[FE_EVENT_LINE_BAD], 13);
	rig_bytes(&r, "x\r\n", 3);
	rig_say(&r, "PSYN,QUERY");
	rig_say(&r, "GPGGA,1");
	rig_ms(&r, 100);
	assert_int_equal(r.n_events[FE_EVENT_LINE_BAD], 1);
	rig_ms(&r, 1000);
	assert_int_equal(r.n_events[FE_EVENT_LINE_BAD], 2);
	assert_int_equal(r.n_answers, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_pulses_rise_half_a_period_before_edge_0),
		cmocka_unit_test(the_same_start_twice_is_done_once),
		cmocka_unit_test(a_start_is_0_1_to_60_s_ahead),
		cmocka_unit_test(without_lock_or_label_there_is_no_start),
		cmocka_unit_test(a_pulse_in_the_making_is_not_replaced),
		cmocka_unit_test(a_start_over_a_leap_second_is_at_its_second),
		cmocka_unit_test(
			another_rate_goes_from_an_edge_0_on_and_is_told),
		cmocka_unit_test(rates_that_cannot_be_are_refused),
		cmocka_unit_test(a_slow_timer_bounds_the_rate),
		cmocka_unit_test(the_delay_moves_the_edges_before_the_pulse),
		cmocka_unit_test(the_id_is_told_when_asked),
		cmocka_unit_test(lines_that_are_none_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

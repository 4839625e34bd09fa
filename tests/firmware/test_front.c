/*
 * test_front.c - the whole front end behind its port's calls, on a timer that
 * counts exactly (rig.h): what faults of the port and of the lines do.
 */
#include "check.h"

#include <stdio.h>

#include "tests/firmware/rig.h"

static void it_locks_and_tells_each_second(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, 18000, 0xffff0000);
	assert_true(rig_lock(&r));
	assert_true(r.n < 60);
	assert_int_equal(r.n_ids, 1);
	assert_int_equal(r.n_events[FE_EVENT_BOOT], 1);
	assert_int_equal(r.value[FE_EVENT_BOOT], 7);
	assert_int_equal(r.n_events[FE_EVENT_WATCHDOG], 0);
	assert_string_equal(r.id.board, "rig");
	assert_string_equal(r.id.version, "1.2");
	rig_clear(&r);
	for (int i = 0; i < 20; i++) {
		unsigned n = r.n_reports;
		uint64_t second = r.pulse;

		rig_to_second(&r, 200);
		assert_int_equal(r.n_reports, n + 1);
		assert_true(r.report_at - second < RIG_TICK_HZ / 10);
		assert_int_equal(r.report.utc_s, rig_utc_s(&r));
		assert_int_equal(r.report.edges, 18000);
		assert_int_equal(r.report.flags, FE_FLAG_LABEL | FE_FLAG_PULSE |
							 FE_FLAG_RUNNING);
		/* Ideal pulses: what is left is the tick's rounding. */
		assert_true(r.report.has_phase);
		assert_in_range(r.report.phase_ns + 24, 0, 48);
		assert_true(r.report.has_sats);
		assert_int_equal(r.report.sats, 9);
	}
	assert_int_equal(r.n_odd, 0);
	assert_int_equal(r.n_idle, 0);
	assert_int_equal(r.n_bad, 0);
}

static void the_timer_may_wrap_at_any_time(void **state)
{
	struct rig r;
	uint64_t n_edges;

	(void)state;
	rig_init(&r, 18000, 0);
	assert_true(rig_lock(&r));
	rig_to_second(&r, 500);
	rig_clear(&r);
	n_edges = r.n_edges;
	/* Three times 51.1 s. */
	for (int i = 0; i < 160; i++)
		rig_to_second(&r, 500);
	assert_true(r.now >> 32 > 3);
	assert_true(r.n_edges - n_edges == 160 * 18000);
	assert_int_equal(r.n_odd, 0);
	assert_int_equal(r.n_events[FE_EVENT_STATE], 0);
	assert_int_equal(r.report.state, FE_STATE_LOCKED);
}

/* Between pulse and edge 0 either may be first, and a poll between them. */
static void the_order_of_pulse_and_edge_does_not_matter(void **state)
{
	static const uint32_t delays_ns[] = {0, 1, 100, 999999};
	struct rig r;

	(void)state;
	rig_init(&r, 18000, 0);
	r.poll_us = 7;
	assert_true(rig_lock(&r));
	for (size_t i = 0; i < 4; i++) {
		char text[64];

		snprintf(text, sizeof(text), "PSYN,SET,%zu,delay_ns,%u", i,
			 delays_ns[i]);
		assert_true(rig_ask(&r, text));
		rig_clear(&r);
		for (int k = 0; k < 8; k++) {
			rig_to_second(&r, 200);
			assert_int_equal(r.report.utc_s, rig_utc_s(&r));
			assert_int_equal(r.report.edges, 18000);
			assert_true(r.report.flags & FE_FLAG_PULSE);
		}
		assert_int_equal(r.n_odd, 0);
		assert_int_equal(r.n_events[FE_EVENT_STEP], 0);
	}
}

static void a_poll_within_the_ring_s_depth_is_not_too_late(void **state)
{
	static const struct {
		uint32_t rate_hz, stall_us;
	} cases[] = {{50000, 4000}, {18000, 11000}, {1000, 11000}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct rig r;

		rig_init(&r, cases[i].rate_hz, 0x80000000);
		assert_true(rig_lock(&r));
		rig_clear(&r);
		for (int k = 0; k < 500; k++) {
			rig_stall(&r, cases[i].stall_us);
			rig_ms(&r, 1);
		}
		assert_int_equal(r.n_odd, 0);
		assert_int_equal(r.n_idle, 0);
		assert_int_equal(r.n_events[FE_EVENT_UNDERRUN], 0);
		assert_int_equal(r.report.state, FE_STATE_LOCKED);
	}
}

static void a_ring_that_runs_dry_is_told_and_aligned_anew(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, 18000, 0);
	assert_true(rig_lock(&r));
	rig_to_second(&r, 500);
	rig_clear(&r);
	rig_stall(&r, 40000);
	assert_true(r.n_idle > 0);
	rig_to_second(&r, 100);
	/* At once, and with the next second what was found missing since. */
	assert_in_range(r.n_events[FE_EVENT_UNDERRUN], 1, 2);
	assert_int_equal(r.report.state, FE_STATE_FAULT);
	assert_false(r.report.flags & FE_FLAG_RUNNING);
	/* 40 ms less the ring's 12 are lost, and no others. */
	assert_in_range(r.report.edges, 18000 - 720, 18000 - 400);
	rig_clear(&r);
	assert_true(rig_lock(&r));
	rig_to_second(&r, 100);
	assert_int_equal(r.report.edges, 18000);
	assert_true(r.report.flags & FE_FLAG_RUNNING);
	assert_int_equal(r.n_odd, 0);
	assert_int_equal(r.n_events[FE_EVENT_UNDERRUN], 0);
}

static void an_interrupt_that_comes_too_late_is_told(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, 18000, 0);
	assert_true(rig_lock(&r));
	rig_to_second(&r, 500);
	r.late_ticks = 3 * RIG_TICK_HZ / 18000;
	rig_stall(&r, 56);
	r.late_ticks = 0;
	rig_to_second(&r, 100);
	assert_int_equal(r.n_events[FE_EVENT_UNDERRUN], 1);
	assert_in_range(r.value[FE_EVENT_UNDERRUN], 3, 6);
	assert_int_equal(r.report.edges, 18000 - r.value[FE_EVENT_UNDERRUN]);
	assert_int_equal(r.report.state, FE_STATE_FAULT);
}

static void a_stall_of_seconds_ends_well(void **state)
{
	static const uint32_t stalls_s[] = {1, 3, 20};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct rig r;

		rig_init(&r, 18000, 0);
		assert_true(rig_lock(&r));
		rig_stall(&r, stalls_s[i] * 1000000);
		rig_ms(&r, 1500);
		assert_int_equal(r.report.state, FE_STATE_FAULT);
		assert_true(rig_lock(&r));
		rig_to_second(&r, 200);
		rig_clear(&r);
		for (int k = 0; k < 5; k++) {
			rig_to_second(&r, 200);
			assert_int_equal(r.report.utc_s, rig_utc_s(&r));
			assert_int_equal(r.report.edges, 18000);
		}
		assert_int_equal(r.n_odd, 0);
	}
}

static void lost_pulses_are_told_and_bridged(void **state)
{
	struct rig r;
	uint64_t n_edges;

	(void)state;
	rig_init(&r, 18000, 0);
	assert_true(rig_lock(&r));
	rig_to_second(&r, 500);
	rig_clear(&r);
	n_edges = r.n_edges;
	r.no_pulses = true;
	rig_to_second(&r, 900);
	assert_int_equal(r.n_events[FE_EVENT_PPS_LOST], 1);
	assert_false(r.report.flags & FE_FLAG_PULSE);
	assert_false(r.report.has_phase);
	for (int i = 0; i < 99; i++) {
		rig_to_second(&r, 500);
		assert_int_equal(r.report.utc_s, rig_utc_s(&r));
	}
	assert_int_equal(r.report.state, FE_STATE_HOLDOVER);
	r.no_pulses = false;
	for (int i = 0; i < 20; i++)
		rig_to_second(&r, 500);
	assert_int_equal(r.n_events[FE_EVENT_PPS_LOST], 1);
	assert_int_equal(r.n_events[FE_EVENT_PPS_BACK], 1);
	assert_in_range(r.value[FE_EVENT_PPS_BACK], 98, 101);
	assert_int_equal(r.n_events[FE_EVENT_STEP], 0);
	assert_int_equal(r.report.state, FE_STATE_LOCKED);
	assert_int_equal(r.report.utc_s, rig_utc_s(&r));
	assert_true(r.n_edges - n_edges == 120 * 18000);
	assert_int_equal(r.n_odd, 0);
}

static void a_label_that_jumps_is_a_fault_and_edges_run_on(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, 18000, 0);
	assert_true(rig_lock(&r));
	rig_to_second(&r, 500);
	rig_clear(&r);
	r.gps.start_utc_s += 3600;
	for (int i = 0; i < 6; i++)
		rig_to_second(&r, 500);
	assert_int_equal(r.n_events[FE_EVENT_LABEL_JUMP], 1);
	assert_int_equal(r.value[FE_EVENT_LABEL_JUMP], 3600);
	assert_int_equal(r.n_events[FE_EVENT_LABEL_LOST], 1);
	assert_int_equal(r.report.state, FE_STATE_FAULT);
	assert_int_equal(r.report.utc_s, 0);
	for (int i = 0; i < 15; i++)
		rig_to_second(&r, 500);
	assert_int_equal(r.report.state, FE_STATE_LOCKED);
	assert_int_equal(r.report.utc_s, rig_utc_s(&r));
	assert_int_equal(r.report.edges, 18000);
	assert_int_equal(r.n_events[FE_EVENT_STEP], 0);
	assert_int_equal(r.n_odd, 0);
}

static void what_the_host_does_not_read_is_dropped_by_lines(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, 18000, 0);
	assert_true(rig_lock(&r));
	rig_to_second(&r, 52); /* within a line */
	r.deaf = true;
	for (int i = 0; i < 60; i++)
		rig_to_second(&r, 500);
	r.deaf = false;
	rig_clear(&r);
	r.n_reports = 0;
	rig_ms(&r, 1500);
	assert_int_equal(r.n_bad, 0);
	assert_true(r.n_reports >= 7);
	assert_true(r.n_events[FE_EVENT_LINES_LOST] >= 1);
	assert_int_equal(r.report.utc_s, rig_utc_s(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_locks_and_tells_each_second),
		cmocka_unit_test(the_timer_may_wrap_at_any_time),
		cmocka_unit_test(the_order_of_pulse_and_edge_does_not_matter),
		cmocka_unit_test(
			a_poll_within_the_ring_s_depth_is_not_too_late),
		cmocka_unit_test(a_ring_that_runs_dry_is_told_and_aligned_anew),
		cmocka_unit_test(an_interrupt_that_comes_too_late_is_told),
		cmocka_unit_test(a_stall_of_seconds_ends_well),
		cmocka_unit_test(lost_pulses_are_told_and_bridged),
		cmocka_unit_test(
			a_label_that_jumps_is_a_fault_and_edges_run_on),
		cmocka_unit_test(
			what_the_host_does_not_read_is_dropped_by_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_mcu_state.c - what a timing front end says becomes state and quality; no
 * descriptor, no thread.
 */
#include "mcu_bench.h"

/* ---- what its time is worth ---- */

static void a_report_is_read_in_its_units(void **state)
{
	struct cis_mcu_state st;
	struct bench b;

	(void)state;
	meet(&b);
	mcu_now_state(&b.t.now, S + S / 4, &st);
	assert_true(st.up && st.heard && st.label && st.running && st.pulse);
	assert_false(st.slewing || st.armed || st.in_leap);
	assert_int_equal(st.servo, CIS_MCU_LOCKED);
	assert_int_equal(st.utc_s, UTC_S + 1);
	assert_int_equal(st.tai_s, TAI_S + 1);
	assert_int_equal(st.n_edge, 18000);
	assert_int_equal(st.sats, 9);
	/* Integers in ns: exact to the rounding of doubles. */
	check_close(st.phase_s, -12e-9, 1e-22);
	check_close(st.freq_ppb, 30125, 0);
	check_close(st.error_s, 120e-9, 1e-22);
	check_close(st.age_s, 0.25, 1e-12);
	/* A report is heard up to 0.1 s after its second. */
	check_close(st.off_s, 0, 0.1);
}

static void unknown_fields_are_not_zeros(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	report(&b, 2, "LOCKED", ",,,,18000,0081");
	assert_true(isnan(b.t.now.st.phase_s) && isnan(b.t.now.st.freq_ppb));
	assert_true(isnan(b.t.now.st.error_s));
	assert_int_equal(b.t.now.st.sats, -1);
	assert_true(isinf(quality(&b, 2).unc_s));
}

static void quality_follows_the_state(void **state)
{
	static const struct {
		const char *name, *rest;
		double unc_s, unlocked_s;
	} cases[] = {
		{"LOCKED", "-12,30125,120,9,18000,00A1", 120e-9, 0},
		{"LOCKED", "-12,30125,900,9,18000,00E1", 900e-9, 3},
		{"TRACK", "-12,30125,4000,9,18000,00E1", 4e-6, 3},
		{"HOLDOVER", ",30125,350,,18000,0081", 350e-9, 3},
		{"LOCKED", "-12,30125,120,9,18000,00A0", INFINITY, 3},
		{"HOLDOVER", ",30125,350,,18000,0080", INFINITY, 3},
		{"INIT", ",,50,,18000,0001", INFINITY, 3},
		{"ACQUIRE", "5,,50,,18000,0001", INFINITY, 3},
		{"FAULT", "5,,50,,18000,0081", INFINITY, 3},
	};
	struct bench b;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_time_quality q;

		meet(&b);
		report(&b, 2, cases[i].name, cases[i].rest);
		q = quality(&b, 4); /* the good one was heard at 1 s */
		if (isinf(cases[i].unc_s))
			assert_true(isinf(q.unc_s));
		else
			check_close(q.unc_s, cases[i].unc_s, 1e-18);
		check_close(q.unlocked_s, cases[i].unlocked_s, 1e-9);
	}
}

/* Told at once, not only with the next report. */
static void an_event_of_the_state_is_the_state(void **state)
{
	struct bench b;
	struct cis_time_quality q;

	(void)state;
	meet(&b);
	b.now_ns += S / 10;
	say(&b, "PSYN,E,1795287601,STATE,4");
	assert_int_equal(b.t.now.st.servo, CIS_MCU_HOLDOVER);
	q = quality(&b, 2);
	check_close(q.unlocked_s, 1, 1e-9);
	assert_true(isfinite(q.unc_s));
	say(&b, "PSYN,E,1795287601,STATE,17");
	assert_int_equal(b.t.now.st.servo, CIS_MCU_HOLDOVER);
}

/* 1 us a second, and 7.5e-9/s of drift: half of that times the square. */
static void silence_costs_time_and_drift(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	check_close(quality(&b, 2.9).unc_s, 120e-9, 1e-18);
	check_close(quality(&b, 2.9).unlocked_s, 0, 0);
	check_close(quality(&b, 11).unc_s, 120e-9 + 10e-6 + 375e-9, 1e-15);
	check_close(quality(&b, 11).unlocked_s, 10, 1e-9);
	mcu_talk_tick(&b.t, 2 * S);
	assert_false(has_event(&b, CIS_MCU_LINK_DOWN));
	mcu_talk_tick(&b.t, 4 * S);
	assert_true(has_event(&b, CIS_MCU_LINK_DOWN));
	assert_int_equal(mcu_talk_broken(&b.t, 5 * S), 0);
	assert_int_equal(mcu_talk_broken(&b.t, 7 * S), -ETIMEDOUT);
}

static void never_locked_is_unlocked_for_ever(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	say(&b, ID);
	report(&b, 1, "HOLDOVER", ",30125,350,,18000,0081");
	check_close(quality(&b, 1).unc_s, 350e-9, 1e-18);
	assert_true(isinf(quality(&b, 1).unlocked_s));
}

static void a_label_is_compared_with_the_computers_clock(void **state)
{
	struct bench b;

	(void)state;
	meet(&b);
	b.now_ns = 2 * S;
	say(&b, "PSYN,T,1795287612,LOCKED,1,1,120,9,18000,00A1");
	/* It says 12 s past UTC_S when the clock says 2. */
	check_close(b.t.now.st.off_s, 10, 0.1);
}

/* ---- leap seconds ---- */

static void an_inserted_second_is_a_second_of_its_own(void **state)
{
	static const struct {
		int64_t utc_s;
		const char *flags;
	} line[] = {{LEAP_SOC - 2, "00A3"},
		    {LEAP_SOC - 1, "00A3"},
		    {LEAP_SOC - 1, "00AB"},
		    {LEAP_SOC, "00A1"},
		    {LEAP_SOC + 1, "00A1"}};
	struct bench b;

	(void)state;
	begin(&b);
	say(&b, ID);
	acknowledge(&b, "$PSYN,SET,");
	mcu_watch_start(&b.t.watch, LEAP_SOC + 36 - 60, 18000);
	for (int i = 0; i < 5; i++) {
		report_at(&b, line[i].utc_s, line[i].flags);
		/* TAI - UTC was 36 s until then. */
		assert_int_equal(b.t.now.st.tai_s, LEAP_SOC + 36 - 2 + i);
	}
	assert_false(b.t.watch.torn);
}

static void a_coming_leap_second_is_set(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	say(&b, ID);
	acknowledge(&b, "$PSYN,SET,");
	sent(&b);
	report_at(&b, LEAP_SOC - 86400, "00A1");
	assert_true(asks(&b, ",leap,1483228800*"));
	assert_false(asks(&b, ",leap_till,")); /* it was said before */
	sent(&b);
	report_at(&b, LEAP_SOC - 86399, "00A1");
	assert_int_equal(b.t.ask.out_len, 0);
	report_at(&b, LEAP_SOC - 1, "00AB");
	assert_int_equal(b.t.ask.out_len, 0);
	report_at(&b, LEAP_SOC, "00A1");
	assert_true(asks(&b, ",leap,0*"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_is_read_in_its_units),
		cmocka_unit_test(unknown_fields_are_not_zeros),
		cmocka_unit_test(quality_follows_the_state),
		cmocka_unit_test(an_event_of_the_state_is_the_state),
		cmocka_unit_test(silence_costs_time_and_drift),
		cmocka_unit_test(never_locked_is_unlocked_for_ever),
		cmocka_unit_test(a_label_is_compared_with_the_computers_clock),
		cmocka_unit_test(an_inserted_second_is_a_second_of_its_own),
		cmocka_unit_test(a_coming_leap_second_is_set),
	};

	return cmocka_run_group_tests(tests, renew_list, NULL);
}

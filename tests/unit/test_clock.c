/* test_clock.c - the system's clock, and what its quality is called. */
#include <errno.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "check.h"
#include "cisoid/utc.h"
#include "host/acq/dates/clock.h"

static void time_sources_have_names(void **state)
{
	struct cis_clock clock;
	struct cis_diag diag;

	(void)state;
	assert_int_equal(cis_clock_init(&clock, "system", &diag), 0);
	assert_int_equal(clock.kind, CIS_CLOCK_SYSTEM);
	assert_int_equal(cis_clock_init(&clock, "none", &diag), 0);
	assert_int_equal(clock.kind, CIS_CLOCK_NONE);
	assert_int_equal(cis_clock_init(&clock, "gps", &diag), -EINVAL);
	assert_non_null(strstr(diag.msg, "gps"));
	assert_int_equal(cis_clock_init(&clock, "", &diag), -EINVAL);
}

static void what_was_in_memory_is_not_a_lock(void **state)
{
	static const char *const names[] = {"system", "none"};
	struct cis_clock clock;

	(void)state;
	for (int i = 0; i < 2; i++) {
		memset(&clock, 0xA5, sizeof(clock));
		assert_int_equal(cis_clock_init(&clock, names[i], NULL), 0);
		assert_false(clock.was_locked);
		assert_int_equal(clock.locked_ns, 0);
	}
}

/* The kernel through the leap second of 2016 (adjtimex(2), TIME_OOP): 23:59:59,
 * once more, 00:00:00. IERS Bulletin C 52: TAI - UTC is 36 s before, 37 after. */
static void dates_run_evenly_through_a_leap_second(void **state)
{
	static const struct {
		int state;
		int64_t posix_s;
		int64_t tai_s;
		const char *utc;
	} steps[] = {
		{TIME_INS, 1483228798, 1483228834, "2016-12-31T23:59:58.500Z"},
		{TIME_INS, 1483228799, 1483228835, "2016-12-31T23:59:59.500Z"},
		{TIME_OOP, 1483228799, 1483228836, "2016-12-31T23:59:60.500Z"},
		{TIME_WAIT, 1483228800, 1483228837, "2017-01-01T00:00:00.500Z"},
		{TIME_OK, 1483228801, 1483228838, "2017-01-01T00:00:01.500Z"},
	};
	char buf[CIS_UTC_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct timex tx = {.time = {steps[i].posix_s, 500000}};
		struct cis_time us, ns;

		us = cis_clock_timex_date(steps[i].state, &tx);
		tx.status = STA_NANO;
		tx.time.tv_usec = 500000000;
		ns = cis_clock_timex_date(steps[i].state, &tx);
		assert_int_equal(us.tai_ns,
				 steps[i].tai_s * CIS_NS_PER_S + 500000000);
		assert_int_equal(ns.tai_ns, us.tai_ns);
		assert_string_equal(cis_utc_format(us, 3, buf), steps[i].utc);
	}
}

static void quality_is_what_the_kernel_knows(void **state)
{
	static const struct {
		int state, status;
		long esterror_us, maxerror_us;
		double unc_s, unlocked_s;
	} cases[] = {
		{TIME_OK, 0, 12, 4000, 4000e-6, 0},
		{TIME_OK, STA_NANO, 0, 40, 40e-6, 0},
		{TIME_OK, 0, 0, 0, 1e-6, 0},
		{TIME_OK, STA_PLL, 300, 9000, 9000e-6, 0},
		{TIME_OK, STA_PLL, 300, 100, 900e-6, 0},
		{TIME_OK, STA_PLL, 0, 0, 10e-3, 0},
		{TIME_OK, STA_PLL, 0, 25000, 25e-3, 0},
		{TIME_OK, STA_PLL | STA_PPSTIME, 0, 3, 3e-6, 0},
		{TIME_OOP, 0, 12, 4000, 4000e-6, 0},
		{TIME_ERROR, 0, 12, 4000, INFINITY, INFINITY},
		{TIME_OK, STA_UNSYNC, 12, 4000, INFINITY, INFINITY},
		{-1, 0, 0, 0, INFINITY, INFINITY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct timex tx = {.status = cases[i].status,
				   .esterror = cases[i].esterror_us,
				   .maxerror = cases[i].maxerror_us};
		struct cis_time_quality q =
			cis_clock_timex_quality(cases[i].state, &tx);

		assert_true(q.unlocked_s == cases[i].unlocked_s);
		if (isinf(cases[i].unc_s))
			assert_true(isinf(q.unc_s));
		else /* One rounding of a decimal fraction. */
			check_close(q.unc_s, cases[i].unc_s, 1e-17);
	}
}

/* Seen locked at 100 s: 5 s and 1000 s later it has been unlocked for so long. */
static void unlocked_time_counts_from_the_loss(void **state)
{
	struct cis_clock clock = {.kind = CIS_CLOCK_SYSTEM};
	struct cis_time_quality q = {INFINITY, INFINITY};

	(void)state;
	cis_clock_count_unlocked(&clock, 50 * CIS_NS_PER_S, &q);
	assert_true(isinf(q.unlocked_s));
	q.unlocked_s = 0;
	cis_clock_count_unlocked(&clock, 100 * CIS_NS_PER_S, &q);
	check_close(q.unlocked_s, 0, 0);
	q.unlocked_s = INFINITY;
	cis_clock_count_unlocked(&clock, 105 * CIS_NS_PER_S, &q);
	check_close(q.unlocked_s, 5, 0);
	q.unlocked_s = INFINITY;
	cis_clock_count_unlocked(&clock, 1100 * CIS_NS_PER_S, &q);
	check_close(q.unlocked_s, 1000, 0);
	q.unlocked_s = 0;
	cis_clock_count_unlocked(&clock, 1200 * CIS_NS_PER_S, &q);
	check_close(q.unlocked_s, 0, 0);
}

/* adjtimex(2): a leap second comes at the end of the UTC day. 2040-06-30 is a
 * month's last day that no list knows of, 2040-06-20 is none, and of 2016 all is
 * known. 2223072000 is 2040-06-12T00:00:00Z. */
static void leap_seconds_of_the_kernel_are_heard(void **state)
{
	const int64_t june12 = 2223072000;
	const struct {
		int state;
		int64_t posix_s;
		int step_s;
	} cases[] = {
		{TIME_INS, june12 + 18 * 86400, 1},
		{TIME_INS, june12 + 19 * 86400 - 1, 1},
		{TIME_OOP, june12 + 19 * 86400 - 1, 1},
		{TIME_DEL, june12 + 18 * 86400 + 7, -1},
		{TIME_OK, june12 + 18 * 86400, 0},
		{TIME_WAIT, june12 + 18 * 86400, 0},
		{TIME_ERROR, june12 + 18 * 86400, 0},
		{-1, june12 + 18 * 86400, 0},
		{TIME_INS, june12, 0},
		{TIME_INS, 1483228799, 0},
		{TIME_INS, 1467331199, 0}, /* 2016-06-30T23:59:59Z */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct timex tx = {.time = {cases[i].posix_s, 0}};
		int64_t soc;
		int step_s;
		bool heard = cis_clock_timex_leap(cases[i].state, &tx, &soc,
						  &step_s);

		assert_int_equal(heard, cases[i].step_s != 0);
		if (!heard)
			continue;
		assert_int_equal(step_s, cases[i].step_s);
		assert_int_equal(soc, june12 + 19 * 86400);
	}
}

static void time_none_is_worthless(void **state)
{
	struct cis_clock clock = {.kind = CIS_CLOCK_NONE};
	struct cis_time_quality q = cis_clock_quality(&clock);

	(void)state;
	assert_true(isinf(q.unc_s));
	assert_true(isinf(q.unlocked_s));
}

static void now_lies_between_two_readings_of_the_system(void **state)
{
	struct cis_clock clock = {.kind = CIS_CLOCK_SYSTEM};
	struct timespec a, b;
	struct cis_time t;

	(void)state;
	clock_gettime(CLOCK_REALTIME, &a);
	t = cis_clock_now(&clock);
	clock_gettime(CLOCK_REALTIME, &b);
	assert_true(t.tai_ns >=
		    cis_time_from_posix(a.tv_sec, a.tv_nsec).tai_ns);
	assert_true(t.tai_ns <=
		    cis_time_from_posix(b.tv_sec, b.tv_nsec).tai_ns);
}

static void waiting_ends_at_the_date_or_at_the_limit(void **state)
{
	struct cis_clock clock = {.kind = CIS_CLOCK_SYSTEM};
	struct cis_time t0 = cis_clock_now(&clock);

	(void)state;
	cis_clock_wait(&clock, cis_time_add_ns(t0, -CIS_NS_PER_S), 10000);
	cis_clock_wait(&clock, cis_time_add_ns(t0, 2000000), 10000);
	assert_true(cis_time_diff_ns(cis_clock_now(&clock), t0) >= 1900000);
	cis_clock_wait(&clock, cis_time_add_ns(t0, 3600 * CIS_NS_PER_S), 2);
	cis_clock_wait(&clock, cis_time_add_ns(t0, 3600 * CIS_NS_PER_S), 0);
	cis_clock_wait(&clock, cis_time_add_ns(t0, 3600 * CIS_NS_PER_S), -1);
	assert_true(cis_time_diff_ns(cis_clock_now(&clock), t0) <
		    50 * CIS_NS_PER_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_sources_have_names),
		cmocka_unit_test(what_was_in_memory_is_not_a_lock),
		cmocka_unit_test(dates_run_evenly_through_a_leap_second),
		cmocka_unit_test(quality_is_what_the_kernel_knows),
		cmocka_unit_test(unlocked_time_counts_from_the_loss),
		cmocka_unit_test(leap_seconds_of_the_kernel_are_heard),
		cmocka_unit_test(time_none_is_worthless),
		cmocka_unit_test(now_lies_between_two_readings_of_the_system),
		cmocka_unit_test(waiting_ends_at_the_date_or_at_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_arrival.c - what is made of the age of the newest scan. */
#include "check.h"
#include "host/acq/comedi/arrival.h"

#define MS INT64_C(1000000)

static struct cis_arrival a;
static int64_t now_ns;

/* The next arrival, 2 ms later; the newest scan is this old. */
static enum cis_arrival_verdict arrive(double lag_ms)
{
	now_ns += 2 * MS;
	return cis_arrival_take(&a, lag_ms * 1e-3, (lag_ms + 0.1) * 1e-3,
				now_ns);
}

static void run_ms(int64_t ms)
{
	for (int64_t i = 0; i < ms / 2; i++)
		assert_int_equal(arrive((double)(i % 5) * 0.4),
				 CIS_ARRIVAL_FINE);
}

static void begin(void)
{
	now_ns = 0;
	cis_arrival_init(&a);
	cis_arrival_start(&a, now_ns);
}

static void ages_of_a_batch_are_fine_for_ever(void **state)
{
	(void)state;
	begin();
	run_ms(10000);
}

static void a_clock_that_drifts_slowly_is_fine(void **state)
{
	(void)state;
	begin();
	/* 1000 s at 100 ppm: the ages end 100 ms from where they began. */
	for (int i = 0; i < 500000; i++)
		assert_int_equal(arrive(1 + (i % 5) * 0.4 + i * 2e-4),
				 CIS_ARRIVAL_FINE);
}

/* 300 ms, and six arrivals. */
static void scans_that_are_missing_are_found_and_held_back(void **state)
{
	static const double pause_ms[] = {8, 100, 5000};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		unsigned n = 0;

		begin();
		run_ms(3000);
		now_ns += (int64_t)(pause_ms[i] * 1e6);
		while (arrive(pause_ms[i]) == CIS_ARRIVAL_DOUBTFUL)
			n++;
		assert_int_equal(n, 150);
		assert_int_equal(arrive(pause_ms[i]), CIS_ARRIVAL_LATE);
	}
}

static void scans_too_many_are_found_as_well(void **state)
{
	(void)state;
	begin();
	run_ms(3000);
	for (unsigned n = 0; n < 150; n++)
		assert_int_equal(arrive(-105), CIS_ARRIVAL_DOUBTFUL);
	assert_int_equal(arrive(-105), CIS_ARRIVAL_EARLY);
}

static void a_driver_that_was_late_once_is_fine_again(void **state)
{
	(void)state;
	begin();
	run_ms(3000);
	for (int i = 0; i < 40; i++)
		assert_int_equal(arrive(60 - i), CIS_ARRIVAL_DOUBTFUL);
	run_ms(3000);
}

/* As after a standstill of driver and computer: 0.8 s, made up in 1.6 s. */
static void a_driver_that_makes_up_for_a_delay_is_fine_again(void **state)
{
	enum cis_arrival_verdict v;

	(void)state;
	begin();
	run_ms(3000);
	now_ns += 800 * MS;
	for (double lag_ms = 800; lag_ms > 2; lag_ms--) {
		v = arrive(lag_ms);
		assert_true(v == CIS_ARRIVAL_DOUBTFUL || lag_ms < 10);
	}
	run_ms(3000);
}

static void a_start_under_load_is_no_measure_of_what_is_early(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 20; i++)
		assert_int_equal(arrive(60), CIS_ARRIVAL_FINE);
	run_ms(3000);
}

/* This program slept between looking at the clock and reading. */
static void being_late_oneself_is_no_reason_for_doubt(void **state)
{
	(void)state;
	begin();
	run_ms(3000);
	now_ns += 300 * MS;
	assert_int_equal(cis_arrival_take(&a, -0.299, 1e-3, now_ns),
			 CIS_ARRIVAL_FINE);
	run_ms(3000);
}

/* ... and none for belief: the first arrivals of a start were such. */
static void a_start_waits_for_a_sharp_look(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 5; i++) {
		now_ns += 20 * MS;
		assert_int_equal(cis_arrival_take(&a, -13e-3, 4e-3, now_ns),
				 CIS_ARRIVAL_DOUBTFUL);
	}
	run_ms(3000);
}

/* The scan clock stood still when the board was armed. */
static void a_start_unlike_those_before_is_not_believed(void **state)
{
	(void)state;
	begin();
	run_ms(3000);
	cis_arrival_start(&a, now_ns);
	assert_int_equal(arrive(30), CIS_ARRIVAL_LATE);
	cis_arrival_start(&a, now_ns);
	run_ms(3000);
}

/* This computer's clock is 300 ms off: all starts look like that. */
static void what_two_starts_agree_on_is_believed(void **state)
{
	(void)state;
	begin();
	assert_int_equal(arrive(300), CIS_ARRIVAL_LATE);
	cis_arrival_start(&a, now_ns);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(arrive(299 + (i % 5) * 0.4), CIS_ARRIVAL_FINE);
	/* A third as well, and none that is like nothing before. */
	cis_arrival_start(&a, now_ns);
	assert_int_equal(arrive(301), CIS_ARRIVAL_FINE);
	cis_arrival_start(&a, now_ns);
	assert_int_equal(arrive(2), CIS_ARRIVAL_EARLY);
}

static void it_ends_where_no_two_starts_agree(void **state)
{
	unsigned n = 0;

	(void)state;
	begin();
	while (arrive(200 + 50 * n) != CIS_ARRIVAL_FINE) {
		cis_arrival_start(&a, now_ns);
		n++;
	}
	assert_int_equal(n, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ages_of_a_batch_are_fine_for_ever),
		cmocka_unit_test(a_clock_that_drifts_slowly_is_fine),
		cmocka_unit_test(
			scans_that_are_missing_are_found_and_held_back),
		cmocka_unit_test(scans_too_many_are_found_as_well),
		cmocka_unit_test(a_driver_that_was_late_once_is_fine_again),
		cmocka_unit_test(
			a_driver_that_makes_up_for_a_delay_is_fine_again),
		cmocka_unit_test(
			a_start_under_load_is_no_measure_of_what_is_early),
		cmocka_unit_test(being_late_oneself_is_no_reason_for_doubt),
		cmocka_unit_test(a_start_waits_for_a_sharp_look),
		cmocka_unit_test(a_start_unlike_those_before_is_not_believed),
		cmocka_unit_test(what_two_starts_agree_on_is_believed),
		cmocka_unit_test(it_ends_where_no_two_starts_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_sim_gps.c - the simulated receiver: dates against the C library's
 * calendar, faults where they were put.
 */
#include "tests/firmware/sim/sim_gps.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "check.h"

enum { END_OF_2016_S = 1483228800 };

static bool says(const struct sim_gps *g, int64_t n, const char *part)
{
	char buf[SIM_GPS_TEXT];
	size_t len = sim_gps_text(g, n, buf);

	assert_true(len < sizeof(buf));
	buf[len] = '\0';
	return strstr(buf, part);
}

static void dates_are_the_calendar_s(void **state)
{
	(void)state;
	struct sim_gps g;

	sim_gps_init(&g);
	/* A prime number of seconds through four years and a leap day. */
	for (int64_t n = 0; n < 4 * 366 * 86400LL; n += 86413) {
		time_t utc_s = (time_t)(g.start_utc_s + n);
		struct tm tm;
		char want[64];

		assert_non_null(gmtime_r(&utc_s, &tm));
		strftime(want, sizeof(want), "$GPZDA,%H%M%S.00,%d,%m,%Y,", &tm);
		assert_true(says(&g, n, want));
		strftime(want, sizeof(want), ",%d%m%y,,,A*", &tm);
		assert_true(says(&g, n, want));
	}
}

static void the_sum_of_a_known_sentence_is_right(void **state)
{
	(void)state;
	struct sim_gps g;

	sim_gps_init(&g);
	/* Exclusive or of the characters between $ and *. */
	assert_true(says(&g, 0, "$GPZDA,000000.00,01,01,2026,00,00*60\r\n"));
}

static void a_leap_second_is_named_sixty(void **state)
{
	(void)state;
	struct sim_gps g;
	bool in_leap;

	sim_gps_init(&g);
	g.start_utc_s = END_OF_2016_S - 10;
	g.leap_utc_s = END_OF_2016_S;
	assert_true(says(&g, 9, "$GPZDA,235959.00,31,12,2016"));
	assert_true(says(&g, 10, "$GPZDA,235960.00,31,12,2016"));
	assert_true(says(&g, 11, "$GPZDA,000000.00,01,01,2017"));
	assert_int_equal(sim_gps_utc_s(&g, 9, &in_leap), END_OF_2016_S - 1);
	assert_false(in_leap);
	assert_int_equal(sim_gps_utc_s(&g, 10, &in_leap), END_OF_2016_S - 1);
	assert_true(in_leap);
	assert_int_equal(sim_gps_utc_s(&g, 11, &in_leap), END_OF_2016_S);
	assert_false(in_leap);
}

static void a_second_left_out_is_not_named(void **state)
{
	(void)state;
	struct sim_gps g;
	bool in_leap;

	sim_gps_init(&g);
	g.start_utc_s = END_OF_2016_S - 10;
	g.leap_utc_s = -END_OF_2016_S;
	assert_true(says(&g, 8, "$GPZDA,235958.00,31,12,2016"));
	assert_true(says(&g, 9, "$GPZDA,000000.00,01,01,2017"));
	assert_int_equal(sim_gps_utc_s(&g, 9, &in_leap), END_OF_2016_S);
	assert_false(in_leap);
}

static void faults_hold_for_their_seconds(void **state)
{
	(void)state;
	char buf[SIM_GPS_TEXT];
	struct sim_gps g;

	sim_gps_init(&g);
	sim_gps_fault(&g, (struct sim_gps_fault){SIM_GPS_WRONG, 2, 3, -1});
	sim_gps_fault(&g, (struct sim_gps_fault){SIM_GPS_VOID, 3, 4, 0});
	sim_gps_fault(&g, (struct sim_gps_fault){SIM_GPS_SILENT, 4, 5, 0});
	sim_gps_fault(&g, (struct sim_gps_fault){SIM_GPS_LATE, 5, 6, 900});
	assert_true(says(&g, 1, "RMC,000001.00,A"));
	assert_true(says(&g, 2, "RMC,000001.00,A"));
	assert_true(says(&g, 3, "RMC,000003.00,V"));
	assert_int_equal(sim_gps_text(&g, 4, buf), 0);
	/* A byte of ten bits at 9600 bit/s; 120 ms of lead. */
	check_close(sim_gps_byte_s(&g, 1, 0), 0.120 + 10. / 9600, 1e-12);
	check_close(sim_gps_byte_s(&g, 5, 95), 1.020 + 0.1, 1e-12);
	sim_gps_mend(&g, SIM_GPS_SILENT, 4);
	assert_true(says(&g, 4, "RMC,000004.00,A"));
}

/* Binomial: mean 1000 of 100000, deviation 31.5; five of them. */
static void corruption_is_as_rare_as_told(void **state)
{
	(void)state;
	struct sim_gps clean, g;
	size_t n_bytes = 0, n_bad = 0;

	sim_gps_init(&clean);
	g = clean;
	sim_gps_fault(&g,
		      (struct sim_gps_fault){SIM_GPS_CORRUPT, 0, 1000, 100});
	for (int64_t n = 0; n_bytes < 100000; n++) {
		char a[SIM_GPS_TEXT], b[SIM_GPS_TEXT];
		size_t len = sim_gps_text(&clean, n, a);

		assert_int_equal(sim_gps_text(&g, n, b), len);
		for (size_t i = 0; i < len; i++)
			n_bad += a[i] != b[i];
		n_bytes += len;
	}
	check_close((double)n_bad / (double)n_bytes, 0.01, 5 * 31.5e-5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_the_calendar_s),
		cmocka_unit_test(the_sum_of_a_known_sentence_is_right),
		cmocka_unit_test(a_leap_second_is_named_sixty),
		cmocka_unit_test(a_second_left_out_is_not_named),
		cmocka_unit_test(faults_hold_for_their_seconds),
		cmocka_unit_test(corruption_is_as_rare_as_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

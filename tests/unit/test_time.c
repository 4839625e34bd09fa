/* test_time.c - report instants, scans, UTC and leap seconds. */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "cisoid/block.h"
#include "cisoid/time.h"
#include "cisoid/utc.h"

/* 18 kHz: scan 18000 * 3600 * h + 1 lies 1/18000 s after a whole second. */
static void scans_keep_their_instant_after_hours(void **state)
{
	struct cis_scan_clock clock = {
		.anchor = {.tai_ns = INT64_C(1763680911) * CIS_NS_PER_S},
		.rate_hz = 18000};

	(void)state;
	for (uint64_t h = 0; h < 10000; h += 100) {
		struct cis_split_time t =
			cis_scan_instant(&clock, h * 3600 * 18000 + 1);

		assert_int_equal(t.tai_s, 1763680911 + (int64_t)h * 3600);
		check_close(t.frac_s, 1.0 / 18000, 1e-12);
	}
}

/* 17857.142857... Hz, a period of 56 us: scan n is at n * 56 us. */
static void scans_of_a_fractional_rate_keep_theirs(void **state)
{
	struct cis_scan_clock clock = {.rate_hz = 1e6 / 56};
	uint64_t n = UINT64_C(3600) * 1000000 / 56;
	struct cis_split_time t = cis_scan_instant(&clock, n);
	double want = (double)(n * 56 % 1000000) * 1e-6;

	(void)state;
	assert_int_equal(t.tai_s, (int64_t)(n * 56 / 1000000));
	/* The rate itself is rounded: n/rate is off by at most n/rate * 2^-53 */
	check_close(t.frac_s, want, 3600 * 1.2e-16 + 1e-15);
}

static void the_nearest_scan_is_within_half_a_sample(void **state)
{
	static const double rates_hz[] = {18000, 1e6 / 56, 30707.244140625,
					  5760, 300};
	(void)state;
	for (size_t i = 0; i < sizeof(rates_hz) / sizeof(rates_hz[0]); i++) {
		struct cis_scan_clock clock = {.anchor = {.tai_ns = 407500001},
					       .rate_hz = rates_hz[i]};

		for (uint32_t k = 0; k < 600; k++) {
			struct cis_instant at = {.tai_s = 100000 + k / 60,
						 .k = k % 60,
						 .rate = {60, 1}};
			double off;
			int64_t n = cis_scan_nearest(
				&clock, cis_instant_split(at), &off);
			struct cis_split_time t =
				cis_scan_instant(&clock, (uint64_t)n);

			assert_true(fabs(off) <= 0.5 / rates_hz[i] * 1.000001);
			check_close(cis_split_diff_s(cis_instant_split(at), t),
				    off, 1e-15);
		}
	}
}

static void instants_lie_on_the_grid_of_the_second(void **state)
{
	struct cis_rate r60 = {60, 1};
	struct cis_time t = {.tai_ns = 5 * CIS_NS_PER_S + 16666667};
	struct cis_instant i = cis_instant_from(t, r60);

	(void)state;
	/* 1/60 s is 16 666 666.67 ns: before t, so the next one. */
	assert_int_equal(i.k, 2);
	i = cis_instant_from(
		(struct cis_time){.tai_ns = 5 * CIS_NS_PER_S + 16666666}, r60);
	assert_int_equal(i.k, 1);
	i = cis_instant_from((struct cis_time){.tai_ns = 6 * CIS_NS_PER_S - 1},
			     r60);
	assert_int_equal(i.tai_s, 6);
	assert_int_equal(i.k, 0);
	for (int n = 0; n < 61; n++)
		i = cis_instant_next(i);
	assert_int_equal(i.tai_s, 7);
	assert_int_equal(i.k, 1);
}

static void slow_rates_lie_on_multiples_of_utc_seconds(void **state)
{
	struct cis_rate every5 = {1, 5};
	struct cis_time t = {.tai_ns = (cis_tai_from_soc(1000000000) + 1) *
				       CIS_NS_PER_S};
	struct cis_instant i = cis_instant_from(t, every5);

	(void)state;
	assert_int_equal(cis_utc_from_tai(i.tai_s).soc, 1000000005);
	i = cis_instant_next(i);
	assert_int_equal(cis_utc_from_tai(i.tai_s).soc, 1000000010);
}

/* IERS Bulletin C 52: 2016-12-31T23:59:60Z was inserted; offset then 37 s. */
static void the_leap_second_of_2016_is_shown_as_60(void **state)
{
	int64_t tai = 1483228800 + 36; /* TAI of 23:59:60 */
	char buf[CIS_UTC_SIZE];

	(void)state;
	cis_utc_format((struct cis_time){(tai - 1) * CIS_NS_PER_S}, 0, buf);
	assert_string_equal(buf, "2016-12-31T23:59:59Z");
	cis_utc_format((struct cis_time){tai * CIS_NS_PER_S + 5}, 9, buf);
	assert_string_equal(buf, "2016-12-31T23:59:60.000000005Z");
	cis_utc_format((struct cis_time){(tai + 1) * CIS_NS_PER_S}, 3, buf);
	assert_string_equal(buf, "2017-01-01T00:00:00.000Z");
	assert_int_equal(cis_utc_from_tai(tai).soc, 1483228800);
	assert_int_equal(cis_utc_from_tai(tai).leap, 1);
	assert_int_equal(cis_utc_from_tai(tai + 1).soc, 1483228800);
	for (int64_t s = tai - 3; s < tai + 3; s++)
		assert_int_equal(cis_utc_to_tai(cis_utc_from_tai(s)), s);
}

static void utc_text_is_read_back(void **state)
{
	static const char *const good[] = {
		"1970-01-01T00:00:00Z", "2000-02-29T12:34:56Z",
		"2016-12-31T23:59:60Z", "2026-11-20T23:21:14Z",
		"1969-12-31T23:59:59Z"};
	static const char *const bad[] = {"",
					  "2026-11-20",
					  "2026-11-20T23:21:14",
					  "2026-02-29T00:00:00Z",
					  "2026-11-20T24:00:00Z",
					  "2026-11-20T23:59:60Z",
					  "2026-13-01T00:00:00Z",
					  "2026-11-20T23:21:14Zx",
					  "9999-01-01T00:00:00Z",
					  "0001-01-01T00:00:00Z"};
	char buf[CIS_UTC_SIZE];
	struct cis_time t, u;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(cis_utc_parse(good[i], &t, NULL), 0);
		assert_string_equal(cis_utc_format(t, 0, buf), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cis_diag diag;

		assert_int_equal(cis_utc_parse(bad[i], &t, &diag), -EINVAL);
		assert_non_null(strstr(diag.msg, bad[i]));
	}
	assert_int_equal(
		cis_utc_parse("2026-11-20T23:21:14.25+05:30", &t, NULL), 0);
	assert_int_equal(cis_utc_parse("2026-11-20T17:51:14.25Z", &u, NULL), 0);
	assert_int_equal(t.tai_ns, u.tai_ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scans_keep_their_instant_after_hours),
		cmocka_unit_test(scans_of_a_fractional_rate_keep_theirs),
		cmocka_unit_test(the_nearest_scan_is_within_half_a_sample),
		cmocka_unit_test(instants_lie_on_the_grid_of_the_second),
		cmocka_unit_test(slow_rates_lie_on_multiples_of_utc_seconds),
		cmocka_unit_test(the_leap_second_of_2016_is_shown_as_60),
		cmocka_unit_test(utc_text_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

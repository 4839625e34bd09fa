/* test_row_dates.c - one line dates all rows, and tells how far off they are. */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "host/acq/row_dates.h"

#define RATE_HZ 1000.0
#define BLOCK   100

/* Rounding of an instant in a second, and of a start to nanoseconds. */
#define ROUNDING_S 2e-9

static struct cis_row_dates dates;

static struct cis_split_time after(double s)
{
	double whole = floor(s);

	return (struct cis_split_time){1000 + (int64_t)whole, s - whole};
}

static struct cis_row_point at(uint64_t row, double s, double unc_s)
{
	return (struct cis_row_point){
		.row = row, .at = after(s), .rate_hz = RATE_HZ, .unc_s = unc_s};
}

static void put(struct cis_row_point p)
{
	cis_row_dates_put(&dates, &p);
}

/* By how much the line dates a row later than that. */
static double late_s(const struct cis_row_line *l, uint64_t row, double s)
{
	struct cis_split_time start = {
		l->start.tai_ns / CIS_NS_PER_S,
		(double)(l->start.tai_ns % CIS_NS_PER_S) / 1e9};

	return cis_split_diff_s(start, after(s)) + (double)row / l->rate_hz;
}

static void rows_are_dated_by_the_clock_that_has_settled(void **state)
{
	struct cis_row_point end = at(60000, 60, 1.5e-6);
	struct cis_row_line l;

	(void)state;
	dates = (struct cis_row_dates){0};
	/* Locked at once, but 20 us off for 10 s. */
	for (uint64_t row = 0; row < 60000; row += BLOCK) {
		bool early = row < 10000;
		double s = (double)row / RATE_HZ + (early ? 20e-6 : 0);

		put(at(row, s, early ? 25e-6 : 1.5e-6));
	}
	l = cis_row_dates_line(&dates, &end);
	check_close(late_s(&l, 0, 0), 0, ROUNDING_S);
	check_close(l.rate_hz, RATE_HZ, 1e-9);
	/* 1.5 us at both ends of 50 s, 10 s before it, and the drift's share:
	 * 1e-8/s for 10 s. */
	check_close(l.quality.unc_s, 1.5e-6 * (1 + 2 * 10. / 50) + 0.5e-6,
		    1e-9);
}

/* 0.1 ppm more each 100 s: a parabola, of which a chord is an eighth off. */
static void a_clock_that_wanders_is_told(void **state)
{
	const double bend = 1e-9, s = 1000;
	struct cis_row_point end = at(1000000, s + bend * s * s / 2, 1e-6);
	struct cis_row_line l;

	(void)state;
	dates = (struct cis_row_dates){0};
	for (uint64_t row = 0; row < 1000000; row += BLOCK) {
		double t = (double)row / RATE_HZ;
		struct cis_row_point p = at(row, t + bend * t * t / 2, 1e-6);

		p.rate_hz = RATE_HZ * (1 - bend * t);
		put(p);
	}
	end.rate_hz = RATE_HZ * (1 - bend * s);
	l = cis_row_dates_line(&dates, &end);
	check_close(late_s(&l, 0, 0), 0, ROUNDING_S);
	check_close(late_s(&l, 1000000, s + bend * s * s / 2), 0, ROUNDING_S);
	/* The nearest point to the middle is at most 4 s from it. */
	check_close(l.quality.unc_s, 1e-6 + bend * s * s / 8,
		    bend * 4 * 4 / 2 + ROUNDING_S);
}

static void holdover_at_the_end_bends_nothing(void **state)
{
	struct cis_row_point end = at(20000, 20.00005, 60e-6);
	struct cis_row_line l;

	(void)state;
	dates = (struct cis_row_dates){0};
	for (uint64_t row = 0; row < 10000; row += BLOCK)
		put(at(row, (double)row / RATE_HZ, 1e-6));
	end.unlocked_s = 10;
	l = cis_row_dates_line(&dates, &end);
	check_close(late_s(&l, 0, 0), 0, ROUNDING_S);
	check_close(l.rate_hz, RATE_HZ, 1e-9);
	check_close(l.quality.unc_s, 60e-6 + 50e-6, ROUNDING_S);
	check_close(l.quality.unlocked_s, 10, 0);
}

static void
rows_before_a_gap_that_nobody_knows_are_not_counted_back(void **state)
{
	struct cis_row_point end = at(20000, 20, 1e-6);
	struct cis_row_line l;

	(void)state;
	dates = (struct cis_row_dates){0};
	put(at(0, 0.003, 0.005));
	put(at(5000, 5, 0.005));
	dates.point[1].loose = true;
	for (uint64_t row = 10000; row < 20000; row += BLOCK)
		put(at(row, (double)row / RATE_HZ, 1e-6));
	l = cis_row_dates_line(&dates, &end);
	check_close(l.quality.unc_s, 0.008, ROUNDING_S);
}

static void a_point_that_is_bad_stays_apart_however_many_follow(void **state)
{
	struct cis_row_point end = at(10000000, 10000, 1e-6);
	struct cis_row_line l;

	(void)state;
	dates = (struct cis_row_dates){0};
	for (uint64_t row = 0; row < 10000000; row += BLOCK)
		put(at(row, (double)row / RATE_HZ, row < 5000 ? 1 : 1e-6));
	l = cis_row_dates_line(&dates, &end);
	assert_true(l.quality.unc_s <= 2e-6);
	assert_true(dates.n <= CIS_ROW_POINTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_dated_by_the_clock_that_has_settled),
		cmocka_unit_test(a_clock_that_wanders_is_told),
		cmocka_unit_test(holdover_at_the_end_bends_nothing),
		cmocka_unit_test(
			rows_before_a_gap_that_nobody_knows_are_not_counted_back),
		cmocka_unit_test(
			a_point_that_is_bad_stays_apart_however_many_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

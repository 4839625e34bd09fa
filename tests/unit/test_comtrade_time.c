/* test_comtrade_time.c - when scans were taken: rates, stamps, dates. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "recording.h"

#define MAX_SCAN 20000
#define ROW_LEN  10
#define ONE_A    "1,1A,0D\r\n"
#define VA_ONLY  "1,VA,A,,V,1,0,0,-32767,32767,100,1,S\r\n"

/* BINARY rows of one channel with time stamps of the test's choice. */
struct made {
	uint8_t dat[ROW_LEN * MAX_SCAN];
	struct recording r;
	struct opened o;
};

static void set_stamp(struct made *m, uint32_t i, uint32_t stamp)
{
	uint8_t *p = m->dat + (size_t)i * ROW_LEN;

	for (unsigned k = 0; k < 4; k++) {
		p[k] = (uint8_t)((i + 1) >> (8 * k));
		p[4 + k] = (uint8_t)(stamp >> (8 * k));
	}
	p[8] = p[9] = 0;
}

static struct made *make(uint32_t n, const char *rates)
{
	struct made *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	m->r = (struct recording){.counts = ONE_A,
				  .channels = VA_ONLY,
				  .status = "",
				  .type = "BINARY\r\n",
				  .rates = rates,
				  .dat = m->dat,
				  .dat_len = (size_t)n * ROW_LEN};
	return m;
}

static struct made *open_even(uint32_t n, const char *rates, double step)
{
	struct made *m = make(n, rates);

	for (uint32_t i = 0; i < n; i++)
		set_stamp(m, i, (uint32_t)llround(i * step));
	recording_open(&m->r, &m->o);
	return m;
}

static void done(struct made *m)
{
	cis_comtrade_free(m->o.rec);
	free(m);
}

static void expect_segment(const struct made *m, uint32_t i, uint64_t first,
			   double rate_hz, double after_start_s)
{
	const struct cis_comtrade_segment *s =
		cis_comtrade_segment(m->o.rec, i);

	assert_int_equal(s->first_scan, first);
	check_close(s->rate_hz, rate_hz, 1e-12 * rate_hz);
	/* Dates have whole nanoseconds. */
	check_close((double)cis_time_diff_ns(s->start, m->o.info->start) / 1e9,
		    after_start_s, 0.6e-9);
}

/* ---- one rate ---- */

static void one_rate_gives_the_times_whatever_the_stamps(void **state)
{
	static const struct {
		double step;
		const char *told; /* NULL: nothing */
	} cases[] = {
		{1e6 / 5760, NULL},
		{0, "no usable time stamps"},
		{1e6 / 5000, "time stamps say 5000 Hz"},
		{1e3 / 5.76, "time stamps say"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made *m = open_even(500, "1\r\n5760,500\r\n",
					   cases[i].step * (i == 3 ? 1e-3 : 1));

		assert_int_equal(m->o.info->n_segment, 1);
		expect_segment(m, 0, 0, 5760, 0);
		if (cases[i].told)
			expect_warning(&m->o.warn, cases[i].told);
		else
			assert_false(has_warning(&m->o.warn, "stamps"));
		done(m);
	}
}

static void wrapping_and_missing_stamps_are_told(void **state)
{
	struct made *m = make(500, "1\r\n1000,500\r\n");

	(void)state;
	for (uint32_t i = 0; i < 500; i++)
		set_stamp(m, i, i * 1000 % 65536);
	recording_open(&m->r, &m->o);
	/* 499 ms / 65.536 ms = 7.6 */
	expect_warning(&m->o.warn, "wrap at 65536, 7 times");
	expect_segment(m, 0, 0, 1000, 0);
	cis_comtrade_free(m->o.rec);

	for (uint32_t i = 0; i < 500; i++)
		set_stamp(m, i, 0xFFFFFFFF);
	recording_open(&m->r, &m->o);
	expect_warning(&m->o.warn, "no time stamps");
	cis_comtrade_free(m->o.rec);

	for (uint32_t i = 0; i < 500; i++)
		set_stamp(m, i, i == 7 ? 0xFFFFFFFF : i * 1000);
	recording_open(&m->r, &m->o);
	expect_warning(&m->o.warn, "1 of 500 time stamps are missing");
	cis_comtrade_free(m->o.rec);

	for (uint32_t i = 0; i < 500; i++)
		set_stamp(m, i, i * 1000 + (i < 100 ? 0 : 70000));
	recording_open(&m->r, &m->o);
	expect_warning(&m->o.warn, "jump by 0.071 s after scan 100");
	expect_segment(m, 0, 0, 1000, 0);
	done(m);
}

/* Where numbers and stamps agree on it; either alone is only told. */
static void missing_rows_are_a_gap(void **state)
{
	struct made *m = make(300, "1\r\n1000,320\r\n");

	(void)state;
	for (uint32_t i = 0; i < 300; i++) {
		uint32_t lost = i < 100 ? 0 : i < 200 ? 7 : 20;

		set_stamp(m, i, (i + lost) * 1000);
		m->dat[(size_t)i * ROW_LEN] = (uint8_t)(i + lost + 1);
		m->dat[(size_t)i * ROW_LEN + 1] =
			(uint8_t)((i + lost + 1) >> 8);
	}
	recording_open(&m->r, &m->o);
	assert_int_equal(m->o.info->n_segment, 3);
	expect_segment(m, 0, 0, 1000, 0);
	expect_segment(m, 1, 100, 1000, 0.107);
	expect_segment(m, 2, 200, 1000, 0.220);
	expect_warning(&m->o.warn, "leave gaps (2), the first of 0.008 s "
				   "before scan 100");
	expect_warning(&m->o.warn, "do not go up by one in 2 places");
	assert_false(has_warning(&m->o.warn, "jump by"));
	cis_comtrade_free(m->o.rec);

	for (uint32_t i = 0; i < 300; i++) /* the numbers alone */
		memset(m->dat + (size_t)i * ROW_LEN + 4, 0xFF, 4);
	recording_open(&m->r, &m->o);
	assert_int_equal(m->o.info->n_segment, 1);
	done(m);
}

/* C37.111-2013: the unit is the nanosecond where the dates have nine decimals;
 * timemult multiplies it. */
static void stamps_in_nanoseconds_are_understood(void **state)
{
	static const struct {
		const char *foot;
		double step;
	} cases[] = {{"1\r\n0,0\r\n0,3\r\n", 1e6},
		     {"1000\r\n0,0\r\n0,3\r\n", 1e3},
		     {"1\r\n0,0\r\n0,3\r\n", 1e3}}; /* in us all the same */

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made *m = make(500, "1\r\n1000,500\r\n");

		m->r.head = "s,d,2013\r\n";
		m->r.dates = "02/03/2020,04:05:06.250000001\r\n"
			     "02/03/2020,04:05:06.250000001\r\n";
		m->r.foot = cases[i].foot;
		for (uint32_t k = 0; k < 500; k++)
			set_stamp(m, k, (uint32_t)(k * cases[i].step));
		recording_open(&m->r, &m->o);
		assert_int_equal(m->o.warn.n, 0);
		expect_start(m->o.info->start,
			     "2020-03-02T04:05:06.250000001Z");
		done(m);
	}
}

/* ---- no rate ---- */

/* Stamps are rounded to 1 us: over n scans of step d, sigma of the fitted step
 * is 0.29 sqrt(12) / n^1.5 stamps. */
static void without_a_rate_the_stamps_are_fitted(void **state)
{
	static const double steps[] = {624.5, 1e6 / 1440, 1e6 / 5760,
				       1000,  250,        52.3};
	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct made *m = open_even(4000, "0\r\n0,4000\r\n", steps[i]);
		double hz = 1e6 / steps[i];
		double sigma = 0.29 * 3.47 / pow(4000, 1.5) / steps[i];

		assert_int_equal(m->o.info->n_segment, 1);
		check_close(cis_comtrade_segment(m->o.rec, 0)->rate_hz, hz,
			    5 * sigma * hz + 1e-12 * hz);
		done(m);
	}
}

static void without_a_rate_stamps_may_wrap(void **state)
{
	struct made *m = make(3000, "0\r\n0,3000\r\n");

	(void)state;
	for (uint32_t i = 0; i < 3000; i++)
		set_stamp(m, i, i * 500 % 65536);
	recording_open(&m->r, &m->o);
	assert_int_equal(m->o.info->n_segment, 1);
	expect_segment(m, 0, 0, 2000, 0);
	expect_warning(&m->o.warn, "wrap at 65536, 22 times: mended");
	done(m);
}

static void without_a_rate_line_the_file_is_read_as_well(void **state)
{
	struct made *m = open_even(100, "0\r\n", 1000);

	(void)state;
	expect_segment(m, 0, 0, 1000, 0);
	done(m);
}

static void neither_rate_nor_stamps_is_refused(void **state)
{
	static const uint32_t same[] = {0, 0xFFFFFFFF, 17};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct made *m = make(100, "0\r\n0,100\r\n");

		for (uint32_t k = 0; k < 100; k++)
			set_stamp(m, k, same[i]);
		assert_int_equal(recording_try(&m->r, &m->o), -EBADMSG);
		assert_non_null(strstr(m->o.diag.msg, "no sampling rate"));
		free(m);
	}
}

static void stamps_without_order_are_refused(void **state)
{
	struct made *m = make(1000, "0\r\n0,1000\r\n");
	uint32_t lcg = 1;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		lcg = lcg * 1664525u + 1013904223u; /* Numerical Recipes */
		set_stamp(m, i, lcg >> 1);
	}
	assert_int_equal(recording_try(&m->r, &m->o), -EBADMSG);
	free(m);
}

/* ---- several rates ---- */

static void different_rates_are_segments(void **state)
{
	struct made *m = make(400, "3\r\n4000,100\r\n200,200\r\n4000,400\r\n");

	(void)state;
	/* 25 ms at 4 kHz, 500 ms at 200 Hz, then 4 kHz again. */
	for (uint32_t i = 0; i < 400; i++)
		set_stamp(m, i,
			  i < 100   ? i * 250
			  : i < 200 ? 25000 + (i - 100) * 5000
				    : 525000 + (i - 200) * 250);
	recording_open(&m->r, &m->o);
	assert_int_equal(m->o.info->n_segment, 3);
	expect_segment(m, 0, 0, 4000, 0);
	expect_segment(m, 1, 100, 200, 0.025);
	expect_segment(m, 2, 200, 4000, 0.525);
	assert_int_equal(cis_comtrade_segment(m->o.rec, 2)->n_scan, 200);
	done(m);
}

static void different_rates_without_stamps_follow_one_another(void **state)
{
	struct made *m = make(300, "2\r\n4000,100\r\n200,300\r\n");

	(void)state;
	for (uint32_t i = 0; i < 300; i++)
		set_stamp(m, i, 0xFFFFFFFF);
	recording_open(&m->r, &m->o);
	expect_segment(m, 0, 0, 4000, 0);
	expect_segment(m, 1, 100, 200, 0.025);
	expect_warning(&m->o.warn, "do not fit");
	done(m);
}

/* A recorder that follows the line's frequency. */
static void rates_within_a_percent_are_one_segment(void **state)
{
	struct made *m =
		open_even(3000, "3\r\n1600,1000\r\n1604,2000\r\n1598,3000\r\n",
			  1e6 / 1601);
	double sigma = 0.29 * 3.47 / pow(3000, 1.5) / (1e6 / 1601);

	(void)state;
	assert_int_equal(m->o.info->n_segment, 1);
	check_close(cis_comtrade_segment(m->o.rec, 0)->rate_hz, 1601,
		    5 * sigma * 1601);
	done(m);
}

static void equal_rates_leave_gaps_where_the_stamps_do(void **state)
{
	struct made *m = make(300, "3\r\n1000,100\r\n1000,200\r\n1000,300\r\n");

	(void)state;
	for (uint32_t i = 0; i < 300; i++)
		set_stamp(m, i, i * 1000 + (i < 150 ? 0 : 2000000));
	recording_open(&m->r, &m->o);
	assert_int_equal(m->o.info->n_segment, 2);
	expect_segment(m, 1, 150, 1000, 2.150);
	assert_false(cis_comtrade_segment(m->o.rec, 1)->unsync);
	expect_warning(&m->o.warn, "leave gaps (1), the first of 2.001 s");
	done(m);
}

static void a_jump_back_cannot_be_placed(void **state)
{
	struct made *m = make(300, "2\r\n1000,150\r\n1000,300\r\n");

	(void)state;
	for (uint32_t i = 0; i < 300; i++)
		set_stamp(m, i, (i < 200 ? i : i - 150) * 1000);
	recording_open(&m->r, &m->o);
	assert_int_equal(m->o.info->n_segment, 2);
	expect_segment(m, 1, 200, 1000, 0.200);
	assert_true(cis_comtrade_segment(m->o.rec, 1)->unsync);
	assert_false(cis_comtrade_segment(m->o.rec, 0)->unsync);
	expect_warning(&m->o.warn, "jump back (1 times)");
	done(m);
}

static void rates_without_samples_are_left_out(void **state)
{
	struct made *m = open_even(
		200, "4\r\n1000,100\r\n50,100\r\n50,60\r\n1000,200\r\n", 1000);

	(void)state;
	assert_int_equal(m->o.info->n_segment, 1);
	expect_segment(m, 0, 0, 1000, 0);
	expect_warning(&m->o.warn, "2 of 4 sampling rates cover no samples");
	done(m);
}

static void endless_promises_cost_nothing(void **state)
{
	struct made *m = open_even(100, "2\r\n1000,50\r\n1000,1e300\r\n", 1000);

	(void)state;
	assert_int_equal(m->o.info->n_scan, 100);
	expect_segment(m, 0, 0, 1000, 0);
	expect_warning(&m->o.warn, "promises");
	done(m);
}

static void a_record_of_centuries_is_refused(void **state)
{
	static const char *const rates[] = {"1\r\n1e-30,100\r\n",
					    "1\r\n1e-300,100\r\n",
					    "2\r\n1000,50\r\n1e-8,100\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct made *m = make(100, rates[i]);

		assert_int_equal(recording_try(&m->r, &m->o), -EBADMSG);
		assert_non_null(strstr(m->o.diag.msg, "out of all proportion"));
		free(m);
	}
}

/* ---- dates and their quality ---- */

static void dates_are_understood(void **state)
{
	static const struct {
		const char *head, *date, *foot, *want;
	} cases[] = {
		{"s,d\r\n", "02/03/99,04:05:06.5\r\n", "",
		 "1999-02-03T04:05:06.500000000Z"},
		{"s,d,1991\r\n", "02/03/2004,04:05:06\r\n", "",
		 "2004-02-03T04:05:06.000000000Z"},
		{"s,d,1991\r\n", "23/03/04,04:05:06.123456\r\n", "",
		 "2004-03-23T04:05:06.123456000Z"},
		{"s,d,1999\r\n", "02/03/2004,04:05:06.123456\r\n", "1\r\n",
		 "2004-03-02T04:05:06.123456000Z"},
		{"s,d,1999\r\n", "2/3/04, 4:5:6.25\r\n", "1\r\n",
		 "2004-03-02T04:05:06.250000000Z"},
		{"s,d,2013\r\n", "02/03/2004,04:05:06.123456789\r\n",
		 "1\r\n0,x\r\n", "2004-03-02T04:05:06.123456789Z"},
		{"s,d,2013\r\n", "02/03/2004,04:05:06\r\n", "1\r\n-5h30,0\r\n",
		 "2004-03-02T09:35:06.000000000Z"},
		{"s,d,2013\r\n", "01/03/2004,00:05:06\r\n", "1\r\n+1,+1\r\n",
		 "2004-02-29T23:05:06.000000000Z"},
		{"s,d,2013\r\n", "31/12/2016,23:59:60.5\r\n", "1\r\n0,0\r\n",
		 "2016-12-31T23:59:60.500000000Z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char dates[120];
		struct opened o;

		snprintf(dates, sizeof(dates), "%s%s", cases[i].date,
			 cases[i].date);
		recording_open(&(struct recording){.head = cases[i].head,
						   .dates = dates,
						   .foot = cases[i].foot},
			       &o);
		expect_start(o.info->start, cases[i].want);
		assert_int_equal(has_warning(&o.warn, "taken as UTC"),
				 o.info->rev_year < 2013);
		cis_comtrade_free(o.rec);
	}
}

static void impossible_dates_are_1970_and_not_synchronized(void **state)
{
	static const char *const dates[] = {
		"00/00/0000,00:00:00\r\n",       "31/02/2020,00:00:00\r\n",
		"01/01/2020,24:00:00\r\n",       "01/01/2020,00:00:61\r\n",
		"01/01/9999,00:00:00\r\n",       "yesterday\r\n",
		"99/99/9999,99:99:99.999999\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		char both[120];
		struct opened o;

		snprintf(both, sizeof(both), "%s01/01/2020,00:00:00\r\n",
			 dates[i]);
		recording_open(&(struct recording){.dates = both}, &o);
		expect_start(o.info->start, "1970-01-01T00:00:00.000000000Z");
		assert_true(cis_comtrade_segment(o.rec, 0)->unsync);
		expect_warning(&o.warn, "not a date");
		cis_comtrade_free(o.rec);
	}
}

/* IEEE C37.118.2, table 3: 0 locked; 1 is 1 ns, 2 10 ns ... B 10 s; F fault. */
static void time_quality_is_told(void **state)
{
	static const struct {
		const char *foot;
		double unc_s; /* NAN: not said */
		bool locked;
	} cases[] = {
		{"1\r\n0,0\r\n0,0\r\n", 0, true},
		{"1\r\n0,0\r\n1,0\r\n", 1e-9, false},
		{"1\r\n0,0\r\n4,0\r\n", 1e-6, false},
		{"1\r\n0,0\r\na,0\r\n", 1, false},
		{"1\r\n0,0\r\nB,3\r\n", 10, false},
		{"1\r\n0,0\r\nF,3\r\n", INFINITY, false},
		{"1\r\n0,0\r\n", NAN, true},
		{"1\r\n", NAN, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct opened o;
		struct cis_time_quality q;

		recording_open(&(struct recording){.head = "s,d,2013\r\n",
						   .foot = cases[i].foot},
			       &o);
		q = o.info->quality;
		if (isnan(cases[i].unc_s))
			assert_true(isnan(q.unc_s));
		else if (isinf(cases[i].unc_s))
			assert_true(isinf(q.unc_s));
		else
			check_close(q.unc_s, cases[i].unc_s,
				    1e-12 * cases[i].unc_s);
		assert_int_equal(q.unlocked_s == 0, cases[i].locked);
		cis_comtrade_free(o.rec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_rate_gives_the_times_whatever_the_stamps),
		cmocka_unit_test(wrapping_and_missing_stamps_are_told),
		cmocka_unit_test(missing_rows_are_a_gap),
		cmocka_unit_test(stamps_in_nanoseconds_are_understood),
		cmocka_unit_test(without_a_rate_the_stamps_are_fitted),
		cmocka_unit_test(without_a_rate_stamps_may_wrap),
		cmocka_unit_test(without_a_rate_line_the_file_is_read_as_well),
		cmocka_unit_test(neither_rate_nor_stamps_is_refused),
		cmocka_unit_test(stamps_without_order_are_refused),
		cmocka_unit_test(different_rates_are_segments),
		cmocka_unit_test(
			different_rates_without_stamps_follow_one_another),
		cmocka_unit_test(rates_within_a_percent_are_one_segment),
		cmocka_unit_test(equal_rates_leave_gaps_where_the_stamps_do),
		cmocka_unit_test(a_jump_back_cannot_be_placed),
		cmocka_unit_test(rates_without_samples_are_left_out),
		cmocka_unit_test(endless_promises_cost_nothing),
		cmocka_unit_test(a_record_of_centuries_is_refused),
		cmocka_unit_test(dates_are_understood),
		cmocka_unit_test(
			impossible_dates_are_1970_and_not_synchronized),
		cmocka_unit_test(time_quality_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

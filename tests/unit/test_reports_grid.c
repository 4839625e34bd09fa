/* test_reports_grid.c - the rate of a table, and the instants of its dates. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "host/cli/compare/reports_parts.h"

#define N     400
#define TAI_S 2000000010 /* SOC 1999999973: odd, no leap second near */

struct table {
	struct cis_reports r;
	struct cis_reports_item item[N];
	struct cis_warn_list warn;
	struct cis_diag diag;
};

/* Dates k/rate, cut to a unit (1: not at all), every `skip`-th one missing. */
static void fill(struct table *t, double rate_hz, int64_t unit_ns,
		 unsigned skip)
{
	memset(t, 0, sizeof(*t));
	t->r.item = t->item;
	t->r.about.what = "t.csv";
	for (unsigned k = 0; t->r.n < N; k++) {
		/* Whole seconds are taken out: k / rate has no room for ns. */
		double s = floor(k / rate_hz);
		int64_t ns = llround((k / rate_hz - s) * 1e9);

		if (skip && k % skip == skip - 1)
			continue;
		t->item[t->r.n++].raw.tai_ns =
			(TAI_S + (int64_t)s) * CIS_NS_PER_S +
			ns / unit_ns * unit_ns;
	}
}

static void check_rate(struct table *t, uint32_t num, uint32_t den)
{
	assert_int_equal(cis_reports_grid(&t->r, &t->warn, &t->diag), 0);
	assert_int_equal(t->r.about.rate.num, num);
	assert_int_equal(t->r.about.rate.den, den);
}

static void rates_are_found_from_the_spacing(void **state)
{
	static const uint32_t rates[] = {1,  5,  10, 12,  15,  20,  25,
					 30, 50, 60, 100, 120, 200, 240};
	static const int64_t units_ns[] = {1, 1000, 1000000};
	static const unsigned skips[] = {0, 7, 10};
	struct table *t = malloc(sizeof(*t));

	(void)state;
	assert_non_null(t);
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		for (size_t u = 0; u < 3; u++)
			for (size_t s = 0; s < 3; s++) {
				fill(t, rates[i], units_ns[u], skips[s]);
				check_rate(t, rates[i], 1);
				assert_int_equal(t->warn.n, 0);
			}
	free(t);
}

static void dates_become_k_of_n(void **state)
{
	struct table *t = malloc(sizeof(*t));

	(void)state;
	assert_non_null(t);
	fill(t, 60, 1000000, 0);
	check_rate(t, 60, 1);
	for (unsigned k = 0; k < N; k++) {
		assert_int_equal(t->item[k].at.tai_s, TAI_S + k / 60);
		assert_int_equal(t->item[k].at.k, k % 60);
	}
	free(t);
}

static void reports_may_be_seconds_apart(void **state)
{
	struct table *t = malloc(sizeof(*t));

	(void)state;
	assert_non_null(t);
	fill(t, 0.2, 1, 0);
	check_rate(t, 1, 5);
	free(t);
}

static void dates_off_the_grid_are_told(void **state)
{
	struct table *t = malloc(sizeof(*t));

	(void)state;
	assert_non_null(t);
	fill(t, 50, 1, 0);
	t->item[7].raw.tai_ns += 3000;
	check_rate(t, 50, 1);
	assert_int_equal(t->item[7].at.k, 7);
	/* 3 us, to the nanosecond of a date. */
	check_close(t->item[7].arrival.off_grid_s, 3e-6, 1e-9);
	check_close(t->item[8].arrival.off_grid_s, 0, 0);
	assert_int_equal(t->warn.n, 1);
	free(t);
}

static void what_has_no_rate_is_refused(void **state)
{
	struct table *t = malloc(sizeof(*t));

	(void)state;
	assert_non_null(t);
	fill(t, 3.3, 1, 0);
	assert_int_equal(cis_reports_grid(&t->r, &t->warn, &t->diag), -EBADMSG);
	fill(t, 50, 1, 0);
	t->r.n = 1;
	assert_int_equal(cis_reports_grid(&t->r, &t->warn, &t->diag), -ENODATA);
	t->r.n = 0;
	assert_int_equal(cis_reports_grid(&t->r, &t->warn, &t->diag), -ENODATA);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_found_from_the_spacing),
		cmocka_unit_test(dates_become_k_of_n),
		cmocka_unit_test(reports_may_be_seconds_apart),
		cmocka_unit_test(dates_off_the_grid_are_told),
		cmocka_unit_test(what_has_no_rate_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

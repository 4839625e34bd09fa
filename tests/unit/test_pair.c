/* test_pair.c - reports find their partner by their instant, and every fault of
 * a stream is counted as what it is. */
#include <errno.h>

#include "compare_run.h"

struct line {
	struct cis_pair *pair;
	struct cis_report *rep;
	uint64_t n_both, n_ref, n_dut;
	struct cis_instant last;
	bool ordered;
};

static struct line line_new(uint32_t depth)
{
	const struct cis_pair_config cfg = {{2, 2}, depth, 0};
	struct line l = {.ordered = true};

	assert_int_equal(cis_pair_new(&cfg, &l.pair), 0);
	l.rep = blank_report(instant_of(50, 0));
	l.rep->n_chan = l.rep->n_phasor = 2;
	l.last = instant_of(1, 0);
	l.last.tai_s -= 1000000;
	return l;
}

static void line_free(struct line *l)
{
	cis_pair_free(l->pair);
	free(l->rep);
}

static void drain(struct line *l)
{
	struct cis_pair_event e;

	while (cis_pair_next(l->pair, &e)) {
		const struct cis_side_report *r = e.report[CIS_REF];
		const struct cis_side_report *d = e.report[CIS_DUT];

		l->n_both += r && d;
		l->n_ref += r && !d;
		l->n_dut += d && !r;
		l->ordered &= cis_instant_compare(l->last, e.at) < 0;
		l->last = e.at;
		if (r && d)
			check_close(creal(r->phasor_rms[0]),
				    creal(d->phasor_rms[0]), 0);
	}
}

/* The value tells the instant, so that wrong partners are seen. */
static void put_at(struct line *l, enum cis_side side, struct cis_instant at)
{
	l->rep->at = at;
	l->rep->phasor_rms[0] = (double)(at.tai_s - T0_S) +
				(double)at.k / at.rate.num * at.rate.den;
	assert_int_equal(cis_pair_put(l->pair, side, l->rep, NULL), 0);
	drain(l);
}

static void put(struct line *l, enum cis_side side, uint32_t rate, uint64_t n)
{
	put_at(l, side, instant_of(rate, n));
}

static void end(struct line *l)
{
	cis_pair_end(l->pair, CIS_REF);
	cis_pair_end(l->pair, CIS_DUT);
	drain(l);
}

static const struct cis_side_count *count(const struct line *l,
					  enum cis_side side)
{
	return cis_pair_count(l->pair, side);
}

/* ---- instants ---- */

static void instants_of_any_two_rates_are_compared_exactly(void **state)
{
	const struct cis_instant third = {5, 20, {60, 1}};

	(void)state;
	assert_int_equal(cis_instant_compare(
				 third, (struct cis_instant){5, 10, {30, 1}}),
			 0);
	assert_true(cis_instant_compare(
			    third,
			    (struct cis_instant){5, 33333, {99999, 1}}) == 0);
	assert_true(cis_instant_compare(
			    third,
			    (struct cis_instant){5, 33333, {100000, 1}}) > 0);
	assert_true(cis_instant_compare(
			    third, (struct cis_instant){6, 0, {1, 10}}) < 0);
}

/* ---- pairs ---- */

static void equal_streams_pair_completely_whoever_is_first(void **state)
{
	(void)state;
	for (uint64_t lead = 0; lead < 200; lead += 66) {
		struct line l = line_new(0);

		for (uint64_t i = 0; i < 1000; i++) {
			put(&l, CIS_DUT, 50, i);
			if (i >= lead)
				put(&l, CIS_REF, 50, i - lead);
		}
		for (uint64_t i = 1000 - lead; i < 1000; i++)
			put(&l, CIS_REF, 50, i);
		end(&l);
		assert_int_equal(l.n_both, 1000);
		assert_int_equal(l.n_ref + l.n_dut, 0);
		assert_true(l.ordered);
		assert_int_equal(count(&l, CIS_DUT)->lost, 0);
		line_free(&l);
	}
}

/* One frame in 1000 lost, one doubled, one late: the case. */
static void one_lost_one_doubled_one_late(void **state)
{
	struct line l = line_new(0);

	(void)state;
	for (uint64_t i = 0; i < 1000; i++) {
		put(&l, CIS_REF, 50, i);
		if (i == 300 || i == 700)
			continue;
		put(&l, CIS_DUT, 50, i);
		if (i == 500)
			put(&l, CIS_DUT, 50, i);
		if (i == 703)
			put(&l, CIS_DUT, 50, 700);
	}
	end(&l);
	assert_int_equal(l.n_both, 999);
	assert_int_equal(l.n_ref, 1);
	assert_true(l.ordered);
	assert_int_equal(count(&l, CIS_DUT)->reports, 1000);
	assert_int_equal(count(&l, CIS_DUT)->lost, 1);
	assert_int_equal(count(&l, CIS_DUT)->duplicates, 1);
	assert_int_equal(count(&l, CIS_DUT)->contradicted, 0);
	assert_int_equal(count(&l, CIS_DUT)->reordered, 1);
	assert_int_equal(count(&l, CIS_DUT)->too_late, 0);
	assert_int_equal(count(&l, CIS_REF)->alone, 1);
	assert_int_equal(count(&l, CIS_REF)->lost, 0);
	line_free(&l);
}

static void a_duplicate_that_says_otherwise_is_told_and_not_used(void **state)
{
	struct line l = line_new(0);

	(void)state;
	put(&l, CIS_REF, 50, 0);
	put(&l, CIS_DUT, 50, 0);
	l.rep->phasor_rms[0] = 99;
	assert_int_equal(cis_pair_put(l.pair, CIS_DUT, l.rep, NULL), 0);
	drain(&l);
	assert_int_equal(l.n_both, 1);
	assert_int_equal(count(&l, CIS_DUT)->contradicted, 1);
	assert_int_equal(count(&l, CIS_DUT)->duplicates, 0);
	line_free(&l);
}

static void what_comes_after_it_was_given_up_is_too_late(void **state)
{
	struct line l = line_new(0);

	(void)state;
	for (uint64_t i = 0; i < 100; i++) {
		put(&l, CIS_REF, 50, i);
		if (i != 40)
			put(&l, CIS_DUT, 50, i);
	}
	put(&l, CIS_DUT, 50, 40);
	end(&l);
	assert_int_equal(l.n_both, 99);
	assert_int_equal(count(&l, CIS_DUT)->too_late, 1);
	assert_int_equal(count(&l, CIS_DUT)->lost, 1);
	line_free(&l);
}

static void of_two_rates_the_common_instants_pair(void **state)
{
	static const struct {
		uint32_t ref, dut, common;
	} rates[] = {{200, 50, 50}, {50, 200, 50}, {60, 50, 10}, {50, 1, 1}};

	(void)state;
	for (size_t c = 0; c < sizeof(rates) / sizeof(rates[0]); c++) {
		struct line l = line_new(0);
		uint32_t ref = rates[c].ref, dut = rates[c].dut;
		uint64_t i = 0, j = 0;

		while (i < 10 * ref || j < 10 * dut) {
			if (i * dut <= j * ref)
				put(&l, CIS_REF, ref, i++);
			else
				put(&l, CIS_DUT, dut, j++);
		}
		end(&l);
		assert_int_equal(l.n_both, 10 * rates[c].common);
		assert_true(l.ordered);
		assert_int_equal(count(&l, CIS_REF)->other_rate,
				 10 * (ref - rates[c].common));
		assert_int_equal(count(&l, CIS_DUT)->other_rate,
				 10 * (dut - rates[c].common));
		assert_int_equal(count(&l, CIS_REF)->alone, 0);
		assert_int_equal(count(&l, CIS_REF)->lost, 0);
		line_free(&l);
	}
}

static void
a_loss_is_seen_also_where_the_other_rate_has_no_instant(void **state)
{
	struct line l = line_new(0);

	(void)state;
	for (uint64_t i = 0; i < 400; i++) {
		if (i != 201)
			put(&l, CIS_DUT, 200, i);
		if (i % 4 == 0)
			put(&l, CIS_REF, 50, i / 4);
	}
	end(&l);
	assert_int_equal(l.n_both, 100);
	assert_int_equal(count(&l, CIS_DUT)->lost, 1);
	assert_int_equal(count(&l, CIS_DUT)->other_rate, 299);
	line_free(&l);
}

static void reports_seconds_apart_pair_too(void **state)
{
	struct line l = line_new(0);
	/* SOC of this TAI second is a multiple of 10: 37 leap seconds. */
	struct cis_instant at = {T0_S + 37, 0, {1, 10}};

	(void)state;
	for (int i = 0; i < 30; i++) {
		put_at(&l, CIS_REF, at);
		if (i != 7)
			put_at(&l, CIS_DUT, at);
		at.tai_s += 10;
	}
	end(&l);
	assert_int_equal(l.n_both, 29);
	assert_int_equal(count(&l, CIS_DUT)->lost, 1);
	line_free(&l);
}

static void a_side_that_never_speaks_does_not_hold_the_other(void **state)
{
	struct line l = line_new(8);

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		put(&l, CIS_REF, 50, i);
	assert_true(l.n_ref >= 992);
	end(&l);
	assert_int_equal(l.n_ref, 1000);
	assert_int_equal(count(&l, CIS_REF)->alone, 1000);
	line_free(&l);
}

/* ---- hostile ---- */

static void a_change_of_rate_is_counted_and_no_loss(void **state)
{
	struct line l = line_new(0);

	(void)state;
	for (uint64_t i = 0; i < 50; i++) {
		put(&l, CIS_REF, 50, i);
		put(&l, CIS_DUT, 50, i);
	}
	for (uint64_t i = 25; i < 50; i++) {
		put(&l, CIS_DUT, 25, i);
		put(&l, CIS_REF, 50, 2 * i);
		put(&l, CIS_REF, 50, 2 * i + 1);
	}
	end(&l);
	assert_int_equal(l.n_both, 75);
	assert_int_equal(count(&l, CIS_DUT)->rate_changes, 1);
	assert_int_equal(count(&l, CIS_DUT)->lost, 0);
	line_free(&l);
}

static void a_clock_that_goes_back_hours_is_followed(void **state)
{
	struct line l = line_new(0);

	(void)state;
	for (uint64_t i = 0; i < 100; i++) {
		put(&l, CIS_REF, 50, 50 * 9000 + i);
		put(&l, CIS_DUT, 50, 50 * 9000 + i);
	}
	for (uint64_t i = 0; i < 200; i++) {
		put(&l, CIS_REF, 50, i);
		put(&l, CIS_DUT, 50, i);
	}
	end(&l);
	assert_false(l.ordered);
	/* Those waited for are dropped on both sides, the rest pairs. */
	assert_true(l.n_both >= 100 + 200 - 2 * 17);
	assert_int_equal(count(&l, CIS_REF)->jumps, 1);
	assert_int_equal(count(&l, CIS_REF)->lost, 0);
	line_free(&l);
}

static void one_stamp_hours_ahead_costs_no_more_than_itself(void **state)
{
	struct line l = line_new(0);

	(void)state;
	for (uint64_t i = 0; i < 500; i++) {
		put(&l, CIS_REF, 50, i);
		if (i == 100)
			put(&l, CIS_DUT, 50, 50 * 9000);
		put(&l, CIS_DUT, 50, i);
	}
	end(&l);
	assert_int_equal(l.n_both, 500);
	assert_int_equal(l.n_dut, 1);
	assert_int_equal(count(&l, CIS_DUT)->lost, 0);
	assert_int_equal(count(&l, CIS_DUT)->jumps, 1);
	line_free(&l);
}

static void what_is_no_instant_is_refused_and_counted(void **state)
{
	static const struct cis_instant bad[] = {
		{0, 50, {50, 1}},        {0, 0, {0, 1}},
		{0, 0, {50, 0}},         {0, 0, {50, 3}},
		{0, 1, {1, 10}},         {INT64_MAX, 0, {50, 1}},
		{0, 0, {1, UINT32_MAX}},
	};
	struct line l = line_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		l.rep->at = bad[i];
		assert_int_equal(cis_pair_put(l.pair, CIS_DUT, l.rep, NULL),
				 -EINVAL);
	}
	assert_int_equal(count(&l, CIS_DUT)->invalid,
			 sizeof(bad) / sizeof(bad[0]));
	line_free(&l);
}

static void a_full_side_asks_to_be_emptied(void **state)
{
	struct line l = line_new(4);
	struct cis_pair_event e;

	(void)state;
	for (uint64_t i = 0; i < 4; i++) {
		l.rep->at = instant_of(50, i);
		assert_int_equal(cis_pair_put(l.pair, CIS_REF, l.rep, NULL), 0);
	}
	l.rep->at = instant_of(50, 4);
	assert_int_equal(cis_pair_put(l.pair, CIS_REF, l.rep, NULL), -EAGAIN);
	assert_true(cis_pair_next(l.pair, &e));
	assert_int_equal(cis_pair_put(l.pair, CIS_REF, l.rep, NULL), 0);
	line_free(&l);
}

static void stamps_off_the_grid_are_counted(void **state)
{
	static const double off_s[] = {0, 5e-7, -2e-6, 3e-4, NAN};
	struct line l = line_new(0);

	(void)state;
	for (uint64_t i = 0; i < 5; i++) {
		const struct cis_arrival a = {NAN, off_s[i], -1};

		l.rep->at = instant_of(50, i);
		assert_int_equal(cis_pair_put(l.pair, CIS_DUT, l.rep, &a), 0);
	}
	assert_int_equal(count(&l, CIS_DUT)->off_grid, 2);
	line_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			instants_of_any_two_rates_are_compared_exactly),
		cmocka_unit_test(
			equal_streams_pair_completely_whoever_is_first),
		cmocka_unit_test(one_lost_one_doubled_one_late),
		cmocka_unit_test(
			a_duplicate_that_says_otherwise_is_told_and_not_used),
		cmocka_unit_test(what_comes_after_it_was_given_up_is_too_late),
		cmocka_unit_test(of_two_rates_the_common_instants_pair),
		cmocka_unit_test(
			a_loss_is_seen_also_where_the_other_rate_has_no_instant),
		cmocka_unit_test(reports_seconds_apart_pair_too),
		cmocka_unit_test(
			a_side_that_never_speaks_does_not_hold_the_other),
		cmocka_unit_test(a_change_of_rate_is_counted_and_no_loss),
		cmocka_unit_test(a_clock_that_goes_back_hours_is_followed),
		cmocka_unit_test(
			one_stamp_hours_ahead_costs_no_more_than_itself),
		cmocka_unit_test(what_is_no_instant_is_refused_and_counted),
		cmocka_unit_test(a_full_side_asks_to_be_emptied),
		cmocka_unit_test(stamps_off_the_grid_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

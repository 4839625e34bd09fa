/* test_outage.c - where a time without samples begins and ends. */
#include "check.h"
#include "host/acq/outage.h"

#define T0   1763680911
#define S_NS INT64_C(1000000000)

static struct cis_outage o;
static struct cis_event ev;

/* 100 scans at 1 kHz, from so many scans after `anchor_s` on. */
static struct cis_block block(int64_t anchor_s, uint64_t first)
{
	return (struct cis_block){
		.clock = {.anchor = {(T0 + anchor_s) * S_NS}, .rate_hz = 1000},
		.first_scan = first,
		.n_scan = 100,
	};
}

static void begin(void)
{
	cis_outage_init(&o, (struct cis_time){T0 * S_NS}, 0);
}

static void it_reaches_from_the_last_good_scan_to_the_next(void **state)
{
	struct cis_block blk = block(0, 0);

	(void)state;
	begin();
	assert_false(cis_outage_take(&o, &blk, S_NS / 10, &ev));
	assert_true(cis_outage_begin(&o, CIS_EVENT_OVERFLOW, &ev));
	assert_false(ev.over);
	assert_int_equal(ev.first_scan, 100);
	assert_int_equal(ev.at.tai_ns, T0 * S_NS + S_NS / 10);
	assert_true(isnan(ev.duration_s));
	/* A new count, which begins 2 s later. */
	blk = block(2, 0);
	assert_true(cis_outage_take(&o, &blk, 2 * S_NS, &ev));
	assert_true(ev.over);
	assert_int_equal(ev.kind, CIS_EVENT_OVERFLOW);
	assert_int_equal(ev.first_scan, 100);
	assert_int_equal(ev.at.tai_ns, T0 * S_NS + S_NS / 10);
	/* Doubles of fractions of a second. */
	check_close(ev.duration_s, 1.9, 1e-12);
	assert_int_equal(ev.n_lost, 1900);
	blk = block(2, 100);
	assert_false(cis_outage_take(&o, &blk, 3 * S_NS, &ev));
}

static void failing_again_is_no_news_but_going_away_is(void **state)
{
	struct cis_block blk = block(0, 0);

	(void)state;
	begin();
	cis_outage_take(&o, &blk, 0, &ev);
	assert_true(cis_outage_begin(&o, CIS_EVENT_STALLED, &ev));
	assert_false(cis_outage_begin(&o, CIS_EVENT_DEVICE_ERROR, &ev));
	assert_true(cis_outage_begin(&o, CIS_EVENT_DEVICE_GONE, &ev));
	assert_int_equal(ev.kind, CIS_EVENT_DEVICE_GONE);
	assert_int_equal(ev.first_scan, 100);
	assert_false(cis_outage_begin(&o, CIS_EVENT_DEVICE_GONE, &ev));
	blk = block(1, 0);
	assert_true(cis_outage_take(&o, &blk, 0, &ev));
	assert_int_equal(ev.kind, CIS_EVENT_DEVICE_GONE);
}

static void before_the_first_block_it_counts_from_the_start(void **state)
{
	struct cis_block blk = block(3, 0);

	(void)state;
	begin();
	assert_true(cis_outage_begin(&o, CIS_EVENT_STALLED, &ev));
	assert_int_equal(ev.first_scan, 0);
	assert_int_equal(ev.at.tai_ns, T0 * S_NS);
	assert_false(o.measured);
	assert_true(cis_outage_take(&o, &blk, 0, &ev));
	assert_true(o.measured);
	check_close(ev.duration_s, 3, 0);
}

static void what_passes_is_told_late_enough_for_what_is_on_its_way(void **state)
{
	struct cis_block blk = block(0, 900);
	struct cis_split_time until;

	(void)state;
	begin();
	/* The block ends at 1 s, and was there at 7 s of the other clock. */
	cis_outage_take(&o, &blk, 7 * S_NS, &ev);
	until = cis_outage_until(&o, 7 * S_NS + S_NS / 10);
	check_close(cis_split_diff_s(until, (struct cis_split_time){T0 + 1, 0}),
		    0, 0);
	until = cis_outage_until(&o, 17 * S_NS);
	check_close(
		cis_split_diff_s(until, (struct cis_split_time){T0 + 11, 0}),
		-0.4, 1e-12);
	assert_true(until.frac_s >= 0 && until.frac_s < 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			it_reaches_from_the_last_good_scan_to_the_next),
		cmocka_unit_test(failing_again_is_no_news_but_going_away_is),
		cmocka_unit_test(
			before_the_first_block_it_counts_from_the_start),
		cmocka_unit_test(
			what_passes_is_told_late_enough_for_what_is_on_its_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

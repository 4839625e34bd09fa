/* test_duration.c - how many scans a duration has. */
#include "check.h"
#include "host/acq/duration.h"

#define START_S 1763680911

static struct cis_block block(int64_t start_ns, uint64_t first_scan, uint32_t n,
			      double rate_hz)
{
	return (struct cis_block){
		.clock = {.anchor = {.tai_ns =
					     START_S * CIS_NS_PER_S + start_ns},
			  .anchor_scan = first_scan,
			  .rate_hz = rate_hz},
		.first_scan = first_scan,
		.n_scan = n};
}

/* Scans that a steady source delivers, in blocks of at most 1000. */
static uint64_t steady(double limit_s, double rate_hz)
{
	struct cis_duration d;
	uint64_t n = 0;

	cis_duration_init(&d, limit_s, rate_hz);
	while (!cis_duration_over(&d)) {
		struct cis_block blk =
			block(0, n, cis_duration_room(&d, 1000), rate_hz);

		blk.clock.anchor_scan = 0;
		if (!cis_duration_take(&d, &blk))
			break;
		n += blk.n_scan;
	}
	return n;
}

static void a_steady_rate_is_exact_to_the_scan(void **state)
{
	(void)state;
	assert_int_equal(steady(1, 6000), 6000);
	assert_int_equal(steady(1 + 1 / 6000.0, 6000), 6001);
	assert_int_equal(steady(1 - 1 / 6000.0, 6000), 5999);
	assert_int_equal(steady(0.1, 4800.48), 480);
	assert_int_equal(steady(3600, 1e6 / 166), 21686747);
	assert_int_equal(steady(1e-9, 6000), 0);
}

static void holes_count(void **state)
{
	struct cis_duration d;
	struct cis_block blk;

	(void)state;
	/* One sample a second, as of a looped recording of one. */
	cis_duration_init(&d, 2, 6000);
	for (uint64_t i = 0; i < 3; i++) {
		assert_false(cis_duration_over(&d));
		blk = block((int64_t)i * CIS_NS_PER_S, i, 1, 6000);
		assert_int_equal(cis_duration_take(&d, &blk), i < 2);
	}
	assert_true(cis_duration_over(&d));
}

/* A board that is slow to start loses nothing by it; one that never does ends. */
static void waiting_for_the_first_sample_counts_until_it_comes(void **state)
{
	struct cis_duration d;
	struct cis_block blk = block(0, 0, 6000, 6000);

	(void)state;
	cis_duration_init(&d, 2, 6000);
	for (int64_t s = -2; s < 0; s++) {
		blk = block(s * CIS_NS_PER_S, 0, 1, 6000);
		cis_duration_pass(&d, cis_scan_instant(&blk.clock, 0));
		assert_false(cis_duration_over(&d));
	}
	blk = block(0, 0, 6000, 6000);
	assert_int_equal(cis_duration_take(&d, &blk), 6000);
	assert_false(cis_duration_over(&d));
	cis_duration_init(&d, 2, 6000);
	for (int64_t s = 0; s <= 2; s++) {
		assert_false(cis_duration_over(&d));
		blk = block(s * CIS_NS_PER_S, 0, 1, 6000);
		cis_duration_pass(&d, cis_scan_instant(&blk.clock, 0));
	}
	assert_true(cis_duration_over(&d));
}

static void each_rate_counts_its_own_seconds(void **state)
{
	struct cis_duration d;
	struct cis_block blk = block(0, 0, 6000, 6000);

	(void)state;
	cis_duration_init(&d, 2.5, 6000);
	assert_int_equal(cis_duration_take(&d, &blk), 6000);
	blk = block(CIS_NS_PER_S, 6000, 100, 100);
	assert_int_equal(cis_duration_take(&d, &blk), 100);
	blk = block(2 * CIS_NS_PER_S, 6100, 6000, 6000);
	assert_int_equal(cis_duration_take(&d, &blk), 3000);
	assert_true(cis_duration_over(&d));
}

static void a_date_set_back_prolongs_nothing(void **state)
{
	struct cis_duration d;
	struct cis_block blk = block(0, 0, 6000, 6000);

	(void)state;
	cis_duration_init(&d, 2, 6000);
	assert_int_equal(cis_duration_take(&d, &blk), 6000);
	blk = block(-3600 * CIS_NS_PER_S, 6000, 60000, 6000);
	assert_int_equal(cis_duration_take(&d, &blk), 6000);
	assert_true(cis_duration_over(&d));
}

static void no_limit_is_never_reached(void **state)
{
	struct cis_duration d;
	struct cis_block blk = block(0, 0, 6000, 6000);

	(void)state;
	cis_duration_init(&d, INFINITY, 6000);
	assert_int_equal(cis_duration_room(&d, 60), 60);
	assert_int_equal(cis_duration_take(&d, &blk), 6000);
	assert_int_equal(cis_duration_room(&d, 60), 60);
	assert_false(cis_duration_over(&d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_steady_rate_is_exact_to_the_scan),
		cmocka_unit_test(holes_count),
		cmocka_unit_test(
			waiting_for_the_first_sample_counts_until_it_comes),
		cmocka_unit_test(each_rate_counts_its_own_seconds),
		cmocka_unit_test(a_date_set_back_prolongs_nothing),
		cmocka_unit_test(no_limit_is_never_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_cal.c - the correction of channels between source and estimator. */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "host/acq/cal/cal.h"

/* One product and one sum of doubles. */
#define ROUNDING 4e-16

static struct cis_chan_map map;

static int setup(void **state)
{
	(void)state;
	memset(&map, 0, sizeof(map));
	map.n_chan = 3;
	cis_chan_set_name(&map, 0, "VA");
	cis_chan_set_name(&map, 1, "VB");
	cis_chan_set_name(&map, 2, "IA");
	map.chan[0].nominal_rms = 2;
	map.chan[0].range_min = -4;
	map.chan[0].range_max = 5;
	return 0;
}

static struct cis_cal *make(const struct cis_cal_chan *list, uint32_t n)
{
	struct cis_cal *cal;

	assert_int_equal(cis_cal_new(&map, list, n, &cal, NULL), 0);
	return cal;
}

static void offset_gain_and_ratio_apply_in_this_order(void **state)
{
	static const struct cis_cal_chan va = {
		.name = "VA", .offset = 0.25, .gain = 1.002, .ratio = 100};
	double x[6] = {1, -2, 3, 4, 5, NAN};
	struct cis_block blk = {.n_chan = 3, .n_scan = 2, .stride = 2, .x = x};
	struct cis_cal *cal = make(&va, 1);

	(void)state;
	cis_cal_apply(cal, &blk);
	check_close(x[0], (1 + 0.25) * 1.002 * 100, 200 * ROUNDING);
	check_close(x[1], (-2 + 0.25) * 1.002 * 100, 200 * ROUNDING);
	check_close(x[2], 3, 0);
	check_close(x[4], 5, 0);
	assert_true(isnan(x[5]));
	cis_cal_free(cal);
}

static void delays_add_to_those_of_the_block(void **state)
{
	static const struct cis_cal_chan vb = {
		.name = "VB", .gain = 1, .ratio = 1, .delay_s = -3e-6};
	static const double source_s[3] = {0, 5e-6, 10e-6};
	double x[3] = {0};
	struct cis_block blk = {.n_chan = 3, .n_scan = 1, .stride = 1, .x = x};
	struct cis_cal *cal = make(&vb, 1);

	(void)state;
	for (int i = 0; i < 2; i++) {
		blk.delay_s = source_s;
		cis_cal_apply(cal, &blk);
		check_close(blk.delay_s[0], 0, 0);
		check_close(blk.delay_s[1], 5e-6 - 3e-6, 1e-21);
		check_close(blk.delay_s[2], 10e-6, 0);
	}
	blk.delay_s = NULL;
	cis_cal_apply(cal, &blk);
	check_close(blk.delay_s[1], -3e-6, 0);
	check_close(blk.delay_s[2], 0, 0);
	cis_cal_free(cal);
}

static void limits_and_nominal_values_are_corrected_too(void **state)
{
	static const struct cis_cal_chan va = {
		.name = "VA", .offset = 1, .gain = -10, .ratio = 3};
	struct cis_cal *cal = make(&va, 1);
	const struct cis_chan *chan = cis_cal_map(cal)->chan;

	(void)state;
	check_close(chan[0].range_min, -180, 180 * ROUNDING);
	check_close(chan[0].range_max, 90, 90 * ROUNDING);
	check_close(chan[0].nominal_rms, 60, 60 * ROUNDING);
	/* An unknown range stays unknown. */
	check_close(chan[2].range_max, 0, 0);
	check_close(map.chan[0].range_max, 5, 0);
	cis_cal_free(cal);
}

static void a_channel_the_source_lacks_is_refused_by_name(void **state)
{
	static const struct cis_cal_chan vx = {
		.name = "VAA", .origin = "lab.conf:7", .gain = 1, .ratio = 1};
	struct cis_cal *cal;
	struct cis_diag diag;

	(void)state;
	assert_int_equal(cis_cal_new(&map, &vx, 1, &cal, &diag), -EINVAL);
	assert_string_equal(diag.msg, "lab.conf:7: the source has no channel "
				      "\"VAA\"; did you mean \"VA\"?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			offset_gain_and_ratio_apply_in_this_order, setup),
		cmocka_unit_test_setup(delays_add_to_those_of_the_block, setup),
		cmocka_unit_test_setup(
			limits_and_nominal_values_are_corrected_too, setup),
		cmocka_unit_test_setup(
			a_channel_the_source_lacks_is_refused_by_name, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

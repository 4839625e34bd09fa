/* test_spread.c - quantiles without keeping the values, to 0.5 %. */
#include "check.h"
#include "host/cli/spread.h"

static struct cis_spread s;

static int empty(void **state)
{
	(void)state;
	s = (struct cis_spread){.n = 0};
	return 0;
}

static void nothing_has_no_quantile(void **state)
{
	(void)state;
	cis_spread_add(&s, NAN);
	assert_int_equal(s.n, 0);
	assert_true(isnan(cis_spread_quantile(&s, 0.5)));
}

/* i ms for i of -500 to 500: the value that q of the 1001 do not exceed is
 * known; 0.5 % of it is what the header promises. */
static void quantiles_are_right_to_half_a_percent(void **state)
{
	(void)state;
	for (int i = -500; i <= 500; i++)
		cis_spread_add(&s, 1e-3 * i);
	for (int k = -500; k <= 500; k += 20) {
		double want = 1e-3 * k, q = (k + 501) / 1001.0;

		check_close(cis_spread_quantile(&s, q - 0.5 / 1001), want,
			    0.005 * fabs(want));
	}
	check_close(cis_spread_quantile(&s, 0), -0.5, 0.0025);
	check_close(cis_spread_quantile(&s, 1), 0.5, 0.0025);
}

/* Bins have an end, extremes have not. */
static void no_value_is_too_large_or_too_small(void **state)
{
	(void)state;
	cis_spread_add(&s, 1e300);
	cis_spread_add(&s, -INFINITY);
	cis_spread_add(&s, 1e-300);
	assert_int_equal(s.n, 3);
	assert_true(s.min < -1e300 && s.max > 1e299);
	check_close(cis_spread_quantile(&s, 0.5), 0, 1e-6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing_has_no_quantile, empty),
		cmocka_unit_test_setup(quantiles_are_right_to_half_a_percent,
				       empty),
		cmocka_unit_test_setup(no_value_is_too_large_or_too_small,
				       empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_slope.c - a straight line by least squares, against closed forms. */
#include "check.h"
#include "host/cli/slope.h"

static void fewer_than_two_points_have_no_slope(void **state)
{
	struct cis_slope s = {.n = 0};

	(void)state;
	assert_true(isnan(cis_slope_of(&s)));
	cis_slope_add(&s, 3, 5);
	assert_true(isnan(cis_slope_of(&s)));
	cis_slope_add(&s, 3, 6);
	assert_true(isnan(cis_slope_of(&s)));
}

/* The mean of x, near 1e9, rounds to 2^-24 at each of the points, whose rms
 * distance from it is 1000 / sqrt(12). */
static void points_on_a_line_give_its_slope(void **state)
{
	struct cis_slope s = {.n = 0};

	(void)state;
	for (int k = 0; k < 1000; k++)
		cis_slope_add(&s, 1e9 + k, 7 - 3e-6 * k);
	check_close(cis_slope_of(&s), -3e-6, 3e-6 * 0x1p-24 * sqrt(12) / 1000);
}

/* x = 0 to n - 1, all y 0 but the first, e: the slope is
 * -6 e / (n (n + 1)), where the ends alone would say -e / (n - 1). */
static void one_late_point_hardly_moves_it(void **state)
{
	struct cis_slope s = {.n = 0};
	const double n = 250, e = 5.5e-3;

	(void)state;
	for (int k = 0; k < 250; k++)
		cis_slope_add(&s, k, k == 0 ? e : 0);
	check_close(cis_slope_of(&s), -6 * e / (n * (n + 1)), 1e-15);
}

/* A gap of the course is no gap of the line: x = -2 -1 1 2, y = 1 0 2 3 has
 * the slope sum(x y) / sum(x^2) = (-2 + 0 + 2 + 6) / 10. */
static void points_need_not_be_even(void **state)
{
	static const double x[] = {-2, -1, 1, 2}, y[] = {1, 0, 2, 3};
	struct cis_slope s = {.n = 0};

	(void)state;
	for (int i = 0; i < 4; i++)
		cis_slope_add(&s, x[i], y[i]);
	check_close(cis_slope_of(&s), 0.6, 1e-15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fewer_than_two_points_have_no_slope),
		cmocka_unit_test(points_on_a_line_give_its_slope),
		cmocka_unit_test(one_late_point_hardly_moves_it),
		cmocka_unit_test(points_need_not_be_even),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

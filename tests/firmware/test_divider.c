/*
 * test_divider.c - the scan clock's edges in numbers.
 *
 * The exact place of edge k of a second that begins at b and is s long is
 * b + k s / rate; it is computed here in 128 bits.
 */
#include "check.h"

#include "firmware/core/divider.h"

#define ONE (UINT64_C(1) << 32)

__extension__ typedef unsigned __int128 wide;

static uint64_t exact(uint64_t second_q32, uint32_t k, uint32_t rate_hz)
{
	return (uint64_t)((wide)second_q32 * k / rate_hz);
}

static const struct {
	uint64_t second_q32;
	uint32_t rate_hz;
} cases[] = {
	{84000000 * ONE, 18000},
	{84000000 * ONE + 1, 18000},
	{84002520 * ONE + 0x89abcdef, 18000}, /* +30 ppm */
	{25000000 * ONE, 18000},              /* 1388.9 ticks */
	{24999999 * ONE + 0xffffffff, 50000},
	{84000000 * ONE + 12345, 17999},
	{84000000 * ONE, 1},
	{0xffffffff * ONE, 50000},
};

static void edges_are_within_half_a_tick_of_where_they_belong(void **state)
{
	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
		uint64_t second = cases[c].second_q32;
		uint64_t begin = 0xfffffff0 * ONE + 77; /* wraps soon */
		struct fe_divider d;
		struct fe_edge e;

		fe_divider_init(&d, begin, second, cases[c].rate_hz);
		for (uint32_t k = 0; k < cases[c].rate_hz; k++) {
			uint64_t at =
				begin + exact(second, k, cases[c].rate_hz);

			fe_divider_next(&d, &e);
			assert_int_equal(e.second, k == 0);
			/* Rests of a unit of 2^-32 ticks, given out in order. */
			assert_in_range(at - e.at_q32, 0, 1);
			assert_in_range(((uint64_t)e.tick << 32) - at +
						ONE / 2 + 1,
					0, ONE + 2);
		}
	}
}

static void edge_0_is_where_the_second_before_ends(void **state)
{
	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
		uint64_t begin = 5 * ONE;
		struct fe_divider d;
		struct fe_edge e;

		fe_divider_init(&d, begin, cases[c].second_q32,
				cases[c].rate_hz);
		for (uint64_t s = 0; s < 3; s++) {
			fe_divider_next(&d, &e);
			assert_true(e.second);
			assert_true(e.at_q32 ==
				    begin + s * cases[c].second_q32);
			for (uint32_t k = 1; k < cases[c].rate_hz; k++) {
				fe_divider_next(&d, &e);
				assert_false(e.second);
			}
		}
	}
}

static void another_length_goes_from_the_next_edge_on(void **state)
{
	uint64_t was = 84000000 * ONE;
	uint64_t is = 84000084 * ONE; /* 1 us longer */
	struct fe_divider d;
	struct fe_edge e;

	(void)state;
	fe_divider_init(&d, 0, was, 18000);
	for (uint32_t k = 0; k < 6000; k++)
		fe_divider_next(&d, &e);
	fe_divider_set_second(&d, is);
	for (uint32_t k = 6000; k < 18000; k++)
		fe_divider_next(&d, &e);
	assert_false(e.second);
	fe_divider_next(&d, &e);
	assert_true(e.second);
	assert_true(e.at_q32 == was / 3 + is * 2 / 3);
}

static void another_rate_cuts_the_next_second(void **state)
{
	uint64_t second = 84000001 * ONE;
	struct fe_divider d;
	struct fe_edge e;

	(void)state;
	fe_divider_init(&d, 0, second, 18000);
	for (uint32_t k = 0; k < 18000; k++)
		fe_divider_next(&d, &e);
	fe_divider_set_rate(&d, 50000);
	for (uint32_t k = 0; k < 50000; k++) {
		fe_divider_next(&d, &e);
		assert_int_equal(e.second, k == 0);
		assert_in_range(second + exact(second, k, 50000) - e.at_q32, 0,
				1);
	}
	fe_divider_next(&d, &e);
	assert_true(e.second);
	assert_true(e.at_q32 == 2 * second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			edges_are_within_half_a_tick_of_where_they_belong),
		cmocka_unit_test(edge_0_is_where_the_second_before_ends),
		cmocka_unit_test(another_length_goes_from_the_next_edge_on),
		cmocka_unit_test(another_rate_cuts_the_next_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

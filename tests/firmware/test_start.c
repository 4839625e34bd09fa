/* test_start.c - one start pulse, at its second and at no other. */
#include "check.h"

#include "firmware/core/start.h"

#define ONE  (UINT64_C(1) << 32)
#define HALF 2333
#define NOW  UINT32_C(0xffff0000)

static void the_pulse_spans_edge_0_by_half_a_period(void **state)
{
	struct fe_start s;

	(void)state;
	fe_start_init(&s);
	assert_false(fe_start_is_armed(&s));
	fe_start_arm(&s, 1000);
	assert_true(fe_start_is_armed(&s));
	fe_start_coming(&s, 999, 50000 * ONE, HALF);
	assert_false(fe_start_take(&s, NOW, 10));
	/* The timer wraps between its rise and edge 0. */
	fe_start_coming(&s, 1000, 99 * ONE + ONE / 2, HALF);
	assert_true(fe_start_take(&s, NOW, 10));
	assert_int_equal(s.rise_tick, (uint32_t)(100 - HALF));
	assert_int_equal(s.fall_tick, 100 + HALF);
	assert_false(fe_start_take(&s, NOW, 10));
	assert_int_equal(fe_start_begun(&s, 999), FE_START_NOT_YET);
	assert_true(fe_start_is_armed(&s));
	assert_int_equal(fe_start_begun(&s, 1000), FE_START_DONE);
	assert_false(fe_start_is_armed(&s));
	assert_int_equal(fe_start_begun(&s, 1001), FE_START_NOT_YET);
}

static void a_second_that_passes_without_it_is_missed(void **state)
{
	struct fe_start s;

	(void)state;
	fe_start_init(&s);
	fe_start_arm(&s, 1000);
	assert_int_equal(fe_start_begun(&s, 1001), FE_START_MISSED);
	assert_false(fe_start_is_armed(&s));
	fe_start_arm(&s, 2000);
	fe_start_coming(&s, 2000, 0, HALF);
	assert_int_equal(fe_start_begun(&s, 2000), FE_START_MISSED);
	/* Its rise is nearer than it can be made. */
	fe_start_arm(&s, 2000);
	fe_start_coming(&s, 2000, 5000 * ONE, HALF);
	assert_false(fe_start_take(&s, 5000 - HALF - 9, 10));
	assert_false(fe_start_take(&s, 5000, 10));
	assert_int_equal(fe_start_begun(&s, 2000), FE_START_MISSED);
}

static void what_is_cancelled_does_not_come(void **state)
{
	struct fe_start s;

	(void)state;
	fe_start_init(&s);
	assert_false(fe_start_cancel(&s));
	fe_start_arm(&s, 1000);
	fe_start_coming(&s, 1000, 0, HALF);
	assert_true(fe_start_cancel(&s));
	assert_false(fe_start_take(&s, NOW, 10));
	assert_int_equal(fe_start_begun(&s, 1000), FE_START_NOT_YET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pulse_spans_edge_0_by_half_a_period),
		cmocka_unit_test(a_second_that_passes_without_it_is_missed),
		cmocka_unit_test(what_is_cancelled_does_not_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

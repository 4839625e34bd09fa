/* test_edges.c - the ring between main loop and compare interrupt. */
#include "check.h"

#include "firmware/core/edges.h"

#define MARGIN 84

static void edges_come_out_as_they_went_in(void **state)
{
	struct fe_edges e;
	uint32_t in = 0xffff0000; /* wraps */
	uint32_t out = in;
	uint32_t tick;

	(void)state;
	fe_edges_init(&e, MARGIN);
	for (int round = 0; round < 20; round++) {
		while (fe_edges_put(&e, in, false))
			in += 4667;
		assert_int_equal(fe_edges_count(&e), FE_EDGES_SIZE);
		for (int i = 0; i < 100 + round; i++) {
			assert_true(fe_edges_take(&e, out - 4667, &tick));
			assert_int_equal(tick, out);
			out += 4667;
		}
	}
	assert_int_equal(e.n_missed, 0);
	assert_int_equal(e.n_dry, 0);
}

static void an_empty_ring_is_told(void **state)
{
	struct fe_edges e;
	uint32_t tick = 7;

	(void)state;
	fe_edges_init(&e, MARGIN);
	assert_false(fe_edges_take(&e, 0, &tick));
	assert_int_equal(tick, 7);
	assert_int_equal(e.n_dry, 1);
	assert_true(fe_edges_put(&e, 1000, false));
	assert_true(fe_edges_take(&e, 0, &tick));
	assert_int_equal(tick, 1000);
	assert_int_equal(e.n_dry, 1);
}

static void edges_that_are_past_are_left_out_and_told(void **state)
{
	struct fe_edges e;
	uint32_t tick;

	(void)state;
	fe_edges_init(&e, MARGIN);
	for (uint32_t k = 0; k < 10; k++)
		fe_edges_put(&e, 0xfffff000 + k * 4667, false);
	/* Edge 2 is one tick too near, edge 3 is not. */
	assert_true(
		fe_edges_take(&e, 0xfffff000 + 2 * 4667 - MARGIN + 1, &tick));
	assert_int_equal(tick, 0xfffff000 + 3 * 4667);
	assert_int_equal(e.n_missed, 3);
	assert_true(fe_edges_take(&e, 0xfffff000 + 4 * 4667 - MARGIN, &tick));
	assert_int_equal(tick, 0xfffff000 + 4 * 4667);
	assert_false(fe_edges_take(&e, 0x70000000, &tick));
	assert_int_equal(e.n_missed, 8);
	assert_int_equal(e.n_dry, 1);
}

static void a_second_s_edges_are_counted_where_they_are_taken(void **state)
{
	struct fe_edges e;
	uint32_t tick;

	(void)state;
	fe_edges_init(&e, MARGIN);
	for (uint32_t k = 0; k < 250; k++)
		fe_edges_put(&e, k * 1000, k % 100 == 0);
	for (uint32_t k = 0; k < 100; k++)
		fe_edges_take(&e, k * 1000 - 1000, &tick);
	assert_int_equal(e.n_whole, 0);
	fe_edges_take(&e, 99000, &tick);
	assert_int_equal(e.n_whole, 0);
	/* Edge 0 of the next one is risen when the edge after it is asked for. */
	fe_edges_take(&e, 100000, &tick);
	assert_int_equal(e.n_whole, 100);
	for (uint32_t k = 102; k < 196; k++)
		fe_edges_take(&e, k * 1000 - 1000, &tick);
	/* Seven are lost, edge 0 among them: the seconds are told apart. */
	fe_edges_take(&e, 202500, &tick);
	assert_int_equal(tick, 203000);
	assert_int_equal(e.n_missed, 7);
	assert_int_equal(e.n_whole, 96);
	for (uint32_t k = 204; k < 250; k++)
		fe_edges_take(&e, k * 1000 - 1000, &tick);
	fe_edges_put(&e, 300000, true);
	fe_edges_take(&e, 299000, &tick);
	fe_edges_take(&e, 300000, &tick);
	assert_int_equal(e.n_whole, 47);
}

static void a_pulse_is_as_long_as_when_its_edge_was_put(void **state)
{
	struct fe_edges e;
	uint32_t tick;

	(void)state;
	fe_edges_init(&e, MARGIN);
	for (uint32_t k = 0; k < 200; k++) {
		if (k % 70 == 0)
			fe_edges_set_high(&e, 500 + k);
		fe_edges_put(&e, k * 1000, false);
	}
	for (uint32_t k = 0; k < 200; k++) {
		fe_edges_take(&e, k * 1000 - 1000, &tick);
		assert_int_equal(fe_edges_high(&e), 500 + k / 70 * 70);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges_come_out_as_they_went_in),
		cmocka_unit_test(an_empty_ring_is_told),
		cmocka_unit_test(edges_that_are_past_are_left_out_and_told),
		cmocka_unit_test(
			a_second_s_edges_are_counted_where_they_are_taken),
		cmocka_unit_test(a_pulse_is_as_long_as_when_its_edge_was_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_ring.c - order, fullness, and two threads at once. */
#include <pthread.h>
#include <sched.h>

#include "check.h"
#include "host/core/ring.h"

#define N_ITEM 100000u

static void a_ring_is_full_and_empty_when_it_says_so(void **state)
{
	struct cis_ring *ring;

	(void)state;
	assert_int_equal(cis_ring_new(4, sizeof(int), &ring), 0);
	assert_null(cis_ring_get_begin(ring));
	for (int i = 0; i < 4; i++) {
		int *slot = cis_ring_put_begin(ring);

		assert_non_null(slot);
		*slot = i;
		cis_ring_put_end(ring);
	}
	assert_null(cis_ring_put_begin(ring));
	for (int i = 0; i < 4; i++) {
		int *slot = cis_ring_get_begin(ring);

		assert_int_equal(*slot, i);
		assert_int_equal(cis_ring_half_full(ring), 4 - i > 2);
		cis_ring_get_end(ring);
	}
	assert_null(cis_ring_get_begin(ring));
	cis_ring_free(ring);
}

static void *produce(void *arg)
{
	for (uint32_t i = 0; i < N_ITEM;) {
		uint32_t *slot = cis_ring_put_begin(arg);

		if (!slot) {
			sched_yield();
			continue;
		}
		*slot = i++;
		cis_ring_put_end(arg);
	}
	return NULL;
}

static void two_threads_lose_and_swap_nothing(void **state)
{
	struct cis_ring *ring;
	pthread_t producer;

	(void)state;
	assert_int_equal(cis_ring_new(7, sizeof(uint32_t), &ring), 0);
	assert_int_equal(pthread_create(&producer, NULL, produce, ring), 0);
	for (uint32_t i = 0; i < N_ITEM;) {
		uint32_t *slot = cis_ring_get_begin(ring);

		if (!slot) {
			sched_yield();
			continue;
		}
		assert_int_equal(*slot, i++);
		cis_ring_get_end(ring);
	}
	pthread_join(producer, NULL);
	assert_null(cis_ring_get_begin(ring));
	cis_ring_free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ring_is_full_and_empty_when_it_says_so),
		cmocka_unit_test(two_threads_lose_and_swap_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

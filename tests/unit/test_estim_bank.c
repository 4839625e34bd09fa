/* test_estim_bank.c - what is there, what is wanted, and several threads. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"
#include "host/estim/bank.h"

/* A design that only knows its seed; counts, and fails at one seed. */
struct maker {
	double fails_at_hz;
	_Atomic int n_made, n_free;
};

struct item {
	struct maker *maker;
	double seed_hz;
};

static void *make_item(const void *ctx, double seed_hz)
{
	struct maker *m = *(struct maker *const *)ctx;
	struct item *item;

	if (seed_hz == m->fails_at_hz)
		return NULL;
	item = malloc(sizeof(*item));
	*item = (struct item){m, seed_hz};
	atomic_fetch_add(&m->n_made, 1);
	return item;
}

static void free_item(void *p)
{
	struct item *item = p;

	atomic_fetch_add(&item->maker->n_free, 1);
	free(item);
}

static struct cis_bank *bank_of(struct maker *const *maker)
{
	struct cis_bank_kind kind = {.grid_hz = 0.25,
				     .low_hz = 45,
				     .high_hz = 55,
				     .make = make_item,
				     .free = free_item,
				     .ctx = maker};
	struct cis_bank *bank = cis_bank_new(&kind);

	assert_non_null(bank);
	return bank;
}

static double seed_of(const void *item)
{
	return ((const struct item *)item)->seed_hz;
}

static void seeds_are_multiples_of_the_grid_within_the_range(void **state)
{
	static const struct {
		double f_hz, seed_hz;
	} cases[] = {{45, 45},       {50.12, 50},  {50.13, 50.25},
		     {55, 55},       {12, 45},     {99, 55},
		     {INFINITY, 55}, {-1e300, 45}, {NAN, 45}};
	struct maker maker = {0}, *m = &maker;
	struct cis_bank *bank = bank_of(&m);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int index = cis_bank_index(bank, cases[i].f_hz);

		check_close(cis_bank_seed_hz(bank, index), cases[i].seed_hz, 0);
	}
	cis_bank_free(bank);
}

static void wishes_are_made_in_their_order_and_once(void **state)
{
	static const double wish_hz[] = {50, 47, 53.5, 50, 46};
	struct maker maker = {0}, *m = &maker;
	struct cis_bank *bank = bank_of(&m);
	int found;

	(void)state;
	assert_false(cis_bank_wants(bank));
	assert_int_equal(cis_bank_make_one(bank), 0);
	assert_null(cis_bank_nearest(bank, 3, &found));
	for (unsigned i = 0; i < 5; i++)
		assert_null(
			cis_bank_get(bank, cis_bank_index(bank, wish_hz[i])));
	assert_true(cis_bank_wants(bank));
	for (unsigned i = 0; i < 3; i++) {
		int index = cis_bank_index(bank, wish_hz[i]);

		assert_int_equal(cis_bank_make_one(bank), 1);
		check_close(seed_of(cis_bank_get(bank, index)), wish_hz[i], 0);
	}
	assert_int_equal(cis_bank_make_one(bank), 1);
	assert_int_equal(cis_bank_make_one(bank), 0);
	assert_false(cis_bank_wants(bank));
	assert_int_equal(maker.n_made, 4);
	cis_bank_free(bank);
	assert_int_equal(maker.n_free, 4);
}

static void the_nearest_serves_meanwhile(void **state)
{
	struct maker maker = {0}, *m = &maker;
	struct cis_bank *bank = bank_of(&m);
	int at_46 = cis_bank_index(bank, 46), at_54 = cis_bank_index(bank, 54);
	int found = -1;

	(void)state;
	cis_bank_make(bank, at_46);
	cis_bank_make(bank, at_54);
	check_close(seed_of(cis_bank_nearest(bank, at_46 + 3, &found)), 46, 0);
	assert_int_equal(found, at_46);
	check_close(seed_of(cis_bank_nearest(bank, at_54 + 2, &found)), 54, 0);
	assert_int_equal(found, at_54);
	cis_bank_nearest(bank, 0, &found);
	assert_int_equal(found, at_46);
	assert_false(cis_bank_wants(bank)); /* to look is not to want */
	cis_bank_free(bank);
}

static void what_was_made_at_once_is_wanted_no_more(void **state)
{
	struct maker maker = {0}, *m = &maker;
	struct cis_bank *bank = bank_of(&m);
	const void *item;

	(void)state;
	cis_bank_want(bank, 7);
	item = cis_bank_make(bank, 7);
	assert_non_null(item);
	assert_false(cis_bank_wants(bank));
	assert_ptr_equal(cis_bank_make(bank, 7), item);
	cis_bank_want(bank, 7);
	assert_false(cis_bank_wants(bank));
	assert_int_equal(maker.n_made, 1);
	cis_bank_free(bank);
}

static void what_fails_is_not_tried_for_ever(void **state)
{
	struct maker maker = {.fails_at_hz = 50}, *m = &maker;
	struct cis_bank *bank = bank_of(&m);
	int index = cis_bank_index(bank, 50);

	(void)state;
	assert_null(cis_bank_get(bank, index));
	assert_int_equal(cis_bank_make_one(bank), -ENOMEM);
	assert_null(cis_bank_get(bank, index));
	assert_false(cis_bank_wants(bank));
	assert_null(cis_bank_make(bank, index));
	cis_bank_free(bank);
}

#define N_ROUND 20000

static atomic_bool asking;

static void *make_all(void *arg)
{
	struct cis_bank *bank = arg;

	while (atomic_load(&asking) || cis_bank_wants(bank))
		if (cis_bank_make_one(bank) == 0)
			sched_yield();
	return NULL;
}

static void *ask_for_all(void *arg)
{
	struct cis_bank *bank = arg;

	for (int i = 0; i < N_ROUND; i++) {
		int index = (int)((unsigned)i * 2654435761u % 41u);
		const void *item = cis_bank_get(bank, index);

		if (item && seed_of(item) != cis_bank_seed_hz(bank, index))
			return bank;
	}
	return NULL;
}

static void threads_see_whole_designs_alone(void **state)
{
	struct maker maker = {0}, *m = &maker;
	struct cis_bank *bank = bank_of(&m);
	pthread_t maker_id[2], asker_id[2];
	void *wrong[2];

	(void)state;
	atomic_store(&asking, true);
	for (unsigned i = 0; i < 2; i++) {
		pthread_create(&maker_id[i], NULL, make_all, bank);
		pthread_create(&asker_id[i], NULL, ask_for_all, bank);
	}
	for (unsigned i = 0; i < 2; i++)
		pthread_join(asker_id[i], &wrong[i]);
	atomic_store(&asking, false);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(maker_id[i], NULL);
	assert_null(wrong[0]);
	assert_null(wrong[1]);
	assert_false(cis_bank_wants(bank));
	/* Nobody makes what another is making. */
	assert_int_equal(maker.n_made, 41);
	cis_bank_free(bank);
	assert_int_equal(maker.n_free, maker.n_made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			seeds_are_multiples_of_the_grid_within_the_range),
		cmocka_unit_test(wishes_are_made_in_their_order_and_once),
		cmocka_unit_test(the_nearest_serves_meanwhile),
		cmocka_unit_test(what_was_made_at_once_is_wanted_no_more),
		cmocka_unit_test(what_fails_is_not_tried_for_ever),
		cmocka_unit_test(threads_see_whole_designs_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

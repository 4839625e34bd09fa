/* test_estim_give_up.c - reports for a time in which no samples come. */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "cisoid/estim.h"

#define T0      1763680911
#define RATE_HZ 6000
#define N_SCAN  600 /* 0.1 s: five reports */

static struct cis_chan_map map;
static struct cis_report rep;

static struct cis_estim *new_estim(const char *profile)
{
	struct cis_estim_config ec = {.map = &map,
				      .fnom_hz = 50,
				      .rate = {50, 1},
				      .rate_hz = RATE_HZ,
				      .max_block = N_SCAN};
	struct cis_estim *est;

	map.n_chan = 1;
	cis_chan_set_name(&map, 0, "VA");
	assert_int_equal(cis_estim_parse_profile(profile, &ec, NULL), 0);
	assert_int_equal(cis_estim_new(&ec, &est, NULL), 0);
	return est;
}

/* 0.1 s of a cosine of 1 V rms from tenth `tenth` on. */
static void push(struct cis_estim *est, unsigned tenth)
{
	static double x[N_SCAN];
	struct cis_block blk = {
		.clock = {.anchor = {T0 * CIS_NS_PER_S}, .rate_hz = RATE_HZ},
		.first_scan = (uint64_t)tenth * N_SCAN,
		.n_chan = 1,
		.n_scan = N_SCAN,
		.stride = N_SCAN,
		.x = x,
	};

	for (unsigned i = 0; i < N_SCAN; i++)
		x[i] = sqrt(2) *
		       cos(6.283185307179586 * 50 / RATE_HZ * (i % 120));
	assert_int_equal(cis_estim_push(est, &blk), 0);
}

static struct cis_split_time at_s(double s)
{
	return (struct cis_split_time){T0 + (int64_t)s, s - floor(s)};
}

/* Pops all there is; of each: its flags. Returns how many. */
static unsigned pop_all(struct cis_estim *est, uint32_t *flags,
			struct cis_instant *last)
{
	unsigned n = 0;

	while (cis_estim_pop(est, &rep) == 0) {
		if (last->rate.num)
			assert_int_equal(cis_instant_diff(rep.at, *last), 1);
		*last = rep.at;
		if (!(rep.flags & CIS_REPORT_GAP))
			check_close(cabs(rep.phasor_rms[0]), 1, 1e-6);
		flags[n++] = rep.flags;
	}
	return n;
}

static void before_the_first_window_there_is_nothing_to_report(void **state)
{
	struct cis_estim *est = new_estim("ls7");

	(void)state;
	cis_estim_give_up(est, at_s(1), NULL);
	assert_int_equal(cis_estim_pop(est, &rep), -EAGAIN);
	push(est, 20);
	assert_int_equal(cis_estim_pop(est, &rep), 0);
	assert_int_equal(rep.flags, 0);
	cis_estim_free(est);
}

static void what_is_given_up_is_flagged_at_once_and_only_once(void **state)
{
	struct cis_estim *est = new_estim("ls7");
	struct cis_instant last = {.rate = {0, 1}};
	uint32_t flags[64];
	unsigned n;

	(void)state;
	push(est, 0);
	n = pop_all(est, flags, &last);
	/* The window is 40 ms: instants 20 to 80 ms. */
	assert_int_equal(n, 4);
	cis_estim_give_up(est, at_s(0.2), NULL);
	assert_int_equal(pop_all(est, flags, &last), 6);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(flags[i], CIS_REPORT_GAP);
	assert_int_equal(pop_all(est, flags, &last), 0);
	/* Earlier than before: nothing new. */
	cis_estim_give_up(est, at_s(0.1), NULL);
	assert_int_equal(pop_all(est, flags, &last), 0);
	/* Samples from 0.3 s: 220 to 300 ms are broken, 320 to 380 good. */
	push(est, 3);
	n = pop_all(est, flags, &last);
	assert_int_equal(n, 9);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(flags[i], i < 5 ? CIS_REPORT_GAP : 0);
	cis_estim_free(est);
}

static void samples_of_what_was_given_up_make_no_second_report(void **state)
{
	struct cis_estim *est = new_estim("ls7");
	struct cis_instant last = {.rate = {0, 1}};
	uint32_t flags[64];

	(void)state;
	push(est, 0);
	pop_all(est, flags, &last);
	cis_estim_give_up(est, at_s(0.25), NULL);
	assert_int_equal(pop_all(est, flags, &last), 8);
	push(est, 1);
	assert_int_equal(pop_all(est, flags, &last), 0);
	push(est, 2);
	/* 260 and 280 ms. */
	assert_int_equal(pop_all(est, flags, &last), 2);
	assert_int_equal(flags[0] | flags[1], 0);
	cis_estim_free(est);
}

/* Samples bring 0 s and 0 s; what is told of the time without them is its own. */
static void what_is_given_up_may_have_a_quality_of_its_own(void **state)
{
	const struct cis_time_quality poor = {2e-6, 7};
	struct cis_estim *est = new_estim("ls7");

	(void)state;
	push(est, 0);
	while (cis_estim_pop(est, &rep) == 0)
		check_close(rep.time_quality.unc_s, 0, 0);
	cis_estim_give_up(est, at_s(0.1), NULL);
	assert_int_equal(cis_estim_pop(est, &rep), 0);
	check_close(rep.time_quality.unc_s, 0, 0);
	cis_estim_give_up(est, at_s(0.2), &poor);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(cis_estim_pop(est, &rep), 0);
		assert_int_equal(rep.flags, CIS_REPORT_GAP);
		check_close(rep.time_quality.unc_s, 2e-6, 0);
		check_close(rep.time_quality.unlocked_s, 7, 0);
	}
	assert_int_equal(cis_estim_pop(est, &rep), -EAGAIN);
	cis_estim_free(est);
}

/* The reference waits after its window for what tells a step; an instant whose
 * window is there has its value without. */
static void a_complete_window_is_reported_though_nothing_follows(void **state)
{
	struct cis_estim *est = new_estim("reference");
	struct cis_instant last = {.rate = {0, 1}};
	uint32_t flags[64];
	unsigned n, n_good = 0;

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		push(est, i);
	n = pop_all(est, flags, &last);
	assert_true(n > 0);
	cis_estim_give_up(est, at_s(0.9), NULL);
	n = pop_all(est, flags, &last);
	for (unsigned i = 0; i < n; i++)
		n_good += flags[i] == 0;
	assert_true(n_good > 0 && n_good < n);
	assert_int_equal(flags[0], 0);
	assert_int_equal(flags[n - 1], CIS_REPORT_GAP);
	assert_int_equal(last.tai_s, T0);
	assert_int_equal(last.k, 45);
	cis_estim_free(est);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			before_the_first_window_there_is_nothing_to_report),
		cmocka_unit_test(
			what_is_given_up_is_flagged_at_once_and_only_once),
		cmocka_unit_test(
			what_is_given_up_may_have_a_quality_of_its_own),
		cmocka_unit_test(
			samples_of_what_was_given_up_make_no_second_report),
		cmocka_unit_test(
			a_complete_window_is_reported_though_nothing_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

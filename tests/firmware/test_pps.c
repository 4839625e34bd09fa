/*
 * test_pps.c - four pulses make a line, others do not; the gate is as wide as the
 * pulses scatter.
 */
#include "firmware/core/pps.h"

#include "check.h"
#include "host/signal/noise.h"

#define TICK_HZ 84000000
#define NS      (TICK_HZ * 4.294967296)

/* A pulse so many ns after second k of a count that is off by ppm. */
static uint64_t pulse(double k, double ppm, double late_ns)
{
	double ticks =
		k * (TICK_HZ * (1 + ppm * 1e-6)) + late_ns * TICK_HZ / 1e9;
	double whole = floor(ticks);

	/* The counter wraps in between. */
	return (((uint64_t)whole + 0xffffffff - 2 * TICK_HZ) << 32) +
	       (uint64_t)((ticks - whole) * 4294967296.0);
}

struct train {
	const char *name;
	int n;
	double at_s[8];
	bool line;
};

static void four_a_second_apart_make_a_line(void **state)
{
	static const struct train trains[] = {
		{"three", 3, {0, 1, 2}, false},
		{"four", 4, {0, 1, 2, 3}, true},
		{"one more", 5, {0, 1, 1.4, 2, 3}, true},
		{"two more", 6, {0, 1, 1.4, 2, 2.7, 3}, false},
		{"one missing", 4, {0, 1, 3, 4}, false},
		{"the last elsewhere", 5, {0, 1, 2, 3, 3.5}, false},
		{"twice as fast", 7, {0, 0.5, 1, 1.5, 2, 2.5, 3}, false},
		{"250 ppm", 4, {0, 1.00025, 2.0005, 3.00075}, false},
		{"-250 ppm", 4, {0, 0.99975, 1.9995, 2.99925}, false},
		{"190 ppm", 4, {0, 1.00019, 2.00038, 3.00057}, true},
		{"not one another's", 4, {0, 1.00001, 2, 3}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(trains) / sizeof(trains[0]); i++) {
		struct fe_pps_line line;
		struct fe_pps p;

		fe_pps_init(&p, TICK_HZ);
		for (int k = 0; k < trains[i].n; k++)
			fe_pps_note(&p, pulse(trains[i].at_s[k], 0, 0));
		if (fe_pps_find(&p, &line) != trains[i].line)
			print_error("%s\n", trains[i].name);
		assert_int_equal(fe_pps_find(&p, &line), trains[i].line);
		fe_pps_forget(&p);
		assert_false(fe_pps_find(&p, &line));
	}
}

/* Of y = (3, -5, 4, 2) at x = -3..0, least squares by hand: slope 0.6, value at
 * the end 1.9, sum of squares of what is left 48.2. */
static void the_line_is_of_least_squares(void **state)
{
	static const double late_ns[] = {30, -50, 40, 20};
	struct fe_pps_line line;
	struct fe_pps p;

	(void)state;
	fe_pps_init(&p, TICK_HZ);
	for (int k = 0; k < 4; k++)
		fe_pps_note(&p, pulse(k, 120, late_ns[k]));
	assert_true(fe_pps_find(&p, &line));
	/* Floats of the 360 us that 120 ppm make: 0.02 ns. */
	check_close((double)(int64_t)(line.mark_q32 - pulse(3, 120, 0)) / NS,
		    19, 0.05);
	check_close(
		(double)(int64_t)(line.second_q32 - ((uint64_t)TICK_HZ << 32)) /
			NS,
		120e3 + 6, 0.05);
	check_close(line.scatter2_ns2, 4820 / 2.0, 5);
}

static void a_jump_is_told_from_a_bend(void **state)
{
	static const double bend_ns[] = {0, 25, 100, 225};
	static const double jump_ns[] = {0, 0, 300, 300};
	struct fe_pps_line line;
	struct fe_pps p;

	(void)state;
	fe_pps_init(&p, TICK_HZ);
	for (int k = 0; k < 4; k++)
		fe_pps_note(&p, pulse(k, 30, bend_ns[k]));
	assert_true(fe_pps_find(&p, &line));
	assert_true(fe_pps_smooth(&p, &line));
	/* Late from the third on: 9000 ns^2 about the line, of 400 usual. */
	fe_pps_learn(&p, 0, 0);
	for (int k = 0; k < 1000; k++)
		fe_pps_learn(&p, k % 2 ? 20 : -20, 0);
	for (int k = 0; k < 4; k++)
		fe_pps_note(&p, pulse(4 + k, 30, jump_ns[k]));
	assert_true(fe_pps_find(&p, &line));
	assert_false(fe_pps_smooth(&p, &line));
}

static void the_gate_is_five_times_the_scatter(void **state)
{
	static const double rms_ns[] = {10, 20, 200};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct fe_pps p;

		fe_pps_init(&p, TICK_HZ);
		/* The place is foretold to half of it: their sum is seen. */
		for (uint64_t k = 0; k < 4000; k++)
			fe_pps_learn(&p,
				     (float)(sqrt(1.5) * rms_ns[i] *
					     cis_noise_gauss(1, 1, k)),
				     0.5f);
		/* 128 values: 6 %; and three of that. */
		check_close(fe_pps_jitter_ns(&p), rms_ns[i], 0.19 * rms_ns[i]);
		check_close(fe_pps_gate_ns(&p, 0.5f),
			    5 * sqrt(1.5) * fe_pps_jitter_ns(&p),
			    1e-3 * rms_ns[i]);
	}
}

/* Pulses that all come at the same place of a tick scatter nonetheless. */
static void a_tick_is_the_least(void **state)
{
	struct fe_pps p;

	(void)state;
	fe_pps_init(&p, 25000000);
	for (int i = 0; i < 10000; i++)
		fe_pps_learn(&p, 0, 0);
	assert_true(fe_pps_jitter_ns(&p) >= 40 / sqrt(12));
	assert_true(fe_pps_gate_ns(&p, 0) >= 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_a_second_apart_make_a_line),
		cmocka_unit_test(the_line_is_of_least_squares),
		cmocka_unit_test(a_jump_is_told_from_a_bend),
		cmocka_unit_test(the_gate_is_five_times_the_scatter),
		cmocka_unit_test(a_tick_is_the_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_servo_random.c - whatever pulses did, once they are good the edges are
 * locked again; and no edge is moved faster than allowed on the way.
 *
 * Four faults at random in twenty-five minutes, then a quarter of an hour of
 * good pulses: a slew of 900 us, the longest, takes that.
 */
#include <stdio.h>

#include "check.h"
#include "host/signal/noise.h"
#include "tests/firmware/sim/sim_servo.h"

enum { N_RUNS = 120, N_FAULTS = 4, END_S = 2500 };

#define SLEW 1e-6

/* Number n of a run, 0 <= it < 1. */
static double chance(int run, int n)
{
	return (cis_noise_uniform((uint64_t)run, 99, (uint64_t)n) + 1) / 2;
}

static struct sim_pps_fault fault_of(int run, int i)
{
	static const enum sim_pps_kind kinds[] = {
		SIM_PPS_ABSENT, SIM_PPS_DOUBLE, SIM_PPS_LATE, SIM_PPS_RATE};
	int n = 10 * (i + 1);
	struct sim_pps_fault f = {
		.kind = kinds[(int)(4 * chance(run, n))],
		.from_s = 20 + (int64_t)(1200 * chance(run, n + 1)),
		.every_s = (int64_t)(4 * chance(run, n + 2)),
	};

	/* Mostly short; 40 ns to 0.4 s, as many to a decade. */
	f.to_s = f.from_s + 1 +
		 (int64_t)((chance(run, n + 3) < 0.7 ? 20 : 250) *
			   chance(run, n + 4));
	f.value_s = 0.4 * pow(10, -7 * chance(run, n + 5));
	if (f.kind == SIM_PPS_RATE)
		f.value_s = 0.07 + 2 * chance(run, n + 5);
	return f;
}

static void run_one(int run, int64_t *n_seconds, int64_t *n_outside)
{
	const struct sim_osc osc = {
		.tick_hz = run % 3 ? 84000000 : 25000000,
		.off_ppm = 200 * chance(run, 1) - 100,
		.swing_ppm = 2.5,
		.swing_s = 3600,
		.swing_rad = run,
		.white = 1e-10,
		.walk = 3e-12,
		.seed = (uint64_t)run,
	};
	struct sim_pps pps = {
		.jitter_ns = 5 + 40 * chance(run, 2),
		.sawtooth_ns = 15,
		.sawtooth_s = 7.3 + run,
		.seed = (uint64_t)run,
		.n_faults = N_FAULTS,
	};
	struct sim_servo_second sec;
	struct sim_servo s;
	bool lies = false;

	for (int i = 0; i < N_FAULTS; i++) {
		pps.fault[i] = fault_of(run, i);
		lies = lies || pps.fault[i].kind == SIM_PPS_LATE;
	}
	sim_servo_init(&s, &osc, &pps);
	do {
		sim_servo_second(&s, &sec);
		if (!sec.status.has_error)
			continue;
		/* What late pulses tell is nothing a bound can know. */
		*n_seconds += !lies;
		*n_outside += !lies && sec.ratio > 1;
		if (sec.status.state != FE_STATE_HOLDOVER)
			assert_true(sec.off_rate <= SLEW);
	} while (sec.n < END_S);
	if (sec.status.state != FE_STATE_LOCKED)
		print_error("run %d ends in state %d\n", run, sec.status.state);
	assert_int_equal(sec.status.state, FE_STATE_LOCKED);
}

static void whatever_came_it_locks_again(void **state)
{
	int64_t n_seconds = 0, n_outside = 0;

	(void)state;
	for (int run = 1; run <= N_RUNS; run++)
		run_one(run, &n_seconds, &n_outside);
	print_message("%lld of %lld s outside the bound\n",
		      (long long)n_outside, (long long)n_seconds);
	/* Three sigma of a normal distribution. */
	assert_true((double)n_outside <= 0.0027 * (double)n_seconds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_came_it_locks_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

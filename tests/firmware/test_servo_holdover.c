/*
 * test_servo_holdover.c - ten minutes without pulses: the edges stay inside the
 * estimate that is reported, and the estimate is no more than five times the
 * truth.
 *
 * The truth an estimate is held against is the rms of the edges' error over an
 * ensemble at the same time after the last pulse: a single run's error passes
 * through zero, and no estimate can know when. Inside, though, each run must be
 * at every second. An ensemble is phases of the temperature's swing spread over
 * the turn, each with noise of its own.
 */
#include <stdio.h>

#include "check.h"
#include "tests/firmware/sim/sim_servo.h"

#define PI 3.14159265358979324

enum { AWAY_S = 600, BACK_S = 60, RUNS_MOST = 32, N_AT = 4 };

static const int64_t at_s[N_AT] = {60, 120, 300, AWAY_S};

struct ensemble {
	const char *name;
	int64_t learned_s; /* before the pulses go */
	double swing_ppm;
	double walk;
	int n_runs;
	/* Runs that may leave three sigma: none where the truth is bounded; a
	 * walk is normal, and one in a hundred does within ten minutes. */
	int n_astray_most;
};

struct outcome {
	int n, n_outside; /* seconds */
	int n_astray;     /* runs */
	double sum2_ns2[N_AT];
	double bound_ns[N_AT], bound_most_ns[N_AT];
	int n_wide;   /* runs that report more than 5 times their own error */
	double ratio; /* of error to bound, largest */
	double off_rate; /* of periods, while slewing back */
};

static void judge(struct outcome *o, const struct sim_servo_second *sec,
		  int64_t away_s)
{
	double bound_ns = sec->status.error_ns;

	assert_true(sec->status.has_error);
	o->n++;
	o->n_outside += sec->ratio > 1;
	if (sec->status.state == FE_STATE_TRACK)
		o->off_rate = fmax(o->off_rate, sec->off_rate);
	o->ratio = fmax(o->ratio, sec->ratio);
	for (int i = 0; i < N_AT; i++) {
		if (away_s != at_s[i])
			continue;
		o->sum2_ns2[i] += sec->from_ns * sec->from_ns;
		o->bound_ns[i] += bound_ns;
		o->bound_most_ns[i] = fmax(o->bound_most_ns[i], bound_ns);
	}
	if (away_s == AWAY_S)
		o->n_wide += bound_ns > 5 * fabs(sec->from_ns);
}

static void run_one(const struct ensemble *e, int run, struct outcome *o)
{
	const struct sim_osc osc = {
		.tick_hz = 84000000,
		.off_ppm = 30,
		.swing_ppm = e->swing_ppm,
		.swing_s = 3600,
		.swing_rad = 2 * PI * run / e->n_runs,
		.white = 1e-10,
		.walk = e->walk,
		.seed = (uint64_t)run + 1,
	};
	struct sim_pps pps = {
		.jitter_ns = 20,
		.sawtooth_ns = 15,
		.sawtooth_s = 7.3,
		.seed = (uint64_t)run + 1,
		.n_faults = 1,
	};
	struct sim_servo_second sec;
	struct sim_servo s;
	int n_before = o->n_outside;

	pps.fault[0] = (struct sim_pps_fault){
		.kind = SIM_PPS_ABSENT,
		.from_s = e->learned_s + 1,
		.to_s = e->learned_s + 1 + AWAY_S,
	};
	sim_servo_init(&s, &osc, &pps);
	do
		sim_servo_second(&s, &sec);
	while (sec.n < e->learned_s);
	assert_int_equal(sec.status.state, FE_STATE_LOCKED);
	while (sec.n < e->learned_s + AWAY_S + BACK_S) {
		sim_servo_second(&s, &sec);
		judge(o, &sec, sec.n - e->learned_s);
	}
	o->n_astray += o->n_outside > n_before;
}

static void run_ensemble(const struct ensemble *e, struct outcome *o)
{
	*o = (struct outcome){0};
	for (int run = 0; run < e->n_runs; run++)
		run_one(e, run, o);
	print_message("%s, %d runs:\n", e->name, e->n_runs);
	for (int i = 0; i < N_AT; i++) {
		double rms_ns = sqrt(o->sum2_ns2[i] / e->n_runs);

		print_message("  %3lld s: truth %.0f ns rms, estimate %.0f ns "
			      "(%.1f times; at most %.1f)\n",
			      (long long)at_s[i], rms_ns,
			      o->bound_ns[i] / e->n_runs,
			      o->bound_ns[i] / e->n_runs / rms_ns,
			      o->bound_most_ns[i] / rms_ns);
	}
	print_message(
		"  %d runs and %d of %d s outside; %d runs report more than "
		"5 times their own error; back at %.3g s/s\n",
		o->n_astray, o->n_outside, o->n, o->n_wide, o->off_rate);
}

static void ten_minutes_stay_inside_an_estimate_within_5_times(void **state)
{
	static const struct ensemble learned[] = {
		{"+-5 degrees, 3 h learned", 10800, 2.5, 3e-12, 24, 0},
		{"+-2.5 degrees, 2 h learned", 7200, 1.25, 3e-12, 24, 0},
		{"no swing, rate walks 3e-11, 3 h learned", 10800, 0, 3e-11, 32,
		 1},
	};
	struct outcome o;

	(void)state;
	for (size_t i = 0; i < sizeof(learned) / sizeof(learned[0]); i++) {
		run_ensemble(&learned[i], &o);
		assert_true(o.off_rate <= 1e-6);
		assert_in_range(o.n_astray, 0, learned[i].n_astray_most);
		for (int k = 0; k < N_AT; k++)
			assert_true(
				o.bound_most_ns[k] <=
				5 * sqrt(o.sum2_ns2[k] / learned[i].n_runs));
	}
}

static void what_has_learned_little_says_so(void **state)
{
	static const struct ensemble few[] = {
		{"+-5 degrees, 1 minute learned", 60, 2.5, 3e-12, 24, 0},
		{"+-5 degrees, 10 minutes learned", 600, 2.5, 3e-12, 24, 0},
		{"+-5 degrees, 40 minutes learned", 2400, 2.5, 3e-12, 24, 0},
		{"+-5 degrees, 80 minutes learned", 4800, 2.5, 3e-12, 24, 0},
	};
	struct outcome o;

	(void)state;
	for (size_t i = 0; i < sizeof(few) / sizeof(few[0]); i++) {
		run_ensemble(&few[i], &o);
		assert_int_equal(o.n_astray, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			ten_minutes_stay_inside_an_estimate_within_5_times),
		cmocka_unit_test(what_has_learned_little_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

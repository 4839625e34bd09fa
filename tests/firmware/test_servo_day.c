/*
 * test_servo_day.c - a day of a poor crystal and a fair receiver: the edges stay
 * within 100 ns of UTC, 30 ns rms.
 *
 * The crystal is 30 ppm off and 0.5 ppm a degree; the temperature swings in an
 * hour. "A swing of 5 degrees" is taken as +-5 (2.5 ppm), the harder reading,
 * and as +-2.5 besides. Pulses jitter by 20 ns rms, Gaussian, plus a sawtooth
 * from -15 to +15 ns; a slow sawtooth is harder, for it does not average out.
 * Pulses and edges are whole ticks.
 */
#include <stdio.h>

#include "check.h"
#include "tests/firmware/sim/sim_servo.h"

enum { DAY_S = 86400, LOCK_S = 60 };

#define MAX_NS  100.0
#define RMS_NS  30.0
#define SLEW    1e-6
/* Outside three sigma, of a normal distribution. */
#define OUTSIDE 0.0027

struct day {
	const char *name;
	uint32_t tick_hz;
	double swing_ppm;
	double sawtooth_s;
	uint64_t seed;
};

struct outcome {
	int64_t locked_at; /* -1: never */
	int64_t n, n_unlocked, n_outside;
	double worst_ns, sum2_ns2, off_rate, bound_ns;
	int64_t n_sum2;
};

static void judge(struct outcome *o, const struct sim_servo_second *sec)
{
	if (sec->status.state == FE_STATE_LOCKED && o->locked_at < 0)
		o->locked_at = sec->n;
	if (o->locked_at < 0)
		return;
	o->n++;
	o->n_unlocked += sec->status.state != FE_STATE_LOCKED;
	o->n_outside += sec->ratio > 1;
	o->worst_ns = fmax(o->worst_ns, sec->worst_ns);
	o->sum2_ns2 += sec->sum2_ns2;
	o->n_sum2 += sec->n_sum2;
	o->off_rate = fmax(o->off_rate, sec->off_rate);
	o->bound_ns += sec->status.error_ns;
}

static void run_day(const struct day *day)
{
	const struct sim_osc osc = {
		.tick_hz = day->tick_hz,
		.off_ppm = 30,
		.swing_ppm = day->swing_ppm,
		.swing_s = 3600,
		.white = 1e-10,
		.walk = 3e-12,
		.seed = day->seed,
	};
	const struct sim_pps pps = {
		.jitter_ns = 20,
		.sawtooth_ns = 15,
		.sawtooth_s = day->sawtooth_s,
		.seed = day->seed,
	};
	struct outcome o = {.locked_at = -1};
	struct sim_servo_second sec;
	struct sim_servo s;

	sim_servo_init(&s, &osc, &pps);
	do {
		sim_servo_second(&s, &sec);
		judge(&o, &sec);
	} while (sec.n < DAY_S);
	print_message("%s: locked after %lld s; edges %.1f ns rms, %.1f ns at "
		      "most; bound %.1f ns, %lld of %lld s outside; rate "
		      "within %.2g\n",
		      day->name, (long long)o.locked_at,
		      sqrt(o.sum2_ns2 / (double)o.n_sum2), o.worst_ns,
		      o.bound_ns / (double)o.n, (long long)o.n_outside,
		      (long long)o.n, o.off_rate);
	assert_in_range(o.locked_at, 0, LOCK_S);
	assert_int_equal(o.n_unlocked, 0);
	assert_true(o.worst_ns <= MAX_NS);
	assert_true(sqrt(o.sum2_ns2 / (double)o.n_sum2) <= RMS_NS);
	assert_true(o.off_rate <= SLEW);
	assert_true((double)o.n_outside <= OUTSIDE * (double)o.n);
}

static void edges_of_a_day_stay_within_100_ns(void **state)
{
	static const struct day days[] = {
		{"84 MHz, +-5 degrees", 84000000, 2.5, 7.3, 1},
		{"84 MHz, +-5 degrees, slow sawtooth", 84000000, 2.5, 61.7, 2},
		{"84 MHz, +-2.5 degrees, standing sawtooth", 84000000, 1.25,
		 1003.3, 3},
		{"25 MHz, +-5 degrees", 25000000, 2.5, 7.3, 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		run_day(&days[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges_of_a_day_stay_within_100_ns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

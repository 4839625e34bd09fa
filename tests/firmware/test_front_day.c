/*
 * test_front_day.c - a day of the whole core behind its port's interface, and
 * ten minutes without pulses: each of 1.6e9 edges against true time.
 *
 * The crystal is 30 ppm off and 0.5 ppm a degree, the temperature swings by +-5
 * degrees in an hour; pulses jitter by 20 ns rms and a sawtooth of 15 ns. Half a
 * minute of a processor; sanitizers, which cost much more, see an hour of it.
 */
#include <stdio.h>

#include "check.h"
#include "tests/firmware/sim/sim_front.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOW 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOW 1
#endif
#ifndef SLOW
#define SLOW 0
#endif

enum { TICK_HZ = 84000000, RATE_HZ = 18000, LOCK_S = 60 };
enum { DAY_S = SLOW ? 3600 : 86400, AWAY_S = 600 };

#define MAX_NS  100.0
#define RMS_NS  30.0
/* Of time; and of a period, with the two ticks that are its ends. */
#define SLEW_NS 1000.0
#define TICK_NS (1e9 / TICK_HZ)

struct day {
	struct sim_osc osc;
	struct sim_pps pps;
	struct sim_gps gps;
	struct sim_front *front;
	struct sim_second before, now;
};

static void set_up(struct day *d)
{
	*d = (struct day){
		.osc = {.tick_hz = TICK_HZ,
			.off_ppm = 30,
			.swing_ppm = 2.5,
			.swing_s = 3600,
			.white = 1e-10,
			.walk = 3e-12,
			.seed = 21},
		.pps = {.jitter_ns = 20,
			.sawtooth_ns = 15,
			.sawtooth_s = 61.7,
			.seed = 22,
			.n_faults = 1,
			.fault = {{SIM_PPS_ABSENT, DAY_S, DAY_S + AWAY_S, 0,
				   0}}},
	};
	sim_gps_init(&d->gps);
	d->front = sim_front_new(&(struct sim_front_config){
		.tick_hz = TICK_HZ,
		.rate_hz = RATE_HZ,
		.osc = &d->osc,
		.pps = &d->pps,
		.gps = &d->gps,
	});
}

static void next_second(struct day *d)
{
	d->before = d->now;
	sim_front_second(d->front, &d->now);
}

/* None lost, none doubled, none in a hurry; the name of the second. */
static void check_edges(const struct day *d)
{
	const struct sim_second *s = &d->now;
	double period_ns = 1e9 / RATE_HZ;
	double most_ns = period_ns * SLEW_NS * 1e-9 + TICK_NS;
	bool in_leap;

	assert_int_equal(s->n_edges, RATE_HZ);
	assert_int_equal(s->n_torn, 0);
	assert_int_equal(s->n_dry, 0);
	assert_true(s->max_period_ns - period_ns <= most_ns);
	assert_true(period_ns - s->min_period_ns <= most_ns);
	assert_true(fabs(s->first_ns - d->before.first_ns) <=
		    SLEW_NS + TICK_NS);
	assert_int_equal(s->n_reports, 1);
	assert_int_equal(s->report.edges, RATE_HZ);
	assert_int_equal(s->report.utc_s,
			 sim_gps_utc_s(&d->gps, s->n, &in_leap));
}

static void until_locked(struct day *d)
{
	do {
		next_second(d);
		assert_true(d->now.n < LOCK_S);
	} while (d->now.report.state != FE_STATE_LOCKED);
	print_message("locked after %lld s\n", (long long)d->now.n);
}

static void through_the_day(struct day *d)
{
	double worst_ns = 0, sum2_ns2 = 0, n_edges = 0, told_ns = 0;
	double from_s = (double)d->now.n;

	while (d->now.n < DAY_S - 1) {
		next_second(d);
		check_edges(d);
		assert_int_equal(d->now.report.state, FE_STATE_LOCKED);
		worst_ns = fmax(worst_ns, d->now.max_ns);
		sum2_ns2 += d->now.sum2_ns2;
		n_edges += d->now.n_edges;
		told_ns += d->now.report.error_ns;
	}
	print_message("%.0f edges in %.0f s: %.1f ns at most, %.1f ns rms; "
		      "%.1f ns told\n",
		      n_edges, (double)d->now.n - from_s, worst_ns,
		      sqrt(sum2_ns2 / n_edges),
		      told_ns / ((double)d->now.n - from_s));
	assert_true(worst_ns <= MAX_NS);
	assert_true(sqrt(sum2_ns2 / n_edges) <= RMS_NS);
}

static void without_pulses(struct day *d)
{
	double worst = 0;

	for (int i = 0; i < AWAY_S; i++) {
		next_second(d);
		check_edges(d);
		assert_true(d->now.report.has_error);
		worst = fmax(worst,
			     d->now.max_ns / (double)d->now.report.error_ns);
		assert_true(i < 1 || d->now.report.state == FE_STATE_HOLDOVER);
	}
	print_message("%d s without pulses: %.0f ns off, %u ns told, at most "
		      "%.2f of what is told\n",
		      AWAY_S, d->now.max_ns, d->now.report.error_ns, worst);
	assert_true(worst <= 1);
}

/* Slewed back, at half the greatest slew at least. */
static void with_pulses(struct day *d)
{
	int back_s = LOCK_S + (int)(2 * d->now.max_ns / SLEW_NS);

	for (int i = 0; i < back_s; i++) {
		next_second(d);
		check_edges(d);
	}
	assert_int_equal(d->now.report.state, FE_STATE_LOCKED);
	assert_true(d->now.max_ns <= MAX_NS);
}

static void a_day_and_ten_minutes_alone(void **state)
{
	struct day d;

	(void)state;
	set_up(&d);
	until_locked(&d);
	through_the_day(&d);
	without_pulses(&d);
	with_pulses(&d);
	sim_front_free(d.front);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_and_ten_minutes_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

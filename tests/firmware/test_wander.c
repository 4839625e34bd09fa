/*
 * test_wander.c - what is learned of an oscillator is what its closed form says.
 */
#include "firmware/core/wander.h"

#include "check.h"

#define TICK_HZ    84000000
#define Q32_PER_NS (TICK_HZ * 4.294967296)
#define PI         3.14159265358979324

/* The rate swings by `swing` ns/s in `period_s`. */
struct clock {
	double swing, period_s;
};

/* A model that knows all: the clock itself. */
static void tell(struct fe_osc *o, const struct clock *c, double t)
{
	double w = 2 * PI / c->period_s;
	struct fe_osc_filter *f = &o->filter[o->best];

	f->mark_q32 = ((uint64_t)t * TICK_HZ << 32) +
		      (uint64_t)(int64_t)(c->swing / w * (1 - cos(w * t)) *
					  Q32_PER_NS);
	f->second_q32 = ((uint64_t)TICK_HZ << 32) +
			(uint64_t)(int64_t)(c->swing * sin(w * t) * Q32_PER_NS);
	f->drift = (float)(c->swing * w * cos(w * t));
}

static void learn(struct fe_wander *w, const struct clock *c, int seconds)
{
	struct fe_osc o;

	fe_osc_init(&o, TICK_HZ);
	fe_wander_init(w);
	for (int t = 0; t < seconds; t++) {
		tell(&o, c, t);
		fe_wander_second(w, &o);
	}
}

/*
 * A swing a sin(wt + ph) that is carried on for h with its rate, and with its
 * drift for d, errs by a sin(ph) (sin(wh)/w - h) +
 * a cos(ph) ((1 - cos(wh))/w - w b), b = h^2/2 up to d and d (h - d/2) from
 * there; rms over ph.
 */
static double misses_ns(const struct clock *c, double h, double d)
{
	double w = 2 * PI / c->period_s;
	double b = h <= d ? h * h / 2 : d * (h - d / 2);
	double in = sin(w * h) / w - h;
	double across = (1 - cos(w * h)) / w - w * b;

	return c->swing * sqrt((in * in + across * across) / 2);
}

static double least_ns(const struct clock *c, double h)
{
	static const double ways_s[] = {0, 128, 512, 2048};
	double least = INFINITY;

	for (int i = 0; i < 4; i++)
		least = fmin(least, misses_ns(c, h, ways_s[i]));
	return least;
}

static void a_swing_is_learned(void **state)
{
	static const struct clock clocks[] = {{2500, 3600}, {100, 1800}};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct fe_wander w;
		double d;

		learn(&w, &clocks[i], 24 * 3600);
		d = fe_wander_drift_s(&w);
		for (double h = 16; h <= 2048; h *= 2) {
			double n = 24 * 3600 / h;
			double told = fe_wander_ns(&w, (uint32_t)h);
			double truth = misses_ns(&clocks[i], h, d);

			/* More, for what few spans may hide; a swing has not
			 * whole turns in the record: 2 %. */
			check_close(told / (1 + 1.3 / sqrt(n)) / truth, 1,
				    0.04);
			/* No other way is much better at any lag. */
			assert_true(truth <= 3 * least_ns(&clocks[i], h));
		}
	}
}

static void between_lags_and_beyond_it_goes_on(void **state)
{
	const struct clock c = {2500, 3600};
	struct fe_wander w;
	float before = 0;

	(void)state;
	learn(&w, &c, 24 * 3600);
	for (uint32_t h = 1; h < 86400; h += 1 + h / 16) {
		float told = fe_wander_ns(&w, h);

		/* Never less, as time goes by. */
		assert_true(told >= before);
		before = told;
		if (h < 16 || h > 2048)
			continue;
		assert_true(told > misses_ns(&c, h, fe_wander_drift_s(&w)));
		assert_true(told <
			    1.35 * misses_ns(&c, h, fe_wander_drift_s(&w)));
	}
}

static void what_was_not_seen_is_a_poor_quartz_s(void **state)
{
	const struct clock quiet = {0.01, 3600};
	struct fe_wander w;

	(void)state;
	fe_wander_init(&w);
	/* 2.5e-9 a second, for ten minutes; and never more than 7 ppm. */
	check_close(fe_wander_ns(&w, 600), 2.5 * 600 * 600 / 2, 1);
	check_close(fe_wander_ns(&w, 86400), 7000.0 * 86400, 100);
	/* Ten minutes of a quiet one say nothing about an hour. */
	learn(&w, &quiet, 600);
	check_close(fe_wander_ns(&w, 3600), 2.5 * 3600 * 3600 / 2, 2);
	assert_true(fe_wander_ns(&w, 32) < 10);
}

static void an_interruption_is_no_wander(void **state)
{
	const struct clock c = {2500, 3600};
	struct fe_wander w;
	struct fe_osc o;
	float before;

	(void)state;
	learn(&w, &c, 7200);
	before = fe_wander_ns(&w, 60);
	fe_osc_init(&o, TICK_HZ);
	fe_wander_interrupt(&w);
	for (int t = 9000; t < 9600; t++) {
		tell(&o, &c, t + 0.0);
		fe_osc_shift(&o, 1 << 30);
		fe_wander_second(&w, &o);
	}
	check_close(fe_wander_ns(&w, 60), before, 0.2 * before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_swing_is_learned),
		cmocka_unit_test(between_lags_and_beyond_it_goes_on),
		cmocka_unit_test(what_was_not_seen_is_a_poor_quartz_s),
		cmocka_unit_test(an_interruption_is_no_wander),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_osc.c - the model of the oscillator finds time, rate and drift, knows how
 * well, and how long to remember.
 */
#include "firmware/core/osc.h"
#include "firmware/core/real.h"

#include "check.h"
#include "host/signal/noise.h"

#define TICK_HZ    84000000
#define JITTER_NS  20.0
#define Q32_PER_NS (TICK_HZ * 4.294967296)

/* What second k of the clock is late, ns: rate, drift, swing in an hour. */
struct clock {
	double rate, drift;
	double swing; /* of the rate */
	double jitter_ns;
	uint64_t seed;
};

static double late_ns(const struct clock *c, double k)
{
	double w = 6.28318530717958648 / 3600;

	return c->rate * k + c->drift * k * k / 2 +
	       c->swing / w * (1 - cos(w * k));
}

static uint64_t second(const struct clock *c, double k, double jitter_ns)
{
	double ns = late_ns(c, k) + jitter_ns;

	return ((uint64_t)k * TICK_HZ << 32) +
	       (uint64_t)(int64_t)(ns * Q32_PER_NS);
}

static double jitter(const struct clock *c, int k)
{
	return c->jitter_ns * cis_noise_gauss(c->seed, 7, (uint64_t)k);
}

/* From the line through the first two seconds on. */
static void run(struct fe_osc *o, const struct clock *c, int from, int to)
{
	if (!from) {
		fe_osc_init(o, TICK_HZ);
		fe_osc_start(o, second(c, 0, 0),
			     second(c, 1, 0) - second(c, 0, 0),
			     (float)JITTER_NS, FE_OSC_COLD);
	}
	for (int k = from + 1; k <= to; k++) {
		uint64_t at_q32 = second(c, k, jitter(c, k));

		assert_int_equal(fe_osc_advance(o, at_q32), 1);
		fe_osc_pulse(o, at_q32, (float)JITTER_NS);
	}
}

static double error_ns(const struct fe_osc *o, const struct clock *c, int k)
{
	return (double)(int64_t)(fe_osc_mark(o) - second(c, k, 0)) / Q32_PER_NS;
}

static void roots_are_roots(void **state)
{
	(void)state;
	for (double v = 1e-30; v < 1e36; v *= 1.37)
		check_close(fe_root((float)v) / sqrt(v), 1, 2.5e-7);
	assert_true(fe_root(0) == 0);
	assert_true(fe_root(-1) == 0);
}

static void a_clock_that_drifts_is_found_exactly(void **state)
{
	const struct clock c = {.rate = 30000, .drift = -4.4};
	struct fe_osc o;

	(void)state;
	run(&o, &c, 0, 400);
	/* A float's last bit of a rate of 30 ppm is 2e-3 ns/s; of an error of
	 * less than 1 ns nothing. */
	check_close(error_ns(&o, &c, 400), 0, 0.05);
	check_close(fe_osc_off_ns_per_s(&o), 30000 - 4.4 * 400, 0.05);
	check_close(fe_osc_drift(&o), -4.4, 0.01);
	check_close((double)(int64_t)(fe_osc_next(&o) - second(&c, 401, 0)) /
			    Q32_PER_NS,
		    0, 0.05);
}

static void it_goes_on_alone_as_it_went(void **state)
{
	const struct clock c = {.rate = -12000, .drift = 2};
	struct fe_osc o;

	(void)state;
	run(&o, &c, 0, 400);
	assert_int_equal(fe_osc_advance(&o, second(&c, 401, 3e8)), 1);
	assert_int_equal(fe_osc_advance(&o, second(&c, 411, -3e8)), 10);
	assert_int_equal(fe_osc_advance(&o, second(&c, 411, 3e8)), 0);
	assert_int_equal(fe_osc_advance(&o, second(&c, 411, -3e8)), 0);
	check_close(error_ns(&o, &c, 411), 0, 0.5);
	fe_osc_settle(&o);
	check_close(fe_osc_drift(&o), 0, 0);
	fe_osc_shift(&o, (int64_t)(1000 * Q32_PER_NS));
	check_close(error_ns(&o, &c, 411), 1000, 0.5);
}

/* Of 400 clocks the mean square of the error is what the filter says, within
 * three of its own standard deviations, sqrt(2 / 400), and a tenth for the
 * choice among filters, which goes after the noise. */
static void it_knows_how_well_it_knows(void **state)
{
	double sum2 = 0, var = 0;

	(void)state;
	for (uint64_t i = 0; i < 400; i++) {
		const struct clock c = {
			.rate = 30000, .jitter_ns = JITTER_NS, .seed = i + 1};
		struct fe_osc o;

		run(&o, &c, 0, 500);
		sum2 += pow(error_ns(&o, &c, 500), 2) / 400;
		var += fe_osc_var(&o) * JITTER_NS * JITTER_NS / 400;
	}
	check_close(sum2 / var, 1, 0.1 + 3 * sqrt(2 / 400.0));
}

static void quiet_clocks_are_remembered_longer(void **state)
{
	const struct clock quiet = {.jitter_ns = JITTER_NS, .seed = 1};
	const struct clock swings = {
		.swing = 2500, .jitter_ns = JITTER_NS, .seed = 1};
	struct fe_osc o;
	float quiet_var;

	(void)state;
	run(&o, &quiet, 0, 2000);
	quiet_var = fe_osc_var(&o);
	run(&o, &swings, 0, 2000);
	assert_true(fe_osc_var(&o) > 2 * quiet_var);
	/* And forgotten sooner, the other way about. */
	assert_true(fe_osc_var(&o) < 1);
}

/* A missing pulse is time without one, no more. */
static void doubt_grows_without_pulses(void **state)
{
	const struct clock c = {.rate = 1, .jitter_ns = JITTER_NS, .seed = 3};
	struct fe_osc o;
	float before;

	(void)state;
	run(&o, &c, 0, 100);
	before = fe_osc_var(&o);
	fe_osc_advance(&o, second(&c, 103, 0));
	assert_true(fe_osc_var(&o) > before);
	assert_true(fe_osc_length_var(&o) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_are_roots),
		cmocka_unit_test(a_clock_that_drifts_is_found_exactly),
		cmocka_unit_test(it_goes_on_alone_as_it_went),
		cmocka_unit_test(it_knows_how_well_it_knows),
		cmocka_unit_test(quiet_clocks_are_remembered_longer),
		cmocka_unit_test(doubt_grows_without_pulses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

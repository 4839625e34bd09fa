/*
 * test_estim_jump.c - what is a step and what is not: docs/estimator.md, 8.
 *
 * The distance that the test keeps from its limit is the issue's: nothing
 * smooth may come near it, every step of 10 % or 10 degrees is far beyond.
 */
#include <stdio.h>
#include <stdlib.h>

#include "host/estim/jump.h"
#include "signals.h"

#define MAX_N 12000

/* Samples of channel A from start_s on. */
static void sample(const char *keys, double rate_hz, double start_s, double *x,
		   uint32_t n)
{
	struct cis_signal sig = signal_of(keys);

	for (uint32_t i = 0; i < n; i++)
		x[i] = cis_signal_sample(&sig, 0, 0, start_s + i / rate_hz, i);
}

static struct cis_jump *design(double rate_hz, double seed_hz)
{
	struct cis_jump *j = cis_jump_design(rate_hz, 50, seed_hz);

	assert_non_null(j);
	return j;
}

/* The largest F, as a part of its limit, of those that are deep enough. */
static double worst(const char *keys, double rate_hz, double seed_hz)
{
	static double x[MAX_N], work[MAX_N];
	struct cis_jump *j = design(rate_hz, seed_hz);
	uint32_t half = cis_jump_half(rate_hz, 50),
		 n = (uint32_t)(0.6 * rate_hz);
	uint32_t step = rate_hz > 2000 ? (uint32_t)(rate_hz / 1000) : 1;
	double most = 0;

	sample(keys, rate_hz, 0, x, n);
	for (uint32_t i = half; i + half <= n; i += step) {
		struct cis_jump_found f = cis_jump_test(j, x + i, work);

		assert_false(cis_jump_is(j, &f));
		if (f.depth > CIS_JUMP_DEPTH)
			most = fmax(most, f.f / cis_jump_limit(j));
	}
	cis_jump_free(j);
	return most;
}

/* ---- smooth ---- */

struct smooth {
	const char *keys;
	double f_hz; /* about half-way */
};

static const struct smooth smooth[] = {
	{"am=0.1 am_hz=5", 50},
	{"pm=0.1 pm_hz=5", 50},
	{"am=0.1 am_hz=5 pm=0.1 pm_hz=5", 50},
	{"am=0.1 am_hz=2.3 pm=0.1 pm_hz=4.7", 50},
	{"f=49.7 rocof=1 rocof_s=0.2 f_to=50", 49.8},
	{"f=50.3 rocof=-1 rocof_s=0.2 f_to=50", 50.2},
	{"f=45.1", 45.1},
	{"f=54.9", 54.9},
	{"h2=0.1", 50},
	{"h3=0.1 f=50.12", 50.12},
	{"h15=0.1 f=50.12", 50.12},
	{"h16=0.1", 50},
	{"h23=0.1", 50},
	{"h50=0.1", 50},
	{"ih_hz=10 ih=0.1", 50},
	{"ih_hz=24.9 ih=0.1", 50},
	{"ih_hz=75.1 ih=0.1", 50},
	{"ih_hz=99 ih=0.1", 50},
	{"ih_hz=110 ih=0.1", 50},
	{"v=5.77350269 range_v=115.5", 50}, /* 10 % of the nominal */
	{"v=69.2820323", 50},               /* 120 % */
};
static const char *const noise[] = {"", " snr_db=60", " snr_db=80", " bits=16"};

static void no_smooth_test_of_the_standard_is_a_step(void **state)
{
	const double rates[] = {18000, 1200, 300}, off[] = {0, 0.3};

	(void)state;
	for (unsigned i = 0; i < sizeof(smooth) / sizeof(smooth[0]); i++)
		for (unsigned k = 0; k < 12; k++) {
			char keys[160];

			snprintf(keys, sizeof(keys), "%s%s va_deg=%u",
				 smooth[i].keys, noise[k % 4], 37 * k + 11 * i);
			/* An interharmonic of 10 % comes nearest, within a
			 * factor of four: a tenth of it explains the rest. */
			assert_true(worst(keys, rates[k % 3],
					  smooth[i].f_hz + off[k % 2]) < 0.25);
		}
}

/* ---- steps ---- */

static const char *const steps[] = {"step_mag=0.1", "step_mag=-0.1",
				    "step_deg=10", "step_deg=-10"};

/* F at the step over its limit, the step between samples. */
static double at_step(const char *step, unsigned phase_deg, double rate_hz,
		      double seed_hz)
{
	static double x[MAX_N], work[MAX_N];
	struct cis_jump *j = design(rate_hz, seed_hz);
	uint32_t half = cis_jump_half(rate_hz, 50);
	struct cis_jump_found f;
	char keys[160];
	double r;

	snprintf(keys, sizeof(keys),
		 "%s step_s=0.5 va_deg=%u snr_db=60 seed=%u", step, phase_deg,
		 phase_deg + 1);
	sample(keys, rate_hz, 0.5 - (half - 0.4) / rate_hz, x, 2 * half);
	f = cis_jump_test(j, x + half, work);
	r = f.f / cis_jump_limit(j);
	if (r > 1)
		assert_true(cis_jump_is(j, &f));
	/* u's share of a tenth of the amplitude, or of 10 degrees, seen
	 * against the mean of both sides. */
	assert_true(f.depth > 0.09 && f.depth < 0.18);
	cis_jump_free(j);
	return r;
}

static void every_step_at_60_db_is_one_at_every_phase(void **state)
{
	(void)state;
	for (unsigned k = 0; k < 4; k++)
		for (unsigned deg = 0; deg < 360; deg += 15) {
			/* F > 1.9e5 at 18 kHz, its limit is 5000: 35 times,
			 * 0.3 Hz off the seed, and as often at other rates. */
			assert_true(at_step(steps[k], deg, 18000, 50) > 37);
			assert_true(at_step(steps[k], deg, 18000, 50.3) > 30);
			assert_true(at_step(steps[k], deg, 1200, 50.25) > 30);
			assert_true(at_step(steps[k], deg, 300, 50) > 1);
		}
}

/* ---- the glance ---- */

static void a_glance_knows_the_frequency(void **state)
{
	static double x[2 * 720], work[2 * 720]; /* cis_jump_work() */

	(void)state;
	for (double f = 45; f < 55.1; f += 1.25) {
		struct cis_jump *j = design(18000, 50);
		struct cis_jump_glance g;
		char keys[64];

		snprintf(keys, sizeof(keys), "f=%g va_deg=%g v=70", f, 17 * f);
		sample(keys, 18000, 0, x, 2 * 720);
		g = cis_jump_glance(j, x + 720, work);
		/* What the cubic leaves of a turn by x = 2 pi 5 Hz 40 ms is
		 * x^4/(4! 2^3), its slope x^3/(3! 2^2)/40 ms: 0.3 Hz. */
		check_close(g.freq_hz, f, 0.3);
		assert_true(g.share > 0.9 && g.share < 1.1);
		assert_true(g.depth < 0.02);
		cis_jump_free(j);
	}
}

static void silence_and_a_constant_are_no_step(void **state)
{
	static double x[2 * 720], work[2 * 720];
	struct cis_jump *j = design(18000, 50);
	struct cis_jump_found f = cis_jump_test(j, x + 720, work);

	(void)state;
	assert_false(cis_jump_is(j, &f));
	for (unsigned i = 0; i < 2 * 720; i++)
		x[i] = 1234.5;
	f = cis_jump_test(j, x + 720, work);
	assert_false(cis_jump_is(j, &f));
	x[700] = NAN;
	f = cis_jump_test(j, x + 720, work);
	assert_false(cis_jump_is(j, &f));
	cis_jump_free(j);
}

static void what_cannot_be_told_has_no_design(void **state)
{
	(void)state;
	assert_null(cis_jump_design(150, 50, 50));
	assert_null(cis_jump_design(18000, 50, 0));
	cis_jump_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_smooth_test_of_the_standard_is_a_step),
		cmocka_unit_test(every_step_at_60_db_is_one_at_every_phase),
		cmocka_unit_test(a_glance_knows_the_frequency),
		cmocka_unit_test(silence_and_a_constant_are_no_step),
		cmocka_unit_test(what_cannot_be_told_has_no_design),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

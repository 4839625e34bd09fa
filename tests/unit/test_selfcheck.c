/* test_selfcheck.c - what is measured of inputs is what was put there. */
#include "cisoid/selfcheck.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define TWO_PI  6.283185307179586476925
#define RATE_HZ 18000.0
#define N_SCAN  36000
#define RMS     4.8
#define N_TRIAL 60
#define RANGE_V 10.0

/* One channel in closed form: gain times the signal of t - delay. */
struct wave {
	double freq_hz, rms, rad;
	double gain, delay_s, dc;
	double h3, ih; /* fractions of the fundamental */
	double wander; /* of the phase, rad, at 0.7 Hz: common */
	double noise;  /* standard deviation */
	unsigned bits; /* of +-RANGE_V; 0: not quantised */
};

struct bench {
	struct cis_chan_map map;
	struct cis_selfcheck_in in;
	struct cis_selfcheck out;
	double *x;
	uint64_t seed;
};

static double uniform(struct bench *b)
{
	b->seed = b->seed * 6364136223846793005u + 1442695040888963407u;
	return ((double)(b->seed >> 11) + 0.5) * 0x1p-53;
}

static double gauss(struct bench *b)
{
	double r = sqrt(-2 * log(uniform(b)));

	return r * cos(TWO_PI * uniform(b));
}

static double quantised(double v, unsigned bits)
{
	double code = 2 * RANGE_V / (ldexp(1, (int)bits) - 1);
	double n = rint((v + RANGE_V) / code);

	return fmin(fmax(n, 0), ldexp(1, (int)bits) - 1) * code - RANGE_V;
}

static double at(struct bench *b, const struct wave *w, double t)
{
	double s = t - w->delay_s, peak = sqrt(2) * w->rms;
	double rad = TWO_PI * w->freq_hz * s + w->rad +
		     w->wander * sin(TWO_PI * 0.7 * s);
	double v = peak * (cos(rad) + w->h3 * cos(3 * rad + 1) +
			   w->ih * cos(TWO_PI * 77.7 * s));

	v = w->gain * v + w->dc + (w->noise > 0 ? w->noise * gauss(b) : 0);
	return w->bits ? quantised(v, w->bits) : v;
}

static void set_up(struct bench *b, uint32_t n_chan, uint32_t n_scan)
{
	memset(b, 0, sizeof(*b));
	b->map.n_chan = n_chan;
	for (uint32_t c = 0; c < n_chan; c++) {
		snprintf(b->map.chan[c].name, sizeof(b->map.chan[c].name),
			 "CH%u", c);
		b->map.chan[c].range_min = -RANGE_V;
		b->map.chan[c].range_max = RANGE_V;
	}
	b->x = calloc((size_t)n_chan * n_scan, sizeof(*b->x));
	assert_non_null(b->x);
	b->seed = 1;
	b->in = (struct cis_selfcheck_in){.rate_hz = RATE_HZ,
					  .map = &b->map,
					  .n_scan = n_scan,
					  .stride = n_scan,
					  .x = b->x};
}

static void put(struct bench *b, uint32_t c, const struct wave *w)
{
	double late = b->in.delay_s ? b->in.delay_s[c] : 0;

	for (uint32_t k = 0; k < b->in.n_scan; k++)
		b->x[c * b->in.stride + k] = at(b, w, k / RATE_HZ + late);
}

static void measure(struct bench *b)
{
	struct cis_diag diag = {""};

	if (cis_selfcheck(&b->in, &b->out, &diag))
		fail_msg("%s", diag.msg);
}

static const struct wave plain = {.freq_hz = 50.03, .rms = RMS, .gain = 1};

/* Cramer-Rao of a phasor by n samples: sigma/peak sqrt(2/n), of amplitude
 * (relative) and of phase (rad); for a ratio of two, sqrt(2) of it. */
static double bound(double sigma, double n)
{
	return sigma / (sqrt(2) * RMS) * sqrt(2 / n) * sqrt(2);
}

/* ---- tests ---- */

static void exact_waves_give_exact_figures(void **state)
{
	struct wave w = plain;
	struct bench b;

	(void)state;
	set_up(&b, 2, N_SCAN);
	w.dc = 0.25;
	w.h3 = 0.1;
	w.rad = 1;
	put(&b, 0, &w);
	w.gain = 1.0002;
	w.delay_s = 3e-6;
	put(&b, 1, &w);
	measure(&b);
	/* Rounding of samples of 7 V and of sums of 1800. */
	check_close(b.out.freq_hz, 50.03, 1e-9);
	check_close(b.out.chan[0].rms, RMS, 1e-10);
	check_close(b.out.chan[0].dc, 0.25, 1e-10);
	check_close(b.out.chan[1].dc, 0.25, 1e-10);
	check_close(b.out.chan[0].thd, 0.1, 1e-10);
	check_close(b.out.chan[0].noise_rms, 0, 1e-9);
	check_close(b.out.chan[1].gain, 1.0002, 1e-11);
	check_close(b.out.chan[1].delay_s, 3e-6, 1e-14);
	check_close(b.out.chan[1].drift_hz, 0, 1e-10);
	check_close(b.out.chan[1].freq_hz, 50.03, 1e-9);
	assert_true(b.out.common);
	free(b.x);
}

static void delays_that_are_known_are_counted(void **state)
{
	const double delay_s[3] = {0, 5e-6, 10e-6};
	struct wave w = plain;
	struct bench b;

	(void)state;
	set_up(&b, 3, N_SCAN);
	b.in.delay_s = delay_s;
	put(&b, 0, &w);
	put(&b, 1, &w);
	w.delay_s = -4e-7;
	put(&b, 2, &w);
	measure(&b);
	check_close(b.out.chan[1].delay_s, 0, 1e-14);
	check_close(b.out.chan[2].delay_s, -4e-7, 1e-14);
	free(b.x);
}

/* 16 bits: the 20 ppm and 20 ns, and within 4 of what it says itself,
 * coherent with the sampling or not. */
static void sixteen_bits_are_enough_for_20_ppm_and_20_ns(void **state)
{
	static const double freqs[] = {50, 50.03, 60, 49.99999, 62.5};

	(void)state;
	for (size_t i = 0; i < sizeof(freqs) / sizeof(freqs[0]); i++) {
		struct wave w = {.freq_hz = freqs[i],
				 .rms = RMS,
				 .gain = 1,
				 .rad = 0.3,
				 .bits = 16};
		struct bench b;

		set_up(&b, 3, N_SCAN);
		put(&b, 0, &w);
		w.gain = 0.99983;
		w.delay_s = 1.234e-6;
		put(&b, 1, &w);
		w.gain = 1.0107;
		w.delay_s = -40e-9;
		w.dc = 0.1;
		put(&b, 2, &w);
		measure(&b);
		assert_true(b.out.common);
		for (uint32_t c = 1; c < 3; c++) {
			const struct cis_selfcheck_chan *ch = &b.out.chan[c];
			double gain = c == 1 ? 0.99983 : 1.0107;
			double delay_s = c == 1 ? 1.234e-6 : -40e-9;

			check_close(ch->gain, gain, 20e-6);
			check_close(ch->delay_s, delay_s, 20e-9);
			check_close(ch->gain, gain, 4 * ch->u_gain);
			check_close(ch->delay_s, delay_s, 4 * ch->u_delay_s);
			assert_true(ch->u_gain < 10e-6);
			assert_true(ch->u_delay_s < 20e-9);
			check_close(ch->code, 20.0 / 65535, 1e-9);
			/* Between none and the q/sqrt(12) of a busy signal. */
			assert_true(ch->noise_rms < 0.32 * ch->code);
		}
		free(b.x);
	}
}

/* Over N_TRIAL trials a sample standard deviation is known to 1/sqrt(2 N), 9 %;
 * four of it are allowed. 103 of 1800 coefficients are spent on harmonics. */
static void errors_and_uncertainties_are_those_of_the_bound(void **state)
{
	double gg = 0, dd = 0, ug = 0, ud = 0, noise = 0;
	const double sigma = 2e-3, slack = 4 / sqrt(2.0 * N_TRIAL);
	struct bench b;

	(void)state;
	set_up(&b, 2, 9000);
	for (int i = 0; i < N_TRIAL; i++) {
		struct wave w = plain;

		w.noise = sigma;
		put(&b, 0, &w);
		put(&b, 1, &w);
		measure(&b);
		gg += pow(b.out.chan[1].gain - 1, 2) / N_TRIAL;
		dd += pow(b.out.chan[1].delay_s, 2) / N_TRIAL;
		ug += pow(b.out.chan[1].u_gain, 2) / N_TRIAL;
		ud += pow(b.out.chan[1].u_delay_s, 2) / N_TRIAL;
		noise += b.out.chan[1].noise_rms / N_TRIAL;
	}
	check_close(sqrt(gg) / bound(sigma, 8994), 1, slack);
	check_close(sqrt(dd) * TWO_PI * 50.03 / bound(sigma, 8994), 1, slack);
	check_close(sqrt(ug) / bound(sigma, 8994), 1, slack);
	check_close(sqrt(ud) * TWO_PI * 50.03 / bound(sigma, 8994), 1, slack);
	check_close(noise / sigma, 1, 4 / sqrt(2.0 * 8000 * N_TRIAL));
	free(b.x);
}

/* Phases of mains move by 0.3 rad in the two seconds: both channels see it. The
 * fit bends by its third order only. */
static void a_wandering_frequency_cancels(void **state)
{
	struct wave w = plain;
	struct bench b;

	(void)state;
	set_up(&b, 2, N_SCAN);
	w.wander = 0.1;
	put(&b, 0, &w);
	w.gain = 1.001;
	w.delay_s = 1e-6;
	put(&b, 1, &w);
	measure(&b);
	check_close(b.out.chan[1].gain, 1.001, 1e-6);
	check_close(b.out.chan[1].delay_s, 1e-6, 1e-9);
	assert_true(b.out.common);
	free(b.x);
}

static void other_tones_are_noise(void **state)
{
	struct wave w = plain;
	struct bench b;

	(void)state;
	set_up(&b, 1, N_SCAN);
	w.ih = 1e-3;
	put(&b, 0, &w);
	measure(&b);
	/* A little of it is taken by the columns beside it. */
	check_close(b.out.chan[0].noise_rms, 1e-3 * RMS, 0.15e-3 * RMS);
	assert_false(b.out.common);
	free(b.x);
}

static void what_differs_is_not_common(void **state)
{
	static const struct {
		struct wave w;
		bool common;
	} cases[] = {
		{{.freq_hz = 50.03, .rms = RMS, .gain = 1.04}, true},
		{{.freq_hz = 50.03, .rms = RMS, .gain = 1.06}, false},
		{{.freq_hz = 50.03, .rms = RMS, .gain = 1, .rad = 0.08}, true},
		{{.freq_hz = 50.03, .rms = RMS, .gain = 1, .rad = 0.09}, false},
		{{.freq_hz = 50.03, .rms = RMS, .gain = -1}, false},
		{{.freq_hz = 50.0315, .rms = RMS, .gain = 1}, false},
		{{.freq_hz = 60, .rms = RMS, .gain = 1}, false},
		{{.freq_hz = 50.03, .rms = 0, .gain = 1}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench b;

		set_up(&b, 2, N_SCAN);
		put(&b, 0, &plain);
		put(&b, 1, &cases[i].w);
		measure(&b);
		assert_int_equal(b.out.common, cases[i].common);
		assert_int_equal(b.out.chan[1].common, cases[i].common);
		free(b.x);
	}
}

static void the_order_of_phases_is_seen(void **state)
{
	static const struct {
		double b_deg, c_deg;
		enum cis_order order;
	} cases[] = {
		{-120, 120, CIS_ORDER_ABC},    {120, -120, CIS_ORDER_ACB},
		{0, 0, CIS_ORDER_COMMON},      {-100, 140, CIS_ORDER_ABC},
		{-80, 120, CIS_ORDER_UNCLEAR}, {60, -60, CIS_ORDER_UNCLEAR},
	};
	const uint32_t chan[3] = {0, 1, 2};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wave w = plain;
		struct bench b;

		set_up(&b, 3, 9000);
		w.rad = 2.5;
		put(&b, 0, &w);
		w.rad = 2.5 + cases[i].b_deg * TWO_PI / 360;
		put(&b, 1, &w);
		w.rad = 2.5 + cases[i].c_deg * TWO_PI / 360;
		put(&b, 2, &w);
		measure(&b);
		assert_int_equal(cis_selfcheck_order(&b.out, chan),
				 cases[i].order);
		free(b.x);
	}
}

static void samples_at_the_ends_are_counted(void **state)
{
	struct wave w = plain;
	struct bench b;

	(void)state;
	set_up(&b, 2, 9000);
	w.bits = 16;
	put(&b, 0, &w);
	w.rms = 8;
	put(&b, 1, &w);
	measure(&b);
	assert_int_equal(b.out.chan[0].n_clip, 0);
	/* Beyond 10 of 8 sqrt(2): the share of the time is
	 * 2 acos(10/11.314)/pi, 30.9 %. */
	check_close((double)b.out.chan[1].n_clip / 9000,
		    2 * acos(10 / (8 * sqrt(2))) / (TWO_PI / 2), 0.005);
	free(b.x);
}

static void records_that_show_nothing_are_refused(void **state)
{
	static const struct {
		uint32_t n_scan;
		double rms, nan_at;
	} cases[] = {
		{5300, RMS, -1},
		{9000, RMS, 4000},
		{2, RMS, -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_diag diag = {""};
		struct wave w = plain;
		struct bench b;

		set_up(&b, 1, cases[i].n_scan);
		w.rms = cases[i].rms;
		put(&b, 0, &w);
		if (cases[i].nan_at >= 0)
			b.x[(size_t)cases[i].nan_at] = NAN;
		assert_int_equal(cis_selfcheck(&b.in, &b.out, &diag), -ENODATA);
		assert_string_not_equal(diag.msg, "");
		free(b.x);
	}
}

static void inputs_without_a_signal_have_noise_and_offset(void **state)
{
	struct wave w = plain;
	struct bench b;

	(void)state;
	set_up(&b, 2, N_SCAN);
	w.rms = 0;
	w.dc = 0.5;
	put(&b, 0, &w);
	put(&b, 1, &w);
	measure(&b);
	assert_false(b.out.common);
	assert_false(b.out.chan[0].signal);
	check_close(b.out.chan[0].dc, 0.5, 1e-12);
	check_close(b.out.chan[0].noise_rms, 0, 1e-12);
	w.noise = 1e-3;
	put(&b, 0, &w);
	measure(&b);
	assert_false(b.out.chan[0].signal);
	/* Five standard deviations of what 36 000 samples tell. */
	check_close(b.out.chan[0].dc, 0.5, 5e-3 / sqrt(N_SCAN));
	check_close(b.out.chan[0].noise_rms, 1e-3, 5e-3 / sqrt(2.0 * N_SCAN));
	free(b.x);
}

static void a_channel_with_a_hole_spoils_no_other(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b, 3, 9000);
	for (uint32_t c = 0; c < 3; c++)
		put(&b, c, &plain);
	b.x[9000 + 17] = NAN;
	measure(&b);
	assert_true(b.out.chan[0].whole);
	assert_false(b.out.chan[1].whole);
	assert_true(b.out.chan[2].common);
	assert_false(b.out.common);
	free(b.x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact_waves_give_exact_figures),
		cmocka_unit_test(delays_that_are_known_are_counted),
		cmocka_unit_test(sixteen_bits_are_enough_for_20_ppm_and_20_ns),
		cmocka_unit_test(
			errors_and_uncertainties_are_those_of_the_bound),
		cmocka_unit_test(a_wandering_frequency_cancels),
		cmocka_unit_test(other_tones_are_noise),
		cmocka_unit_test(what_differs_is_not_common),
		cmocka_unit_test(the_order_of_phases_is_seen),
		cmocka_unit_test(samples_at_the_ends_are_counted),
		cmocka_unit_test(records_that_show_nothing_are_refused),
		cmocka_unit_test(inputs_without_a_signal_have_noise_and_offset),
		cmocka_unit_test(a_channel_with_a_hole_spoils_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

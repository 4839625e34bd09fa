/*
 * test_estim_step_watch.c - steps are found, at their time, and nothing else.
 */
#include <stdio.h>

#include "estim_run.h"
#include "host/estim/step_watch.h"
#include "signals.h"

#define N_CHAN CIS_SIGNAL_N_CHAN

struct setup {
	double rate_hz, duration_s;
	uint32_t n_chan, n_block;
	const double *delay_s;
};

struct seen {
	unsigned n; /* events */
	unsigned n_takes;
	double at; /* of the last */
};

static void fill(const struct cis_signal *sig, const struct setup *su,
		 struct cis_block *blk)
{
	struct run r = {.sig = *sig, .rate_hz = su->rate_hz};

	blk->clock = run_clock(&r);
	run_fill(&r, blk);
}

static struct seen what_is_seen(const char *keys, const struct setup *su)
{
	static struct cis_chan_map map;
	static double x[N_CHAN * 4096];
	struct cis_signal sig = signal_of(keys);
	struct cis_estim_config cfg = {.map = &map,
				       .profile = CIS_PROFILE_REFERENCE,
				       .fnom_hz = sig.fnom_hz,
				       .rate = {50, 1},
				       .rate_hz = su->rate_hz,
				       .max_block = su->n_block};
	uint32_t n = (uint32_t)(su->duration_s * su->rate_hz);
	struct cis_history h;
	struct cis_watch *w;
	struct seen seen = {.n = 0};

	cis_signal_map(&sig, &map);
	map.n_chan = su->n_chan;
	w = cis_watch_new(&cfg);
	assert_non_null(w);
	assert_int_equal(cis_history_init(&h, map.n_chan, n, su->n_block), 0);
	for (uint32_t at = 0; at < n; at += su->n_block) {
		struct cis_block blk = {
			.first_scan = at,
			.n_chan = su->n_chan,
			.n_scan = n - at < su->n_block ? n - at : su->n_block,
			.stride = 4096,
			.delay_s = su->delay_s,
			.x = x};
		struct cis_watch_span span = {&h, su->rate_hz, 0,
					      (int64_t)(at + blk.n_scan)};

		fill(&sig, su, &blk);
		cis_history_push(&h, &blk);
		cis_watch_run(w, &span);
	}
	for (unsigned i = 0; i < CIS_N_EVENT; i++) {
		const struct cis_event *ev = &cis_watch_events(w)[i];

		seen.n += ev->n_takes > 0;
		seen.n_takes += ev->n_takes;
		if (ev->n_takes)
			seen.at = ev->at;
	}
	cis_watch_free(w);
	cis_history_fini(&h);
	return seen;
}

static const char *const steps[] = {"step_mag=0.1", "step_mag=-0.1",
				    "step_deg=10", "step_deg=-10"};

/* The instant, in scans, in the middle between its neighbours. */
static double between(double step_s, double rate_hz)
{
	return ceil(step_s * rate_hz) - 0.5;
}

/* ---- nothing else ---- */

static const char *const smooth[] = {
	"am=0.1 am_hz=5",
	"pm=0.1 pm_hz=5",
	"am=0.1 am_hz=5 pm=0.1 pm_hz=5",
	"f=49.6 rocof=1 rocof_s=0.2 f_to=50",
	"f=55 rocof=-1 rocof_s=0.2",
	"f=45.2",
	"h3=0.1 f=50.12",
	"h15=0.1 f=50.12",
	"h50=0.1",
	"ih_hz=10 ih=0.1",
	"ih_hz=25 ih=0.1 f=52.5",
	"ih_hz=75 ih=0.1 f=47.5",
	"ih_hz=99 ih=0.1",
	"v=5.77350269 range_v=115.5", /* 10 % of the nominal */
};
static const char *const noise[] = {"", " snr_db=60", " snr_db=80", " bits=16"};

static void no_step_is_seen_in_the_smooth_tests(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(smooth) / sizeof(smooth[0]); i++)
		for (unsigned k = 0; k < 4; k++) {
			struct setup su = {k % 2 ? 1200 : 18000, 0.6, 3, 500,
					   NULL};
			char keys[160];

			snprintf(keys, sizeof(keys), "%s%s v_deg=%u", smooth[i],
				 noise[k], 17 * i + 31 * k);
			assert_int_equal(what_is_seen(keys, &su).n, 0);
		}
}

/* ---- at its time ---- */

static void every_step_is_found_between_the_right_samples(void **state)
{
	(void)state;
	for (unsigned k = 0; k < 4; k++)
		for (unsigned deg = 0; deg < 120; deg += 15) {
			/* Three phases: every carrier phase at 15 degrees. */
			struct setup su = {18000, 0.4, 3, 500, NULL};
			double step_s = 0.2 + (0.13 + deg / 160.0) / 18000;
			struct seen seen;
			char keys[160];

			snprintf(keys, sizeof(keys),
				 "%s step_s=%.12f snr_db=60 v_deg=%u seed=%u",
				 steps[k], step_s, deg, 10 * deg + k);
			seen = what_is_seen(keys, &su);
			assert_int_equal(seen.n, 1);
			assert_int_equal(seen.n_takes, 3);
			check_close(seen.at, between(step_s, 18000), 1e-6);
		}
}

/* What the step changes the samples between two instants by, in squares, over
 * the noise's variance. */
static double told(const char *keys, double rate_hz, double a, double b)
{
	struct cis_signal sig = signal_of(keys), flat = sig;
	double sum = 0, sigma = sig.sigma[0];

	flat.step_mag = flat.step_rad = 0;
	sig.snr_db = flat.snr_db = INFINITY;
	sig.sigma[0] = flat.sigma[0] = 0;
	for (double n = ceil(fmin(a, b)); n < fmax(a, b); n++) {
		double t = n / rate_hz, step_s = sig.step_s, with, without;

		/* Either side's wave, whatever the instant. */
		sig.step_s = -1;
		with = cis_signal_sample(&sig, 0, 0, t, 0);
		without = cis_signal_sample(&flat, 0, 0, t, 0);
		sig.step_s = step_s;
		sum += (with - without) * (with - without);
	}
	return sum / (sigma * sigma);
}

static void a_single_phase_is_dated_as_well_as_its_noise_lets(void **state)
{
	(void)state;
	for (unsigned k = 0; k < 4; k++)
		for (unsigned deg = 0; deg < 360; deg += 15) {
			struct setup su = {18000, 0.4, 1, 500, NULL};
			double step_s = 0.2 + 0.4 / 18000;
			struct seen seen;
			char keys[160];

			snprintf(keys, sizeof(keys),
				 "%s step_s=%.12f snr_db=60 v_deg=%u seed=%u",
				 steps[k], step_s, deg, 10 * deg + k);
			seen = what_is_seen(keys, &su);
			assert_int_equal(seen.n, 1);
			/* Where the wave crosses zero a step of the magnitude
			 * cannot be seen: likelihood ratios up to five standard
			 * deviations are left to chance. */
			assert_true(told(keys, 18000, seen.at,
					 between(step_s, 18000)) < 25);
		}
}

static void steps_are_found_at_any_rate_and_in_blocks_of_any_size(void **state)
{
	const double rates[] = {300, 400, 1200, 4800, 50000};
	const uint32_t blocks[] = {7, 100, 4096};

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		for (unsigned k = 0; k < 4; k++) {
			struct setup su = {rates[i], 0.4, 3,
					   blocks[(i + k) % 3], NULL};
			double step_s = 0.2 + 0.3 / rates[i];
			struct seen seen;
			char keys[160];

			snprintf(keys, sizeof(keys),
				 "%s step_s=%.12f snr_db=60 v_deg=%u f=49.3",
				 steps[k], step_s, 20 + 31 * k);
			seen = what_is_seen(keys, &su);
			assert_int_equal(seen.n, 1);
			/* 60 dB a sample date it to 20 us at worst: 1 sample
			 * at 50 kHz, none elsewhere. */
			check_close(seen.at, between(step_s, rates[i]),
				    rates[i] > 20000 ? 1 : 1e-6);
		}
}

static void delays_of_channels_are_allowed_for(void **state)
{
	/* A multiplexed board: 7.9 us from one channel to the next. */
	const double delay_s[] = {0,       7.9e-6,  15.8e-6,
				  23.7e-6, 31.6e-6, 39.5e-6};
	struct setup su = {18000, 0.4, 6, 500, delay_s};
	double step_s = 0.2 + 20e-6;
	struct seen seen;

	(void)state;
	/* Channel 3 on takes its sample 3600 after the step, the others do
	 * not: 3600 + 15.8 us .. 3600 + 20 us, and no other instant. */
	seen = what_is_seen("step_mag=0.1 step_s=0.20002 v_deg=20", &su);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.n_takes, 6);
	check_close(seen.at / 18000, step_s, 0.5 / 18000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_step_is_seen_in_the_smooth_tests),
		cmocka_unit_test(every_step_is_found_between_the_right_samples),
		cmocka_unit_test(
			a_single_phase_is_dated_as_well_as_its_noise_lets),
		cmocka_unit_test(
			steps_are_found_at_any_rate_and_in_blocks_of_any_size),
		cmocka_unit_test(delays_of_channels_are_allowed_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_continuity.c - lost and repeated scans are seen in the wave, and what is
 * none of that is not taken for it.
 *
 * Three phases with harmonics and noise, by closed form; the scan that a sample is
 * of jumps at the break.
 */
#include <string.h>

#include "check.h"
#include "host/acq/dates/continuity.h"
#include "host/signal/noise.h"

#define RATE_HZ 18000.0
#define N_CHAN  3
#define N_SCAN  1200
#define BREAK   700
#define PI      3.14159265358979324

struct wave {
	double freq_hz;
	double rate_hz;
	double fifth; /* harmonic, relative */
	double noise; /* relative */
	double phase_rad;
	double step_rad; /* of the phase, at BREAK */
	double step_mag; /* relative */
	double spike;    /* of all channels, at BREAK */
	int lost;
	uint64_t seed;
};

static struct wave usual(void)
{
	return (struct wave){.freq_hz = 50.3,
			     .rate_hz = RATE_HZ,
			     .fifth = 0.06,
			     .noise = 1e-4,
			     .phase_rad = 0.4};
}

static double sample(const struct wave *w, int i, int c)
{
	bool after = i >= BREAK;
	double n = i + (after ? w->lost : 0);
	double a = 2 * PI * w->freq_hz / w->rate_hz * n + w->phase_rad -
		   c * 2 * PI / 3;
	double x;

	a += after ? w->step_rad : 0;
	x = cos(a) + w->fifth * cos(5 * a + 1);
	x *= after ? 1 + w->step_mag : 1;
	x += i == BREAK ? w->spike * (c + 1) : 0;
	x += w->noise * cis_noise_gauss(w->seed, (uint64_t)c, (uint64_t)i);
	/* Voltages and a current: weights are by noise, not by size. */
	return c == 2 ? 5 * x : 325 * x;
}

/* In blocks of 144 scans from 1000 on; how many breaks are told. */
static int watch_wave(const struct wave *w, struct cis_continuity_hit *hit)
{
	static struct cis_continuity watch;
	static double x[N_CHAN * N_SCAN];
	int n = 0;

	for (int c = 0; c < N_CHAN; c++)
		for (int i = 0; i < N_SCAN; i++)
			x[c * N_SCAN + i] = sample(w, i, c);
	cis_continuity_init(&watch, N_CHAN, w->rate_hz);
	cis_continuity_set_freq(&watch, 50);
	for (uint32_t i = 0; i < N_SCAN; i += 144) {
		struct cis_block blk = {.first_scan = 1000 + i,
					.n_chan = N_CHAN,
					.n_scan = N_SCAN - i < 144 ? N_SCAN - i
								   : 144,
					.stride = N_SCAN,
					.x = x + i};

		n += cis_continuity_push(&watch, &blk, hit);
	}
	return n;
}

static void lost_and_repeated_scans_are_counted(void **state)
{
	(void)state;
	for (int lost = -5; lost <= 5; lost++)
		for (uint64_t run = 0; run < 200; run++) {
			struct wave w = usual();
			struct cis_continuity_hit hit = {0};

			w.lost = lost;
			w.seed = run;
			w.phase_rad = (double)run * PI / 100;
			assert_int_equal(watch_wave(&w, &hit), lost != 0);
			assert_int_equal(hit.lost, lost);
			if (lost) {
				assert_int_equal(hit.after_scan,
						 1000 + BREAK - 1);
				assert_true(hit.ratio > 8);
			}
		}
}

/* 20 scans a period: the slope changes much from scan to scan. */
static void few_scans_a_period_are_enough(void **state)
{
	(void)state;
	for (int lost = -3; lost <= 3; lost++)
		for (uint64_t run = 0; run < 50; run++) {
			struct wave w = usual();
			struct cis_continuity_hit hit = {0};

			w.rate_hz = 1000;
			w.freq_hz = 50;
			w.fifth = 0;
			w.lost = lost;
			w.phase_rad = (double)run * PI / 25;
			assert_int_equal(watch_wave(&w, &hit), lost != 0);
			assert_int_equal(hit.lost, lost);
		}
}

/* 10 degrees are ten scans of a degree, 0.5 half of one. */
static void steps_and_spikes_are_no_lost_scans(void **state)
{
	struct cis_continuity_hit hit;

	(void)state;
	for (uint64_t run = 0; run < 200; run++) {
		struct wave steps[6];

		for (int k = 0; k < 6; k++) {
			steps[k] = usual();
			steps[k].seed = run;
			steps[k].phase_rad = (double)run * PI / 100;
		}
		steps[0].step_rad = 10 * PI / 180;
		steps[1].step_rad = 0.5 * PI / 180;
		steps[2].step_mag = 0.1;
		steps[3].step_mag = -0.5;
		steps[4].spike = 0.3;
		steps[5].spike = -0.02;
		for (int k = 0; k < 6; k++)
			assert_int_equal(watch_wave(&steps[k], &hit), 0);
	}
}

/* 50.3 Hz at 18 kHz: 1.006 degrees a scan. The header says so. */
static void a_step_of_whole_scans_looks_the_same(void **state)
{
	struct wave w = usual();
	struct cis_continuity_hit hit = {0};

	(void)state;
	w.step_rad = 2 * 1.006 * PI / 180;
	assert_int_equal(watch_wave(&w, &hit), 1);
	assert_int_equal(hit.lost, 2);
}

/* One scan is 1.7 % of the peak at most: below 8 times e's own rms, which is
 * sqrt(6) of the noise. */
static void what_noise_hides_is_not_told(void **state)
{
	struct cis_continuity_hit hit;

	(void)state;
	for (uint64_t run = 0; run < 100; run++) {
		struct wave w = usual();

		w.noise = 0.01;
		w.seed = run;
		w.lost = (int)(run % 2);
		assert_int_equal(watch_wave(&w, &hit), 0);
	}
}

static void nothing_is_told_without_a_wave(void **state)
{
	static struct cis_continuity watch;
	static double x[2 * 600];
	struct cis_continuity_hit hit;
	struct cis_block blk = {
		.n_chan = 2, .n_scan = 600, .stride = 600, .x = x};

	(void)state;
	cis_continuity_init(&watch, 2, RATE_HZ);
	assert_false(cis_continuity_push(&watch, &blk, &hit)); /* no freq */
	cis_continuity_set_freq(&watch, NAN);
	blk.first_scan += 600;
	assert_false(cis_continuity_push(&watch, &blk, &hit));
	cis_continuity_set_freq(&watch, 50);
	for (int i = 0; i < 1200; i++)
		x[i] = i % 600 < 300 ? 0 : i < 600 ? NAN : 1;
	blk.first_scan += 600;
	assert_false(cis_continuity_push(&watch, &blk, &hit));
	/* A gap that is told, and a count that jumps, are known already. */
	blk.flags = CIS_BLOCK_GAP;
	blk.first_scan += 600;
	assert_false(cis_continuity_push(&watch, &blk, &hit));
	blk.flags = 0;
	blk.first_scan += 700;
	assert_false(cis_continuity_push(&watch, &blk, &hit));
	assert_int_equal(watch.n_past, CIS_CONTINUITY_PAST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lost_and_repeated_scans_are_counted),
		cmocka_unit_test(few_scans_a_period_are_enough),
		cmocka_unit_test(steps_and_spikes_are_no_lost_scans),
		cmocka_unit_test(a_step_of_whole_scans_looks_the_same),
		cmocka_unit_test(what_noise_hides_is_not_told),
		cmocka_unit_test(nothing_is_told_without_a_wave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

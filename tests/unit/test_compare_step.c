/* test_compare_step.c - near a step of the reference nothing is judged, and no
 * other test is taken for one. */
#include "compare_run.h"

#define DEG (3.141592653589793238463 / 180)

/* Roundings of phasors. */
#define ROUNDING_PCT 1e-12

/* The truth steps at 2.01 s, between reports. Half a window of 60 ms about the
 * reports that show it; one report more where three are asked. */
static void near_a_step_nothing_is_judged(void **state)
{
	static const char *const keys[] = {
		"step_deg=10 step_s=2.01", "step_deg=-10 step_s=2.01",
		"step_mag=0.1 step_s=2.01", "step_mag=-0.1 step_s=2.01"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct bench *b = bench_new("VA=VA,VB=VB");

		bench_compare(b, keys[i], keys[i], 200);
		assert_in_range(cis_tally_count(b->tally)->jumps, 1, 2);
		assert_true(b->first_left_s <= 2.00 - 0.06 + 1e-9);
		assert_true(b->last_left_s >= 2.02 + 0.06 - 1e-9);
		assert_true(b->first_left_s >= 2.00 - 0.06 - 0.041);
		assert_true(b->last_left_s <= 2.02 + 0.06 + 0.041);
		assert_int_equal(b->n_row, 200);
		bench_free(b);
	}
}

/* The mean of the truth over half_s before and after t: what a filter makes of a
 * step. */
static double complex smeared(const struct cis_signal *sig, double t,
			      double half_s)
{
	double complex sum = 0;

	for (int i = -100; i <= 100; i++) {
		double at = t + half_s * i / 100;
		struct cis_signal_truth truth;

		cis_signal_truth(sig, (int64_t)floor(at), at - floor(at),
				 &truth);
		sum += truth.phasor_rms[0];
	}
	return sum / 201;
}

static void smear(const struct cis_signal *sig, uint32_t rate, uint64_t n,
		  double half_s, struct cis_report *rep)
{
	const double dt = 1e-3;
	double t = (double)n / rate;
	double complex before = smeared(sig, t - dt, half_s);
	double complex after = smeared(sig, t + dt, half_s);

	rep->at = instant_of(rate, n);
	rep->n_chan = rep->n_phasor = 1;
	rep->phasor_rms[0] = smeared(sig, t, half_s);
	rep->freq_hz = 50 + carg(after * conj(before)) / (4 * 180 * DEG * dt);
	rep->rocof_hz_per_s = 0;
}

/* Windows of one to six reports to each side, the most that watch.c promises:
 * with half a window left out beside the step, what remains is exact, to the
 * rounding of 201 additions. */
static void a_step_that_a_filter_smears_is_found(void **state)
{
	static const struct {
		const char *keys;
		uint32_t rate;
		double half_s;
	} cases[] = {
		{"step_deg=10 step_s=2.507", 50, 0.02},
		{"step_deg=-10 step_s=2.507", 50, 0.12},
		{"step_mag=0.1 step_s=2.507", 50, 0.06},
		{"step_mag=-0.1 step_s=2.507", 50, 0.12},
		{"step_deg=10 step_s=2.507", 25, 0.14},
		{"step_mag=0.1 step_s=2.507", 25, 0.14},
		{"step_deg=10 step_s=2.507", 10, 0.3},
		{"step_mag=0.1 step_s=2.507", 10, 0.3},
		{"step_deg=10 step_s=2.507", 100, 0.06},
		{"step_mag=0.1 step_s=2.507", 100, 0.04},
	};

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct cis_signal sig = signal_of(cases[c].keys);
		struct cis_report *rep = blank_report(instant_of(50, 0));
		struct bench *b = bench_new("VA=VA");
		uint32_t rate = cases[c].rate;

		b->cfg.half_window_s = cases[c].half_s;
		bench_begin(b);
		for (uint64_t i = 0; i < 5 * rate; i++) {
			smear(&sig, rate, i, cases[c].half_s, rep);
			bench_put(b, CIS_REF, rep, NULL);
			cis_signal_report(&sig, 1, T0_S, instant_of(rate, i), i,
					  rep);
			bench_put(b, CIS_DUT, rep, NULL);
		}
		bench_end(b);
		if (bench_chan(b, 0, CIS_ERR_TVE)->max_abs > 201 * ROUNDING_PCT)
			fail_msg("%s at %u/s: %g %%", cases[c].keys,
				 (unsigned)rate,
				 bench_chan(b, 0, CIS_ERR_TVE)->max_abs);
		/* Not all is thrown away: three windows and three reports. */
		assert_true((double)b->n_left <
			    (6 * cases[c].half_s) * rate + 6);
		bench_free(b);
		free(rep);
	}
}

static void a_step_that_the_reference_tells_is_judged(void **state)
{
	struct cis_signal sig = signal_of("step_deg=10 step_s=2.01");
	struct cis_report *rep = blank_report(instant_of(50, 0));
	struct bench *b = bench_new("VA=VA");

	(void)state;
	bench_begin(b);
	for (uint64_t i = 0; i < 200; i++) {
		cis_signal_report(&sig, 1, T0_S, instant_of(50, i), i, rep);
		if (i >= 97 && i <= 103)
			rep->notes = CIS_NOTE_STEP;
		bench_put(b, CIS_REF, rep, NULL);
		bench_put(b, CIS_DUT, rep, NULL);
	}
	bench_end(b);
	assert_int_equal(cis_tally_count(b->tally)->judged, 200);
	assert_int_equal(cis_tally_count(b->tally)->jumps, 0);
	bench_free(b);
	free(rep);
}

static void beside_a_disturbed_reference_nothing_is_judged(void **state)
{
	struct cis_signal sig = signal_of("f=50");
	struct cis_report *rep = blank_report(instant_of(50, 0));
	struct bench *b = bench_new("VA=VA");

	(void)state;
	bench_begin(b);
	for (uint64_t i = 0; i < 100; i++) {
		cis_signal_report(&sig, 1, T0_S, instant_of(50, i), i, rep);
		rep->notes = i == 50 ? CIS_NOTE_DISTURBED : 0;
		bench_put(b, CIS_REF, rep, NULL);
		bench_put(b, CIS_DUT, rep, NULL);
	}
	bench_end(b);
	/* 60 ms on both sides: three reports each, and itself. */
	assert_int_equal(cis_tally_count(b->tally)->left[4], 7);
	assert_int_equal(cis_tally_count(b->tally)->judged, 93);
	bench_free(b);
	free(rep);
}

/* The standard's dynamic tests, at their widest for each rate. */
static void no_dynamic_test_is_taken_for_a_step(void **state)
{
	static const uint32_t rates[] = {10, 25, 50, 100};

	(void)state;
	for (size_t r = 0; r < 4; r++) {
		double band = fmin(rates[r] / 5.0, 5);
		char keys[4][120];

		snprintf(keys[0], sizeof(keys[0]), "am=0.1 am_hz=%g", band);
		snprintf(keys[1], sizeof(keys[1]), "pm=0.1 pm_hz=%g", band);
		snprintf(keys[2], sizeof(keys[2]),
			 "am=0.1 am_hz=%g pm=0.1 pm_hz=%g", band, band);
		snprintf(keys[3], sizeof(keys[3]),
			 "f=45 f_to=55 rocof=1 rocof_s=1");
		for (int k = 0; k < 4; k++) {
			struct cis_signal s = signal_of(keys[k]);
			struct bench *b = bench_new("VA=VA,VB=VB,VC=VC,IA=IA");

			bench_begin(b);
			bench_run(b, &s, &s, rates[r], 12 * rates[r]);
			/* A ramp has two corners, of 2 pi T^2 rad: above 5
			 * mrad at 25/s and less. 60 ms on both sides. */
			if (k == 3 && rates[r] <= 25)
				assert_in_range(b->n_left, 2, 16);
			else
				assert_int_equal(b->n_left, 0);
			bench_free(b);
		}
	}
}

/* White noise of a dead input: angles at random. */
static void a_channel_of_noise_does_not_exclude_the_others(void **state)
{
	struct bench *b = bench_new("VA=VA,IA=IA");

	(void)state;
	bench_compare(b, "ia_deg_noise=90 noise=uniform", "f=50", 1000);
	assert_true(cis_tally_count(b->tally)->judged > 900);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(near_a_step_nothing_is_judged),
		cmocka_unit_test(a_step_that_a_filter_smears_is_found),
		cmocka_unit_test(a_step_that_the_reference_tells_is_judged),
		cmocka_unit_test(
			beside_a_disturbed_reference_nothing_is_judged),
		cmocka_unit_test(no_dynamic_test_is_taken_for_a_step),
		cmocka_unit_test(
			a_channel_of_noise_does_not_exclude_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

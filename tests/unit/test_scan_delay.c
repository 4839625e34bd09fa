/*
 * test_scan_delay.c - a multiplexed scan: channel i is taken i times the convert
 * time after the first, and every phasor is that of the report instant.
 */
#include "estim_run.h"

/* Of the model's rounding there is 1e-8 % at most (test_estim.c); what is asked
 * of the correction is 1e-6 %. */
#define TVE_PCT    1e-6
#define CONVERT_S  5e-6
#define FE_HZ      1e-8
#define N_SEQUENCE 2

/* 5 us is 0.16 % of TVE at 50 Hz, for the sixth channel 0.8 %. */
static const double delay_s[CIS_SIGNAL_N_CHAN] = {0,
						  1 * CONVERT_S,
						  2 * CONVERT_S,
						  3 * CONVERT_S,
						  4 * CONVERT_S,
						  5 * CONVERT_S};

/* Beside run_worst: that there were sequences to look at. */
static void keep(void *ctx, const struct cis_report *rep,
		 const struct cis_signal_truth *truth)
{
	assert_int_equal(rep->n_phasor, CIS_SIGNAL_N_CHAN + N_SEQUENCE);
	run_keep_worst(ctx, rep, truth);
}

static struct worst worst_of(enum cis_profile profile, const char *f,
			     const char *rocof)
{
	struct run r = run_init(50);
	struct worst w = {.n = 0};

	r.profile = profile;
	run_key(&r, "f", f);
	run_key(&r, "rocof", rocof);
	r.duration_s = profile == CIS_PROFILE_LS7 ? 0.5 : 0.8;
	run_all(&r, delay_s, keep, &w);
	assert_true(w.n >= 10);
	assert_int_equal(w.flags, 0);
	return w;
}

static void phasors_and_sequences_are_exact_from_45_to_55_hz(void **state)
{
	static const char *const f[] = {"45",   "46.3", "48",   "49.5", "50",
					"50.5", "51.7", "53.9", "55"};
	double worst = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(f) / sizeof(f[0]); i++) {
		struct worst w = worst_of(CIS_PROFILE_LS7, f[i], "0");

		check_close(w.tve_pct, 0, TVE_PCT);
		check_close(w.fe_hz, 0, FE_HZ);
		worst = fmax(worst, w.tve_pct);
	}
	print_message("TVE at most %.1e %%\n", worst);
}

static void so_they_are_on_a_ramp(void **state)
{
	struct worst w = worst_of(CIS_PROFILE_LS7, "45", "10");

	(void)state;
	check_close(w.tve_pct, 0, TVE_PCT);
	check_close(w.fe_hz, 0, FE_HZ);
}

static void so_they_are_in_the_reference_profile(void **state)
{
	static const char *const f[] = {"45", "50", "55"};

	(void)state;
	for (size_t i = 0; i < sizeof(f) / sizeof(f[0]); i++)
		check_close(worst_of(CIS_PROFILE_REFERENCE, f[i], "0").tve_pct,
			    0, TVE_PCT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			phasors_and_sequences_are_exact_from_45_to_55_hz),
		cmocka_unit_test(so_they_are_on_a_ramp),
		cmocka_unit_test(so_they_are_in_the_reference_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_sweep.c - gain, phase and delay are told apart by a sweep, and said to be
 * one where they are. */
#include "compare_run.h"

#define PI  3.141592653589793238463
#define DEG (PI / 180)

/* ME 0.3 %, PE 0.1 degree and 100 us, over 45 to 55 Hz, are to be
 * found to 1e-4 %, 0.001 degree and 1 us. */
static void a_ramp_separates_gain_phase_and_delay(void **state)
{
	struct cis_signal ref = signal_of("f=45 f_to=55 rocof=1");
	struct cis_signal dut = signal_of(
		"f=45 f_to=55 rocof=1 err_pct=0.3 err_deg=0.1 err_us=100");
	struct bench *b = bench_new("VA=VA,V+=V+,IC=IC");

	(void)state;
	bench_begin(b);
	bench_run(b, &ref, &dut, 50, 500);
	for (int i = 0; i < 3; i++) {
		struct cis_sweep_result r;

		cis_sweep_solve(&b->sweep[i], &r);
		assert_true(r.separated);
		assert_int_equal(r.n, 500);
		check_close(r.mag_pct, 0.3, 1e-4);
		check_close(r.phase_rad, 0.1 * DEG, 0.001 * DEG);
		check_close(r.delay_s, 100e-6, 1e-6);
		assert_string_equal(r.why, "");
	}
	bench_free(b);
}

/* With noise the standard errors are what the scatter is worth: the estimates
 * lie within five of them, and they within a factor 1.5 of theory:
 * sigma / (2 pi) / (spread sqrt(n)), spread 10 Hz / sqrt(12). */
static void standard_errors_are_those_of_the_scatter(void **state)
{
	struct cis_signal ref = signal_of("f=45 f_to=55 rocof=1");
	struct cis_signal dut =
		signal_of("f=45 f_to=55 rocof=1 err_deg=0.1 err_us=100 "
			  "deg_noise=0.02 mag_noise=0.001");
	struct bench *b = bench_new("VA=VA");
	double se = 0.02 * DEG / (2 * PI) / (10 / sqrt(12) * sqrt(500));
	struct cis_sweep_result r;

	(void)state;
	bench_begin(b);
	bench_run(b, &ref, &dut, 50, 500);
	cis_sweep_solve(&b->sweep[0], &r);
	assert_true(r.separated);
	assert_true(r.se_delay_s > se / 1.5 && r.se_delay_s < se * 1.5);
	check_close(r.delay_s, 100e-6, 5 * se);
	check_close(r.phase_rad, 0.1 * DEG, 5 * r.se_phase_rad);
	check_close(r.se_mag_pct, 0.1 / sqrt(500), 0.5 * 0.1 / sqrt(500));
	check_close(r.mag_pct, 0, 5 * r.se_mag_pct);
	bench_free(b);
}

static void at_one_frequency_phase_and_delay_are_one(void **state)
{
	struct cis_signal ref = signal_of("f=50");
	struct cis_signal dut =
		signal_of("f=50 err_deg=0.1 err_us=100 f_noise_mhz=1");
	struct bench *b = bench_new("VA=VA");
	struct cis_sweep_result r;

	(void)state;
	bench_begin(b);
	bench_run(b, &ref, &dut, 50, 100);
	cis_sweep_solve(&b->sweep[0], &r);
	assert_false(r.separated);
	assert_true(isnan(r.delay_s));
	check_close(r.phase_rad, 0.1 * DEG + 2 * PI * 50 * 100e-6, 1e-12);
	assert_non_null(strstr(r.why, "too near"));
	bench_free(b);
}

static void weights_follow_the_uncertainty(void **state)
{
	struct cis_sweep s = {0};
	struct cis_sweep_result r;

	(void)state;
	/* Good points on 1e-4 s, bad ones far off, a thousand times as unsure:
	 * weights of 1e6 leave 1e-6 of their error. */
	for (int i = 0; i < 100; i++) {
		double f = 45 + 0.1 * i;

		cis_sweep_add(&s, f, 0, 2 * PI * f * 1e-4, 1e-5);
		cis_sweep_add(&s, f, 0, 2 * PI * f * 1e-4 + 0.01 * (f - 45),
			      1e-2);
	}
	cis_sweep_solve(&s, &r);
	check_close(r.delay_s, 1e-4, 1e-5 * 0.01);
}

static void a_phase_at_half_a_turn_does_not_wrap(void **state)
{
	struct cis_sweep s = {0};
	struct cis_sweep_result r;

	(void)state;
	for (int i = 0; i <= 100; i++) {
		double f = 45 + 0.1 * i;

		cis_sweep_add(
			&s, f, 0,
			cis_angle_wrap(PI - 0.1 + 2 * PI * (f - 45) * 1e-2),
			NAN);
	}
	cis_sweep_solve(&s, &r);
	/* Roundings of pi over a lever of 50 Hz to 3 Hz. */
	check_close(r.delay_s, 1e-2, 1e-14);
}

static void nothing_and_what_is_missing_give_no_figure(void **state)
{
	struct cis_sweep s = {0};
	struct cis_sweep_result r;

	(void)state;
	cis_sweep_solve(&s, &r);
	assert_false(r.separated);
	assert_true(isnan(r.mag_pct) && r.why[0]);
	cis_sweep_add(&s, NAN, 1, 1, 1);
	cis_sweep_add(&s, 50, NAN, 1, 1);
	cis_sweep_add(&s, 50, 1, INFINITY, 1);
	cis_sweep_solve(&s, &r);
	assert_int_equal(r.n, 0);
	cis_sweep_add(&s, 45, 1, 0, 1);
	cis_sweep_add(&s, 55, 1, 0.1, 1);
	cis_sweep_solve(&s, &r);
	assert_false(r.separated);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ramp_separates_gain_phase_and_delay),
		cmocka_unit_test(standard_errors_are_those_of_the_scatter),
		cmocka_unit_test(at_one_frequency_phase_and_delay_are_one),
		cmocka_unit_test(weights_follow_the_uncertainty),
		cmocka_unit_test(a_phase_at_half_a_turn_does_not_wrap),
		cmocka_unit_test(nothing_and_what_is_missing_give_no_figure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

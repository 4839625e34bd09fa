/* test_estim.c - the estimator against signals in closed form. */
#include "estim_run.h"

/*
 * The model holds the signal exactly, so what is left is rounding: samples and
 * phases of some 1e-15, a window whose least-squares gain is of order one, times
 * 1/(2 pi T) for f and 1/(pi T^2) for ROCOF with T = 20 ms; the acceptance
 * figures of the product leave a decade or two.
 */
#define TVE_PCT      1e-8
#define FE_HZ        1e-8
#define RFE_HZ_PER_S 1e-6

static void check_exact(struct worst w, unsigned at_least)
{
	assert_true(w.n >= at_least);
	assert_int_equal(w.flags, 0);
	assert_int_equal(w.notes, 0);
	check_close(w.tve_pct, 0, TVE_PCT);
	check_close(w.fe_hz, 0, FE_HZ);
	check_close(w.rfe_hz_per_s, 0, RFE_HZ_PER_S);
}

static void a_frequency_ramp_is_exact(void **state)
{
	struct run r = run_init(50);

	(void)state;
	run_key(&r, "f", "45");
	run_key(&r, "rocof", "1");
	r.duration_s = 10;
	check_exact(run_worst(&r, NULL), 497);
}

static void off_nominal_is_exact_at_any_rate(void **state)
{
	static const struct {
		double rate_hz, fnom_hz, fps;
		const char *f;
	} cases[] = {
		{18000, 50, 50, "45.3"},        {18000, 60, 60, "64.7"},
		{17857.142857, 50, 50, "50.1"}, {5760, 60, 60, "60.04"},
		{30707.244, 60, 30, "59.97"},   {1200, 50, 50, "49.2"},
		{300, 50, 10, "50.7"},          {9000, 50, 200, "52"},
		{11111.1, 50, 100, "47.77"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_init(cases[i].fnom_hz);

		run_key(&r, "f", cases[i].f);
		r.rate_hz = cases[i].rate_hz;
		r.fps.num = (uint32_t)cases[i].fps;
		check_exact(run_worst(&r, NULL),
			    (unsigned)(cases[i].fps * 0.9) - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frequency_ramp_is_exact),
		cmocka_unit_test(off_nominal_is_exact_at_any_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

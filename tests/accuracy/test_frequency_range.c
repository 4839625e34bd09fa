/*
 * test_frequency_range.c - steady sines of any frequency, magnitude and phase.
 *
 * Figures: 50 Hz, 50 reports a second, maxima over all reports.
 */
#include "accept.h"

static struct accept_rig rig;

static int set_up(void **state)
{
	(void)state;
	accept_init(&rig, 50, 50, ACCEPT_P | ACCEPT_M | ACCEPT_R);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	accept_fini(&rig);
	return 0;
}

static void run_at(double f_hz, double deg, double shift_s)
{
	struct accept_case c = accept_case(&rig, "");

	accept_key(&c, "f", f_hz);
	accept_key(&c, "v_deg", deg);
	c.shift_s = shift_s;
	c.alone = true;
	accept_run(&rig, &c);
}

/* Every hundredth of a hertz, so also in the middle between two seeds. */
static void a_sweep_of_the_frequency_is_followed(void **state)
{
	static const struct accept_asked asked[] = {
		{CIS_PROFILE_P, {1e-7, 1e-9, 5e-8}},
		{CIS_PROFILE_M, {5e-6, 8e-7, 1e-5}},
		{CIS_PROFILE_REFERENCE, {1e-6, 2e-7, 5e-6}},
	};

	(void)state;
	accept_clear(&rig);
	for (unsigned i = 0; i <= 1000; i++)
		run_at(45 + i / 100.0, 360 * accept_random(i), 0);
	for (unsigned i = 0; i <= 1000; i += 2)
		run_at(45 + i / 100.0, 360 * accept_random(i + 1),
		       accept_shift_s(1 + i / 2 % 2));
	accept_check(&rig, "frequency range", asked, 3);
}

static const struct accept_asked on_a_seed[] = {
	{CIS_PROFILE_P, {1e-10, 1e-11, 1e-9}},
	{CIS_PROFILE_M, {1e-10, 1e-11, 1e-9}},
	{CIS_PROFILE_REFERENCE, {1e-10, 1e-11, 1e-9}},
};

/* Multiples of 0.5 Hz are seeds of all profiles. */
static void on_a_seed_only_rounding_is_left(void **state)
{
	(void)state;
	accept_clear(&rig);
	for (unsigned s = 0; s < ACCEPT_N_SHIFT; s++)
		for (unsigned i = 0; i <= 20; i++)
			run_at(45 + i / 2.0, 360 * accept_random(i),
			       accept_shift_s(s));
	accept_check(&rig, "on a seed", on_a_seed, 3);
}

/* Voltages and currents from a tenth of nominal to twice it. */
static void magnitude_and_phase_do_not_matter(void **state)
{
	(void)state;
	accept_clear(&rig);
	for (unsigned s = 0; s < ACCEPT_N_SHIFT; s++)
		for (unsigned i = 0; i <= 24; i++) {
			struct accept_case c = accept_case(&rig, "");

			accept_key(&c, "v", 12 + 228 * i / 24.0);
			accept_key(&c, "v_deg", -180 + 15.0 * i);
			c.shift_s = accept_shift_s(s);
			accept_run(&rig, &c);
		}
	accept_check(&rig, "magnitude and phase", on_a_seed, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sweep_of_the_frequency_is_followed),
		cmocka_unit_test(on_a_seed_only_rounding_is_left),
		cmocka_unit_test(magnitude_and_phase_do_not_matter),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

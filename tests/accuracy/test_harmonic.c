/*
 * test_harmonic.c - one harmonic at a time, of every phase.
 *
 * Figures: 50 Hz, 50 reports a second, maxima over all reports.
 */
#include "accept_p_mr.h"

#define N_PHASE 12 /* of the harmonic, against each of the three voltages' */

static void run_one(struct accept_rig *rig, double f_hz, unsigned order,
		    double level, unsigned i)
{
	struct accept_case c = accept_case(rig, "");
	char name[8], name_deg[12];

	snprintf(name, sizeof(name), "h%u", order);
	snprintf(name_deg, sizeof(name_deg), "h%u_deg", order);
	accept_key(&c, "f", f_hz);
	accept_key(&c, "v_deg", 360 * accept_random(order * N_PHASE + i));
	accept_key(&c, name, level);
	accept_key(&c, name_deg, 360.0 * i / N_PHASE);
	c.shift_s = accept_shift_s(i % ACCEPT_N_SHIFT);
	accept_run(rig, &c);
}

static void run_all(struct accept_rig *rig, double f_hz, double level)
{
	accept_clear(rig);
	for (unsigned order = 2; order <= 50; order++)
		for (unsigned i = 0; i < N_PHASE; i++)
			run_one(rig, f_hz, order, level, i);
}

static const struct accept_asked asked_p = {CIS_PROFILE_P,
					    {6e-4, 6e-4, 1.5e-2}};
static const struct accept_asked asked_mr[] = {
	{CIS_PROFILE_M, {3e-4, 2e-5, 4e-3}},
	{CIS_PROFILE_REFERENCE, {5e-5, 2e-6, 3e-4}},
};

static void harmonics_at_nominal_frequency_are_rejected(void **state)
{
	(void)state;
	run_all(&p, 50, 0.01);
	accept_check(&p, "harmonic 1 %, f0", &asked_p, 1);
}

static void harmonics_beside_nominal_frequency_are_rejected(void **state)
{
	(void)state;
	run_all(&p, 50.12, 0.01);
	accept_check(&p, "harmonic 1 %, f0 + 0.12 Hz", &asked_p, 1);
}

static void harmonics_of_ten_percent_are_rejected(void **state)
{
	(void)state;
	run_all(&mr, 50, 0.1);
	accept_check(&mr, "harmonic 10 %, f0", asked_mr, 2);
}

static void harmonics_of_ten_percent_beside_nominal_too(void **state)
{
	(void)state;
	run_all(&mr, 50.12, 0.1);
	accept_check(&mr, "harmonic 10 %, f0 + 0.12 Hz", asked_mr, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(harmonics_at_nominal_frequency_are_rejected),
		cmocka_unit_test(
			harmonics_beside_nominal_frequency_are_rejected),
		cmocka_unit_test(harmonics_of_ten_percent_are_rejected),
		cmocka_unit_test(harmonics_of_ten_percent_beside_nominal_too),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

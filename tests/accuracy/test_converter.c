/*
 * test_converter.c - 16 bits: what the converter adds to the clean figures.
 *
 * Figures: 50 Hz, 50 reports a second, maxima over all reports. The range is
 * +-1.5 times the nominal peak.
 */
#include "accept_p_mr.h"

#define NOMINAL_RMS_V 120
#define RANGE_V       (1.5 * 1.41421356237309504880 * NOMINAL_RMS_V)

/* 80 to 120 % of nominal, a random phase and a random time of the signal. */
static void run_draw(struct accept_rig *rig, struct accept_case *c,
		     unsigned draw)
{
	accept_key(c, "bits", 16);
	accept_key(c, "range_v", RANGE_V);
	accept_key(c, "v", NOMINAL_RMS_V * (0.8 + 0.1 * (draw % 5)));
	accept_key(c, "v_deg", 360 * accept_random(2 * draw));
	c->offset_s = accept_random(2 * draw + 1);
	c->shift_s = accept_shift_s(draw % ACCEPT_N_SHIFT);
	accept_run(rig, c);
}

/* The clean figure of the family, and what the converter may add. */
static struct accept_asked on_top(enum cis_profile profile, double tve_pct,
				  double fe_hz, double rfe_hz_per_s)
{
	return (struct accept_asked){
		profile, {tve_pct + 6e-4, fe_hz + 7e-5, rfe_hz_per_s + 5e-3}};
}

static void steady_sines_lose_little(void **state)
{
	const struct accept_asked asked[] = {
		on_top(CIS_PROFILE_P, 1e-7, 1e-9, 5e-8),
		on_top(CIS_PROFILE_M, 5e-6, 8e-7, 1e-5),
		on_top(CIS_PROFILE_REFERENCE, 1e-6, 2e-7, 5e-6),
	};

	(void)state;
	accept_clear(&p);
	accept_clear(&mr);
	for (unsigned i = 0; i <= 200; i++) {
		struct accept_case c = accept_case(&mr, "");

		accept_key(&c, "f", i % 4 ? 45 + 0.05 * i : 50);
		run_draw(&mr, &c, i);
		run_draw(&p, &c, i);
	}
	accept_check(&p, "16 bits, frequency range", asked, 1);
	accept_check(&mr, "16 bits, frequency range", asked + 1, 2);
}

static void run_modulations(struct accept_rig *rig, const char *keys,
			    double top_hz)
{
	accept_clear(rig);
	for (unsigned i = 0; i < 60; i++) {
		struct accept_case c = accept_case(rig, keys);
		double mod_hz = top_hz * (1 - 0.01 * (i / 3));

		if (c.sig.am != 0)
			accept_key(&c, "am_hz", mod_hz);
		if (c.sig.pm_rad != 0)
			accept_key(&c, "pm_hz", mod_hz);
		run_draw(rig, &c, i);
	}
}

static void modulation_loses_little(void **state)
{
	const struct accept_asked am[] = {
		on_top(CIS_PROFILE_P, 5e-4, 2e-6, 5e-5),
		on_top(CIS_PROFILE_M, 1e-3, 2e-5, 5e-3),
		on_top(CIS_PROFILE_REFERENCE, 3e-5, 5e-7, 2e-4),
	};
	const struct accept_asked pm[] = {
		on_top(CIS_PROFILE_P, 5e-4, 1e-5, 2.5e-2),
		on_top(CIS_PROFILE_M, 2e-3, 4e-4, 4e-2),
		on_top(CIS_PROFILE_REFERENCE, 2e-4, 5e-5, 3e-3),
	};
	const struct accept_asked both[] = {
		on_top(CIS_PROFILE_P, 7e-4, 2e-5, 4e-2),
		on_top(CIS_PROFILE_M, 5e-3, 1.1e-3, 7e-2),
		on_top(CIS_PROFILE_REFERENCE, 5e-4, 8e-5, 6e-3),
	};

	(void)state;
	run_modulations(&p, "am=0.1", 2);
	accept_check(&p, "16 bits, AM", am, 1);
	run_modulations(&mr, "am=0.1", 5);
	accept_check(&mr, "16 bits, AM", am + 1, 2);
	run_modulations(&p, "pm=0.1", 2);
	accept_check(&p, "16 bits, PM", pm, 1);
	run_modulations(&mr, "pm=0.1", 5);
	accept_check(&mr, "16 bits, PM", pm + 1, 2);
	run_modulations(&p, "am=0.1 pm=0.1", 2);
	accept_check(&p, "16 bits, AM and PM", both, 1);
	run_modulations(&mr, "am=0.1 pm=0.1", 5);
	accept_check(&mr, "16 bits, AM and PM", both + 1, 2);
}

static void run_harmonics(struct accept_rig *rig, double level)
{
	accept_clear(rig);
	for (unsigned order = 2; order <= 50; order++) {
		struct accept_case c = accept_case(rig, "");
		char name[8];

		snprintf(name, sizeof(name), "h%u", order);
		accept_key(&c, name, level);
		accept_key(&c, "f", order % 2 ? 50 : 50.12);
		run_draw(rig, &c, order);
	}
}

static void harmonics_lose_little(void **state)
{
	const struct accept_asked asked[] = {
		on_top(CIS_PROFILE_P, 6e-4, 6e-4, 1.5e-2),
		on_top(CIS_PROFILE_M, 3e-4, 2e-5, 4e-3),
		on_top(CIS_PROFILE_REFERENCE, 5e-5, 2e-6, 3e-4),
	};

	(void)state;
	run_harmonics(&p, 0.01);
	accept_check(&p, "16 bits, harmonic 1 %", asked, 1);
	run_harmonics(&mr, 0.1);
	accept_check(&mr, "16 bits, harmonic 10 %", asked + 1, 2);
}

static void tones_lose_little(void **state)
{
	const struct accept_asked asked[] = {
		on_top(CIS_PROFILE_M, 6e-3, 8e-4, 8e-2),
		on_top(CIS_PROFILE_REFERENCE, 3e-4, 4e-5, 5e-3),
	};

	(void)state;
	accept_clear(&mr);
	for (unsigned i = 0; i < 82; i++) {
		struct accept_case c = accept_case(&mr, "ih=0.1");

		accept_key(&c, "ih_hz", i < 31 ? 10 + i / 2.0 : 59.5 + i / 2.0);
		run_draw(&mr, &c, i);
	}
	accept_check(&mr, "16 bits, out of band", asked, 2);
}

static void ramps_lose_little(void **state)
{
	const struct accept_asked asked[] = {
		on_top(CIS_PROFILE_P, 3e-5, 2e-7, 3e-4),
		on_top(CIS_PROFILE_M, 1e-4, 1e-5, 6e-4),
		on_top(CIS_PROFILE_REFERENCE, 3e-5, 4e-6, 3e-4),
	};

	(void)state;
	accept_clear(&p);
	accept_clear(&mr);
	for (unsigned i = 0; i < 60; i++) {
		struct accept_case c = accept_case(&mr, "rocof_s=-20");
		double rocof_hz_per_s = i % 2 ? 1 : -1;

		/* At 1 to 2 s, so 21 to 22 s into the ramp: 45 to 55 Hz. */
		accept_key(&c, "rocof", rocof_hz_per_s);
		accept_key(&c, "f", 50 - rocof_hz_per_s * (17 + i / 6));
		run_draw(&mr, &c, i);
		run_draw(&p, &c, i);
	}
	accept_check(&p, "16 bits, ramp", asked, 1);
	accept_check(&mr, "16 bits, ramp", asked + 1, 2);
}

/* A range of 2.5 times the nominal peak, which holds 200 % with some to spare. */
static void a_tenth_of_nominal_is_still_measured(void **state)
{
	static const struct accept_asked asked = {CIS_PROFILE_REFERENCE,
						  {1e-2, 1e-3, 5e-2}};

	(void)state;
	accept_clear(&mr);
	for (unsigned i = 0; i < 200; i++) {
		struct accept_case c = accept_case(&mr, "bits=16");

		accept_key(&c, "range_v", RANGE_V * 2.5 / 1.5);
		accept_key(&c, "v", 0.1 * NOMINAL_RMS_V);
		accept_key(&c, "f", i % 4 ? 45 + 0.05 * i : 50);
		accept_key(&c, "v_deg", 360 * accept_random(i));
		c.shift_s = accept_shift_s(i % ACCEPT_N_SHIFT);
		accept_run(&mr, &c);
	}
	accept_check(&mr, "16 bits, 10 % of nominal, 250 % range", &asked, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steady_sines_lose_little),
		cmocka_unit_test(modulation_loses_little),
		cmocka_unit_test(harmonics_lose_little),
		cmocka_unit_test(tones_lose_little),
		cmocka_unit_test(ramps_lose_little),
		cmocka_unit_test(a_tenth_of_nominal_is_still_measured),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/*
 * test_modulation.c - amplitude and phase modulated by 0.1, together and apart.
 *
 * Figures: 50 Hz, 50 reports a second, maxima over all reports; class P to 2 Hz.
 */
#include "accept_p_mr.h"

#define N_DRAW 9 /* of random phases of the carrier and of the modulation */

/*
 * The keys fix the modulation's phase against t = 0: the reports are looked at
 * from a random time of the signal on. Three of them a draw, for more phases.
 */
static void run_draw(struct accept_rig *rig, const char *keys, double mod_hz,
		     unsigned draw)
{
	struct accept_case c = accept_case(rig, keys);

	if (c.sig.am != 0)
		accept_key(&c, "am_hz", mod_hz);
	if (c.sig.pm_rad != 0)
		accept_key(&c, "pm_hz", mod_hz);
	accept_key(&c, "v_deg", 360 * accept_random(2 * draw));
	c.offset_s = 20 * accept_random(2 * draw + 1);
	c.shift_s = accept_shift_s(draw % ACCEPT_N_SHIFT);
	c.to_s += 0.04;
	accept_run(rig, &c);
}

/* 0.1 Hz, then in steps of 0.2 Hz: worst at the highest, with most draws. */
static void run_all(struct accept_rig *rig, const char *keys, double top_hz)
{
	unsigned draw = 0;

	accept_clear(rig);
	for (double mod_hz = 0.1; mod_hz < top_hz; mod_hz += 0.2)
		for (unsigned i = 0; i < N_DRAW; i++)
			run_draw(rig, keys, mod_hz, draw++);
	for (unsigned i = 0; i < 15 * N_DRAW; i++)
		run_draw(rig, keys, top_hz, draw++);
}

static void amplitude_modulation_is_followed(void **state)
{
	static const struct accept_asked asked[] = {
		{CIS_PROFILE_P, {5e-4, 2e-6, 5e-5}},
		{CIS_PROFILE_M, {1e-3, 2e-5, 5e-3}},
		{CIS_PROFILE_REFERENCE, {3e-5, 5e-7, 2e-4}},
	};

	(void)state;
	run_all(&p, "am=0.1", 2);
	run_all(&mr, "am=0.1", 5);
	accept_check(&mr, "AM to 5 Hz", asked + 1, 2);
	accept_check(&p, "AM to 2 Hz", asked, 1);
}

static void phase_modulation_is_followed(void **state)
{
	static const struct accept_asked asked[] = {
		{CIS_PROFILE_P, {5e-4, 1e-5, 2.5e-2}},
		{CIS_PROFILE_M, {2e-3, 4e-4, 4e-2}},
		{CIS_PROFILE_REFERENCE, {2e-4, 5e-5, 3e-3}},
	};

	(void)state;
	run_all(&p, "pm=0.1", 2);
	run_all(&mr, "pm=0.1", 5);
	accept_check(&mr, "PM to 5 Hz", asked + 1, 2);
	accept_check(&p, "PM to 2 Hz", asked, 1);
}

static void both_at_once_are_followed(void **state)
{
	static const struct accept_asked asked[] = {
		{CIS_PROFILE_P, {7e-4, 2e-5, 4e-2}},
		{CIS_PROFILE_M, {5e-3, 1.1e-3, 7e-2}},
		{CIS_PROFILE_REFERENCE, {5e-4, 8e-5, 6e-3}},
	};

	(void)state;
	run_all(&p, "am=0.1 pm=0.1", 2);
	run_all(&mr, "am=0.1 pm=0.1", 5);
	accept_check(&mr, "AM and PM to 5 Hz", asked + 1, 2);
	accept_check(&p, "AM and PM to 2 Hz", asked, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amplitude_modulation_is_followed),
		cmocka_unit_test(phase_modulation_is_followed),
		cmocka_unit_test(both_at_once_are_followed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

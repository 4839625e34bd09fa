/*
 * test_ramp.c - the frequency moves at 1 Hz/s, up and down.
 *
 * Figures: 50 Hz, 50 reports a second, maxima over all reports.
 */
#include "accept.h"

static struct accept_rig all, reference;

static int set_up(void **state)
{
	(void)state;
	accept_init(&all, 50, 50, ACCEPT_P | ACCEPT_M | ACCEPT_R);
	accept_init(&reference, 50, 50, ACCEPT_R);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	accept_fini(&all);
	accept_fini(&reference);
	return 0;
}

/* 10 Hz in ten seconds, all 500 reports, on a ramp that goes on at both ends. */
static void run_ramp(double from_hz, double rocof_hz_per_s, unsigned i)
{
	struct accept_case c = accept_case(&all, "rocof_s=-20");

	accept_key(&c, "f", from_hz - 10 * rocof_hz_per_s);
	accept_key(&c, "rocof", rocof_hz_per_s);
	accept_key(&c, "v_deg", 15.0 * i);
	c.shift_s = accept_shift_s(i % ACCEPT_N_SHIFT);
	c.offset_s = -11;
	c.to_s = 11;
	accept_run(&all, &c);
}

static void ramps_are_followed(void **state)
{
	static const struct accept_asked asked[] = {
		{CIS_PROFILE_P, {3e-5, 2e-7, 3e-4}},
		{CIS_PROFILE_M, {1e-4, 1e-5, 6e-4}},
		{CIS_PROFILE_REFERENCE, {3e-5, 4e-6, 3e-4}},
	};

	(void)state;
	accept_clear(&all);
	for (unsigned i = 0; i < 12; i++) {
		run_ramp(45, 1, i);
		run_ramp(55, -1, i);
	}
	accept_check(&all, "ramp", asked, 3);
}

#define N_CORNER 24

/*
 * Corners at the signal's time 2 s, from 50 Hz to 1 Hz/s, and at 3 s back; every
 * other one at the ends of the range, 45 and 55 Hz. The reports are late_s off
 * them.
 */
static void run_corner(unsigned i, double rocof_hz_per_s, double exclusion_s,
		       double late_s)
{
	struct accept_case c = accept_case(&reference, "rocof_s=2");
	double from_hz = 50 + (i % 2 ? 4 * rocof_hz_per_s : 0);

	accept_key(&c, "f", from_hz);
	accept_key(&c, "rocof", rocof_hz_per_s);
	accept_key(&c, "f_to", from_hz + rocof_hz_per_s);
	accept_key(&c, "v_deg", 15.0 * i);
	c.shift_s = accept_shift_s(i % ACCEPT_N_SHIFT);
	c.offset_s = late_s;
	c.corner_s[0] = 2;
	c.corner_s[1] = 3;
	c.exclusion_s = exclusion_s;
	c.from_s = 1.6;
	c.to_s = 3.4;
	accept_run(&reference, &c);
}

/* Reports on the corners and, with `between`, at every part of 20 ms off them. */
static void run_corners(double exclusion_s, bool between)
{
	accept_clear(&reference);
	for (unsigned i = 0; i < N_CORNER; i++) {
		double late_s = between ? 0.02 * i / N_CORNER : 0;

		run_corner(i, 1, exclusion_s, late_s);
		run_corner(i, -1, exclusion_s, late_s);
	}
}

/* The error swings with the distance: 2/Fs and whole reports more. At any
 * distance beyond 2/Fs ROCOF is up to 4.2e-2 Hz/s off, 56 ms from the corner. */
static void corners_are_felt_two_reports_away(void **state)
{
	static const struct accept_asked asked = {CIS_PROFILE_REFERENCE,
						  {2e-3, 6e-4, 4e-2}};

	(void)state;
	run_corners(2 / 50.0, true);
	accept_show(&reference, "ramp, beyond 2/Fs from a corner", &asked);
	run_corners(2 / 50.0, false);
	accept_check(&reference, "ramp, 2/Fs from a corner", &asked, 1);
}

static void corners_are_felt_seven_reports_away(void **state)
{
	static const struct accept_asked asked = {CIS_PROFILE_REFERENCE,
						  {3e-4, 5e-5, 6e-3}};

	(void)state;
	run_corners(7 / 50.0, true);
	accept_check(&reference, "ramp, 7/Fs from a corner", &asked, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ramps_are_followed),
		cmocka_unit_test(corners_are_felt_two_reports_away),
		cmocka_unit_test(corners_are_felt_seven_reports_away),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

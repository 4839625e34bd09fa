/*
 * test_out_of_band.c - a tone of 10 % outside the band that reports can show.
 *
 * Figures: 50 Hz, 50 reports a second, maxima over all reports. Class P is not
 * tested with tones.
 */
#include "accept.h"

static struct accept_rig rig;

static int set_up(void **state)
{
	(void)state;
	accept_init(&rig, 50, 50, ACCEPT_M | ACCEPT_R);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	accept_fini(&rig);
	return 0;
}

/*
 * A tone of 10 % of the carrier, at two phases a quarter of a turn apart: the
 * signal's time at the second moves the tone against the carrier. Neighbours
 * in the sweep fall differently between the samples.
 */
static void run_tone(double f_hz, double tone_hz, unsigned i)
{
	for (unsigned quarter = 0; quarter < 2; quarter++) {
		struct accept_case c = accept_case(&rig, "ih=0.1");

		accept_key(&c, "f", f_hz);
		accept_key(&c, "ih_hz", tone_hz);
		accept_key(&c, "v_deg", 360 * accept_random(i));
		c.offset_s = quarter * 0.25 / fabs(tone_hz - f_hz);
		c.shift_s = accept_shift_s((i + quarter) % ACCEPT_N_SHIFT);
		accept_run(&rig, &c);
	}
}

static void run_sweep(double f_hz)
{
	for (unsigned i = 0; i <= 60; i++)
		run_tone(f_hz, 10 + 0.25 * i, i);
	for (unsigned i = 0; i <= 100; i++)
		run_tone(f_hz, 75 + 0.25 * i, i);
}

static const struct accept_asked asked[] = {
	{CIS_PROFILE_M, {6e-3, 8e-4, 8e-2}},
	{CIS_PROFILE_REFERENCE, {3e-4, 4e-5, 5e-3}},
};

/* The carrier at nominal and a twentieth of Fs beside it. */
static void tones_are_rejected(void **state)
{
	(void)state;
	accept_clear(&rig);
	run_sweep(50);
	run_sweep(47.5);
	run_sweep(52.5);
	accept_check(&rig, "out of band", asked, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tones_are_rejected),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

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
 * signal's time at the second moves the tone against the carrier.
 */
static void run_tone(double f_hz, double tone_hz, double shift_s)
{
	for (unsigned quarter = 0; quarter < 2; quarter++) {
		struct accept_case c = accept_case(&rig, "ih=0.1");

		accept_key(&c, "f", f_hz);
		accept_key(&c, "ih_hz", tone_hz);
		accept_key(&c, "v_deg", 360 * accept_random((unsigned)tone_hz));
		c.offset_s = quarter * 0.25 / fabs(tone_hz - f_hz);
		c.shift_s = shift_s;
		accept_run(&rig, &c);
	}
}

static void run_sweep(double f_hz)
{
	for (unsigned s = 0; s < ACCEPT_N_SHIFT; s++) {
		for (double tone_hz = 10; tone_hz <= 25; tone_hz += 0.25)
			run_tone(f_hz, tone_hz, accept_shift_s(s));
		for (double tone_hz = 75; tone_hz <= 100; tone_hz += 0.25)
			run_tone(f_hz, tone_hz, accept_shift_s(s));
	}
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

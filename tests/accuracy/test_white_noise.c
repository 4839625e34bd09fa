/*
 * test_white_noise.c - noise 80 dB below the fundamental, 9 kHz wide.
 *
 * Figures: 50 Hz, 50 reports a second, root mean squares. TVE is of the phasor
 * of one channel, frequency and ROCOF of one phase alone: of the positive
 * sequence they are the square root of three less.
 */
#include "accept.h"

/* Windows of 0.5 s: 120 that do not overlap and the rest in between; a root mean
 * square of 120 is uncertain by 1/sqrt(240), 6 %. */
#define LENGTH_S 60

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

static void the_scatter_at_80_db_is_small(void **state)
{
	static const struct accept_asked asked[] = {
		{CIS_PROFILE_P, {8e-4, 1e-4, 8e-3}},
		{CIS_PROFILE_M, {7e-4, 5e-5, 4e-3}},
		{CIS_PROFILE_REFERENCE, {7e-4, 5e-5, 5e-3}},
	};
	struct accept_case c = accept_case(&rig, "snr_db=80");

	(void)state;
	accept_clear(&rig);
	c.to_s = c.from_s + LENGTH_S;
	accept_run(&rig, &c);
	accept_check_rms(&rig, "noise 80 dB, rms", asked, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_scatter_at_80_db_is_small),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

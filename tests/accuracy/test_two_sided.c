/*
 * test_two_sided.c - steps of 10 % and 10 degrees, up and down, at every phase
 * of the carrier: the reference sees each and fits its two sides.
 *
 * Figures: 50 Hz, 50 reports a second, TVE, maxima over all reports. Frequency
 * and ROCOF are not asked: at the step there are none.
 */
#include "accept.h"

#define N_PHASE 12

static struct accept_rig rig;

static int set_up(void **state)
{
	(void)state;
	accept_init(&rig, 50, 50, ACCEPT_R);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	accept_fini(&rig);
	return 0;
}

/*
 * The step comes between two samples and between two reports, a sample or more
 * from the nearest. All reports whose window holds it, and some more.
 */
static void run_step(const char *key, double size, unsigned i, double snr_db)
{
	struct accept_case c = accept_case(&rig, "");

	accept_key(&c, key, size);
	accept_key(&c, "step_s", 1 + 0.02 * (i + 0.37) / N_PHASE);
	accept_key(&c, "v_deg", 360.0 * i / N_PHASE);
	accept_key(&c, "f", 50 + (i % 5 - 2.0) / 10);
	accept_key(&c, "snr_db", snr_db);
	accept_key(&c, "seed", i);
	c.shift_s = accept_shift_s(i % ACCEPT_N_SHIFT);
	c.from_s = 0.7;
	c.to_s = 1.32;
	accept_run(&rig, &c);
}

static void run_steps(double snr_db, enum accept_which which)
{
	accept_clear(&rig);
	rig.which = which;
	for (unsigned i = 0; i < N_PHASE; i++) {
		run_step("step_mag", 0.1, i, snr_db);
		run_step("step_mag", -0.1, i, snr_db);
		run_step("step_deg", 10, i, snr_db);
		run_step("step_deg", -10, i, snr_db);
	}
}

static void steps_leave_only_rounding(void **state)
{
	static const struct accept_asked asked = {CIS_PROFILE_REFERENCE,
						  {1e-9, INFINITY, INFINITY}};

	(void)state;
	run_steps(INFINITY, ACCEPT_NOTED);
	accept_check(&rig, "step, two-sided", &asked, 1);
}

/* What is not fitted on two sides does not feel the step: the figures of the
 * frequency range. */
static void further_away_nothing_is_left_of_them(void **state)
{
	static const struct accept_asked asked = {CIS_PROFILE_REFERENCE,
						  {1e-6, 2e-7, 5e-6}};

	(void)state;
	run_steps(INFINITY, ACCEPT_OTHERS);
	accept_check(&rig, "beside a step", &asked, 1);
}

static void steps_at_80_db_are_followed(void **state)
{
	static const struct accept_asked asked = {CIS_PROFILE_REFERENCE,
						  {1e-3, INFINITY, INFINITY}};

	(void)state;
	run_steps(80, ACCEPT_NOTED);
	accept_check(&rig, "step, two-sided, 80 dB", &asked, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_leave_only_rounding),
		cmocka_unit_test(further_away_nothing_is_left_of_them),
		cmocka_unit_test(steps_at_80_db_are_followed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/*
 * test_aware_fit.c - each test of the standard with the fit that knows it.
 *
 * Figures: 50 Hz, 50 reports a second, maxima over all reports; records of 2 s.
 * A fit that does not hold leaves the reference's report and says so: refused.
 */
#include "accept.h"

#define LENGTH_S 1.5 /* of the reports; the records are half a second longer */

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

/* What no model knows: 0.2 % distortion in two harmonics, a tone of 0.1 %, an
 * amplitude that drifts by 10 ppm/s (the slope of a slow modulation, 2 pi 1e-3
 * Hz times 1.6e-3), and a frequency that does. */
static const char *const dirts[] = {
	"h3=0.0014142 h5=0.0014142 h5_deg=70 ih=0.001 ih_hz=83.7",
	"h3=0.0014142 h5=0.0014142 h5_deg=70",
	"ih=0.001 ih_hz=83.7",
	"am=0.00159155 am_hz=0.001",
	"rocof=0.0005",
};
#define N_DIRT (sizeof(dirts) / sizeof(dirts[0]))

static void run_draw(enum cis_model model, bool harmonics, const char *keys,
		     unsigned draw)
{
	struct accept_case c = accept_case(&rig, keys);

	c.model = model;
	c.harmonics = harmonics;
	if (isnan(c.sig.given.f_hz))
		accept_key(&c, "f", 50 + (draw % 2 ? accept_random(draw) : 0));
	accept_key(&c, "v_deg", 360 * accept_random(2 * draw));
	c.shift_s = accept_shift_s(draw % ACCEPT_N_SHIFT);
	c.to_s = c.from_s + LENGTH_S;
	accept_run(&rig, &c);
}

#define N_CASE 6

static const struct test {
	const char *name;
	enum cis_model model;
	bool harmonics;
	const char *keys[N_CASE];
} tests_of_the_standard[] = {
	{"steady",
	 CIS_MODEL_STEADY,
	 false,
	 {"f=45", "f=50", "f=52.37", "f=55", "v=12", "v=240"}},
	{"harmonics",
	 CIS_MODEL_STEADY,
	 true,
	 {"f=50 h2=0.1", "h3=0.1", "h7=0.1", "h20=0.1", "h49=0.1", "h50=0.1"}},
	{"tone",
	 CIS_MODEL_TONE,
	 false,
	 {"ih=0.1 ih_hz=10", "ih=0.1 ih_hz=25", "f=47.5 ih=0.1 ih_hz=75",
	  "f=52.5 ih=0.1 ih_hz=75", "ih=0.1 ih_hz=87.3", "ih=0.1 ih_hz=99.9"}},
	{"AM",
	 CIS_MODEL_MOD,
	 false,
	 {"f=50 am=0.1 am_hz=0.9", "f=50 am=0.1 am_hz=2", "am=0.1 am_hz=3.1",
	  "am=0.1 am_hz=4.1", "am=0.1 am_hz=4.9", "am=0.1 am_hz=5"}},
	{"PM",
	 CIS_MODEL_MOD,
	 false,
	 {"f=50 pm=0.1 pm_hz=0.9", "f=50 pm=0.1 pm_hz=2", "pm=0.1 pm_hz=3.1",
	  "pm=0.1 pm_hz=4.1", "pm=0.1 pm_hz=4.9", "pm=0.1 pm_hz=5"}},
	{"AM and PM",
	 CIS_MODEL_MOD,
	 false,
	 {"f=50 am=0.1 am_hz=0.9 pm=0.1 pm_hz=0.9",
	  "f=50 am=0.1 am_hz=2 pm=0.1 pm_hz=2",
	  "am=0.1 am_hz=3.1 pm=0.1 pm_hz=3.1",
	  "am=0.1 am_hz=4.1 pm=0.1 pm_hz=4.1",
	  "am=0.1 am_hz=4.9 pm=0.1 pm_hz=4.9",
	  "am=0.1 am_hz=5 pm=0.1 pm_hz=5"}},
	{"ramp",
	 CIS_MODEL_RAMP,
	 false,
	 {"f=45 rocof=1", "f=52 rocof=1", "f=55 rocof=-1", "f=50 rocof=-1",
	  "f=49 rocof=0.5", "f=51 rocof=-0.1"}},
	{"step",
	 CIS_MODEL_STEP,
	 false,
	 {"step_mag=0.1 step_s=1.7013", "step_mag=-0.1 step_s=1.7087",
	  "step_deg=10 step_s=1.7113", "step_deg=-10 step_s=1.7177",
	  "f=50 step_mag=0.1 step_s=1.7", "f=50 step_deg=10 step_s=1.7"}},
};

#define N_TEST \
	(sizeof(tests_of_the_standard) / sizeof(tests_of_the_standard[0]))

static void begin(const struct test *t)
{
	accept_clear(&rig);
	rig.which = t->model == CIS_MODEL_STEP ? ACCEPT_ANY : ACCEPT_SMOOTH;
}

static void run_clean(const struct test *t)
{
	begin(t);
	for (unsigned i = 0; i < N_CASE; i++)
		run_draw(t->model, t->harmonics, t->keys[i], i);
}

/* What the test itself sets is not spoilt: of two equal keys the last holds. */
static void run_dirty(const struct test *t)
{
	char keys[256];

	begin(t);
	for (unsigned i = 0; i < N_DIRT; i++) {
		snprintf(keys, sizeof(keys), "%s %s", dirts[i],
			 t->keys[i % N_CASE]);
		run_draw(t->model, t->harmonics, keys, i);
	}
}

static void a_fit_that_knows_the_test_leaves_rounding(void **state)
{
	static const struct accept_asked asked = {CIS_PROFILE_REFERENCE,
						  {1e-9, 1e-11, 1e-10}};
	char name[64];

	(void)state;
	for (size_t i = 0; i < N_TEST; i++) {
		snprintf(name, sizeof(name), "%s, test-aware",
			 tests_of_the_standard[i].name);
		run_clean(&tests_of_the_standard[i]);
		accept_check(&rig, name, &asked, 1);
		assert_int_equal(rig.seen[CIS_PROFILE_REFERENCE][0].n_refused,
				 0);
		assert_int_equal(rig.seen[CIS_PROFILE_REFERENCE][1].n_refused,
				 0);
	}
}

static void a_fit_that_does_not_hold_is_refused(void **state)
{
	static const struct accept_asked asked = {CIS_PROFILE_REFERENCE,
						  {3e-3, INFINITY, INFINITY}};
	char name[64];

	(void)state;
	for (size_t i = 0; i < N_TEST; i++) {
		snprintf(name, sizeof(name), "%s, test-aware, dirty",
			 tests_of_the_standard[i].name);
		run_dirty(&tests_of_the_standard[i]);
		accept_check(&rig, name, &asked, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fit_that_knows_the_test_leaves_rounding),
		cmocka_unit_test(a_fit_that_does_not_hold_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

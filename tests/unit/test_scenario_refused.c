/*
 * test_scenario_refused.c - sets of PMUs; what no scenario may say, and the
 * sentence that says why.
 */
#include <errno.h>

#include "fleet.h"

/* ---- sets ---- */

static void a_set_has_what_its_ranges_say(void **state)
{
	struct cis_pmu_set set = set_of("55,1-40,30-42,43,100-200,7,65534");
	struct cis_pmu_set all = {0, NULL};

	(void)state;
	for (uint32_t id = 1; id <= 65534; id++) {
		bool in = id <= 43 || id == 55 || (id >= 100 && id <= 200) ||
			  id == 65534;

		assert_int_equal(cis_pmu_set_has(&set, (uint16_t)id), in);
		assert_true(cis_pmu_set_has(&all, (uint16_t)id));
	}
	assert_int_equal(set.n, 4);
	for (uint32_t i = 1; i < set.n; i++)
		assert_true(set.range[i].first > set.range[i - 1].last + 1);
	assert_false(cis_pmu_set_meets(&set, 44, 54));
	assert_true(cis_pmu_set_meets(&set, 44, 55));
	assert_false(cis_pmu_set_meets(&set, 201, 65533));
	assert_true(cis_pmu_set_meets(&set, 1, 65534));
	cis_pmu_set_free(&set);
	assert_int_equal(set.n, 0);
	cis_pmu_set_free(&set);
}

static void bad_sets_are_refused_with_a_reason(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "does not begin with an IDCODE"},
		{"north", "\"north\" does not begin with an IDCODE"},
		{"-3", "does not begin with an IDCODE"},
		{" 3", "does not begin with an IDCODE"},
		{"1,,2", "\",2\" does not begin with an IDCODE"},
		{"1,", "nothing after the last comma"},
		{"1-", "does not begin with an IDCODE"},
		{"1-2-3", "\"-3\" is neither a range nor a comma"},
		{"1 2", "\" 2\" is neither"},
		{"0", "IDCODE 0 is not within 1 to 65534"},
		{"65535", "IDCODE 65535 is not within 1 to 65534"},
		{"4294967297", "IDCODE 4294967297 is not within"},
		{"99999999999999999999", "is not within"},
		{"9-3", "9-3 runs backwards"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_pmu_set set = {77, NULL};
		struct cis_diag diag = {""};

		assert_int_equal(cis_pmu_set_parse(cases[i].text, &set, &diag),
				 -EINVAL);
		if (!strstr(diag.msg, cases[i].why))
			fail_msg("%s: %s", cases[i].text, diag.msg);
		assert_int_equal(set.n, 77);
	}
}

/* ---- events that are refused ---- */

static void check_refused(const struct cis_event *event, const char *why)
{
	struct cis_event two[2] = {event_of(CIS_EVENT_OUTAGE, 1), *event};
	const struct cis_scenario_parts parts = {
		.sig = signal_of(""),
		.first_idcode = 1,
		.count = 1,
		.n_event = 2,
		.event = two,
	};
	struct cis_scenario *sc = NULL;
	struct cis_diag diag = {""};
	uint32_t bad = 99;

	assert_int_equal(cis_scenario_new(&parts, &sc, &bad, &diag), -EINVAL);
	if (strncmp(diag.msg, why, strlen(why)) != 0)
		fail_msg("\"%s\" is not \"%s...\"", diag.msg, why);
	assert_int_equal(bad, 1);
	assert_null(sc);
}

static void events_without_an_effect_are_refused(void **state)
{
	struct cis_event e;

	(void)state;
	for (unsigned k = 0; k < CIS_N_EVENT_KIND; k++) {
		e = good_event((enum cis_event_kind)k);
		assert_int_equal(cis_event_check(&e, NULL), 0);
	}
	e = event_of(CIS_EVENT_RAMP, 0);
	e.for_s = 1;
	check_refused(&e, "rocof: a ramp of 0 Hz/s");
	e = event_of(CIS_EVENT_RAMP, 0);
	e.ramp.hz_per_s = 1;
	check_refused(&e, "for: the ramp never ends");
	e = event_of(CIS_EVENT_STEP, 0);
	check_refused(&e, "mag: the step has neither");
	e = event_of(CIS_EVENT_MODULATION, 0);
	e.modulation.am = 0.1;
	e.modulation.pm_hz = 1;
	check_refused(&e, "am: the modulation has neither");
	e = event_of(CIS_EVENT_OSCILLATION, 0);
	e.oscillation.hz = 1;
	check_refused(&e, "mag: the oscillation has neither");
	e = event_of(CIS_EVENT_ISLAND, 0);
	check_refused(&e, "hz: an island at 0 Hz");
	e = event_of(CIS_EVENT_CONFIG, 0);
	check_refused(&e, "station: nothing changes");
	e = event_of(CIS_EVENT_FLAGS, 0);
	check_refused(&e, "flags: none");
}

static void times_that_cannot_be_are_refused(void **state)
{
	static const struct {
		double at_s, for_s, every_s;
		uint32_t times;
		const char *why;
	} cases[] = {
		{NAN, 1, 0, 0, "at: nan is not within"},
		{INFINITY, 1, 0, 0, "at: inf is not within"},
		{1e10, 1, 0, 0, "at: 1e+10 is not within"},
		{0, 0, 0, 0, "for: 0 is not a time"},
		{0, -1, 0, 0, "for: -1 is not a time"},
		{0, NAN, 0, 0, "for: nan is not a time"},
		{0, 1e10, 0, 0, "for: 1e+10 is not a time"},
		{0, 1, NAN, 0, "every: nan is not within"},
		{0, 1, -1, 0, "every: -1 is not within"},
		{0, 1e-5, 1e-4, 0, "every: 0.0001 s is less than 1 ms"},
		{0, 1, 0, 2, "times: 2 times, but no every"},
		{0, 3, 2, 0, "every: it lasts 3 s, longer than the 2 s"},
		{0, INFINITY, 2, 0, "every: it lasts inf s"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_event e = event_of(CIS_EVENT_OUTAGE, cases[i].at_s);

		e.for_s = cases[i].for_s;
		e.every_s = cases[i].every_s;
		e.times = cases[i].times;
		check_refused(&e, cases[i].why);
	}
}

/* What comes after for_s counts as well. */
static void an_event_ends_before_it_begins_anew(void **state)
{
	struct cis_event e = good_event(CIS_EVENT_ISLAND);

	(void)state;
	e.every_s = 6;
	e.island.resync_s = 5;
	check_refused(&e, "every: it lasts 7 s");
	e = good_event(CIS_EVENT_GPS_LOSS);
	e.gps_loss.drift = -1e-6;
	e.gps_loss.slew = 0.5e-6;
	e.every_s = 5;
	check_refused(&e, "every: it lasts 6 s");
	e = good_event(CIS_EVENT_RAMP);
	e.ramp.back = true;
	e.every_s = 3;
	check_refused(&e, "every: it lasts 4 s");
	e.for_s = INFINITY;
	e.ramp.to_hz = 52;
	check_refused(&e, "every: it lasts 4 s");
}

static void values_out_of_range_are_refused(void **state)
{
	struct cis_event e;

	(void)state;
	e = good_event(CIS_EVENT_RAMP);
	e.ramp.hz_per_s = NAN;
	check_refused(&e, "rocof: nan is not within");
	e = good_event(CIS_EVENT_RAMP);
	e.ramp.to_hz = 51;
	check_refused(&e, "to: where the ramp ends is said twice");
	e = good_event(CIS_EVENT_STEP);
	e.step.mag = -1.5;
	check_refused(&e, "mag: -1.5 is not within -1 to 100");
	e = good_event(CIS_EVENT_STEP);
	e.step.rad = 7;
	check_refused(&e, "deg: 401.07 is not within");
	e = good_event(CIS_EVENT_OSCILLATION);
	e.oscillation.damping = -0.1;
	e.for_s = 1000;
	check_refused(&e, "damping: it would grow");
	e.for_s = 4;
	check_refused(&e, "mag: it grows until the magnitude");
	e = good_event(CIS_EVENT_GPS_LOSS);
	e.gps_loss.slew = 0;
	check_refused(&e, "slew_us_per_s: 0 is not positive");
	e = good_event(CIS_EVENT_CONFIG);
	e.config.to.n_digital = 65;
	check_refused(&e, "digitals: 65 is not within");
	e = good_event(CIS_EVENT_STEP);
	e.channels = 0;
	check_refused(&e, "channels: none");
}

static void fleets_that_cannot_be_are_refused(void **state)
{
	static const struct {
		uint16_t first;
		uint32_t count;
		double mag, rad;
		const char *why;
	} cases[] = {
		{0, 1, 0, 0, "count: 1 PMUs from IDCODE 0 are not within"},
		{1, 0, 0, 0, "count: 0 PMUs"},
		{1, 65535, 0, 0, "count: 65535 PMUs"},
		{2, 65534, 0, 0, "count: 65534 PMUs"},
		{3, UINT32_MAX, 0, 0, "count: 4294967295 PMUs"},
		{1, 1, -0.1, 0, "mag: a spread"},
		{1, 1, NAN, 0, "mag: a spread"},
		{1, 1, 0, 7, "deg: a spread"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct cis_scenario_parts parts = {
			.sig = signal_of(""),
			.spread = {cases[i].mag, cases[i].rad},
			.first_idcode = cases[i].first,
			.count = cases[i].count,
		};
		struct cis_scenario *sc = NULL;
		struct cis_diag diag = {""};
		uint32_t bad = 99;

		assert_int_equal(cis_scenario_new(&parts, &sc, &bad, &diag),
				 -EINVAL);
		if (!strstr(diag.msg, cases[i].why))
			fail_msg("%s", diag.msg);
		assert_int_equal(bad, 0);
	}
}

static void a_frequency_that_is_never_reached_is_refused(void **state)
{
	struct cis_event e = event_of(CIS_EVENT_RAMP, 1);

	(void)state;
	e.ramp.hz_per_s = -1;
	e.ramp.to_hz = 51;
	check_refused(&e, "to: 51 Hz is never reached from 50 Hz at -1 Hz/s");
	e.ramp.to_hz = 50;
	check_refused(&e, "to: 50 Hz is never reached");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_has_what_its_ranges_say),
		cmocka_unit_test(bad_sets_are_refused_with_a_reason),
		cmocka_unit_test(events_without_an_effect_are_refused),
		cmocka_unit_test(times_that_cannot_be_are_refused),
		cmocka_unit_test(an_event_ends_before_it_begins_anew),
		cmocka_unit_test(values_out_of_range_are_refused),
		cmocka_unit_test(fleets_that_cannot_be_are_refused),
		cmocka_unit_test(a_frequency_that_is_never_reached_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

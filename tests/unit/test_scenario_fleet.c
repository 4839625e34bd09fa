/*
 * test_scenario_fleet.c - who does what: sets of PMUs, groups, spread, classes.
 */
#include <errno.h>
#include <stdlib.h>

#include "fleet.h"

/* ---- allocation ---- */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

/* Left to them; and how many they had. */
static int n_allowed = -1;
static unsigned n_calls;

static bool refuses(void)
{
	n_calls++;
	if (n_allowed < 0)
		return false;
	return n_allowed-- == 0;
}

void *__wrap_malloc(size_t size)
{
	return refuses() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return refuses() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return refuses() ? NULL : __real_realloc(p, size);
}

/* ---- ramps to a frequency ---- */

/* 50.5 Hz in the north, 50 elsewhere: both fall to 49 and rise to 50 again. */
static void a_ramp_ends_at_the_frequency_it_was_told(void **state)
{
	struct cis_event event[2] = {event_of(CIS_EVENT_RAMP, 20),
				     event_of(CIS_EVENT_RAMP, 2)};
	struct cis_pmu_group north = {.name = "north",
				      .pmus = set_of("2-3"),
				      .sig = signal_of("f=50.5 pm=1 pm_hz=1")};
	const struct cis_scenario_parts parts = {
		.sig = signal_of(""),
		.first_idcode = 1,
		.count = 3,
		.n_group = 1,
		.group = &north,
		.n_event = 2,
		.event = event,
	};
	struct cis_scenario *sc;

	(void)state;
	event[0].ramp.hz_per_s = 0.25;
	event[0].ramp.to_hz = 50;
	event[1].ramp.hz_per_s = -0.3;
	event[1].ramp.to_hz = 49;
	assert_int_equal(cis_scenario_new(&parts, &sc, NULL, NULL), 0);
	for (uint16_t id = 1; id <= 3; id++)
		for (uint32_t s = 0; s < 40; s++) {
			double f_hz = id == 1 ? 50 : 50.5;
			struct cis_report rep = said_of(sc, id, s, 0, 10);

			if (s >= 2)
				f_hz = fmax(f_hz - 0.3 * (s - 2.0), 49);
			if (s >= 20)
				f_hz = fmin(49 + 0.25 * (s - 20.0), 50);
			/* sin is 0 at whole seconds; some roundings at 50 Hz. */
			check_close(rep.freq_hz, f_hz, 3e-14);
		}
	cis_scenario_free(sc);
	cis_pmu_set_free(&north.pmus);
}

/* ---- groups, spread, classes ---- */

static void groups_have_signals_and_events_of_their_own(void **state)
{
	struct cis_event event[2] = {event_of(CIS_EVENT_STEP, 1),
				     event_of(CIS_EVENT_OUTAGE, 1)};
	struct cis_pmu_group group[2] = {{.name = "north",
					  .pmus = set_of("12-13"),
					  .sig = signal_of("v=2")},
					 {.name = "south",
					  .pmus = set_of("15,900"),
					  .sig = signal_of("v=3")}};
	const struct cis_scenario_parts parts = {
		.sig = signal_of("v=1"),
		.first_idcode = 10,
		.count = 8,
		.n_group = 2,
		.group = group,
		.n_event = 2,
		.event = event,
	};
	static const double rms[8] = {1, 1, 2, 2, 1, 3, 1, 1};
	static const uint32_t class[8] = {0, 0, 1, 2, 3, 4, 5, 0};
	struct cis_scenario *sc;

	(void)state;
	event[0].step.mag = 1;
	event[0].pmus = set_of("13,14");
	event[1].pmus = set_of("16");
	assert_int_equal(cis_scenario_new(&parts, &sc, NULL, NULL), 0);
	cis_pmu_set_free(&group[0].pmus);
	cis_pmu_set_free(&group[1].pmus);
	cis_pmu_set_free(&event[0].pmus);
	cis_pmu_set_free(&event[1].pmus);
	assert_int_equal(cis_scenario_n_class(sc), 6);
	for (uint16_t i = 0; i < 8; i++) {
		uint16_t id = (uint16_t)(10 + i);
		double level = i == 3 || i == 4 ? 2 : 1;

		check_close(creal(said_of(sc, id, 0, 0, 10).phasor_rms[0]),
			    rms[i], 0);
		check_close(creal(said_of(sc, id, 1, 0, 10).phasor_rms[0]),
			    rms[i] * level, 0);
		assert_int_equal(now_of(sc, id, 1, 0, 10).silent, i == 6);
		assert_int_equal(cis_scenario_class(sc, id), class[i]);
	}
	cis_scenario_free(sc);
}

static void a_pmu_in_two_groups_is_refused(void **state)
{
	struct cis_pmu_group group[2] = {{.name = "north",
					  .pmus = set_of("1-5"),
					  .sig = signal_of("v=2")},
					 {.name = "south",
					  .pmus = set_of("5-9"),
					  .sig = signal_of("v=3")}};
	struct cis_scenario_parts parts = {
		.sig = signal_of("v=1"),
		.first_idcode = 1,
		.count = 9,
		.n_group = 2,
		.group = group,
	};
	struct cis_scenario *sc = NULL;
	struct cis_diag diag = {""};
	uint32_t bad = 99;

	(void)state;
	assert_int_equal(cis_scenario_new(&parts, &sc, &bad, &diag), -EINVAL);
	assert_non_null(strstr(diag.msg, "PMU 5 is in two"));
	assert_non_null(strstr(diag.msg, "north and south"));
	assert_int_equal(bad, 0);
	/* No PMU of this fleet is in both. */
	parts.count = 4;
	assert_int_equal(cis_scenario_new(&parts, &sc, &bad, &diag), 0);
	cis_scenario_free(sc);
	cis_pmu_set_free(&group[0].pmus);
	cis_pmu_set_free(&group[1].pmus);
}

/* Evenly within the limits: of 4000 PMUs the mean is within 5 sigma of 0 and the
 * extremes reach 1 - 1/100 but for a chance of exp(-20). */
static void spread_is_even_and_of_each_pmu_for_good(void **state)
{
	enum { COUNT = 4000 };
	const struct cis_scenario_parts parts = {
		.sig = signal_of("v=1 i=1 seed=3"),
		.spread = {0.02, 0.1},
		.first_idcode = 1,
		.count = COUNT,
	};
	double sum[3] = {0}, least[3] = {0}, most[3] = {0};
	struct cis_scenario *sc;

	(void)state;
	assert_int_equal(cis_scenario_new(&parts, &sc, NULL, NULL), 0);
	for (uint16_t id = 1; id <= COUNT; id++) {
		struct cis_report rep = said_of(sc, id, 0, 0, 10);
		struct cis_report late = said_of(sc, id, 1000000, 0, 10);
		double u[3] = {(cabs(rep.phasor_rms[0]) - 1) / 0.02,
			       (cabs(rep.phasor_rms[3]) - 1) / 0.02,
			       carg(rep.phasor_rms[0]) / 0.1};

		for (unsigned i = 0; i < 3; i++) {
			sum[i] += u[i];
			least[i] = fmin(least[i], u[i]);
			most[i] = fmax(most[i], u[i]);
			assert_true(fabs(u[i]) <= 1 + 1e-12);
		}
		for (unsigned i = 0; i < 8; i++)
			assert_true(rep.phasor_rms[i] == late.phasor_rms[i]);
		check_close(rep.freq_hz, 50, 0);
		assert_int_equal(cis_scenario_class(sc, id), CIS_CLASS_NONE);
	}
	for (unsigned i = 0; i < 3; i++) {
		check_close(sum[i] / COUNT, 0, 5 * sqrt(1 / 3.0 / COUNT));
		assert_true(least[i] < -0.99 && most[i] > 0.99);
	}
	cis_scenario_free(sc);
}

static bool same(const struct cis_report *a, const struct cis_report *b)
{
	return !memcmp(a->phasor_rms, b->phasor_rms,
		       8 * sizeof(a->phasor_rms[0])) &&
	       a->freq_hz == b->freq_hz &&
	       a->rocof_hz_per_s == b->rocof_hz_per_s && a->flags == b->flags &&
	       a->time_quality.unc_s == b->time_quality.unc_s &&
	       a->time_quality.unlocked_s == b->time_quality.unlocked_s;
}

/* Random sets of events: whoever shares a class says the same bits, whoever does
 * not is told apart by some event. */
static void a_class_says_the_same(void **state)
{
	enum { COUNT = 60, N_EVENT = CIS_N_EVENT_KIND };
	unsigned n_together = 0;

	(void)state;
	srand(1);
	for (unsigned round = 0; round < 20; round++) {
		struct cis_event event[N_EVENT];
		struct cis_scenario *sc;

		for (unsigned k = 0; k < N_EVENT; k++) {
			char text[40];
			int first = 1 + rand() % COUNT;

			snprintf(text, sizeof(text), "%d-%d,%d", first,
				 first + rand() % 20, 1 + rand() % COUNT);
			event[k] = good_event((enum cis_event_kind)k);
			event[k].at_s = 0;
			event[k].pmus = set_of(text);
		}
		event[CIS_EVENT_GPS_LOSS].gps_loss.drift = 1e-6;
		sc = fleet_of("", COUNT, N_EVENT, event);
		for (uint16_t a = 1; a <= COUNT; a++)
			for (uint16_t b = 1; b < a; b++) {
				struct cis_report x = said_of(sc, a, 1, 3, 10);
				struct cis_report y = said_of(sc, b, 1, 3, 10);
				bool alike = true;

				for (unsigned k = 0; k < N_EVENT; k++)
					alike = alike &&
						cis_pmu_set_has(&event[k].pmus,
								a) ==
							cis_pmu_set_has(
								&event[k].pmus,
								b);
				assert_int_equal(
					cis_scenario_class(sc, a) ==
						cis_scenario_class(sc, b),
					alike);
				if (alike)
					assert_true(same(&x, &y));
				n_together += alike;
			}
		cis_scenario_free(sc);
		for (unsigned k = 0; k < N_EVENT; k++)
			cis_pmu_set_free(&event[k].pmus);
	}
	assert_true(n_together > 100);
}

static void noise_and_own_clocks_make_a_pmu_a_class_of_its_own(void **state)
{
	static const char *const noisy[] = {"mag_noise=0.01", "ib_deg_noise=1",
					    "f_noise_mhz=1"};
	struct cis_event event = good_event(CIS_EVENT_GPS_LOSS);
	struct cis_scenario *sc;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		sc = fleet_of(noisy[i], 2, 0, NULL);
		assert_int_equal(cis_scenario_class(sc, 1), CIS_CLASS_NONE);
		cis_scenario_free(sc);
	}
	event.gps_loss.drift = 1e-6;
	sc = fleet_of("", 2, 1, &event);
	assert_int_equal(cis_scenario_class(sc, 1), 0);
	assert_int_equal(cis_scenario_class(sc, 2), 0);
	cis_scenario_free(sc);
	event.gps_loss.spread = 1e-6;
	sc = fleet_of("", 2, 1, &event);
	assert_int_equal(cis_scenario_class(sc, 1), CIS_CLASS_NONE);
	assert_true(now_of(sc, 1, 6, 0, 10).late_s !=
		    now_of(sc, 2, 6, 0, 10).late_s);
	cis_scenario_free(sc);
}

/* Whoever knows a part of the fleet alone, and asks in another order. */
static void a_pmu_says_the_same_in_any_part_of_the_fleet(void **state)
{
	struct cis_event event[CIS_N_EVENT_KIND];
	struct cis_scenario_parts parts = {
		.sig = signal_of("mag_noise=0.01 deg_noise=1 seed=5"),
		.spread = {0.1, 0.2},
		.first_idcode = 1,
		.count = 30,
		.n_event = CIS_N_EVENT_KIND,
		.event = event,
	};
	struct cis_scenario *whole, *part;

	(void)state;
	for (unsigned k = 0; k < CIS_N_EVENT_KIND; k++)
		event[k] = good_event((enum cis_event_kind)k);
	event[CIS_EVENT_GPS_LOSS].gps_loss.spread = 1e-6;
	event[CIS_EVENT_STEP].pmus = set_of("15-40");
	assert_int_equal(cis_scenario_new(&parts, &whole, NULL, NULL), 0);
	parts.first_idcode = 11;
	parts.count = 10;
	assert_int_equal(cis_scenario_new(&parts, &part, NULL, NULL), 0);
	for (uint16_t id = 20; id > 10; id--)
		for (uint32_t s = 9; s > 0; s--) {
			struct cis_report x = said_of(whole, id, s, 3, 10);
			struct cis_report y = said_of(part, id, s, 3, 10);

			assert_true(same(&x, &y));
			assert_int_equal(now_of(whole, id, s, 3, 10).silent,
					 s == 5 || s == 6);
		}
	cis_scenario_free(whole);
	cis_scenario_free(part);
	cis_pmu_set_free(&event[CIS_EVENT_STEP].pmus);
}

/* ---- memory ---- */

static void nothing_is_allocated_once_it_is_made(void **state)
{
	struct cis_event event[CIS_N_EVENT_KIND];
	struct cis_scenario *sc;
	unsigned before;

	(void)state;
	for (unsigned k = 0; k < CIS_N_EVENT_KIND; k++)
		event[k] = good_event((enum cis_event_kind)k);
	sc = fleet_of("mag_noise=0.01", 5, CIS_N_EVENT_KIND, event);
	before = n_calls;
	assert_true(before > 0);
	for (uint32_t s = 0; s < 10; s++) {
		struct cis_config_change to;

		said_of(sc, 2, s, 0, 10);
		cis_scenario_class(sc, 2);
		cis_scenario_config(sc, 1, 0, instant_of(s, 0, 10), &to);
	}
	assert_int_equal(n_calls, before);
	cis_scenario_free(sc);
	cis_scenario_free(NULL);
}

/* Whichever allocation fails, that is told and all is given back. */
static void without_memory_nothing_is_made(void **state)
{
	struct cis_event event[CIS_N_EVENT_KIND];
	const struct cis_scenario_parts parts = {
		.sig = signal_of(""),
		.first_idcode = 1,
		.count = 5,
		.n_event = CIS_N_EVENT_KIND,
		.event = event,
	};
	struct cis_scenario *sc = NULL;
	int n = 0, err;

	(void)state;
	for (unsigned k = 0; k < CIS_N_EVENT_KIND; k++)
		event[k] = good_event((enum cis_event_kind)k);
	do {
		n_allowed = n++;
		err = cis_scenario_new(&parts, &sc, NULL, NULL);
		n_allowed = -1;
		assert_true(!err || (err == -ENOMEM && !sc));
	} while (err);
	assert_true(n > 6);
	cis_scenario_free(sc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ramp_ends_at_the_frequency_it_was_told),
		cmocka_unit_test(groups_have_signals_and_events_of_their_own),
		cmocka_unit_test(a_pmu_in_two_groups_is_refused),
		cmocka_unit_test(spread_is_even_and_of_each_pmu_for_good),
		cmocka_unit_test(a_class_says_the_same),
		cmocka_unit_test(
			noise_and_own_clocks_make_a_pmu_a_class_of_its_own),
		cmocka_unit_test(a_pmu_says_the_same_in_any_part_of_the_fleet),
		cmocka_unit_test(nothing_is_allocated_once_it_is_made),
		cmocka_unit_test(without_memory_nothing_is_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

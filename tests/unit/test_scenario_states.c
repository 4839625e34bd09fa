/*
 * test_scenario_states.c - clocks that lose GPS, outages, flags and changes of
 * the configuration: what frames say of them, and that no clock is called better
 * than it is.
 */
#include <stdlib.h>

#include "cisoid/c37.h"
#include "cisoid/chan.h"
#include "fleet.h"

#define TWO_PI 6.283185307179586476925

/* Of a phasor of 1 V, as in test_scenario.c. */
#define ROUNDING 5e-15

/* ---- GPS ---- */

static struct cis_event lost(double drift_us_per_s, double for_s)
{
	struct cis_event event = event_of(CIS_EVENT_GPS_LOSS, 3);

	event.gps_loss.drift = drift_us_per_s * 1e-6;
	event.for_s = for_s;
	return event;
}

/* An error of e seconds turns all phasors by f e, and seconds that are longer
 * hold more turns. */
static void a_lost_clock_turns_the_angle_by_its_error(void **state)
{
	static const double drift_us_per_s[] = {2, -0.7, 150};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct cis_event event = lost(drift_us_per_s[i], 20);
		struct cis_scenario *sc =
			fleet_of("f=50.1 v=1 i=1", 1, 1, &event);
		struct cis_scenario *good =
			fleet_of("f=50.1 v=1 i=1", 1, 0, NULL);

		for (uint32_t k = 0; k < 25 * 50; k++) {
			struct cis_report rep =
				said_of(sc, 1, k / 50, k % 50, 50);
			struct cis_report ref =
				said_of(good, 1, k / 50, k % 50, 50);
			bool on = k >= 150 && k < 1150;
			double rate = on ? drift_us_per_s[i] * 1e-6 : 0;
			double error_s = rate * (k - 150.0) / 50;
			double rad = TWO_PI * 50.1 * error_s;
			double complex ratio =
				rep.phasor_rms[1] / ref.phasor_rms[1];

			/* The error is rounded, and so is its angle. */
			check_close(creal(ratio), cos(rad), 2 * ROUNDING);
			check_close(cimag(ratio), sin(rad), 2 * ROUNDING);
			check_close(rep.freq_hz, 50.1 * (1 + rate), 1e-14 * 50);
		}
		cis_scenario_free(sc);
		cis_scenario_free(good);
	}
}

/* A ramp is seen as late as the clock is: r (t + e) with e' = d, in a second of
 * 1 + d. */
static void a_lost_clock_sees_events_late(void **state)
{
	struct cis_event event[2] = {lost(1000, INFINITY),
				     event_of(CIS_EVENT_RAMP, 3)};
	struct cis_scenario *sc;

	(void)state;
	event[1].ramp.hz_per_s = 0.5;
	event[1].for_s = 5;
	sc = fleet_of("v=1 i=1", 1, 2, event);
	for (uint32_t k = 0; k < 200; k++) {
		struct cis_report rep = said_of(sc, 1, 3 + k / 50, k % 50, 50);
		double u = k / 50.0 * 1.001;
		double turns = 50 * (k / 50.0 * 1e-3) + 0.5 * u * u / 2;

		/* Turns below 7, f e below 4: each a rounding of 4e-16. */
		check_close(carg(rep.phasor_rms[0] * cexp(-TWO_PI * I * turns)),
			    0, 2e-14);
		check_close(rep.freq_hz, (50 + 0.5 * u) * 1.001, 5e-14);
		check_close(rep.rocof_hz_per_s, 0.5 * 1.001 * 1.001, 1e-15);
	}
	cis_scenario_free(sc);
}

/* 10 us/s for 5 s, then back by 20 us/s: 2.5 s. */
static void a_clock_may_slew_back(void **state)
{
	struct cis_event event = lost(-10, 5);
	struct cis_scenario *sc;

	(void)state;
	event.gps_loss.slew = 20e-6;
	sc = fleet_of("", 1, 1, &event);
	for (uint32_t k = 0; k < 200; k++) {
		struct cis_pmu_now now = now_of(sc, 1, 8 + k / 50, k % 50, 50);
		double late_us = -fmax(50 - 20 * (k / 50.0), 0);

		check_close(now.late_s * 1e6, late_us, 1e-13);
		check_close(now.late_per_s * 1e6, k < 125 ? 20 : 0, 1e-13);
		assert_int_equal(now.has_quality, k < 125);
		if (k < 125)
			check_close(now.quality.unlocked_s, 0, 0);
	}
	cis_scenario_free(sc);
}

/* ---- what frames say of a clock ---- */

static struct cis_c37_config *config_of(const char *keys, uint16_t edition)
{
	struct cis_signal sig = signal_of(keys);
	struct cis_chan_map map;
	const struct cis_c37_stream_opts opts = {
		.idcode = 1,
		.station = "SIM",
		.format = CIS_C37_FMT_PHASOR_FLOAT | CIS_C37_FMT_FREQ_FLOAT,
		.rate = {50, 1},
		.fnom_hz = sig.fnom_hz,
		.version = 1,
		.edition = edition,
	};
	struct cis_c37_config *cfg;

	cis_signal_map(&sig, &map);
	assert_int_equal(cis_c37_config_for_map(&map, &opts, &cfg, NULL), 0);
	return cfg;
}

/* The words of a frame: STAT, and the time quality of FRACSEC. */
struct words {
	uint16_t stat;
	uint8_t quality;
};

static struct words words_of(const struct cis_c37_config *cfg,
			     const struct cis_report *rep,
			     const struct cis_pmu_now *now)
{
	struct cis_c37_data *data;
	struct words words;

	assert_int_equal(cis_c37_data_new(cfg, &data), 0);
	cis_c37_data_from_report(cfg, 0, rep, false, data);
	words.stat = cis_pmu_now_stat(now, cfg, data->block[0].stat);
	words.quality = data->head.time_quality & CIS_C37_TQ_MASK;
	cis_c37_data_free(data);
	return words;
}

/* C37.118.2-2011, table 3: 0 locked, 1 within 1 ns ... 0xB within 10 s. */
static double most_error_s(uint8_t quality)
{
	if (quality == 0xF)
		return INFINITY;
	return quality == 0 ? 1e-6 : pow(10, quality - 10);
}

/* Table 7, PMU_TQ: 1 below 100 ns ... 6 below 10 ms, 7 above. */
static double most_error_of_stat_s(uint16_t stat)
{
	unsigned tq = stat >> CIS_C37_STAT_TQ_SHIFT & 7;

	return tq == 7 ? INFINITY : pow(10, (int)tq - 8);
}

/* Table 7, bits 5-4: not longer than. */
static double most_unlocked_s(uint16_t stat)
{
	static const double most[] = {10, 100, 1000, INFINITY};

	return most[stat >> CIS_C37_STAT_UNLOCK_SHIFT & 3];
}

static double tve(const struct cis_report *rep, const struct cis_report *ref)
{
	return cabs(rep->phasor_rms[0] - ref->phasor_rms[0]) /
	       cabs(ref->phasor_rms[0]);
}

static void check_claims(const struct words *words, double error_s,
			 double unlocked_s, double tve)
{
	assert_true(fabs(error_s) <= most_error_s(words->quality));
	assert_true(fabs(error_s) <= most_error_of_stat_s(words->stat));
	assert_true(unlocked_s <= most_unlocked_s(words->stat));
	if (words->stat & CIS_C37_STAT_UNSYNC)
		return;
	assert_true(tve <= 0.01);
	assert_true(unlocked_s <= 60);
}

/* Ten PMUs of 50 and of 60 Hz, each with a drift of its own, for 2000 s; GPS
 * comes back at once, or slowly, and goes again. */
static void no_clock_is_called_better_than_it_is(void **state)
{
	static const char *const keys[] = {"v=1 i=1", "v=1 i=1 fnom=60"};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct cis_c37_config *cfg = config_of(keys[i / 2], 2011);
		struct cis_event event[2] = {lost(0.01, 1200), lost(3, 17)};
		struct cis_scenario *sc, *good;

		event[0].gps_loss.spread = 2e-7;
		event[1].gps_loss.spread = 1e-6;
		event[1].every_s = 150;
		if (i % 2)
			event[0].gps_loss.slew = event[1].gps_loss.slew = 1e-6;
		sc = fleet_of(keys[i / 2], 10, 2, event);
		good = fleet_of(keys[i / 2], 10, 0, NULL);
		for (uint32_t k = 0; k < 20000; k++) {
			uint16_t id = (uint16_t)(1 + k % 10);
			uint32_t s = k / 10, part = k % 10;
			struct cis_pmu_now now = now_of(sc, id, s, part, 10);
			struct cis_report rep = said_of(sc, id, s, part, 10);
			struct cis_report ref = said_of(good, id, s, part, 10);
			struct words words = words_of(cfg, &rep, &now);
			double t = s + part / 10.0, in = fmod(t - 3, 150);
			double since = t >= 3 && t < 1203         ? t - 3
				       : t >= 3 && in < 17 - 1e-9 ? in
								  : 0;

			check_claims(&words, now.late_s, since,
				     tve(&rep, &ref));
		}
		cis_scenario_free(sc);
		cis_scenario_free(good);
		cis_c37_config_free(cfg);
	}
}

/* As long as the clock is lost, whatever its drift; at the instant of the loss
 * it is still known to a microsecond. */
static void bit_13_follows_the_time_quality(void **state)
{
	static const double drift_us_per_s[] = {0, 0.01, 2};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct cis_event event = lost(drift_us_per_s[i], 100);
		struct cis_c37_config *cfg = config_of("v=1 i=1", 2011);
		struct cis_scenario *sc = fleet_of("v=1 i=1", 1, 1, &event);

		for (uint32_t k = 0; k < 1100; k++) {
			struct cis_pmu_now now =
				now_of(sc, 1, 3 + k / 10, k % 10, 10);
			struct cis_report rep =
				said_of(sc, 1, 3 + k / 10, k % 10, 10);
			struct words words = words_of(cfg, &rep, &now);
			bool bad = k > 0 && k < 1000;

			assert_int_equal(
				(words.stat & CIS_C37_STAT_UNSYNC) != 0, bad);
			assert_int_equal(words.quality != 0, bad);
			assert_int_equal(now.has_quality, k < 1000);
		}
		cis_scenario_free(sc);
		cis_c37_config_free(cfg);
	}
}

/* ---- outages and flags ---- */

static void outages_are_silent_or_without_values(void **state)
{
	struct cis_event event[2] = {event_of(CIS_EVENT_OUTAGE, 1),
				     event_of(CIS_EVENT_OUTAGE, 3)};
	struct cis_c37_config *cfg = config_of("", 2011);
	struct cis_scenario *sc;

	(void)state;
	event[0].for_s = 1;
	event[0].every_s = 4;
	event[1].for_s = 1;
	event[1].outage.invalid = true;
	sc = fleet_of("", 1, 2, event);
	for (uint32_t k = 0; k < 100; k++) {
		struct cis_pmu_now now = now_of(sc, 1, k / 10, k % 10, 10);
		struct cis_report rep = said_of(sc, 1, k / 10, k % 10, 10);
		struct words words = words_of(cfg, &rep, &now);
		bool invalid = k >= 30 && k < 40;

		assert_int_equal(now.silent, k / 10 % 4 == 1);
		assert_int_equal(now.invalid, invalid);
		for (uint32_t i = 0; i < rep.n_phasor; i++)
			assert_int_equal(
				isnan(creal(rep.phasor_rms[i])) &&
					isnan(cimag(rep.phasor_rms[i])),
				invalid);
		assert_int_equal(isnan(rep.freq_hz), invalid);
		assert_int_equal(isnan(rep.rocof_hz_per_s), invalid);
		assert_int_equal(words.stat & CIS_C37_STAT_ERROR_MASK,
				 invalid ? CIS_C37_STAT_INVALID : 0);
	}
	cis_scenario_free(sc);
	cis_c37_config_free(cfg);
}

static void flags_are_set_besides(void **state)
{
	struct cis_event event[2] = {event_of(CIS_EVENT_FLAGS, 1),
				     event_of(CIS_EVENT_FLAGS, 2)};
	struct cis_scenario *sc;

	(void)state;
	event[0].flags.stat = CIS_C37_STAT_TRIGGER;
	event[0].for_s = 2;
	event[1].flags.stat = CIS_C37_STAT_TEST;
	sc = fleet_of("", 1, 2, event);
	for (uint32_t s = 0; s < 6; s++) {
		static const uint16_t stat[] = {0,
						CIS_C37_STAT_TRIGGER,
						CIS_C37_STAT_TRIGGER |
							CIS_C37_STAT_TEST,
						CIS_C37_STAT_TEST,
						CIS_C37_STAT_TEST,
						CIS_C37_STAT_TEST};

		assert_int_equal(now_of(sc, 1, s, 0, 10).stat, stat[s]);
	}
	cis_scenario_free(sc);
}

/* ---- the configuration ---- */

/* At 10 s for 5 s, and at 12 s for good: announced 3 s before. */
static void a_change_of_configuration_is_announced_and_counted(void **state)
{
	struct cis_event event[2] = {event_of(CIS_EVENT_CONFIG, 10),
				     event_of(CIS_EVENT_CONFIG, 12)};
	struct cis_c37_config *of_2011 = config_of("", 2011);
	struct cis_c37_config *of_2005 = config_of("", 2005);
	static const double when[] = {10, 12, 15};
	struct cis_scenario *sc;

	(void)state;
	event[0].for_s = 5;
	event[0].config.announce_s = event[1].config.announce_s = 3;
	event[0].config.to.n_analog = 2;
	strcpy(event[0].config.to.station, "ONE");
	event[1].config.to.n_digital = 1;
	strcpy(event[1].config.to.station, "TWO");
	sc = fleet_of("", 1, 2, event);
	for (uint32_t k = 0; k < 200; k++) {
		struct cis_pmu_now now = now_of(sc, 1, k / 10, k % 10, 10);
		struct cis_config_change to;
		uint16_t stat[2] = {cis_pmu_now_stat(&now, of_2011, 0),
				    cis_pmu_now_stat(&now, of_2005, 0)};
		bool ahead = false, behind = false;
		double t = k / 10.0;
		uint32_t n = 0;

		for (unsigned i = 0; i < 3; i++) {
			n += t >= when[i];
			ahead = ahead || (t >= when[i] - 3 && t < when[i]);
			behind = behind || (t >= when[i] && t < when[i] + 3);
		}
		cis_scenario_config(sc, 1, 0, instant_of(k / 10, k % 10, 10),
				    &to);
		assert_int_equal(now.variant, n);
		assert_int_equal(stat[0], ahead ? CIS_C37_STAT_CFG_CHANGE : 0);
		assert_int_equal(stat[1], behind ? CIS_C37_STAT_CFG_CHANGE : 0);
		assert_string_equal(to.station, n == 0   ? ""
						: n == 1 ? "ONE"
							 : "TWO");
		assert_int_equal(to.n_analog, n == 1 || n == 2 ? 2 : -1);
		assert_int_equal(to.n_digital, n >= 2 ? 1 : -1);
		assert_int_equal(to.format, -1);
	}
	cis_scenario_free(sc);
	cis_c37_config_free(of_2011);
	cis_c37_config_free(of_2005);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_clock_turns_the_angle_by_its_error),
		cmocka_unit_test(a_lost_clock_sees_events_late),
		cmocka_unit_test(a_clock_may_slew_back),
		cmocka_unit_test(no_clock_is_called_better_than_it_is),
		cmocka_unit_test(bit_13_follows_the_time_quality),
		cmocka_unit_test(outages_are_silent_or_without_values),
		cmocka_unit_test(flags_are_set_besides),
		cmocka_unit_test(
			a_change_of_configuration_is_announced_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

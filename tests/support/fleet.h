/* fleet.h - scenarios of a few lines, and what their PMUs say; or the test
 * fails. */
#ifndef TESTS_FLEET_H
#define TESTS_FLEET_H

#include "check.h"
#include "cisoid/scenario.h"
#include "signals.h"

/* PMUs 1 to count, one signal, no groups. */
static inline struct cis_scenario *fleet_of(const char *keys, uint32_t count,
					    uint32_t n_event,
					    const struct cis_event *event)
{
	const struct cis_scenario_parts parts = {
		.sig = signal_of(keys),
		.first_idcode = 1,
		.count = count,
		.n_event = n_event,
		.event = event,
	};
	struct cis_diag diag = {""};
	struct cis_scenario *sc = NULL;

	if (cis_scenario_new(&parts, &sc, NULL, &diag))
		fail_msg("%s", diag.msg);
	return sc;
}

static inline struct cis_event event_of(enum cis_event_kind kind, double at_s)
{
	struct cis_event event;

	cis_event_init(&event, kind);
	event.at_s = at_s;
	return event;
}

static inline struct cis_instant instant_of(int64_t s, uint32_t k,
					    uint32_t per_s)
{
	return (struct cis_instant){s, k, {per_s, 1}};
}

/* PMU `idcode` k/per_s of a second after second s. */
static inline struct cis_pmu_now now_of(const struct cis_scenario *sc,
					uint16_t idcode, int64_t s, uint32_t k,
					uint32_t per_s)
{
	struct cis_pmu_now now;

	cis_scenario_now(sc, idcode, 0, instant_of(s, k, per_s), &now);
	return now;
}

static inline struct cis_report said_of(const struct cis_scenario *sc,
					uint16_t idcode, int64_t s, uint32_t k,
					uint32_t per_s)
{
	struct cis_pmu_now now = now_of(sc, idcode, s, k, per_s);
	const struct cis_signal_frame frame = {
		idcode, 0, instant_of(s, k, per_s), (uint64_t)s * per_s + k};
	struct cis_report rep;

	cis_scenario_report(sc, &frame, &now, &rep);
	return rep;
}

static inline struct cis_pmu_set set_of(const char *text)
{
	struct cis_pmu_set set;
	struct cis_diag diag = {""};

	if (cis_pmu_set_parse(text, &set, &diag))
		fail_msg("%s: %s", text, diag.msg);
	return set;
}

/* One with an effect, from 5 s on for 2 s. */
static inline struct cis_event good_event(enum cis_event_kind kind)
{
	struct cis_event e = event_of(kind, 5);

	e.for_s = 2;
	switch (kind) {
	case CIS_EVENT_RAMP:
		e.ramp.hz_per_s = 1;
		break;
	case CIS_EVENT_STEP:
		e.step.mag = 0.1;
		break;
	case CIS_EVENT_MODULATION:
		e.modulation.am = e.modulation.am_hz = 0.1;
		break;
	case CIS_EVENT_OSCILLATION:
		e.oscillation.hz = 1;
		e.oscillation.mag = 0.1;
		break;
	case CIS_EVENT_ISLAND:
		e.island.hz = 0.1;
		break;
	case CIS_EVENT_CONFIG:
		e.config.to.n_analog = 1;
		break;
	case CIS_EVENT_FLAGS:
		e.flags.stat = CIS_C37_STAT_TRIGGER;
		break;
	default:
		break;
	}
	return e;
}

#endif

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

#endif

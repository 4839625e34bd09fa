/* scenario_event.h - the events of a scenario's file. */
#ifndef HOST_CLI_SIMULATE_SCENARIO_EVENT_H
#define HOST_CLI_SIMULATE_SCENARIO_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/scenario.h"
#include "json_doc.h"

/* An event that is not a leap second; its pmus are given to the caller, also
 * where it fails. t0 is for those that happen at a date. */
int cis_scenario_event(const struct cis_json_at *event, int64_t t0_tai_s,
		       struct cis_event *out, struct cis_diag *diag);

/* When an event happens: *at_s seconds after t0, or at *date where a text says
 * so. */
int cis_scenario_at(const struct cis_json_at *event, double *at_s,
		    struct cis_time *date, bool *is_date,
		    struct cis_diag *diag);

/* IDCODEs, or the name of a group where `groups` is not NULL. Absent: all. */
int cis_scenario_pmus(const struct cis_json_at *at,
		      const struct cis_json_at *groups,
		      struct cis_pmu_set *pmus, struct cis_diag *diag);

/* What a check of the core says of what is at `at`, "rocof: ...", with line and
 * key. */
int cis_scenario_fail(const struct cis_json_at *at, const char *msg,
		      struct cis_diag *diag);

/* ---- scenario_leap.c ---- */

/* "type" is not an event of a PMU, but one of UTC itself. */
bool cis_scenario_is_leap(const struct cis_json_at *event);

#endif

/*
 * points.h - families of points, one for each test; see plan.h.
 *
 * A family says how many points it has and makes the i-th: it sets what the
 * test asks for on a signal that is nominal in all else, and says which reports
 * count. Reports are k/Fs after t0.
 */
#ifndef HOST_JUDGE_POINTS_H
#define HOST_JUDGE_POINTS_H

#include "cisoid/plan.h"

struct cis_plan {
	struct cis_plan_config cfg;
	const struct cis_limit *limit[CIS_N_TEST]; /* NULL: not wanted */
	uint32_t first[CIS_N_TEST + 1];
};

struct cis_family {
	uint32_t (*count)(const struct cis_plan *plan,
			  const struct cis_limit *limit);
	/* point->limit is set; the signal is begun, not finished. */
	void (*make)(const struct cis_plan *plan, uint32_t i,
		     struct cis_plan_point *point);
};

extern const struct cis_family cis_family_frequency;
extern const struct cis_family cis_family_magnitude;
extern const struct cis_family cis_family_phase;
extern const struct cis_family cis_family_harmonic;
extern const struct cis_family cis_family_band;
extern const struct cis_family cis_family_modulation;
extern const struct cis_family cis_family_ramp;
extern const struct cis_family cis_family_step;
extern const struct cis_family cis_family_latency;

/* The longest window of an estimator or a PMU, s: 14 reports, or as many
 * cycles where there are fewer. */
double cis_plan_window_s(const struct cis_plan *plan);

/* ---- for families: the signal ---- */

void cis_point_set(struct cis_plan_point *point, const char *key, double value);
/* Angle of VA at t0; the currents lag by 30 degrees. */
void cis_point_turn(struct cis_plan_point *point, double deg);
__attribute__((format(printf, 2, 3))) void
cis_point_label(struct cis_plan_point *point, const char *fmt, ...);

/* Reports first .. first + n - 1 count. */
void cis_point_span(const struct cis_plan *plan, struct cis_plan_point *point,
		    int64_t first, int64_t n);

/* ---- for families: swept values ---- */

/* min, min + step, ... and max itself. */
uint32_t cis_grid_size(double min, double max, double step);
double cis_grid_at(double min, double max, double step, uint32_t i);

/* Within [0, 1), by the plan's seed, the test and i. */
double cis_plan_random(const struct cis_plan *plan, enum cis_test test,
		       uint32_t i);

#endif

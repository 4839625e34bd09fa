/*
 * plan.h - the standard's tests as points: a signal and the reports that count.
 *
 * A pure function of its configuration and the point's number: any number of
 * workers share the points, in any order.
 */
#ifndef CISOID_PLAN_H
#define CISOID_PLAN_H

#include "cisoid/judge.h"
#include "cisoid/signal.h"

struct cis_plan_config {
	struct cis_criteria criteria;
	bool wanted[CIS_N_TEST];
	double snr_db;    /* below the fundamental; INFINITY: no noise */
	unsigned bits;    /* 0: not quantised; range 1.5 x nominal peak (2.5 x
			   * for currents tested to 200 %) */
	uint64_t seed;    /* of the noise and of the random phases */
	unsigned repeats; /* of each step, >= 2; the standard: >= 10 */
};

struct cis_plan_point {
	enum cis_test test;
	const struct cis_limit *limit;
	double param;   /* value of the swept quantity, limit->param_unit; NaN:
		       * none */
	char label[64]; /* what else tells it apart: "f 52.5 Hz, 30 deg" */
	struct cis_signal sig; /* finished */
	/* Reports at t (from t0, s) with from_s <= t <= to_s count, */
	double from_s, to_s;
	/* but not those nearer than exclusion_s to a corner (NaN: none). The
	 * ends of the span lie a quarter of the interval outside the reports.
	 */
	double corner_s[2], exclusion_s;
	/* Steps: points of one test and the same number are interleaved. */
	unsigned step;
	bool current; /* the currents are judged, not the voltages */
};

struct cis_plan;

/* Tests that this edition does not have for this class have no points.
 * -EINVAL with a message: no such rate, no test left, repeats below 2, ... */
int cis_plan_new(const struct cis_plan_config *cfg, struct cis_plan **out,
		 struct cis_diag *diag);
void cis_plan_free(struct cis_plan *plan); /* NULL is allowed */
uint32_t cis_plan_size(const struct cis_plan *plan);
/* Points of one test; the tests' points follow one another in order of test. */
uint32_t cis_plan_count(const struct cis_plan *plan, enum cis_test test);
void cis_plan_point(const struct cis_plan *plan, uint32_t i,
		    struct cis_plan_point *out);

/* Whether a report at t counts. */
bool cis_plan_counts(const struct cis_plan_point *point, double t_s);

#endif

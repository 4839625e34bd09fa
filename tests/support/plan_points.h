/* plan_points.h - points of a plan, and what tests ask of them. */
#ifndef TESTS_PLAN_POINTS_H
#define TESTS_PLAN_POINTS_H

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cisoid/plan.h"

static inline struct cis_plan_config config(enum cis_class perf_class,
					    unsigned fnom, unsigned rate)
{
	struct cis_plan_config cfg = {
		.criteria = {CIS_EDITION_2018, perf_class, fnom, rate},
		.snr_db = INFINITY,
		.seed = 1,
		.repeats = 10,
	};

	for (int t = 0; t < CIS_N_TEST; t++)
		cfg.wanted[t] = true;
	return cfg;
}

static inline struct cis_plan *plan_of(const struct cis_plan_config *cfg)
{
	struct cis_plan *plan = NULL;
	struct cis_diag diag = {""};

	assert_int_equal(cis_plan_new(cfg, &plan, &diag), 0);
	return plan;
}

/* The points of one test of a plan; *n of them. */
static inline struct cis_plan_point *
points_of(const struct cis_plan_config *cfg, enum cis_test test, uint32_t *n)
{
	struct cis_plan_config only = *cfg;
	struct cis_plan_point *points;
	struct cis_plan *plan;

	memset(only.wanted, 0, sizeof(only.wanted));
	only.wanted[test] = true;
	plan = plan_of(&only);
	*n = cis_plan_size(plan);
	points = calloc(*n, sizeof(*points));
	assert_non_null(points);
	for (uint32_t i = 0; i < *n; i++)
		cis_plan_point(plan, i, &points[i]);
	cis_plan_free(plan);
	return points;
}

static inline struct cis_plan_point *
points_at_50(enum cis_class perf_class, enum cis_test test, uint32_t *n)
{
	const struct cis_plan_config cfg = config(perf_class, 50, 50);

	return points_of(&cfg, test, n);
}

static inline int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* From min to max without a gap above `gap`. */
static inline void check_covers(double *x, uint32_t n, double min, double max,
				double gap)
{
	const double tol = 1e-9; /* of sums of decimal fractions */

	qsort(x, n, sizeof(*x), by_value);
	check_close(x[0], min, tol);
	check_close(x[n - 1], max, tol);
	for (uint32_t i = 1; i < n; i++)
		assert_true(x[i] - x[i - 1] <= gap + tol);
}

static inline void check_params(const struct cis_plan_point *p, uint32_t n,
				double gap)
{
	double *x = calloc(n, sizeof(*x));

	assert_non_null(x);
	for (uint32_t i = 0; i < n; i++)
		x[i] = p[i].param;
	check_covers(x, n, p->limit->param_min, p->limit->param_max, gap);
	free(x);
}

static inline unsigned n_counted(const struct cis_plan_point *p, double rate)
{
	unsigned n = 0;

	for (int64_t k = 0; (double)k / rate < p->to_s + 1; k++)
		n += cis_plan_counts(p, (double)k / rate);
	return n;
}

#endif

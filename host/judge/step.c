/*
 * step.c - response to a step, by equivalent-time sampling; see judge.h.
 *
 * IEC/IEEE 60255-118-1, step tests: reports of many steps, on the common axis
 * (report - step), with straight lines between them.
 */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/judge.h"

/* One of the figures of every point, by its offset. */
struct curve {
	const struct cis_step_point *points;
	uint32_t n;
	size_t at;
};

static double value(const struct curve *curve, uint32_t i)
{
	double v;

	memcpy(&v, (const char *)&curve->points[i] + curve->at, sizeof(v));
	return v;
}

static int by_time(const void *a, const void *b)
{
	const struct cis_step_point *p = a, *q = b;

	return (p->t_s > q->t_s) - (p->t_s < q->t_s);
}

static bool has_missing(const struct curve *curve)
{
	for (uint32_t i = 0; i < curve->n; i++)
		if (isnan(value(curve, i)))
			return true;
	return false;
}

/* Where the line from point i to the next is at `level`. */
static double crossing_s(const struct curve *curve, uint32_t i, double level)
{
	double a = value(curve, i), b = value(curve, i + 1);
	double t = curve->points[i].t_s;

	return t + (curve->points[i + 1].t_s - t) * (level - a) / (b - a);
}

/* ---- response time ---- */

static double response_s(const struct curve *curve, double threshold)
{
	uint32_t first = 0, last = curve->n - 1;

	if (isnan(threshold) || has_missing(curve))
		return NAN;
	while (first < curve->n && value(curve, first) <= threshold)
		first++;
	if (first == curve->n)
		return 0;
	while (value(curve, last) <= threshold)
		last--;
	if (first == 0 || last == curve->n - 1)
		return INFINITY;
	return crossing_s(curve, last, threshold) -
	       crossing_s(curve, first - 1, threshold);
}

/* ---- delay and overshoot of the stepped quantity ---- */

static double delay_s(const struct curve *curve, double before, double after)
{
	double mean = before + (after - before) / 2;
	double sign = after > before ? 1 : -1;

	for (uint32_t i = 0; i + 1 < curve->n; i++)
		if (sign * (value(curve, i) - mean) < 0 &&
		    sign * (value(curve, i + 1) - mean) >= 0)
			return crossing_s(curve, i, mean);
	return NAN;
}

/* The farthest beyond `end`, away from `start`, in % of the step. */
static double beyond_pct(const struct curve *curve, double end, double start)
{
	double most = 0;

	for (uint32_t i = 0; i < curve->n; i++)
		most = fmax(most,
			    (value(curve, i) - end) / (end - start) * 100);
	return most;
}

static int check(const struct cis_step_point *points, uint32_t n)
{
	bool before = false, after = false;

	for (uint32_t i = 0; i < n; i++) {
		if (!isfinite(points[i].t_s))
			return -EINVAL;
		before |= points[i].t_s < 0;
		after |= points[i].t_s >= 0;
	}
	return before && after ? 0 : -EINVAL;
}

int cis_step_judge(struct cis_step_point *points, uint32_t n, double before,
		   double after, const struct cis_limit *limit,
		   struct cis_step_result *out)
{
	const struct curve tve = {points, n,
				  offsetof(struct cis_step_point, tve_pct)};
	const struct curve fe = {points, n,
				 offsetof(struct cis_step_point, fe_hz)};
	const struct curve rfe = {
		points, n, offsetof(struct cis_step_point, rfe_hz_per_s)};
	const struct curve quantity = {points, n,
				       offsetof(struct cis_step_point, value)};
	bool missing;

	if (check(points, n) || !isfinite(after - before) || after == before)
		return -EINVAL;
	qsort(points, n, sizeof(*points), by_time);
	missing = has_missing(&quantity);
	*out = (struct cis_step_result){
		.resp_tve_s = response_s(&tve, limit->tve_pct),
		.resp_fe_s = response_s(&fe, limit->fe_hz),
		.resp_rfe_s = response_s(&rfe, limit->rfe_hz_per_s),
		.delay_s = missing ? NAN : delay_s(&quantity, before, after),
		.overshoot_pct =
			missing ? NAN : beyond_pct(&quantity, after, before),
		.undershoot_pct =
			missing ? NAN : beyond_pct(&quantity, before, after),
	};
	return 0;
}

/* plan_steady.c - tests with a steady signal; see points.h. */
#include <math.h>
#include <stdio.h>

#include "host/judge/points.h"

/* Reports of a steady point, from one second after t0. */
#define N_REPORT 4

static int64_t first_report(const struct cis_plan *plan)
{
	return plan->cfg.criteria.report_rate;
}

static void steady(const struct cis_plan *plan, struct cis_plan_point *point)
{
	cis_point_span(plan, point, first_report(plan), N_REPORT);
}

/* A carrier phase of the point's own. Returns it. */
static double turn_at_random(const struct cis_plan *plan, uint32_t i,
			     struct cis_plan_point *point)
{
	double deg = 360 * cis_plan_random(plan, point->test, i) - 180;

	cis_point_turn(point, deg);
	return deg;
}

/* ---- frequency: a grid, and values between its lines ---- */

#define FREQ_STEP_HZ 0.01
#define N_OFF_GRID   40

static uint32_t count_frequencies(const struct cis_plan *plan,
				  const struct cis_limit *limit)
{
	(void)plan;
	return cis_grid_size(limit->param_min, limit->param_max, FREQ_STEP_HZ) +
	       N_OFF_GRID;
}

/* Multiples of the golden ratio are spread evenly, and never on the grid. */
static double off_grid(const struct cis_limit *limit, uint32_t i)
{
	double part = fmod((i + 1) * 0.618033988749894848, 1);

	return limit->param_min + part * (limit->param_max - limit->param_min);
}

static void make_frequency(const struct cis_plan *plan, uint32_t i,
			   struct cis_plan_point *point)
{
	const struct cis_limit *limit = point->limit;
	uint32_t n = count_frequencies(plan, limit) - N_OFF_GRID;

	point->param = i < n ? cis_grid_at(limit->param_min, limit->param_max,
					   FREQ_STEP_HZ, i)
			     : off_grid(limit, i - n);
	cis_point_set(point, "f", point->param);
	cis_point_label(point, "%.1f deg", turn_at_random(plan, i, point));
	steady(plan, point);
}

const struct cis_family cis_family_frequency = {count_frequencies,
						make_frequency};

/* ---- magnitude of voltage or current ---- */

#define MAG_STEP_PCT 2

static uint32_t count_magnitudes(const struct cis_plan *plan,
				 const struct cis_limit *limit)
{
	(void)plan;
	return cis_grid_size(limit->param_min, limit->param_max, MAG_STEP_PCT);
}

static void make_magnitude(const struct cis_plan *plan, uint32_t i,
			   struct cis_plan_point *point)
{
	const struct cis_limit *limit = point->limit;
	double nominal = point->sig.given.rms[point->current];

	point->param = cis_grid_at(limit->param_min, limit->param_max,
				   MAG_STEP_PCT, i);
	cis_point_set(point, point->current ? "i" : "v",
		      nominal * point->param / 100);
	cis_point_label(point, "%.1f deg", turn_at_random(plan, i, point));
	steady(plan, point);
}

const struct cis_family cis_family_magnitude = {count_magnitudes,
						make_magnitude};

/* ---- phase: at rest, and rotating slowly both ways ---- */

#define PHASE_STEP_DEG    5
#define ROTATING_STEP_DEG 15
#define ROTATING_HZ       0.2 /* the test allows less than 0.25 */

static uint32_t n_rotating(const struct cis_limit *limit)
{
	return cis_grid_size(limit->param_min, limit->param_max,
			     ROTATING_STEP_DEG);
}

static uint32_t count_phases(const struct cis_plan *plan,
			     const struct cis_limit *limit)
{
	(void)plan;
	return cis_grid_size(limit->param_min, limit->param_max,
			     PHASE_STEP_DEG) +
	       2 * n_rotating(limit);
}

/* The parameter is the angle at the first report. */
static void make_phase(const struct cis_plan *plan, uint32_t i,
		       struct cis_plan_point *point)
{
	const struct cis_limit *limit = point->limit;
	uint32_t n = n_rotating(limit), n_rest;
	double step_deg = PHASE_STEP_DEG, off_hz = 0;
	double fnom_hz = plan->cfg.criteria.fnom_hz;

	n_rest = count_phases(plan, limit) - 2 * n;
	if (i >= n_rest) {
		off_hz = i - n_rest < n ? ROTATING_HZ : -ROTATING_HZ;
		i = (i - n_rest) % n;
		step_deg = ROTATING_STEP_DEG;
	}
	point->param =
		cis_grid_at(limit->param_min, limit->param_max, step_deg, i);
	steady(plan, point);
	cis_point_set(point, "f", fnom_hz + off_hz);
	/* The first report is one second after t0. */
	cis_point_turn(point, point->param - 360 * off_hz);
	cis_point_label(point, "f %g Hz", fnom_hz + off_hz);
}

const struct cis_family cis_family_phase = {count_phases, make_phase};

/* ---- harmonics, one by one ---- */

#define HARMONIC_STEP_DEG 45
#define N_HARMONIC_PHASE  8

static uint32_t count_harmonics(const struct cis_plan *plan,
				const struct cis_limit *limit)
{
	(void)plan;
	return cis_grid_size(limit->param_min, limit->param_max, 1) *
	       N_HARMONIC_PHASE;
}

static void make_harmonic(const struct cis_plan *plan, uint32_t i,
			  struct cis_plan_point *point)
{
	unsigned order =
		(unsigned)point->limit->param_min + i / N_HARMONIC_PHASE;
	double deg = HARMONIC_STEP_DEG * (i % N_HARMONIC_PHASE);
	char key[16];

	point->param = order;
	snprintf(key, sizeof(key), "h%u", order);
	cis_point_set(point, key, point->limit->level / 100);
	snprintf(key, sizeof(key), "h%u_deg", order);
	cis_point_set(point, key, deg);
	cis_point_label(point, "at %g deg, carrier %.1f deg", deg,
			turn_at_random(plan, i, point));
	steady(plan, point);
}

const struct cis_family cis_family_harmonic = {count_harmonics, make_harmonic};

/* ---- latency: nothing happens, for long ---- */

#define N_LATENCY_REPORT 1000

static uint32_t count_latency(const struct cis_plan *plan,
			      const struct cis_limit *limit)
{
	(void)plan;
	(void)limit;
	return 1;
}

static void make_latency(const struct cis_plan *plan, uint32_t i,
			 struct cis_plan_point *point)
{
	(void)i;
	point->param = NAN;
	cis_point_turn(point, 0);
	cis_point_span(plan, point, first_report(plan), N_LATENCY_REPORT);
}

const struct cis_family cis_family_latency = {count_latency, make_latency};

/* plan_band.c - out-of-band interference; see points.h. */
#include <math.h>

#include "host/judge/points.h"

#define N_REPORT 5

/* Tones stand densely at the edge of the band, and wider apart from there. */
#define NEAR_HZ      2.0
#define NEAR_STEP_HZ 0.1
#define N_NEAR       20
#define FAR_STEP_HZ  0.25

/* Carriers at fnom and 10 % of Fs/2 to either side, each with two phases of the
 * tone against it. */
#define N_CARRIER 3
#define N_PHASE   2

/* Half the width of the band in which there are no tones. */
static double half_band_hz(const struct cis_plan *plan)
{
	return plan->cfg.criteria.report_rate / 2.0;
}

/* From the edge of the band to the farthest tone; negative: none. */
static double reach_hz(const struct cis_plan *plan,
		       const struct cis_limit *limit, bool above)
{
	double fnom_hz = plan->cfg.criteria.fnom_hz;
	double side_hz =
		above ? limit->param_max - fnom_hz : fnom_hz - limit->param_min;

	return side_hz - half_band_hz(plan);
}

static uint32_t n_tone(double reach)
{
	if (reach < 0)
		return 0;
	if (reach <= NEAR_HZ)
		return cis_grid_size(0, reach, NEAR_STEP_HZ);
	return N_NEAR + cis_grid_size(NEAR_HZ, reach, FAR_STEP_HZ);
}

static double tone_at(double reach, uint32_t i)
{
	if (i < N_NEAR)
		return cis_grid_at(0, reach, NEAR_STEP_HZ, i);
	return cis_grid_at(NEAR_HZ, reach, FAR_STEP_HZ, i - N_NEAR);
}

static uint32_t count(const struct cis_plan *plan,
		      const struct cis_limit *limit)
{
	return (n_tone(reach_hz(plan, limit, false)) +
		n_tone(reach_hz(plan, limit, true))) *
	       N_CARRIER * N_PHASE;
}

static double tone_hz(const struct cis_plan *plan,
		      const struct cis_limit *limit, uint32_t i)
{
	double fnom_hz = plan->cfg.criteria.fnom_hz;
	double below = reach_hz(plan, limit, false);
	double above = reach_hz(plan, limit, true);
	uint32_t n_below = n_tone(below);

	if (i < n_below)
		return fnom_hz - half_band_hz(plan) - tone_at(below, i);
	return fnom_hz + half_band_hz(plan) + tone_at(above, i - n_below);
}

/*
 * Tone and carrier are in phase at t0; on the edge of the band they would be in
 * phase or opposite at every report. Phase modulation of frequency 0 is a
 * constant -pm, of the carrier alone: it sets them apart.
 */
static void make(const struct cis_plan *plan, uint32_t i,
		 struct cis_plan_point *point)
{
	const double apart_rad = 1.57079632679489661923;
	uint32_t what = i % (N_CARRIER * N_PHASE);
	double off_hz = 0.1 * half_band_hz(plan) * ((int)(what / N_PHASE) - 1);
	double f_hz = plan->cfg.criteria.fnom_hz + off_hz;
	bool apart = what % N_PHASE;

	point->param = tone_hz(plan, point->limit, i / (N_CARRIER * N_PHASE));
	cis_point_set(point, "ih_hz", point->param);
	cis_point_set(point, "ih", point->limit->level / 100);
	cis_point_set(point, "f", f_hz);
	if (apart)
		cis_point_set(point, "pm", apart_rad);
	cis_point_turn(point,
		       360 * cis_plan_random(plan, point->test, i) - 180);
	cis_point_label(point, "f %g Hz, %d deg at t0", f_hz, apart ? 90 : 0);
	cis_point_span(plan, point, plan->cfg.criteria.report_rate, N_REPORT);
}

const struct cis_family cis_family_band = {count, make};

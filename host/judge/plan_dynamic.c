/* plan_dynamic.c - modulation, ramps and steps; see points.h. */
#include <math.h>

#include "host/judge/points.h"

static double rate_of(const struct cis_plan *plan)
{
	return plan->cfg.criteria.report_rate;
}

/* ---- modulation ---- */

#define MOD_STEP_HZ 0.1
#define FAST_HZ     1.0 /* from here on two carrier phases and two periods */
#define MIN_REPORTS 5

static uint32_t n_mod(const struct cis_limit *limit)
{
	return cis_grid_size(limit->param_min, limit->param_max, MOD_STEP_HZ);
}

static uint32_t count_modulations(const struct cis_plan *plan,
				  const struct cis_limit *limit)
{
	(void)plan;
	return n_mod(limit) +
	       cis_grid_size(FAST_HZ, limit->param_max, MOD_STEP_HZ);
}

/* The fast ones come again at the end, with their second carrier phase. */
static double mod_hz(const struct cis_limit *limit, uint32_t i)
{
	if (i < n_mod(limit))
		return cis_grid_at(limit->param_min, limit->param_max,
				   MOD_STEP_HZ, i);
	return cis_grid_at(FAST_HZ, limit->param_max, MOD_STEP_HZ,
			   i - n_mod(limit));
}

static void set_modulation(struct cis_plan_point *point)
{
	double depth = point->limit->level / 100; /* or radians */

	if (point->test != CIS_TEST_MODULATION_PHASE) {
		cis_point_set(point, "am", depth);
		cis_point_set(point, "am_hz", point->param);
	}
	if (point->test != CIS_TEST_MODULATION_AMPLITUDE) {
		cis_point_set(point, "pm", depth);
		cis_point_set(point, "pm_hz", point->param);
	}
}

static void make_modulation(const struct cis_plan *plan, uint32_t i,
			    struct cis_plan_point *point)
{
	double deg = 360 * cis_plan_random(plan, point->test, i) - 180;
	double n_period, rate = rate_of(plan);
	int64_t n;

	point->param = mod_hz(point->limit, i);
	set_modulation(point);
	cis_point_turn(point, deg);
	cis_point_label(point, "carrier %.1f deg", deg);
	n_period = point->param < FAST_HZ - MOD_STEP_HZ / 2 ? 1 : 2;
	n = (int64_t)ceil(n_period / point->param * rate - 1e-6);
	cis_point_span(plan, point, (int64_t)rate,
		       n < MIN_REPORTS ? MIN_REPORTS : n);
}

const struct cis_family cis_family_modulation = {count_modulations,
						 make_modulation};

/* ---- ramps: hold, ramp, hold; up, then down ---- */

#define CORNER_S      2   /* from t0 to the first corner */
#define N_HOLD_REPORT 5   /* that count, before and after */
#define PIECE_S       1.0 /* of a ramp, to be shared among workers, */
#define PIECE_REPORTS 20  /* or as long as these */

struct ramp {
	double last_s;      /* from corner to corner */
	double exclusion_s; /* either side of a corner, */
	int64_t n_excluded; /* in reports */
	int64_t first, n, n_piece;
};

static struct ramp ramp_of(const struct cis_plan *plan,
			   const struct cis_limit *limit)
{
	double rate = rate_of(plan);
	struct ramp ramp;
	int64_t end;

	ramp.last_s = (limit->param_max - limit->param_min) / limit->level;
	ramp.exclusion_s = cis_limit_unrounded_s(limit, limit->exclusion_s);
	ramp.n_excluded = llrint(ramp.exclusion_s * rate);
	ramp.first = llrint(CORNER_S * rate) - ramp.n_excluded - N_HOLD_REPORT;
	end = (int64_t)ceil((CORNER_S + ramp.last_s) * rate - 1e-6) +
	      ramp.n_excluded + N_HOLD_REPORT;
	ramp.n = end - ramp.first + 1;
	ramp.n_piece = (int64_t)fmax(PIECE_S * rate, PIECE_REPORTS);
	return ramp;
}

static uint32_t n_piece(const struct ramp *ramp)
{
	return (uint32_t)((ramp->n + ramp->n_piece - 1) / ramp->n_piece);
}

static uint32_t count_ramps(const struct cis_plan *plan,
			    const struct cis_limit *limit)
{
	struct ramp ramp = ramp_of(plan, limit);

	return 2 * n_piece(&ramp);
}

static void set_ramp(struct cis_plan_point *point, bool down)
{
	const struct cis_limit *limit = point->limit;

	cis_point_set(point, "f", down ? limit->param_max : limit->param_min);
	cis_point_set(point, "f_to",
		      down ? limit->param_min : limit->param_max);
	cis_point_set(point, "rocof", down ? -limit->level : limit->level);
	cis_point_set(point, "rocof_s", CORNER_S);
}

/* The parameter is the frequency in the middle of the piece. */
static void make_ramp(const struct cis_plan *plan, uint32_t i,
		      struct cis_plan_point *point)
{
	const struct cis_limit *limit = point->limit;
	struct ramp ramp = ramp_of(plan, limit);
	bool down = i >= n_piece(&ramp);
	int64_t at = i % n_piece(&ramp) * ramp.n_piece;
	int64_t n = ramp.n - at < ramp.n_piece ? ramp.n - at : ramp.n_piece;
	double gone;

	cis_point_span(plan, point, ramp.first + at, n);
	point->corner_s[0] = CORNER_S;
	point->corner_s[1] = CORNER_S + ramp.last_s;
	point->exclusion_s = ramp.exclusion_s;
	gone = ((point->from_s + point->to_s) / 2 - CORNER_S) * limit->level;
	gone = fmin(fmax(gone, 0), limit->param_max - limit->param_min);
	point->param = down ? limit->param_max - gone : limit->param_min + gone;
	set_ramp(point, down);
	cis_point_turn(point, 0);
	cis_point_label(point, "%+g Hz/s", point->sig.rocof_hz_per_s);
}

const struct cis_family cis_family_ramp = {count_ramps, make_ramp};

/* ---- steps: up, then down; the k-th k/(n Fs) after a report ---- */

#define STEP_S 2 /* of the first of a group, from t0 */

static uint32_t count_steps(const struct cis_plan *plan,
			    const struct cis_limit *limit)
{
	(void)limit;
	return 2 * plan->cfg.repeats;
}

static void make_step(const struct cis_plan *plan, uint32_t i,
		      struct cis_plan_point *point)
{
	bool phase = point->test == CIS_TEST_STEP_PHASE;
	double rate = rate_of(plan);
	uint32_t n = plan->cfg.repeats;
	double part = (double)(i % n) / n;
	int64_t side = (int64_t)ceil(cis_plan_window_s(plan) * rate - 1e-6);

	point->step = i / n;
	point->param =
		point->step ? point->limit->param_min : point->limit->param_max;
	cis_point_set(point, phase ? "step_deg" : "step_mag",
		      phase ? point->param : point->param / 100);
	cis_point_set(point, "step_s", STEP_S + part / rate);
	cis_point_turn(point, 0);
	cis_point_label(point, "%g of an interval after a report", part);
	cis_point_span(plan, point, llrint(STEP_S * rate) - side, 2 * side + 2);
}

const struct cis_family cis_family_step = {count_steps, make_step};

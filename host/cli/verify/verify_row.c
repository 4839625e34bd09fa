/* verify_row.c - the points of a test, combined and judged; see verify.h. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "verify.h"

/* A latency is a difference of instants: not compared finer than this. */
#define LATENCY_TOL_S 1e-6
/* A reference is this much better than what it judges. */
#define TIMES_BETTER  10

__attribute__((format(printf, 2, 3))) static void
add_note(struct cis_verify_row *row, const char *fmt, ...)
{
	size_t len = strlen(row->note), room = sizeof(row->note) - len;
	va_list ap;

	if (len > 0 && room > 2) {
		memcpy(row->note + len, ", ", 3);
		len += 2;
		room -= 2;
	}
	va_start(ap, fmt);
	vsnprintf(row->note + len, room, fmt, ap);
	va_end(ap);
}

/* ---- points ---- */

static void add_point(struct cis_verify_row *row,
		      const struct cis_verify_point *p)
{
	row->n_point++;
	row->n_expected += p->n_expected;
	row->n_got += p->n_got;
	row->n_flagged += p->n_flagged;
	row->n_model += p->n_model;
	row->flags |= p->flags;
	for (unsigned e = 0; e < CIS_VERIFY_N_ERROR; e++)
		cis_stat_merge(&row->error[e], &p->error[e]);
	if (!isnan(p->latency_s) && !(row->latency_s > p->latency_s))
		row->latency_s = p->latency_s;
}

/* ---- steps ---- */

static void keep_larger(double *most, double x)
{
	if (!isnan(x) && !(*most >= fabs(x)))
		*most = fabs(x);
}

static void keep_step(struct cis_step_result *most,
		      const struct cis_step_result *r)
{
	keep_larger(&most->resp_tve_s, r->resp_tve_s);
	keep_larger(&most->resp_fe_s, r->resp_fe_s);
	keep_larger(&most->resp_rfe_s, r->resp_rfe_s);
	keep_larger(&most->delay_s, r->delay_s);
	keep_larger(&most->overshoot_pct, r->overshoot_pct);
	keep_larger(&most->undershoot_pct, r->undershoot_pct);
}

/* The reports of the points [from, to) as phasor k sees them. */
static uint32_t interleave(const struct cis_verify_run *run, uint32_t from,
			   uint32_t to, unsigned k, struct cis_step_point *out)
{
	uint32_t n = 0;

	for (uint32_t i = from; i < to; i++)
		for (uint32_t r = 0; r < run->point[i].n_report; r++) {
			const struct cis_verify_report *rep =
				&run->point[i].report[r];

			out[n++] = (struct cis_step_point){
				.t_s = rep->t_s,
				.tve_pct = rep->tve_pct[k],
				.fe_hz = rep->error[CIS_VERIFY_FE],
				.rfe_hz_per_s = rep->error[CIS_VERIFY_RFE],
				.value = rep->value[k]};
		}
	return n;
}

/* One step, of equivalent-time points [from, to): the slowest phasor. */
static int judge_step(const struct cis_verify_run *run,
		      const struct cis_plan_point *what, uint32_t from,
		      uint32_t to, struct cis_step_result *most)
{
	bool phase = what->test == CIS_TEST_STEP_PHASE;
	double after = phase ? what->sig.step_rad : 1 + what->sig.step_mag;
	struct cis_step_point *points;
	uint32_t room = 1;
	int err = 0;

	for (uint32_t i = from; i < to; i++)
		room += run->point[i].n_report;
	points = calloc(room, sizeof(*points));
	if (!points)
		return -ENOMEM;
	for (unsigned k = 0; k < CIS_VERIFY_N_PHASOR && !err; k++) {
		uint32_t n = interleave(run, from, to, k, points);
		struct cis_step_result r;

		err = cis_step_judge(points, n, phase ? 0 : 1, after,
				     what->limit, &r);
		if (!err)
			keep_step(most, &r);
	}
	free(points);
	return err;
}

static void judge_steps(const struct cis_verify_run *run,
			struct cis_verify_row *row)
{
	struct cis_plan_point p;

	for (uint32_t i = 0, end; i < run->n_point; i = end) {
		cis_plan_point(run->plan, i, &p);
		end = cis_verify_group_end(run, i);
		if (p.test == row->test &&
		    judge_step(run, &p, i, end, &row->step)) {
			row->verdict = CIS_VERDICT_FAIL;
			add_note(row, "no response to %+g %s", p.param,
				 p.limit->param_unit);
		}
	}
}

/* ---- verdict ---- */

/* FAIL wins, then PASS. */
static void take_verdict(enum cis_verdict *all, enum cis_verdict v)
{
	if (*all != CIS_VERDICT_FAIL && v != CIS_VERDICT_NOT_APPLICABLE)
		*all = v;
}

enum cis_verdict cis_verify_overall(const struct cis_verify_row *row,
				    unsigned n)
{
	enum cis_verdict all = CIS_VERDICT_NOT_APPLICABLE;

	for (unsigned i = 0; i < n; i++)
		take_verdict(&all, row[i].verdict);
	return all;
}

/* Returns whether it is above a limit that nobody verified. */
static bool judge_one(struct cis_verify_row *row, const struct cis_stat *stat,
		      double limit)
{
	enum cis_verdict v = cis_judge_max(stat, limit, row->limit->confidence);

	take_verdict(&row->verdict, v);
	return v == CIS_VERDICT_NOT_APPLICABLE && !isnan(limit);
}

static bool judge_value(struct cis_verify_row *row, double value, double limit)
{
	struct cis_stat stat = {0};

	cis_stat_add(&stat, value);
	return judge_one(row, &stat, limit);
}

static bool judge_response(struct cis_verify_row *row)
{
	const struct cis_limit *l = row->limit;
	const struct cis_step_result *s = &row->step;
	double shot = fmax(s->overshoot_pct, s->undershoot_pct);
	bool above = false;

	above |= judge_value(row, s->resp_tve_s, l->resp_tve_s);
	above |= judge_value(row, s->resp_fe_s, l->resp_fe_s);
	above |= judge_value(row, s->resp_rfe_s, l->resp_rfe_s);
	above |= judge_value(row, s->delay_s, l->delay_s);
	above |= judge_value(row, shot, l->overshoot_pct);
	return above;
}

static bool judge_errors(struct cis_verify_row *row)
{
	const struct cis_limit *l = row->limit;
	bool above = false;

	above |= judge_one(row, &row->error[CIS_VERIFY_TVE], l->tve_pct);
	above |= judge_one(row, &row->error[CIS_VERIFY_FE], l->fe_hz);
	above |= judge_one(row, &row->error[CIS_VERIFY_RFE], l->rfe_hz_per_s);
	return above;
}

/* Above an unverified limit there is no verdict, whatever the others say. */
static void mark_unverified(struct cis_verify_row *row, bool above)
{
	if (row->limit->confidence != CIS_CONF_LOW)
		return;
	if (above && row->verdict == CIS_VERDICT_PASS)
		row->verdict = CIS_VERDICT_NOT_APPLICABLE;
	add_note(row, above ? "above an unverified limit" : "unverified limit");
}

static void judge_completeness(struct cis_verify_row *row)
{
	char flags[CIS_FLAGS_SIZE];

	if (row->n_got != row->n_expected) {
		row->verdict = CIS_VERDICT_FAIL;
		add_note(row, "%u of %u reports missing",
			 row->n_expected - row->n_got, row->n_expected);
	}
	if (row->n_flagged > 0) {
		row->verdict = CIS_VERDICT_FAIL;
		add_note(row, "%u of %u reports flagged %s", row->n_flagged,
			 row->n_got, cis_report_flags(row->flags, flags));
	}
}

/* Within its limits a reference may still be too coarse to judge them. */
static void judge_reference(struct cis_verify_row *row)
{
	const struct cis_limit *l = row->limit;
	const double limit[] = {l->tve_pct, l->fe_hz, l->rfe_hz_per_s};
	static const char *const name[] = {"TVE", "FE", "RFE"};

	for (unsigned e = 0; e < CIS_VERIFY_N_ERROR; e++) {
		double times = limit[e] / row->error[e].max;

		if (times >= 1 && times < TIMES_BETTER)
			add_note(row,
				 "cannot judge the limit of %s, only %.1f "
				 "times better",
				 name[e], times);
	}
}

static void judge_row(const struct cis_verify_run *run,
		      struct cis_verify_row *row)
{
	bool step = cis_verify_is_step(row->test);
	bool timed = step || row->test == CIS_TEST_REPORTING_LATENCY;
	bool above = false;

	row->responds = timed && cis_verify_responds(&run->cfg);
	row->verdict = CIS_VERDICT_NOT_APPLICABLE;
	if (row->responds && step) {
		judge_steps(run, row);
		above = judge_response(row);
	} else if (row->responds) {
		above = judge_value(row, row->latency_s - LATENCY_TOL_S,
				    row->latency_limit_s);
	} else if (!timed) {
		above = judge_errors(row);
		if (cis_verify_tells_source(&run->cfg))
			judge_reference(row);
	}
	if (row->n_point > 0)
		judge_completeness(row);
	if (row->responds || !timed)
		mark_unverified(row, above);
}

/* ---- rows ---- */

static void name_source(const struct cis_verify_run *run,
			struct cis_verify_row *row)
{
	enum cis_model model = cis_verify_model(&run->cfg, row->test);
	char profile[CIS_PROFILE_SIZE];

	cis_estim_profile_name(&run->cfg.estim, profile);
	if (row->n_point == 0)
		row->by[0] = '\0';
	else if (row->n_model == 0)
		snprintf(row->by, sizeof(row->by), "%s", profile);
	else if (row->n_model == row->n_got)
		snprintf(row->by, sizeof(row->by), "model %s",
			 cis_model_name(model));
	else
		snprintf(row->by, sizeof(row->by), "model %s, %s",
			 cis_model_name(model), profile);
	if (model != CIS_MODEL_NONE && row->n_model < row->n_got)
		add_note(row, "model %s does not hold in %u of %u reports",
			 cis_model_name(model), row->n_got - row->n_model,
			 row->n_got);
}

static void make_row(const struct cis_verify_run *run, enum cis_test test,
		     struct cis_verify_row *row)
{
	*row = (struct cis_verify_row){
		.test = test,
		.limit = cis_limit_find(&run->cfg.plan.criteria, test),
		.step = {NAN, NAN, NAN, NAN, NAN, NAN},
		.latency_s = NAN};
	row->latency_limit_s =
		cis_limit_unrounded_s(row->limit, row->limit->latency_s);
	for (uint32_t i = 0; i < run->n_point; i++) {
		struct cis_plan_point p;

		cis_plan_point(run->plan, i, &p);
		if (p.test == test)
			add_point(row, &run->point[i]);
	}
	judge_row(run, row);
	name_source(run, row);
}

unsigned cis_verify_rows(const struct cis_verify_run *run,
			 struct cis_verify_row row[CIS_N_TEST])
{
	unsigned n = 0;

	for (int t = 0; t < CIS_N_TEST; t++)
		if (run->cfg.plan.wanted[t])
			make_row(run, (enum cis_test)t, &row[n++]);
	return n;
}

/* verify_draw.c - see verify_draw.h. Without memory a picture stays empty. */
#include "verify_draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/angle.h"
#include "verify_chart.h"

/* Panels: the errors, and of a step what is stepped. */
#define N_PANEL (CIS_VERIFY_N_ERROR + 1)
#define STEPPED CIS_VERIFY_N_ERROR

static const char *const error_labels[CIS_VERIFY_N_ERROR] = {
	"TVE, %", "|FE|, Hz", "|RFE|, Hz/s"};

static const struct cis_limit *limits_of(const struct cis_verify_run *run,
					 enum cis_test test)
{
	return cis_limit_find(&run->cfg.plan.criteria, test);
}

static void add_limits(struct cis_chart chart[CIS_VERIFY_N_ERROR],
		       const struct cis_limit *l, const char *name)
{
	cis_chart_limit(&chart[CIS_VERIFY_TVE], name, l->tve_pct);
	cis_chart_limit(&chart[CIS_VERIFY_FE], name, l->fe_hz);
	cis_chart_limit(&chart[CIS_VERIFY_RFE], name, l->rfe_hz_per_s);
}

/* Writes panels from `first` on, n of them, in a circle; frees the charts. */
static void finish(FILE *f, const char *title, struct cis_chart chart[N_PANEL],
		   unsigned first, unsigned n)
{
	struct cis_svg_panel panels[N_PANEL];

	for (unsigned i = 0; i < n; i++)
		panels[i] = chart[(first + i) % N_PANEL].panel;
	cis_svg_write(f, title, panels, n);
	for (unsigned i = 0; i < N_PANEL; i++)
		cis_chart_clear(&chart[i]);
	free(chart);
}

/* ---- sweeps ---- */

struct pair {
	double x, y;
};

static int by_x(const void *a, const void *b)
{
	const struct pair *pa = a, *pb = b;

	return (pa->x > pb->x) - (pa->x < pb->x);
}

/* Worst of each point of the test, in order of the parameter. */
static size_t collect(const struct cis_verify_run *run, enum cis_test test,
		      unsigned e, struct pair *pairs)
{
	struct cis_plan_point what;
	size_t n = 0;

	for (uint32_t i = 0; i < run->n_point; i++) {
		cis_plan_point(run->plan, i, &what);
		if (what.test != test || run->point[i].error[e].n == 0)
			continue;
		pairs[n].x = what.param;
		pairs[n++].y = run->point[i].error[e].max;
	}
	qsort(pairs, n, sizeof(*pairs), by_x);
	return n;
}

/* Every point a dot, and a line through the worst of each parameter, but not
 * across a band that is not swept. */
static void fill_sweep(struct cis_chart *chart, const struct pair *pairs,
		       size_t n)
{
	int dots = cis_chart_series(chart, "", n);
	int worst = cis_chart_series(chart, "worst", 2 * n);
	double hole;

	if (dots < 0 || worst < 0 || n == 0)
		return;
	hole = (pairs[n - 1].x - pairs[0].x) / 5;
	chart->series[dots].style = CIS_SVG_DOTS;
	chart->series[dots].name = NULL;
	chart->series[worst].colour = chart->series[dots].colour;
	for (size_t i = 0; i < n;) {
		double x = pairs[i].x, most = 0;

		if (i > 0 && x - pairs[i - 1].x > hole)
			cis_chart_value(chart, worst, NAN, NAN);
		for (; i < n && pairs[i].x == x; i++) {
			cis_chart_value(chart, dots, x, pairs[i].y);
			most = fmax(most, pairs[i].y);
		}
		cis_chart_value(chart, worst, x, most);
	}
}

void cis_verify_draw_sweep(FILE *f, const struct cis_verify_run *run,
			   enum cis_test test, const char *title)
{
	const struct cis_limit *limit = limits_of(run, test);
	struct pair *pairs = calloc(run->n_point + 1u, sizeof(*pairs));
	struct cis_chart *chart = calloc(N_PANEL, sizeof(*chart));
	char label[96];

	if (!pairs || !chart) {
		free(pairs);
		free(chart);
		return;
	}
	snprintf(label, sizeof(label), "%s, %s", limit->parameter,
		 limit->param_unit);
	for (unsigned e = 0; e < CIS_VERIFY_N_ERROR; e++) {
		cis_chart_init(&chart[e], label, error_labels[e]);
		fill_sweep(&chart[e], pairs, collect(run, test, e, pairs));
	}
	free(pairs);
	add_limits(chart, limit, "limit");
	finish(f, title, chart, 0, CIS_VERIFY_N_ERROR);
}

/* ---- traces ---- */

static int by_time(const void *a, const void *b)
{
	const struct cis_verify_report *ra = a, *rb = b;

	return (ra->t_s > rb->t_s) - (ra->t_s < rb->t_s);
}

/* Reports of the points [from, to), sorted; the caller frees. */
static struct cis_verify_report *gather(const struct cis_verify_run *run,
					uint32_t from, uint32_t to, size_t *n)
{
	struct cis_verify_report *all;
	size_t room = 1;

	for (uint32_t i = from; i < to; i++)
		room += run->point[i].n_report;
	*n = 0;
	all = calloc(room, sizeof(*all));
	for (uint32_t i = from; all && i < to; i++) {
		const struct cis_verify_point *p = &run->point[i];

		if (p->n_report > 0)
			memcpy(all + *n, p->report, p->n_report * sizeof(*all));
		*n += p->n_report;
	}
	if (all)
		qsort(all, *n, sizeof(*all), by_time);
	return all;
}

/* Of the positive sequence, in % or degrees from what was before. */
static double stepped(const struct cis_plan_point *p,
		      const struct cis_verify_report *r)
{
	double v = r->value[CIS_VERIFY_N_PHASOR - 1];

	return p->test == CIS_TEST_STEP_PHASE ? CIS_DEG_PER_RAD * v
					      : 100 * (v - 1);
}

/* Reports that are left out at a corner leave a hole in the line. */
static void add_trace(struct cis_chart chart[N_PANEL],
		      const struct cis_plan_point *what,
		      const struct cis_verify_report *r, size_t n)
{
	double far_s = 1.5 / what->limit->criteria.report_rate;
	bool step = cis_verify_is_step(what->test);
	char name[80];

	snprintf(name, sizeof(name), "%+g %s", what->param,
		 what->limit->param_unit);
	for (unsigned k = 0; k < N_PANEL; k++) {
		int s = cis_chart_series(&chart[k], step ? name : what->label,
					 2 * n);

		for (size_t i = 0; i < n; i++) {
			if (i > 0 && r[i].t_s - r[i - 1].t_s > far_s)
				cis_chart_value(&chart[k], s, NAN, NAN);
			cis_chart_value(&chart[k], s, r[i].t_s,
					k < STEPPED ? r[i].error[k]
						    : stepped(what, &r[i]));
		}
	}
}

static void add_traces(const struct cis_verify_run *run, enum cis_test test,
		       struct cis_chart chart[N_PANEL])
{
	struct cis_plan_point p;

	for (uint32_t i = 0, end; i < run->n_point; i = end) {
		struct cis_verify_report *all;
		size_t n;

		cis_plan_point(run->plan, i, &p);
		end = cis_verify_group_end(run, i);
		if (p.test != test)
			continue;
		all = gather(run, i, end, &n);
		if (all)
			add_trace(chart, &p, all, n);
		free(all);
	}
}

void cis_verify_draw_trace(FILE *f, const struct cis_verify_run *run,
			   enum cis_test test, const char *title)
{
	bool step = cis_verify_is_step(test);
	const char *x_label = step ? "time after the step, s" : "time, s";
	struct cis_chart *chart = calloc(N_PANEL, sizeof(*chart));

	if (!chart)
		return;
	for (unsigned e = 0; e < CIS_VERIFY_N_ERROR; e++)
		cis_chart_init(&chart[e], x_label, error_labels[e]);
	cis_chart_init(&chart[STEPPED], x_label,
		       test == CIS_TEST_STEP_PHASE ? "V+ angle, degrees"
						   : "V+ magnitude, %");
	chart[STEPPED].panel.log_y = false;
	add_traces(run, test, chart);
	add_limits(chart, limits_of(run, test), step ? "threshold" : "limit");
	/* What is stepped comes first. */
	finish(f, title, chart, step ? STEPPED : 0, CIS_VERIFY_N_ERROR + step);
}

/*
 * library_points.c - which points of a plan are recorded; see library.h.
 *
 * verify's sweeps are dense, and some come again with other phases. A library
 * has each stretch once, at no more than about 50 values that are a whole number
 * of steps apart, its ends included.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "host/cli/verify/verify.h"
#include "library.h"

#define MAX_SWEEP 50  /* intervals of a stretch */
#define LEAST_S   5.0 /* of a recording */
#define MARGIN_S  0.2 /* either side of the windows */

struct chooser {
	const struct cis_library_config *cfg;
	const struct cis_plan *plan;
	struct cis_library_list *list;
	enum cis_test test;
	unsigned n_of_test;
	/* Values of the test's stretches so far. */
	double least, most;
	/* The stretch that is being read. */
	uint32_t *point;
	uint32_t n;
	double last;
	int way; /* -1, 1; 0: not known */
};

/* ---- one recording ---- */

/* A PMU's window, after 14 reports or as many cycles. */
static double half_window_s(const struct cis_criteria *c)
{
	return 7 / fmin(c->report_rate, c->fnom_hz);
}

static void set_times(const struct chooser *ch, struct cis_library_item *item)
{
	double reach_s = half_window_s(&ch->cfg->plan.criteria) + MARGIN_S;

	item->first_s = fmin(0, floor(item->from_s - reach_s));
	item->end_s = fmax(item->first_s + LEAST_S, ceil(item->to_s + reach_s));
}

static void add(struct chooser *ch, uint32_t i)
{
	struct cis_library_item *item = &ch->list->item[ch->list->n++];
	struct cis_plan_point p;

	cis_plan_point(ch->plan, i, &p);
	*item = (struct cis_library_item){
		.point = i, .from_s = p.from_s, .to_s = p.to_s};
	snprintf(item->name, sizeof(item->name), "%s_%04u",
		 cis_test_name(p.test), ++ch->n_of_test);
	set_times(ch, item);
}

/* Another piece of the ramp before. */
static bool goes_on(struct chooser *ch, const struct cis_plan_point *p)
{
	struct cis_library_item *item;
	struct cis_plan_point before;

	if (p->test != CIS_TEST_FREQUENCY_RAMP || ch->n_of_test == 0)
		return false;
	item = &ch->list->item[ch->list->n - 1];
	cis_plan_point(ch->plan, item->point, &before);
	if (before.sig.rocof_hz_per_s != p->sig.rocof_hz_per_s)
		return false;
	item->to_s = p->to_s;
	set_times(ch, item);
	return true;
}

/* ---- a sweep ---- */

/* Whole steps of the sweep from one value to the next: ends are met where a
 * number not much greater than the least divides it. */
static uint32_t stride_of(uint32_t n_interval)
{
	uint32_t least = (n_interval + MAX_SWEEP - 1) / MAX_SWEEP;

	for (uint32_t s = least; s > 0 && s <= 3 * least; s++)
		if (n_interval % s == 0)
			return s;
	return least ? least : 1;
}

static void end_stretch(struct chooser *ch)
{
	uint32_t stride = ch->n ? stride_of(ch->n - 1) : 1, i;

	for (i = 0; i < ch->n; i += stride)
		add(ch, ch->point[i]);
	if (ch->n && i != ch->n - 1 + stride)
		add(ch, ch->point[ch->n - 1]);
	ch->n = 0;
	ch->way = 0;
}

static bool is_new(const struct chooser *ch, double param)
{
	return !(param >= ch->least && param <= ch->most);
}

/* A value that lies among earlier ones begins nothing. */
static void take_value(struct chooser *ch, uint32_t i, double param)
{
	int way = (param > ch->last) - (param < ch->last);

	if (ch->n && way == 0)
		return; /* the same with another phase */
	if (ch->n && ch->way && way != ch->way)
		end_stretch(ch);
	if (!is_new(ch, param))
		return;
	if (ch->n)
		ch->way = way;
	ch->least = fmin(ch->least, param);
	ch->most = fmax(ch->most, param);
	ch->last = param;
	ch->point[ch->n++] = i;
}

/* ---- all ---- */

static void begin_test(struct chooser *ch, enum cis_test test)
{
	end_stretch(ch);
	ch->test = test;
	ch->n_of_test = 0;
	ch->least = INFINITY;
	ch->most = -INFINITY;
}

static void take(struct chooser *ch, uint32_t i)
{
	struct cis_plan_point p;

	cis_plan_point(ch->plan, i, &p);
	if (p.test != ch->test)
		begin_test(ch, p.test);
	if (goes_on(ch, &p))
		return;
	if (ch->cfg->every || isnan(p.param) || cis_verify_is_step(p.test) ||
	    p.test == CIS_TEST_FREQUENCY_RAMP)
		add(ch, i);
	else
		take_value(ch, i, p.param);
}

int cis_library_list(const struct cis_library_config *cfg,
		     const struct cis_plan *plan, struct cis_library_list *list)
{
	uint32_t n = cis_plan_size(plan);
	struct chooser ch = {.cfg = cfg, .plan = plan, .list = list};

	list->n = 0;
	list->item = calloc(n, sizeof(*list->item));
	ch.point = calloc(n, sizeof(*ch.point));
	if (!list->item || !ch.point) {
		free(ch.point);
		cis_library_list_free(list);
		return -ENOMEM;
	}
	begin_test(&ch, CIS_N_TEST);
	for (uint32_t i = 0; i < n; i++)
		take(&ch, i);
	end_stretch(&ch);
	free(ch.point);
	return 0;
}

void cis_library_list_free(struct cis_library_list *list)
{
	free(list->item);
	list->item = NULL;
	list->n = 0;
}

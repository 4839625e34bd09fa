/*
 * step_watch.c - see step_watch.h.
 *
 * Candidates are a millisecond apart, at multiples of that from scan 0, so that
 * what is found depends neither on blocks nor on where a search began. Where the
 * jump is deep enough F is asked; where it is a quarter of its limit, and not
 * less than that of its neighbours, every sample around is tried. A candidate
 * half a millisecond off a step sees 0.35 of the limit or more, an interharmonic
 * of 10 % makes less than 0.2.
 */
#include "step_watch.h"

#include <math.h>
#include <stdlib.h>

#include "bank.h"
#include "health.h"

#define SPACING_S 1e-3
/* Samples tried around a candidate, in spacings: 24 at 18 kHz. */
#define AROUND    (4.0 / 3)
/* Part of the limit of F. */
#define WORTH     0.25
/* Part of the depth that a candidate half a millisecond off sees, at least. */
#define DEEP      0.75
/* A frequency is followed over some fifty candidates. */
#define FOLLOW    0.02
/* Designs serve another sampling rate up to this ratio; their window is then
 * not quite four cycles. */
#define NEAR_RATE 0.2

struct track {
	int64_t next; /* candidate: between next - 1 and next */
	bool settled; /* the frequency is that of these samples */
	double f[2];  /* of the last two over its limit; 0: no jump */
};

struct cis_watch {
	const struct cis_estim_config *cfg;
	struct cis_step_designs designs;
	int64_t seen_first, seen_end; /* of the history, last time */
	struct track *track;          /* [n_chan] */
	double *freq_hz;              /* [n_chan], as it was followed */
	struct cis_step_events events;
};

double cis_watch_ahead_s(double fnom_hz)
{
	return 2 / fnom_hz + SPACING_S;
}

struct cis_watch *cis_watch_new(const struct cis_estim_config *cfg)
{
	uint32_t n = cfg->map->n_chan;
	struct cis_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->cfg = cfg;
	w->track = calloc(n, sizeof(*w->track));
	w->freq_hz = calloc(n, sizeof(*w->freq_hz));
	if (!w->track || !w->freq_hz || !cis_step_events_init(&w->events, n) ||
	    !cis_step_designs_begin(&w->designs, cfg, cfg->rate_hz)) {
		cis_watch_free(w);
		return NULL;
	}
	return w;
}

void cis_watch_free(struct cis_watch *watch)
{
	if (!watch)
		return;
	cis_step_designs_fini(&watch->designs);
	cis_step_events_fini(&watch->events);
	free(watch->track);
	free(watch->freq_hz);
	free(watch);
}

bool cis_watch_wants(const struct cis_watch *watch)
{
	return cis_bank_wants(watch->designs.bank);
}

int cis_watch_design(struct cis_watch *watch)
{
	return cis_bank_make_one(watch->designs.bank);
}

const struct cis_event *cis_watch_events(const struct cis_watch *watch)
{
	return watch->events.event;
}

double cis_watch_freq_hz(const struct cis_watch *watch, uint32_t chan)
{
	return watch->freq_hz[chan];
}

/* ---- one channel's frequency ---- */

/* A channel under search. */
struct search {
	struct cis_watch *w;
	struct cis_step_look look;
	struct track *track;
	double *freq_hz;
	int64_t spacing;
};

static double measured_hz(const struct search *k,
			  const struct cis_jump_glance *g)
{
	return g->freq_hz * k->look.span->rate_hz / k->w->designs.kind.rate_hz;
}

/* Most of the samples is a fundamental, and not far off. */
static bool sound(const struct search *k, const struct cis_jump_glance *g)
{
	return g->share > 0.5 && g->share < 1.5 &&
	       cis_health_in_range(measured_hz(k, g), k->w->cfg->fnom_hz);
}

/* Where a search begins the frequency is found anew. */
static void settle(struct search *k)
{
	struct track *t = k->track;

	if (!(*k->freq_hz > 0))
		*k->freq_hz = k->w->cfg->fnom_hz;
	t->settled = true;
	for (unsigned i = 0; i < 3; i++) {
		struct cis_jump_glance g;

		cis_step_look_by(&k->look, *k->freq_hz);
		if (!k->look.jump)
			return;
		g = cis_step_glance(&k->look, t->next);
		if (!sound(k, &g))
			return;
		*k->freq_hz = measured_hz(k, &g);
	}
}

static void follow(struct search *k, const struct cis_jump_glance *g)
{
	if (!sound(k, g))
		return;
	*k->freq_hz += FOLLOW * (measured_hz(k, g) - *k->freq_hz);
	cis_step_look_by(&k->look, *k->freq_hz);
}

/* ---- the search ---- */

/* Every sample around a candidate that is worth it. */
static void refine(struct search *k, int64_t at)
{
	int64_t around = (int64_t)ceil(AROUND * (double)k->spacing) + 1;
	struct cis_jump_found f, best = {.f = 0};
	int64_t where = 0;

	for (int64_t d = -around; d <= around; d++) {
		if (!cis_step_inside(&k->look, at + d))
			continue;
		f = cis_step_test(&k->look, at + d);
		if (f.f > best.f) {
			best = f;
			where = d;
		}
	}
	if (llabs(where) < around && cis_jump_is(k->look.jump, &best))
		cis_step_events_add(&k->w->events, &k->look, at + where);
}

/* F over its limit; 0 where the jump is not deep enough. */
static double ask(struct search *k, struct cis_jump_glance *g)
{
	int64_t at = k->track->next;

	*g = (struct cis_jump_glance){.depth = 0};
	if (!k->look.jump)
		return 0;
	*g = cis_step_glance(&k->look, at);
	if (!(g->depth > DEEP * CIS_JUMP_DEPTH))
		return 0;
	return cis_step_test(&k->look, at).f / cis_jump_limit(k->look.jump);
}

static void look_at(struct search *k)
{
	struct track *t = k->track;
	struct cis_jump_glance g;
	double f = ask(k, &g);

	if (k->look.jump && t->f[1] > WORTH && t->f[1] >= t->f[0] &&
	    t->f[1] > f)
		refine(k, t->next - k->spacing);
	t->f[0] = t->f[1];
	t->f[1] = f;
	follow(k, &g);
}

static void search(struct search *k)
{
	const struct cis_watch_span *span = k->look.span;
	struct track *t = k->track;
	int64_t half = k->w->designs.half, first = (int64_t)span->hist->first;
	int64_t lo = span->from > first + half ? span->from : first + half;
	int64_t hi = span->end - half;

	if (t->next < lo || t->next > hi + 2 * k->spacing) {
		/* Up to the next multiple. */
		t->next = lo + (k->spacing - lo % k->spacing) % k->spacing;
		t->f[0] = t->f[1] = 0;
		t->settled = false;
	}
	if (t->next > hi)
		return;
	if (!t->settled)
		settle(k);
	else
		cis_step_look_by(&k->look, *k->freq_hz);
	for (; t->next <= hi; t->next += k->spacing)
		look_at(k);
}

static void run_channel(struct cis_watch *w, const struct cis_step_scene *scene,
			uint32_t chan)
{
	int64_t spacing = lround(SPACING_S * scene->span->rate_hz);
	struct search k = {.w = w,
			   .look = cis_step_look_at(scene, chan),
			   .track = &w->track[chan],
			   .freq_hz = &w->freq_hz[chan],
			   .spacing = spacing > 1 ? spacing : 1};

	search(&k);
}

/* ---- all of it ---- */

static void restart(struct cis_watch *w)
{
	for (uint32_t c = 0; c < w->cfg->map->n_chan; c++) {
		w->track[c] = (struct track){.next = 0};
		w->freq_hz[c] = 0;
	}
}

/* False: there is nothing to be had at this rate. */
static bool serves(struct cis_watch *w, double rate_hz)
{
	if (fabs(rate_hz / w->designs.kind.rate_hz - 1) <= NEAR_RATE)
		return true;
	if (w->cfg->background ||
	    !cis_step_designs_begin(&w->designs, w->cfg, rate_hz))
		return false;
	restart(w);
	return true;
}

/* Scans that are counted anew: what was there has other numbers now. */
static void mind_count(struct cis_watch *w, const struct cis_history *h)
{
	int64_t first = (int64_t)h->first, end = first + (int64_t)h->n;

	if (first < w->seen_first || end < w->seen_end) {
		restart(w);
		cis_step_events_forget(&w->events);
	}
	w->seen_first = first;
	w->seen_end = end;
}

void cis_watch_run(struct cis_watch *watch, const struct cis_watch_span *span)
{
	const struct cis_step_scene scene = {&watch->designs, span,
					     watch->freq_hz};

	mind_count(watch, span->hist);
	if (!serves(watch, span->rate_hz))
		return;
	for (uint32_t c = 0; c < watch->cfg->map->n_chan; c++)
		run_channel(watch, &scene, c);
	cis_step_events_settle(&watch->events, &scene);
}

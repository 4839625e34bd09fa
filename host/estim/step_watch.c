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
#include <string.h>

#include "bank.h"
#include "health.h"
#include "jump.h"

#define SPACING_S  1e-3
/* Samples tried around a candidate, in spacings: 24 at 18 kHz. */
#define AROUND     (4.0 / 3)
#define WORTH      0.25
/* Part of the depth that a candidate half a millisecond off sees, at least. */
#define DEEP       0.75
/* Steps nearer to one another are one. */
#define TOGETHER_S 2e-4
/* Members whose samples date an event. */
#define MAX_DATING 8
/* A frequency is followed over some fifty candidates. */
#define FOLLOW     0.02
/* Designs serve another sampling rate up to this ratio; their window is then
 * not quite four cycles. */
#define NEAR_RATE  0.2
/* A design whose seed is farther from the frequency does not serve. */
#define NEAR_HZ    1.0
#define AHEAD_HZ   1.0

struct track {
	int64_t next; /* candidate: between next - 1 and next */
	bool settled; /* freq_hz is that of these samples */
	double f[2];  /* of the last two over its limit; 0: no jump */
	double freq_hz;
};

/* What a design is for. */
struct kind {
	double rate_hz, fnom_hz;
};

struct cis_watch {
	const struct cis_estim_config *cfg;
	struct kind kind;
	struct cis_bank *bank;
	uint32_t half;
	int64_t seen_first, seen_end; /* of the history, last time */
	struct track *track;          /* [n_chan] */
	struct cis_event event[CIS_N_EVENT];
	unsigned next_event; /* to be overwritten */
	uint8_t *takes;
	double *work;
};

double cis_watch_ahead_s(double fnom_hz)
{
	return 2 / fnom_hz + SPACING_S;
}

/* ---- designs ---- */

static void *make(const void *ctx, double seed_hz)
{
	const struct kind *k = ctx;

	return cis_jump_design(k->rate_hz, k->fnom_hz, seed_hz);
}

static void unmake(void *item)
{
	cis_jump_free(item);
}

/* Designs for a sampling rate; the nominal frequency's at once. False, and all
 * as it was: no memory. */
static bool begin(struct cis_watch *w, double rate_hz)
{
	double fnom = w->cfg->fnom_hz;
	struct cis_bank_kind kind = {.grid_hz = CIS_JUMP_GRID_HZ,
				     .low_hz = 0.6 * fnom,
				     .high_hz = 1.4 * fnom,
				     .make = make,
				     .free = unmake,
				     .ctx = &w->kind};
	struct cis_bank *bank = cis_bank_new(&kind);
	double *work = calloc(cis_jump_work(rate_hz, fnom), sizeof(*work));
	int mid, reach = (int)(AHEAD_HZ / CIS_JUMP_GRID_HZ);

	if (!bank || !work) {
		cis_bank_free(bank);
		free(work);
		return false;
	}
	cis_bank_free(w->bank);
	free(w->work);
	w->bank = bank;
	w->work = work;
	w->kind = (struct kind){.rate_hz = rate_hz, .fnom_hz = fnom};
	w->half = cis_jump_half(rate_hz, fnom);
	mid = cis_bank_index(w->bank, fnom);
	cis_bank_make(w->bank, mid);
	for (int i = 1; i <= reach && w->cfg->background; i++) {
		cis_bank_want(w->bank, mid + i);
		cis_bank_want(w->bank, mid - i);
	}
	return true;
}

struct cis_watch *cis_watch_new(const struct cis_estim_config *cfg)
{
	uint32_t n = cfg->map->n_chan;
	struct cis_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->cfg = cfg;
	w->track = calloc(n, sizeof(*w->track));
	w->takes = calloc((size_t)CIS_N_EVENT * n, sizeof(*w->takes));
	if (!w->track || !w->takes || !begin(w, cfg->rate_hz)) {
		cis_watch_free(w);
		return NULL;
	}
	for (unsigned i = 0; i < CIS_N_EVENT; i++)
		w->event[i].takes = w->takes + (size_t)i * n;
	return w;
}

void cis_watch_free(struct cis_watch *watch)
{
	if (!watch)
		return;
	cis_bank_free(watch->bank);
	free(watch->track);
	free(watch->takes);
	free(watch->work);
	free(watch);
}

bool cis_watch_wants(const struct cis_watch *watch)
{
	return cis_bank_wants(watch->bank);
}

int cis_watch_design(struct cis_watch *watch)
{
	return cis_bank_make_one(watch->bank);
}

const struct cis_event *cis_watch_events(const struct cis_watch *watch)
{
	return watch->event;
}

double cis_watch_freq_hz(const struct cis_watch *watch, uint32_t chan)
{
	return watch->track[chan].freq_hz;
}

/* ---- one channel's samples ---- */

/* A channel under search, with what that takes. */
struct look {
	struct cis_watch *w;
	const struct cis_watch_span *span;
	uint32_t chan;
	struct track *track;
	const struct cis_jump *jump; /* NULL: none that serves */
	int64_t spacing;
};

static const double *after(const struct look *k, int64_t at)
{
	const struct cis_history *h = k->span->hist;

	return h->x + (size_t)k->chan * h->cap + (at - (int64_t)h->first);
}

/* The whole window of a candidate is there. */
static bool inside(const struct look *k, int64_t at)
{
	const struct cis_history *h = k->span->hist;
	int64_t half = k->w->half, first = (int64_t)h->first;

	return at - half >= first && at + half <= first + (int64_t)h->n;
}

/* The design for the frequency now; that of a jump's own sampling rate is
 * `ratio` times other. */
static const struct cis_jump *design_for(struct cis_watch *w, double rate_hz,
					 double freq_hz)
{
	double f_hz = freq_hz * w->kind.rate_hz / rate_hz;
	int index = cis_bank_index(w->bank, f_hz), found = index;
	const void *j = cis_bank_get(w->bank, index);

	if (!j)
		j = w->cfg->background
			    ? cis_bank_nearest(w->bank, index, &found)
			    : cis_bank_make(w->bank, index);
	if (fabs(cis_bank_seed_hz(w->bank, found) - f_hz) > NEAR_HZ)
		return NULL;
	return j;
}

static double measured_hz(const struct look *k, const struct cis_jump_glance *g)
{
	return g->freq_hz * k->span->rate_hz / k->w->kind.rate_hz;
}

/* Most of the samples is a fundamental, and not far off. */
static bool sound(const struct look *k, const struct cis_jump_glance *g)
{
	return g->share > 0.5 && g->share < 1.5 &&
	       cis_health_in_range(measured_hz(k, g), k->w->cfg->fnom_hz);
}

/* Where a search begins the frequency is found anew. */
static void settle(struct look *k)
{
	struct track *t = k->track;
	double fnom = k->w->cfg->fnom_hz;

	if (!(t->freq_hz > 0))
		t->freq_hz = fnom;
	t->settled = true;
	for (unsigned i = 0; i < 3; i++) {
		struct cis_jump_glance g;

		k->jump = design_for(k->w, k->span->rate_hz, t->freq_hz);
		if (!k->jump)
			return;
		g = cis_jump_glance(k->jump, after(k, t->next), k->w->work);
		if (!sound(k, &g))
			return;
		t->freq_hz = measured_hz(k, &g);
	}
}

static void follow(struct look *k, const struct cis_jump_glance *g)
{
	struct track *t = k->track;

	if (!sound(k, g))
		return;
	t->freq_hz += FOLLOW * (measured_hz(k, g) - t->freq_hz);
	k->jump = design_for(k->w, k->span->rate_hz, t->freq_hz);
}

/* ---- events ---- */

static double instant_of(const struct look *k, int64_t at)
{
	return (double)at - 0.5 +
	       k->span->hist->delay_s[k->chan] * k->span->rate_hz;
}

/* Steps no farther apart are one; in scans. */
static double width_of(double rate_hz)
{
	return fmax(TOGETHER_S * rate_hz, 1.01);
}

static struct cis_event *event_near(struct cis_watch *w, double at,
				    double rate_hz)
{
	double width = width_of(rate_hz);
	struct cis_event *best = NULL;

	for (unsigned i = 0; i < CIS_N_EVENT; i++) {
		struct cis_event *ev = &w->event[i];

		if (ev->n_takes && fabs(ev->at - at) <= width &&
		    (!best || fabs(ev->at - at) < fabs(best->at - at)))
			best = ev;
	}
	return best;
}

static void add(struct look *k, int64_t at)
{
	struct cis_watch *w = k->w;
	double t = instant_of(k, at);
	struct cis_event *ev = event_near(w, t, k->span->rate_hz);

	if (!ev) {
		ev = &w->event[w->next_event];
		w->next_event = (w->next_event + 1) % CIS_N_EVENT;
		memset(ev->takes, 0, w->cfg->map->n_chan);
		ev->n_takes = 0;
		ev->at = t;
	}
	if (ev->takes[k->chan])
		return;
	ev->takes[k->chan] = 1;
	ev->n_takes++;
	ev->changed = true;
}

/* ---- the search ---- */

/* Every sample around a candidate that is worth it. */
static void refine(struct look *k, int64_t at)
{
	int64_t around = (int64_t)ceil(AROUND * (double)k->spacing) + 1;
	struct cis_jump_found f, best = {.f = 0};
	int64_t where = 0;

	for (int64_t d = -around; d <= around; d++) {
		if (!inside(k, at + d))
			continue;
		f = cis_jump_test(k->jump, after(k, at + d), k->w->work);
		if (f.f > best.f) {
			best = f;
			where = d;
		}
	}
	if (llabs(where) < around && cis_jump_is(k->jump, &best))
		add(k, at + where);
}

/* F over its limit; 0 where the jump is not deep enough. */
static double ask(struct look *k, struct cis_jump_glance *g)
{
	const double *x = after(k, k->track->next);

	*g = (struct cis_jump_glance){.depth = 0};
	if (!k->jump)
		return 0;
	*g = cis_jump_glance(k->jump, x, k->w->work);
	if (!(g->depth > DEEP * CIS_JUMP_DEPTH))
		return 0;
	return cis_jump_test(k->jump, x, k->w->work).f /
	       cis_jump_limit(k->jump);
}

static void look_at(struct look *k)
{
	struct track *t = k->track;
	struct cis_jump_glance g;
	double f = ask(k, &g);

	if (k->jump && t->f[1] > WORTH && t->f[1] >= t->f[0] && t->f[1] > f)
		refine(k, t->next - k->spacing);
	t->f[0] = t->f[1];
	t->f[1] = f;
	follow(k, &g);
}

static void run_channel(struct look *k)
{
	struct track *t = k->track;
	int64_t half = k->w->half, first = (int64_t)k->span->hist->first;
	int64_t lo =
		k->span->from > first + half ? k->span->from : first + half;
	int64_t hi = k->span->end - half;

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
		k->jump = design_for(k->w, k->span->rate_hz, t->freq_hz);
	for (; t->next <= hi; t->next += k->spacing)
		look_at(k);
}

/* ---- dates ---- */

static struct look look_of(struct cis_watch *w,
			   const struct cis_watch_span *span, uint32_t chan)
{
	int64_t spacing = lround(SPACING_S * span->rate_hz);

	return (struct look){.w = w,
			     .span = span,
			     .chan = chan,
			     .track = &w->track[chan],
			     .spacing = spacing > 1 ? spacing : 1};
}

/* A channel's first sample after an instant. */
static int64_t sample_after(const struct look *k, double at)
{
	double delay = k->span->hist->delay_s[k->chan] * k->span->rate_hz;

	return (int64_t)ceil(at - delay);
}

static double log_f(struct look *k, double at)
{
	int64_t i = sample_after(k, at);

	if (!k->jump || !inside(k, i))
		return 0;
	return log(cis_jump_test(k->jump, after(k, i), k->w->work).f);
}

/* The dating members, no more than there is room for. */
static unsigned members(struct cis_watch *w, const struct cis_watch_span *span,
			const struct cis_event *ev, struct look *k)
{
	unsigned n = 0;

	for (uint32_t c = 0; c < w->cfg->map->n_chan && n < MAX_DATING; c++) {
		if (!ev->takes[c])
			continue;
		k[n] = look_of(w, span, c);
		k[n].jump = design_for(w, span->rate_hz, w->track[c].freq_hz);
		n++;
	}
	return n;
}

/* The instant between samples that all members together like best: the residual
 * of each, to the power of -N/2, is its likelihood. */
static void date(struct cis_watch *w, const struct cis_watch_span *span,
		 struct cis_event *ev)
{
	struct look k[MAX_DATING];
	unsigned n = members(w, span, ev, k);
	int width = (int)width_of(span->rate_hz);
	double best = 0;
	double start = ev->at, at = start;

	for (unsigned i = 0; i < n; i++)
		best += log_f(&k[i], start);
	for (int d = -width; d <= width; d++) {
		double sum = 0, t = start + d;

		for (unsigned i = 0; i < n; i++)
			sum += log_f(&k[i], t);
		if (sum > best) {
			best = sum;
			at = t;
		}
	}
	ev->at = at;
	ev->changed = false;
}

static void take(struct cis_event *ev, uint32_t chan)
{
	ev->n_takes += !ev->takes[chan];
	ev->takes[chan] = 1;
}

/* Of events that turn out to be one, one remains. */
static bool absorb(struct cis_watch *w, double rate_hz, struct cis_event *ev)
{
	bool any = false;

	for (unsigned i = 0; i < CIS_N_EVENT; i++) {
		struct cis_event *old = &w->event[i];

		if (old == ev || old->n_takes == 0 ||
		    fabs(old->at - ev->at) > width_of(rate_hz))
			continue;
		for (uint32_t c = 0; c < w->cfg->map->n_chan; c++)
			if (old->takes[c])
				take(ev, c);
		old->n_takes = 0;
		any = true;
	}
	return any;
}

/* Channels that would not be sure of a step by themselves are, of one that
 * others have. */
static void join(struct cis_watch *w, const struct cis_watch_span *span,
		 struct cis_event *ev)
{
	for (uint32_t c = 0; c < w->cfg->map->n_chan; c++) {
		struct look k = look_of(w, span, c);
		struct cis_jump_found f;
		int64_t at = sample_after(&k, ev->at);

		if (ev->takes[c] || !inside(&k, at))
			continue;
		k.jump = design_for(w, span->rate_hz, k.track->freq_hz);
		if (!k.jump)
			continue;
		f = cis_jump_test(k.jump, after(&k, at), w->work);
		if (f.f > WORTH * cis_jump_limit(k.jump) &&
		    f.depth > CIS_JUMP_DEPTH)
			take(ev, c);
	}
}

static void settle_events(struct cis_watch *w,
			  const struct cis_watch_span *span)
{
	for (unsigned i = 0; i < CIS_N_EVENT; i++) {
		struct cis_event *ev = &w->event[i];

		if (ev->n_takes == 0 || !ev->changed)
			continue;
		date(w, span, ev);
		if (absorb(w, span->rate_hz, ev))
			date(w, span, ev);
		join(w, span, ev);
	}
}

/* ---- all of it ---- */

static void restart(struct cis_watch *w)
{
	for (uint32_t c = 0; c < w->cfg->map->n_chan; c++)
		w->track[c] = (struct track){.freq_hz = 0};
}

/* False: there is nothing to be had at this rate. */
static bool serves(struct cis_watch *w, double rate_hz)
{
	if (fabs(rate_hz / w->kind.rate_hz - 1) <= NEAR_RATE)
		return true;
	if (w->cfg->background || !begin(w, rate_hz))
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
		for (unsigned i = 0; i < CIS_N_EVENT; i++)
			w->event[i].n_takes = 0;
	}
	w->seen_first = first;
	w->seen_end = end;
}

void cis_watch_run(struct cis_watch *watch, const struct cis_watch_span *span)
{
	mind_count(watch, span->hist);
	if (!serves(watch, span->rate_hz))
		return;
	for (uint32_t c = 0; c < watch->cfg->map->n_chan; c++) {
		struct look k = look_of(watch, span, c);

		run_channel(&k);
	}
	settle_events(watch, span);
}

/* step.c - see step.h. */
#include "step.h"

#include <math.h>
#include <stdlib.h>

#include "health.h"
#include "step_fit.h"
#include "step_watch.h"

/* Samples on either side of an instant that its fit looks at. */
#define REACH_S 0.25
/* Steps of one channel within a window. */
#define MAX_CUT CIS_N_EVENT

struct cis_stepper {
	const struct cis_estim_config *cfg;
	double half_s; /* of the profile's window */
	double reach_s;
	struct cis_watch *watch;
	struct cis_step_fitter fitter;
};

double cis_step_lookahead_s(double fnom_hz)
{
	return cis_watch_ahead_s(fnom_hz);
}

struct cis_stepper *cis_stepper_new(const struct cis_estim_config *cfg)
{
	struct cis_stepper *st = calloc(1, sizeof(*st));
	double top_hz = CIS_RATE_SLACK * cfg->rate_hz, length_s;

	if (!st)
		return NULL;
	st->cfg = cfg;
	st->half_s = cis_estim_window_s(cfg) / 2;
	st->reach_s = fmin(st->half_s, REACH_S);
	length_s = 2 * st->reach_s + cis_step_lookahead_s(cfg->fnom_hz);
	st->watch = cis_watch_new(cfg);
	if (st->watch &&
	    !cis_step_fitter_init(&st->fitter,
				  (uint32_t)ceil(length_s * top_hz) + 4, top_hz,
				  cfg->fnom_hz))
		return st;
	cis_watch_free(st->watch);
	free(st);
	return NULL;
}

void cis_stepper_free(struct cis_stepper *st)
{
	if (!st)
		return;
	cis_watch_free(st->watch);
	cis_step_fitter_fini(&st->fitter);
	free(st);
}

bool cis_stepper_wants(const struct cis_stepper *st)
{
	return cis_watch_wants(st->watch);
}

int cis_stepper_design(struct cis_stepper *st)
{
	return cis_watch_design(st->watch);
}

/* ---- where things are ---- */

/* One channel's samples about the instant, in scans of the history. */
struct view {
	const double *x; /* of scan `first` */
	int64_t first, end;
	double inside; /* the instant, in samples of x */
	double at;     /* in scans: after hours, not to the last picosecond */
	double delay;  /* in scans */
};

static struct view view_of(const struct cis_step_case *sc, uint32_t chan)
{
	const struct cis_history *h = sc->hist;
	const struct cis_chan_fit *cf = &sc->w->fit[chan];
	const double *x = h->x + (size_t)chan * h->cap;
	double rate = sc->w->rate_hz;
	struct view v = {.x = x,
			 .first = (int64_t)h->first,
			 .end = (int64_t)(h->first + h->n),
			 .delay = h->delay_s[chan] * rate};

	v.inside = (double)(cf->s - x) + (sc->w->n - 1) / 2.0 +
		   cf->offset_s * rate;
	v.at = v.inside + (double)v.first;
	return v;
}

/* Samples up to `ahead` after the window, whatever else has come: reports do
 * not depend on the size of blocks. */
static int64_t end_of(const struct cis_stepper *st,
		      const struct cis_step_case *sc, const struct view *v)
{
	double rate = sc->w->rate_hz;
	double last = v->at + (sc->w->n - 1) / 2.0 +
		      cis_step_lookahead_s(st->cfg->fnom_hz) * rate;
	int64_t end = (int64_t)floor(last) + 1;

	return end < v->end ? end : v->end;
}

/* ---- the search ---- */

static void search(struct cis_stepper *st, const struct cis_step_case *sc)
{
	struct cis_watch_span span = {.hist = sc->hist,
				      .rate_hz = sc->w->rate_hz,
				      .from = INT64_MAX,
				      .end = INT64_MAX};

	for (uint32_t c = 0; c < st->cfg->map->n_chan; c++) {
		struct view v;
		int64_t from, end;

		if (!sc->w->fit[c].s)
			continue;
		v = view_of(sc, c);
		from = (int64_t)floor(v.at - (sc->w->n - 1) / 2.0);
		end = end_of(st, sc, &v);
		span.from = from < span.from ? from : span.from;
		span.end = end < span.end ? end : span.end;
	}
	if (span.end != INT64_MAX)
		cis_watch_run(st->watch, &span);
}

/* The steps of a channel within half_s of the instant, ascending, in scans. */
static unsigned cuts_of(const struct cis_stepper *st,
			const struct cis_step_case *sc, uint32_t chan,
			double cut[MAX_CUT])
{
	const struct cis_event *ev = cis_watch_events(st->watch);
	struct view v = view_of(sc, chan);
	double half = st->half_s * sc->w->rate_hz;
	unsigned n = 0;

	for (unsigned i = 0; i < CIS_N_EVENT; i++) {
		double at = ev[i].at - v.delay;
		unsigned k;

		if (!ev[i].n_takes || !ev[i].takes[chan] ||
		    fabs(at - v.at) > half)
			continue;
		for (k = n++; k > 0 && cut[k - 1] > at; k--)
			cut[k] = cut[k - 1];
		cut[k] = at;
	}
	return n;
}

/* ---- the fit ---- */

/* What lies behind the blind window has not been looked at. */
static int64_t whole_until(const struct view *v, int64_t from, int64_t end)
{
	while (from < end && isfinite(v->x[from - v->first]))
		from++;
	return from;
}

static void fit(struct cis_stepper *st, const struct cis_step_case *sc,
		uint32_t chan, double cut[MAX_CUT], unsigned n_cut)
{
	struct cis_chan_fit *cf = &sc->w->fit[chan];
	struct view v = view_of(sc, chan);
	double reach = st->reach_s * sc->w->rate_hz;
	int64_t from = (int64_t)ceil(v.at - reach);
	int64_t known = (int64_t)floor(v.at + reach);
	int64_t end = end_of(st, sc, &v);
	int64_t most =
		known + (int64_t)(cis_step_lookahead_s(st->cfg->fnom_hz) *
				  sc->w->rate_hz);
	struct cis_step_job job;

	if (from < v.first)
		from = v.first;
	end = whole_until(&v, known, end < most ? end : most);
	for (unsigned i = 0; i < n_cut; i++)
		cut[i] -= (double)from;
	job = (struct cis_step_job){.s = v.x + (from - v.first),
				    .n = (uint32_t)(end - from),
				    .rate_hz = sc->w->rate_hz,
				    .at = v.inside - (double)(from - v.first),
				    .cut = cut,
				    .n_cut = n_cut,
				    .fnom_hz = st->cfg->fnom_hz,
				    .seed_hz =
					    cis_watch_freq_hz(st->watch, chan)};
	if (cis_step_fit(&st->fitter, &job, &cf->dyn) == 0)
		cf->dyn.flags =
			cis_health_flags(&st->cfg->map->chan[chan], &cf->dyn,
					 cf->before, st->cfg->fnom_hz);
	else
		cf->dyn.flags |= CIS_REPORT_NOFIT;
}

bool cis_step_apply(struct cis_stepper *st, const struct cis_step_case *sc)
{
	const uint32_t renewed = CIS_NOTE_DISTURBED | CIS_NOTE_ACB;
	uint32_t notes = sc->sys->notes & ~renewed;
	bool any = false;

	search(st, sc);
	for (uint32_t c = 0; c < st->cfg->map->n_chan; c++) {
		double cut[MAX_CUT];
		unsigned n_cut;

		if (!sc->w->fit[c].s || (sc->w->fit[c].before & CIS_REPORT_GAP))
			continue;
		n_cut = cuts_of(st, sc, c, cut);
		if (n_cut == 0)
			continue;
		fit(st, sc, c, cut, n_cut);
		any = true;
	}
	if (!any)
		return false;
	*sc->sys = cis_combine(st->cfg->map, sc->w->fit, st->cfg->fnom_hz);
	sc->sys->notes |= notes | CIS_NOTE_STEP;
	return true;
}

/* step_events.c - see step_events.h. */
#include "step_events.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Steps nearer to one another are one. */
#define TOGETHER_S 2e-4
/* Members whose samples date an event. */
#define MAX_DATING 8
/* Part of the limit of F that will do where others have the step. */
#define WORTH      0.25

bool cis_step_events_init(struct cis_step_events *t, uint32_t n_chan)
{
	t->n_chan = n_chan;
	t->takes = calloc((size_t)CIS_N_EVENT * n_chan, sizeof(*t->takes));
	for (unsigned i = 0; i < CIS_N_EVENT && t->takes; i++)
		t->event[i].takes = t->takes + (size_t)i * n_chan;
	return t->takes;
}

void cis_step_events_fini(struct cis_step_events *t)
{
	free(t->takes);
}

void cis_step_events_forget(struct cis_step_events *t)
{
	for (unsigned i = 0; i < CIS_N_EVENT; i++)
		t->event[i].n_takes = 0;
}

/* ---- which event ---- */

static double instant_of(const struct cis_step_look *k, int64_t at)
{
	return (double)at - 0.5 +
	       k->span->hist->delay_s[k->chan] * k->span->rate_hz;
}

/* Steps no farther apart are one; in scans. */
static double width_of(double rate_hz)
{
	return fmax(TOGETHER_S * rate_hz, 1.01);
}

static struct cis_event *event_near(struct cis_step_events *t, double at,
				    double rate_hz)
{
	double width = width_of(rate_hz);
	struct cis_event *best = NULL;

	for (unsigned i = 0; i < CIS_N_EVENT; i++) {
		struct cis_event *ev = &t->event[i];

		if (ev->n_takes && fabs(ev->at - at) <= width &&
		    (!best || fabs(ev->at - at) < fabs(best->at - at)))
			best = ev;
	}
	return best;
}

void cis_step_events_add(struct cis_step_events *t,
			 const struct cis_step_look *k, int64_t at)
{
	double when = instant_of(k, at);
	struct cis_event *ev = event_near(t, when, k->span->rate_hz);

	if (!ev) {
		ev = &t->event[t->next];
		t->next = (t->next + 1) % CIS_N_EVENT;
		memset(ev->takes, 0, t->n_chan);
		ev->n_takes = 0;
		ev->at = when;
	}
	if (ev->takes[k->chan])
		return;
	ev->takes[k->chan] = 1;
	ev->n_takes++;
	ev->changed = true;
}

/* ---- dates ---- */

struct cis_step_look cis_step_look_at(const struct cis_step_scene *scene,
				      uint32_t chan)
{
	return (struct cis_step_look){
		.designs = scene->designs, .span = scene->span, .chan = chan};
}

/* A channel's first sample after an instant. */
static int64_t sample_after(const struct cis_step_look *k, double at)
{
	double delay = k->span->hist->delay_s[k->chan] * k->span->rate_hz;

	return (int64_t)ceil(at - delay);
}

static double log_f(struct cis_step_look *k, double at)
{
	int64_t i = sample_after(k, at);

	if (!k->jump || !cis_step_inside(k, i))
		return 0;
	return log(cis_step_test(k, i).f);
}

/* The dating members, no more than there is room for. */
static unsigned members(struct cis_step_events *t,
			const struct cis_step_scene *scene,
			const struct cis_event *ev, struct cis_step_look *k)
{
	unsigned n = 0;

	for (uint32_t c = 0; c < t->n_chan && n < MAX_DATING; c++) {
		if (!ev->takes[c])
			continue;
		k[n] = cis_step_look_at(scene, c);
		cis_step_look_by(&k[n], scene->freq_hz[c]);
		n++;
	}
	return n;
}

/* The instant between samples that all members together like best: the residual
 * of each, to the power of -N/2, is its likelihood. */
static void date(struct cis_step_events *t, const struct cis_step_scene *scene,
		 struct cis_event *ev)
{
	struct cis_step_look k[MAX_DATING];
	unsigned n = members(t, scene, ev, k);
	int width = (int)width_of(scene->span->rate_hz);
	double best = 0;
	double start = ev->at, at = start;

	for (unsigned i = 0; i < n; i++)
		best += log_f(&k[i], start);
	for (int d = -width; d <= width; d++) {
		double sum = 0, when = start + d;

		for (unsigned i = 0; i < n; i++)
			sum += log_f(&k[i], when);
		if (sum > best) {
			best = sum;
			at = when;
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
static bool absorb(struct cis_step_events *t, double rate_hz,
		   struct cis_event *ev)
{
	bool any = false;

	for (unsigned i = 0; i < CIS_N_EVENT; i++) {
		struct cis_event *old = &t->event[i];

		if (old == ev || old->n_takes == 0 ||
		    fabs(old->at - ev->at) > width_of(rate_hz))
			continue;
		for (uint32_t c = 0; c < t->n_chan; c++)
			if (old->takes[c])
				take(ev, c);
		old->n_takes = 0;
		any = true;
	}
	return any;
}

/* Channels that would not be sure of a step by themselves are, of one that
 * others have. */
static void join(struct cis_step_events *t, const struct cis_step_scene *scene,
		 struct cis_event *ev)
{
	for (uint32_t c = 0; c < t->n_chan; c++) {
		struct cis_step_look k = cis_step_look_at(scene, c);
		struct cis_jump_found f;
		int64_t at = sample_after(&k, ev->at);

		if (ev->takes[c] || !cis_step_inside(&k, at))
			continue;
		cis_step_look_by(&k, scene->freq_hz[c]);
		if (!k.jump)
			continue;
		f = cis_step_test(&k, at);
		if (f.f > WORTH * cis_jump_limit(k.jump) &&
		    f.depth > CIS_JUMP_DEPTH)
			take(ev, c);
	}
}

void cis_step_events_settle(struct cis_step_events *t,
			    const struct cis_step_scene *scene)
{
	for (unsigned i = 0; i < CIS_N_EVENT; i++) {
		struct cis_event *ev = &t->event[i];

		if (ev->n_takes == 0 || !ev->changed)
			continue;
		date(t, scene, ev);
		if (absorb(t, scene->span->rate_hz, ev))
			date(t, scene, ev);
		join(t, scene, ev);
	}
}

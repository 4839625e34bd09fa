/* mcu_watch.c - see mcu_watch.h. */
#include "mcu_watch.h"

#include <math.h>

/* Edges are stepped at 1 ms; below, they are only slewed. */
#define STEADY_NS 900000
/* Reports one after the other; and how long it takes at the least from good
 * edges over fault and acquisition to good edges. In holdover pulses from
 * elsewhere may have come for long already: two reports tell of a step. */
#define NEXT_S    1.5
#define HELD_S    2.5
#define DEAF_S    10.0
/* A report is read some 0.1 s late; a computer that was busy reads several at
 * once, and then in time again. */
#define OFF_S     0.5
#define N_OFF     3
/* Names differ by whole seconds. Reports that are sooner by less than before were
 * read late before, where no name was left out. */
#define SOONER_S  0.8

/* Another label than before has named the start's second: it is told anew what
 * the monotonic clock has to do with it. */
static void begin_anew(struct mcu_watch *w)
{
	double s = (double)w->last_tai_s - 1e-9 * (double)w->last_ns;

	if (w->last_tai_s && fabs(s - w->ref_s) >= OFF_S)
		w->has_ref = false;
}

void mcu_watch_start(struct mcu_watch *w, int64_t tai_s, uint32_t rate_hz)
{
	begin_anew(w);
	w->on = true;
	w->torn = w->skipped = false;
	w->start_tai_s = tai_s;
	w->rate_hz = rate_hz;
}

void mcu_watch_void(struct mcu_watch *w)
{
	w->torn = w->on;
}

/* For how long nothing was heard of its edges, by its own seconds if known. */
static double deaf_s(const struct mcu_watch *w, const struct mcu_heard *h)
{
	if (w->last_tai_s && h->tai_s)
		return (double)(h->tai_s - w->last_tai_s);
	return 1e-9 * (double)(h->now_ns - w->last_ns);
}

/* Another name for the seconds shows when it lasts, as does the first: reports
 * that waited and are read at once are each late by another time. Where the label
 * was away, it shows at once; away before the first is known, it never would. */
static bool jumped(struct mcu_watch *w, const struct mcu_heard *h)
{
	double s = (double)h->tai_s - 1e-9 * (double)h->now_ns;
	bool had_ref = w->has_ref, back = w->unnamed, sooner;

	w->unnamed = !h->tai_s;
	if (!h->tai_s)
		return !had_ref;
	if (h->tai_s != w->last_tai_s + 1)
		w->skipped = true;
	if (had_ref && fabs(s - w->ref_s) < OFF_S) {
		w->ref_s += (s - w->ref_s) / 8;
		w->n_off = 0;
		return false;
	}
	w->n_off = w->n_off && fabs(s - w->off_s) < OFF_S ? w->n_off + 1 : 1;
	w->off_s = s;
	if (w->n_off < N_OFF && !(had_ref && back))
		return false;
	sooner = !w->skipped && s > w->ref_s && s - w->ref_s < SOONER_S;
	w->has_ref = true;
	w->ref_s = s;
	w->n_off = 0;
	return had_ref && (back || !sooner);
}

/* The second that is over lies behind the start. */
static bool counts(const struct mcu_watch *w, const struct mcu_heard *h)
{
	return !h->tai_s || h->tai_s > w->start_tai_s;
}

/* For how long it leaves its edges where they are, or tells. */
static double steady_s(const struct fe_report *r)
{
	if (!r->has_error || r->error_ns >= STEADY_NS)
		return NEXT_S;
	if (r->state == FE_STATE_HOLDOVER)
		return HELD_S;
	return r->state == FE_STATE_LOCKED || r->state == FE_STATE_TRACK
		       ? DEAF_S
		       : NEXT_S;
}

void mcu_watch_report(struct mcu_watch *w, const struct mcu_heard *h)
{
	const struct fe_report *r = h->report;
	double deaf = w->has_last ? deaf_s(w, h) : 0;

	if (jumped(w, h) || deaf > w->steady_s ||
	    !(r->flags & FE_FLAG_RUNNING) || r->state == FE_STATE_FAULT ||
	    (counts(w, h) && r->edges != w->rate_hz))
		mcu_watch_void(w);
	w->has_last = true;
	w->last_tai_s = h->tai_s;
	w->last_ns = h->now_ns;
	w->steady_s = steady_s(r);
}

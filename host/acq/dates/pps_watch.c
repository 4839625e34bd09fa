/* pps_watch.c - see pps_watch.h. */
#include "pps_watch.h"

#include <math.h>
#include <string.h>

#define MIN_SWING_V 0.5
#define MOST_HIGH   0.55 /* of a second: a square wave is no fault */
#define N_HIGH      2    /* one may be a spike's */
#define N_QUIET_S   3    /* without an edge */
#define N_REFUSED   2
#define N_HELD      4 /* before lock three are held in any case */

static const struct cis_pps_second nothing = {.min_v = INFINITY,
					      .max_v = -INFINITY};

void cis_pps_watch_init(struct cis_pps_watch *w, double rate_hz)
{
	*w = (struct cis_pps_watch){.rate_hz = rate_hz};
	for (unsigned i = 0; i < CIS_PPS_WATCH_S; i++)
		w->last[i] = nothing;
}

static double swing_v(const struct cis_pps_second *s)
{
	return s->max_v - s->min_v;
}

static void end_second(struct cis_pps_watch *w)
{
	const struct cis_pps_second *s = &w->last[0];
	bool high = w->n_whole > 0 && swing_v(s) >= MIN_SWING_V &&
		    s->n_up > MOST_HIGH * s->n;

	w->n_high = high ? w->n_high + 1 : 0;
	memmove(w->last + 1, w->last,
		(CIS_PPS_WATCH_S - 1) * sizeof(w->last[0]));
	w->last[0] = nothing;
	if (w->n_whole < CIS_PPS_WATCH_S)
		w->n_whole++;
}

void cis_pps_watch_samples(struct cis_pps_watch *w, const double *v, uint32_t n)
{
	struct cis_pps_second *s = &w->last[0];

	for (uint32_t i = 0; i < n; i++) {
		double middle_v = (w->last[1].min_v + w->last[1].max_v) / 2;

		s->n++;
		s->n_up += v[i] > middle_v;
		s->min_v = fmin(s->min_v, v[i]);
		s->max_v = fmax(s->max_v, v[i]);
		if (s->n >= w->rate_hz)
			end_second(w);
	}
}

/* Into the second under way: what is used of it and what is not goes out of sight
 * together. */
static void gather(struct cis_pps_watch *w)
{
	for (unsigned i = 1; i < CIS_PPS_WATCH_S; i++) {
		struct cis_pps_second *s = &w->last[i];

		w->last[0].n_edge += s->n_edge;
		w->last[0].n_fit += s->n_fit;
		w->last[0].n_used += s->n_used;
		s->n_edge = s->n_fit = s->n_used = 0;
	}
}

void cis_pps_watch_edge(struct cis_pps_watch *w, bool fit, uint64_t n_used)
{
	if (n_used > 1)
		gather(w);
	w->last[0].n_edge++;
	w->last[0].n_fit += fit;
	w->last[0].n_used += (uint32_t)n_used;
}

static struct cis_pps_second sum(const struct cis_pps_watch *w)
{
	struct cis_pps_second all = nothing;

	for (unsigned i = 0; i < CIS_PPS_WATCH_S; i++) {
		all.min_v = fmin(all.min_v, w->last[i].min_v);
		all.max_v = fmax(all.max_v, w->last[i].max_v);
		all.n_edge += w->last[i].n_edge;
		all.n_fit += w->last[i].n_fit;
		all.n_used += w->last[i].n_used;
	}
	return all;
}

static enum cis_pps_why why_not_locked(const struct cis_pps_watch *w,
				       const struct cis_pps_second *all)
{
	if (all->n_edge == 0 && w->n_whole >= N_QUIET_S)
		return swing_v(all) < MIN_SWING_V ? CIS_PPS_FLAT
						  : CIS_PPS_NO_EDGE;
	if (all->n_edge >= N_HELD && all->n_fit <= all->n_edge / 2)
		return CIS_PPS_NO_FIT;
	return all->n_fit >= N_HELD ? CIS_PPS_NOT_A_SECOND : CIS_PPS_GOOD;
}

enum cis_pps_why cis_pps_watch_why(const struct cis_pps_watch *w, bool locked)
{
	struct cis_pps_second all = sum(w);
	uint32_t n_refused =
		all.n_fit > all.n_used ? all.n_fit - all.n_used : 0;

	if (w->n_high >= N_HIGH || (w->n_high && w->n_whole <= N_HIGH))
		return CIS_PPS_INVERTED;
	if (!locked)
		return why_not_locked(w, &all);
	/* One more: with 2 Hz it is so from the lock on. */
	if (n_refused >= N_REFUSED && n_refused + 1 >= all.n_used)
		return CIS_PPS_REFUSED;
	return CIS_PPS_GOOD;
}

const char *cis_pps_why_name(enum cis_pps_why why)
{
	static const char *const names[CIS_PPS_N_WHY] = {
		[CIS_PPS_FLAT] = "no-pulse",
		[CIS_PPS_NO_EDGE] = "no-edge",
		[CIS_PPS_NO_FIT] = "no-fit",
		[CIS_PPS_NOT_A_SECOND] = "not-a-second",
		[CIS_PPS_REFUSED] = "refused",
		[CIS_PPS_INVERTED] = "inverted",
		[CIS_PPS_NO_NAME] = "no-name",
	};

	return names[why];
}

const char *cis_pps_why_text(enum cis_pps_why why)
{
	static const char *const texts[CIS_PPS_N_WHY] = {
		[CIS_PPS_FLAT] = "no pulse comes: the input moves by less than "
				 "0.5 V",
		[CIS_PPS_NO_EDGE] =
			"no pulse comes: the input moves, but does not rise by "
			"0.5 V within some ms and stay up",
		[CIS_PPS_NO_FIT] = "pulses come, but do not rise as through a "
				   "resistor and a capacitor of 1 ms at most",
		[CIS_PPS_NOT_A_SECOND] =
			"pulses come, but not one a second within 250 ppm of "
			"the nominal rate",
		[CIS_PPS_REFUSED] = "about as many pulses were refused as used "
				    "in 10 s: they are not one a second",
		[CIS_PPS_INVERTED] =
			"the pulse looks inverted: it is high for more than "
			"half of the second, which its rising edge has to "
			"begin",
		[CIS_PPS_NO_NAME] =
			"the pulse is about half a second off this computer's "
			"clock, which cannot name its second: set the clock",
	};

	return texts[why];
}

/* arrival.c - see arrival.h. */
#include "arrival.h"

#include <math.h>

#define MARGIN_S       5e-3  /* outside what was seen */
#define START_MARGIN_S 10e-3 /* the same, of the first after a start */
/* A lag may become much smaller: all before were delayed, under load. */
#define EARLY_S        0.1
#define FIRST_S        0.1 /* what is believed without any start before */
#define DOUBT_NS       INT64_C(300000000) /* so long at least ... */
#define N_DOUBT        6                  /* ... and so many */
/* Of the time between two arrivals so much counts: neither this computer's nor
 * its timers' standing still says anything of the board. */
#define COUNTED_NS     INT64_C(20000000)
#define STRETCH_NS     INT64_C(1000000000)
/* Between the moments before and after: more, and it says too little. */
#define SHARP_S        2e-3
#define MAX_BLURRED    50 /* in a row, at a start */
#define MAX_BAD        5
#define SMOOTHING      64

static const struct cis_lag_range empty = {INFINITY, -INFINITY};

static void extend(struct cis_lag_range *r, double s)
{
	r->lo_s = fmin(r->lo_s, s);
	r->hi_s = fmax(r->hi_s, s);
}

void cis_arrival_init(struct cis_arrival *a)
{
	*a = (struct cis_arrival){.good = empty, .tried = empty};
}

void cis_arrival_start(struct cis_arrival *a, int64_t now_ns)
{
	a->believed = false;
	a->start_ns = now_ns;
	a->now = empty;
	a->before = empty;
	a->stretch_ns = now_ns;
	a->last_ns = now_ns;
	a->wait_ns = 0;
	a->n_doubt = 0;
}

/* Where lag_s .. late_s, somewhere in which the truth lies, is against a range:
 * above it 1, below it -1. */
static int side(const struct cis_lag_range *r, double margin_s, double lag_s,
		double late_s)
{
	if (lag_s > r->hi_s + margin_s)
		return 1;
	return late_s < r->lo_s - EARLY_S ? -1 : 0;
}

static bool is_empty(const struct cis_lag_range *r)
{
	return r->lo_s > r->hi_s;
}

/* As side(), against starts before. */
static int side_of_start(const struct cis_arrival *a, double lag_s,
			 double late_s)
{
	const struct cis_lag_range nothing_known = {0, FIRST_S};
	const struct cis_lag_range *good =
		is_empty(&a->good) ? &nothing_known : &a->good;

	if (a->n_bad >= MAX_BAD ||
	    (!is_empty(&a->tried) &&
	     side(&a->tried, START_MARGIN_S, lag_s, late_s) == 0))
		return 0;
	return side(good, START_MARGIN_S, lag_s, late_s);
}

static enum cis_arrival_verdict judge_start(struct cis_arrival *a, double lag_s,
					    double late_s)
{
	int where = side_of_start(a, lag_s, late_s);

	if (where) {
		a->n_bad++;
		a->tried = (struct cis_lag_range){lag_s, late_s};
		return where > 0 ? CIS_ARRIVAL_LATE : CIS_ARRIVAL_EARLY;
	}
	a->believed = true;
	a->n_bad = 0;
	a->good = empty;
	a->tried = empty;
	return CIS_ARRIVAL_FINE;
}

/* The ranges of the last second or two. */
static void keep(struct cis_arrival *a, double lag_s, double late_s,
		 int64_t now_ns)
{
	if (now_ns - a->stretch_ns > STRETCH_NS) {
		a->before = a->now;
		a->now = empty;
		a->stretch_ns = now_ns;
	}
	extend(&a->now, lag_s);
	extend(&a->now, late_s);
	a->wait_ns += (now_ns - a->last_ns - a->wait_ns) / SMOOTHING;
	a->last_ns = now_ns;
	if (now_ns - a->start_ns <= STRETCH_NS) {
		extend(&a->good, lag_s);
		extend(&a->good, late_s);
	}
}

static int64_t counted_ns(const struct cis_arrival *a, int64_t ns)
{
	int64_t most =
		COUNTED_NS > 2 * a->wait_ns ? COUNTED_NS : 2 * a->wait_ns;

	return ns < most ? ns : most;
}

/* A lag that is on one side (`where`) of all before it: for how long? Where it
 * gets smaller again more scans come than time goes by: they are not missing. */
static enum cis_arrival_verdict doubt(struct cis_arrival *a, int where,
				      double lag_s, int64_t now_ns)
{
	if (where > 0 && lag_s < a->doubt_s - MARGIN_S)
		a->n_doubt = 0;
	if (a->n_doubt++ == 0) {
		a->doubt_ns = 0;
		a->doubt_s = lag_s;
	} else
		a->doubt_ns += counted_ns(a, now_ns - a->last_ns);
	a->last_ns = now_ns;
	if (a->n_doubt < N_DOUBT || a->doubt_ns < DOUBT_NS)
		return CIS_ARRIVAL_DOUBTFUL;
	return where > 0 ? CIS_ARRIVAL_LATE : CIS_ARRIVAL_EARLY;
}

enum cis_arrival_verdict cis_arrival_take(struct cis_arrival *a, double lag_s,
					  double late_s, int64_t now_ns)
{
	struct cis_lag_range seen = a->before;
	bool sharp = late_s - lag_s <= SHARP_S;
	int where = 0;

	if (!a->believed) {
		enum cis_arrival_verdict v;

		if (!sharp && a->n_doubt++ < MAX_BLURRED)
			return CIS_ARRIVAL_DOUBTFUL;
		sharp = true;
		v = judge_start(a, lag_s, late_s);
		if (v != CIS_ARRIVAL_FINE)
			return v;
	} else {
		seen.lo_s = fmin(seen.lo_s, a->now.lo_s);
		seen.hi_s = fmax(seen.hi_s, a->now.hi_s);
		where = side(&seen, MARGIN_S, lag_s, late_s);
	}
	if (where)
		return doubt(a, where, lag_s, now_ns);
	a->n_doubt = 0;
	if (sharp)
		keep(a, lag_s, late_s, now_ns);
	return CIS_ARRIVAL_FINE;
}

/* row_dates.c - see row_dates.h. */
#include "row_dates.h"

#include <math.h>

/* What a rate changes by, relative, per s, at most: as track.h has it. */
#define DRIFT_PER_S 1e-8

/* Dated well: not worse than the best by more than this. */
#define WELL 2.0

/* ---- the points ---- */

static void merge(struct cis_row_point *to, const struct cis_row_point *p)
{
	to->unc_s = fmax(to->unc_s, p->unc_s);
	to->unlocked_s = fmax(to->unlocked_s, p->unlocked_s);
	to->unsync |= p->unsync;
	to->bent |= p->bent || p->rate_hz != to->rate_hz;
	to->loose |= p->loose;
}

/* What is known well stays apart from what is not. */
static bool is_alike(const struct cis_row_point *a,
		     const struct cis_row_point *b)
{
	return a->unc_s <= WELL * b->unc_s && b->unc_s <= WELL * a->unc_s;
}

/* Merges neighbours, two by two; all: also those that are not alike. */
static void thin(struct cis_row_dates *d, bool all)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < d->n; i++) {
		struct cis_row_point p = d->point[i];

		if (i + 1 < d->n && (all || is_alike(&p, &d->point[i + 1])))
			merge(&p, &d->point[++i]);
		d->point[n++] = p;
	}
	d->n = n;
}

void cis_row_dates_put(struct cis_row_dates *d, const struct cis_row_point *p)
{
	struct cis_row_point *last = d->n ? &d->point[d->n - 1] : NULL;
	struct cis_row_point one = *p;

	if (!(one.unc_s >= 0))
		one.unc_s = INFINITY;
	if (last && p->row - last->row < d->spacing && is_alike(last, &one)) {
		merge(last, &one);
		return;
	}
	if (d->n == CIS_ROW_POINTS) {
		thin(d, false);
		d->spacing = (p->row - d->point[0].row) / (CIS_ROW_POINTS / 2);
	}
	if (d->n == CIS_ROW_POINTS)
		thin(d, true);
	d->point[d->n++] = one;
}

/* ---- the line ---- */

struct line {
	const struct cis_row_point *a, *b; /* the first and last dated well */
	double rate_hz;
	double s; /* between them */
};

static double off_s(const struct line *l, const struct cis_row_point *p)
{
	double rows = (double)(int64_t)(p->row - l->a->row);

	return fabs(cis_split_diff_s(p->at, l->a->at) - rows / l->rate_hz);
}

static bool is_bent(const struct cis_row_dates *d, const struct line *l)
{
	for (const struct cis_row_point *p = l->a; p < d->point + d->n; p++)
		if (p->bent || p->rate_hz != l->a->rate_hz)
			return true;
	return false;
}

/* The mean rate, where it is known better than that of the last clock. */
static double rate_of(const struct cis_row_dates *d, const struct line *l)
{
	double rows = (double)(int64_t)(l->b->row - l->a->row);
	double before = (double)(int64_t)(l->a->row - d->point[0].row);
	double hz = rows / l->s;

	if (!is_bent(d, l) || rows < before ||
	    !(fabs(hz - l->b->rate_hz) <= 0.01 * l->b->rate_hz))
		return l->b->rate_hz;
	return hz;
}

static struct line line_of(const struct cis_row_dates *d,
			   const struct cis_row_point *end)
{
	const struct cis_row_point *last = d->point + d->n - 1;
	struct line l = {.a = d->point, .b = end};
	double best_s = end->unc_s;

	for (uint32_t i = 0; i < d->n; i++)
		best_s = fmin(best_s, d->point[i].unc_s);
	while (l.a < last && !(l.a->unc_s <= WELL * best_s))
		l.a++;
	if (!(end->unc_s <= WELL * best_s))
		l.b = last;
	while (l.b != end && l.b > l.a && !(l.b->unc_s <= WELL * best_s))
		l.b--;
	l.s = cis_split_diff_s(l.b->at, l.a->at);
	l.rate_hz = rate_of(d, &l);
	return l;
}

/*
 * Of a row before a, where each row is a scan: what the line's ends leave open,
 * and a drift of the rate since then.
 */
static double before_s(const struct line *l, const struct cis_row_point *p)
{
	double u_s = fmax(l->a->unc_s, l->b->unc_s);
	double s = (double)(l->a->row - p->row) / l->rate_hz;

	if (s <= 0)
		return l->a->unc_s;
	return u_s + 2 * u_s * s / l->s + DRIFT_PER_S * s * s / 2;
}

static double bound_s(const struct cis_row_dates *d, const struct line *l,
		      const struct cis_row_point *end)
{
	double worst_s = off_s(l, end) + end->unc_s;
	bool counted = true; /* from p to a */

	for (uint32_t i = d->n; i-- > 0;) {
		const struct cis_row_point *p = &d->point[i];
		double s = off_s(l, p) + p->unc_s;

		if (p < l->a && counted)
			s = fmin(s, before_s(l, p));
		if (p <= l->a && p->loose)
			counted = false;
		worst_s = fmax(worst_s, s);
	}
	return worst_s;
}

/* Row 0, by a's date. */
static struct cis_time start_of(const struct line *l)
{
	double back_s = (double)l->a->row / l->rate_hz;
	double whole_s = floor(back_s);

	return (struct cis_time){
		.tai_ns =
			(l->a->at.tai_s - (int64_t)whole_s) * CIS_NS_PER_S +
			llround((l->a->at.frac_s - (back_s - whole_s)) * 1e9)};
}

struct cis_row_line cis_row_dates_line(const struct cis_row_dates *d,
				       const struct cis_row_point *end)
{
	struct line l = line_of(d, end);
	struct cis_row_line out = {
		.start = start_of(&l),
		.rate_hz = l.rate_hz,
		.quality = {.unc_s = bound_s(d, &l, end),
			    .unlocked_s = end->unlocked_s},
		.unsync = end->unsync,
	};

	for (const struct cis_row_point *p = l.a; p < d->point + d->n; p++) {
		out.quality.unlocked_s =
			fmax(out.quality.unlocked_s, p->unlocked_s);
		out.unsync |= p->unsync;
	}
	return out;
}

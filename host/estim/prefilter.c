/*
 * prefilter.c - smoothing, decimation, and both at once for rows.
 */
#include "prefilter.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>

#include "dyn.h"
#include "kaiser.h"

#define BETA 12

bool cis_prefilter_init(struct cis_prefilter *h, const struct cis_design *d)
{
	size_t reach;
	double sum = 0;

	*h = (struct cis_prefilter){.to = cis_design_decimation(d),
				    .rate_hz = d->rate_hz};
	reach = h->to.reach;
	h->tap = malloc((2 * reach + 1) * sizeof(double));
	if (!h->tap)
		return false;
	for (size_t i = 0; i <= reach; i++) {
		double w = cis_kaiser(BETA, i, reach);

		h->tap[reach + i] = h->tap[reach - i] = w;
		sum += i ? 2 * w : w;
	}
	for (size_t i = 0; i <= 2 * reach; i++)
		h->tap[i] /= sum;
	return true;
}

void cis_prefilter_free(struct cis_prefilter *h)
{
	free(h->tap);
}

double cis_prefilter_gain(const struct cis_prefilter *h, double hz)
{
	double step = 2 * CIS_PI * hz / h->rate_hz;
	const double *tap = h->tap + h->to.reach;
	double twice = 2 * cos(step), b1 = 0, b2 = 0;

	/* Clenshaw's sum of tap[i] cos(i step). */
	for (size_t i = h->to.reach; i >= 1; i--) {
		double b = 2 * tap[i] + twice * b1 - b2;

		b2 = b1;
		b1 = b;
	}
	return tap[0] + 0.5 * twice * b1 - b2;
}

double cis_prefilter_cov(const struct cis_prefilter *h, size_t lag)
{
	size_t n = 2 * h->to.reach + 1, by = lag * h->to.by;

	if (by >= n)
		return 0;
	return cblas_ddot((int)(n - by), h->tap, 1, h->tap + by, 1);
}

/* One point whose taps reach across 0. */
static double across(const struct cis_prefilter *h, unsigned odd,
		     const double *col, size_t at)
{
	size_t reach = h->to.reach;
	double sum = 0;

	for (size_t i = 0; i <= 2 * reach; i++) {
		bool before = at + i < reach;
		double x = before ? col[reach - at - i] : col[at + i - reach];

		sum += h->tap[i] * (before && odd ? -x : x);
	}
	return sum;
}

void cis_prefilter_apply(const struct cis_prefilter *h, unsigned odd,
			 const double *col, double *point)
{
	size_t reach = h->to.reach;

	for (size_t r = 0; r <= h->to.half; r++) {
		size_t at = r * h->to.by;

		point[r] = at < reach ? across(h, odd, col, at)
				      : cblas_ddot((int)(2 * reach + 1), h->tap,
						   1, col + at - reach, 1);
	}
}

/* What point `at` puts before 0 belongs to the row's other half, from where
 * its mirror image puts as much here. */
static void fold(const struct cis_prefilter *h, double a, size_t at,
		 double *row)
{
	size_t reach = h->to.reach;

	for (size_t i = 0; at + i <= reach; i++)
		row[reach - at - i] += a * h->tap[i];
}

void cis_prefilter_fuse(const struct cis_prefilter *h, unsigned odd,
			const double *point, double *row)
{
	size_t reach = h->to.reach;

	for (size_t r = 0; r <= h->to.half; r++) {
		size_t at = r * h->to.by;
		size_t from = at < reach ? reach - at : 0;

		cblas_daxpy((int)(2 * reach + 1 - from), point[r],
			    h->tap + from, 1, row + at + from - reach, 1);
		if (r)
			fold(h, odd ? -point[r] : point[r], at, row);
	}
}

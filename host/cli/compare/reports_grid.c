/*
 * reports_grid.c - the rate of a table of reports, by their spacing; and the
 * k/N that each date stands for. See reports_parts.h.
 *
 * Dates may have been rounded or cut to milliseconds, 16 and 17 of them for 60
 * per second: then the rate is the one on whose grid they lie best.
 */
#include <errno.h>
#include <stdlib.h>

#include "cisoid/utc.h"
#include "reports_parts.h"

#define FINE_NS   INT64_C(1000) /* dates in microseconds, and finer */
#define COARSE_NS INT64_C(1000000)
#define MAX_RATE  32767 /* DATA_RATE of C37.118.2 */
#define MAX_LOOK  2000  /* dates that tell the rate */

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The median distance of neighbours that go forward, 0: there are none; and
 * whether nine in ten of those near it are just so. */
static int spacing(const struct cis_reports *r, int64_t *ns, bool *even)
{
	int64_t *step = malloc((r->n + 1) * sizeof(*step));
	size_t n = 0, same = 0, near = 0;

	if (!step)
		return -ENOMEM;
	for (size_t i = 1; i < r->n; i++) {
		int64_t d =
			cis_time_diff_ns(r->item[i].raw, r->item[i - 1].raw);
		if (d > 0)
			step[n++] = d;
	}
	qsort(step, n, sizeof(*step), by_size);
	*ns = n ? step[(n - 1) / 2] : 0;
	for (size_t i = 0; i < n; i++) {
		int64_t d = llabs(step[i] - *ns);

		same += d <= FINE_NS;
		near += d <= COARSE_NS;
	}
	*even = same * 10 >= near * 9;
	free(step);
	return 0;
}

static bool is_coarse(const struct cis_reports *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->item[i].raw.tai_ns % COARSE_NS)
			return false;
	return true;
}

static struct cis_instant nearest(struct cis_time t, struct cis_rate rate)
{
	struct cis_time half = cis_time_add_ns(
		t, -(int64_t)(CIS_NS_PER_S / 2 * rate.den / rate.num));

	return cis_instant_from(half, rate);
}

static int64_t off_ns(struct cis_time t, struct cis_instant at)
{
	return cis_time_diff_ns(t, cis_instant_time(at));
}

/* How far the dates are from the grid, on the whole. */
static double misfit_ns(const struct cis_reports *r, struct cis_rate rate)
{
	double sum = 0;

	for (size_t i = 0; i < r->n && i < MAX_LOOK; i++) {
		struct cis_time t = r->item[i].raw;

		sum += (double)llabs(off_ns(t, nearest(t, rate)));
	}
	return sum;
}

/* By dates in milliseconds. The grid of 2 N holds that of N: the smallest that
 * fits is meant. False: none does. */
static bool coarse_rate(const struct cis_reports *r, int64_t ns,
			struct cis_rate *rate)
{
	double least = 1e9 / (double)(ns + COARSE_NS);
	double most = 1e9 / (double)(ns - COARSE_NS);
	double best = INFINITY;

	if (ns < 2 * COARSE_NS)
		return false;
	for (uint32_t n = (uint32_t)fmax(1, ceil(least)); n <= most; n++) {
		struct cis_rate next = {n, 1};
		double misfit = misfit_ns(r, next);

		if (misfit < 0.9 * best) {
			best = misfit;
			*rate = next;
		}
	}
	return best <=
	       (double)COARSE_NS * (double)(r->n < MAX_LOOK ? r->n : MAX_LOOK);
}

/* N or 1/N per second, with this period to 2 us. */
static bool fine_rate(int64_t ns, struct cis_rate *rate)
{
	double s = (double)ns / 1e9;
	bool fast = s < 0.75;
	double n = round(fast ? 1 / s : s);

	if (!(n >= 1 && n <= MAX_RATE) ||
	    fabs((fast ? 1 / n : n) - s) > 2e-9 * FINE_NS)
		return false;
	*rate = fast ? (struct cis_rate){(uint32_t)n, 1}
		     : (struct cis_rate){1, (uint32_t)n};
	return true;
}

/* Even spacings are believed; *unit: to what the dates are known. */
static bool find_rate(struct cis_reports *r, int64_t ns, bool even,
		      int64_t *unit)
{
	*unit = FINE_NS;
	if (even && fine_rate(ns, &r->about.rate))
		return true;
	if (is_coarse(r) && coarse_rate(r, ns, &r->about.rate)) {
		*unit = COARSE_NS;
		return true;
	}
	return fine_rate(ns, &r->about.rate);
}

int cis_reports_grid(struct cis_reports *r, struct cis_warn_list *warn,
		     struct cis_diag *diag)
{
	const struct cis_rate *rate = &r->about.rate;
	int64_t ns, unit;
	uint64_t off = 0;
	bool even;

	if (spacing(r, &ns, &even))
		return cis_fail(diag, -ENOMEM, "out of memory");
	if (ns == 0)
		return cis_fail(diag, -ENODATA,
				"%.200s: holds %s: two at least are needed to "
				"tell the rate",
				r->about.what,
				r->n ? "one instant only" : "no reports");
	if (!find_rate(r, ns, even, &unit))
		return cis_fail(diag, -EBADMSG,
				"%.200s: reports are %.9g s apart, which is "
				"neither 1/N s nor N s",
				r->about.what, (double)ns / 1e9);
	for (size_t i = 0; i < r->n; i++) {
		struct cis_reports_item *item = &r->item[i];
		int64_t by;

		item->at = nearest(item->raw, *rate);
		by = off_ns(item->raw, item->at);
		off += llabs(by) > unit;
		item->arrival.off_grid_s =
			llabs(by) > unit ? (double)by / 1e9 : 0;
	}
	if (off)
		cis_warn(warn,
			 "%.160s: %llu of %zu time stamps are off the grid of "
			 "%g per second; the nearest instant was taken",
			 r->about.what, (unsigned long long)off, r->n,
			 cis_rate_hz(*rate));
	return 0;
}

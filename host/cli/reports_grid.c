/*
 * reports_grid.c - the rate of a table of reports, by their spacing; and the
 * k/N that each date stands for. See reports_parts.h.
 */
#include <errno.h>
#include <stdlib.h>

#include "cisoid/utc.h"
#include "reports_parts.h"

/* A date may be rounded to a microsecond; more is not on the grid. */
#define OFF_GRID_NS 1000
#define MAX_RATE    32767 /* DATA_RATE of C37.118.2 */

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The median distance of neighbours that go forward; 0: there are none. */
static int spacing(const struct cis_reports *r, int64_t *ns)
{
	int64_t *step = malloc((r->n + 1) * sizeof(*step));
	size_t n = 0;

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
	free(step);
	return 0;
}

/* N or 1/N per second. False: neither. */
static bool rate_of(int64_t ns, struct cis_rate *rate)
{
	double s = (double)ns / 1e9;
	double n = round(s < 0.75 ? 1 / s : s);
	bool fast = s < 0.75;

	if (!(n >= 1 && n <= MAX_RATE) ||
	    fabs((fast ? 1 / n : n) - s) > 2 * OFF_GRID_NS / 1e9)
		return false;
	*rate = fast ? (struct cis_rate){(uint32_t)n, 1}
		     : (struct cis_rate){1, (uint32_t)n};
	return true;
}

static struct cis_instant nearest(struct cis_time t, struct cis_rate rate)
{
	struct cis_time half = cis_time_add_ns(
		t, -(int64_t)(CIS_NS_PER_S / 2 * rate.den / rate.num));

	return cis_instant_from(half, rate);
}

int cis_reports_grid(struct cis_reports *r, struct cis_warn_list *warn,
		     struct cis_diag *diag)
{
	struct cis_rate *rate = &r->about.rate;
	uint64_t n_off = 0;
	int64_t ns;

	if (spacing(r, &ns))
		return cis_fail(diag, -ENOMEM, "out of memory");
	if (ns == 0)
		return cis_fail(diag, -ENODATA,
				"%.200s: holds %s: two at least are needed to "
				"tell the rate",
				r->about.what,
				r->n ? "one instant only" : "no reports");
	if (!rate_of(ns, rate))
		return cis_fail(diag, -EBADMSG,
				"%.200s: reports are %.9g s apart, which is "
				"neither 1/N s nor N s",
				r->about.what, (double)ns / 1e9);
	for (size_t i = 0; i < r->n; i++) {
		struct cis_reports_item *item = &r->item[i];
		int64_t off_ns;

		item->at = nearest(item->raw, *rate);
		off_ns =
			cis_time_diff_ns(item->raw, cis_instant_time(item->at));
		item->arrival.off_grid_s = (double)off_ns / 1e9;
		n_off += llabs(off_ns) > OFF_GRID_NS;
	}
	if (n_off)
		cis_warn(warn,
			 "%.160s: %llu of %zu time stamps are off the grid of "
			 "%g per second; the nearest instant was taken",
			 r->about.what, (unsigned long long)n_off, r->n,
			 cis_rate_hz(*rate));
	return 0;
}

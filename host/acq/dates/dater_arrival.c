/*
 * dater_arrival.c - how late samples arrive.
 *
 * They come in batches and are fetched when the system gets round to it: always
 * late, sometimes very. The least lateness of a second hardly varies; it is what
 * drifts and jumps of a count of scans show in.
 */
#include <math.h>

#include "dater_in.h"

#define DELIVERY_S 30e-3 /* of samples, beyond their batch, at the least */
#define N_DENIED   3
#define EARLY_S    1e-3 /* reading the clock, and rounding */
#define VAGUE_S    0.35 /* of the half second at which the name changes */

void dater_arrival_restart(struct dater_arrival *a)
{
	*a = (struct dater_arrival){.least_s = INFINITY};
}

bool dater_arrival_push(struct dater_arrival *a,
			const struct cis_scan_clock *clock,
			const struct cis_block *blk)
{
	uint64_t end = dater_end(blk);
	double late_s;

	if (blk->taken_by.tai_ns == 0)
		return false;
	if (a->over) {
		a->over = false;
		a->least_s = INFINITY;
		a->from_scan = blk->first_scan;
	} else if (isinf(a->least_s)) {
		a->from_scan = blk->first_scan;
	}
	late_s = cis_split_diff_s(cis_time_split(blk->taken_by),
				  cis_scan_instant(clock, end - 1));
	a->batch_s = fmax(a->batch_s, blk->n_scan / clock->rate_hz);
	if (late_s < a->least_s) {
		a->least_s = late_s;
		a->at_scan = end - 1;
	}
	a->over = (double)(end - a->from_scan) >= clock->rate_hz;
	return a->over;
}

/* By how much dates are off that a clock, off by unc_s at most, excludes. */
static double excluded_s(const struct dater_arrival *a, double unc_s)
{
	double late_s = a->least_s;
	bool early = late_s < -(unc_s + EARLY_S);
	bool late = late_s > unc_s + a->batch_s + DELIVERY_S;

	return isfinite(late_s) && (early || late) ? fabs(late_s) : 0;
}

bool dater_arrival_vague(const struct dater_arrival *a)
{
	return isfinite(a->least_s) &&
	       (a->least_s < -VAGUE_S ||
		a->least_s > VAGUE_S + a->batch_s + DELIVERY_S);
}

void dater_ask_system(struct cis_dater *d, struct dater_arrival *a, bool over,
		      struct cis_time_quality *q)
{
	if (isfinite(a->least_s) && (over || !a->asked)) {
		double off_s = excluded_s(a, dater_system_quality(d).unc_s);
		unsigned n = a->asked ? a->n_denied + 1 : N_DENIED;

		a->asked = true;
		a->n_denied = off_s > 0 ? n : 0;
		d->now.denied_s = n >= N_DENIED ? off_s : 0;
	}
	if (d->now.denied_s <= 0)
		return;
	q->unc_s += d->now.denied_s;
	q->unlocked_s = INFINITY;
}

/* duration.c - see duration.h. */
#include "duration.h"

#include <math.h>

void cis_duration_init(struct cis_duration *d, double limit_s, double rate_hz)
{
	*d = (struct cis_duration){.limit_s = limit_s, .rate_hz = rate_hz};
}

/* From an instant to the end of the duration. */
static double left_s(const struct cis_duration *d, struct cis_split_time t)
{
	return d->limit_s - (cis_split_diff_s(t, d->first) + d->set_back_s);
}

static double scans_left(const struct cis_duration *d)
{
	return round((d->begun ? left_s(d, d->end) : d->limit_s) * d->rate_hz);
}

bool cis_duration_over(const struct cis_duration *d)
{
	return scans_left(d) <= 0;
}

uint32_t cis_duration_room(const struct cis_duration *d, uint32_t max)
{
	double n = scans_left(d);

	return n < max ? (uint32_t)fmax(n, 1) : max;
}

static void enter(struct cis_duration *d, struct cis_split_time start,
		  double rate_hz)
{
	double step_s;

	if (!d->sampled) {
		d->begun = true;
		d->sampled = true;
		d->first = start;
		return;
	}
	step_s = cis_split_diff_s(start, d->end);
	if (step_s * rate_hz < -0.5)
		d->set_back_s -= step_s;
}

uint32_t cis_duration_take(struct cis_duration *d, struct cis_block *blk)
{
	const struct cis_scan_clock *clock = &blk->clock;
	struct cis_split_time start = cis_scan_instant(clock, blk->first_scan);
	double n;

	enter(d, start, clock->rate_hz);
	n = round(left_s(d, start) * clock->rate_hz);
	if (n < blk->n_scan)
		blk->n_scan = (uint32_t)fmax(n, 0);
	d->end = cis_scan_instant(clock, blk->first_scan + blk->n_scan);
	return blk->n_scan;
}

void cis_duration_pass(struct cis_duration *d, struct cis_split_time until)
{
	if (!d->begun) {
		d->begun = true;
		d->first = until;
		d->end = until;
	} else if (cis_split_diff_s(until, d->end) > 0) {
		d->end = until;
	}
}

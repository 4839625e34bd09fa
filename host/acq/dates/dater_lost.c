/*
 * dater_lost.c - scans that a board lost, or delivered twice, and did not count.
 *
 * Where the wave says that scans are missing, they are counted in at once, and
 * dates are doubtful until the next pulse says whether they were. A pulse that
 * comes whole scans off the model without the wave having said so is doubted
 * first, for spikes come singly: when the next one agrees, the scans are counted
 * in.
 */
#include <math.h>

#include "dater_in.h"

#define MAX_LOST   5
#define WHOLE_SCAN 0.2 /* off from whole scans, at most */

uint64_t dater_counted(const struct dater_lost *lost, uint64_t scan)
{
	return (uint64_t)((int64_t)scan + lost->skip);
}

static void tell(struct cis_dater *d, const struct dater_doubt *doubt,
		 bool over)
{
	const struct dater_pps *p = &d->pps;
	struct cis_event event = {
		.kind = CIS_EVENT_SCAN_LOST,
		.over = over,
		.first_scan = doubt->first_scan,
		.duration_s = over ? doubt->lost / d->cfg.info->rate_hz : NAN,
		.n_lost = doubt->lost > 0 ? (uint64_t)doubt->lost : 0,
	};

	if (p->has_clock)
		event.at = dater_rounded(cis_scan_instant(
			&p->clock, dater_counted(&p->lost, doubt->first_scan)));
	dater_add_event(d, &event);
}

void dater_lost_by_wave(struct cis_dater *d, const struct dater_doubt *doubt)
{
	struct dater_lost *l = &d->pps.lost;

	tell(d, doubt, false);
	l->skip += doubt->lost;
	l->doubt = *doubt;
}

void dater_lost_jump(struct cis_dater *d, double off, uint64_t first)
{
	const struct dater_doubt jump = {
		.lost = (int)fmax(fmin(round(off), 1e9), -1e9),
		.first_scan = first,
	};

	tell(d, &jump, false);
	tell(d, &jump, true);
}

int dater_lost_by_pulse(struct cis_dater *d, double off, uint64_t first)
{
	struct dater_lost *l = &d->pps.lost;
	struct dater_doubt *doubt = &l->doubt;
	double k = round(off);
	bool whole = fabs(off - k) <= WHOLE_SCAN && fabs(k) <= MAX_LOST;
	int counted_in = 0;

	if (!doubt->on) {
		if (whole && k != 0)
			*doubt = (struct dater_doubt){.on = true,
						      .by_pulse = true,
						      .lost = (int)k,
						      .first_scan = first};
		return 0;
	}
	if (doubt->by_pulse && whole && (int)k == doubt->lost) {
		counted_in = (int)k;
		l->skip += counted_in;
		tell(d, doubt, false);
		tell(d, doubt, true);
	} else if (!doubt->by_pulse && whole && (int)k == -doubt->lost) {
		/* It was a step of the phase. */
		counted_in = (int)k;
		l->skip += counted_in;
		doubt->lost = 0;
		tell(d, doubt, true);
	} else if (!doubt->by_pulse && whole && k == 0) {
		tell(d, doubt, true);
	} else if (!doubt->by_pulse && !isnan(off)) {
		return 0; /* It is no help. */
	}
	doubt->on = false;
	return counted_in;
}

/* outage.c - see outage.h. */
#include "outage.h"

#include <math.h>

/* Between a scan and its block: the driver's batches, and the time for which a
 * source may doubt that they are of their date. */
#define ON_THE_WAY_S 0.4

static struct cis_split_time add_s(struct cis_split_time t, double s)
{
	double f = t.frac_s + s, whole = floor(f);

	return (struct cis_split_time){.tai_s = t.tai_s + (int64_t)whole,
				       .frac_s = f - whole};
}

void cis_outage_init(struct cis_outage *o, struct cis_time at, int64_t now_ns)
{
	*o = (struct cis_outage){.end = cis_time_split(at), .end_ns = now_ns};
}

bool cis_outage_begin(struct cis_outage *o, enum cis_event_kind kind,
		      struct cis_event *ev)
{
	bool gone = o->on && kind == CIS_EVENT_DEVICE_GONE && o->kind != kind;

	if (o->on && !gone)
		return false;
	o->on = true;
	o->kind = kind;
	*ev = (struct cis_event){
		.kind = kind,
		.first_scan = o->end_scan,
		.at = cis_split_rounded(o->end),
		.duration_s = NAN,
	};
	return true;
}

bool cis_outage_take(struct cis_outage *o, const struct cis_block *blk,
		     int64_t now_ns, struct cis_event *ev)
{
	struct cis_split_time first =
		cis_scan_instant(&blk->clock, blk->first_scan);
	uint64_t next = blk->first_scan + blk->n_scan;
	bool ended = o->on;

	if (ended) {
		double lost_s = fmax(cis_split_diff_s(first, o->end), 0);

		*ev = (struct cis_event){
			.kind = o->kind,
			.over = true,
			.first_scan = o->end_scan,
			.at = cis_split_rounded(o->end),
			.duration_s = lost_s,
			.n_lost = (uint64_t)round(lost_s * blk->clock.rate_hz),
		};
	}
	o->on = false;
	o->measured = true;
	o->end = cis_scan_instant(&blk->clock, next);
	o->end_scan = next;
	o->end_ns = now_ns;
	return ended;
}

struct cis_split_time cis_outage_until(const struct cis_outage *o,
				       int64_t now_ns)
{
	double passed_s = (double)(now_ns - o->end_ns) * 1e-9;

	return add_s(o->end, fmax(passed_s - ON_THE_WAY_S, 0));
}

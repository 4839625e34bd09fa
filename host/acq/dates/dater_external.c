/*
 * dater_external.c - edges and start are UTC's; see dater.h.
 *
 * The operator says so, and so it is until something contradicts: samples that
 * arrive more than half a second from their dates; a second whose samples arrive
 * at another time than ever, and the two after it alike, or far off; a wave that
 * goes on as if scans were missing. Where the system's clock knows its own error
 * and excludes these dates they are kept, but not LOCKED.
 *
 * Where a front end attests the dates it names the second and says how good they
 * are; the system's clock may be wrong by any amount that it does not exclude.
 */
#include <errno.h>
#include <math.h>

#include "dater_in.h"

#define MAX_LATE_S  0.5
#define LEARN_S     3      /* seconds until the usual lateness is known */
#define MAX_DRIFT   600e-6 /* of the system's clock, s a second */
#define MIN_LEAP_S  2e-3
#define FAR_S       10e-3
#define N_SPREAD    8.0
#define N_ODD       3
/* Parts of what a second is off by, by which its forecast moves. */
#define RISE_GAIN   0.1
#define OFFSET_GAIN 0.3
#define SPREAD_GAIN 0.1

static void restart(struct cis_dater *d)
{
	dater_arrival_restart(&d->external.arrival);
	d->external.n_second = 0;
	d->external.n_odd = 0;
}

/* What was told of the edges' error; of an attested clock, beside its own. */
static struct cis_time_quality quality_of(const struct cis_dater *d,
					  const struct cis_time_quality *own)
{
	struct cis_time_quality q = {.unc_s = d->cfg.spec.error_s};

	if (!d->cfg.info->attested)
		return q;
	q = *own;
	if (d->cfg.spec.error_told)
		q.unc_s += d->cfg.spec.error_s;
	return q;
}

static struct cis_scan_clock clock_of(const struct cis_dater *d,
				      const struct cis_block *blk)
{
	return (struct cis_scan_clock){
		.anchor = {.tai_ns = d->external.tai_s * CIS_NS_PER_S},
		.rate_hz = d->cfg.info->rate_hz,
		.quality = quality_of(d, &blk->clock.quality),
	};
}

/* A declared clock has nothing to hold over with. */
static enum cis_time_state state_of(const struct cis_dater *d,
				    const struct cis_time_quality *q)
{
	bool known = q->unc_s < d->limit_s && isfinite(q->unlocked_s);

	if (q->unlocked_s <= 0 && (known || !d->cfg.info->attested))
		return CIS_TIME_LOCKED;
	return known && d->cfg.info->attested ? CIS_TIME_HOLDOVER
					      : CIS_TIME_UNLOCKED;
}

/* The system's clock named the second, and the samples say that it is another. */
static bool misnamed(const struct cis_dater *d, bool over)
{
	double least_s = d->external.arrival.least_s;

	return !d->cfg.info->attested &&
	       (least_s < -MAX_LATE_S || (over && least_s > MAX_LATE_S));
}

/* In the manner of a clock: offset and rate, each a little nearer. */
static void learn(struct dater_external *e, double off_s)
{
	double rise_s = e->rise_s + RISE_GAIN * off_s;

	e->rise_s = fmin(fmax(rise_s, -MAX_DRIFT), MAX_DRIFT);
	e->usual_s += e->rise_s + OFFSET_GAIN * off_s;
	e->spread_s += SPREAD_GAIN * (fabs(off_s) - e->spread_s);
	e->n_odd = 0;
}

/* Whether the last seconds' samples came at another time than before. */
static bool leapt(struct dater_external *e)
{
	double least_s = e->arrival.least_s;
	double off_s = least_s - (e->usual_s + e->rise_s);
	double leap_s = fmax(N_SPREAD * e->spread_s, MIN_LEAP_S);

	if (e->n_second++ < LEARN_S) {
		e->usual_s =
			e->n_second == 1 ? least_s : fmin(least_s, e->usual_s);
		e->spread_s = e->arrival.batch_s / 4;
		e->rise_s = 0;
		return false;
	}
	if (fabs(off_s) <= fmax(leap_s, e->arrival.batch_s)) {
		learn(e, off_s);
		return false;
	}
	e->usual_s += e->rise_s;
	return ++e->n_odd >=
	       (fabs(off_s) > 2 * fmax(leap_s, FAR_S) ? 1 : N_ODD);
}

enum cis_time_state dater_attested(const struct cis_dater *d,
				   struct cis_time_quality *q)
{
	*q = quality_of(d, q);
	return state_of(d, q);
}

static int stamp(struct cis_dater *d, struct cis_block *blk)
{
	struct dater_external *e = &d->external;
	struct cis_scan_clock clock;
	struct dater_doubt doubt;
	bool over;

	if (d->fresh)
		e->tai_s = cis_time_floor_s(
			cis_time_add_ns(blk->clock.anchor, CIS_NS_PER_S / 2));
	clock = clock_of(d, blk);
	over = dater_arrival_push(&e->arrival, &clock, blk);
	if (misnamed(d, over) || (over && leapt(e)))
		return -EPIPE;
	if (dater_torn(d, blk, &doubt))
		return -EPIPE;
	dater_ask_system(d, &e->arrival, over, &clock.quality);
	blk->clock = clock;
	d->now.state = state_of(d, &clock.quality);
	d->now.ppm = 0;
	return 0;
}

const struct dater_ops dater_external_ops = {.restart = restart,
					     .stamp = stamp};

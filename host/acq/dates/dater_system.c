/*
 * dater_system.c - system, pps:DEV and none; see dater.h.
 *
 * The source says when it was started, by the system's clock before and after.
 * From then on the least lateness of each second says how the board's clock
 * drifts against the system's. How late that is in itself is not known; so the
 * first second's is taken as that of the start, whose uncertainty stays.
 */
#include <math.h>

#include "dater_in.h"

#define OSCILLATOR_OFF 50e-6 /* of a board, before it is measured */
/* Of its rate; the system's clock may itself slew by 500e-6. */
#define MAX_OFF        600e-6
#define MIN_SPREAD_S   50e-6
#define START_S        2e-3 /* how long a board may take to */
#define MAX_MOVE       0.05 /* scans by which dates move a second */
#define PPS_OLD_S      3.0
#define CLOCK_READ_S   1e-3
#define PPS_UNC_S      20e-6 /* of an interrupt's latency */

static void restart(struct cis_dater *d)
{
	dater_arrival_restart(&d->system.arrival);
	d->system.n_second = 0;
	/* How old the last pulse is, nobody has counted meanwhile. */
	d->now.last_edge_s = NAN;
	d->now.last_age_s = NAN;
	cis_track_restart(&d->system.track);
}

static void begin(struct cis_dater *d, const struct cis_block *blk)
{
	struct dater_system *s = &d->system;
	struct cis_track_opts opts = {
		.rate_hz = d->cfg.info->rate_hz,
		.max_off = MAX_OFF,
		.jitter_s = 1e-3,
		.drift_per_s = 1e-7,
	};

	s->from = blk->clock;
	s->clock = blk->clock;
	s->left_s = 0;
	if (s->track.opts.rate_hz != opts.rate_hz)
		cis_track_init(&s->track, &opts);
}

/* The least lateness of a second, as a pulse at the nearest whole one. */
static void observe(struct cis_dater *d, double offset_s)
{
	struct dater_system *s = &d->system;
	struct cis_split_time t =
		cis_scan_instant(&s->from, s->arrival.at_scan);
	double moved_s = s->arrival.least_s - s->bias_s - offset_s;
	double away_s = -(t.frac_s + moved_s), scans, whole;
	struct cis_track_obs obs = {.tai_s = t.tai_s};

	if (away_s < -0.5) {
		away_s += 1;
		obs.tai_s++;
	}
	scans = (double)s->arrival.at_scan + away_s * s->from.rate_hz;
	whole = floor(scans);
	if (whole < 0)
		return;
	obs.scan = (uint64_t)whole;
	obs.frac = scans - whole;
	obs.u_scan =
		fmax(MIN_SPREAD_S, s->arrival.batch_s / 4) * s->from.rate_hz;
	(void)cis_track_observe(&s->track, &obs);
}

/* By the source's word, as long as nothing better is known. */
static double age_unc_s(const struct dater_system *s, uint64_t scan)
{
	return (double)(scan - s->from.anchor_scan) / s->from.rate_hz *
	       OSCILLATOR_OFF;
}

/* By how much the pulse is off by a clock that excludes it, or 0. */
static double denied_s(struct cis_dater *d)
{
	double off_s = fabs(d->now.last_edge_s);

	return off_s > dater_system_quality(d).unc_s + CLOCK_READ_S ? off_s : 0;
}

/* The kernel's pulse tells how far the system's clock is off. */
static void ask_kernel(struct cis_dater *d)
{
	struct cis_time_status *now = &d->now;
	double offset_s;

	if (cis_kernel_pps_fetch(&d->system.pps, &offset_s)) {
		now->last_edge_s = offset_s - d->cfg.spec.delay_s;
		now->last_age_s = 0;
		now->denied_s = denied_s(d);
		now->n_edges++;
	} else if (!isnan(now->last_age_s)) {
		now->last_age_s += 1;
	}
}

static double clock_offset_s(const struct cis_dater *d)
{
	bool known = d->cfg.spec.kind == CIS_DATER_PPS_DEV &&
		     !isnan(d->now.last_edge_s);

	return known ? d->now.last_edge_s : 0;
}

static struct cis_time_quality clock_quality(struct cis_dater *d)
{
	if (d->cfg.spec.kind != CIS_DATER_PPS_DEV)
		return dater_system_quality(d);
	if (d->now.last_age_s <= PPS_OLD_S && d->now.denied_s <= 0)
		return (struct cis_time_quality){.unc_s = d->cfg.spec.error_s +
							  PPS_UNC_S};
	return (struct cis_time_quality){INFINITY, INFINITY};
}

/* Dates that move by half a scan or more end a stretch of the estimator's. What
 * arrivals say is not worth that: they are followed slowly. */
static void follow(struct dater_system *s, struct cis_scan_clock *clock,
		   uint64_t scan)
{
	double most_s = MAX_MOVE / clock->rate_hz;
	double step_s = cis_split_diff_s(cis_scan_instant(clock, scan),
					 cis_scan_instant(&s->clock, scan));
	double left_s = step_s - fmax(-most_s, fmin(step_s, most_s));

	clock->anchor = cis_time_add_ns(clock->anchor, -llround(left_s * 1e9));
	s->left_s = fabs(left_s);
	s->clock = *clock;
}

static void second_over(struct cis_dater *d, const struct cis_block *blk)
{
	struct dater_system *s = &d->system;
	struct cis_scan_clock clock;

	if (d->cfg.spec.kind == CIS_DATER_PPS_DEV)
		ask_kernel(d);
	if (s->n_second++ == 0)
		s->bias_s = s->arrival.least_s;
	observe(d, clock_offset_s(d));
	if (!cis_track_clock(&s->track, blk->first_scan, &clock))
		return;
	follow(s, &clock, blk->first_scan);
	d->now.ppm = 1e6 * cis_track_state(&s->track, blk->first_scan).off;
}

/* What is not known of the start and the clock, and what was not seen since. */
static struct cis_time_quality quality_of(struct cis_dater *d, uint64_t scan)
{
	const struct dater_system *s = &d->system;
	struct cis_time_quality q = clock_quality(d);
	double since_s = s->left_s +
			 (s->track.locked ? cis_track_bound_s(&s->track, scan)
					  : age_unc_s(s, scan));

	/* The source counts the system's clock in, which the pulse corrects. */
	if (d->cfg.spec.kind == CIS_DATER_PPS_DEV)
		q.unc_s += START_S + since_s;
	else
		q.unc_s += s->from.quality.unc_s + since_s;
	return q;
}

static enum cis_time_state state_of(const struct cis_dater *d,
				    double unlocked_s)
{
	if (d->cfg.spec.kind == CIS_DATER_NONE)
		return CIS_TIME_FREE_RUN;
	return unlocked_s > 0 ? CIS_TIME_UNLOCKED : CIS_TIME_LOCKED;
}

static void date_board(struct cis_dater *d, struct cis_block *blk)
{
	struct dater_system *s = &d->system;

	if (d->fresh)
		begin(d, blk);
	if (dater_arrival_push(&s->arrival, &s->from, blk))
		second_over(d, blk);
	blk->clock = s->clock;
	blk->clock.quality = quality_of(d, dater_end(blk));
}

static int stamp(struct cis_dater *d, struct cis_block *blk)
{
	if (d->cfg.info->realtime)
		date_board(d, blk);
	d->now.state = state_of(d, dater_system_quality(d).unlocked_s);
	if (d->cfg.spec.kind == CIS_DATER_PPS_DEV)
		d->now.state = state_of(d, clock_quality(d).unlocked_s);
	return 0;
}

const struct dater_ops dater_system_ops = {.restart = restart, .stamp = stamp};

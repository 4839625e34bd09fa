/*
 * dater_pps.c - a pulse a second among the samples; see dater.h.
 *
 * The finder dates each pulse in scans, the tracker makes a clock of them. The
 * system's clock only names the second. Between pulses the model stays as it is;
 * with a pulse, or a second later without one, it is taken anew.
 *
 * Scans that are missing are counted in: dater_lost.c.
 *
 * Where the system's clock knows its own error and excludes these dates, second
 * after second (a pulse that is inverted, or no second's), they are not locked; nor where
 * the pulses as a whole are none of a second's (pps_watch.h), or so far from that
 * clock that it cannot name the second.
 *
 * When the board was begun anew, the first pulse that looks as they did before
 * dates the scans, with the rate as it was, until the tracker has locked.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "dater_in.h"

#define HOLDOVER_S 2.2 /* since the last pulse */
#define MAX_LATE_S 0.7 /* of samples, before the second is another */
#define N_LATE     5
#define MIN_STEP_V 0.5
#define MAX_OFF    250e-6
#define JITTER_S   200e-9 /* of a receiver's pulse, to begin with */
#define ALIKE      0.1    /* of a pulse's height and time constant */
#define ONE_S      3.5    /* for which one pulse is good enough */
#define RATE_MOVED 1e-6   /* since it was known */

static void restart(struct cis_dater *d)
{
	struct dater_pps *p = &d->pps;
	struct cis_pps_opts finder = {.rate_hz = d->cfg.info->rate_hz,
				      .min_step_v = MIN_STEP_V};
	struct cis_track_opts track = {.rate_hz = d->cfg.info->rate_hz,
				       .max_off = MAX_OFF,
				       .jitter_s = JITTER_S,
				       .drift_per_s = d->cfg.spec.drift_per_s,
				       .common_s = d->cfg.spec.error_s};

	if (p->finder.opts.rate_hz > 0) {
		cis_pps_finder_reset(&p->finder);
		cis_track_restart(&p->track);
	} else {
		cis_pps_finder_init(&p->finder, &finder);
		cis_track_init(&p->track, &track);
	}
	cis_pps_watch_init(&p->watch, d->cfg.info->rate_hz);
	p->named = false;
	p->lost.skip = 0;
	p->lost.doubt.on = false;
	p->has_clock = false;
	p->one.in_force = false;
	p->n_odd = 0;
	dater_arrival_restart(&p->arrival);
}

/* ---- pulses ---- */

/*
 * The pulse as an observation in counted scans: timing comes timing_delay_s after
 * its scan, and the pulse delay_s after its second.
 */
static struct cis_track_obs observation(const struct cis_dater *d,
					const struct cis_block *blk,
					const struct cis_pps_edge *edge)
{
	double shift_s = blk->timing_delay_s - d->cfg.spec.delay_s;
	double frac = edge->frac + shift_s * d->cfg.info->rate_hz;
	double whole = floor(frac);

	return (struct cis_track_obs){
		.scan = (uint64_t)((int64_t)dater_counted(&d->pps.lost,
							  edge->scan) +
				   (int64_t)whole),
		.frac = frac - whole,
		.u_scan = edge->u_scan,
		.bias_scan = edge->bias_scan,
	};
}

/* The system's date of a scan: by the arrival of the block, else as the source
 * says. Good enough to name the second. */
static double late_s(const struct cis_block *blk, struct cis_split_time end)
{
	return cis_split_diff_s(cis_time_split(blk->taken_by), end);
}

static int64_t nearest_s(struct cis_split_time t, double plus_s)
{
	return t.tai_s + (int64_t)floor(t.frac_s + plus_s + 0.5);
}

static int64_t name_second(const struct dater_pps *p,
			   const struct cis_block *blk,
			   const struct cis_track_obs *obs)
{
	struct cis_split_time t;
	double ago_s;

	if (cis_track_date(&p->track, obs->scan, obs->frac, &t))
		return nearest_s(t, 0);
	if (blk->taken_by.tai_ns == 0)
		return nearest_s(
			cis_scan_instant(
				&blk->clock,
				(uint64_t)((int64_t)obs->scan - p->lost.skip)),
			obs->frac / blk->clock.rate_hz);
	ago_s = (double)(dater_counted(&p->lost, dater_end(blk)) - obs->scan) /
		blk->clock.rate_hz;
	return nearest_s(cis_time_split(blk->taken_by), -ago_s);
}

/* How many scans early the pulse is by the model; NaN: there is none. */
static double off_scans(const struct dater_pps *p,
			const struct cis_track_obs *obs, double rate_hz)
{
	struct cis_split_time t;

	if (!cis_track_date(&p->track, obs->scan, obs->frac, &t))
		return NAN;
	return ((double)(obs->tai_s - t.tai_s) - t.frac_s) * rate_hz;
}

/* ---- after a restart ---- */

static void remember(struct dater_pps *p, const struct cis_pps_edge *edge)
{
	p->one.known = cis_track_state(&p->track, edge->scan);
	p->one.tau_scan = edge->tau_scan;
	p->one.step_v = edge->step_v;
	p->one.in_force = false;
}

static bool alike(double a, double b)
{
	return fabs(a - b) <= ALIKE * fabs(b);
}

static void date_by_one(struct cis_dater *d, const struct cis_pps_edge *edge,
			const struct cis_track_obs *obs)
{
	struct dater_pps *p = &d->pps;
	double rate_hz = p->one.known.rate_hz;

	if (p->has_clock || !p->one.known.locked || edge->bare ||
	    !alike(edge->tau_scan, p->one.tau_scan) ||
	    !alike(edge->step_v, p->one.step_v))
		return;
	p->clock = (struct cis_scan_clock){
		.anchor = {.tai_ns = obs->tai_s * CIS_NS_PER_S -
				     llround(1e9 * obs->frac / rate_hz)},
		.anchor_scan = obs->scan,
		.rate_hz = rate_hz,
		.quality = {.unc_s = 3 * (p->one.known.jitter_s +
					  obs->u_scan / rate_hz) +
				     obs->bias_scan / rate_hz +
				     d->cfg.spec.error_s}};
	p->has_clock = true;
	p->one.in_force = true;
}

static double one_age_s(const struct dater_pps *p, uint64_t scan)
{
	return (double)(int64_t)(scan - p->clock.anchor_scan) /
	       p->clock.rate_hz;
}

/* ---- one pulse ---- */

static void take_edge(struct cis_dater *d, const struct cis_block *blk,
		      const struct cis_pps_edge *edge)
{
	struct dater_pps *p = &d->pps;
	struct cis_time_status *now = &d->now;
	struct cis_track_obs obs = observation(d, blk, edge);
	bool was_locked = p->track.locked;
	enum cis_track_verdict verdict;
	uint64_t n_used = p->track.n_used;
	double off;

	p->n_seen++;
	if (!edge->fit) {
		cis_pps_watch_edge(&p->watch, false, 0);
		return;
	}
	obs.tai_s = name_second(p, blk, &obs);
	off = off_scans(p, &obs, d->cfg.info->rate_hz);
	obs.scan = (uint64_t)((int64_t)obs.scan +
			      dater_lost_by_pulse(d, off, edge->scan));
	verdict = cis_track_observe(&p->track, &obs);
	n_used = p->track.n_used - n_used;
	/* Before it is locked again, pulses are held and not counted; those that
	 * it has jumped to were refused before. */
	if (was_locked)
		n_used = n_used > 0;
	if (!was_locked || verdict != CIS_TRACK_HELD_BACK)
		cis_pps_watch_edge(&p->watch, true, n_used);
	switch (verdict) {
	case CIS_TRACK_LOCKED:
		p->lost.doubt.on = false;
		dater_arrival_restart(&p->arrival);
		if (was_locked && fabs(off) > 0.5)
			dater_lost_jump(d, off, edge->scan);
		p->has_clock = false;
		remember(p, edge);
		break;
	case CIS_TRACK_USED:
		p->has_clock = false;
		remember(p, edge);
		break;
	case CIS_TRACK_HELD_BACK:
		date_by_one(d, edge, &obs);
		break;
	case CIS_TRACK_OUTLIER:
		break;
	}
	now->tau_s = edge->bare ? 0 : edge->tau_scan / d->cfg.info->rate_hz;
	if (!isnan(off))
		now->last_edge_s = off / d->cfg.info->rate_hz;
}

/* ---- the clock ---- */

/* The system's clock says another second, pulse after pulse: it was set right,
 * or was right all the time. */
static void check_name(struct cis_dater *d, const struct cis_block *blk)
{
	struct dater_pps *p = &d->pps;
	struct cis_split_time end;

	if (blk->taken_by.tai_ns == 0 ||
	    !cis_track_date(&p->track, dater_counted(&p->lost, dater_end(blk)),
			    0, &end))
		return;
	if (fabs(late_s(blk, end)) <= MAX_LATE_S)
		p->n_odd = 0;
	else if (++p->n_odd >= N_LATE) {
		cis_track_restart(&p->track);
		p->has_clock = false;
		p->named = false;
		p->n_odd = 0;
	}
}

/* The model is taken anew when a pulse was used, and every second. */
static void refresh(struct dater_pps *p, const struct cis_block *blk)
{
	uint64_t scan = dater_counted(&p->lost, blk->first_scan);
	bool old = p->has_clock &&
		   (double)(scan - p->clock.anchor_scan) > p->clock.rate_hz;

	if (p->one.in_force)
		old = one_age_s(p, scan) > ONE_S;
	if (p->has_clock && !old)
		return;
	p->one.in_force = false;
	p->has_clock = cis_track_clock(&p->track, scan, &p->clock);
}

/* Dates by pulses that are no second's are worth nothing. */
static void doubt_pulses(struct cis_dater *d, struct cis_time_quality *q)
{
	struct dater_pps *p = &d->pps;

	if (!p->named && isfinite(p->arrival.least_s))
		p->named = !dater_arrival_vague(&p->arrival);
	if (!d->now.why && !p->named && dater_arrival_vague(&p->arrival))
		d->now.why = CIS_PPS_NO_NAME;
	if (!d->now.why)
		return;
	q->unc_s = INFINITY;
	q->unlocked_s = INFINITY;
}

static void date_by_track(struct cis_dater *d, struct cis_block *blk)
{
	struct dater_pps *p = &d->pps;
	uint64_t end = dater_counted(&p->lost, dater_end(blk));
	struct cis_track_state st = cis_track_state(&p->track, end);
	struct cis_time_quality q = {.unc_s =
					     cis_track_bound_s(&p->track, end)};
	bool over;

	if (p->one.in_force) {
		q.unc_s = p->clock.quality.unc_s +
			  one_age_s(p, end) *
				  (3 * p->one.known.u_off + RATE_MOVED);
		st.off = p->one.known.off;
		st.since_s = one_age_s(p, end);
	}
	if (p->lost.doubt.on)
		q.unc_s += abs(p->lost.doubt.lost) / p->clock.rate_hz;
	if (st.since_s > HOLDOVER_S)
		q.unlocked_s = st.since_s;
	blk->clock = p->clock;
	blk->clock.anchor_scan =
		(uint64_t)((int64_t)p->clock.anchor_scan - p->lost.skip);
	over = dater_arrival_push(&p->arrival, &blk->clock, blk);
	dater_ask_system(d, &p->arrival, over, &q);
	doubt_pulses(d, &q);
	blk->clock.quality = q;
	d->now.state = !(q.unc_s < d->limit_s) ? CIS_TIME_UNLOCKED
		       : q.unlocked_s > 0      ? CIS_TIME_HOLDOVER
					       : CIS_TIME_LOCKED;
	d->now.ppm = 1e6 * st.off;
	d->now.last_age_s = st.since_s;
}

static void count(struct cis_dater *d)
{
	const struct dater_pps *p = &d->pps;
	struct cis_time_status *now = &d->now;
	uint64_t n = p->track.n_used + p->track.n_outlier;

	now->n_edges = p->track.n_used;
	now->n_outliers = p->track.n_outlier;
	now->n_unused = p->n_seen > n ? p->n_seen - n : 0;
	now->why = cis_pps_watch_why(&p->watch, p->track.locked);
}

static void look_for_edge(struct cis_dater *d, const struct cis_block *blk)
{
	struct dater_pps *p = &d->pps;
	struct cis_pps_edge edge;

	if (!blk->timing)
		return;
	cis_pps_watch_samples(&p->watch, blk->timing, blk->n_scan);
	if (!cis_pps_finder_push(&p->finder, blk->first_scan, blk->timing,
				 blk->n_scan, &edge))
		return;
	take_edge(d, blk, &edge);
	check_name(d, blk);
}

static int stamp(struct cis_dater *d, struct cis_block *blk)
{
	struct dater_pps *p = &d->pps;
	struct dater_doubt doubt;

	if (dater_torn(d, blk, &doubt)) {
		dater_lost_by_wave(d, &doubt);
		cis_pps_finder_reset(&p->finder);
		dater_cut(blk, doubt.first_scan);
	}
	look_for_edge(d, blk);
	count(d);
	refresh(p, blk);
	if (p->has_clock) {
		date_by_track(d, blk);
		return 0;
	}
	/* As the source says, which is all there is. */
	blk->clock.quality.unlocked_s = INFINITY;
	if (!d->cfg.info->realtime)
		blk->clock.quality.unc_s = INFINITY;
	d->now.state = CIS_TIME_UNLOCKED;
	return 0;
}

const struct dater_ops dater_pps_ops = {.restart = restart, .stamp = stamp};

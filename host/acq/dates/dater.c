/* dater.c - what all time sources share; see dater.h. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dater_in.h"

/* 0.01 / (2 pi f): an error of time that makes 1 % TVE, rounded down. */
#define TVE_60HZ_S 26e-6
#define TVE_50HZ_S 31e-6

/* ---- what the kinds share ---- */

void dater_add_event(struct cis_dater *d, const struct cis_event *event)
{
	if (d->n_event < DATER_N_EVENTS)
		d->event[d->n_event++] = *event;
}

struct cis_time_quality dater_system_quality(struct cis_dater *d)
{
	struct cis_time now = cis_clock_now(&d->clock);

	if (d->asked.tai_ns == 0 ||
	    llabs(cis_time_diff_ns(now, d->asked)) > CIS_NS_PER_S) {
		d->quality = cis_clock_quality(&d->clock);
		d->asked = now;
	}
	return d->quality;
}

bool dater_torn(struct cis_dater *d, const struct cis_block *blk,
		struct dater_doubt *doubt)
{
	double freq_hz =
		atomic_load_explicit(&d->freq_hz, memory_order_relaxed);
	struct cis_continuity_hit hit;

	if (freq_hz > 0)
		cis_continuity_set_freq(&d->watch, freq_hz);
	if (!cis_continuity_push(&d->watch, blk, &hit))
		return false;
	*doubt = (struct dater_doubt){
		.on = true, .lost = hit.lost, .first_scan = hit.after_scan + 1};
	return true;
}

void dater_cut(struct cis_block *blk, uint64_t scan)
{
	uint32_t skip;

	blk->flags |= CIS_BLOCK_GAP;
	if (scan <= blk->first_scan || scan >= dater_end(blk))
		return;
	skip = (uint32_t)(scan - blk->first_scan);
	blk->n_scan -= skip;
	blk->first_scan = scan;
	for (uint32_t c = 0; c < blk->n_chan; c++)
		memmove(cis_block_chan(blk, c), cis_block_chan(blk, c) + skip,
			blk->n_scan * sizeof(*blk->x));
	if (blk->timing)
		blk->timing += skip;
}

/* ---- the owner ---- */

static const struct dater_ops *ops_of(enum cis_dater_kind kind)
{
	switch (kind) {
	case CIS_DATER_EXTERNAL:
		return &dater_external_ops;
	case CIS_DATER_PPS_CHANNEL:
		return &dater_pps_ops;
	default:
		return &dater_system_ops;
	}
}

static int open_dev(struct cis_dater *d, struct cis_diag *diag)
{
	d->system.pps.fd = -1;
	if (d->cfg.spec.kind != CIS_DATER_PPS_DEV)
		return 0;
	return cis_kernel_pps_open(&d->system.pps, d->cfg.spec.dev, diag);
}

static void init(struct cis_dater *d, const struct cis_dater_config *cfg)
{
	enum cis_dater_kind kind = cfg->spec.kind;

	d->cfg = *cfg;
	d->ops = ops_of(kind);
	d->limit_s = cfg->fnom_hz > 55 ? TVE_60HZ_S : TVE_50HZ_S;
	d->clock.kind = cis_dater_clock(kind);
	cis_continuity_init(&d->watch, cfg->info->map->n_chan,
			    cfg->info->rate_hz);
	atomic_init(&d->freq_hz, 0);
	d->state = CIS_TIME_UNLOCKED;
	d->now = (struct cis_time_status){
		.kind = kind,
		.state = kind == CIS_DATER_NONE ? CIS_TIME_FREE_RUN
						: CIS_TIME_UNLOCKED,
		.quality = {INFINITY, INFINITY},
		.rate_hz = cfg->info->rate_hz,
		.ppm = NAN,
		.last_edge_s = NAN,
		.last_age_s = NAN,
		.tau_s = NAN,
	};
}

int cis_dater_new(const struct cis_dater_config *cfg, struct cis_dater **out,
		  struct cis_diag *diag)
{
	enum cis_dater_kind kind = cfg->spec.kind;
	struct cis_dater *d;
	int err;

	if (cfg->info->dated && kind != CIS_DATER_SYSTEM &&
	    kind != CIS_DATER_NONE)
		return cis_fail(diag, -EINVAL,
				"time source %s: the samples bring their own "
				"dates",
				cis_dater_name(kind));
	d = calloc(1, sizeof(*d));
	if (!d)
		return cis_fail(diag, -ENOMEM, "out of memory");
	init(d, cfg);
	err = open_dev(d, diag);
	if (err) {
		free(d);
		return err;
	}
	cis_dater_restart(d);
	dater_show(&d->shown, &d->now);
	*out = d;
	return 0;
}

void cis_dater_free(struct cis_dater *d)
{
	if (d)
		cis_kernel_pps_close(&d->system.pps);
	free(d);
}

void cis_dater_restart(struct cis_dater *d)
{
	d->fresh = true;
	d->now.denied_s = 0;
	cis_continuity_reset(&d->watch);
	d->ops->restart(d);
}

void cis_dater_follow(struct cis_dater *d, double freq_hz)
{
	atomic_store_explicit(&d->freq_hz, freq_hz, memory_order_relaxed);
}

void cis_dater_status(const struct cis_dater *d, struct cis_time_status *st)
{
	dater_look(&d->shown, st);
}

/* ---- dating ---- */

static void tell_state_at(struct cis_dater *d, uint64_t scan,
			  struct cis_time at)
{
	struct cis_event event = {
		.kind = CIS_EVENT_TIME_STATE,
		.first_scan = scan,
		.at = at,
		.duration_s = NAN,
		.state = d->now.state,
		.unc_s = d->now.quality.unc_s,
	};

	if (d->state == d->now.state)
		return;
	d->state = d->now.state;
	dater_add_event(d, &event);
}

static void tell_state(struct cis_dater *d, const struct cis_block *blk)
{
	tell_state_at(d, blk->first_scan,
		      cis_split_rounded(
			      cis_scan_instant(&blk->clock, blk->first_scan)));
}

/* Samples that are exact against the clock that they began on. */
static bool by_formula(const struct cis_dater *d)
{
	return d->ops == &dater_system_ops && !d->cfg.info->realtime;
}

/* The dates are the source's, and right. */
static bool exempt(const struct cis_dater *d)
{
	return d->cfg.info->dated || (d->cfg.declared && by_formula(d));
}

static void flag_bad_dates(const struct cis_dater *d, struct cis_block *blk)
{
	double unc_s = blk->clock.quality.unc_s;

	if (!(unc_s <= d->cfg.max_error_s) ||
	    (!by_formula(d) && !(unc_s < d->limit_s)))
		blk->flags |= CIS_BLOCK_UNSYNC;
}

static void conclude(struct cis_dater *d, struct cis_block *blk)
{
	struct cis_time_status *now = &d->now;

	now->quality = blk->clock.quality;
	now->rate_hz = blk->clock.rate_hz;
	now->at = cis_split_rounded(
		cis_scan_instant(&blk->clock, dater_end(blk) - 1));
	if (!exempt(d)) {
		/* Of its own clock the source knows less. */
		if (!by_formula(d))
			blk->flags &= ~CIS_BLOCK_UNSYNC;
		flag_bad_dates(d, blk);
		tell_state(d, blk);
	}
	dater_show(&d->shown, &d->now);
}

int cis_dater_stamp(struct cis_dater *d, struct cis_block *blk)
{
	int err = 0;

	if (exempt(d))
		d->now.state = blk->clock.quality.unlocked_s > 0
				       ? CIS_TIME_UNLOCKED
				       : CIS_TIME_LOCKED;
	else
		err = d->ops->stamp(d, blk);
	d->fresh = false;
	if (err) {
		d->now.state = CIS_TIME_UNLOCKED;
		tell_state(d, blk);
		dater_show(&d->shown, &d->now);
	} else if (exempt(d) || !by_formula(d)) {
		conclude(d, blk);
	}
	return err;
}

void cis_dater_appraise(struct cis_dater *d, struct cis_block *blk)
{
	if (exempt(d) || !by_formula(d))
		return;
	blk->clock.quality = dater_system_quality(d);
	conclude(d, blk);
}

void cis_dater_idle(struct cis_dater *d, const struct cis_time_quality *q)
{
	if (!d->cfg.info->attested || d->cfg.spec.kind != CIS_DATER_EXTERNAL)
		return;
	d->now.quality = *q;
	d->now.state = dater_attested(d, &d->now.quality);
	tell_state_at(d, 0, cis_clock_now(&d->clock));
	dater_show(&d->shown, &d->now);
}

bool cis_dater_event(struct cis_dater *d, struct cis_event *event)
{
	if (d->n_event == 0)
		return false;
	*event = d->event[0];
	d->n_event--;
	memmove(d->event, d->event + 1, d->n_event * sizeof(d->event[0]));
	return true;
}

/* dater.c - the words of --time, and what all its kinds share; see dater.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dater_in.h"
#include "host/core/opt.h"

#define PPS_CHANNEL  "pps-channel:"
#define PPS_DEV      "pps:"
#define ERROR_S      100e-9 /* what is common to all pulses, unless told */
#define MAX_DELAY_NS 1e8
#define DRIFT_PPB    10.0 /* a second: a quartz in a room that is heated */
/* 0.01 / (2 pi f): an error of time that makes 1 % TVE, rounded down. */
#define TVE_60HZ_S   26e-6
#define TVE_50HZ_S   31e-6

/* ---- words ---- */

static int parse_options(const char *text, struct cis_dater_spec *spec,
			 struct cis_diag *diag)
{
	static const char *const keys[] = {"delay_ns", "error_ns", "drift_ppb",
					   NULL};
	double delay_ns = 0, error_ns = 1e9 * ERROR_S, drift_ppb = DRIFT_PPB;
	struct cis_diag why;
	size_t len;

	if (cis_opt_check(text, keys, &why) ||
	    cis_opt_f64(text, "delay_ns", &delay_ns, &why) ||
	    cis_opt_f64(text, "error_ns", &error_ns, &why) ||
	    cis_opt_f64(text, "drift_ppb", &drift_ppb, &why))
		return cis_fail(diag, -EINVAL, "time source: %.300s", why.msg);
	if (!(fabs(delay_ns) <= MAX_DELAY_NS) ||
	    !(error_ns >= 0 && error_ns <= MAX_DELAY_NS))
		return cis_fail(diag, -EINVAL,
				"time source: delay_ns and error_ns are at "
				"most %.0f",
				MAX_DELAY_NS);
	if (drift_ppb != DRIFT_PPB && spec->kind != CIS_DATER_PPS_CHANNEL)
		return cis_fail(diag, -EINVAL,
				"time source: drift_ppb is for pps-channel");
	if (!(drift_ppb >= 0.1 && drift_ppb <= 1000))
		return cis_fail(diag, -EINVAL,
				"time source: drift_ppb is from 0.1 to 1000");
	spec->drift_per_s = 1e-9 * drift_ppb;
	spec->delay_s = 1e-9 * delay_ns;
	spec->error_s = 1e-9 * error_ns;
	spec->error_told = cis_opt_text(text, "error_ns", &len) != NULL;
	return 0;
}

static int parse_channel(const char *text, struct cis_dater_spec *spec,
			 struct cis_diag *diag)
{
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len > 5 || (text[len] && text[len] != ','))
		return cis_fail(diag, -EINVAL,
				"time source: \"%s%.60s\" names no input of "
				"the board; write pps-channel:7",
				PPS_CHANNEL, text);
	spec->channel = (unsigned)strtoul(text, NULL, 10);
	return parse_options(text + len + (text[len] == ','), spec, diag);
}

static int parse_dev(const char *text, struct cis_dater_spec *spec,
		     struct cis_diag *diag)
{
	size_t len = strcspn(text, ",");

	if (len == 0 || len >= sizeof(spec->dev))
		return cis_fail(diag, -EINVAL,
				"time source: \"%s%.60s\" names no device; "
				"write pps:/dev/pps0",
				PPS_DEV, text);
	memcpy(spec->dev, text, len);
	return parse_options(text + len + (text[len] == ','), spec, diag);
}

/* Those that name no input and no device; -ENOENT: none of them. */
static int parse_word(const char *text, struct cis_dater_spec *spec,
		      struct cis_diag *diag)
{
	static const struct {
		const char *word;
		enum cis_dater_kind kind;
	} words[] = {{"system", CIS_DATER_SYSTEM},
		     {"none", CIS_DATER_NONE},
		     {"external", CIS_DATER_EXTERNAL}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i].word);

		if (strncmp(text, words[i].word, len) != 0)
			continue;
		spec->kind = words[i].kind;
		if (!text[len])
			return 0;
		if (text[len] == ',' && spec->kind == CIS_DATER_EXTERNAL)
			return parse_options(text + len + 1, spec, diag);
	}
	return -ENOENT;
}

int cis_dater_parse(const char *text, struct cis_dater_spec *spec,
		    struct cis_diag *diag)
{
	struct cis_dater_spec s = {.error_s = ERROR_S};
	int err;

	if (!strncmp(text, PPS_CHANNEL, strlen(PPS_CHANNEL))) {
		s.kind = CIS_DATER_PPS_CHANNEL;
		err = parse_channel(text + strlen(PPS_CHANNEL), &s, diag);
	} else if (!strncmp(text, PPS_DEV, strlen(PPS_DEV))) {
		s.kind = CIS_DATER_PPS_DEV;
		err = parse_dev(text + strlen(PPS_DEV), &s, diag);
	} else {
		err = parse_word(text, &s, diag);
	}
	if (err == -ENOENT)
		return cis_fail(diag, -EINVAL,
				"\"%.60s\": no such time source; there are "
				"external, pps-channel:N, pps:DEV, system and "
				"none",
				text);
	if (!err)
		*spec = s;
	return err;
}

const char *cis_dater_name(enum cis_dater_kind kind)
{
	static const char *const names[] = {
		[CIS_DATER_SYSTEM] = "system",
		[CIS_DATER_NONE] = "none",
		[CIS_DATER_EXTERNAL] = "external",
		[CIS_DATER_PPS_CHANNEL] = "pps-channel",
		[CIS_DATER_PPS_DEV] = "pps",
	};

	return names[kind];
}

enum cis_clock_kind cis_dater_clock(enum cis_dater_kind kind)
{
	return kind == CIS_DATER_NONE ? CIS_CLOCK_NONE : CIS_CLOCK_SYSTEM;
}

/* ---- what main may see ---- */

/* The words are stored with release and read with acquire, so that none is read
 * newer than the turn that is read after it. */
static void publish(struct cis_dater *d)
{
	uint64_t words[DATER_N_WORDS] = {0};
	uint64_t turn = atomic_load_explicit(&d->turn, memory_order_relaxed);

	memcpy(words, &d->now, sizeof(d->now));
	atomic_store_explicit(&d->turn, turn + 1, memory_order_relaxed);
	for (size_t i = 0; i < DATER_N_WORDS; i++)
		atomic_store_explicit(&d->words[i], words[i],
				      memory_order_release);
	atomic_store_explicit(&d->turn, turn + 2, memory_order_release);
}

void cis_dater_status(const struct cis_dater *d, struct cis_time_status *st)
{
	uint64_t words[DATER_N_WORDS], before, after;

	do {
		before = atomic_load_explicit(&d->turn, memory_order_acquire);
		for (size_t i = 0; i < DATER_N_WORDS; i++)
			words[i] = atomic_load_explicit(&d->words[i],
							memory_order_acquire);
		after = atomic_load_explicit(&d->turn, memory_order_relaxed);
	} while (before != after || before % 2);
	memcpy(st, words, sizeof(*st));
}

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
	publish(d);
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
	publish(d);
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
		publish(d);
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
	publish(d);
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

/* estim.c - the way from blocks to reports, in time order; see estim.h. */
#include "cisoid/estim.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "history.h"
#include "instant.h"

/* Delays of channels up to this can be told; history is kept for it. */
#define MAX_DELAY_S 0.1
/* A jump of the date by more than this is not filled with reports. */
#define MAX_HOLE_S  86400

struct cis_estim {
	struct cis_estim_config cfg;
	struct cis_history hist;
	struct cis_fitter fitter;
	bool scheduled; /* next and probe are set */
	bool started;   /* a complete window has been seen */
	bool ready;     /* the window of probe is complete */
	bool finished;  /* no more samples come */
	bool given_up;  /* none comes for instants up to: */
	struct cis_split_time until;
	bool given_quality; /* of those instants: */
	struct cis_time_quality quality;
	struct cis_instant next;  /* to be popped */
	struct cis_instant probe; /* >= next; windows between are broken */
};

static int check_profile(const struct cis_estim_config *cfg,
			 struct cis_diag *diag)
{
	bool ls7 = cfg->profile == CIS_PROFILE_LS7;

	if (cfg->profile > CIS_PROFILE_REFERENCE ||
	    (ls7 && (cfg->n_cycle < CIS_MIN_LS7_CYCLE ||
		     cfg->n_cycle > CIS_MAX_LS7_CYCLE)))
		return cis_fail(diag, -EINVAL, "there is no such profile");
	if (!ls7 && cfg->rate_hz > CIS_MAX_RATE_HZ)
		return cis_fail(diag, -EINVAL,
				"%g samples a second are more than the %g that "
				"profiles p, m and reference take; ls7 takes "
				"any",
				cfg->rate_hz, CIS_MAX_RATE_HZ);
	return 0;
}

static int check(const struct cis_estim_config *cfg, struct cis_diag *diag)
{
	if (!cfg->map || cfg->map->n_chan == 0)
		return cis_fail(diag, -EINVAL,
				"there are no voltage or current channels to "
				"estimate");
	if (cfg->fnom_hz != 50 && cfg->fnom_hz != 60)
		return cis_fail(diag, -EINVAL,
				"the nominal frequency must be 50 or 60 Hz, "
				"not %g",
				cfg->fnom_hz);
	if (cfg->rate.num == 0 || cfg->rate.den == 0 ||
	    (cfg->rate.num != 1 && cfg->rate.den != 1))
		return cis_fail(diag, -EINVAL,
				"the reporting rate must be N or 1/N per "
				"second, not %u/%u",
				(unsigned)cfg->rate.num,
				(unsigned)cfg->rate.den);
	if (!isfinite(cfg->rate_hz) ||
	    cfg->rate_hz < CIS_MIN_PER_CYCLE * cfg->fnom_hz)
		return cis_fail(diag, -EINVAL,
				"%g samples a second are fewer than %d a cycle "
				"of %g Hz",
				cfg->rate_hz, CIS_MIN_PER_CYCLE, cfg->fnom_hz);
	if (cfg->max_block == 0)
		return cis_fail(diag, -EINVAL, "blocks of no scans");
	return check_profile(cfg, diag);
}

int cis_estim_new(const struct cis_estim_config *cfg, struct cis_estim **out,
		  struct cis_diag *diag)
{
	struct cis_estim *est;
	double top_hz = CIS_RATE_SLACK * cfg->rate_hz;
	size_t keep;
	int err;

	if (check(cfg, diag))
		return -EINVAL;
	est = calloc(1, sizeof(*est));
	if (!est)
		return cis_fail(diag, -ENOMEM, "not enough memory");
	est->cfg = *cfg;
	keep = (size_t)ceil((cis_estim_window_s(cfg) / 2 +
			     cis_estim_latency_s(cfg) + CIS_SEED_S +
			     2 * MAX_DELAY_S) *
			    top_hz) +
	       4;
	err = cis_fitter_init(&est->fitter, &est->cfg, diag);
	if (!err && cis_history_init(&est->hist, cfg->map->n_chan, keep,
				     cfg->max_block))
		err = cis_fail(diag, -ENOMEM,
			       "not enough memory for %u channels at %g Hz",
			       (unsigned)cfg->map->n_chan, cfg->rate_hz);
	if (err)
		cis_estim_free(est);
	else
		*out = est;
	return err;
}

void cis_estim_free(struct cis_estim *est)
{
	if (!est)
		return;
	cis_history_fini(&est->hist);
	cis_fitter_fini(&est->fitter);
	free(est);
}

static bool acceptable(const struct cis_estim *est, const struct cis_block *blk)
{
	const struct cis_estim_config *cfg = &est->cfg;

	if (blk->n_chan != cfg->map->n_chan || blk->n_scan == 0 ||
	    blk->n_scan > cfg->max_block || !(blk->clock.rate_hz > 0) ||
	    blk->clock.rate_hz > CIS_RATE_SLACK * cfg->rate_hz)
		return false;
	for (uint32_t c = 0; blk->delay_s && c < blk->n_chan; c++)
		if (!(fabs(blk->delay_s[c]) <= MAX_DELAY_S))
			return false;
	return true;
}

/* Reports begin with the stretch; an earlier start is only a harmless one. */
static void schedule(struct cis_estim *est)
{
	struct cis_split_time s =
		cis_scan_instant(&est->hist.epoch[0].clock, est->hist.first);
	int64_t ns = s.tai_s * CIS_NS_PER_S + (int64_t)(s.frac_s * 1e9) -
		     (int64_t)(MAX_DELAY_S * 1e9);

	if (est->started &&
	    fabs(cis_split_diff_s(s, cis_instant_split(est->probe))) <
		    MAX_HOLE_S)
		return;
	est->next = cis_instant_from((struct cis_time){.tai_ns = ns},
				     est->cfg.rate);
	est->probe = est->next;
	est->scheduled = true;
	est->started = false;
	est->ready = false;
	est->given_up = false;
}

int cis_estim_push(struct cis_estim *est, const struct cis_block *blk)
{
	if (!acceptable(est, blk))
		return -EINVAL;
	if (cis_history_push(&est->hist, blk)) {
		cis_fitter_forget(&est->fitter);
		est->ready = false;
		schedule(est);
	}
	return 0;
}

/* Samples for this instant that are not there never come. */
static bool hopeless(const struct cis_estim *est, struct cis_instant at)
{
	return est->given_up &&
	       cis_split_diff_s(cis_instant_split(at), est->until) <= 0;
}

enum state {
	READY,
	BROKEN, /* will never be complete */
	WAIT,   /* for more samples */
};

static enum state state_of(const struct cis_estim *est, struct cis_instant at)
{
	const struct cis_history *h = &est->hist;
	struct cis_split_time t = cis_instant_split(at);
	const struct cis_scan_clock *clock = cis_history_clock(h, t);
	int64_t end = (int64_t)(h->first + h->n);
	uint32_t n = cis_fitter_length(&est->fitter, clock->rate_hz);
	uint32_t ahead =
		est->finished || hopeless(est, at)
			? 0
			: cis_fitter_lookahead(&est->fitter, clock->rate_hz);
	enum state state = READY;

	if (clock->rate_hz < CIS_MIN_PER_CYCLE * est->cfg.fnom_hz) {
		double ahead_s = cis_split_diff_s(
			t, cis_scan_instant(clock, (uint64_t)end - 1));

		return ahead_s <= 0 ? BROKEN : WAIT;
	}
	for (uint32_t c = 0; c < h->n_chan; c++) {
		struct cis_window w = cis_history_window(h, c, t, n);

		if (w.first < (int64_t)h->first)
			return BROKEN;
		if (w.first + w.n + ahead > end)
			state = WAIT;
	}
	return state;
}

/* Looks for the next complete window, from probe on. */
static bool find_ready(struct cis_estim *est)
{
	while (!est->ready) {
		enum state state = state_of(est, est->probe);

		if (state == WAIT &&
		    !(est->started && hopeless(est, est->probe)))
			return false;
		if (state == READY) {
			est->ready = true;
			break;
		}
		est->probe = cis_instant_next(est->probe);
		if (!est->started)
			est->next = est->probe;
	}
	est->started = true;
	return true;
}

/* Of an instant without samples. */
static struct cis_time_quality quality_at(const struct cis_estim *est,
					  struct cis_instant at)
{
	if (hopeless(est, at) && est->given_quality)
		return est->quality;
	return cis_history_clock(&est->hist, cis_instant_split(at))->quality;
}

int cis_estim_pop(struct cis_estim *est, struct cis_report *rep)
{
	bool passed;

	if (!est->scheduled)
		return -EAGAIN;
	passed = !find_ready(est) && est->started &&
		 cis_instant_diff(est->probe, est->next) > 0 &&
		 hopeless(est, est->next);
	if (!est->ready && !passed)
		return -EAGAIN;
	if (cis_instant_diff(est->probe, est->next) > 0) {
		cis_fitter_gap(&est->fitter, est->next, rep);
		rep->time_quality = quality_at(est, est->next);
	} else {
		cis_fitter_report(&est->fitter, &est->hist, est->next, rep);
		est->probe = cis_instant_next(est->probe);
		est->ready = false;
	}
	est->next = cis_instant_next(est->next);
	return 0;
}

void cis_estim_give_up(struct cis_estim *est, struct cis_split_time until,
		       const struct cis_time_quality *q)
{
	est->given_quality = q != NULL;
	if (q)
		est->quality = *q;
	if (est->given_up && cis_split_diff_s(until, est->until) <= 0)
		return;
	est->given_up = true;
	est->until = until;
}

void cis_estim_finish(struct cis_estim *est)
{
	est->finished = true;
}

bool cis_estim_wants(const struct cis_estim *est)
{
	const struct cis_fitter *f = &est->fitter;

	if (!est->cfg.background)
		return false;
	return (f->method->wants && f->method->wants(f->self)) ||
	       (f->stepper && cis_stepper_wants(f->stepper));
}

int cis_estim_design(struct cis_estim *est)
{
	const struct cis_fitter *f = &est->fitter;
	int made;

	if (!est->cfg.background)
		return 0;
	made = f->method->design ? f->method->design(f->self) : 0;
	if (made == 0 && f->stepper)
		made = cis_stepper_design(f->stepper);
	return made;
}

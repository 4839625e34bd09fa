/*
 * aware.c - test-aware fits of a recording: see aware.h.
 *
 * Two blind estimators see the recording: one the samples, as they come, the
 * other, in the end, the fitted waveforms. What the two say differs by what the
 * blind estimator makes of the residual, whatever it makes of the waveform: the
 * model is refused where that is more than its noise.
 */
#include "cisoid/aware.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aware_check.h"
#include "combine.h"

#define MAX_WHY   160
/* How far rounding, and the end of LS7's iteration, take two blind estimates of
 * the same. */
#define FLOOR_REL 1e-9
#define FLOOR_HZ  1e-7

/* A report without its unused channels. */
struct kept {
	struct cis_instant at;
	struct cis_time_quality time_quality;
	uint32_t flags, notes;
	double freq_hz, rocof_hz_per_s, u_freq_hz, u_rocof_hz_per_s;
};

enum outcome {
	HOLDS,
	REFUSED,
	IDLE, /* no signal: nothing to fit */
};

struct aware_chan {
	enum outcome outcome;
	char why[MAX_WHY];
	struct cis_fitted fit;
};

struct cis_aware {
	struct cis_aware_config cfg;
	struct cis_estim_config estim;
	struct cis_estim *blind;
	struct cis_history hist;
	bool broken; /* more than one stretch */
	struct cis_split_time origin;
	struct cis_aware_tools tools;
	struct aware_chan *chan;
	double *block; /* [n_chan][max_block] */
	/* The blind reports. */
	size_t n_kept, room;
	struct kept *kept;
	double complex *phasor; /* [n_kept][n_phasor] */
	struct cis_fit *fit;    /* [n_kept][n_chan] */
	uint32_t n_phasor;
	size_t next; /* to be popped */
	bool finished;
	struct cis_chan_fit *of_chan;
	struct cis_report rep;
};

static const char *const names[] = {
	[CIS_MODEL_NONE] = "none", [CIS_MODEL_STEADY] = "steady",
	[CIS_MODEL_RAMP] = "ramp", [CIS_MODEL_MOD] = "mod",
	[CIS_MODEL_TONE] = "tone", [CIS_MODEL_STEP] = "step"};
#define N_NAME (sizeof(names) / sizeof(names[0]))

int cis_model_parse(const char *text, enum cis_model *out,
		    struct cis_diag *diag)
{
	for (unsigned i = 0; i < N_NAME; i++)
		if (!strcmp(text, names[i])) {
			*out = (enum cis_model)i;
			return 0;
		}
	return cis_fail(diag, -EINVAL,
			"no model \"%.60s\"; there are: none, steady, ramp, "
			"mod, tone, step",
			text);
}

const char *cis_model_name(enum cis_model model)
{
	return names[model];
}

/* ---- new and free ---- */

static int check(const struct cis_aware_config *cfg, struct cis_diag *diag)
{
	if (cfg->model <= CIS_MODEL_NONE || cfg->model > CIS_MODEL_STEP)
		return cis_fail(diag, -EINVAL, "no model to fit");
	if (cfg->max_scan == 0 || cfg->max_scan > CIS_AWARE_MAX_SCAN)
		return cis_fail(diag, -EINVAL,
				"a recording of %zu scans is too long for a "
				"test-aware fit; %zu are the most",
				cfg->max_scan, (size_t)CIS_AWARE_MAX_SCAN);
	return 0;
}

static int allocate(struct cis_aware *aw)
{
	uint32_t n_chan = aw->estim.map->n_chan;
	size_t n = aw->cfg.max_scan;

	aw->n_phasor = n_chan + aw->estim.map->n_group;
	aw->chan = calloc(n_chan, sizeof(*aw->chan));
	aw->of_chan = calloc(n_chan, sizeof(*aw->of_chan));
	aw->block = malloc((size_t)n_chan * aw->estim.max_block *
			   sizeof(*aw->block));
	aw->tools.residual = malloc((2 * n + 64) * sizeof(double));
	aw->tools.scope =
		cis_scope_new(n, aw->estim.rate_hz, aw->estim.fnom_hz);
	if (!aw->chan || !aw->of_chan || !aw->block || !aw->tools.residual ||
	    !aw->tools.scope)
		return -ENOMEM;
	if (cis_lsq_init(&aw->tools.lsq, CIS_AWARE_COL))
		return -ENOMEM;
	return cis_history_init(&aw->hist, n_chan, n, aw->estim.max_block);
}

int cis_aware_new(const struct cis_aware_config *cfg, struct cis_aware **out,
		  struct cis_diag *diag)
{
	struct cis_aware *aw;
	int err;

	if (check(cfg, diag))
		return -EINVAL;
	aw = calloc(1, sizeof(*aw));
	if (!aw)
		return cis_fail(diag, -ENOMEM, "not enough memory");
	aw->cfg = *cfg;
	aw->estim = *cfg->estim;
	aw->estim.background = false;
	aw->cfg.estim = &aw->estim;
	aw->tools.fnom_hz = aw->estim.fnom_hz;
	aw->tools.harmonics = cfg->harmonics;
	err = cis_estim_new(&aw->estim, &aw->blind, diag);
	if (!err && allocate(aw))
		err = cis_fail(diag, -ENOMEM,
			       "not enough memory for a recording of %zu scans",
			       cfg->max_scan);
	if (err) {
		cis_aware_free(aw);
		return err;
	}
	*out = aw;
	return 0;
}

void cis_aware_free(struct cis_aware *aw)
{
	if (!aw)
		return;
	cis_estim_free(aw->blind);
	cis_history_fini(&aw->hist);
	cis_lsq_fini(&aw->tools.lsq);
	cis_scope_free(aw->tools.scope);
	free(aw->tools.residual);
	free(aw->chan);
	free(aw->of_chan);
	free(aw->block);
	free(aw->kept);
	free(aw->phasor);
	free(aw->fit);
	free(aw);
}

/* ---- the recording, and what the blind estimator says of it ---- */

static int make_room(struct cis_aware *aw)
{
	size_t room = aw->room ? 2 * aw->room : 64;
	size_t n_chan = aw->estim.map->n_chan;
	void *p;

	if (aw->n_kept < aw->room)
		return 0;
	p = realloc(aw->kept, room * sizeof(*aw->kept));
	if (!p)
		return -ENOMEM;
	aw->kept = p;
	p = realloc(aw->phasor, room * aw->n_phasor * sizeof(*aw->phasor));
	if (!p)
		return -ENOMEM;
	aw->phasor = p;
	p = realloc(aw->fit, room * n_chan * sizeof(*aw->fit));
	if (!p)
		return -ENOMEM;
	aw->fit = p;
	aw->room = room;
	return 0;
}

static int keep(struct cis_aware *aw, const struct cis_report *rep)
{
	uint32_t n_chan = aw->estim.map->n_chan;
	size_t k = aw->n_kept;

	if (make_room(aw))
		return -ENOMEM;
	aw->kept[k] = (struct kept){.at = rep->at,
				    .time_quality = rep->time_quality,
				    .flags = rep->flags,
				    .notes = rep->notes,
				    .freq_hz = rep->freq_hz,
				    .rocof_hz_per_s = rep->rocof_hz_per_s,
				    .u_freq_hz = rep->u_freq_hz,
				    .u_rocof_hz_per_s = rep->u_rocof_hz_per_s};
	memcpy(aw->phasor + k * aw->n_phasor, rep->phasor_rms,
	       aw->n_phasor * sizeof(*aw->phasor));
	memcpy(aw->fit + k * n_chan, rep->fit, n_chan * sizeof(*aw->fit));
	aw->n_kept++;
	return 0;
}

static int keep_all(struct cis_aware *aw)
{
	int err = 0;

	while (!err && !cis_estim_pop(aw->blind, &aw->rep))
		err = keep(aw, &aw->rep);
	return err;
}

int cis_aware_push(struct cis_aware *aw, const struct cis_block *blk)
{
	bool first = aw->hist.n_epoch == 0;
	int err;

	if (aw->hist.n + blk->n_scan > aw->cfg.max_scan)
		return -ENOSPC;
	err = cis_estim_push(aw->blind, blk);
	if (err)
		return err;
	/* More clocks than are remembered count as a hole. */
	if ((cis_history_push(&aw->hist, blk) && !first) ||
	    aw->hist.n_epoch == CIS_N_EPOCH)
		aw->broken = true;
	return keep_all(aw);
}

/* ---- fits ---- */

static struct cis_track track_of(const struct cis_aware *aw, uint32_t c)
{
	return (struct cis_track){.h = &aw->hist,
				  .chan = c,
				  .origin = aw->origin,
				  .rate_hz = aw->hist.epoch[0].clock.rate_hz};
}

static const uint32_t bad =
	CIS_REPORT_GAP | CIS_REPORT_NOSIGNAL | CIS_REPORT_NOFIT;

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median of a channel's blind frequencies: that of the middle. NaN where
 * most reports have none, and why. */
static double blind_hz(const struct cis_aware *aw, uint32_t c, uint32_t *flags)
{
	uint32_t n_chan = aw->estim.map->n_chan;
	double *f_hz = aw->tools.residual;
	size_t n = 0;

	*flags = 0;
	for (size_t k = 0; k < aw->n_kept; k++) {
		const struct cis_fit *fit = &aw->fit[k * n_chan + c];

		if (!(fit->flags & bad) && isfinite(fit->freq_hz))
			f_hz[n++] = fit->freq_hz;
		*flags |= fit->flags;
	}
	if (2 * n < aw->n_kept || n == 0)
		return NAN;
	qsort(f_hz, n, sizeof(*f_hz), by_size);
	return f_hz[n / 2];
}

static bool all_there(const struct cis_track *t)
{
	const double *s = cis_track_samples(t);

	for (size_t i = 0; i < cis_track_n(t); i++)
		if (!isfinite(s[i]))
			return false;
	return true;
}

__attribute__((format(printf, 2, 3))) static void refuse(struct aware_chan *ch,
							 const char *fmt, ...)
{
	va_list ap;

	ch->outcome = REFUSED;
	va_start(ap, fmt);
	vsnprintf(ch->why, sizeof(ch->why), fmt, ap);
	va_end(ap);
}

static const char *what_is_missing(enum cis_model model)
{
	switch (model) {
	case CIS_MODEL_MOD:
		return "no modulation to be found";
	case CIS_MODEL_TONE:
		return "no tone to be found";
	case CIS_MODEL_STEP:
		return "no step to be found";
	default:
		return "too short";
	}
}

static int fit_wave(struct cis_aware *aw, const struct cis_track *t,
		    double f_hz, struct cis_fitted *f)
{
	int err;

	cis_waveform_init(&f->wave, aw->cfg.model);
	err = cis_aware_seed(&aw->tools, t, f_hz, &f->wave);
	for (int i = 0; !err && i < 3; i++) {
		err = cis_aware_fit(&aw->tools.lsq, t, aw->cfg.harmonics, f);
		if (err || aw->cfg.model != CIS_MODEL_STEP ||
		    !cis_aware_step_again(t, f))
			break;
	}
	return err;
}

static void fit_channel(struct cis_aware *aw, uint32_t c)
{
	struct aware_chan *ch = &aw->chan[c];
	struct cis_track t = track_of(aw, c);
	uint32_t flags;
	double f_hz = blind_hz(aw, c, &flags);
	int err;

	if (!all_there(&t)) {
		refuse(ch, "samples are missing");
		return;
	}
	if (isnan(f_hz) && !(flags & (CIS_REPORT_GAP | CIS_REPORT_NOFIT))) {
		refuse(ch, "no signal");
		ch->outcome = IDLE;
		return;
	}
	if (isnan(f_hz)) {
		refuse(ch, "no blind estimate to begin with");
		return;
	}
	err = fit_wave(aw, &t, f_hz, &ch->fit);
	if (err == -ELOOP)
		refuse(ch, "the fit does not converge");
	else if (err)
		refuse(ch, "%s", what_is_missing(aw->cfg.model));
}

static void check_residual(struct cis_aware *aw, uint32_t c)
{
	struct aware_chan *ch = &aw->chan[c];
	struct cis_track t = track_of(aw, c);
	struct cis_leftover left;

	if (ch->outcome != HOLDS)
		return;
	cis_fitted_residual(&ch->fit, &t, aw->tools.residual);
	left = cis_aware_leftover(&aw->tools, &t, &ch->fit);
	if (left.amplitude > 0)
		refuse(ch,
		       "the residual is not noise: %.2g %% of the fundamental "
		       "at %.4g Hz",
		       100 * left.amplitude / ch->fit.wave.par[CIS_PAR_A],
		       left.f_hz);
}

/* ---- against the blind estimate ---- */

/* What the blind estimator would have been given, had the models been true. */
static struct cis_block model_block(struct cis_aware *aw, uint64_t first,
				    uint32_t n)
{
	const struct cis_history *h = &aw->hist;
	uint32_t e = h->n_epoch - 1;
	struct cis_block blk = {.first_scan = first,
				.n_chan = h->n_chan,
				.stride = aw->estim.max_block,
				.delay_s = h->delay_s,
				.x = aw->block};

	while (e > 0 && h->epoch[e].from_scan > first)
		e--;
	blk.clock = h->epoch[e].clock;
	if (e + 1 < h->n_epoch && h->epoch[e + 1].from_scan - first < n)
		n = (uint32_t)(h->epoch[e + 1].from_scan - first);
	blk.n_scan = n;
	for (uint32_t c = 0; c < h->n_chan; c++) {
		struct cis_track t = track_of(aw, c);
		size_t at = (size_t)(first - h->first);

		for (uint32_t i = 0; i < n; i++)
			cis_block_chan(&blk, c)[i] =
				aw->chan[c].outcome == HOLDS
					? cis_fitted_at(
						  &aw->chan[c].fit,
						  cis_track_lapse(&t, at + i))
					: cis_track_samples(&t)[at + i];
	}
	return blk;
}

/* By how many standard uncertainties two blind estimates differ. */
static double sigmas(double difference, double floor, double u)
{
	double beyond = fabs(difference) - floor;

	return beyond > 0 ? beyond / u : 0;
}

struct worst {
	double phasor[CIS_MAX_CHAN];
	double freq;
	size_t n; /* reports compared */
};

/* Within a window of a step there is nothing to compare. */
static bool near_step(const struct cis_aware *aw, uint32_t c,
		      struct cis_instant at)
{
	struct cis_track t = track_of(aw, c);
	struct cis_lapse lapse = cis_track_since(&t, cis_instant_split(at));
	double reach_s =
		cis_estim_window_s(&aw->estim) / 2 + 2 / aw->estim.fnom_hz;

	return aw->cfg.model == CIS_MODEL_STEP &&
	       fabs(cis_lapse_s(lapse) - aw->chan[c].fit.wave.step_s) < reach_s;
}

static void compare(const struct cis_aware *aw, size_t k,
		    const struct cis_report *model, struct worst *w)
{
	uint32_t n_chan = aw->estim.map->n_chan;
	const struct kept *data = &aw->kept[k];
	bool step = false;

	for (uint32_t c = 0; c < n_chan; c++) {
		const struct cis_fit *fit = &aw->fit[k * n_chan + c];
		double complex q =
			aw->phasor[k * aw->n_phasor + c] / model->phasor_rms[c];

		if (aw->chan[c].outcome != HOLDS)
			continue;
		step |= near_step(aw, c, data->at);
		if ((fit->flags & bad) || step)
			continue;
		w->phasor[c] = fmax(
			w->phasor[c],
			hypot(sigmas(cabs(q) - 1, FLOOR_REL, fit->u_mag),
			      sigmas(carg(q), FLOOR_REL, fit->u_phase_rad)));
	}
	if (!(data->flags & bad) && !step)
		w->freq = fmax(w->freq, sigmas(data->freq_hz - model->freq_hz,
					       FLOOR_HZ, data->u_freq_hz));
	w->n++;
}

static int run_blind_on_models(struct cis_aware *aw, struct worst *w)
{
	const struct cis_history *h = &aw->hist;
	struct cis_estim *est;
	size_t k = 0;
	int err = cis_estim_new(&aw->estim, &est, NULL);

	for (size_t at = 0; !err && at < h->n;) {
		size_t n = h->n - at < aw->estim.max_block
				   ? h->n - at
				   : aw->estim.max_block;
		struct cis_block blk =
			model_block(aw, h->first + at, (uint32_t)n);

		err = cis_estim_push(est, &blk);
		at += blk.n_scan;
		for (; !err && !cis_estim_pop(est, &aw->rep); k++)
			if (k < aw->n_kept &&
			    !cis_instant_diff(aw->rep.at, aw->kept[k].at))
				compare(aw, k, &aw->rep, w);
	}
	if (!err)
		cis_estim_free(est);
	return err;
}

/* The frequency is of the voltages, if there are any that are not idle. */
static bool makes_frequency(const struct cis_aware *aw, uint32_t c)
{
	const struct cis_chan_map *map = aw->estim.map;

	for (uint32_t i = 0; i < map->n_chan; i++)
		if (map->chan[i].quantity == CIS_VOLTAGE &&
		    aw->chan[i].outcome != IDLE)
			return map->chan[c].quantity == CIS_VOLTAGE;
	return true;
}

/*
 * Four sigma of one report, and for many the same odds that none exceeds: n
 * exp(-k^2/2) = exp(-8).
 */
static void judge(struct cis_aware *aw, const struct worst *w)
{
	double limit = sqrt(16 + 2 * log((double)(w->n ? w->n : 1)));

	for (uint32_t c = 0; c < aw->estim.map->n_chan; c++) {
		struct aware_chan *ch = &aw->chan[c];

		if (ch->outcome != HOLDS)
			continue;
		if (w->phasor[c] > limit)
			refuse(ch,
			       "its phasor is %.3g standard uncertainties off "
			       "the blind one",
			       w->phasor[c]);
		else if (w->freq > limit && makes_frequency(aw, c))
			refuse(ch,
			       "the frequency is %.3g standard uncertainties "
			       "off the blind one",
			       w->freq);
	}
}

static void set_origin(struct cis_aware *aw)
{
	const struct cis_history *h = &aw->hist;
	uint32_t e = h->n_epoch - 1;
	uint64_t mid = h->first + h->n / 2;

	while (e > 0 && h->epoch[e].from_scan > mid)
		e--;
	aw->origin = cis_scan_instant(&h->epoch[e].clock, mid);
}

int cis_aware_finish(struct cis_aware *aw)
{
	uint32_t n_chan = aw->estim.map->n_chan;
	struct worst *w;
	int err;

	aw->finished = true;
	if (aw->n_kept == 0)
		return 0;
	if (aw->broken) {
		for (uint32_t c = 0; c < n_chan; c++)
			refuse(&aw->chan[c], "the recording has a gap");
		return 0;
	}
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	set_origin(aw);
	for (uint32_t c = 0; c < n_chan; c++) {
		fit_channel(aw, c);
		check_residual(aw, c);
	}
	err = run_blind_on_models(aw, w);
	if (!err)
		judge(aw, w);
	free(w);
	return err;
}

const char *cis_aware_why(const struct cis_aware *aw, uint32_t chan)
{
	return aw->chan[chan].why;
}

/* ---- reports ---- */

/* Against a cosine of fnom that peaks at the second, and rms; see instant.c. */
static double complex to_synchrophasor(double fnom_hz, struct cis_instant at)
{
	uint64_t turns = (uint64_t)fnom_hz * at.k % at.rate.num;
	double angle = -2 * CIS_PI * (double)turns / at.rate.num;

	return cexp(I * angle) / sqrt(2);
}

static void restore(const struct cis_aware *aw, size_t k,
		    struct cis_report *rep)
{
	const struct kept *kept = &aw->kept[k];

	rep->at = kept->at;
	rep->time_quality = kept->time_quality;
	rep->flags = kept->flags;
	rep->notes = kept->notes;
	rep->freq_hz = kept->freq_hz;
	rep->rocof_hz_per_s = kept->rocof_hz_per_s;
	rep->u_freq_hz = kept->u_freq_hz;
	rep->u_rocof_hz_per_s = kept->u_rocof_hz_per_s;
	rep->n_chan = aw->estim.map->n_chan;
	rep->n_phasor = aw->n_phasor;
	memcpy(rep->phasor_rms, aw->phasor + k * rep->n_phasor,
	       rep->n_phasor * sizeof(*aw->phasor));
	memcpy(rep->fit, aw->fit + k * rep->n_chan,
	       rep->n_chan * sizeof(*aw->fit));
}

static void put_channel(const struct cis_aware *aw, uint32_t c,
			double complex turn, struct cis_report *rep)
{
	struct cis_track t = track_of(aw, c);
	struct cis_lapse at = cis_track_since(&t, cis_instant_split(rep->at));
	struct cis_dyn *d = &aw->of_chan[c].dyn;
	struct cis_fit *fit = &rep->fit[c];
	double to_rms = 1 / sqrt(2);

	*d = (struct cis_dyn){.flags = CIS_REPORT_NOFIT};
	if (aw->chan[c].outcome == IDLE)
		d->flags = CIS_REPORT_NOSIGNAL;
	if (aw->chan[c].outcome != HOLDS)
		return;
	cis_fitted_dyn(&aw->chan[c].fit, at, aw->estim.fnom_hz, d);
	rep->phasor_rms[c] = d->x[0] * turn;
	fit->a1_per_s = d->a1_per_s * to_rms;
	fit->a2_per_s2 = d->a2_per_s2 * to_rms;
	fit->dc = d->dc;
	fit->resid = d->resid_rms / (cabs(d->x[0]) * to_rms);
	fit->u_mag = cis_dyn_u_mag(d);
	fit->u_phase_rad = cis_dyn_u_phase_rad(d);
	fit->freq_hz = d->freq_hz;
}

static void put_groups(const struct cis_aware *aw, double complex turn,
		       struct cis_report *rep)
{
	const struct cis_chan_map *map = aw->estim.map;

	for (uint32_t g = 0; g < map->n_group; g++) {
		const struct cis_group *group = &map->group[g];
		bool all = true;

		for (unsigned i = 0; i < 3; i++)
			all &= aw->chan[group->chan[i]].outcome == HOLDS;
		if (all)
			rep->phasor_rms[map->n_chan + g] =
				cis_combine_positive(group, aw->of_chan) * turn;
	}
}

static void put_rates(const struct cis_aware *aw, struct cis_report *rep)
{
	const struct cis_chan_map *map = aw->estim.map;
	struct cis_system sys =
		cis_combine(map, aw->of_chan, aw->estim.fnom_hz);
	bool all = sys.flags == 0;

	for (uint32_t c = 0; c < map->n_chan; c++)
		if (makes_frequency(aw, c))
			all &= aw->chan[c].outcome != REFUSED;
	if (!all)
		return;
	rep->freq_hz = sys.rate.freq_hz;
	rep->rocof_hz_per_s = sys.rate.rocof_hz_per_s;
	rep->u_freq_hz = sys.rate.u_freq_hz;
	rep->u_rocof_hz_per_s = sys.rate.u_rocof_hz_per_s;
}

int cis_aware_pop(struct cis_aware *aw, struct cis_report *rep)
{
	double complex turn;

	if (!aw->finished || aw->next == aw->n_kept)
		return -EAGAIN;
	restore(aw, aw->next++, rep);
	for (uint32_t c = 0; c < rep->n_chan; c++)
		if (aw->chan[c].outcome == REFUSED)
			rep->notes |= CIS_NOTE_BLIND;
	if (aw->broken || (rep->flags & bad))
		return 0;
	turn = to_synchrophasor(aw->estim.fnom_hz, rep->at);
	for (uint32_t c = 0; c < rep->n_chan; c++)
		put_channel(aw, c, turn, rep);
	put_groups(aw, turn, rep);
	put_rates(aw, rep);
	return 0;
}

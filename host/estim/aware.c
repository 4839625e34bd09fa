/*
 * aware.c - test-aware fits of a recording: see aware.h.
 */
#include "cisoid/aware.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aware_parts.h"

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
	if (!aw->estim.designs)
		aw->estim.designs = aw->designs = cis_designs_new(&aw->estim);
	err = cis_estim_new(&aw->estim, &aw->blind, diag);
	if (!err)
		err = cis_estim_new(&aw->estim, &aw->modelled, diag);
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
	cis_estim_free(aw->modelled);
	cis_designs_free(aw->designs);
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
	aw->kept[k] =
		(struct cis_kept){.at = rep->at,
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

struct cis_track cis_aware_track(const struct cis_aware *aw, uint32_t c)
{
	return (struct cis_track){.h = &aw->hist,
				  .chan = c,
				  .origin = aw->origin,
				  .rate_hz = aw->hist.epoch[0].clock.rate_hz};
}

void cis_aware_refuse(struct cis_aware_chan *ch, const char *fmt, ...)
{
	va_list ap;

	ch->outcome = CIS_AWARE_REFUSED;
	va_start(ap, fmt);
	vsnprintf(ch->why, sizeof(ch->why), fmt, ap);
	va_end(ap);
}

static bool all_there(const struct cis_track *t)
{
	const double *s = cis_track_samples(t);

	for (size_t i = 0; i < cis_track_n(t); i++)
		if (!isfinite(s[i]))
			return false;
	return true;
}

/* Most of its reports say that there is no signal. */
static bool is_idle(const struct cis_aware *aw, uint32_t c)
{
	size_t n = 0;

	for (size_t k = 0; k < aw->n_kept; k++)
		n += (aw->fit[k * aw->estim.map->n_chan + c].flags &
		      CIS_REPORT_NOSIGNAL) != 0;
	return 2 * n > aw->n_kept;
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
		    struct cis_fitted *f)
{
	int err = 0;

	for (int i = 0; !err && i < 3; i++) {
		err = cis_aware_fit(&aw->tools.lsq, t, aw->cfg.harmonics, f);
		if (err || aw->cfg.model != CIS_MODEL_STEP ||
		    !cis_aware_step_again(t, f))
			break;
	}
	return err;
}

/* From first values, or the error of looking for them, to a verdict on the
 * channel alone. */
static void fit_and_check(struct cis_aware *aw, uint32_t c, int err)
{
	struct cis_aware_chan *ch = &aw->chan[c];
	struct cis_track t = cis_aware_track(aw, c);

	if (!err)
		err = fit_wave(aw, &t, &ch->fit);
	if (err == -ELOOP)
		cis_aware_refuse(ch, "the fit does not converge");
	else if (err)
		cis_aware_refuse(ch, "%s", what_is_missing(aw->cfg.model));
	else
		cis_aware_check_residual(aw, c);
}

/* A ramp without corners first, then with them. */
static void fit_channel(struct cis_aware *aw, uint32_t c, double f_hz)
{
	struct cis_aware_chan *ch = &aw->chan[c];
	struct cis_track t = cis_aware_track(aw, c);
	struct cis_waveform *w = &ch->fit.wave;
	char why[CIS_AWARE_WHY];

	cis_waveform_init(w, aw->cfg.model);
	fit_and_check(aw, c, cis_aware_seed(&aw->tools, &t, f_hz, w));
	if (aw->cfg.model != CIS_MODEL_RAMP || ch->outcome == CIS_AWARE_HOLDS)
		return;
	memcpy(why, ch->why, sizeof(why));
	cis_waveform_init(w, aw->cfg.model);
	ch->outcome = CIS_AWARE_HOLDS;
	ch->why[0] = '\0';
	fit_and_check(aw, c, cis_aware_seed_corners(&aw->tools, &t, f_hz, w));
	if (ch->outcome == CIS_AWARE_REFUSED)
		memcpy(ch->why, why, sizeof(why));
}

static void try_channel(struct cis_aware *aw, uint32_t c)
{
	struct cis_aware_chan *ch = &aw->chan[c];
	struct cis_track t = cis_aware_track(aw, c);
	double f_hz = cis_aware_blind_hz(aw, c);

	if (!all_there(&t)) {
		cis_aware_refuse(ch, "samples are missing");
	} else if (is_idle(aw, c)) {
		cis_aware_refuse(ch, "no signal");
		ch->outcome = CIS_AWARE_IDLE;
	} else if (isnan(f_hz)) {
		cis_aware_refuse(ch, "no blind estimate to begin with");
	} else {
		fit_channel(aw, c, f_hz);
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
	int err;

	aw->finished = true;
	cis_estim_finish(aw->blind);
	err = keep_all(aw);
	if (err || aw->n_kept == 0)
		return err;
	if (aw->broken) {
		for (uint32_t c = 0; c < n_chan; c++)
			cis_aware_refuse(&aw->chan[c],
					 "the recording has a gap");
		return 0;
	}
	set_origin(aw);
	for (uint32_t c = 0; c < n_chan; c++)
		try_channel(aw, c);
	return cis_aware_check_blind(aw);
}

const char *cis_aware_why(const struct cis_aware *aw, uint32_t chan)
{
	return aw->chan[chan].why;
}

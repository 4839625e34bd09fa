/*
 * aware_blind.c - the model against the blind estimate.
 *
 * Two blind estimators see the recording: one the samples, as they came, the
 * other the fitted waveforms. What the two say differs by what the blind
 * estimator makes of the residual, whatever it makes of the waveform: no bound
 * on its own error is needed, and the model is refused where the difference is
 * more than noise.
 *
 * The noise is the median of what the blind reports tell: of one recording it is
 * the same for all, and a single report knows it from few samples.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "aware_parts.h"

/* How far rounding, and the end of LS7's iteration, take two blind estimates of
 * the same. */
#define FLOOR_REL 1e-9
#define FLOOR_HZ  1e-7

/* ---- what the blind reports say ---- */

/* A report with the step in its window tells nothing. */
static bool near_step(const struct cis_aware *aw, uint32_t c,
		      struct cis_instant at)
{
	const struct cis_waveform *w = &aw->chan[c].fit.wave;
	struct cis_track t = cis_aware_track(aw, c);
	struct cis_lapse lapse = cis_track_since(&t, cis_instant_split(at));
	double reach_s =
		cis_estim_window_s(&aw->estim) / 2 + 2 / aw->estim.fnom_hz;

	return w->model == CIS_MODEL_STEP && w->n_par > 0 &&
	       aw->chan[c].outcome == CIS_AWARE_HOLDS &&
	       fabs(cis_lapse_s(lapse) - w->step_s) < reach_s;
}

static bool any_near_step(const struct cis_aware *aw, struct cis_instant at)
{
	for (uint32_t c = 0; c < aw->estim.map->n_chan; c++)
		if (near_step(aw, c, at))
			return true;
	return false;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double cis_aware_median(double *x, size_t n)
{
	if (n == 0)
		return NAN;
	qsort(x, n, sizeof(*x), by_size);
	return x[n / 2];
}

static double freq_hz(const struct cis_fit *fit)
{
	return fit->freq_hz;
}

static double u_mag(const struct cis_fit *fit)
{
	return fit->u_mag;
}

static double u_phase_rad(const struct cis_fit *fit)
{
	return fit->u_phase_rad;
}

/* Of one value of a channel's fits. */
static double median_of(const struct cis_aware *aw, uint32_t c,
			double (*value)(const struct cis_fit *fit))
{
	double *x = aw->tools.residual;
	size_t n = 0;

	for (size_t k = 0; k < aw->n_kept && n < aw->cfg.max_scan; k++) {
		const struct cis_fit *fit =
			&aw->fit[k * aw->estim.map->n_chan + c];
		double v = value(fit);

		if (!(fit->flags & CIS_AWARE_BAD) && isfinite(v) &&
		    !near_step(aw, c, aw->kept[k].at))
			x[n++] = v;
	}
	return cis_aware_median(x, n);
}

double cis_aware_blind_hz(const struct cis_aware *aw, uint32_t c)
{
	return median_of(aw, c, freq_hz);
}

bool cis_aware_makes_frequency(const struct cis_aware *aw, uint32_t c)
{
	const struct cis_chan_map *map = aw->estim.map;

	for (uint32_t i = 0; i < map->n_chan; i++)
		if (map->chan[i].quantity == CIS_VOLTAGE &&
		    aw->chan[i].outcome != CIS_AWARE_IDLE)
			return map->chan[c].quantity == CIS_VOLTAGE;
	return true;
}

/* ---- against the waveforms ---- */

/* The noise of the blind estimates, and by how many of their standard
 * uncertainties those of samples and waveforms differ at most. */
struct apart {
	double u_mag[CIS_MAX_CHAN], u_phase_rad[CIS_MAX_CHAN];
	double u_freq_hz;
	double phasor[CIS_MAX_CHAN];
	double freq;
	size_t n; /* reports compared */
};

static void find_noise(const struct cis_aware *aw, struct apart *a)
{
	double *x = aw->tools.residual;
	size_t n = 0;

	for (uint32_t c = 0; c < aw->estim.map->n_chan; c++) {
		a->u_mag[c] = median_of(aw, c, u_mag);
		a->u_phase_rad[c] = median_of(aw, c, u_phase_rad);
	}
	for (size_t k = 0; k < aw->n_kept && n < aw->cfg.max_scan; k++)
		if (!(aw->kept[k].flags & CIS_AWARE_BAD) &&
		    !any_near_step(aw, aw->kept[k].at))
			x[n++] = aw->kept[k].u_freq_hz;
	a->u_freq_hz = cis_aware_median(x, n);
}

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
		struct cis_track t = cis_aware_track(aw, c);
		size_t at = (size_t)(first - h->first);

		for (uint32_t i = 0; i < n; i++)
			cis_block_chan(&blk, c)[i] =
				aw->chan[c].outcome == CIS_AWARE_HOLDS
					? cis_fitted_at(
						  &aw->chan[c].fit,
						  cis_track_lapse(&t, at + i))
					: cis_track_samples(&t)[at + i];
	}
	return blk;
}

static double sigmas(double difference, double floor, double u)
{
	double beyond = fabs(difference) - floor;

	return beyond > 0 ? beyond / u : 0;
}

static void compare(const struct cis_aware *aw, size_t k,
		    const struct cis_report *model, struct apart *a)
{
	uint32_t n_chan = aw->estim.map->n_chan;
	const struct cis_kept *data = &aw->kept[k];

	if (any_near_step(aw, data->at))
		return;
	for (uint32_t c = 0; c < n_chan; c++) {
		const struct cis_fit *fit = &aw->fit[k * n_chan + c];
		double complex q =
			aw->phasor[k * aw->n_phasor + c] / model->phasor_rms[c];

		if (aw->chan[c].outcome == CIS_AWARE_HOLDS &&
		    !(fit->flags & CIS_AWARE_BAD))
			a->phasor[c] = fmax(a->phasor[c],
					    hypot(sigmas(cabs(q) - 1, FLOOR_REL,
							 a->u_mag[c]),
						  sigmas(carg(q), FLOOR_REL,
							 a->u_phase_rad[c])));
	}
	if (!(data->flags & CIS_AWARE_BAD))
		a->freq = fmax(a->freq, sigmas(data->freq_hz - model->freq_hz,
					       FLOOR_HZ, a->u_freq_hz));
	a->n++;
}

static int run_on_waveforms(struct cis_aware *aw, struct apart *a)
{
	const struct cis_history *h = &aw->hist;
	struct cis_estim *est = aw->modelled;
	size_t k = 0;
	int err = 0;

	for (size_t at = 0; !err && at < h->n;) {
		size_t n = h->n - at < aw->estim.max_block
				   ? h->n - at
				   : aw->estim.max_block;
		struct cis_block blk =
			model_block(aw, h->first + at, (uint32_t)n);

		err = cis_estim_push(est, &blk);
		at += blk.n_scan;
		if (at == h->n)
			cis_estim_finish(est);
		for (; !err && !cis_estim_pop(est, &aw->rep); k++)
			if (k < aw->n_kept &&
			    !cis_instant_diff(aw->rep.at, aw->kept[k].at))
				compare(aw, k, &aw->rep, a);
	}
	return err;
}

/* A residual that is the rounding of noiseless samples is no noise but some
 * lines, each up to three times the mean of them (aware_check.c): what a blind
 * estimator makes of few of those has longer tails. */
#define ROUNDED 1.5

/*
 * Four sigma of one report, and for many the same odds that none exceeds: n
 * exp(-k^2/2) = exp(-8).
 */
static void judge(struct cis_aware *aw, const struct apart *a)
{
	double many = sqrt(16 + 2 * log((double)(a->n ? a->n : 1)));

	for (uint32_t c = 0; c < aw->estim.map->n_chan; c++) {
		struct cis_aware_chan *ch = &aw->chan[c];

		double limit = ch->rounded ? ROUNDED * many : many;

		if (ch->outcome != CIS_AWARE_HOLDS)
			continue;
		if (a->phasor[c] > limit)
			cis_aware_refuse(ch,
					 "its phasor is %.3g standard "
					 "uncertainties off the blind one",
					 a->phasor[c]);
		else if (a->freq > limit && cis_aware_makes_frequency(aw, c))
			cis_aware_refuse(ch,
					 "the frequency is %.3g standard "
					 "uncertainties off the blind one",
					 a->freq);
	}
}

int cis_aware_check_blind(struct cis_aware *aw)
{
	struct apart *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return -ENOMEM;
	find_noise(aw, a);
	err = run_on_waveforms(aw, a);
	if (!err)
		judge(aw, a);
	free(a);
	return err;
}

/* selfcheck.c - see selfcheck.h. */
#include "cisoid/selfcheck.h"

#include <complex.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/angle.h"
#include "selfcheck_fit.h"

#define MIN_WINDOW  3
#define N_REFINE    4
#define REFINE_HARM 5
#define MANY_U      6.0
/* Of what noise alone makes of a window, rms, sqrt(2) on the average. */
#define STANDS_OUT  5.0
#define ORDER_DEG   30.0
#define MAX_CODES   67108864.0 /* 2^26: of samples in floating point */

struct work {
	const struct cis_selfcheck_in *in;
	struct cis_fit fit;
	uint32_t n_window;
	double complex *peak; /* [n_chan][n_window], each at its own middle */
	double *resid;        /* [fit.len] summed over the windows */
	double *phase;        /* [n_window] */
	double repeat_rms[CIS_MAX_CHAN]; /* of what all windows have left */
};

static const double *samples(const struct cis_selfcheck_in *in, uint32_t c)
{
	return in->x + c * in->stride;
}

/* ---- samples ---- */

static bool look(const struct cis_selfcheck_in *in, uint32_t c,
		 struct cis_selfcheck_chan *ch)
{
	const double *x = samples(in, c);

	*ch = (struct cis_selfcheck_chan){.min = INFINITY, .max = -INFINITY};
	for (uint32_t k = 0; k < in->n_scan; k++) {
		if (!isfinite(x[k]))
			return false;
		ch->min = fmin(ch->min, x[k]);
		ch->max = fmax(ch->max, x[k]);
	}
	ch->whole = true;
	return true;
}

/* Euclid's, of numbers that are as good as whole where `zero` is nothing. */
static double divisor(double a, double b, double zero)
{
	while (b > zero) {
		double rest = fabs(remainder(a, b));

		a = b;
		b = rest;
	}
	return a;
}

/* The greatest step of which all those from sample to sample are multiples. */
static double code_of(const double *x, uint32_t n, double span)
{
	double code = 0, zero = 1e-9 * span;

	for (uint32_t k = 1; k < n; k++) {
		double d = fabs(x[k] - x[k - 1]);

		if (d > zero)
			code = divisor(d, code, zero);
		if (code > 0 && code < span / MAX_CODES)
			return 0;
	}
	return code;
}

/* Some ranges end a step beyond the last code. */
static uint64_t clipped(const struct cis_selfcheck_in *in, uint32_t c,
			double code)
{
	const struct cis_chan *chan = &in->map->chan[c];
	double slack =
		1.01 * code + 1e-9 * fabs(chan->range_max - chan->range_min);
	const double *x = samples(in, c);
	uint64_t n = 0;

	if (!(chan->range_max > chan->range_min))
		return 0;
	for (uint32_t k = 0; k < in->n_scan; k++)
		n += x[k] >= chan->range_max - slack ||
		     x[k] <= chan->range_min + slack;
	return n;
}

/* The channel that moves most; n_chan: none. */
static uint32_t strongest(const struct cis_selfcheck_in *in,
			  const struct cis_selfcheck *out)
{
	uint32_t n = in->map->n_chan, best = n;
	double most = 0;

	for (uint32_t c = 0; c < n; c++) {
		double span = out->chan[c].max - out->chan[c].min;

		if (out->chan[c].whole && span > most) {
			most = span;
			best = c;
		}
	}
	return best;
}

/* ---- phases of windows ---- */

static void unwrap(double *phase, uint32_t n)
{
	for (uint32_t w = 1; w < n; w++)
		phase[w] -= CIS_TWO_PI *
			    rint((phase[w] - phase[w - 1]) / CIS_TWO_PI);
}

/* How fast the phases of z move, in Hz, by a line through them. */
static double slope_hz(struct work *k, const double complex *z, double *u_hz)
{
	uint32_t n = k->n_window;
	double step_s = k->fit.len / k->fit.rate_hz;
	double tt = 0, pt = 0, pp = 0, mean = 0, slope;

	for (uint32_t w = 0; w < n; w++)
		k->phase[w] = carg(z[w]);
	unwrap(k->phase, n);
	for (uint32_t w = 0; w < n; w++)
		mean += k->phase[w] / n;
	for (uint32_t w = 0; w < n; w++) {
		double t = (w - 0.5 * (n - 1)) * step_s;

		tt += t * t;
		pt += t * (k->phase[w] - mean);
		pp += (k->phase[w] - mean) * (k->phase[w] - mean);
	}
	slope = pt / tt;
	*u_hz = sqrt(fmax(pp - slope * pt, 0) / (n - 2) / tt) / CIS_TWO_PI;
	return slope / CIS_TWO_PI;
}

/* Turned back by what the fit's frequency makes of the time so far. */
static double complex turned_back(const struct work *k, double complex peak,
				  uint32_t w)
{
	double turns = k->fit.freq_hz * k->fit.len / k->fit.rate_hz * w;

	return peak * cexp(-I * CIS_TWO_PI * (turns - rint(turns)));
}

static int no_record(const struct cis_selfcheck_in *in, double freq_hz,
		     struct cis_diag *diag)
{
	if (freq_hz > 0)
		return cis_fail(diag, -ENODATA,
				"%.3g s are too short for a signal of %.3f Hz; "
				"%.3g s are needed",
				in->n_scan / in->rate_hz, freq_hz,
				5.0 * MIN_WINDOW / freq_hz);
	return cis_fail(diag, -ENODATA,
			"no periodic signal on any channel, or a record of "
			"%.3g s that is too short for it",
			in->n_scan / in->rate_hz);
}

/* The frequency, by the phases of one channel. */
static int refine(struct work *k, uint32_t c, struct cis_diag *diag)
{
	const struct cis_selfcheck_in *in = k->in;
	const double *x = samples(in, c);
	double f = cis_fit_guess(x, in->n_scan, in->rate_hz), u_hz;

	for (unsigned i = 0; i < N_REFINE; i++) {
		struct cis_fit_window win;

		if (!(f > 0 && f < 0.25 * in->rate_hz))
			return no_record(in, 0, diag);
		cis_fit_init(&k->fit, in->rate_hz, f, REFINE_HARM);
		k->n_window = in->n_scan / k->fit.len;
		if (k->n_window < MIN_WINDOW)
			return no_record(in, f, diag);
		for (uint32_t w = 0; w < k->n_window; w++) {
			cis_fit_window(&k->fit, x + (size_t)w * k->fit.len,
				       NULL, &win);
			k->peak[w] = turned_back(k, win.peak, w);
		}
		f += slope_hz(k, k->peak, &u_hz);
	}
	cis_fit_init(&k->fit, in->rate_hz, f, CIS_FIT_MAX_HARM);
	k->n_window = in->n_scan / k->fit.len;
	return k->n_window < MIN_WINDOW ? no_record(in, f, diag) : 0;
}

/* ---- each channel ---- */

/*
 * What windows have left in common, beyond what chance leaves of n_window of
 * them: the power of their sum is n of noise, and n^2 of what repeats.
 */
static double repeated_rms(const struct work *k, double resid_power)
{
	double n = k->n_window, sum = 0, power;

	for (uint32_t i = 0; i < k->fit.len; i++)
		sum += k->resid[i] * k->resid[i];
	power = (sum - resid_power) / (n * (n - 1));
	return sqrt(fmax(power, 0) / k->fit.len);
}

static void measure(struct work *k, uint32_t c, struct cis_selfcheck_chan *ch)
{
	const double *x = samples(k->in, c);
	double complex *peak = k->peak + (size_t)c * k->n_window;
	double n = k->n_window, resid = 0, harm = 0, power = 0, u_hz;

	memset(k->resid, 0, k->fit.len * sizeof(*k->resid));
	for (uint32_t w = 0; w < k->n_window; w++) {
		struct cis_fit_window win;

		cis_fit_window(&k->fit, x + (size_t)w * k->fit.len, k->resid,
			       &win);
		peak[w] = turned_back(k, win.peak, w);
		ch->dc += win.dc / n;
		power += creal(win.peak * conj(win.peak)) / n;
		harm += win.harm_power / n;
		resid += win.resid_power;
	}
	ch->rms = sqrt(power / 2);
	ch->thd = power > 0 ? sqrt(harm / power) : 0;
	ch->noise_rms = sqrt(resid / (n * (k->fit.len - k->fit.n_col)));
	ch->signal = ch->rms > STANDS_OUT * ch->noise_rms / sqrt(k->fit.len);
	ch->freq_hz = k->fit.freq_hz + slope_hz(k, peak, &u_hz);
	k->repeat_rms[c] = repeated_rms(k, resid);
}

/* ---- one channel against another ---- */

/*
 * Relative, of amplitude and of phase in rad, by what repeats. It has at least a
 * quarter of a period's samples that are not one another's mirror images.
 */
static double repeated_u(const struct work *k, const struct cis_selfcheck *out,
			 uint32_t c)
{
	double n = k->fit.rate_hz / k->fit.freq_hz / 4;
	double peak = sqrt(2) * out->chan[c].rms;

	return k->repeat_rms[c] / peak * sqrt(2 / n);
}

static double complex ratio_of(const struct work *k, uint32_t c, uint32_t w)
{
	uint32_t a = k->in->against;

	return k->peak[(size_t)c * k->n_window + w] /
	       k->peak[(size_t)a * k->n_window + w];
}

/* Mean of the ratios, and how far off it may be: across and along. */
static double complex mean_ratio(const struct work *k, uint32_t c, double u[2])
{
	double n = k->n_window, along = 0, across = 0;
	double complex mean = 0;

	for (uint32_t w = 0; w < k->n_window; w++)
		mean += ratio_of(k, c, w) / n;
	for (uint32_t w = 0; w < k->n_window; w++) {
		double complex d = ratio_of(k, c, w) / mean - 1;

		along += creal(d) * creal(d);
		across += cimag(d) * cimag(d);
	}
	u[0] = sqrt(along / (n * (n - 1)));
	u[1] = sqrt(across / (n * (n - 1)));
	return mean;
}

static bool same(const struct cis_selfcheck_chan *ch)
{
	return fabs(ch->drift_hz) <= CIS_COMMON_HZ + MANY_U * ch->u_drift_hz &&
	       fabs(ch->angle_rad) <= CIS_COMMON_DEG * CIS_RAD_PER_DEG &&
	       fabs(ch->gain - 1) <= CIS_COMMON_LEVEL;
}

static double delay_of(const struct cis_selfcheck_in *in, uint32_t c)
{
	return in->delay_s ? in->delay_s[c] : 0;
}

/* The fit's time is the scan's: a channel taken later shows a later phase. */
static void relate(struct work *k, struct cis_selfcheck *out, uint32_t c)
{
	const struct cis_selfcheck_in *in = k->in;
	struct cis_selfcheck_chan *ch = &out->chan[c];
	double w = CIS_TWO_PI * k->fit.freq_hz, u[2], repeat;
	double later_s = delay_of(in, c) - delay_of(in, in->against);
	double complex mean = mean_ratio(k, c, u);
	double complex *ratio = k->peak + (size_t)c * k->n_window;

	repeat = hypot(repeated_u(k, out, c), repeated_u(k, out, in->against));
	ch->gain = cabs(mean);
	ch->u_gain = ch->gain * hypot(u[0], repeat);
	ch->angle_rad = carg(mean * cexp(-I * w * later_s));
	ch->delay_s = -ch->angle_rad / w;
	ch->u_delay_s = hypot(u[1], repeat) / w;
	for (uint32_t i = 0; i < k->n_window; i++)
		ratio[i] = ratio_of(k, c, i);
	ch->drift_hz = slope_hz(k, ratio, &ch->u_drift_hz);
	ch->common = same(ch);
}

static void relate_all(struct work *k, struct cis_selfcheck *out)
{
	uint32_t n = k->in->map->n_chan, a = k->in->against;

	out->common = n > 1 && out->chan[a].signal;
	for (uint32_t c = 0; c < n; c++) {
		struct cis_selfcheck_chan *ch = &out->chan[c];

		if (c != a && ch->signal && out->chan[a].signal) {
			relate(k, out, c);
		} else if (c == a && ch->signal) {
			ch->gain = 1;
			ch->common = true;
		}
		out->common = out->common && ch->common;
	}
}

/* ---- the whole ---- */

static void look_all(const struct cis_selfcheck_in *in,
		     struct cis_selfcheck *out, uint32_t *best)
{
	for (uint32_t c = 0; c < in->map->n_chan; c++) {
		struct cis_selfcheck_chan *ch = &out->chan[c];

		if (!look(in, c, ch))
			continue;
		ch->code =
			code_of(samples(in, c), in->n_scan, ch->max - ch->min);
		ch->n_clip = clipped(in, c, ch->code);
	}
	*best = strongest(in, out);
}

/* No tone anywhere: offset and noise. */
static void measure_idle(const struct cis_selfcheck_in *in, uint32_t c,
			 struct cis_selfcheck_chan *ch)
{
	const double *x = samples(in, c);
	double sum = 0;

	for (uint32_t k = 0; k < in->n_scan; k++)
		ch->dc += x[k] / in->n_scan;
	for (uint32_t k = 0; k < in->n_scan; k++)
		sum += (x[k] - ch->dc) * (x[k] - ch->dc);
	ch->noise_rms = sqrt(sum / in->n_scan);
}

static int idle(const struct cis_selfcheck_in *in, struct cis_selfcheck *out,
		struct cis_diag *diag)
{
	uint32_t n_whole = 0;

	for (uint32_t c = 0; c < in->map->n_chan; c++) {
		if (!out->chan[c].whole)
			continue;
		measure_idle(in, c, &out->chan[c]);
		n_whole++;
	}
	return n_whole ? 0
		       : cis_fail(diag, -ENODATA,
				  "no channel has a value in every sample");
}

static int check(struct work *k, struct cis_selfcheck *out,
		 struct cis_diag *diag)
{
	uint32_t best, n = k->in->map->n_chan;
	int err;

	look_all(k->in, out, &best);
	if (best == n)
		return idle(k->in, out, diag);
	err = refine(k, best, diag);
	if (err)
		return err;
	out->freq_hz = k->fit.freq_hz;
	out->n_window = k->n_window;
	out->n_harm = k->fit.n_harm;
	for (uint32_t c = 0; c < n; c++)
		if (out->chan[c].whole)
			measure(k, c, &out->chan[c]);
	relate_all(k, out);
	return 0;
}

/* A window is 5 periods of at least 4 samples. */
static bool make_room(struct work *k)
{
	size_t most = k->in->n_scan / 20 + 1;

	k->peak = calloc(k->in->map->n_chan * most, sizeof(*k->peak));
	k->resid = calloc(k->in->n_scan + 1, sizeof(*k->resid));
	k->phase = calloc(most, sizeof(*k->phase));
	return k->peak && k->resid && k->phase;
}

int cis_selfcheck(const struct cis_selfcheck_in *in, struct cis_selfcheck *out,
		  struct cis_diag *diag)
{
	struct work *k = calloc(1, sizeof(*k));
	int err;

	if (!k)
		return cis_fail(diag, -ENOMEM, "out of memory");
	k->in = in;
	memset(out, 0, sizeof(*out));
	err = make_room(k) ? check(k, out, diag)
			   : cis_fail(diag, -ENOMEM, "out of memory");
	free(k->peak);
	free(k->resid);
	free(k->phase);
	free(k);
	return err;
}

static bool near_deg(double rad, double deg)
{
	double off = rad / CIS_RAD_PER_DEG - deg;

	return fabs(off - 360 * rint(off / 360)) <= ORDER_DEG;
}

enum cis_order cis_selfcheck_order(const struct cis_selfcheck *sc,
				   const uint32_t chan[3])
{
	const struct cis_selfcheck_chan *a = &sc->chan[chan[0]];
	const struct cis_selfcheck_chan *b = &sc->chan[chan[1]];
	const struct cis_selfcheck_chan *c = &sc->chan[chan[2]];
	double ab = b->angle_rad - a->angle_rad;
	double ac = c->angle_rad - a->angle_rad;

	if (!a->signal || !b->signal || !c->signal)
		return CIS_ORDER_UNCLEAR;
	if (near_deg(ab, -120) && near_deg(ac, 120))
		return CIS_ORDER_ABC;
	if (near_deg(ab, 120) && near_deg(ac, -120))
		return CIS_ORDER_ACB;
	if (a->common && b->common && c->common)
		return CIS_ORDER_COMMON;
	return CIS_ORDER_UNCLEAR;
}

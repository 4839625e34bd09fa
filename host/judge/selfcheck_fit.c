/* selfcheck_fit.c - see selfcheck_fit.h. */
#include "selfcheck_fit.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "host/core/angle.h"

#define WINDOW_CYCLES 5
#define MAX_HARM_RATE 0.45 /* of the sampling rate */
#define MIN_TONE_HZ   10.0
#define MAX_TONE_HZ   1000.0
#define GUESS_S       0.5 /* of the record are looked at */
#define GUESS_CYCLES  5   /* at least, of the lowest tone */
#define MIN_SAMPLES   6   /* of a period that are looked at */

/* ---- the model ---- */

/* Row k of the design: time runs from -1 to 1 through the window. */
static void row(const struct cis_fit *fit, uint32_t k, double *r)
{
	double mid = 0.5 * (fit->len - 1);
	double turns = (k - mid) / fit->rate_hz * fit->freq_hz;
	double s = (k - mid) / (0.5 * fit->len);
	double rad = CIS_TWO_PI * (turns - rint(turns));
	double c = cos(rad), d = sin(rad), re = c, im = d;

	r[0] = 1;
	r[1] = c;
	r[2] = d;
	r[3] = s * c;
	r[4] = s * d;
	for (uint32_t h = 2; h <= fit->n_harm; h++) {
		double next = re * c - im * d;

		im = re * d + im * c;
		re = next;
		r[2 * h + 1] = re;
		r[2 * h + 2] = im;
	}
}

static void gram(struct cis_fit *fit)
{
	double r[CIS_FIT_MAX_COL];

	memset(fit->chol, 0, sizeof(fit->chol));
	for (uint32_t k = 0; k < fit->len; k++) {
		row(fit, k, r);
		for (uint32_t i = 0; i < fit->n_col; i++)
			for (uint32_t j = 0; j <= i; j++)
				fit->chol[i][j] += r[i] * r[j];
	}
}

/* Five whole periods: the columns are nearly orthogonal. */
static void factor(struct cis_fit *fit)
{
	for (uint32_t i = 0; i < fit->n_col; i++) {
		double *ri = fit->chol[i];

		for (uint32_t j = 0; j <= i; j++) {
			const double *rj = fit->chol[j];
			double sum = ri[j];

			for (uint32_t k = 0; k < j; k++)
				sum -= ri[k] * rj[k];
			ri[j] = i == j ? sqrt(sum) : sum / rj[j];
		}
	}
}

static void solve(const struct cis_fit *fit, double *b)
{
	for (uint32_t i = 0; i < fit->n_col; i++) {
		for (uint32_t k = 0; k < i; k++)
			b[i] -= fit->chol[i][k] * b[k];
		b[i] /= fit->chol[i][i];
	}
	for (uint32_t i = fit->n_col; i-- > 0;) {
		for (uint32_t k = i + 1; k < fit->n_col; k++)
			b[i] -= fit->chol[k][i] * b[k];
		b[i] /= fit->chol[i][i];
	}
}

void cis_fit_init(struct cis_fit *fit, double rate_hz, double freq_hz,
		  uint32_t n_harm)
{
	double top = floor(MAX_HARM_RATE * rate_hz / freq_hz);

	if (n_harm > CIS_FIT_MAX_HARM)
		n_harm = CIS_FIT_MAX_HARM;
	fit->rate_hz = rate_hz;
	fit->freq_hz = freq_hz;
	fit->len = (uint32_t)lround(WINDOW_CYCLES * rate_hz / freq_hz);
	fit->n_harm = top < n_harm ? (uint32_t)top : n_harm;
	fit->n_col = 5 + 2 * (fit->n_harm - 1);
	gram(fit);
	factor(fit);
}

static double residual(const struct cis_fit *fit, const double *x,
		       const double *coef, double *resid)
{
	double r[CIS_FIT_MAX_COL], power = 0;

	for (uint32_t k = 0; k < fit->len; k++) {
		double e = x[k];

		row(fit, k, r);
		for (uint32_t i = 0; i < fit->n_col; i++)
			e -= coef[i] * r[i];
		power += e * e;
		if (resid)
			resid[k] += e;
	}
	return power;
}

void cis_fit_window(const struct cis_fit *fit, const double *x, double *resid,
		    struct cis_fit_window *out)
{
	double r[CIS_FIT_MAX_COL], coef[CIS_FIT_MAX_COL] = {0};

	for (uint32_t k = 0; k < fit->len; k++) {
		row(fit, k, r);
		for (uint32_t i = 0; i < fit->n_col; i++)
			coef[i] += x[k] * r[i];
	}
	solve(fit, coef);
	*out = (struct cis_fit_window){.dc = coef[0],
				       .peak = coef[1] - I * coef[2]};
	for (uint32_t i = 5; i < fit->n_col; i++)
		out->harm_power += coef[i] * coef[i];
	out->resid_power = residual(fit, x, coef, resid);
}

/* ---- the first frequency ---- */

/* A pointer that turns by the same angle each time. */
struct pointer {
	double re, im, c, s;
};

static struct pointer pointer(double turns)
{
	return (struct pointer){1, 0, cos(CIS_TWO_PI * turns),
				sin(CIS_TWO_PI * turns)};
}

static void turn(struct pointer *p)
{
	double re = p->re * p->c - p->im * p->s;

	p->im = p->re * p->s + p->im * p->c;
	p->re = re;
}

/* What is looked at for a first frequency: every skip'th of n samples. */
struct glance {
	const double *x;
	uint32_t n, skip;
	double mean;
};

/* Power of a tone under a Hann window. */
static double tone(const struct glance *g, double turns)
{
	struct pointer z = pointer(turns * g->skip);
	struct pointer hann = pointer((double)g->skip / g->n);
	double re = 0, im = 0;

	for (uint32_t k = 0; k < g->n; k += g->skip) {
		double v = (g->x[k] - g->mean) * (1 - hann.re);

		re += v * z.re;
		im += v * z.im;
		turn(&z);
		turn(&hann);
	}
	return re * re + im * im;
}

static double mean_of(const double *x, uint32_t n)
{
	double sum = 0;

	for (uint32_t k = 0; k < n; k++)
		sum += x[k];
	return sum / n;
}

/* The top of the parabola through three logarithms, in steps. */
static double top_of(double below, double at, double above)
{
	double a = log(below), b = log(at), c = log(above);
	double bend = a - 2 * b + c;

	return bend < 0 ? 0.5 * (a - c) / bend : 0;
}

double cis_fit_guess(const double *x, uint32_t n, double rate_hz)
{
	double most = rate_hz * GUESS_S, best = 0, best_hz = 0;
	double step_hz, from_hz, low, high,
		top_hz = fmin(0.2 * rate_hz, MAX_TONE_HZ);
	struct glance g = {.x = x, .n = n > most ? (uint32_t)most : n};

	if (g.n < 8)
		return 0;
	g.skip = 1 + (uint32_t)(rate_hz / (MIN_SAMPLES * MAX_TONE_HZ));
	g.mean = mean_of(x, g.n);
	step_hz = rate_hz / g.n;
	from_hz = fmax(MIN_TONE_HZ, GUESS_CYCLES * step_hz);
	for (uint32_t i = 0; from_hz + i * step_hz <= top_hz; i++) {
		double f = from_hz + i * step_hz, p = tone(&g, f / rate_hz);

		if (p > best) {
			best = p;
			best_hz = f;
		}
	}
	if (!(best > 0))
		return 0;
	low = tone(&g, (best_hz - step_hz) / rate_hz);
	high = tone(&g, (best_hz + step_hz) / rate_hz);
	return low > 0 && high > 0 ? best_hz + step_hz * top_of(low, best, high)
				   : best_hz;
}

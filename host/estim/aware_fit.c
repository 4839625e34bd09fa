/*
 * aware_fit.c - see aware_fit.h.
 *
 * The columns are the harmonics, then the parameters, then what is left of the
 * samples: the triangle's last rows are the parameters' own problem once the
 * harmonics are out of it, so their noise follows from those rows alone. The
 * harmonics are linear and found anew in every pass.
 */
#include "aware_fit.h"

#include <errno.h>
#include <math.h>

/* A column that differs from those before it by less than this is none. */
#define TINY     1e-10
#define MAX_PASS 12
/* Steps: where they end, and where harmonics join in. */
#define STILL    1e-13
#define NEAR     1e-5

/* ---- the recording ---- */

size_t cis_track_n(const struct cis_track *t)
{
	return t->h->n;
}

const double *cis_track_samples(const struct cis_track *t)
{
	return t->h->x + t->chan * t->h->cap;
}

struct cis_lapse cis_track_since(const struct cis_track *t,
				 struct cis_split_time at)
{
	return (struct cis_lapse){(double)(at.tai_s - t->origin.tai_s),
				  at.frac_s - t->origin.frac_s};
}

struct cis_lapse cis_track_lapse(const struct cis_track *t, size_t i)
{
	const struct cis_history *h = t->h;
	uint64_t scan = h->first + i;
	uint32_t e = h->n_epoch - 1;
	struct cis_lapse lapse;

	while (e > 0 && h->epoch[e].from_scan > scan)
		e--;
	lapse = cis_track_since(t, cis_scan_instant(&h->epoch[e].clock, scan));
	lapse.rest_s += h->delay_s[t->chan];
	return lapse;
}

/* ---- one pass ---- */

/* Samples next to a step belong to neither side. */
static bool beside_step(const struct cis_waveform *w, const struct cis_track *t,
			struct cis_lapse at)
{
	return w->model == CIS_MODEL_STEP &&
	       fabs(cis_lapse_s(at) - w->step_s) * t->rate_hz < 1.501;
}

static int harm_columns(const struct cis_fitted *f)
{
	return 2 * (int)(f->top_harm - 1);
}

static void put_harmonics(struct cis_waveform_at at, unsigned top, double *row)
{
	double complex z = at.a * at.e;

	for (unsigned h = 2; h <= top; h++) {
		z *= at.e;
		*row++ = creal(z);
		*row++ = cimag(z);
	}
}

static int pass(struct cis_lsq *q, const struct cis_track *t,
		const struct cis_fitted *f, double *d)
{
	const double *s = cis_track_samples(t);
	int n_harm = harm_columns(f), n_col = n_harm + (int)f->wave.n_par;
	double row[CIS_AWARE_COL + 1];

	cis_lsq_begin(q, n_col);
	for (size_t i = 0; i < cis_track_n(t); i++) {
		struct cis_lapse at = cis_track_lapse(t, i);
		struct cis_waveform_at y;

		if (beside_step(&f->wave, t, at))
			continue;
		y = cis_waveform_row(&f->wave, at, row + n_harm);
		put_harmonics(y, f->top_harm, row);
		row[n_col] = s[i] - y.y;
		cis_lsq_row(q, row);
	}
	cis_lsq_end(q);
	if (q->total < 2 * (size_t)n_col)
		return -ENODATA;
	return cis_lsq_solve(q, TINY, d);
}

/* ---- iteration ---- */

/* The longest step, in units of the signal's own length. */
static double move(const struct cis_lsq *q, struct cis_fitted *f,
		   const double *d)
{
	int n_harm = harm_columns(f);
	double most = 0;

	for (unsigned i = 0; i < f->wave.n_par; i++) {
		double own = d[n_harm + (int)i];

		f->wave.par[i] += own;
		most = fmax(most,
			    fabs(own) * cis_lsq_length(q, n_harm + (int)i));
	}
	return most / (sqrt((double)q->total) * fabs(f->wave.par[CIS_PAR_A]));
}

/* The highest harmonic below 0.49 of the sampling rate, at any time. */
static unsigned top_harmonic(const struct cis_fitted *f,
			     const struct cis_track *t)
{
	const double *p = f->wave.par;
	double f_hz = fabs(p[CIS_PAR_F]);
	double half_s = (double)cis_track_n(t) / t->rate_hz / 2;

	if (f->wave.model == CIS_MODEL_RAMP)
		f_hz += fabs(p[CIS_PAR_R]) * half_s;
	if (f->wave.model == CIS_MODEL_MOD)
		f_hz += fabs(p[CIS_PAR_FM]) *
			hypot(p[CIS_PAR_PC], p[CIS_PAR_PS]);
	for (unsigned h = CIS_AWARE_HARM; h > 1; h--)
		if (h * f_hz < 0.49 * t->rate_hz)
			return h;
	return 1;
}

static void take_noise(const struct cis_lsq *q, struct cis_fitted *f)
{
	int n = (int)f->wave.n_par, first = harm_columns(f);

	for (int c = 0; c < n; c++)
		for (int r = n - 1; r >= 0; r--) {
			double sum = r == c;

			for (int k = r + 1; k <= c; k++)
				sum -= cis_lsq_r(q, first + r, first + k) *
				       f->noise[k][c];
			f->noise[r][c] = r > c ? 0
					       : sum / cis_lsq_r(q, first + r,
								 first + r);
		}
}

static void finish(const struct cis_lsq *q, struct cis_fitted *f,
		   const double *d)
{
	double rss = pow(cis_lsq_residual(q), 2), n = (double)q->total;

	for (int i = 0; i < harm_columns(f); i++)
		f->harm[i] = d[i];
	f->resid_rms = sqrt(rss / n);
	f->sigma = sqrt(rss / (n - q->n_col));
	take_noise(q, f);
}

int cis_aware_fit(struct cis_lsq *q, const struct cis_track *t, bool harmonics,
		  struct cis_fitted *f)
{
	double d[CIS_AWARE_COL], step;
	bool joined = !harmonics;

	f->top_harm = 1;
	for (f->n_pass = 1; f->n_pass <= MAX_PASS; f->n_pass++) {
		int err = pass(q, t, f, d);

		if (err)
			return err;
		step = move(q, f, d);
		if (!isfinite(step))
			return -ELOOP;
		if (joined && step < STILL) {
			finish(q, f, d);
			return 0;
		}
		if (!joined && (step < NEAR || f->n_pass > MAX_PASS / 2)) {
			f->top_harm = top_harmonic(f, t);
			joined = true;
		}
	}
	return -ELOOP;
}

/* ---- what came of it ---- */

double cis_fitted_at(const struct cis_fitted *f, struct cis_lapse t)
{
	double row[CIS_WAVEFORM_PAR], sum, h[2 * (CIS_AWARE_HARM - 1)];
	struct cis_waveform_at y = cis_waveform_row(&f->wave, t, row);

	sum = y.y;
	put_harmonics(y, f->top_harm, h);
	for (int i = 0; i < harm_columns(f); i++)
		sum += f->harm[i] * h[i];
	return sum;
}

void cis_fitted_residual(const struct cis_fitted *f, const struct cis_track *t,
			 double *e)
{
	const double *s = cis_track_samples(t);

	for (size_t i = 0; i < cis_track_n(t); i++) {
		struct cis_lapse at = cis_track_lapse(t, i);

		e[i] = beside_step(&f->wave, t, at)
			       ? 0
			       : s[i] - cis_fitted_at(f, at);
	}
}

/* Rows of b, [6][n], as a lower triangle times orthonormal rows: the noise of
 * six numbers made from n independent ones, told by six. */
static void triangle(double b[6][CIS_WAVEFORM_PAR], unsigned n,
		     double out[6][CIS_DYN_NOISE])
{
	for (unsigned i = 0; i < 6; i++) {
		double before = 0, left = 0;

		for (unsigned k = 0; k < n; k++)
			before += b[i][k] * b[i][k];
		for (unsigned j = 0; j < CIS_DYN_NOISE; j++) {
			out[i][j] = 0;
			for (unsigned k = 0; j < i && k < n; k++)
				out[i][j] += b[i][k] * b[j][k];
			for (unsigned k = 0; j < i && k < n; k++)
				b[i][k] -= out[i][j] * b[j][k];
		}
		for (unsigned k = 0; k < n; k++)
			left += b[i][k] * b[i][k];
		/* What depends on the rows before has no direction. */
		left = left > 1e-20 * before ? sqrt(left) : 0;
		out[i][i] = left;
		for (unsigned k = 0; k < n; k++)
			b[i][k] = left > 0 ? b[i][k] / left : 0;
	}
}

static void dyn_noise(const struct cis_fitted *f, const struct cis_phasor_of *p,
		      struct cis_dyn *dyn)
{
	unsigned n = f->wave.n_par;
	double b[6][CIS_WAVEFORM_PAR] = {{0}};

	for (unsigned m = 0; m < 3; m++)
		for (unsigned c = 0; c < n; c++)
			for (unsigned i = 0; i <= c; i++) {
				b[2 * m][c] +=
					creal(p->dx[m][i]) * f->noise[i][c];
				b[2 * m + 1][c] +=
					cimag(p->dx[m][i]) * f->noise[i][c];
			}
	triangle(b, n, dyn->noise);
}

void cis_fitted_dyn(const struct cis_fitted *f, struct cis_lapse t,
		    double fnom_hz, struct cis_dyn *dyn)
{
	const struct cis_dyn *one[1] = {dyn};
	struct cis_phasor_of p;
	struct cis_motion m;
	struct cis_rate_of rate;

	cis_waveform_phasor(&f->wave, t, fnom_hz, &p);
	cis_waveform_motion(&f->wave, t, &m);
	*dyn = (struct cis_dyn){.a1_per_s = m.a[1],
				.a2_per_s2 = m.a[2] / 2,
				.dc = f->wave.par[f->wave.n_par - 1],
				.resid_rms = f->resid_rms,
				.sigma = f->sigma};
	for (unsigned k = 0; k < 3; k++)
		dyn->x[k] = p.x[k];
	dyn_noise(f, &p, dyn);
	rate = cis_dyn_rates(one, (double complex[1]){1}, 1, fnom_hz);
	dyn->freq_hz = rate.freq_hz;
	dyn->rocof_hz_per_s = rate.rocof_hz_per_s;
}

/*
 * aware_seed.c - see aware_seed.h.
 *
 * Phasors four times a cycle against the given frequency: their phase, a
 * polynomial in time, gives phi, f and R; the swing that remains fm; a jump the
 * step. The tone is the largest line of what a steady fit leaves.
 */
#include "aware_seed.h"

#include <errno.h>
#include <math.h>

/* An interharmonic is at least so far from the fundamental, Hz. */
#define TONE_APART_HZ 8
/* Fewer phasors than this tell nothing. */
#define MIN_VIEW      8

/* ---- phase and amplitude ---- */

/* Replaces phasors by amplitude + j (phase, unwrapped). */
static void unwrap(const struct cis_view *v)
{
	double before = 0;

	for (size_t k = 0; k < v->n; k++) {
		double phase = carg(v->z[k]);

		phase += 2 * CIS_PI * rint((before - phase) / (2 * CIS_PI));
		v->z[k] = cis_rect(cabs(v->z[k]), phase);
		before = phase;
	}
}

static double time_of(const struct cis_view *v, size_t k)
{
	return v->first_s + (double)k / v->rate_hz;
}

static double mean_amplitude(const struct cis_view *v)
{
	double sum = 0;

	for (size_t k = 0; k < v->n; k++)
		sum += creal(v->z[k]);
	return sum / (double)v->n;
}

/* Phase as 2 pi (df t + r t^2/2) + phi; n_par 2 (no r) or 3. */
static int trend(struct cis_lsq *q, const struct cis_view *v, int n_par,
		 double par[3])
{
	cis_lsq_begin(q, n_par);
	for (size_t k = 0; k < v->n; k++) {
		double t = time_of(v, k);
		double row[4] = {1, 2 * CIS_PI * t, CIS_PI * t * t, 0};

		row[n_par] = cimag(v->z[k]);
		cis_lsq_row(q, row);
	}
	cis_lsq_end(q);
	return cis_lsq_solve(q, 1e-12, par);
}

static int seed_line(struct cis_lsq *q, const struct cis_view *v, double f_hz,
		     struct cis_waveform *w)
{
	bool bent = w->model == CIS_MODEL_RAMP;
	double par[3];
	int err = trend(q, v, bent ? 3 : 2, par);

	if (err)
		return err;
	w->par[CIS_PAR_A] = mean_amplitude(v);
	w->par[CIS_PAR_PHI] = par[0];
	w->par[CIS_PAR_F] = f_hz + par[1];
	if (bent)
		w->par[CIS_PAR_R] = par[2];
	return 0;
}

/* ---- corners of a ramp ---- */

/* Instants of a grid in which corners are looked for, and a ramp that begins at
 * one and ends at another: 0 and N_GRID are none. */
#define N_GRID 16

struct corners {
	double from_s, to_s;
	double left;         /* square sum of the phase that is left */
	double phi, f_hz, r; /* f_hz relative to the view's */
};

static struct corners with_corners(struct cis_lsq *q, const struct cis_view *v,
				   double from_s, double to_s)
{
	struct cis_waveform w;
	struct cis_motion m;
	struct corners c = {.from_s = from_s, .to_s = to_s, .left = INFINITY};
	size_t step = v->n / 256 + 1;
	double par[3];

	cis_waveform_init(&w, CIS_MODEL_RAMP);
	cis_waveform_corners(&w, true, true);
	w.par[w.from] = from_s;
	w.par[w.to] = to_s;
	cis_lsq_begin(q, 3);
	for (size_t k = 0; k < v->n; k += step) {
		struct cis_lapse t = {0, time_of(v, k)};

		cis_waveform_motion(&w, t, &m);
		cis_lsq_row(q,
			    (double[4]){1, m.dpsi[0][CIS_PAR_F],
					m.dpsi[0][CIS_PAR_R], cimag(v->z[k])});
	}
	cis_lsq_end(q);
	if (cis_lsq_solve(q, 1e-12, par))
		return c;
	c.left = pow(cis_lsq_residual(q), 2);
	c.phi = par[0];
	c.f_hz = par[1];
	c.r = par[2];
	return c;
}

static double grid_s(const struct cis_view *v, unsigned i)
{
	return time_of(v, 0) + (time_of(v, v->n) - time_of(v, 0)) * i / N_GRID;
}

static struct corners better(struct corners a, struct corners b)
{
	return a.left < b.left ? a : b;
}

/* The best of a grid, and then of ever finer ones around it. */
static struct corners look_for_corners(struct cis_lsq *q,
				       const struct cis_view *v, bool first,
				       bool last)
{
	double begin = grid_s(v, 0), end = grid_s(v, N_GRID);
	struct corners best = {.left = INFINITY};
	double step = (end - begin) / N_GRID;
	int by_first = first, by_last = last;

	for (unsigned i = first; i <= (first ? N_GRID - 2 : 0); i++)
		for (unsigned j = last ? i + 1 : N_GRID;
		     j <= (last ? N_GRID - 1 : N_GRID); j++)
			best = better(best, with_corners(q, v, grid_s(v, i),
							 grid_s(v, j)));
	for (unsigned fine = 0; fine < 12; fine++) {
		struct corners at = best;

		for (int i = -by_first; i <= by_first; i++)
			for (int j = -by_last; j <= by_last; j++)
				best = better(best,
					      with_corners(q, v,
							   at.from_s + i * step,
							   at.to_s + j * step));
		if (best.left == at.left)
			step /= 2;
	}
	return best;
}

/* A second corner must explain most of what one has left. */
static int seed_corners(struct cis_lsq *q, const struct cis_view *v,
			double f_hz, struct cis_waveform *w)
{
	struct corners first = look_for_corners(q, v, true, false);
	struct corners last = look_for_corners(q, v, false, true);
	struct corners both = look_for_corners(q, v, true, true);
	bool two = both.left < 0.25 * fmin(first.left, last.left);
	struct corners best = two ? both : better(first, last);

	if (!isfinite(best.left))
		return -ENODATA;
	cis_waveform_corners(w, two || first.left < last.left,
			     two || last.left <= first.left);
	w->par[CIS_PAR_A] = mean_amplitude(v);
	w->par[CIS_PAR_PHI] = best.phi;
	w->par[CIS_PAR_F] = f_hz + best.f_hz;
	w->par[CIS_PAR_R] = best.r;
	if (w->from)
		w->par[w->from] = best.from_s;
	if (w->to)
		w->par[w->to] = best.to_s;
	return 0;
}

int cis_aware_seed_corners(struct cis_aware_tools *tools,
			   const struct cis_track *t, double f_hz,
			   struct cis_waveform *w)
{
	struct cis_view v = cis_scope_phasors(
		tools->scope, cis_track_samples(t), cis_track_n(t), f_hz);

	if (v.n < 2 * N_GRID)
		return -ENODATA;
	unwrap(&v);
	return seed_corners(&tools->lsq, &v, f_hz, w);
}

/* ---- modulation ---- */

/* c + m t, plus cos and sin at fm: of the amplitude (over its mean), or of the
 * phase. Returns the square sum of what is left. */
static double swing(struct cis_lsq *q, const struct cis_view *v, double fm_hz,
		    double mean, double par[4])
{
	cis_lsq_begin(q, 4);
	for (size_t k = 0; k < v->n; k++) {
		double t = time_of(v, k), a = 2 * CIS_PI * fm_hz * t;
		double y = mean > 0 ? creal(v->z[k]) / mean : cimag(v->z[k]);

		cis_lsq_row(q, (double[5]){1, t, cos(a), sin(a), y});
	}
	cis_lsq_end(q);
	if (cis_lsq_solve(q, 1e-12, par))
		return INFINITY;
	return pow(cis_lsq_residual(q), 2);
}

static double left_over(struct cis_lsq *q, const struct cis_view *v,
			double fm_hz)
{
	double par[4];

	return swing(q, v, fm_hz, mean_amplitude(v), par) +
	       swing(q, v, fm_hz, 0, par);
}

/* The fm that leaves least, between low and high: golden section. */
static double best_fm(struct cis_lsq *q, const struct cis_view *v, double low,
		      double high)
{
	const double part = 0.3819660112501051;
	double a = low + part * (high - low), b = high - part * (high - low);
	double at_a = left_over(q, v, a), at_b = left_over(q, v, b);

	for (int i = 0; i < 24; i++) {
		if (at_a < at_b) {
			high = b;
			b = a;
			at_b = at_a;
			a = low + part * (high - low);
			at_a = left_over(q, v, a);
		} else {
			low = a;
			a = b;
			at_a = at_b;
			b = high - part * (high - low);
			at_b = left_over(q, v, b);
		}
	}
	return (low + high) / 2;
}

/* What is left once offset and slope are out, amplitude and phase alike. */
static void detrend(struct cis_lsq *q, const struct cis_view *v)
{
	double mean = mean_amplitude(v), par[3];

	if (trend(q, v, 2, par))
		return;
	for (size_t k = 0; k < v->n; k++)
		v->z[k] = cis_rect(creal(v->z[k]) / mean - 1,
				   cimag(v->z[k]) - par[0] -
					   2 * CIS_PI * par[1] * time_of(v, k));
}

/* The strongest swing between half a turn in the recording and a quarter of
 * the nominal frequency. */
static double coarse_fm(struct cis_scope *scope, const struct cis_view *v,
			double max_hz)
{
	double low_hz = 0.5 * v->rate_hz / (double)v->n, most = 0;
	struct cis_spectrum sp = cis_scope_spectrum(scope, v);
	size_t best = 0;

	for (size_t i = (size_t)ceil(low_hz / sp.bin_hz);
	     (double)i * sp.bin_hz < max_hz; i++) {
		double both = sp.power[i] + sp.power[sp.n - i];

		if (both > most) {
			most = both;
			best = i;
		}
	}
	return (double)best * sp.bin_hz;
}

/* The spectrum's swing, or a slower one than it tells apart: in units of one
 * turn in the recording. Half the width to look in goes to *apart_hz. */
static double first_fm(struct cis_lsq *q, const struct cis_view *v,
		       double fm_hz, double *apart_hz)
{
	double span_hz = v->rate_hz / (double)v->n;
	double least = left_over(q, v, fm_hz), best = fm_hz;

	*apart_hz = span_hz;
	for (unsigned i = 1; i < 14; i++) {
		double slow_hz = 0.15 * i * span_hz;
		double left = left_over(q, v, slow_hz);

		if (left < least) {
			least = left;
			best = slow_hz;
			*apart_hz = 0.12 * span_hz;
		}
	}
	return best;
}

static int seed_mod(struct cis_aware_tools *tools, const struct cis_track *t,
		    double f_hz, struct cis_waveform *w)
{
	const double *s = cis_track_samples(t);
	size_t n = cis_track_n(t);
	struct cis_view v = cis_scope_phasors(tools->scope, s, n, f_hz);
	double fm_hz, apart_hz, a[4], p[4];

	unwrap(&v);
	detrend(&tools->lsq, &v);
	fm_hz = coarse_fm(tools->scope, &v, tools->fnom_hz / 4);
	v = cis_scope_phasors(tools->scope, s, n, f_hz);
	unwrap(&v);
	fm_hz = first_fm(&tools->lsq, &v, fm_hz, &apart_hz);
	fm_hz = best_fm(&tools->lsq, &v, fmax(fm_hz - apart_hz, 0.1 * apart_hz),
			fm_hz + apart_hz);
	swing(&tools->lsq, &v, fm_hz, mean_amplitude(&v), a);
	if (!isfinite(swing(&tools->lsq, &v, fm_hz, 0, p)))
		return -ENODATA;
	w->par[CIS_PAR_A] *= a[0];
	w->par[CIS_PAR_PHI] = p[0];
	w->par[CIS_PAR_F] = f_hz + p[1] / (2 * CIS_PI);
	w->par[CIS_PAR_AC] = a[2] / a[0];
	w->par[CIS_PAR_AS] = a[3] / a[0];
	w->par[CIS_PAR_PC] = p[2];
	w->par[CIS_PAR_PS] = p[3];
	w->par[CIS_PAR_FM] = fm_hz;
	return 0;
}

/* ---- tone ---- */

static bool may_be_tone(const struct cis_aware_tools *tools, double at_hz,
			double f_hz)
{
	return at_hz > tools->fnom_hz / 10 && at_hz < 3 * tools->fnom_hz &&
	       fabs(at_hz - f_hz) > TONE_APART_HZ;
}

static double loudest_line(const struct cis_aware_tools *tools, size_t n,
			   double f_hz)
{
	struct cis_view v = cis_scope_thin(tools->scope, tools->residual, n);
	struct cis_spectrum sp = cis_scope_spectrum(tools->scope, &v);
	size_t best = 0;

	for (size_t i = 1; i < sp.n / 2; i++)
		if (may_be_tone(tools, (double)i * sp.bin_hz, f_hz) &&
		    (best == 0 || sp.power[i] > sp.power[best]))
			best = i;
	return best ? cis_spectrum_vertex_hz(&sp, best) : 0;
}

static int seed_tone(struct cis_aware_tools *tools, const struct cis_track *t,
		     struct cis_waveform *w)
{
	struct cis_fitted still;
	double fi_hz, par[2];
	int err;

	cis_waveform_init(&still.wave, CIS_MODEL_STEADY);
	for (unsigned i = 0; i < CIS_PAR_OWN; i++)
		still.wave.par[i] = w->par[i];
	err = cis_aware_fit(&tools->lsq, t, tools->harmonics, &still);
	if (err)
		return err;
	cis_fitted_residual(&still, t, tools->residual);
	fi_hz = loudest_line(tools, cis_track_n(t), still.wave.par[CIS_PAR_F]);
	if (!(fi_hz > 0))
		return -ENODATA;
	cis_lsq_begin(&tools->lsq, 2);
	for (size_t i = 0; i < cis_track_n(t); i++) {
		double a = 2 * CIS_PI * cis_turns(fi_hz, cis_track_lapse(t, i));

		cis_lsq_row(&tools->lsq,
			    (double[3]){cos(a), sin(a), tools->residual[i]});
	}
	cis_lsq_end(&tools->lsq);
	if (cis_lsq_solve(&tools->lsq, 1e-12, par))
		return -ENODATA;
	for (unsigned i = 0; i < CIS_PAR_OWN; i++)
		w->par[i] = still.wave.par[i];
	w->par[CIS_PAR_U] = par[0];
	w->par[CIS_PAR_V] = par[1];
	w->par[CIS_PAR_FI] = fi_hz;
	w->par[w->n_par - 1] = still.wave.par[still.wave.n_par - 1];
	return 0;
}

int cis_aware_seed(struct cis_aware_tools *tools, const struct cis_track *t,
		   double f_hz, struct cis_waveform *w)
{
	struct cis_view v = cis_scope_phasors(
		tools->scope, cis_track_samples(t), cis_track_n(t), f_hz);
	int err;

	if (v.n < MIN_VIEW)
		return -ENODATA;
	if (w->model == CIS_MODEL_STEP)
		return cis_aware_seed_step(t, &v, f_hz, w);
	unwrap(&v);
	err = seed_line(&tools->lsq, &v, f_hz, w);
	if (!err && w->model == CIS_MODEL_MOD)
		err = seed_mod(tools, t, f_hz, w);
	if (!err && w->model == CIS_MODEL_TONE)
		err = seed_tone(tools, t, w);
	return err;
}

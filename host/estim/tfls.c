/*
 * tfls.c - see tfls.h.
 *
 * All of it happens in the frame of the design: at its sampling rate, which the
 * measured one is `ratio` times, frequencies and times are ratio times other
 * than true. Only X, X', X'' at the end are true.
 */
#include "tfls.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "designs.h"
#include "health.h"
#include "kernel.h"

/* A fit ends when the frequency found belongs to the seed that found it. */
#define MAX_PASS    4
/* A seed is kept up to this part of the grid: a frequency half way between two
 * does not alternate. */
#define HYSTERESIS  0.6
/* Seeds this near to the nominal frequency are made ahead. */
#define AHEAD_HZ    1.0
/* An instant this near to a sample is on it: without the third derivative,
 * ROCOF is then wrong by a part in 1e9 of what a sample's half would do. */
#define ON_SAMPLE_S 1e-13

struct tfls {
	const struct cis_estim_config *cfg;
	struct cis_designs *designs;
	struct cis_designs *own; /* NULL: designs are shared */
	const struct cis_kernel *kernel;
	const struct cis_rated *rated; /* of the last fit; NULL: none yet */
	int index;                     /* of its last seed */
	uint32_t *chan;                /* [n_chan] those with samples */
	const double **centre;         /* [n_chan] of chan[i] */
	double (*d)[CIS_N_ROW];        /* [n_chan] of chan[i] */
};

static void tfls_close(void *self)
{
	struct tfls *t = self;

	if (!t)
		return;
	cis_designs_free(t->own);
	free(t->chan);
	free(t->centre);
	free(t->d);
	free(t);
}

/* Rows of the nominal frequency now, of its neighbours when there is time. */
static int begin(struct tfls *t)
{
	const struct cis_rated *rated =
		cis_designs_make(t->designs, t->cfg->rate_hz);
	int mid, reach;

	if (!rated)
		return -ENOMEM;
	mid = cis_bank_index(rated->bank, t->cfg->fnom_hz);
	reach = (int)ceil(AHEAD_HZ / rated->shape.grid_hz);
	for (int i = 1; i <= reach; i++) {
		cis_bank_want(rated->bank, mid + i);
		cis_bank_want(rated->bank, mid - i);
	}
	t->rated = rated;
	t->index = mid;
	return cis_bank_make(rated->bank, mid) ? 0 : -ENOMEM;
}

static int tfls_open(const struct cis_estim_config *cfg, void **self,
		     struct cis_diag *diag)
{
	uint32_t n = cfg->map->n_chan;
	struct tfls *t;

	if (cfg->designs && !cis_designs_suit(cfg->designs, cfg))
		return cis_fail(diag, -EINVAL,
				"the designs to be shared are of another "
				"profile or reporting rate");
	t = calloc(1, sizeof(*t));
	if (!t)
		return cis_fail(diag, -ENOMEM, "not enough memory");
	t->cfg = cfg;
	t->kernel = cis_kernel_best();
	t->own = cfg->designs ? NULL : cis_designs_new(cfg);
	t->designs = cfg->designs ? cfg->designs : t->own;
	t->chan = calloc(n, sizeof(*t->chan));
	t->centre = calloc(n, sizeof(*t->centre));
	t->d = calloc(n, sizeof(*t->d));
	if (!t->designs || !t->chan || !t->centre || !t->d || begin(t)) {
		tfls_close(t);
		return cis_fail(diag, -ENOMEM,
				"not enough memory for the rows of %u "
				"channels at %g Hz",
				(unsigned)n, cfg->rate_hz);
	}
	*self = t;
	return 0;
}

static uint32_t tfls_length(const void *self, double rate_hz)
{
	const struct tfls *t = self;

	return 2 * cis_designs_shape(t->designs, rate_hz).half + 1;
}

static bool tfls_wants(const void *self)
{
	const struct tfls *t = self;

	return cis_designs_wants(t->designs);
}

static int tfls_design(void *self)
{
	struct tfls *t = self;

	return cis_designs_make_one(t->designs);
}

/* ---- from the rows' forms to the dynamic phasor ---- */

/* What takes d0..d3, in the seed's frame and the design's time at the sample,
 * to X, X', X'' in the nominal frame and true time at the instant. */
struct transfer {
	double offset_s; /* true, from the sample to the instant */
	double complex c[3][4];
	double noise[6][CIS_DYN_NOISE];
};

/* docs/estimator.md, (5), and the product rule: X = p exp(j w t). */
static void shift(struct transfer *tr, const struct cis_rows *rows,
		  double ratio, double fnom_hz)
{
	double dt = tr->offset_s * ratio;
	double w = 2 * CIS_PI * (rows->seed_hz * ratio - fnom_hz);
	double complex turn = cexp(I * 2 * CIS_PI * rows->seed_hz * dt);
	const double p[3][4] = {{1, dt, dt * dt / 2, dt * dt * dt / 6},
				{0, 1, dt, dt * dt / 2},
				{0, 0, 1, dt}};

	for (unsigned k = 0; k < 4; k++) {
		tr->c[0][k] = turn * p[0][k];
		tr->c[1][k] = turn * (ratio * p[1][k] + I * w * p[0][k]);
		tr->c[2][k] =
			turn * (ratio * ratio * p[2][k] +
				2 * I * w * ratio * p[1][k] - w * w * p[0][k]);
	}
}

static void spread(struct transfer *tr, const struct cis_rows *rows)
{
	for (unsigned m = 0; m < 3; m++)
		for (unsigned j = 0; j < CIS_DYN_NOISE; j++) {
			double re = 0, im = 0;

			for (unsigned k = 0; k < 4; k++) {
				double a = rows->noise[2 * k][j];
				double b = rows->noise[2 * k + 1][j];
				double cr = creal(tr->c[m][k]);
				double ci = cimag(tr->c[m][k]);

				re += cr * a - ci * b;
				im += cr * b + ci * a;
			}
			tr->noise[2 * m][j] = re;
			tr->noise[2 * m + 1][j] = im;
		}
}

/* |X| and the rates of its change. */
static void put_amplitude(struct cis_dyn *dyn)
{
	double a = cabs(dyn->x[0]);
	double complex along = a > 0 ? conj(dyn->x[0]) / a : 0;
	double a1 = creal(along * dyn->x[1]), across = cimag(along * dyn->x[1]);

	dyn->a1_per_s = a1;
	dyn->a2_per_s2 = creal(along * dyn->x[2]);
	if (a > 0)
		dyn->a2_per_s2 += across * across / a;
	dyn->a2_per_s2 /= 2;
}

static void put_dyn(const struct transfer *tr, const double d[CIS_N_ROW],
		    double fnom_hz, struct cis_dyn *dyn)
{
	for (unsigned m = 0; m < 3; m++) {
		dyn->x[m] = 0;
		for (unsigned k = 0; k < 4; k++)
			dyn->x[m] +=
				tr->c[m][k] * cis_rect(d[2 * k], d[2 * k + 1]);
	}
	put_amplitude(dyn);
	cis_dyn_put_rates(dyn, fnom_hz);
	for (unsigned i = 0; i < 6; i++)
		for (unsigned j = 0; j < CIS_DYN_NOISE; j++)
			dyn->noise[i][j] = tr->noise[i][j];
}

/* ---- one pass: all channels with one seed's rows ---- */

/* Channels with all their samples; true: an instant lies between samples. */
static bool collect(struct tfls *t, const struct cis_windows *w, uint32_t *n)
{
	bool between = false;

	*n = 0;
	for (uint32_t c = 0; c < t->cfg->map->n_chan; c++) {
		if (w->fit[c].before & CIS_REPORT_GAP) {
			cis_chan_fit_nothing(&w->fit[c], CIS_REPORT_GAP);
			continue;
		}
		t->chan[*n] = c;
		t->centre[*n] = w->fit[c].s + (w->n - 1) / 2;
		++*n;
		between |= fabs(w->fit[c].offset_s) > ON_SAMPLE_S;
	}
	return between;
}

static void pass(struct tfls *t, const struct cis_windows *w,
		 const struct cis_seed_rows *sr)
{
	const struct cis_rows *rows = sr->rows;
	double ratio = w->rate_hz / rows->rate_hz, fnom = t->cfg->fnom_hz;
	struct transfer tr = {.offset_s = NAN};
	uint32_t n;
	bool between = collect(t, w, &n);

	for (uint32_t i = 0; i < n && !between; i++)
		t->d[i][6] = t->d[i][7] = 0;
	t->kernel->apply(rows, between ? 8 : 6, n, t->centre, t->d);
	for (uint32_t i = 0; i < n; i++) {
		struct cis_chan_fit *cf = &w->fit[t->chan[i]];
		struct cis_residual res = cis_central_residual(
			&sr->central, rows->rate_hz, t->centre[i], t->d[i]);

		if (cf->offset_s != tr.offset_s) {
			tr.offset_s = cf->offset_s;
			shift(&tr, rows, ratio, fnom);
			spread(&tr, rows);
		}
		put_dyn(&tr, t->d[i], fnom, &cf->dyn);
		cf->dyn.dc = res.dc;
		cf->dyn.resid_rms = res.rms;
		cf->dyn.sigma = res.sigma;
		cf->dyn.flags = cis_health_flags(&t->cfg->map->chan[t->chan[i]],
						 &cf->dyn, cf->before, fnom);
	}
}

/* ---- recentring ---- */

static int index_for(const struct tfls *t, double f_hz)
{
	double off_hz = f_hz - cis_bank_seed_hz(t->rated->bank, t->index);

	if (fabs(off_hz) < HYSTERESIS * t->rated->shape.grid_hz)
		return t->index;
	return cis_bank_index(t->rated->bank, f_hz);
}

/* The rows of t->index; in the background the nearest there are. */
static const struct cis_seed_rows *rows_of(struct tfls *t)
{
	const struct cis_seed_rows *sr = cis_bank_get(t->rated->bank, t->index);
	int found;

	if (!sr)
		sr = t->cfg->background
			     ? cis_bank_nearest(t->rated->bank, t->index,
						&found)
			     : cis_bank_make(t->rated->bank, t->index);
	return sr;
}

static struct cis_system nothing(const struct tfls *t,
				 const struct cis_windows *w)
{
	for (uint32_t c = 0; c < t->cfg->map->n_chan; c++)
		cis_chan_fit_nothing(&w->fit[c],
				     w->fit[c].before | CIS_REPORT_NOFIT);
	return (struct cis_system){.flags = CIS_REPORT_NOFIT,
				   .rate = {t->cfg->fnom_hz, 0, NAN, NAN}};
}

static bool choose_designs(struct tfls *t, double rate_hz)
{
	const struct cis_rated *rated = cis_designs_get(t->designs, rate_hz);

	if (!rated && !t->cfg->background)
		rated = cis_designs_make(t->designs, rate_hz);
	if (rated != t->rated && rated)
		t->index = cis_bank_index(rated->bank, t->cfg->fnom_hz);
	t->rated = rated ? rated : t->rated;
	return rated;
}

static struct cis_system tfls_fit(void *self, const struct cis_windows *w,
				  struct cis_chirp seed)
{
	struct tfls *t = self;
	struct cis_system sys = {.flags = CIS_REPORT_NOFIT};
	const struct cis_seed_rows *sr = NULL, *last;
	double f_hz = seed.f0_hz, ratio;

	/* Designs that came after the windows were laid out do not fit them. */
	if (!choose_designs(t, w->rate_hz) ||
	    w->n != 2 * t->rated->shape.half + 1)
		return nothing(t, w);
	ratio = w->rate_hz / t->rated->design.rate_hz;
	for (unsigned n = 0; n <= MAX_PASS; n++) {
		t->index = index_for(t, f_hz / ratio);
		last = sr;
		sr = rows_of(t);
		if (!sr)
			return nothing(t, w);
		if (sr == last)
			break;
		if (n == MAX_PASS) {
			sys.flags |= CIS_REPORT_NOFIT;
			break;
		}
		pass(t, w, sr);
		sys = cis_combine(t->cfg->map, w->fit, t->cfg->fnom_hz);
		if (sys.flags)
			break;
		f_hz = sys.rate.freq_hz;
	}
	if (!sys.flags &&
	    fabs(f_hz / ratio - sr->rows->seed_hz) > sr->rows->reach_hz)
		sys.notes |= CIS_NOTE_FAR;
	return sys;
}

static void tfls_follow(void *self, const struct cis_windows *w,
			struct cis_chirp at)
{
	const struct tfls *t = self;

	for (uint32_t c = 0; c < t->cfg->map->n_chan; c++) {
		struct cis_dyn *dyn = &w->fit[c].dyn;

		if (!(dyn->flags & (CIS_REPORT_NOSIGNAL | CIS_REPORT_NOFIT)))
			continue;
		dyn->freq_hz = at.f0_hz;
		dyn->rocof_hz_per_s = 2 * at.f1_hz_per_s;
	}
}

const struct cis_method cis_method_tfls = {
	.open = tfls_open,
	.close = tfls_close,
	.length = tfls_length,
	.fit = tfls_fit,
	.follow = tfls_follow,
	.wants = tfls_wants,
	.design = tfls_design,
};

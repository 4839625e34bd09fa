/* solve.c - see solve.h. */
#include "solve.h"

#include <errno.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/estim/comb.h"
#include "host/estim/kaiser.h"
#include "host/estim/prefilter.h"

#define PI      3.14159265358979323846
#define FNOM_HZ 50.0
#define RATE_HZ 18000.0
#define SIGMA   7e-5 /* 80 dB */

/* Where the rows of a problem lie, and the next column to be filled. */
struct fill {
	double *col;
	size_t n_row; /* of the matrix */
	size_t n;     /* of them, these are samples ... */
	double by_s;  /* ... so far apart, around 0 */
	double scale;
};

static double time_s(const struct fill *f, size_t i)
{
	return ((double)i - 0.5 * (double)(f->n - 1)) * f->by_s;
}

/* u^k cos and u^k sin of hz, times gain. */
static void pair(struct fill *f, double hz, int k, double gain)
{
	double half_s = time_s(f, f->n - 1);

	for (size_t i = 0; i < f->n; i++) {
		double t = time_s(f, i), u = pow(t / half_s, k);

		f->col[i] = f->scale * gain * u * cos(2 * PI * hz * t);
		f->col[f->n_row + i] =
			f->scale * gain * u * sin(2 * PI * hz * t);
	}
	f->col += 2 * f->n_row;
}

static void constant(struct fill *f)
{
	for (size_t i = 0; i < f->n; i++)
		f->col[i] = f->scale;
	f->col += f->n_row;
}

static unsigned n_harmonic(double limit_hz)
{
	unsigned n = 0;

	for (unsigned h = 2; h <= 50 && h * FNOM_HZ < limit_hz; h++)
		n++;
	return n;
}

static int take(struct solve *s, size_t n_row, size_t n_col)
{
	s->n_row = n_row;
	s->n_col = n_col;
	s->columns = calloc(n_row * n_col, sizeof(double));
	s->a = malloc(n_row * n_col * sizeof(double));
	s->b = malloc(n_row * sizeof(double));
	return s->columns && s->a && s->b ? 0 : -ENOMEM;
}

/* Phasor up to the third power, constant, harmonics. */
static void exact(struct fill *f, unsigned n_harm)
{
	for (int k = 0; k < 4; k++)
		pair(f, FNOM_HZ, k, 1);
	constant(f);
	for (unsigned h = 2; h < 2 + n_harm; h++)
		pair(f, h * FNOM_HZ, 0, 1);
}

static int init_p(struct solve *s)
{
	unsigned n_harm = n_harmonic(0.49 * RATE_HZ);
	struct fill f = {
		.n_row = 1441, .n = 1441, .by_s = 1 / RATE_HZ, .scale = 1};

	if (take(s, f.n_row, 9 + 2 * n_harm))
		return -ENOMEM;
	f.col = s->columns;
	exact(&f, n_harm);
	for (size_t i = 0; i < f.n; i++) {
		size_t off = i < 720 ? 720 - i : i - 720;
		double root = sqrt(cis_kaiser(12, off, 720));

		for (size_t k = 0; k < s->n_col; k++)
			s->columns[k * f.n_row + i] *= root;
	}
	return 0;
}

static int init_gls(struct solve *s)
{
	struct cis_design d = {s->profile, FNOM_HZ, 50, RATE_HZ};
	struct cis_prefilter h;
	struct cis_comb comb = {0};
	struct fill f = {.scale = 1 / SIGMA};
	double point_hz;
	unsigned n_harm;
	int err = -ENOMEM;

	if (!cis_prefilter_init(&h, &d))
		return -ENOMEM;
	point_hz = RATE_HZ / (double)h.to.by;
	n_harm = n_harmonic(0.49 * point_hz);
	f.n = 2 * h.to.half + 1;
	f.by_s = 1 / point_hz;
	if (cis_comb_init(&comb, &d, FNOM_HZ, 0.5 * point_hz - 1)) {
		f.n_row = f.n + 2 * comb.n;
		err = take(s, f.n_row, 9 + 2 * n_harm + 2 * comb.n);
	}
	if (!err) {
		f.col = s->columns;
		exact(&f, n_harm);
		for (size_t k = 0; k < comb.n; k++) {
			double hz = comb.tooth[k].hz;
			double sd = sqrt(comb.tooth[k].var);

			f.col[f.n + 2 * k] = 1;
			f.col[f.n_row + f.n + 2 * k + 1] = 1;
			pair(&f, hz, 0, sd * cis_prefilter_gain(&h, hz));
		}
	}
	cis_comb_free(&comb);
	cis_prefilter_free(&h);
	return err;
}

static int init_ls7(struct solve *s)
{
	struct fill f = {
		.n_row = 720, .n = 720, .by_s = 1 / RATE_HZ, .scale = 1};

	if (take(s, f.n_row, 7))
		return -ENOMEM;
	s->n_pass = 3;
	f.col = s->columns;
	for (int k = 0; k < 3; k++)
		pair(&f, FNOM_HZ, k, 1);
	constant(&f);
	return 0;
}

int solve_init(struct solve *s, enum cis_profile profile)
{
	*s = (struct solve){.profile = profile, .n_pass = 1};
	switch (profile) {
	case CIS_PROFILE_LS7:
		return init_ls7(s);
	case CIS_PROFILE_P:
		return init_p(s);
	default:
		return init_gls(s);
	}
}

void solve_fini(struct solve *s)
{
	free(s->columns);
	free(s->a);
	free(s->b);
}

void solve_once(struct solve *s, const double *x)
{
	lapack_int m = (lapack_int)s->n_row, n = (lapack_int)s->n_col;

	for (unsigned pass = 0; pass < s->n_pass; pass++) {
		memcpy(s->a, s->columns, s->n_row * s->n_col * sizeof(double));
		memcpy(s->b, x, s->n_row * sizeof(double));
		LAPACKE_dgels(LAPACK_COL_MAJOR, 'N', m, n, 1, s->a, m, s->b, m);
	}
}

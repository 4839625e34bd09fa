/*
 * rows_literal.c - section by section of docs/estimator.md 3.
 */
#include "rows_literal.h"

#include <cblas.h>
#include <lapacke.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define PI 3.14159265358979323846

#define COL       LAPACK_COL_MAJOR
#define MAX_TOOTH 4000

/* Real columns and what each adds to the eight forms Re d0, Im d0, ... */
struct columns {
	int n, m;
	double *x;      /* [m][n] */
	double (*d)[8]; /* [m] */
};

static struct columns columns_new(int n, int max)
{
	return (struct columns){
		.n = n,
		.x = calloc((size_t)n * (size_t)max, sizeof(double)),
		.d = calloc((size_t)max, 8 * sizeof(double))};
}

static void columns_free(struct columns *c)
{
	free(c->x);
	free(c->d);
}

static double *column(struct columns *c)
{
	return c->x + (size_t)c->m++ * (size_t)c->n;
}

/* The column's coefficient is worth `d[i]` of the i-th derivative of p. */
static void worth(double to[8], const double complex d[4])
{
	for (int i = 0; i < 4; i++) {
		to[2 * i] = creal(d[i]);
		to[2 * i + 1] = cimag(d[i]);
	}
}

static double i0(double x)
{
	double term = 1, sum = 1;

	for (int k = 1; k < 200; k++) {
		term *= x * x / (4.0 * k * k);
		sum += term;
	}
	return sum;
}

/* What the three profiles are told, section 3. */
struct problem {
	const struct cis_design *d;
	double seed_hz;
	double fr; /* reporting rate of the design */
	int half;  /* samples */
	int reach, by, points;
	double *h; /* middle of the prefilter */
};

/* Columns u^k cos and -u^k sin at time t: u^k has one derivative at 0, the
 * k-th, which is k!/t_M^k. */
static void powers(struct columns *c, const struct problem *p)
{
	static const double factorial[4] = {1, 1, 2, 6};
	double half_s = p->half / p->d->rate_hz;

	for (int k = 0; k < 4; k++)
		for (int q = 0; q < 2; q++) {
			double complex d[4] = {0};

			d[k] = (q ? I : 1) * factorial[k] / pow(half_s, k);
			worth(c->d[c->m], d);
			column(c);
		}
}

static double power_at(const struct problem *p, int k, int q, int n)
{
	double turn = 2 * PI * p->seed_hz * n / p->d->rate_hz;

	return pow((double)n / p->half, k) * (q ? -sin(turn) : cos(turn));
}

/* Constant and harmonics at points dt_s apart. */
static void nuisances(struct columns *c, const struct problem *p, int top,
		      double dt_s)
{
	int mid = c->n / 2;
	double *x = column(c);

	for (int i = 0; i < c->n; i++)
		x[i] = 1;
	for (int h = 2; h <= top && h * p->seed_hz < 0.49 / dt_s; h++) {
		double *co = column(c), *si = column(c);

		for (int i = 0; i < c->n; i++) {
			double a = 2 * PI * h * p->seed_hz * (i - mid) * dt_s;

			co[i] = cos(a);
			si[i] = sin(a);
		}
	}
}

/* sqrt w of profile P */
static double root_weight(const struct problem *p, int n)
{
	double u = n / (p->half + 0.5);

	return sqrt(i0(12 * sqrt(1 - u * u)) / i0(12));
}

/* Section 3.1: the signals' weighted fit, and its derivatives at 0. */
static void literal_p(const struct problem *p, double *const s[LITERAL_SIGNALS],
		      double d[LITERAL_SIGNALS][8])
{
	int n = 2 * p->half + 1;
	struct columns c = columns_new(n, 120);
	double *b = calloc((size_t)n * LITERAL_SIGNALS, sizeof(double));

	powers(&c, p);
	for (int k = 0; k < 8; k++)
		for (int i = 0; i < n; i++)
			c.x[k * n + i] = power_at(p, k / 2, k % 2, i - p->half);
	nuisances(&c, p, 50, 1 / p->d->rate_hz);
	for (int i = 0; i < n; i++) {
		double w = root_weight(p, i - p->half);

		for (int k = 0; k < c.m; k++)
			c.x[k * n + i] *= w;
		for (int k = 0; k < LITERAL_SIGNALS; k++)
			b[k * n + i] = w * s[k][i];
	}
	assert_int_equal(
		LAPACKE_dgels(COL, 'N', n, c.m, LITERAL_SIGNALS, c.x, n, b, n),
		0);
	for (int k = 0; k < LITERAL_SIGNALS; k++)
		for (int f = 0; f < 8; f++)
			for (int j = 0; j < c.m; j++)
				d[k][f] += c.d[j][f] * b[k * n + j];
	columns_free(&c);
	free(b);
}

/* Section 3.2 from here on. */

static void prefilter(struct problem *p)
{
	double rate = p->d->rate_hz, sum = 0;
	double window_s = (p->d->profile == CIS_PROFILE_M ? 14 : 25) / p->fr;
	double reach_s = (p->d->fnom_hz < 55 ? 150 : 126) / 18000.0;

	p->reach = rate < 1200 ? 0 : (int)floor(reach_s * rate + 0.5);
	p->by = rate < 1200 ? 1 : (int)floor(rate / 1200);
	p->points = ((int)floor(window_s * rate / 2 + 0.5) - p->reach) / p->by;
	p->half = p->points * p->by + p->reach;
	p->h = (double *)calloc(2 * (size_t)p->reach + 1, sizeof(double)) +
	       p->reach;
	for (int i = -p->reach; i <= p->reach; i++) {
		double u = i / (p->reach + 0.5);

		p->h[i] = i0(12 * sqrt(1 - u * u));
		sum += p->h[i];
	}
	for (int i = -p->reach; i <= p->reach; i++)
		p->h[i] /= sum;
}

static double gain(const struct problem *p, double hz)
{
	double sum = 0;

	for (int i = -p->reach; i <= p->reach; i++)
		sum += p->h[i] * cos(2 * PI * hz * i / p->d->rate_hz);
	return sum;
}

static void diffuse(struct columns *c, const struct problem *p)
{
	powers(c, p);
	for (int k = 0; k < 8; k++)
		for (int r = 0; r < c->n; r++) {
			int at = (r - p->points) * p->by;
			double *x = c->x + k * c->n + r;

			for (int i = -p->reach; i <= p->reach; i++)
				*x += p->h[i] *
				      power_at(p, k / 2, k % 2, at + i);
		}
	nuisances(c, p, 1000, p->by / p->d->rate_hz);
}

/* A penalised pair at hz, sd the standard deviation of each of the two. With
 * `side` it is a part of p, nu_hz from the seed. */
static void tooth(struct columns *c, const struct problem *p, double hz,
		  double sd, bool side)
{
	double nu = 2 * PI * (hz - p->seed_hz), by = sd * gain(p, hz);
	double complex d[4] = {sd, I * sd * nu, -sd * nu * nu,
			       -I * sd * nu * nu * nu};
	double complex jd[4] = {I * d[0], I * d[1], I * d[2], I * d[3]};

	if (side) {
		worth(c->d[c->m], d);
		worth(c->d[c->m + 1], jd);
	}
	for (int q = 0; q < 2; q++) {
		double *x = column(c);

		for (int r = 0; r < c->n; r++) {
			double a = 2 * PI * hz * (r - p->points) * p->by /
				   p->d->rate_hz;

			x[r] = by * (q ? -sin(a) : cos(a));
		}
	}
}

/* Teeth at whole multiples of step in (from, to], on either side of the seed */
static void sides(struct columns *c, const struct problem *p, double step,
		  double from, double to, double level)
{
	double sd = level * sqrt(step / 5);

	for (int k = 1; k * step <= to * (1 + 1e-12); k++) {
		if (k * step <= from * (1 + 1e-12))
			continue;
		tooth(c, p, p->seed_hz + k * step, sd, true);
		tooth(c, p, p->seed_hz - k * step, sd, true);
	}
}

static void band(struct columns *c, const struct problem *p, double from,
		 double to, double step, double level)
{
	for (int k = 0; from + k * step <= to + 1e-9; k++)
		tooth(c, p, from + k * step, level * sqrt(step / 5), false);
}

/* From the edge of the band outwards, as far as 10 Hz or 2 fnom. */
static void out_of_band(struct columns *c, const struct problem *p, double from,
			double to)
{
	bool m = p->d->profile == CIS_PROFILE_M && p->fr >= p->d->fnom_hz;
	double step = 0.5 * fmin(1, p->fr / 50), way = to < from ? -1 : 1;

	for (int k = 0; k * step <= fabs(to - from) + 1e-9; k++) {
		double hz = from + way * k * step;

		tooth(c, p, hz, (m ? 0.05 : 0.2) * sqrt(step / 5), false);
	}
}

static void penalised(struct columns *c, const struct problem *p)
{
	double fnom = p->d->fnom_hz, fr = p->fr, fine = fmin(1, fr / 50);
	bool near = fabs(p->seed_hz - fnom) <= 0.05 * fr + 0.25;
	double middle = near ? fnom : p->seed_hz;
	double e = fr < 40 ? fmin(fr / 5, 5) / 5 : 1, cap = 0.4 * fr;

	if (fr < 40) {
		double edge = fmin(5.2 * e, cap);

		sides(c, p, 0.25 * fine, 0, edge, 0.5);
		sides(c, p, 0.25 * fine, edge, fmin(10.4 * e, cap), 5e-4);
	} else {
		sides(c, p, 0.25, 0, 5.2, 0.1);
		sides(c, p, 0.25, 5.2, 10.4, 2e-3);
		sides(c, p, 0.25, 10.4, 15.6, 3e-5);
	}
	band(c, p, 1, 8, fine, 1e-2);
	if (p->d->report_hz <= fnom) {
		out_of_band(c, p, middle - fr / 2, 10);
		out_of_band(c, p, middle + fr / 2, 2 * fnom);
	}
	band(c, p, 2 * fnom + 1, p->d->rate_hz / (2 * p->by) - 1,
	     p->d->report_hz > fnom ? 1 : 2 * fine, 0.02);
}

/* C = S S' + sigma^2 (R_h + 1e-3 R_h[0,0] I) */
static double *covariance(const struct columns *s, const struct problem *p)
{
	int n = s->n;
	double *c = calloc((size_t)n * (size_t)n, sizeof(double));
	double var = 0.5e-8 * fmax(1, p->d->rate_hz / 18000), r0 = 0;

	cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, n, n, s->m, 1,
		    s->x, n, s->x, n, 0, c, n);
	for (int lag = 0; lag < n; lag++) {
		double r = 0;

		for (int k = -p->reach; k + lag * p->by <= p->reach; k++)
			r += p->h[k] * p->h[k + lag * p->by];
		r0 = lag ? r0 : r;
		for (int i = 0; i + lag < n; i++) {
			c[i * n + i + lag] += var * r;
			if (lag)
				c[(i + lag) * n + i] += var * r;
		}
	}
	for (int i = 0; i < n; i++)
		c[i * n + i] += 1e-3 * var * r0;
	return c;
}

/* C^-1 b, b of m columns, in the place of b. */
static void divide(const double *c, int n, double *b, int m)
{
	size_t len = (size_t)n * (size_t)n * sizeof(double);
	double *a = malloc(len);

	memcpy(a, c, len);
	assert_int_equal(LAPACKE_dposv(COL, 'U', n, m, a, n, b, n), 0);
	free(a);
}

static double *copy(const double *x, int n, int m)
{
	size_t len = (size_t)n * (size_t)m * sizeof(double);
	double *y = malloc(len);

	memcpy(y, x, len);
	return y;
}

static void multiply(const double *a, CBLAS_TRANSPOSE ta, const double *b,
		     const int n[3], double *c)
{
	cblas_dgemm(CblasColMajor, ta, CblasNoTrans, n[0], n[1], n[2], 1, a,
		    ta == CblasTrans ? n[2] : n[0], b, n[2], 0, c, n[0]);
}

/* (4), transposed: g' = K' D_x' + (I - K' X') C^-1 S D_s', n x 8, with
 * K' = C^-1 X (X' C^-1 X)^-1. */
static double *gls(const struct columns *x, const struct columns *s,
		   const double *c)
{
	int n = x->n, m = x->m;
	double *cx = copy(x->x, n, m), *a = malloc((size_t)(m * m) * 8);
	double *b = calloc((size_t)n * 8, sizeof(double));
	double *e = malloc((size_t)m * 8 * sizeof(double));
	int *pivot = malloc((size_t)m * sizeof(int));

	divide(c, n, cx, m);
	multiply(x->x, CblasTrans, cx, (int[]){m, m, n}, a);
	cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, n, 8, s->m, 1,
		    s->x, n, &s->d[0][0], 8, 0, b, n);
	divide(c, n, b, 8);
	multiply(x->x, CblasTrans, b, (int[]){m, 8, n}, e);
	for (int f = 0; f < 8; f++)
		for (int k = 0; k < m; k++)
			e[f * m + k] = x->d[k][f] - e[f * m + k];
	assert_int_equal(LAPACKE_dgesv(COL, m, 8, a, m, pivot, e, m), 0);
	cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, 8, m, 1, cx,
		    n, e, m, 1, b, n);
	free(cx);
	free(a);
	free(e);
	free(pivot);
	return b;
}

/* g <- g + (D_x - g X) X^+, by singular values. */
static void polish(const struct columns *x, double *g)
{
	int n = x->n, m = x->m, rank;
	double *a = malloc((size_t)(m * n) * sizeof(double));
	double *r = calloc((size_t)n * 8, sizeof(double));
	double *sv = malloc((size_t)n * sizeof(double));

	for (int k = 0; k < m; k++)
		for (int i = 0; i < n; i++)
			a[i * m + k] = x->x[k * n + i];
	for (int f = 0; f < 8; f++)
		for (int k = 0; k < m; k++)
			r[f * n + k] = x->d[k][f] - cblas_ddot(n, g + f * n, 1,
							       x->x + k * n, 1);
	assert_int_equal(
		LAPACKE_dgelss(COL, m, n, 8, a, m, r, n, sv, 1e-14, &rank), 0);
	assert_int_equal(rank, m);
	cblas_daxpy(8 * n, 1, r, 1, g, 1);
	free(a);
	free(r);
	free(sv);
}

static void use(const struct problem *p, const double *g, const double *s,
		double d[8])
{
	int n = 2 * p->points + 1;

	for (int r = 0; r < n; r++) {
		const double *at = s + p->reach + r * p->by;
		double y = 0;

		for (int i = -p->reach; i <= p->reach; i++)
			y += p->h[i] * at[i];
		for (int f = 0; f < 8; f++)
			d[f] += g[f * n + r] * y;
	}
}

static void literal_gls(const struct problem *p,
			double *const s[LITERAL_SIGNALS],
			double d[LITERAL_SIGNALS][8])
{
	int n = 2 * p->points + 1;
	struct columns x = columns_new(n, 80), t = columns_new(n, MAX_TOOTH);
	double *c, *g;

	diffuse(&x, p);
	penalised(&t, p);
	assert_in_range(t.m, 1, MAX_TOOTH);
	c = covariance(&t, p);
	g = gls(&x, &t, c);
	polish(&x, g);
	polish(&x, g);
	for (int k = 0; k < LITERAL_SIGNALS; k++)
		use(p, g, s[k], d[k]);
	columns_free(&x);
	columns_free(&t);
	free(c);
	free(g);
}

static struct problem problem_of(const struct cis_design *d, double seed_hz)
{
	struct problem p = {.d = d, .seed_hz = seed_hz};

	p.fr = fmin(fmax(d->report_hz, 10), d->fnom_hz);
	if (d->profile == CIS_PROFILE_P)
		p.half = (int)floor(2 * d->rate_hz / d->fnom_hz + 0.5);
	else
		prefilter(&p);
	return p;
}

static void problem_free(struct problem *p)
{
	if (p->h)
		free(p->h - p->reach);
}

unsigned literal_half(const struct cis_design *d)
{
	struct problem p = problem_of(d, d->fnom_hz);

	problem_free(&p);
	return (unsigned)p.half;
}

void literal_solve(const struct cis_design *d, double seed_hz,
		   double *const s[LITERAL_SIGNALS],
		   double form[LITERAL_SIGNALS][8])
{
	struct problem p = problem_of(d, seed_hz);

	memset(form, 0, LITERAL_SIGNALS * sizeof(form[0]));
	if (d->profile == CIS_PROFILE_P)
		literal_p(&p, s, form);
	else
		literal_gls(&p, s, form);
	problem_free(&p);
}

/*
 * step_side.c - see step_side.h.
 *
 * Two problems of half the size, one for each parity, solved by orthogonal
 * columns. Half vectors are scaled by sqrt 2 but in the middle, so that their
 * products are those over the whole stretch.
 */
#include "step_side.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dot.h"
#include "wave.h"

#define N_POLY   CIS_SIDE_POLY
#define MAX_COL  (N_POLY + CIS_SIDE_HARM)
#define N_FORM   3
#define MAX_PASS 4
/* The carrier need not be nearer than what turns an end by a tenth. */
#define NEAR_RAD 0.1

int cis_side_init(struct cis_side_work *work, uint32_t max_half)
{
	work->stride = (size_t)max_half + 1;
	/* Columns and samples of both parities, and the carrier. */
	work->mem = calloc((2 * (MAX_COL + 1) + 2) * work->stride,
			   sizeof(*work->mem));
	if (!work->mem)
		return -ENOMEM;
	work->q = work->mem;
	work->c = work->mem + 2 * (MAX_COL + 1) * work->stride;
	work->s = work->c + work->stride;
	return 0;
}

void cis_side_fini(struct cis_side_work *work)
{
	free(work->mem);
	work->mem = NULL;
}

/* Legendre polynomials at u, and their first two derivatives. */
static void legendre(double u, double q[N_FORM][N_POLY])
{
	q[0][0] = 1;
	q[0][1] = u;
	q[1][0] = q[2][0] = q[2][1] = 0;
	q[1][1] = 1;
	for (unsigned k = 2; k < N_POLY; k++) {
		double m = 2.0 * k - 1;

		q[0][k] = (m * u * q[0][k - 1] - (k - 1) * q[0][k - 2]) / k;
		q[1][k] = m * q[0][k - 1] + q[1][k - 2];
		q[2][k] = m * q[1][k - 1] + q[2][k - 2];
	}
}

/* What is fitted. */
struct model {
	uint32_t half;
	unsigned n_poly, top; /* polynomials; highest harmonic, or 1 */
	double w;
};

/* One parity, orthogonal: q r = columns, theta their coefficients. */
struct parity {
	bool even;
	unsigned n; /* columns; q[n] holds the samples' rest */
	double *q;
	double r[MAX_COL][MAX_COL];
	double theta[MAX_COL];
};

static bool with_cos(bool even, unsigned k)
{
	return even == (k % 2 == 0);
}

static void fill_poly(const struct cis_side_work *work, const struct model *m,
		      struct parity *y)
{
	for (uint32_t i = 0; i <= m->half; i++) {
		double q[N_FORM][N_POLY], scale = i ? sqrt(2) : 1;

		legendre((double)i / m->half, q);
		for (unsigned k = 0; k < m->n_poly; k++)
			y->q[k * work->stride + i] =
				q[0][k] * scale *
				(with_cos(y->even, k) ? work->c[i]
						      : -work->s[i]);
	}
}

static void fill(struct cis_side_work *work, const struct model *m,
		 const struct cis_seg *seg, struct parity *y)
{
	size_t n = (size_t)m->half + 1, stride = work->stride;
	double *col, root = sqrt(2);

	cis_wave(m->w / (2 * CIS_PI), n, work->c, work->s);
	fill_poly(work, m, y);
	y->n = m->n_poly;
	if (y->even) {
		col = y->q + y->n++ * stride;
		for (size_t i = 0; i < n; i++)
			col[i] = i ? root : 1;
	}
	for (unsigned h = 2; h <= m->top; h++) {
		col = y->q + y->n++ * stride;
		cis_wave(h * m->w / (2 * CIS_PI), n, work->c, work->s);
		for (size_t i = 0; i < n; i++)
			col[i] = (i ? root : 1) *
				 (y->even ? work->c[i] : work->s[i]);
	}
	col = y->q + y->n * stride;
	col[0] = y->even ? seg->mid[0] : 0;
	for (size_t i = 1; i < n; i++) {
		double after = seg->mid[i], before = *(seg->mid - i);

		col[i] = (y->even ? after + before : after - before) / root;
	}
}

/* Orthogonal columns; the samples, last, are left with the residual. */
static int factor(size_t n, size_t stride, struct parity *y)
{
	for (unsigned k = 0; k < y->n; k++) {
		double *q = y->q + k * stride;
		double norm = sqrt(cis_dot(n, q, q));

		if (!(norm > 1e-6 * sqrt((double)n)))
			return -ERANGE;
		for (size_t i = 0; i < n; i++)
			q[i] /= norm;
		y->r[k][k] = norm;
		for (unsigned j = k + 1; j <= y->n; j++) {
			double *x = y->q + j * stride, p = cis_dot(n, q, x);

			if (j < y->n)
				y->r[k][j] = p;
			else
				y->theta[k] = p;
			cis_subtract(n, p, q, x);
		}
	}
	for (unsigned k = y->n; k-- > 0;) {
		for (unsigned j = k + 1; j < y->n; j++)
			y->theta[k] -= y->r[k][j] * y->theta[j];
		y->theta[k] /= y->r[k][k];
	}
	return 0;
}

/* d <- d r^-1: how unit noise along the orthogonal columns enters a form. */
static void spread(const struct parity *y, double complex *d)
{
	for (unsigned k = 0; k < y->n; k++) {
		for (unsigned i = 0; i < k; i++)
			d[k] -= d[i] * y->r[i][k];
		d[k] /= y->r[k][k];
	}
}

/* Value of form f (p, p', p'') of one parity's part, and its noise. */
static double complex form(const struct model *m, const struct parity *y,
			   double at, unsigned f, double complex noise[MAX_COL])
{
	double q[N_FORM][N_POLY], scale = pow(m->half, -(double)f);
	double complex sum = 0;

	legendre(at / m->half, q);
	for (unsigned k = 0; k < y->n; k++) {
		noise[k] = k < m->n_poly
				   ? q[f][k] * scale *
					     (with_cos(y->even, k) ? 1 : I)
				   : 0;
		sum += noise[k] * y->theta[k];
	}
	spread(y, noise);
	return sum;
}

/* Lower factor of the covariance of the rows, 6 x n. */
static void lower(double row[6][2 * MAX_COL], unsigned n, double l[6][6])
{
	memset(l, 0, 6 * sizeof(l[0]));
	for (unsigned i = 0; i < 6; i++) {
		double norm;

		for (unsigned j = 0; j < i; j++) {
			l[i][j] = cis_dot(n, row[i], row[j]);
			cis_subtract(n, l[i][j], row[j], row[i]);
		}
		norm = sqrt(cis_dot(n, row[i], row[i]));
		l[i][i] = norm;
		for (unsigned k = 0; k < n; k++)
			row[i][k] = norm > 0 ? row[i][k] / norm : 0;
	}
}

static void evaluate(const struct model *m, const struct parity y[2], double at,
		     struct cis_side *side)
{
	double row[6][2 * MAX_COL];
	unsigned n = y[0].n + y[1].n;

	for (unsigned f = 0; f < N_FORM; f++) {
		double complex noise[2 * MAX_COL];

		side->p[f] = form(m, &y[0], at, f, noise) +
			     form(m, &y[1], at, f, noise + y[0].n);
		for (unsigned k = 0; k < n; k++) {
			row[2 * f][k] = creal(noise[k]);
			row[2 * f + 1][k] = cimag(noise[k]);
		}
	}
	lower(row, n, side->noise);
}

static int solve(struct cis_side_work *work, const struct cis_seg *seg,
		 const struct model *m, struct parity y[2])
{
	size_t n = (size_t)m->half + 1;

	for (unsigned i = 0; i < 2; i++) {
		y[i].even = i == 0;
		y[i].q = work->q + i * (MAX_COL + 1) * work->stride;
		fill(work, m, seg, &y[i]);
		if (factor(n, work->stride, &y[i]))
			return -ERANGE;
	}
	return 0;
}

/* The residual's halves go where cis_side_residual() finds them. */
static void keep(struct cis_side_work *work, const struct parity y[2],
		 struct cis_side *side, uint32_t half)
{
	size_t n = (size_t)half + 1;
	const double *even = y[0].q + y[0].n * work->stride;
	const double *odd = y[1].q + y[1].n * work->stride;

	side->rss = cis_dot(n, even, even) + cis_dot(n, odd, odd);
	side->n_col = y[0].n + y[1].n;
	memcpy(work->c, even, n * sizeof(*even));
	memcpy(work->s, odd, n * sizeof(*odd));
}

static double power_of(const struct model *m, const struct parity y[2])
{
	double sum = 0;

	for (unsigned i = 0; i < 2; i++)
		for (unsigned k = m->n_poly + y[i].even; k < y[i].n; k++)
			sum += y[i].theta[k] * y[i].theta[k] / 2;
	return sum;
}

/* Polynomials by length: one more can be told for each cycle or so. */
static unsigned n_poly_of(double cycles)
{
	if (cycles >= 4)
		return 6;
	if (cycles >= 2)
		return 4;
	return cycles >= 1 ? 2 : 0;
}

static unsigned top_of(double w, uint32_t half, unsigned top_harm)
{
	unsigned top = 1;

	while (top < top_harm && top < CIS_SIDE_HARM &&
	       (top + 1) * w < 0.98 * CIS_PI && N_POLY + top + 2 < half / 2)
		top++;
	return top;
}

int cis_side_fit(struct cis_side_work *work, const struct cis_seg *seg,
		 unsigned top_harm, double at, struct cis_side *side)
{
	struct model m = {.half = seg->half, .w = side->w};
	struct parity y[2];
	double complex unused[MAX_COL];
	double start = side->w, dw = 0;

	m.n_poly = n_poly_of((2.0 * m.half + 1) * m.w / (2 * CIS_PI));
	if (m.n_poly == 0 || m.half < 2 * N_POLY)
		return -ERANGE;
	m.top = top_of(m.w, m.half, top_harm);
	for (unsigned pass = 0; pass < MAX_PASS; pass++) {
		double complex p, d;

		m.w += dw;
		if (!(m.w > 0.7 * start && m.w < 1.4 * start) ||
		    solve(work, seg, &m, y))
			return -ERANGE;
		p = form(&m, &y[0], 0, 0, unused) +
		    form(&m, &y[1], 0, 0, unused);
		d = form(&m, &y[0], 0, 1, unused) +
		    form(&m, &y[1], 0, 1, unused);
		dw = cimag(d / p);
		if (fabs(dw) * m.half < NEAR_RAD)
			break;
	}
	side->w = m.w;
	side->dc = y[0].theta[m.n_poly];
	side->harm = power_of(&m, y);
	evaluate(&m, y, at, side);
	keep(work, y, side, m.half);
	return 0;
}

void cis_side_residual(const struct cis_side_work *work,
		       const struct cis_seg *seg, double *r)
{
	double *mid = r + seg->half, root = sqrt(2);

	mid[0] = work->c[0];
	for (uint32_t i = 1; i <= seg->half; i++) {
		mid[i] = (work->c[i] + work->s[i]) / root;
		*(mid - i) = (work->c[i] - work->s[i]) / root;
	}
}

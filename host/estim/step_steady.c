/*
 * step_steady.c - see step_steady.h.
 *
 * About the middle of a stretch cosines are even and sines odd: two systems of
 * half the size. With D(t) = sum cos(t i), i = -half..half, the products of
 * columns j and k are (D((j-k) w) +- D((j+k) w))/2, and those with the
 * derivative of the fundamental by w, g = -i (a sin w i + b cos w i), follow
 * from dD/dt in the same way.
 */
#include "step_steady.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dot.h"
#include "dyn.h"
#include "wave.h"

#define MAX_COL        (CIS_STEADY_HARM + 1)
#define MAX_PASS       12
/* Harmonics are told apart from one period on, and a little. */
#define MIN_TURNS_HARM 1.2
/* What the last correction turns the ends by, rad; the next is nearly its
 * square, or with harmonics a hundredth. */
#define NEAR           1e-9

int cis_steady_init(struct cis_steady_work *work, uint32_t max_half)
{
	size_t n = (size_t)max_half + 1;

	work->mem = calloc(6 * n, sizeof(*work->mem));
	if (!work->mem)
		return -ENOMEM;
	work->even = work->mem;
	work->odd = work->mem + n;
	work->c = work->mem + 2 * n;
	work->s = work->mem + 3 * n;
	work->c1 = work->mem + 4 * n;
	work->s1 = work->mem + 5 * n;
	return 0;
}

void cis_steady_fini(struct cis_steady_work *work)
{
	free(work->mem);
	work->mem = NULL;
}

static void fold(struct cis_steady_work *work, const struct cis_seg *seg)
{
	work->even[0] = seg->mid[0];
	work->odd[0] = 0;
	for (uint32_t i = 1; i <= seg->half; i++) {
		double after = seg->mid[i], before = *(seg->mid - i);

		work->even[i] = after + before;
		work->odd[i] = after - before;
	}
}

/* D and dD/dt at multiples of w. */
struct kernel {
	double d[2 * MAX_COL + 1], slope[2 * MAX_COL + 1];
};

static void dirichlet(double w, uint32_t half, unsigned top, struct kernel *k)
{
	double a = half + 0.5;

	k->d[0] = 2 * a;
	k->slope[0] = 0;
	for (unsigned m = 1; m <= 2 * top; m++) {
		double t = m * w, sin_b = sin(t / 2), cos_b = cos(t / 2);
		double sin_a = sin(a * t), cos_a = cos(a * t);

		k->d[m] = sin_a / sin_b;
		k->slope[m] = (a * cos_a * sin_b - 0.5 * sin_a * cos_b) /
			      (sin_b * sin_b);
	}
}

/* One parity's normal equations: a symmetric matrix, factored in place, and
 * right sides x (samples), g (derivative by w), u (to tell the variance). */
struct system {
	unsigned n;
	double a[MAX_COL][MAX_COL];
	double x[MAX_COL], g[MAX_COL], u[MAX_COL];
	double rhs_x[MAX_COL], rhs_g[MAX_COL];
};

static int factor(struct system *y)
{
	for (unsigned j = 0; j < y->n; j++) {
		double full = y->a[j][j];

		for (unsigned k = 0; k < j; k++)
			y->a[j][j] -= y->a[j][k] * y->a[j][k];
		if (!(y->a[j][j] > 1e-7 * full))
			return -ERANGE;
		y->a[j][j] = sqrt(y->a[j][j]);
		for (unsigned i = j + 1; i < y->n; i++) {
			for (unsigned k = 0; k < j; k++)
				y->a[i][j] -= y->a[i][k] * y->a[j][k];
			y->a[i][j] /= y->a[j][j];
		}
	}
	return 0;
}

static void back(const struct system *y, double *b)
{
	for (unsigned i = 0; i < y->n; i++) {
		for (unsigned k = 0; k < i; k++)
			b[i] -= y->a[i][k] * b[k];
		b[i] /= y->a[i][i];
	}
	for (unsigned i = y->n; i-- > 0;) {
		for (unsigned k = i + 1; k < y->n; k++)
			b[i] -= y->a[k][i] * b[k];
		b[i] /= y->a[i][i];
	}
}

/* `one`: where the fundamental stands. */
static int solve(struct system *y, unsigned one)
{
	if (factor(y))
		return -ERANGE;
	for (unsigned i = 0; i < y->n; i++) {
		y->x[i] = y->rhs_x[i];
		y->g[i] = y->rhs_g[i];
		y->u[i] = i == one;
	}
	back(y, y->x);
	back(y, y->g);
	back(y, y->u);
	return 0;
}

static double product(const double *a, const double *b, unsigned n)
{
	double sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

/* The two systems of a stretch at one frequency, and g's own sums. */
struct normal {
	struct system even, odd; /* 1, cos 1.. top; -sin 1..top */
	double is_even, ic_odd;  /* sum of i sin(w i) even[i], i cos odd */
	double i2, i2c;          /* sum of i^2 and of i^2 cos 2 w i */
};

static void matrices(struct normal *m, const struct kernel *k, unsigned top)
{
	m->even.n = top + 1;
	m->odd.n = top;
	for (unsigned i = 0; i <= top; i++)
		for (unsigned j = 0; j <= i; j++)
			m->even.a[i][j] = (k->d[i - j] + k->d[i + j]) / 2;
	for (unsigned i = 1; i <= top; i++) {
		/* Column 0 is 1, not cos 0 counted twice. */
		for (unsigned j = 1; j <= i; j++)
			m->odd.a[i - 1][j - 1] =
				(k->d[i - j] - k->d[i + j]) / 2;
	}
}

/* Carrier and first harmonic: c, s; from one harmonic to the next, by which
 * they err by a rounding more. */
static void begin(struct cis_steady_work *work, double w, size_t n)
{
	cis_wave(w / (2 * CIS_PI), n, work->c1, work->s1);
	memcpy(work->c, work->c1, n * sizeof(*work->c));
	memcpy(work->s, work->s1, n * sizeof(*work->s));
}

static void advance(struct cis_steady_work *work, size_t n)
{
	const double *restrict c1 = work->c1, *restrict s1 = work->s1;
	double *restrict c = work->c, *restrict s = work->s;

	for (size_t i = 0; i < n; i++) {
		double re = c[i] * c1[i] - s[i] * s1[i];

		s[i] = s[i] * c1[i] + c[i] * s1[i];
		c[i] = re;
	}
}

static void products(struct cis_steady_work *work, uint32_t half, double w,
		     unsigned top, struct normal *m)
{
	size_t n = (size_t)half + 1;

	m->even.rhs_x[0] = 0;
	for (size_t i = 0; i < n; i++)
		m->even.rhs_x[0] += work->even[i];
	begin(work, w, n);
	for (unsigned k = 1; k <= top; k++) {
		m->even.rhs_x[k] = cis_dot(n, work->even, work->c);
		m->odd.rhs_x[k - 1] = -cis_dot(n, work->odd, work->s);
		if (k < top)
			advance(work, n);
	}
	m->is_even = m->ic_odd = m->i2 = m->i2c = 0;
	for (size_t i = 1; i < n; i++) {
		double t = (double)i, c = work->c1[i], s = work->s1[i];

		m->is_even += t * s * work->even[i];
		m->ic_odd += t * c * work->odd[i];
		m->i2 += 2 * t * t;
		m->i2c += 2 * t * t * (c * c - s * s);
	}
}

/* Once p[1] = a + j b is known. */
static void derivative(struct normal *m, const struct kernel *k, unsigned top,
		       double complex p)
{
	double a = creal(p), b = cimag(p);

	m->even.rhs_g[0] = a * k->slope[1];
	for (unsigned i = 1; i <= top; i++) {
		m->even.rhs_g[i] = a / 2 * (k->slope[i + 1] - k->slope[i - 1]);
		m->odd.rhs_g[i - 1] =
			-b / 2 * (k->slope[i + 1] + k->slope[i - 1]);
	}
}

/* The derivative's product with the samples and with itself, less what the
 * columns explain. */
struct by_w {
	double x, g;
};

static struct by_w remainder_of(const struct normal *m, double complex p)
{
	double a = creal(p), b = cimag(p);

	return (struct by_w){.x = -a * m->is_even - b * m->ic_odd -
				  product(m->even.g, m->even.rhs_x, m->even.n) -
				  product(m->odd.g, m->odd.rhs_x, m->odd.n),
			     .g = a * a / 2 * (m->i2 - m->i2c) +
				  b * b / 2 * (m->i2 + m->i2c) -
				  product(m->even.g, m->even.rhs_g, m->even.n) -
				  product(m->odd.g, m->odd.rhs_g, m->odd.n)};
}

static unsigned top_of(double w, uint32_t half, unsigned top_harm)
{
	double n = 2.0 * half + 1;
	unsigned top = 1;

	if (n * w < MIN_TURNS_HARM * 2 * CIS_PI)
		return 1;
	while (top < top_harm && (top + 1) * w < 0.98 * CIS_PI &&
	       4 * (top + 1) < n)
		top++;
	return top;
}

/* One stretch at frequency w. */
static int at_frequency(struct cis_steady_work *work, const struct cis_seg *seg,
			double w, unsigned top_harm, struct cis_steady_seg *sol,
			struct by_w *by)
{
	struct normal m;
	struct kernel k;
	unsigned top = top_of(w, seg->half, top_harm);

	fold(work, seg);
	products(work, seg->half, w, top, &m);
	dirichlet(w, seg->half, top, &k);
	/* slope[top + 1] is asked for with top = 1 too. */
	matrices(&m, &k, top);
	for (unsigned i = 0; i <= top; i++)
		m.even.rhs_g[i] = m.odd.rhs_g[i] = 0;
	if (solve(&m.even, 1) || solve(&m.odd, 0))
		return -ERANGE;
	sol->top = top;
	sol->dc = m.even.x[0];
	for (unsigned i = 1; i <= top; i++)
		sol->p[i] = m.even.x[i] + I * m.odd.x[i - 1];
	derivative(&m, &k, top, sol->p[1]);
	for (unsigned i = 0; i <= top; i++) {
		m.even.g[i] = m.even.rhs_g[i];
		m.odd.g[i] = i < top ? m.odd.rhs_g[i] : 0;
	}
	back(&m.even, m.even.g);
	back(&m.odd, m.odd.g);
	sol->var_re = m.even.u[1];
	sol->var_im = m.odd.u[0];
	sol->along = -(m.even.g[1] + I * m.odd.g[0]);
	*by = remainder_of(&m, sol->p[1]);
	return 0;
}

/* Where the stretches, cut to at most half samples each side, put w. */
static int pass(struct cis_steady_work *work, const struct cis_seg *seg,
		unsigned n_seg, uint32_t half, unsigned top_harm,
		struct cis_steady *fit, double *dw)
{
	struct by_w sum = {0, 0}, by;

	for (unsigned i = 0; i < n_seg; i++) {
		struct cis_seg part = seg[i];

		if (part.half > half)
			part.half = half;
		if (at_frequency(work, &part, fit->w, top_harm, &fit->seg[i],
				 &by))
			return -ERANGE;
		sum.x += by.x;
		sum.g += by.g;
	}
	*dw = sum.g > 0 ? sum.x / sum.g : 0;
	fit->var_w = sum.g > 0 ? 1 / sum.g : INFINITY;
	return 0;
}

static int converge(struct cis_steady_work *work, const struct cis_seg *seg,
		    unsigned n_seg, uint32_t half, unsigned top_harm,
		    struct cis_steady *fit)
{
	double start = fit->w, dw = 0;

	for (unsigned i = 0; i < MAX_PASS; i++) {
		if (pass(work, seg, n_seg, half, top_harm, fit, &dw))
			return -ERANGE;
		fit->w += dw;
		if (!(fit->w > 0.7 * start && fit->w < 1.4 * start))
			return -ERANGE;
		if (fabs(dw) * half < NEAR)
			break;
	}
	/* Noise or another model: it does as well as it can. */
	return fabs(dw) * half < 1e-6
		       ? pass(work, seg, n_seg, half, top_harm, fit, &dw)
		       : -ERANGE;
}

/* From short stretches, which forgive a frequency that is far off, to all. */
static int approach(struct cis_steady_work *work, const struct cis_seg *seg,
		    unsigned n_seg, uint32_t half, struct cis_steady *fit)
{
	uint32_t cycle = (uint32_t)ceil(2 * CIS_PI / fit->w);

	for (uint32_t part = 2 * cycle; part < half; part *= 3) {
		double dw, start = fit->w;

		for (unsigned i = 0; i < 2; i++) {
			if (pass(work, seg, n_seg, part, 1, fit, &dw))
				return -ERANGE;
			fit->w += dw;
		}
		if (!(fit->w > 0.7 * start && fit->w < 1.4 * start))
			return -ERANGE;
	}
	return 0;
}

static uint32_t longest(const struct cis_seg *seg, unsigned n_seg)
{
	uint32_t half = 0;

	for (unsigned i = 0; i < n_seg; i++)
		if (seg[i].half > half)
			half = seg[i].half;
	return half;
}

int cis_steady_fit(struct cis_steady_work *work, const struct cis_seg *seg,
		   unsigned n_seg, struct cis_steady *fit)
{
	uint32_t half = longest(seg, n_seg);

	if (approach(work, seg, n_seg, half, fit))
		return -ERANGE;
	return converge(work, seg, n_seg, half, 1, fit);
}

int cis_steady_refine(struct cis_steady_work *work, const struct cis_seg *seg,
		      unsigned n_seg, unsigned top_harm, struct cis_steady *fit)
{
	return converge(work, seg, n_seg, longest(seg, n_seg), top_harm, fit);
}

void cis_steady_residual(struct cis_steady_work *work,
			 const struct cis_seg *seg, double w,
			 const struct cis_steady_seg *sol, double *r)
{
	size_t n = (size_t)seg->half + 1;
	double *mid = r + seg->half;

	for (size_t i = 0; i < 2 * n - 1; i++)
		r[i] = *(seg->mid - seg->half + i) - sol->dc;
	begin(work, w, n);
	for (unsigned k = 1; k <= sol->top; k++) {
		double a = creal(sol->p[k]), b = cimag(sol->p[k]);

		mid[0] -= a;
		for (size_t i = 1; i < n; i++) {
			mid[i] -= a * work->c[i] - b * work->s[i];
			*(mid - i) -= a * work->c[i] + b * work->s[i];
		}
		if (k < sol->top)
			advance(work, n);
	}
}

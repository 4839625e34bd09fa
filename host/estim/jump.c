/*
 * jump.c - see jump.h.
 *
 * The window is x[-half..half), the candidate lies at t = 0, half a sample
 * before x[0]. Every column is even or odd about it. Even: q0 c, q2 c, -q1 s,
 * -q3 s, the constant, cos h. Odd: q1 c, q3 c, -q0 s, -q2 s, sin h. With u(t)
 * = (1 + sgn t)/2 the smooth columns take half of u c and u s away, and what
 * remains, sgn(t) c/2 and -sgn(t) s/2, is odd and even. So there are two
 * problems of half the length: on e = x[n] + x[-1-n] and o = x[n] - x[-1-n].
 */
#include "jump.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clones.h"
#include "dyn.h"

#define N_POLY   4
#define TOP_HARM 15
#define MAX_COL  (N_POLY + 1 + TOP_HARM)
#define N_FORM   3
#define LANES    8
/* Part of the window's energy that counts as residual at least: rounding. */
#define ROUNDING 1e-13

/* One parity's half: orthonormal columns, the jump last; and the rows that see
 * it and the smooth part's value and slope. */
struct parity {
	unsigned n_col;       /* the jump included */
	double *q;            /* [n_col][stride] */
	double *form[N_FORM]; /* jump, p(0), p'(0) */
	double jump_norm;     /* of the projected jump */
};

struct cis_jump {
	double seed_hz;
	uint32_t half;
	size_t stride;
	unsigned n_free; /* N - m */
	struct parity even, odd;
	double *mem;
};

/* Into each clone, lest it be compiled for the least of them. */
#define ALWAYS __attribute__((always_inline))

uint32_t cis_jump_half(double rate_hz, double fnom_hz)
{
	return (uint32_t)lround(2 * rate_hz / fnom_hz);
}

static size_t stride_of(uint32_t half)
{
	return ((size_t)half + LANES - 1) / LANES * LANES;
}

uint32_t cis_jump_work(double rate_hz, double fnom_hz)
{
	return (uint32_t)(2 * stride_of(cis_jump_half(rate_hz, fnom_hz)));
}

/* ---- design ---- */

/* q_k(u) and its derivative at 0. */
static double legendre(unsigned k, double u)
{
	const double q[N_POLY] = {1, u, 1.5 * u * u - 0.5,
				  2.5 * u * u * u - 1.5 * u};

	return q[k];
}

static const double at_0[N_POLY] = {1, 0, -0.5, 0};
static const double slope_at_0[N_POLY] = {0, 1, 0, -1.5};

struct place {
	double rate_hz, seed_hz;
	uint32_t half;
	unsigned top_harm;
};

/* Polynomial k goes with the cosine in the half whose parity it has. */
static bool with_cos(bool even, unsigned k)
{
	return even == (k % 2 == 0);
}

static double entry(const struct place *p, bool even, unsigned col, double t)
{
	double arg = 2 * CIS_PI * p->seed_hz * t;
	double u = t * p->rate_hz / p->half;

	if (col < N_POLY)
		return legendre(col, u) *
		       (with_cos(even, col) ? cos(arg) : -sin(arg));
	col -= N_POLY;
	if (even && col == 0)
		return 1;
	col += even ? 1 : 2;
	return even ? cos(col * arg) : sin(col * arg);
}

static void fill(const struct place *p, bool even, struct parity *par,
		 size_t stride)
{
	for (uint32_t n = 0; n < p->half; n++) {
		double t = (n + 0.5) / p->rate_hz;
		double arg = 2 * CIS_PI * p->seed_hz * t;
		unsigned last = par->n_col - 1;

		for (unsigned k = 0; k < last; k++)
			par->q[k * stride + n] = entry(p, even, k, t);
		par->q[last * stride + n] = even ? -sin(arg) / 2 : cos(arg) / 2;
	}
}

/* The row whose product with e or o is sum d[k] times coefficient k: e and o
 * are twice the part of that parity. r: upper triangle of the smooth columns. */
static void form_row(const struct parity *par, size_t stride, const double *r,
		     const double d[N_POLY], double *row)
{
	double w[MAX_COL + 1] = {0};

	for (unsigned k = 0; k + 1 < par->n_col; k++) {
		w[k] = k < N_POLY ? d[k] / 2 : 0;
		for (unsigned i = 0; i < k; i++)
			w[k] -= r[k * par->n_col + i] * w[i];
		w[k] /= r[k * par->n_col + k];
	}
	memset(row, 0, stride * sizeof(*row));
	for (unsigned k = 0; k + 1 < par->n_col; k++)
		for (size_t n = 0; n < stride; n++)
			row[n] += w[k] * par->q[k * stride + n];
}

static bool regular(const double *r, unsigned n_col)
{
	for (unsigned k = 0; k < n_col; k++)
		if (!(fabs(r[k * n_col + k]) > 1e-6))
			return false;
	return true;
}

static bool factor(struct parity *par, uint32_t half, size_t stride,
		   double r[(MAX_COL + 1) * (MAX_COL + 1)])
{
	double tau[MAX_COL + 1];
	unsigned n = par->n_col;

	if (LAPACKE_dgeqrf(LAPACK_COL_MAJOR, (int)half, (int)n, par->q,
			   (int)stride, tau))
		return false;
	for (unsigned k = 0; k < n; k++)
		for (unsigned i = 0; i <= k; i++)
			r[k * n + i] = par->q[k * stride + i];
	return regular(r, n) &&
	       LAPACKE_dorgqr(LAPACK_COL_MAJOR, (int)half, (int)n, (int)n,
			      par->q, (int)stride, tau) == 0;
}

static bool design_half(const struct place *p, bool even, struct parity *par,
			size_t stride)
{
	double r[(MAX_COL + 1) * (MAX_COL + 1)];
	double value[N_POLY] = {0}, slope[N_POLY] = {0};
	unsigned last = par->n_col - 1;

	fill(p, even, par, stride);
	if (!factor(par, p->half, stride, r))
		return false;
	for (unsigned k = 0; k < N_POLY; k++) {
		value[k] = at_0[k];
		slope[k] = slope_at_0[k] * p->rate_hz / p->half;
	}
	par->jump_norm = r[last * par->n_col + last];
	par->form[0] = par->q + last * stride;
	form_row(par, stride, r, value, par->form[1]);
	form_row(par, stride, r, slope, par->form[2]);
	return true;
}

static double *share_out(struct parity *par, double *mem, size_t stride)
{
	par->q = mem;
	mem += par->n_col * stride;
	for (unsigned i = 1; i < N_FORM; i++) {
		par->form[i] = mem;
		mem += stride;
	}
	return mem;
}

static struct cis_jump *alloc(const struct place *p)
{
	struct cis_jump *j = calloc(1, sizeof(*j));
	size_t rows;

	if (!j)
		return NULL;
	j->seed_hz = p->seed_hz;
	j->half = p->half;
	j->stride = stride_of(p->half);
	j->even.n_col = N_POLY + p->top_harm + 1;
	j->odd.n_col = N_POLY + p->top_harm;
	j->n_free = 2 * p->half - j->even.n_col - j->odd.n_col;
	rows = j->even.n_col + j->odd.n_col + 2 * (N_FORM - 1);
	j->mem = calloc(rows * j->stride, sizeof(*j->mem));
	if (!j->mem) {
		free(j);
		return NULL;
	}
	share_out(&j->odd, share_out(&j->even, j->mem, j->stride), j->stride);
	return j;
}

struct cis_jump *cis_jump_design(double rate_hz, double fnom_hz, double seed_hz)
{
	struct place p = {.rate_hz = rate_hz,
			  .seed_hz = seed_hz,
			  .half = cis_jump_half(rate_hz, fnom_hz),
			  .top_harm = 1};
	struct cis_jump *j;

	while (p.top_harm < TOP_HARM &&
	       (p.top_harm + 1) * seed_hz < 0.49 * rate_hz)
		p.top_harm++;
	if (!(seed_hz > 0) || p.half < N_POLY + p.top_harm + 3)
		return NULL;
	j = alloc(&p);
	if (!j)
		return NULL;
	if (design_half(&p, true, &j->even, j->stride) &&
	    design_half(&p, false, &j->odd, j->stride))
		return j;
	cis_jump_free(j);
	return NULL;
}

void cis_jump_free(struct cis_jump *jump)
{
	if (!jump)
		return;
	free(jump->mem);
	free(jump);
}

/* ---- samples ---- */

typedef double vec __attribute__((vector_size(LANES * sizeof(double))));

/* sum += a b. By pointers: a vector wider than the processor's has no place
 * among parameters. */
ALWAYS static inline void add(vec *sum, const double *a, const double *b)
{
	vec x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	*sum += x * y;
}

/* n: a multiple of LANES. Several sums, so that additions need not wait for one
 * another. */
ALWAYS static inline double dot(size_t n, const double *a, const double *b)
{
	vec s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
	size_t i = 0;

	for (; i + 4 * LANES <= n; i += 4 * LANES) {
		add(&s0, a + i, b + i);
		add(&s1, a + i + LANES, b + i + LANES);
		add(&s2, a + i + 2 * LANES, b + i + 2 * LANES);
		add(&s3, a + i + 3 * LANES, b + i + 3 * LANES);
	}
	for (; i < n; i += LANES)
		add(&s0, a + i, b + i);
	s0 = (s0 + s1) + (s2 + s3);
	return ((s0[0] + s0[4]) + (s0[2] + s0[6])) +
	       ((s0[1] + s0[5]) + (s0[3] + s0[7]));
}

/* The forms of both parities and the energies of e and o. */
struct sums {
	double even[N_FORM + 1], odd[N_FORM + 1];
};

/* work: e, then o, a stride each. */
CLONES_FUSED static void look(const struct cis_jump *j, const double *after,
			      double *work, struct sums *out)
{
	double *restrict e = work, *restrict o = work + j->stride;
	size_t half = j->half;

	for (size_t i = 0; i < half; i++) {
		double x = after[i], y = *(after - 1 - i);

		e[i] = x + y;
		o[i] = x - y;
	}
	for (size_t i = half; i < j->stride; i++)
		e[i] = o[i] = 0;
	for (size_t r = 0; r < N_FORM; r++) {
		out->even[r] = dot(j->stride, j->even.form[r], e);
		out->odd[r] = dot(j->stride, j->odd.form[r], o);
	}
	out->even[N_FORM] = dot(j->stride, e, e);
	out->odd[N_FORM] = dot(j->stride, o, o);
}

static double square(double x)
{
	return x * x;
}

/* Value and slope of p in the even and the odd half: the cosine's coefficient
 * of q0 and q2 is in the even one, that of q1 and q3 in the odd one. */
static struct cis_jump_glance judge(const struct cis_jump *j,
				    const struct sums *s)
{
	double re = s->even[1], im = s->odd[1];
	double d_re = s->odd[2], d_im = s->even[2];
	double power = re * re + im * im;
	double all = (s->even[N_FORM] + s->odd[N_FORM]) / 2;
	double jump = hypot(s->odd[0] / (2 * j->odd.jump_norm),
			    s->even[0] / (2 * j->even.jump_norm));

	return (struct cis_jump_glance){
		.energy = (square(s->even[0]) + square(s->odd[0])) / 2,
		.depth = jump / sqrt(power),
		.share = power * j->half / all,
		.freq_hz = j->seed_hz +
			   (d_im * re - d_re * im) / (2 * CIS_PI * power)};
}

struct cis_jump_glance cis_jump_glance(const struct cis_jump *jump,
				       const double *after, double *work)
{
	struct sums s;

	look(jump, after, work, &s);
	return judge(jump, &s);
}

/* Energy of y along the columns, twice the parity's share. */
ALWAYS static inline double along(const struct parity *par, size_t stride,
				  const double *y)
{
	double sum = 0;

	for (unsigned k = 0; k < par->n_col; k++) {
		double p = dot(stride, par->q + k * stride, y);

		sum += p * p;
	}
	return sum;
}

CLONES_FUSED static double explained(const struct cis_jump *j,
				     const double *work)
{
	return (along(&j->even, j->stride, work) +
		along(&j->odd, j->stride, work + j->stride)) /
	       2;
}

struct cis_jump_found cis_jump_test(const struct cis_jump *jump,
				    const double *after, double *work)
{
	struct cis_jump_glance g;
	struct sums s;
	double rss, all;

	look(jump, after, work, &s);
	g = judge(jump, &s);
	all = (s.even[N_FORM] + s.odd[N_FORM]) / 2;
	rss = fmax(all - explained(jump, work), ROUNDING * all);
	return (struct cis_jump_found){.f = g.energy / 2 * jump->n_free / rss,
				       .depth = g.depth};
}

double cis_jump_limit(const struct cis_jump *jump)
{
	double n = jump->n_free;
	double chance = n / 2 * (pow(1e-12, -2 / n) - 1);

	return fmax(5000 * n / (1440 - 39), chance);
}

bool cis_jump_is(const struct cis_jump *jump,
		 const struct cis_jump_found *found)
{
	return found->f > cis_jump_limit(jump) && found->depth > CIS_JUMP_DEPTH;
}

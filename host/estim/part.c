/*
 * part.c - Householder's QR by LAPACK, which stays accurate where the normal
 * equations of docs/estimator.md (4) would not.
 */
#include "part.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* x = QR of a part, as LAPACK leaves it. */
struct qr {
	lapack_int n, m;
	double *a, *tau;
};

bool cis_part_init(struct cis_part *p, unsigned odd, size_t half, size_t m)
{
	*p = (struct cis_part){.odd = odd, .n = half + 1 - odd, .m = m};
	if (m > p->n)
		return false;
	p->x = calloc(m * p->n, sizeof(double));
	p->d = calloc(CIS_N_FORM * m, sizeof(double));
	p->w = calloc(CIS_N_FORM * p->n, sizeof(double));
	return p->x && p->d && p->w;
}

void cis_part_free(struct cis_part *p)
{
	free(p->x);
	free(p->d);
	free(p->w);
}

static double scale(const struct cis_part *p, const double *root, size_t i)
{
	return (i + p->odd ? sqrt(2) : 1) * (root ? root[i] : 1);
}

void cis_part_weigh(struct cis_part *p, const double *root)
{
	for (size_t i = 0; i < p->n; i++) {
		double by = scale(p, root, i);

		for (size_t k = 0; k < p->m; k++)
			p->x[k * p->n + i] *= by;
	}
}

void cis_part_half_row(const struct cis_part *p, unsigned f, const double *root,
		       double *g)
{
	const double *w = p->w + f * p->n;

	g[0] = 0;
	for (size_t i = 0; i < p->n; i++) {
		double twice = i + p->odd ? 2 : 1;

		g[i + p->odd] = w[i] * scale(p, root, i) / twice;
	}
}

unsigned cis_part_row(unsigned odd, unsigned form)
{
	static const unsigned row[2][CIS_N_FORM] = {{0, 3, 4, 7}, {1, 2, 5, 6}};

	return row[odd][form];
}

static void qr_free(struct qr *q)
{
	free(q->a);
	free(q->tau);
}

static bool qr_init(struct qr *q, const struct cis_part *p)
{
	size_t len = p->n * p->m * sizeof(double);

	q->n = (lapack_int)p->n;
	q->m = (lapack_int)p->m;
	q->a = malloc(len);
	q->tau = malloc(p->m * sizeof(double));
	if (!q->a || !q->tau)
		return false;
	memcpy(q->a, p->x, len);
	return LAPACKE_dgeqrf(LAPACK_COL_MAJOR, q->n, q->m, q->a, q->n,
			      q->tau) == 0;
}

static bool times_q(const struct qr *q, char trans, double *w)
{
	return LAPACKE_dormqr(LAPACK_COL_MAJOR, 'L', trans, q->n, CIS_N_FORM,
			      q->m, q->a, q->n, q->tau, w, q->n) == 0;
}

/* w, given as Q'w, becomes Q of it with R^-T d in the place of its top. */
static bool meet(const struct qr *q, const double *d, double *w)
{
	size_t m = (size_t)q->m, n = (size_t)q->n;

	for (size_t f = 0; f < CIS_N_FORM; f++)
		memcpy(w + f * n, d + f * m, m * sizeof(double));
	return LAPACKE_dtrtrs(LAPACK_COL_MAJOR, 'U', 'T', 'N', q->m, CIS_N_FORM,
			      q->a, q->n, w, q->n) == 0 &&
	       times_q(q, 'N', w);
}

bool cis_part_solve(struct cis_part *p)
{
	struct qr q = {0};
	bool ok = qr_init(&q, p) && times_q(&q, 'T', p->w) &&
		  meet(&q, p->d, p->w);

	qr_free(&q);
	return ok;
}

/* r[f] = d[f] - x'w[f] */
static void miss(const struct cis_part *p, double *r)
{
	memcpy(r, p->d, CIS_N_FORM * p->m * sizeof(double));
	cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, (int)p->m,
		    CIS_N_FORM, (int)p->n, -1, p->x, (int)p->n, p->w, (int)p->n,
		    1, r, (int)p->m);
}

static bool polish_once(struct cis_part *p, const struct qr *q, double *r,
			double *dw)
{
	size_t len = CIS_N_FORM * p->n;

	miss(p, r);
	memset(dw, 0, len * sizeof(double));
	if (!meet(q, r, dw))
		return false;
	for (size_t i = 0; i < len; i++)
		p->w[i] += dw[i];
	return true;
}

bool cis_part_polish(struct cis_part *p)
{
	struct qr q = {0};
	double *r = malloc(CIS_N_FORM * p->m * sizeof(double));
	double *dw = malloc(CIS_N_FORM * p->n * sizeof(double));
	bool ok = r && dw && qr_init(&q, p) && polish_once(p, &q, r, dw) &&
		  polish_once(p, &q, r, dw);

	qr_free(&q);
	free(r);
	free(dw);
	return ok;
}

static void lower(const struct cis_part *p, const double *a,
		  enum CBLAS_TRANSPOSE trans, double *b, size_t m)
{
	cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, trans, CblasNonUnit,
		    (int)p->n, (int)m, 1, a, (int)p->n, b, (int)p->n);
}

void cis_part_whiten(struct cis_part *p, const double *a)
{
	lower(p, a, CblasNoTrans, p->x, p->m);
	lower(p, a, CblasNoTrans, p->w, CIS_N_FORM);
}

void cis_part_colour(struct cis_part *p, const double *a)
{
	lower(p, a, CblasTrans, p->w, CIS_N_FORM);
}

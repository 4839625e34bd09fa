/* lsq.c - see lsq.h. */
#include "lsq.h"

#include <cblas.h>
#include <errno.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 1024

static int leading(const struct cis_lsq *q)
{
	return q->max_col + 1 + BLOCK;
}

static double *at(const struct cis_lsq *q, int row, int col)
{
	return q->a + (size_t)col * (size_t)leading(q) + row;
}

int cis_lsq_init(struct cis_lsq *q, int max_col)
{
	size_t n = (size_t)max_col + 1;
	double best = 0;

	*q = (struct cis_lsq){.max_col = max_col};
	openblas_set_num_threads(1);
	LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, leading(q), (int)n, NULL,
			    leading(q), NULL, &best, -1);
	q->work_len = best > (double)n ? (int)best : (int)n;
	q->a = calloc(n * (size_t)leading(q), sizeof(double));
	q->tau = calloc(n, sizeof(double));
	q->work = calloc((size_t)q->work_len, sizeof(double));
	if (q->a && q->tau && q->work)
		return 0;
	cis_lsq_fini(q);
	return -ENOMEM;
}

void cis_lsq_fini(struct cis_lsq *q)
{
	free(q->a);
	free(q->tau);
	free(q->work);
	*q = (struct cis_lsq){.max_col = 0};
}

void cis_lsq_begin(struct cis_lsq *q, int n_col)
{
	q->n_col = n_col;
	q->n_row = 0;
	q->total = 0;
	for (int c = 0; c <= n_col; c++)
		memset(at(q, 0, c), 0, (size_t)(n_col + 1) * sizeof(double));
}

void cis_lsq_row(struct cis_lsq *q, const double *row)
{
	for (int c = 0; c <= q->n_col; c++)
		*at(q, q->n_col + 1 + q->n_row, c) = row[c];
	q->total++;
	if (++q->n_row == BLOCK)
		cis_lsq_end(q);
}

void cis_lsq_end(struct cis_lsq *q)
{
	int n = q->n_col + 1;

	if (q->n_row == 0)
		return;
	LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, n + q->n_row, n, q->a, leading(q),
			    q->tau, q->work, q->work_len);
	for (int c = 0; c < n; c++)
		memset(at(q, c + 1, c), 0,
		       (size_t)(n - 1 - c) * sizeof(double));
	q->n_row = 0;
}

double cis_lsq_r(const struct cis_lsq *q, int row, int col)
{
	return *at(q, row, col);
}

double cis_lsq_length(const struct cis_lsq *q, int col)
{
	double sum = 0;

	for (int r = 0; r <= col; r++)
		sum = hypot(sum, cis_lsq_r(q, r, col));
	return sum;
}

double cis_lsq_residual(const struct cis_lsq *q)
{
	return fabs(cis_lsq_r(q, q->n_col, q->n_col));
}

int cis_lsq_solve(const struct cis_lsq *q, double tiny, double *x)
{
	for (int c = 0; c < q->n_col; c++)
		if (!(fabs(cis_lsq_r(q, c, c)) > tiny * cis_lsq_length(q, c)))
			return -EDOM;
	for (int r = q->n_col - 1; r >= 0; r--) {
		double sum = cis_lsq_r(q, r, q->n_col);

		for (int c = r + 1; c < q->n_col; c++)
			sum -= cis_lsq_r(q, r, c) * x[c];
		x[r] = sum / cis_lsq_r(q, r, r);
	}
	return 0;
}

/*
 * lsq.h - least squares over any number of rows in fixed memory.
 *
 * Householder QR, blockwise: the triangle made so far is stacked on the next
 * rows and factored again. Neither the solution nor its rounding depends on the
 * scale of a column.
 */
#ifndef HOST_ESTIM_LSQ_H
#define HOST_ESTIM_LSQ_H

#include <stddef.h>

struct cis_lsq {
	int max_col;  /* unknowns, at most */
	int n_col;    /* unknowns of this problem */
	int n_row;    /* rows in the block so far */
	size_t total; /* rows since begin() */
	double *a;    /* column-major: the triangle, below it the block */
	double *tau;
	double *work;
	int work_len;
};

/* -ENOMEM. */
int cis_lsq_init(struct cis_lsq *q, int max_col);
void cis_lsq_fini(struct cis_lsq *q);

void cis_lsq_begin(struct cis_lsq *q, int n_col);
/* One row: n_col coefficients, then the right-hand side. */
void cis_lsq_row(struct cis_lsq *q, const double *row);
/* Factors what is left in the block; rows may still follow. */
void cis_lsq_end(struct cis_lsq *q);

/* After end(). -EDOM where a column depends on those before it, to within
 * `tiny` of its own length. x is [n_col]. */
int cis_lsq_solve(const struct cis_lsq *q, double tiny, double *x);
/* Length of a column; the residual's is that of column n_col, as left over. */
double cis_lsq_length(const struct cis_lsq *q, int col);
double cis_lsq_residual(const struct cis_lsq *q);
/* Element of the triangle. */
double cis_lsq_r(const struct cis_lsq *q, int row, int col);

#endif

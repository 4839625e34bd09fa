/*
 * mgs.h - linear least squares by modified Gram-Schmidt.
 *
 * The right-hand side is treated as one more column, which makes the solution
 * as stable as Householder's (A. Bjorck, BIT 7, 1967), and leaves the residual
 * behind for nothing. One factorisation serves many right-hand sides.
 */
#ifndef HOST_ESTIM_MGS_H
#define HOST_ESTIM_MGS_H

#include <stddef.h>

#define CIS_MGS_COL 7

struct cis_mgs {
	size_t n;      /* rows */
	size_t stride; /* from one column to the next, >= n */
	double *q;     /* [CIS_MGS_COL][stride]; the caller's */
	double r[CIS_MGS_COL][CIS_MGS_COL];
};

/* q holds the columns of the matrix, and then those of its Q. */
void cis_mgs_factor(struct cis_mgs *m);

/* y[n] becomes the residual, theta the solution; returns |residual|^2. */
double cis_mgs_solve(const struct cis_mgs *m, double *y,
		     double theta[CIS_MGS_COL]);

/* The inverse of R, upper triangular: the solution's noise is R^-1 w, with w
 * independent, of the standard deviation of one sample. */
void cis_mgs_inverse(const struct cis_mgs *m,
		     double inv[CIS_MGS_COL][CIS_MGS_COL]);

#endif

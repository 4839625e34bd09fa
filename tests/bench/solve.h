/*
 * solve.h - one channel's estimate as LAPACK's dgels solves it: the columns
 * copied, factored and applied to one right-hand side.
 */
#ifndef TESTS_BENCH_SOLVE_H
#define TESTS_BENCH_SOLVE_H

#include <stddef.h>

#include "cisoid/estim.h"

/*
 * P: the window's samples by the columns of docs/estimator.md 3.1, both times
 * the roots of the weights.
 *
 * M, reference: generalised least squares as plain ones, the decimated samples
 * by the columns X and S of 3.2, and below the identity, one row for each
 * penalised column: min |(s - X a - S b)/sigma|^2 + |b|^2. The noise is taken
 * as white, which leaves the size as it is.
 *
 * LS7: three passes of seven columns over two cycles.
 *
 * At 50 Hz, 50 reports/s, 18 kHz.
 */
struct solve {
	enum cis_profile profile;
	size_t n_row, n_col;
	unsigned n_pass;
	double *columns; /* [n_col][n_row] */
	double *a, *b;   /* a copy, which dgels destroys */
};

/* 0, or -ENOMEM. */
int solve_init(struct solve *s, enum cis_profile profile);
void solve_fini(struct solve *s);

/* One estimate. x: at least 9001 samples. */
void solve_once(struct solve *s, const double *x);

#endif

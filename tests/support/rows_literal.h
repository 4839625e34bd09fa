/*
 * rows_literal.h - the formulas of docs/estimator.md 3 as they stand, solved
 * slowly by LAPACK over the whole window.
 *
 * Nothing is shared with the design: powers of t for Legendre's polynomials,
 * no even and odd parts, the prefilter applied to the samples, C = S S' + ...
 * by its definition, (4) with its inverses.
 */
#ifndef TESTS_ROWS_LITERAL_H
#define TESTS_ROWS_LITERAL_H

#include "host/estim/design.h"

#define LITERAL_SIGNALS 3

/* Windows are 2 half + 1 samples. */
unsigned literal_half(const struct cis_design *d);

/* Re d0, Im d0, Re d1, ... of each window. */
void literal_solve(const struct cis_design *d, double seed_hz,
		   double *const s[LITERAL_SIGNALS],
		   double form[LITERAL_SIGNALS][8]);

#endif

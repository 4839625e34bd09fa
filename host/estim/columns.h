/*
 * columns.h - what a profile reproduces or rejects exactly, column by column.
 *
 * One parity's columns are the dynamic phasor's, q_k cos or -q_k sin, k = 0..3,
 * then the constant (in the even part), then the harmonics from the second.
 */
#ifndef HOST_ESTIM_COLUMNS_H
#define HOST_ESTIM_COLUMNS_H

#include "part.h"

/* How many harmonics, from the second to the top-th, lie below limit_hz. */
size_t cis_columns_harmonics(double seed_hz, unsigned top, double limit_hz);

/* Columns of a part with that many harmonics. */
size_t cis_columns_count(unsigned odd, size_t n_harmonic);

/* Column k of the phasor at i = 0..half, for a cosine and a sine of the seed
 * frequency there. What it is at -i follows from the parity. */
struct cis_carrier {
	size_t half;
	const double *c, *s; /* [half + 1] */
};
void cis_columns_phasor(const struct cis_carrier *at, unsigned odd, unsigned k,
			double *col);

/* Constant and harmonics; the seed makes `turns` cycles per point. */
bool cis_columns_rest(struct cis_part *p, double turns);

/* What the forms owe to the phasor's columns; half_s: where u = 1. */
void cis_columns_target(struct cis_part *p, double half_s);

#endif

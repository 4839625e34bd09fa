/*
 * rows_apply.h - a design's rows at work, as docs/estimator.md has it: (1) by
 * plain sums over the whole window, (2) from what they yield.
 */
#ifndef TESTS_ROWS_APPLY_H
#define TESTS_ROWS_APPLY_H

#include <stdlib.h>

#include "check.h"
#include "host/estim/design.h"

#define PI 3.14159265358979323846

static inline bool row_is_odd(unsigned row)
{
	return row == 1 || row == 2 || row == 5 || row == 6;
}

/* The row's weight of sample n, -half..half. */
static inline double row_at(const struct cis_rows *rows, unsigned row, long n)
{
	double g = rows->g[row * rows->stride + (size_t)labs(n)];

	return n < 0 && row_is_odd(row) ? -g : g;
}

static inline double row_times(const struct cis_rows *rows, unsigned row,
			       const double *centre)
{
	const double *g = rows->g + row * rows->stride;
	double before = 0, after = 0;

	for (long n = 1; n <= (long)rows->half; n++) {
		before += g[n] * centre[-n];
		after += g[n] * centre[n];
	}
	return g[0] * centre[0] + after + (row_is_odd(row) ? -before : before);
}

static inline void rows_apply(const struct cis_rows *rows, const double *centre,
			      double complex d[4])
{
	for (unsigned i = 0; i < 4; i++)
		d[i] = CMPLX(row_times(rows, 2 * i, centre),
			     row_times(rows, 2 * i + 1, centre));
}

struct row_estimate {
	double complex p; /* peak */
	double f_hz, rocof_hz_per_s;
};

static inline struct row_estimate rows_estimate(const struct cis_rows *rows,
						const double *centre)
{
	double complex d[4], a, b;

	rows_apply(rows, centre, d);
	a = d[1] / d[0];
	b = d[2] / d[0];
	return (struct row_estimate){
		.p = d[0],
		.f_hz = rows->seed_hz + cimag(a) / (2 * PI),
		.rocof_hz_per_s =
			(cimag(b) - 2 * creal(a) * cimag(a)) / (2 * PI)};
}

/* Evenly spread over [-1, 1); the same sequence on every machine. */
static inline double rows_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) +
		 UINT64_C(1442695040888963407);
	return (double)(*state >> 11) / 4503599627370496.0 - 1;
}

#endif

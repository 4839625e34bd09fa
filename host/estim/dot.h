/*
 * dot.h - products of vectors, for orthogonal columns and normal equations.
 *
 * Several sums, so that additions need not wait for one another, and always in
 * the same order: every machine agrees to the last bit.
 */
#ifndef HOST_ESTIM_DOT_H
#define HOST_ESTIM_DOT_H

#include <stddef.h>

#define CIS_DOT_LANES 8

/* sum of a b */
static inline double cis_dot(size_t n, const double *restrict a,
			     const double *restrict b)
{
	double s[CIS_DOT_LANES] = {0};
	size_t i = 0;

	for (; i + CIS_DOT_LANES <= n; i += CIS_DOT_LANES)
		for (size_t k = 0; k < CIS_DOT_LANES; k++)
			s[k] += a[i + k] * b[i + k];
	for (; i < n; i++)
		s[0] += a[i] * b[i];
	return ((s[0] + s[4]) + (s[2] + s[6])) +
	       ((s[1] + s[5]) + (s[3] + s[7]));
}

/* y -= k x */
static inline void cis_subtract(size_t n, double k, const double *restrict x,
				double *restrict y)
{
	for (size_t i = 0; i < n; i++)
		y[i] -= k * x[i];
}

#endif

/*
 * rows.h - what a profile makes of a window of samples at one seed frequency:
 * constant linear forms, folded. docs/estimator.md, 2, 3.3.
 *
 * The window is s[-half..half], the instant is that of s[0]. In the frame of
 * the seed, s(t) = Re{p(t) exp(j 2 pi seed t)}, and d0..d3 are p, p', p'', p'''
 * (peak; V or A, per s, ...) at t = 0. Even and odd parts of the window,
 * e[n] = s[n] + s[-n] and o[n] = s[n] - s[-n], e[0] = s[0], o[0] = 0, are taken
 * by eight real half-rows:
 *
 *     Re d0 = g[0].e   Im d0 = g[1].o   Re d1 = g[2].o   Im d1 = g[3].e
 *     Re d2 = g[4].e   Im d2 = g[5].o   Re d3 = g[6].o   Im d3 = g[7].e
 */
#ifndef HOST_ESTIM_ROWS_H
#define HOST_ESTIM_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CIS_N_ROW 8

struct cis_rows {
	double seed_hz;
	double rate_hz; /* sampling rate that the rows are for */
	uint32_t half;
	size_t stride; /* half + 1, rounded up to a multiple of 8; 0 behind */
	double *g;     /* [CIS_N_ROW][stride], 64-byte aligned */
	/* Lower factor of the Gram matrix of the rows over the whole window:
	 * unit white noise on the samples gives (Re d0, Im d0, Re d1, ...) the
	 * covariance noise noise'. */
	double noise[CIS_N_ROW][CIS_N_ROW];
	/* |f - seed| up to which a steady sine is right to 1e-6 (1e-4 % TVE) */
	double reach_hz;
};

/* Whether half-row r takes the even part. */
static inline bool cis_row_is_even(unsigned r)
{
	return (r & 1) == (r >> 1 & 1);
}

/* g zeroed; NULL when there is no memory. */
struct cis_rows *cis_rows_new(uint32_t half);
void cis_rows_free(struct cis_rows *rows); /* NULL is allowed */

#endif

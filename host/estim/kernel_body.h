/*
 * kernel_body.h - the inner loop itself, in terms of one vector type.
 *
 * The including file says, before: vec, a vector of LANES doubles; reverse(),
 * which turns one round; BLOCK, how many channels go together: BLOCK times 6
 * sums and what they are made of should fit into the registers.
 *
 * Sums run over chunks, which stay in the first-level cache while the blocks of
 * channels take turns, and are then added up: that also keeps roundings few.
 */
#ifndef HOST_ESTIM_KERNEL_BODY_H
#define HOST_ESTIM_KERNEL_BODY_H

#include <stdbool.h>
#include <string.h>

#include "kernel.h"

/* Samples of half a window that are taken together; channels, likewise. */
#define CHUNK 256
#define GROUP 12

#define INLINE static inline __attribute__((always_inline))

/* All there is to know of a chunk. */
struct span {
	const double *g; /* row 0, from the middle on */
	size_t stride;
	size_t from, to; /* to - from: a multiple of LANES */
};

/* Whether row r takes the even part of the window. */
INLINE bool is_even(unsigned r)
{
	return (r & 1) == (r >> 1 & 1);
}

INLINE vec load(const double *p)
{
	vec v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* sum[c] += the forms of n_chan channels, over one span. */
INLINE void block(const struct span *sp, unsigned n_row, unsigned n_chan,
		  const double *const centre[], vec sum[][CIS_N_ROW])
{
	vec acc[BLOCK][CIS_N_ROW] = {{{0}}};

	for (size_t n = sp->from; n < sp->to; n += LANES) {
		vec even[BLOCK], odd[BLOCK];

		for (unsigned c = 0; c < n_chan; c++) {
			vec after = load(centre[c] + n);
			vec before = reverse(load(centre[c] - n - (LANES - 1)));

			even[c] = after + before;
			odd[c] = after - before;
		}
		for (unsigned r = 0; r < n_row; r++) {
			vec g = load(sp->g + r * sp->stride + n);

			for (unsigned c = 0; c < n_chan; c++)
				acc[c][r] += g * (is_even(r) ? even : odd)[c];
		}
	}
	for (unsigned c = 0; c < n_chan; c++)
		for (unsigned r = 0; r < n_row; r++)
			sum[c][r] += acc[c][r];
}

/* The same, for any number of channels. */
INLINE void span(const struct span *sp, unsigned n_row, unsigned n_chan,
		 const double *const centre[], vec sum[][CIS_N_ROW])
{
	unsigned c = 0;

	for (; n_chan - c >= BLOCK; c += BLOCK)
		block(sp, n_row, BLOCK, centre + c, sum + c);
	for (; c < n_chan; c++)
		block(sp, n_row, 1, centre + c, sum + c);
}

/* The last samples of a channel, fewer than LANES. */
INLINE void rest(const struct cis_rows *rows, unsigned n_row, size_t from,
		 const double *centre, vec sum[CIS_N_ROW])
{
	double after[LANES] = {0}, before[LANES] = {0};
	vec even, odd;

	for (size_t n = from; n <= rows->half; n++) {
		after[n - from] = centre[n];
		before[n - from] = *(centre - n);
	}
	even = load(after) + load(before);
	odd = load(after) - load(before);
	for (unsigned r = 0; r < n_row; r++)
		sum[r] += load(rows->g + r * rows->stride + from) *
			  (is_even(r) ? even : odd);
}

INLINE double total(vec v)
{
	double lane[LANES];

	memcpy(lane, &v, sizeof(v));
	for (unsigned n = LANES / 2; n; n /= 2)
		for (unsigned i = 0; i < n; i++)
			lane[i] += lane[i + n];
	return lane[0];
}

/* n_row is a constant wherever this goes; n_chan is at most GROUP. */
INLINE void group(const struct cis_rows *rows, unsigned n_row, unsigned n_chan,
		  const double *const centre[], double d[][CIS_N_ROW])
{
	size_t whole = ((size_t)rows->half + 1) / LANES * LANES;
	struct span sp = {rows->g, rows->stride, 0, 0};
	vec sum[GROUP][CIS_N_ROW] = {{{0}}};

	while (sp.from < whole) {
		sp.to = whole - sp.from > CHUNK ? sp.from + CHUNK : whole;
		span(&sp, n_row, n_chan, centre, sum);
		sp.from = sp.to;
	}
	for (unsigned c = 0; c < n_chan; c++) {
		if (whole <= rows->half)
			rest(rows, n_row, whole, centre[c], sum[c]);
		for (unsigned r = 0; r < n_row; r++) {
			d[c][r] = total(sum[c][r]);
			/* The middle was taken for both of its sides. */
			if (is_even(r))
				d[c][r] -= rows->g[r * rows->stride] *
					   centre[c][0];
		}
	}
}

INLINE void body(const struct cis_rows *rows, unsigned n_row, unsigned n_chan,
		 const double *const centre[], double d[][CIS_N_ROW])
{
	for (unsigned c = 0; c < n_chan; c += GROUP) {
		unsigned n = n_chan - c < GROUP ? n_chan - c : GROUP;

		if (n_row == 6)
			group(rows, 6, n, centre + c, d + c);
		else
			group(rows, 8, n, centre + c, d + c);
	}
}

#endif

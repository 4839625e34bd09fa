/*
 * kernel_body.h - the inner loop itself, in terms of one vector type.
 *
 * The including file says, before: vec, a vector of LANES doubles; reverse(),
 * which turns one round; BLOCK, how many channels go together: BLOCK times 6
 * sums and what they are made of should fit into the registers.
 *
 * The window is taken by chunks, whose rows stay in the first-level cache while
 * the blocks of channels take turns.
 */
#ifndef HOST_ESTIM_KERNEL_BODY_H
#define HOST_ESTIM_KERNEL_BODY_H

#include <string.h>

#include "kernel.h"

/* Samples of half a window that are taken together; channels, likewise. */
#define CHUNK 256
#define GROUP 12
/* Samples are asked for so far ahead: windows come out of the second-level
 * cache, and a vector that straddles two of its lines waits for both. */
#define AHEAD 24

#define INLINE static inline __attribute__((always_inline))

/* All there is to know of a chunk. */
struct span {
	const double *g; /* row 0, from the middle on */
	size_t stride;
	size_t from, to; /* to - from: a multiple of LANES */
};

INLINE vec load(const double *p)
{
	vec v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Read once and held: the compilers would rather load it again at each use, and
 * loads are scarce. */
INLINE vec keep(vec v)
{
#if defined(__x86_64__)
	__asm__("" : "+v"(v));
#elif defined(__aarch64__)
	__asm__("" : "+w"(v));
#endif
	return v;
}

/* sum[c] += the forms of n_chan channels, over one span. */
INLINE void block(const struct span *sp, unsigned n_row, unsigned n_chan,
		  const double *const centre[], vec sum[][CIS_N_ROW])
{
	vec acc[BLOCK][CIS_N_ROW];

	for (unsigned c = 0; c < n_chan; c++)
		for (unsigned r = 0; r < n_row; r++)
			acc[c][r] = sum[c][r];
	for (size_t n = sp->from; n < sp->to; n += LANES) {
		vec even[BLOCK], odd[BLOCK];

		for (unsigned c = 0; c < n_chan; c++) {
			const double *s = centre[c];
			vec after = keep(load(s + n));
			vec before = reverse(load(s - n - (LANES - 1)));

			__builtin_prefetch(s + n + AHEAD);
			__builtin_prefetch(s - n - AHEAD);
			even[c] = after + before;
			odd[c] = after - before;
		}
		for (unsigned r = 0; r < n_row; r++) {
			vec g = keep(load(sp->g + r * sp->stride + n));

			for (unsigned c = 0; c < n_chan; c++)
				acc[c][r] += g * (cis_row_is_even(r) ? even
								     : odd)[c];
		}
	}
	for (unsigned c = 0; c < n_chan; c++)
		for (unsigned r = 0; r < n_row; r++)
			sum[c][r] = acc[c][r];
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

/* The last samples of a channel, fewer than LANES: the last LANES, without
 * those before `from`, which are taken already. */
INLINE void rest(const struct cis_rows *rows, unsigned n_row, size_t from,
		 const double *centre, vec sum[CIS_N_ROW])
{
	static const double mask[16] = {[8] = 1, 1, 1, 1, 1, 1, 1, 1};
	size_t n = (size_t)rows->half + 1 - LANES;
	vec wanted = load(mask + 8 - (from - n));
	vec after = load(centre + n) * wanted;
	vec before = reverse(load(centre - rows->half)) * wanted;
	vec even = after + before, odd = after - before;

	for (unsigned r = 0; r < n_row; r++)
		sum[r] += load(rows->g + r * rows->stride + n) *
			  (cis_row_is_even(r) ? even : odd);
}

/* A window that fills no vector. */
INLINE void few(const struct cis_rows *rows, unsigned n_row,
		const double *centre, double d[CIS_N_ROW])
{
	for (unsigned r = 0; r < n_row; r++) {
		const double *g = rows->g + r * rows->stride;

		d[r] = cis_row_is_even(r) ? g[0] * centre[0] : 0;
		for (ptrdiff_t n = 1; n <= (ptrdiff_t)rows->half; n++)
			d[r] += g[n] * (cis_row_is_even(r)
						? centre[n] + centre[-n]
						: centre[n] - centre[-n]);
	}
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

/* The sums of one channel. */
INLINE void finish(const struct cis_rows *rows, unsigned n_row,
		   const double *centre, const vec sum[CIS_N_ROW],
		   double d[CIS_N_ROW])
{
	for (unsigned r = 0; r < n_row; r++) {
		d[r] = total(sum[r]);
		/* The middle was taken for both of its sides. */
		if (cis_row_is_even(r))
			d[r] -= rows->g[r * rows->stride] * centre[0];
	}
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
		finish(rows, n_row, centre[c], sum[c], d[c]);
	}
}

INLINE void body(const struct cis_rows *rows, unsigned n_row, unsigned n_chan,
		 const double *const centre[], double d[][CIS_N_ROW])
{
	unsigned n;

	for (unsigned c = 0; c < n_chan; c += n) {
		n = n_chan - c < GROUP ? n_chan - c : GROUP;
		if (rows->half + 1 < LANES) {
			n = 1;
			few(rows, n_row, centre[c], d[c]);
		} else if (n_row == 6) {
			group(rows, 6, n, centre + c, d + c);
		} else {
			group(rows, 8, n, centre + c, d + c);
		}
	}
}

#endif

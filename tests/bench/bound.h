/*
 * bound.h - what no kernel can beat on this machine: the time to load what it
 * loads, and the time to multiply and add what it does.
 */
#ifndef TESTS_BENCH_BOUND_H
#define TESTS_BENCH_BOUND_H

#include "host/estim/rows.h"

struct cis_bound {
	const char *name; /* of the kernel */
	/* Loads n_row rows once and every window, as they lie, by vectors. */
	void (*load)(const struct cis_rows *rows, unsigned n_row,
		     unsigned n_chan, const double *const centre[]);
	/* So many multiply-adds, or a few more, from registers by vectors. */
	void (*multiply_add)(size_t n);
};

extern const struct cis_bound cis_bound_base;
#ifdef __x86_64__
extern const struct cis_bound cis_bound_avx2;
extern const struct cis_bound cis_bound_avx512;
#endif

#endif

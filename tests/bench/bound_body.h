/*
 * bound_body.h - the loops of bound.h, in terms of one vector type, vec, of
 * LANES doubles.
 */
#ifndef TESTS_BENCH_BOUND_BODY_H
#define TESTS_BENCH_BOUND_BODY_H

#include <string.h>

#include "bound.h"

/* Enough that no sum waits for itself. */
#define N_SUM 12

/* The compiler takes it for used, and for changed. */
static inline __attribute__((always_inline)) vec touch(vec v)
{
#if defined(__x86_64__)
	__asm__ volatile("" : "+v"(v));
#elif defined(__aarch64__)
	__asm__ volatile("" : "+w"(v));
#endif
	return v;
}

static void load_run(const double *p, size_t n)
{
	for (size_t i = 0; i + 4 * LANES <= n; i += 4 * LANES)
		for (size_t k = 0; k < 4 * LANES; k += LANES) {
			vec v;

			memcpy(&v, p + i + k, sizeof(v));
			touch(v);
		}
}

static void load(const struct cis_rows *rows, unsigned n_row, unsigned n_chan,
		 const double *const centre[])
{
	for (unsigned r = 0; r < n_row; r++)
		load_run(rows->g + r * rows->stride, (size_t)rows->half + 1);
	for (unsigned c = 0; c < n_chan; c++)
		load_run(centre[c] - rows->half, 2 * (size_t)rows->half + 1);
}

static void multiply_add(size_t n)
{
	vec sum[N_SUM], by = {0.5}, plus = {1};

	by = touch(by);
	plus = touch(plus);
	for (size_t k = 0; k < N_SUM; k++)
		sum[k] = plus;
	for (size_t i = 0; i < n; i += N_SUM * LANES)
		for (size_t k = 0; k < N_SUM; k++)
			sum[k] = touch(sum[k] * by + plus);
}

#endif

/*
 * kept.h - all reports of a run, in order, and samples that are spoilt.
 */
#ifndef TESTS_KEPT_H
#define TESTS_KEPT_H

#include "estim_run.h"

#define KEPT_MAX 160

struct kept {
	unsigned n;
	struct cis_report rep[KEPT_MAX];
};

static struct kept kept;

static inline void keep(void *ctx, const struct cis_report *rep,
			const struct cis_signal_truth *truth)
{
	(void)ctx;
	(void)truth;
	assert_true(kept.n < KEPT_MAX);
	if (kept.n > 0)
		assert_int_equal(
			cis_instant_diff(rep->at, kept.rep[kept.n - 1].at), 1);
	kept.rep[kept.n++] = *rep;
}

static inline void run_keep(struct run *r)
{
	kept.n = 0;
	run_all(r, NULL, keep, NULL);
}

/* Reports with any of these flags. */
static inline unsigned kept_count(uint32_t flag)
{
	unsigned n = 0;

	for (unsigned i = 0; i < kept.n; i++)
		n += (kept.rep[i].flags & flag) != 0;
	return n;
}

static inline void check_freq(double expected_hz, double tol_hz)
{
	assert_true(kept.n > 0);
	for (unsigned i = 0; i < kept.n; i++)
		check_close(kept.rep[i].freq_hz, expected_hz, tol_hz);
}

/* ---- channels without a signal ---- */

static inline void fill(struct cis_block *blk, uint32_t from, uint32_t to,
			double (*value)(uint64_t n))
{
	for (uint32_t c = from; c < to; c++)
		for (uint32_t i = 0; i < blk->n_scan; i++)
			cis_block_chan(blk, c)[i] =
				value(7 * c + 31 * (blk->first_scan + i));
}

static inline double zero(uint64_t n)
{
	(void)n;
	return 0;
}

static inline double constant(uint64_t n)
{
	(void)n;
	return 3.25;
}

/* Integers well mixed: as good as white noise of +-1. */
static inline double noise(uint64_t n)
{
	n = (n ^ (n >> 15)) * 0x9E3779B97F4A7C15u;
	n = (n ^ (n >> 29)) * 0xBF58476D1CE4E5B9u;
	return (double)(n >> 11) / 4503599627370496.0 - 1;
}

static inline void voltages_zero(struct cis_block *blk)
{
	fill(blk, 0, 3, zero);
}

static inline void voltages_constant(struct cis_block *blk)
{
	fill(blk, 0, 3, constant);
}

static inline void voltages_noise(struct cis_block *blk)
{
	fill(blk, 0, 3, noise);
}

static inline void all_noise(struct cis_block *blk)
{
	fill(blk, 0, 6, noise);
}

#endif

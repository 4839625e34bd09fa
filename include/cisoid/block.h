/*
 * block.h - a block of samples, the unit that flows from source to estimator.
 *
 * A scan is one sample of every channel. Scans are counted from start(); the
 * source's clock model says that scan n was taken at
 *
 *     anchor + (n - anchor_scan) / rate_hz
 *
 * and channel i delay_s[i] later, where a converter is multiplexed. The instant
 * of a sample is never rounded to a nanosecond: half of one is 1.6e-5 % TVE at
 * 50 Hz.
 */
#ifndef CISOID_BLOCK_H
#define CISOID_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "cisoid/time.h"

#define CIS_BLOCK_GAP    (1u << 0) /* scans were lost just before this block */
#define CIS_BLOCK_UNSYNC (1u << 1) /* the dates are not traceable to UTC */
#define CIS_BLOCK_CLIP   (1u << 2) /* a sample reached the converter's limit */

struct cis_scan_clock {
	struct cis_time anchor; /* changes only when the clock model does */
	uint64_t anchor_scan;
	double rate_hz; /* as measured against the clock, not nominal */
	struct cis_time_quality quality;
};

struct cis_block {
	struct cis_scan_clock clock;
	uint64_t first_scan; /* number of the first scan of x */
	uint32_t flags;      /* CIS_BLOCK_* */
	uint32_t n_chan;
	uint32_t n_scan; /* in: room in x; out: scans delivered, >= 1 */
	uint32_t stride; /* from one channel to the next in x, >= n_scan */
	const double *delay_s; /* [n_chan], the source's; NULL for none */
	const double *timing;  /* [n_scan], V, the PPS; the source's; NULL */
	double timing_delay_s; /* of timing, as delay_s */
	/* When the source had handed over all scans there were, on the system's
	 * clock: none is younger. tai_ns is 0 where that is not known. */
	struct cis_time taken_by;
	double *x; /* [n_chan][stride], V or A; NaN: no value; the caller's */
};

static inline double *cis_block_chan(const struct cis_block *blk, uint32_t chan)
{
	return blk->x + (size_t)chan * blk->stride;
}

/*
 * When scan n was taken. Whole seconds are taken out before the division:
 * exact to 1e-12 s after any number of hours. n may be before anchor_scan.
 */
struct cis_split_time cis_scan_instant(const struct cis_scan_clock *clock,
				       uint64_t n);

/*
 * The scan nearest to an instant, which may be before scan 0 (negative).
 * *offset_s receives instant minus that scan's own, |offset| <= 1/(2 rate).
 */
int64_t cis_scan_nearest(const struct cis_scan_clock *clock,
			 struct cis_split_time at, double *offset_s);

#endif

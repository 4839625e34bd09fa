/*
 * row_dates.h - one line, start and rate, that dates all rows of a recording.
 *
 * A clock that is measured while it runs is known poorly first and better later,
 * and it wanders. The line goes through the first and the last block that were
 * dated well. What it is off where the clock was elsewhere, and what is known of
 * the rows before the first of them, is its uncertainty: a bound (k = 3).
 */
#ifndef HOST_ACQ_ROW_DATES_H
#define HOST_ACQ_ROW_DATES_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/block.h"

#define CIS_ROW_POINTS 512

/* A stretch of rows: when its first was taken, and the worst of all. */
struct cis_row_point {
	uint64_t row;
	struct cis_split_time at;
	double rate_hz;
	double unc_s;
	double unlocked_s;
	bool unsync;
	bool bent;  /* its rate changes on the way */
	bool loose; /* rows before it may be lacking, or be too many */
};

struct cis_row_dates {
	uint32_t n;
	uint64_t spacing; /* rows of a stretch, at least */
	struct cis_row_point point[CIS_ROW_POINTS];
};

/* All zeros is an empty one. Rows do not decrease. Allocates nothing. */
void cis_row_dates_put(struct cis_row_dates *d, const struct cis_row_point *p);

struct cis_row_line {
	struct cis_time start; /* row 0 */
	double rate_hz;
	struct cis_time_quality quality;
	bool unsync;
};

/* `end` is the row after the last. At least one point has been put. */
struct cis_row_line cis_row_dates_line(const struct cis_row_dates *d,
				       const struct cis_row_point *end);

#endif

/*
 * slope.h - the slope of the straight line through points, by least squares,
 * without keeping them.
 */
#ifndef HOST_CLI_SLOPE_H
#define HOST_CLI_SLOPE_H

#include <stdint.h>

struct cis_slope {
	uint64_t n;
	double mean_x, mean_y;
	double sum_xx, sum_xy; /* of the distances from the means */
};

/* All zero has no point yet. */
void cis_slope_add(struct cis_slope *s, double x, double y);

/* y for each x; NaN where all points have one x. */
double cis_slope_of(const struct cis_slope *s);

#endif

/*
 * spread.h - how a quantity is spread: least, greatest, and quantiles from bins
 * of 1 %, however many values there are.
 */
#ifndef HOST_CLI_SPREAD_H
#define HOST_CLI_SPREAD_H

#include <stdint.h>

#define CIS_SPREAD_BINS 3800 /* of each sign: 1e-6 to 2e10 */

struct cis_spread {
	uint64_t n;
	double min, max;
	uint64_t n_zero; /* below 1e-6 */
	uint64_t plus[CIS_SPREAD_BINS], minus[CIS_SPREAD_BINS];
};

/* All zero is an empty one. NaN is left out. */
void cis_spread_add(struct cis_spread *s, double v);

/* The value that q of them do not exceed, to 0.5 %; NaN when there is none. */
double cis_spread_quantile(const struct cis_spread *s, double q);

#endif

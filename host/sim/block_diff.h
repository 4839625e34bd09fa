/*
 * block_diff.h - what somebody made of a PMU's data on their way.
 *
 * Pure. Both sides are as decoded. What he said is ours when it differs by no
 * more than one step of his format (he may cut instead of rounding) and a few
 * roundings of single precision: 2^-20 of a phasor, which is more than two
 * conversions between rectangular and polar with the angle in degrees between
 * them make (3 x 1.33e-7 + 3 x 6e-8); 2^-21 of other numbers, which is 4 ulp.
 */
#ifndef HOST_SIM_BLOCK_DIFF_H
#define HOST_SIM_BLOCK_DIFF_H

#include <stdint.h>

#include "book.h"
#include "cisoid/c37.h"

/* Bits of STAT that a PDC may change: synchronised, sorted by arrival,
 * configuration about to change, modified, time quality, unlocked time. */
#define CIS_DIFF_STAT_FREE 0x37F0u

enum cis_diff_what {
	CIS_DIFF_NOTHING,
	CIS_DIFF_STAT, /* data error, trigger */
	CIS_DIFF_PHASOR,
	CIS_DIFF_FREQ,
	CIS_DIFF_ROCOF,
	CIS_DIFF_ANALOG,
	CIS_DIFF_DIGITAL,
	CIS_DIFF_N,
};

/* Our channel of each of theirs, or -1; cis_roster_channels(). */
struct cis_diff_map {
	const int16_t *phasor; /* [theirs->n_phasor] */
	const int16_t *analog;
};

struct cis_diff_side {
	const struct cis_c37_pmu *pmu;
	const struct cis_c37_block *block;
};

/* What differs first, and where. */
struct cis_diff {
	enum cis_diff_what what;
	uint16_t channel; /* of theirs, */
	uint16_t ours;    /* which is this one of ours */
	uint16_t marked;  /* bits of CIS_DIFF_STAT_FREE that differ */
};

/* Channels that he does not have, and those that are not ours, are not looked
 * at; digital words one by one, as far as both have them. */
enum cis_back cis_block_diff(const struct cis_diff_side *ours,
			     const struct cis_diff_side *theirs,
			     const struct cis_diff_map *map,
			     struct cis_diff *diff);

#endif

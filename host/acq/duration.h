/*
 * duration.h - when a run has enough data: so many seconds, by their dates.
 *
 * They count from the first sample. What is missing between two samples counts
 * as well, so that a looped recording with holes ends when its dates say so; a
 * date that is set back does not.
 */
#ifndef HOST_ACQ_DURATION_H
#define HOST_ACQ_DURATION_H

#include <stdbool.h>

#include "cisoid/block.h"

struct cis_duration {
	double limit_s; /* INFINITY: never over */
	double rate_hz; /* the highest of the source */
	bool begun, sampled;
	struct cis_split_time first; /* sample, once sampled */
	struct cis_split_time end;   /* of the last block */
	double set_back_s;           /* by how much dates were, in all */
};

void cis_duration_init(struct cis_duration *d, double limit_s, double rate_hz);

bool cis_duration_over(const struct cis_duration *d);

/* Scans to ask the source for, 1 to max. */
uint32_t cis_duration_room(const struct cis_duration *d, uint32_t max);

/* Counts a block and cuts it where the duration is over. Returns what is left
 * of it; 0: nothing. */
uint32_t cis_duration_take(struct cis_duration *d, struct cis_block *blk);

/* The time up to here has passed without samples. Before any came it counts from
 * the first call, and anew when the first comes. */
void cis_duration_pass(struct cis_duration *d, struct cis_split_time until);

#endif

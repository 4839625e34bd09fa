/*
 * cal.h - from what a source delivers to what is on the primary side.
 *
 * Of each channel a constant is added, the sum is multiplied by the inverse of
 * the transducer's gain and by its ratio, and the channel's delay is corrected
 * as a shift of its time axis (block.h): nothing is interpolated.
 */
#ifndef HOST_ACQ_CAL_H
#define HOST_ACQ_CAL_H

#include <stdint.h>

#include "cisoid/block.h"
#include "cisoid/chan.h"
#include "cisoid/diag.h"

struct cis_cal;

/* The correction of one channel: (x + offset) * gain * ratio, at t + delay_s. */
struct cis_cal_chan {
	const char *name;   /* of the channel */
	const char *origin; /* where it was said, for messages */
	double offset;      /* V or A, as delivered */
	double gain;        /* not 0; below 0: connected the other way round */
	double ratio;       /* primary to delivered, above 0 */
	double delay_s; /* added to the block's: below 0 if the transducer is late */
};

/*
 * Copies all it needs. -EINVAL names a channel that the source does not have,
 * and the nearest that it has; -ENOMEM.
 */
int cis_cal_new(const struct cis_chan_map *map, const struct cis_cal_chan *list,
		uint32_t n, struct cis_cal **out, struct cis_diag *diag);
void cis_cal_free(struct cis_cal *cal); /* NULL is allowed */

/* The source's map with nominal values and limits after the correction. */
const struct cis_chan_map *cis_cal_map(const struct cis_cal *cal);

/* Corrects the samples in place; blk->delay_s is cal's until the next call.
 * Allocates nothing. */
void cis_cal_apply(struct cis_cal *cal, struct cis_block *blk);

#endif

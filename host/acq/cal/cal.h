/*
 * cal.h - from what a source delivers to what is on the primary side.
 *
 * The constant part is corrected on the samples. Of each channel a constant is
 * added, the sum is multiplied by the inverse of the transducer's gain and by
 * its ratio, and the channel's delay is corrected as a shift of its time axis
 * (block.h): nothing is interpolated.
 *
 * What depends on frequency and level is corrected on the phasors of a report,
 * from a table (cal_table.h). Frequency and ROCOF stay as they are: a gain does
 * not touch them, and a delay d only where the frequency moves, by d times
 * ROCOF. The constant part of a delay is right for them too; what a table has
 * left is small: 1 us on a ramp of 1 Hz/s is 1 uHz.
 *
 * Standard uncertainties that are stated for either part go into the report's,
 * in quadrature. They are the same in all reports: a mean does not lessen them.
 */
#ifndef HOST_ACQ_CAL_H
#define HOST_ACQ_CAL_H

#include <stdbool.h>
#include <stdint.h>

#include "cal_table.h"
#include "cisoid/block.h"
#include "cisoid/chan.h"
#include "cisoid/diag.h"

struct cis_cal;
struct cis_report;

#define CIS_CAL_PATH 1024

/* The correction of one channel: (x + offset) * gain * ratio, at t + delay_s. */
struct cis_cal_chan {
	const char *name;   /* of the channel */
	const char *origin; /* where it was said, for messages */
	double offset;      /* V or A, as delivered */
	double gain;        /* not 0; below 0: connected the other way round */
	double ratio;       /* primary to delivered, above 0 */
	/* Added to the block's: below 0 if the transducer is late. */
	double delay_s;
	/* Standard uncertainties (k = 1) of gain, as a number, and of delay. */
	double u_gain, u_delay_s;
	char table[CIS_CAL_PATH]; /* a file, see cal_table.h; "": none */
};

/*
 * Reads the tables, and copies all it needs. -EINVAL names a channel that the
 * source does not have, and the nearest that it has, or what is wrong in a
 * table; -ENOMEM; else the system's, of a table that cannot be read.
 */
int cis_cal_new(const struct cis_chan_map *map, const struct cis_cal_chan *list,
		uint32_t n, struct cis_cal **out, struct cis_diag *diag);
void cis_cal_free(struct cis_cal *cal); /* NULL is allowed */

/* The source's map with nominal values and limits after the correction. */
const struct cis_chan_map *cis_cal_map(const struct cis_cal *cal);

/* What holds for channel i of the map. */
struct cis_cal_info {
	bool corrected;
	const char *name;
	double offset, gain, ratio, delay_s;
	double u_gain, u_delay_s;
	const struct cis_cal_table *table; /* cal's; NULL: none */
};
struct cis_cal_info cis_cal_info(const struct cis_cal *cal, uint32_t chan);

/* Whether an uncertainty of channel i is stated, of each part; 0 is none. */
struct cis_cal_stated {
	bool mag, phase;
};
struct cis_cal_stated cis_cal_states_u(const struct cis_cal *cal,
				       uint32_t chan);

/* Corrects the samples in place; blk->delay_s is cal's until the next call.
 * Allocates nothing. */
void cis_cal_apply(struct cis_cal *cal, struct cis_block *blk);

/*
 * Corrects the phasors of a report by the tables, makes the positive sequences
 * of their groups anew, and adds the stated uncertainties. A phasor without a
 * table keeps all its bits. A signal outside its table is noted, CIS_NOTE_CAL.
 * Without a frequency nothing is corrected: such a report says so itself.
 * Allocates nothing.
 */
void cis_cal_report(const struct cis_cal *cal, struct cis_report *rep);

#endif

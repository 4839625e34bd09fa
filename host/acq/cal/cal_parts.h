/* cal_parts.h - what cal.c and cal_report.c share. */
#ifndef HOST_ACQ_CAL_PARTS_H
#define HOST_ACQ_CAL_PARTS_H

#include "cal.h"

struct cis_correction {
	bool said; /* by the channel map */
	double offset, gain, ratio;
	double factor; /* gain times ratio */
	double delay_s;
	double u_gain, u_delay_s;
	struct cis_cal_table *table; /* NULL: none */
};

struct cis_cal {
	struct cis_chan_map map;
	struct cis_correction chan[CIS_MAX_CHAN];
	double delay_s[CIS_MAX_CHAN]; /* of the block at hand */
};

#endif

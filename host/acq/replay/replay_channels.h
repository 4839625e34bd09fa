/*
 * replay_channels.h - the voltages and currents of a recording as channels of a
 * source, on the side of the transformers that is asked for.
 */
#ifndef HOST_ACQ_REPLAY_CHANNELS_H
#define HOST_ACQ_REPLAY_CHANNELS_H

#include "cisoid/comtrade.h"
#include "host/acq/driver.h"
#include "replay_opts.h"

struct cis_replay_channels {
	const struct cis_comtrade *rec;  /* borrowed */
	uint32_t index_of[CIS_MAX_CHAN]; /* channel in the file */
	double factor[CIS_MAX_CHAN];     /* to primary, or 1 */
	double clip_min[CIS_MAX_CHAN];   /* as read; -INFINITY: not known */
	double clip_max[CIS_MAX_CHAN];
	double delay_s[CIS_MAX_CHAN];
};

/* Fills the source's map, and tells which side the values are of in its
 * warnings. -EBADMSG with a message: there is no voltage and no current. */
int cis_replay_channels_init(struct cis_replay_channels *ch,
			     const struct cis_comtrade *rec,
			     const struct cis_replay_opts *opts,
			     struct cis_source *src, struct cis_diag *diag);

/* Scans first..first+n-1 of channel c, in V or A. True when a sample is at the
 * end of the converter's range. */
bool cis_replay_channels_read(const struct cis_replay_channels *ch, uint32_t c,
			      uint64_t first, uint32_t n, double *x);

#endif

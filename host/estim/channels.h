/*
 * channels.h - LS7 on all channels of one instant.
 *
 * The first pass of all channels uses one seed and one factored matrix; each
 * channel then iterates on its own until it stands still. A channel without a
 * signal, or whose iteration leads nowhere, takes the common frequency.
 */
#ifndef HOST_ESTIM_CHANNELS_H
#define HOST_ESTIM_CHANNELS_H

#include "cisoid/chan.h"
#include "ls7.h"

/* One channel's window: what to fit, and what came of it. */
struct cis_chan_fit {
	const double *s; /* samples; NULL: none */
	double offset_s; /* of the report instant from the middle */
	uint32_t before; /* CIS_REPORT_* known from the samples alone */
	struct cis_dyn dyn;
};

struct cis_channels {
	const struct cis_chan_map *map;
	double fnom_hz;
	struct cis_ls7 common; /* of the common seed */
	struct cis_ls7 own;    /* of one channel's own seed */
	double *work;
};

int cis_channels_init(struct cis_channels *ch, const struct cis_chan_map *map,
		      double fnom_hz, size_t max_n);
void cis_channels_fini(struct cis_channels *ch);

/* Windows of n samples at rate_hz; fills fit[i].dyn of every channel. */
void cis_channels_fit(struct cis_channels *ch, size_t n, double rate_hz,
		      struct cis_chirp seed, struct cis_chan_fit *fit);

/* Again, at a given frequency, for those without one of their own. */
void cis_channels_follow(struct cis_channels *ch, size_t n, double rate_hz,
			 struct cis_chirp at, struct cis_chan_fit *fit);

#endif

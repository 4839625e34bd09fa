/*
 * method.h - how a profile fits all channels of one instant: the seam behind
 * which LS7 (channels.h) and the rows of P, M and the reference (tfls.h) sit.
 */
#ifndef HOST_ESTIM_METHOD_H
#define HOST_ESTIM_METHOD_H

#include "cisoid/estim.h"
#include "combine.h"
#include "ls7.h"

/* Real boards run this much faster than they promise, at most. */
#define CIS_RATE_SLACK 1.02

/* Windows of n samples at rate_hz, one a channel; fit[] holds where they are
 * and receives what comes of them. */
struct cis_windows {
	uint32_t n;
	double rate_hz;
	struct cis_chan_fit *fit;
};

struct cis_method {
	/* The only one that allocates. -ENOMEM or -EINVAL with a message. */
	int (*open)(const struct cis_estim_config *cfg, void **self,
		    struct cis_diag *diag);
	void (*close)(void *self); /* NULL is allowed */
	/* Samples in a window at this rate. */
	uint32_t (*length)(const void *self, double rate_hz);
	/* Fits all channels, beginning from `seed`. */
	struct cis_system (*fit)(void *self, const struct cis_windows *w,
				 struct cis_chirp seed);
	/* Channels without a frequency of their own take this one. */
	void (*follow)(void *self, const struct cis_windows *w,
		       struct cis_chirp at);
	/* See estim.h; NULL where there is nothing to design. */
	bool (*wants)(const void *self);
	int (*design)(void *self);
};

const struct cis_method *cis_method_of(enum cis_profile profile);

/* The fit of a channel whose window lacks a sample. */
void cis_chan_fit_nothing(struct cis_chan_fit *cf, uint32_t flags);

#endif

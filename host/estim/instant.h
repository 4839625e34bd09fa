/*
 * instant.h - one report: seed, fit of all channels, system, flags.
 */
#ifndef HOST_ESTIM_INSTANT_H
#define HOST_ESTIM_INSTANT_H

#include "channels.h"
#include "cisoid/estim.h"
#include "combine.h"
#include "history.h"
#include "seed.h"

#define CIS_MIN_PER_CYCLE 6
#define CIS_MIN_LS7_CYCLE 2
#define CIS_MAX_LS7_CYCLE 500
/* Length of the spectrum that seeds the fit. */
#define CIS_SEED_S        0.2
/* Real boards run this much faster than they promise, at most. */
#define CIS_RATE_SLACK    1.02

struct cis_fitter {
	const struct cis_estim_config *cfg;
	struct cis_channels channels;
	struct cis_seed *seed;
	struct cis_chan_fit *fit; /* [n_chan] */
	bool has_last;
	struct cis_instant last_at;
	struct cis_rate_of last;
};

int cis_fitter_init(struct cis_fitter *f, const struct cis_estim_config *cfg);
void cis_fitter_fini(struct cis_fitter *f);

/* The next report is seeded by the spectrum. */
void cis_fitter_forget(struct cis_fitter *f);

/* A report whose window lies wholly in the history. */
void cis_fitter_report(struct cis_fitter *f, const struct cis_history *h,
		       struct cis_instant at, struct cis_report *rep);

/* A report without values. */
void cis_fitter_gap(const struct cis_fitter *f, struct cis_instant at,
		    struct cis_report *rep);

#endif

/*
 * instant.h - one report: seed, fit of all channels, system, flags.
 */
#ifndef HOST_ESTIM_INSTANT_H
#define HOST_ESTIM_INSTANT_H

#include "cisoid/estim.h"
#include "history.h"
#include "method.h"
#include "seed.h"
#include "step.h"

#define CIS_MIN_PER_CYCLE 6
#define CIS_MIN_LS7_CYCLE 2
#define CIS_MAX_LS7_CYCLE 500
/* What rows are designed for. */
#define CIS_MAX_RATE_HZ   100e3
/* Length of the spectrum that seeds the fit. */
#define CIS_SEED_S        0.2

struct cis_fitter {
	const struct cis_estim_config *cfg;
	const struct cis_method *method;
	void *self;                  /* the method's own */
	struct cis_stepper *stepper; /* the reference's */
	struct cis_seed *seed;
	struct cis_chan_fit *fit; /* [n_chan] */
	bool has_last;
	struct cis_instant last_at;
	struct cis_rate_of last;
};

int cis_fitter_init(struct cis_fitter *f, const struct cis_estim_config *cfg,
		    struct cis_diag *diag);
void cis_fitter_fini(struct cis_fitter *f);

/* Samples in a window at this rate, and those that a report waits for after
 * it. */
uint32_t cis_fitter_length(const struct cis_fitter *f, double rate_hz);
uint32_t cis_fitter_lookahead(const struct cis_fitter *f, double rate_hz);

/* The next report is seeded by the spectrum. */
void cis_fitter_forget(struct cis_fitter *f);

/* A report whose window lies wholly in the history. */
void cis_fitter_report(struct cis_fitter *f, const struct cis_history *h,
		       struct cis_instant at, struct cis_report *rep);

/* A report without values. */
void cis_fitter_gap(const struct cis_fitter *f, struct cis_instant at,
		    struct cis_report *rep);

#endif

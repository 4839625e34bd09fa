/*
 * designs.h - the rows of one profile by sampling rate and seed frequency.
 *
 * Shared by estimators and threads. What is there never changes or goes.
 */
#ifndef HOST_ESTIM_DESIGNS_H
#define HOST_ESTIM_DESIGNS_H

#include "bank.h"
#include "central.h"
#include "design.h"

/* What the bank holds for a seed. */
struct cis_seed_rows {
	struct cis_rows *rows;
	struct cis_central central;
};

/* The designs for one sampling rate. */
struct cis_rated {
	struct cis_design design;
	struct cis_shape shape;
	struct cis_bank *bank; /* of struct cis_seed_rows */
};

/* Whether they are for estimators configured like `cfg`. */
bool cis_designs_suit(const struct cis_designs *designs,
		      const struct cis_estim_config *cfg);

/* Those within 1 % of a rate; NULL: none yet, and they are wanted from now on.
 * Does not allocate. */
const struct cis_rated *cis_designs_get(struct cis_designs *designs,
					double rate_hz);
/* Made here and now if need be, without rows; NULL: no memory. */
const struct cis_rated *cis_designs_make(struct cis_designs *designs,
					 double rate_hz);

/* Shape of the windows at a rate, whether or not there are designs for it. */
struct cis_shape cis_designs_shape(const struct cis_designs *designs,
				   double rate_hz);

bool cis_designs_wants(const struct cis_designs *designs);
/* Makes one thing that is wanted: 1; 0: nothing is; -ENOMEM: it failed. */
int cis_designs_make_one(struct cis_designs *designs);

#endif

/*
 * comb.h - the penalised columns of M and R: frequencies at which something
 * may be, each with the variance of what may be there.
 */
#ifndef HOST_ESTIM_COMB_H
#define HOST_ESTIM_COMB_H

#include <stdbool.h>
#include <stddef.h>

#include "design.h"

struct cis_tooth {
	double hz;
	double var;   /* of the amplitude, that of the signal being 1 */
	bool of_side; /* of the phasor; else it is only to be rejected */
};

struct cis_comb {
	size_t n;
	struct cis_tooth *tooth;
};

/* Stop band up to top_hz. false: no memory. */
bool cis_comb_init(struct cis_comb *comb, const struct cis_design *d,
		   double seed_hz, double top_hz);
void cis_comb_free(struct cis_comb *comb);

#endif

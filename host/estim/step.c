/* step.c - see step.h. */
#include "step.h"

#include <stdlib.h>

/* Cycles on either side of a candidate, and the steps between candidates. */
#define N_CYCLE   2
#define SPACING_S 1e-3

struct cis_stepper {
	const struct cis_estim_config *cfg;
};

double cis_step_lookahead_s(double fnom_hz)
{
	return N_CYCLE / fnom_hz + SPACING_S;
}

struct cis_stepper *cis_stepper_new(const struct cis_estim_config *cfg)
{
	struct cis_stepper *st = calloc(1, sizeof(*st));

	if (st)
		st->cfg = cfg;
	return st;
}

void cis_stepper_free(struct cis_stepper *st)
{
	free(st);
}

bool cis_step_apply(struct cis_stepper *st, const struct cis_step_case *sc)
{
	(void)st;
	(void)sc;
	return false;
}

/*
 * successor.h - a maker that takes the place of another one while frames flow:
 * the same PMUs on the same grid, of another scenario or another form.
 */
#ifndef HOST_SIM_SUCCESSOR_H
#define HOST_SIM_SUCCESSOR_H

#include <stdbool.h>

#include "maker.h"
#include "schedule.h"

/* `fresh` makes the frames from `at` on; those of `last` were the latest that
 * `old` made. Both have set_count() and the like. */
struct cis_succession {
	struct cis_maker *old, *fresh;
	struct cis_shard shard;
	struct cis_instant last, at;
};

/* Scales of integers stay what they are where the fresh magnitudes fit, so that
 * another magnitude is not another configuration. */
void cis_succession_keep_scales(const struct cis_succession *s);

/* How many PMUs a configuration describes in another way, whatever its CFGCNT. */
uint32_t cis_succession_differs(const struct cis_succession *s);

/* CFGCNT of these counts on by one, that of the others stays; so do editions.
 * Returns how many. */
uint32_t cis_succession_count(const struct cis_succession *s);

#endif

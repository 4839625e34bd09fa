/*
 * level.h - how full ring 1 is, and was at most.
 *
 * acq adds the scans that it puts in, est those that it has done with; anyone may
 * look.
 */
#ifndef HOST_ACQ_LEVEL_H
#define HOST_ACQ_LEVEL_H

#include <stdatomic.h>
#include <stdint.h>

#include "host/core/ring.h"

/* In slots, and in seconds of samples: slots need not be filled, and of the two
 * the share of slots is what overflows. */
struct cis_ring_level {
	double size_s; /* what it holds at least */
	double fill_pct, fill_s;
	double high_pct, high_s; /* the high-water mark */
};

struct cis_level {
	const struct cis_ring *ring;
	double size_s, rate_hz;
	_Atomic uint64_t put, taken;  /* scans */
	_Atomic uint64_t high_scans;  /* at most in the ring ... */
	_Atomic uint32_t high_n_slot; /* ... and in so many slots */
};

void cis_level_init(struct cis_level *level, const struct cis_ring *ring,
		    double size_s, double rate_hz);
/* On acq's thread, when a slot has been handed over. */
void cis_level_put(struct cis_level *level, uint32_t n_scan);
/* On est's thread, when it has been given back. */
void cis_level_take(struct cis_level *level, uint32_t n_scan);
struct cis_ring_level cis_level_get(const struct cis_level *level);

#endif

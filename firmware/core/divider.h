/*
 * divider.h - the scan clock as an oscillator of numbers: from the length of a
 * second to the ticks of its edges.
 *
 * Points in time are ticks of the port's timer in Q32.32, modulo 2^64. Edge 0
 * of a second is where the second before it ends, to the last bit, however long
 * and with whatever rate that was.
 */
#ifndef FIRMWARE_CORE_DIVIDER_H
#define FIRMWARE_CORE_DIVIDER_H

#include <stdbool.h>
#include <stdint.h>

/* The fewest ticks an edge may be from the next, at either end. */
#define FE_STEP_MIN_TICKS 200

struct fe_edge {
	uint64_t at_q32; /* exactly */
	uint32_t tick;   /* nearest */
	bool second;     /* edge 0 of a second */
};

struct fe_divider {
	uint64_t at_q32;     /* of the edge that comes next */
	uint64_t second_q32; /* ticks of a second */
	uint64_t step_q32;   /* whole units of 2^-32 ticks between two edges */
	uint32_t rest;       /* what is left of it, in 1 / rate_hz units */
	uint32_t sum;        /* of rests so far, below rate_hz */
	uint32_t rate_hz;
	uint32_t index; /* of the edge that comes next, below rate_hz */
};

/* Edge 0 at `at_q32`; rate_hz from 1 on, second_q32 at least rate_hz. */
void fe_divider_init(struct fe_divider *d, uint64_t at_q32, uint64_t second_q32,
		     uint32_t rate_hz);

/* Every edge from the next on is that far from the one before it; no jump. */
void fe_divider_set_second(struct fe_divider *d, uint64_t second_q32);

/* Only where an edge 0 comes next: from it on. */
void fe_divider_set_rate(struct fe_divider *d, uint32_t rate_hz);

/* The whole tick nearest to a point in time. */
uint32_t fe_divider_tick(uint64_t at_q32);

/* Half of what is between two edges. */
uint32_t fe_divider_half_ticks(const struct fe_divider *d);

/* What comes next, and on to the one after it. */
void fe_divider_next(struct fe_divider *d, struct fe_edge *e);

#endif

/*
 * scan.h - the scan clock as the servo steers it: divider and ring together,
 * and the seconds that its edges 0 begin.
 *
 * Main loop only, but for the ring (edges.h). Times are ticks in Q32.32.
 */
#ifndef FIRMWARE_CORE_SCAN_H
#define FIRMWARE_CORE_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/divider.h"
#include "firmware/core/edges.h"

/* Seconds whose edge 0 may be in the ring. A power of two. */
#define FE_COMING_SIZE 4

struct fe_scan_second {
	uint64_t edge0_q32;
	uint32_t rate_hz;
	uint32_t half_ticks; /* half a period, the shorter at this edge 0 */
	bool aligned;        /* edge 0 was put where the servo said: a step */
	bool other_rate;     /* than the second before */
};

struct fe_scan {
	struct fe_divider divider;
	struct fe_edges edges;
	struct fe_scan_second coming[FE_COMING_SIZE];
	uint32_t n_put;   /* seconds that got their edge 0, ever */
	uint32_t n_begun; /* seconds told as begun, ever */

	uint64_t horizon_q32;
	uint64_t put_q32;   /* the edge put last */
	uint64_t align_q32; /* edge 0 to come, where align is set */
	uint64_t steer_q32; /* length of a second to come, 0: none */
	uint32_t rate_hz;   /* from the next edge 0 put on */
	bool align;
};

/* The first edge comes 10 ms after now_q32. */
void fe_scan_init(struct fe_scan *s, uint32_t tick_hz, uint32_t rate_hz,
		  uint64_t now_q32);

/* Puts coming edges into the ring. */
void fe_scan_fill(struct fe_scan *s, uint64_t now_q32);

/*
 * Another length of the second: from an eighth of a second after edge 0 on, or
 * from the next edge put where that is over. No jump.
 */
void fe_scan_steer(struct fe_scan *s, uint64_t second_q32);

/*
 * Edge 0 at at_q32, seconds of that length from it on; whole seconds later
 * where the ring holds edges beyond it. The last period before is between 3/4
 * and 7/4 of one.
 */
void fe_scan_align(struct fe_scan *s, uint64_t at_q32, uint64_t second_q32);

/* From the next edge 0 put into the ring on. */
void fe_scan_set_rate(struct fe_scan *s, uint32_t rate_hz);

/*
 * The i-th second to come whose edge 0 is in the ring; NULL: there is none.
 * Where i is 0 its edge 0 may be past, until fe_scan_begun() tells it.
 */
const struct fe_scan_second *fe_scan_coming(const struct fe_scan *s,
					    uint32_t i);

/* An edge 0 is past: true once for each, in order. */
bool fe_scan_begun(struct fe_scan *s, uint64_t now_q32,
		   struct fe_scan_second *out);

#endif

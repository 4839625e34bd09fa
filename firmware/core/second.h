/*
 * second.h - what happens in a second, in its order.
 *
 * Edge 0 passes: the second begins, and with it the label's next second. The
 * pulse that belongs to it came shortly before or comes shortly after; it is
 * handed to the servo as soon as it is seen. 50 ms after edge 0 the second is
 * closed: the servo says how to go on, and the host is told how it is.
 */
#ifndef FIRMWARE_CORE_SECOND_H
#define FIRMWARE_CORE_SECOND_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/link.h"

struct fe_front;

struct fe_seconds {
	uint64_t nominal_q32;  /* ticks of a second */
	uint64_t edge0_q32;    /* of the present second */
	uint64_t pulse_q32;    /* the last one that was not refused */
	uint32_t open_rate_hz; /* of the present second */
	uint32_t rate_hz;      /* of the second closed last */
	uint32_t lost_s;       /* seconds without a pulse */
	uint32_t n_looked;     /* seconds to come the start pulse has seen */
	uint32_t n_gaps;       /* edges missed and rings dry, as told */
	enum fe_state state;   /* as told */
	bool open;             /* begun, not closed */
	bool aligned;          /* edges 0 begin the label's seconds */
	bool torn;             /* edges were lost since they were aligned */
	bool pulse;            /* one was used since the last second closed */
	bool pps;              /* there are pulses, as told */
};

void fe_seconds_init(struct fe_seconds *s, uint32_t tick_hz);

/* Pulses, seconds that begin and end; after edges were put. */
void fe_seconds_poll(struct fe_front *f);

/* What has changed otherwise is told; ends a poll. */
void fe_seconds_check(struct fe_front *f);

/* Time and rate are such that a start pulse can be asked for. */
bool fe_seconds_can_start(const struct fe_front *f);

/* Another start was armed: its second may be in the ring already. */
void fe_seconds_look_again(struct fe_front *f);

#endif

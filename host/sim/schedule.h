/*
 * schedule.h - which frame of which stream is due: an absolute course of UTC.
 *
 * Stream i of `count` has its own place in the period of the report rate, i/count
 * of it behind the instant (spread), or all send at the instant itself. A shard
 * has some of the streams, with the places of the whole. Order: by instant, then
 * by stream.
 */
#ifndef HOST_SIM_SCHEDULE_H
#define HOST_SIM_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/time.h"

/* Streams [first, end) of the whole. */
struct cis_shard {
	uint32_t first, end;
};

/* Part k, 1 to n, of `count` streams: those with floor(i n / count) = k - 1. */
struct cis_shard cis_shard_of(uint32_t count, uint32_t k, uint32_t n);

struct cis_schedule {
	struct cis_rate rate;
	uint32_t count;
	struct cis_shard shard;
	bool spread;
	struct cis_instant at; /* that is being sent, from stream `next` on */
	uint32_t next;
	uint64_t n_left; /* instants, this one too */
};

/* Sets `at` to the first instant that is not before t; n instants from there.
 * All else is the caller's to set before. */
void cis_schedule_begin(struct cis_schedule *s, struct cis_time t, uint64_t n);

/* Streams [first, first + n) of one instant. */
struct cis_due {
	struct cis_instant at;
	uint32_t first, n;
};

/* Takes the next streams that are due at `now`, at most max; false: none. */
bool cis_schedule_take(struct cis_schedule *s, struct cis_time now,
		       uint32_t max, struct cis_due *due);

/* When the next one is due, and any other one. */
struct cis_time cis_schedule_next(const struct cis_schedule *s);
struct cis_time cis_schedule_slot(const struct cis_schedule *s,
				  struct cis_instant at, uint32_t i);

/* Leaves out what is due before t; the number of frames. */
uint64_t cis_schedule_skip(struct cis_schedule *s, struct cis_time t);

/* Goes back to the first instant that is not before t; n_left stays. */
void cis_schedule_back(struct cis_schedule *s, struct cis_time t);

static inline bool cis_schedule_is_over(const struct cis_schedule *s)
{
	return s->n_left == 0;
}

#endif

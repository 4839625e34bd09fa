/*
 * outage.h - a time without samples: where it begins, when it ends, and what is
 * told of it.
 */
#ifndef HOST_ACQ_OUTAGE_H
#define HOST_ACQ_OUTAGE_H

#include <stdbool.h>

#include "cisoid/block.h"
#include "host/acq/event.h"

struct cis_outage {
	bool on;
	bool measured; /* a block has ever come */
	enum cis_event_kind kind;
	/* Where the last good block ended. */
	struct cis_split_time end;
	uint64_t end_scan;
	int64_t end_ns; /* monotonic, when it was there */
};

/* `at`: of scan 0, where none ever comes. */
void cis_outage_init(struct cis_outage *o, struct cis_time at, int64_t now_ns);

/* Something failed. True when this is news, told in *ev: the outage begins, or
 * it turns out that the device has gone. */
bool cis_outage_begin(struct cis_outage *o, enum cis_event_kind kind,
		      struct cis_event *ev);

/* A good block is there. True when it ends an outage, told in *ev. */
bool cis_outage_take(struct cis_outage *o, const struct cis_block *blk,
		     int64_t now_ns, struct cis_event *ev);

/* No samples come any more for instants up to this one: dates count on from the
 * last block by the monotonic clock. Blocks that are being looked at, and the
 * time that they take to come, are left out. */
struct cis_split_time cis_outage_until(const struct cis_outage *o,
				       int64_t now_ns);

#endif

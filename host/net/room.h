/*
 * room.h - what the feeds of one loop share: room to work in, and the quota of
 * log lines that strangers cause.
 *
 * What stands in `scratch` and `rx` is good until the loop goes on.
 */
#ifndef HOST_NET_ROOM_H
#define HOST_NET_ROOM_H

#include "cisoid/c37.h"
#include "feed.h"
#include "teller.h"

struct cis_feed_room {
	unsigned n_user; /* feeds, and who made it */
	struct cis_teller teller;
	uint8_t scratch[CIS_C37_MAX_FRAME];
	uint8_t rx[CIS_C37_MAX_FRAME + 1]; /* what is being read, by anyone */
};

/* One more user of it. */
struct cis_feed_room *cis_feed_room_hold(struct cis_feed_room *room);

#endif

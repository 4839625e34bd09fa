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

/* Connections to one server that are told of together. */
struct cis_away {
	struct cis_away *next;
	unsigned n;    /* that there are not */
	bool told;     /* that one is not there */
	uint64_t lost; /* frames, of those that came back */
};

struct cis_feed_room {
	unsigned n_user;         /* feeds, and who made it */
	void (*gone)(void *arg); /* NULL: nobody wants to know */
	void *arg;
	struct cis_teller teller;
	struct cis_away *away;
	uint64_t last_id; /* of all clients that ever were */
	uint8_t scratch[CIS_C37_MAX_FRAME];
	uint8_t rx[CIS_C37_MAX_FRAME + 1]; /* what is being read, by anyone */
};

/* Lives as long as the room; NULL: out of memory. */
struct cis_away *cis_feed_room_away(struct cis_feed_room *room);

/* The id of one more client. */
uint64_t cis_feed_room_id(struct cis_feed_room *room);

/* One more user of it. */
struct cis_feed_room *cis_feed_room_hold(struct cis_feed_room *room);

#endif

/*
 * switchboard.h - endpoints that many feeds of one loop have in common: the
 * ports of a fleet.
 *
 * An endpoint with "ports=shared", or without the word, is one port for all:
 * a client gets the PMU whose IDCODE it names, by TCP one at a time, by UDP as
 * many as it likes. With "ports=each" feed i has port PORT + i. Words, roles and
 * errors are otherwise those of feed.h.
 */
#ifndef HOST_NET_SWITCHBOARD_H
#define HOST_NET_SWITCHBOARD_H

#include "feed.h"

struct cis_switchboard;

/* Of `fc` the loop, the times and the room count; its feeds have the same room.
 * -ENOMEM with a message. */
int cis_switchboard_new(const struct cis_feed_config *fc,
			struct cis_switchboard **out, struct cis_diag *diag);

/*
 * Feed i of the fleet, borrowed until close(); all before the first endpoint.
 * -EEXIST: another one has its IDCODE; -ENOMEM; with a message.
 */
int cis_switchboard_add(struct cis_switchboard *sb, struct cis_feed *feed,
			uint32_t i, struct cis_diag *diag);

/* An endpoint for all of them: tcp: and udp: that answer commands, tcp: that is
 * sent to unasked, by one connection for each feed. */
int cis_switchboard_open(struct cis_switchboard *sb, enum cis_feed_role role,
			 const char *spec, struct cis_diag *diag);

/* Endpoint k as it really is, "tcp:127.0.0.1:4712", or with the ports of the
 * first feed and the last "tcp:127.0.0.1:4712-5711"; NULL past the last. */
const char *cis_switchboard_endpoint(const struct cis_switchboard *sb,
				     unsigned k);

/* Whether one of them sends datagrams, which must hold whole frames. */
bool cis_switchboard_has_datagrams(const struct cis_switchboard *sb);

/* All feeds together, and those clients who have not said which they want. */
void cis_switchboard_stats(const struct cis_switchboard *sb,
			   struct cis_feed_stats *stats);

/* Before its feeds are closed, and as cis_feed_close(). NULL is allowed. */
void cis_switchboard_close(struct cis_switchboard *sb);

#endif

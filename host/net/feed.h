/*
 * feed.h - one C37.118 stream and all that serves it.
 *
 * A feed has one configuration. Any number of endpoints hang on it: TCP servers
 * and UDP ports that answer commands; TCP servers elsewhere, UDP addresses and
 * pcap files that get everything unasked. Each report is encoded once. All calls
 * from the loop's thread.
 */
#ifndef HOST_NET_FEED_H
#define HOST_NET_FEED_H

#include <uv.h>

#include "cisoid/c37.h"
#include "cisoid/diag.h"

struct cis_feed;
struct cis_feed_room;

struct cis_feed_config {
	uv_loop_t *loop;
	/* Shared with other feeds of the loop; NULL: one of its own, 128 KiB. */
	struct cis_feed_room *room;
	struct cis_c37_config *cfg; /* taken, unless new() fails; or NULL: */
	/* The configuration of feed i that is in force, whenever it is needed;
	 * it is read before the next call. For cis_feed_put_frame(). */
	const struct cis_c37_config *(*lend)(void *arg, uint32_t i);
	void *arg;
	uint32_t i;
	size_t data_max;      /* bytes of a data frame; 0: of cfg's */
	double queue_s;       /* frames kept for slow clients; 0: 2 s */
	const char *header;   /* text of the header frame; copied */
	bool test_mode;       /* STAT data error 10 */
	bool overwrite;       /* pcap:FILE may exist */
	uint64_t stall_ms;    /* a client that takes nothing for so long is
			      disconnected; 0: 10 s */
	uint64_t silent_ms;   /* a UDP peer that said nothing for so long gives
			       way to a newcomer; 0: an hour */
	uint64_t retry_ms;    /* before a lost server is tried again, the first
			       time, then twice as long up to 30 times; 0: 1 s */
	uint32_t cfg_every_s; /* unasked configurations: at once, then whenever
				   data time is a multiple of this; 0: at once
				   alone. CIS_FEED_CFG_EVERY_S is usual */
	enum cis_c37_type push; /* which one goes out unasked: CIS_C37_CFG3, or
				   else CFG-2 */
};

#define CIS_FEED_CFG_EVERY_S 60

enum cis_feed_role {
	CIS_FEED_LISTEN, /* answers commands: tcp:HOST:PORT, udp:HOST:PORT */
	CIS_FEED_STREAM, /* unasked: tcp: and udp:HOST:PORT, pcap:FILE */
};

struct cis_feed_stats {
	uint64_t frames;  /* data frames made */
	uint64_t sent;    /* data frames handed to a socket or file */
	uint64_t dropped; /* data frames that a slow client did not get, or a
			     server that was away */
	uint64_t refused; /* datagrams that nobody wanted (ICMP) */
	uint64_t bad;     /* commands with a wrong CRC, bytes out of place */
	uint64_t denied;  /* clients and commands that were turned away */
	uint64_t clients_ever;
	uint32_t clients;         /* connected */
	uint32_t clients_running; /* with data on */
	int err;                  /* the first error of a file; 0 */
};

/* For feeds of one loop. It is gone after both free() and the end of the last
 * feed that has it. -ENOMEM. */
int cis_feed_room_new(uv_loop_t *loop, struct cis_feed_room **out);
void cis_feed_room_free(struct cis_feed_room *room); /* NULL is allowed */

/* gone() when it is: then nothing is left on the loop of any feed that had it. */
void cis_feed_room_when_gone(struct cis_feed_room *room,
			     void (*gone)(void *arg), void *arg);

/* -ENOMEM, -EMSGSIZE with a message (a frame over 65535 bytes). */
int cis_feed_new(const struct cis_feed_config *fc, struct cis_feed **out,
		 struct cis_diag *diag);

/*
 * Adds an endpoint. -EINVAL: bad spec; -EADDRINUSE and the like: the system's;
 * always with a message. Port 0 asks the kernel for one.
 */
int cis_feed_add(struct cis_feed *feed, enum cis_feed_role role,
		 const char *spec, struct cis_diag *diag);

/* Endpoint i as it really is, "tcp:127.0.0.1:43817"; NULL past the last. */
const char *cis_feed_endpoint(const struct cis_feed *feed, unsigned i);

/* Encodes (PMU 0 of a one-PMU configuration) and sends to all who want it. */
void cis_feed_put(struct cis_feed *feed, const struct cis_report *rep);

/* A data frame that is encoded already, as it is: of any length up to data_max,
 * whatever it holds. A longer one is dropped. CFG and HDR have its time. */
void cis_feed_put_frame(struct cis_feed *feed, struct cis_instant at,
			uint8_t time_quality, const uint8_t *frame, size_t len);

/* lend() has another configuration from now on, of the same IDCODE: those with
 * data on get it before the next data frame, and what they have not taken of the
 * old ones is dropped. -EMSGSIZE with a message. */
int cis_feed_set_config(struct cis_feed *feed, struct cis_diag *diag);

/* Data frames may have so many bytes from now on; what waits for slow clients
 * goes on waiting. Never less than before. -ENOMEM. */
int cis_feed_make_room(struct cis_feed *feed, size_t data_max);

/* Which configurations go out unasked from now on, and how often: as those of the
 * same name in struct cis_feed_config. */
void cis_feed_set_push(struct cis_feed *feed, enum cis_c37_type push,
		       uint32_t cfg_every_s);

/*
 * Another configuration, of the same IDCODE, while data flow. STAT bit 10 is set
 * in the data of after_s seconds, from the next frame on; the frame after these
 * is of the new configuration, which goes before it to all who have data on. In
 * the edition of 2005 it holds from the next frame on, and bit 10 is set for
 * after_s seconds (0: a minute). CFGCNT counts on in each PMU that differs. A
 * change that is under way is replaced. `cfg` is taken; header NULL: as it was.
 * Returns the number of PMUs that differ, 0 where all is as it is; on failure,
 * with a message, -EINVAL, -EMSGSIZE, -ENOMEM, and cfg stays the caller's.
 */
int cis_feed_change(struct cis_feed *feed, struct cis_c37_config *cfg,
		    const char *header, double after_s, struct cis_diag *diag);

void cis_feed_stats(const struct cis_feed *feed, struct cis_feed_stats *stats);

/* Who gets them, and what is said: watch.h. */

/* Data frames that the slowest of those who have data on has still to take. */
uint64_t cis_feed_backlog(const struct cis_feed *feed);

/*
 * Stops listening, sends what is queued (at most 1 s), closes; the feed is freed
 * by the loop, which must run until it has nothing left to do.
 */
void cis_feed_close(struct cis_feed *feed);

#endif

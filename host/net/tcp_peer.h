/*
 * tcp_peer.h - one TCP connection that a feed serves, whoever opened it.
 *
 * A peer is a guest of that feed, and nothing but a place in its ring; where
 * many feeds share a port, of the one that it named last, or of none yet. Frames
 * are written directly; only the rest of a frame that the socket did not take is
 * copied and left to libuv, and while it waits the peer takes nothing new.
 */
#ifndef HOST_NET_TCP_PEER_H
#define HOST_NET_TCP_PEER_H

#include "dialog.h"
#include "endpoint.h"
#include "quota.h"

#define CIS_PEER_ANSWERS 8

struct cis_tcp_peer;

struct cis_tcp_peer_ops {
	/* It is being closed; `reason` is for the log. */
	void (*left)(struct cis_tcp_peer *peer, const char *reason);
	/* The handle is closed; the feed is released after this. Frees it. */
	void (*closed)(struct cis_tcp_peer *peer);
	/* Data for one whose data go aside, true when they went; NULL: there is
	 * none. */
	bool (*aside)(struct cis_tcp_peer *peer, const uint8_t *frame,
		      size_t len);
};

struct cis_tcp_peer {
	struct cis_guest guest; /* of no feed: it has named none */
	const struct cis_tcp_peer_ops *ops;
	struct cis_endpoint *ep;
	struct cis_tcp_peer *next, **link; /* the owner's */
	uv_tcp_t tcp;
	uv_write_t write;
	bool aside;   /* its data go another way: only answers are sent here */
	bool running; /* data on */
	bool busy;    /* out is being written */
	bool leaving; /* closes once nothing is left to send */
	bool ended;   /* it sends no more */
	bool behind;
	uint64_t cursor;        /* the next data frame */
	uint64_t frames, bytes; /* of data that were sent */
	uint64_t dropped;
	uint64_t bad;
	uint64_t id;
	uint64_t moved_ms;     /* when something was last taken */
	enum cis_c37_type cfg; /* that it asked for last; else CIS_C37_DATA */
	unsigned n_answer;
	enum cis_c37_type answer[CIS_PEER_ANSWERS];
	struct cis_quota quota;                      /* bytes it may send */
	struct cis_tcp_peer *next_thaw, **link_thaw; /* it sent too many */
	struct sockaddr_storage addr;
	struct cis_dialog dialog;
	uint8_t *out; /* what the socket did not take yet */
	size_t out_size;
};

/* The feed to whose endpoint it came. */
static inline struct cis_feed *
cis_tcp_peer_home(const struct cis_tcp_peer *peer)
{
	return peer->ep->feed;
}

static inline uint64_t cis_tcp_peer_now_ms(const struct cis_tcp_peer *peer)
{
	return uv_now(cis_tcp_peer_home(peer)->loop);
}

/* Its handle is initialised, and the feed held. NULL: out of memory. */
struct cis_tcp_peer *cis_tcp_peer_new(struct cis_endpoint *ep,
				      const struct cis_tcp_peer_ops *ops);

/* Closes one that was never started; ops->left() is not called. */
void cis_tcp_peer_discard(struct cis_tcp_peer *peer);

/* It is connected: begins to read. Its feed, or NULL: that which it names. */
void cis_tcp_peer_start(struct cis_tcp_peer *peer, struct cis_feed *feed);

/* Bounds what the system queues for a socket, or for those that a listening one
 * accepts: left alone, it takes megabytes, minutes of old data. */
void cis_tcp_peer_buffers(const struct cis_feed *feed, uv_tcp_t *tcp);

/* Data on or off, from the next frame on. */
void cis_tcp_peer_run(struct cis_tcp_peer *peer, bool on);

/* One more frame to be sent before the data that follow; when too many wait, it
 * takes the place of the last. */
void cis_tcp_peer_answer(struct cis_tcp_peer *peer, enum cis_c37_type type);

/* Sends what there is to send; may drop the peer. */
void cis_tcp_peer_pump(struct cis_tcp_peer *peer);

/* Closes it, once. */
void cis_tcp_peer_drop(struct cis_tcp_peer *peer, const char *reason);

/* As it is now. */
struct cis_client_info cis_tcp_peer_info(const struct cis_tcp_peer *peer);

/* Closes it when all is sent, or `now`. */
void cis_tcp_peer_leave(struct cis_tcp_peer *peer, bool now);

/* ---- tcp_peer_read.c ---- */

/* Begins to read, and obeys what comes. */
void cis_tcp_peer_read(struct cis_tcp_peer *peer);

/* It is no longer one of those that are not read for a while. */
void cis_tcp_peer_unfreeze(struct cis_tcp_peer *peer);

#endif

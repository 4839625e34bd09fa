/*
 * endpoint.h - the feed as its endpoints see it.
 *
 * An endpoint is a TCP or UDP port, an address that is sent to, or a file. It
 * belongs to its feed, which frees it after the loop has closed its handles.
 *
 * Data frames stand in one ring that all share.
 * A TCP peer is nothing but a place in that ring, so a slow one costs no
 * memory and delays nobody; when the ring has overtaken it, it has lost frames.
 */
#ifndef HOST_NET_ENDPOINT_H
#define HOST_NET_ENDPOINT_H

#include "feed.h"
#include "frame_ring.h"
#include "host/net/addr.h"
#include "room.h"
#include "watch.h"

#define CIS_MAX_ENDPOINT 64
#define CIS_MAX_HANDLE   4

struct cis_board;
struct cis_client_visit;
struct cis_endpoint;
struct cis_tcp_peer;

/* What an endpoint of a kind is and does. */
struct cis_endpoint_ops {
	size_t size;    /* of its struct, which begins with cis_endpoint */
	unsigned words; /* cis_addr_word: those that it understands */
	bool datagrams; /* each frame must fit into one */
	/* Opens it: its struct is zeros but for ep. On failure, with a message,
	 * what cis_endpoint_hold() knows is closed. */
	int (*open)(struct cis_endpoint *ep, struct cis_diag *diag);
	/* A data frame was made: the last one in the ring. NULL, as announce: its
	 * guests do that. */
	void (*put)(struct cis_endpoint *ep, const uint8_t *frame, size_t len);
	/* The configuration is another one: those who have data on get it before
	 * the next data. */
	void (*announce)(struct cis_endpoint *ep);
	/* Sends what is queued and closes; `now`: closes. May come twice. NULL:
	 * only the handles are closed. */
	void (*close)(struct cis_endpoint *ep, bool now);
	/* Frees what open() allocated; NULL: nothing. */
	void (*free)(struct cis_endpoint *ep);
	/* Frames that its slowest receiver has still to take; NULL: none. */
	uint64_t (*backlog)(const struct cis_endpoint *ep);
	/* Tells each client that it has. */
	void (*clients)(const struct cis_endpoint *ep,
			const struct cis_client_visit *visit);
	/* -ENOENT; NULL: nobody can be sent away. */
	int (*kick)(struct cis_endpoint *ep, uint64_t id);
};

/* Whoever gets the data of a feed by itself: a client of a server. */
struct cis_guest;

struct cis_guest_ops {
	/* As those of an endpoint. */
	void (*put)(struct cis_guest *g, const uint8_t *frame, size_t len);
	void (*announce)(struct cis_guest *g);
	uint64_t (*backlog)(const struct cis_guest *g);
	/* The feed is being closed: sends what is queued and leaves; `now`:
	 * leaves. May come twice. */
	void (*leave)(struct cis_guest *g, bool now);
};

struct cis_guest {
	const struct cis_guest_ops *ops;
	struct cis_feed *feed; /* whose it is; it lives as long */
	struct cis_guest *next, **link;
};

struct cis_endpoint {
	const struct cis_endpoint_ops *ops;
	struct cis_feed *feed;
	struct cis_addr addr; /* as it was asked for, resolved */
	char name[320];
	unsigned n_handle;
	uv_handle_t *handle[CIS_MAX_HANDLE];
	unsigned n_open; /* handles that the loop has not closed */
	uint64_t id;     /* as a client, where it is sent to unasked */
	bool discarded;  /* it could not be opened */
};

/* A change of configuration that is under way, feed_change.c. */
struct cis_feed_change {
	struct cis_feed *coming; /* has what will be in force; NULL: none */
	double after_s;          /* STAT bit 10 is set for so long */
	bool begun;              /* it was told, since: */
	struct cis_split_time from;
	bool of_2005;
};

struct cis_feed {
	uv_loop_t *loop;
	struct cis_feed_room *room;
	struct cis_c37_config *cfg; /* NULL: it is lent */
	const struct cis_c37_config *(*lend)(void *arg, uint32_t i);
	void *arg;
	uint32_t i;
	uint16_t idcode;
	uint16_t edition;
	struct cis_board *board; /* a lobby's, which has no data; else NULL */
	struct cis_away *away; /* of the pushes that are being added, or NULL */
	const struct cis_feed_watch *watch; /* NULL: nobody watches */
	struct cis_c37_data *data;
	char *header;
	bool test_mode;
	bool overwrite;
	bool closing;
	uint64_t stall_ms;
	uint64_t silent_ms;
	uint64_t retry_ms;
	uint32_t cfg_every_s;
	enum cis_c37_type push;

	struct cis_frame_ring ring; /* of data */
	double queue_s;
	size_t frame_max; /* of all frames that are sent */

	bool has_time; /* of the latest data frame: */
	int64_t soc;
	struct cis_split_time at;
	uint8_t time_quality;
	bool told_over; /* SOC has come to its end */

	unsigned n_endpoint;
	struct cis_endpoint **endpoint;
	struct cis_guest *guests;
	unsigned n_handle; /* that the loop has not closed yet */
	uv_timer_t linger;
	struct cis_tcp_peer *frozen; /* those that are not read for a while */
	uv_timer_t thaw;
	struct cis_feed_change change;
	struct cis_feed_stats stats;
};

/* Before the data frame of `at` is made: puts in force what is due, and returns
 * the bit of STAT. */
uint16_t cis_feed_change_step(struct cis_feed *feed, struct cis_split_time at);

/* Another configuration is in force: older frames are lost to who has not taken
 * them, and all with data on get it before the next one. */
void cis_feed_announce(struct cis_feed *feed);

/* A handle was initialised; it was closed (from its close call-back). */
void cis_feed_hold(struct cis_feed *feed);
void cis_feed_release(struct cis_feed *feed);

/* A handle of the endpoint was initialised: its data is the endpoint from now on,
 * and cis_endpoint_close() closes it. */
void cis_endpoint_hold(struct cis_endpoint *ep, uv_handle_t *handle);
/* The same, of any number; its owner closes it, in ops->close(). */
void cis_endpoint_adopt(struct cis_endpoint *ep, uv_handle_t *handle);
void cis_endpoint_close_one(uv_handle_t *handle);
void cis_endpoint_close(struct cis_endpoint *ep);

/* Adds one to the feed; `addr` is resolved, and copied. -EINVAL and the system's
 * errors, with a message. */
int cis_endpoint_add(struct cis_feed *feed, const struct cis_endpoint_ops *ops,
		     const struct cis_addr *addr, struct cis_diag *diag);

/* Sends what is queued and closes, or closes `now`; frees it once closed. */
void cis_endpoint_leave(struct cis_endpoint *ep, bool now);
void cis_endpoint_free(struct cis_endpoint *ep);

/* Whether frames of it, or its data at least, are datagrams. */
bool cis_endpoint_is_udp(const struct cis_endpoint *ep);

/* The endpoint's name: the scheme, and the address that it has. */
void cis_endpoint_name(struct cis_endpoint *ep, const char *scheme,
		       const struct sockaddr *sa);

/* The address that it sends to, or its file: its name without the scheme. */
const char *cis_endpoint_address(const struct cis_endpoint *ep);

/* ---- watch.c ---- */

/* Who asks for the clients. */
struct cis_client_visit {
	void (*each)(void *arg, const struct cis_client_info *info);
	void *arg;
};

/* The endpoint itself, which is sent to unasked. */
struct cis_client_info cis_client_unasked(const struct cis_endpoint *ep,
					  const char *transport);

/* A frame in the room's scratch, a configuration or header, went to `peer`. */
static inline void cis_feed_note_sent(const struct cis_feed *feed,
				      const char *peer, size_t len)
{
	if (feed->watch && feed->watch->sent)
		feed->watch->sent(feed->watch->arg, peer, feed->room->scratch,
				  len);
}

/* ---- guests ---- */

/* It gets the feed's data from the next frame on, until it goes. */
void cis_guest_enter(struct cis_guest *g, struct cis_feed *feed);
void cis_guest_go(struct cis_guest *g);

/* ---- feed_config.c ---- */

/* The configuration that is in force. */
const struct cis_c37_config *cis_feed_config_of(const struct cis_feed *feed);

/* The length of every kind of frame, so that none fails later. -EMSGSIZE with a
 * message. */
int cis_feed_measure(struct cis_feed *feed, struct cis_diag *diag);

/* HDR or CFG with the time of the latest data; in the room's scratch until the
 * next call. Returns its length, or a negative code where there is no such frame. */
int cis_feed_encode(struct cis_feed *feed, enum cis_c37_type type);

/* True once at the start, and then as often as the feed's configuration goes out
 * unasked. *last is the endpoint's, INT64_MIN at first. */
bool cis_feed_config_due(const struct cis_feed *feed, int64_t *last);

/* The kinds of endpoint. */
extern const struct cis_endpoint_ops cis_tcp_server_ops;
extern const struct cis_endpoint_ops cis_tcp_push_ops;
extern const struct cis_endpoint_ops cis_udp_server_ops;
extern const struct cis_endpoint_ops cis_udp_stream_ops;
extern const struct cis_endpoint_ops cis_pcap_stream_ops;

/* The sentence for a system error on an address; returns the code. */
int cis_net_fail(struct cis_diag *diag, int err, const char *scheme,
		 const struct sockaddr *sa);

#endif

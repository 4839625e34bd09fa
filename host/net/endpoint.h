/*
 * endpoint.h - the feed as its endpoints see it.
 *
 * An endpoint is a TCP server, a UDP port, a UDP address or a file. It belongs
 * to its feed, which frees it after the loop has closed its handles.
 *
 * Data frames stand in one ring that all share: frame n is in slot n % n_slot.
 * A TCP client is nothing but a place in that ring, so a slow one costs no
 * memory and delays nobody; when the ring has overtaken it, it has lost frames.
 */
#ifndef HOST_NET_ENDPOINT_H
#define HOST_NET_ENDPOINT_H

#include "feed.h"
#include "host/net/addr.h"

#define CIS_MAX_ENDPOINT 64
#define CIS_MAX_CLIENT   256 /* of one TCP server */
#define CIS_MAX_PEER     64  /* of one UDP port */

struct cis_endpoint;

struct cis_endpoint_ops {
	/* A data frame was made: the last one in the ring. */
	void (*put)(struct cis_endpoint *ep, const uint8_t *frame, size_t len);
	/* Sends what is queued and closes; `now`: closes. May come twice. */
	void (*close)(struct cis_endpoint *ep, bool now);
};

struct cis_endpoint {
	const struct cis_endpoint_ops *ops;
	struct cis_feed *feed;
	char name[320];
};

struct cis_feed {
	uv_loop_t *loop;
	struct cis_c37_config *cfg;
	struct cis_c37_data *data;
	char *header;
	bool test_mode;
	bool overwrite;
	bool closing;
	uint64_t stall_ms;
	uint64_t silent_ms;

	uint8_t *slots;
	size_t slot_len; /* = length of a data frame */
	uint64_t n_slot;
	uint64_t n_made;
	size_t frame_max; /* of all frames that are sent */
	uint8_t scratch[CIS_C37_MAX_FRAME];
	uint8_t rx[CIS_C37_MAX_FRAME + 1]; /* what is being read, by anyone */

	bool has_time; /* of the latest data frame: */
	int64_t soc;
	struct cis_split_time at;
	uint8_t time_quality;

	unsigned n_endpoint;
	struct cis_endpoint *endpoint[CIS_MAX_ENDPOINT];
	unsigned n_handle; /* that the loop has not closed yet */
	uv_timer_t linger;
	struct cis_feed_stats stats;
};

/* A handle was initialised; it was closed (from its close call-back). */
void cis_feed_hold(struct cis_feed *feed);
void cis_feed_release(struct cis_feed *feed);

/* Close call-backs of a handle whose data is its endpoint: of the feed, and of
 * one that could not be made and is freed. */
void cis_endpoint_closed(uv_handle_t *handle);
void cis_endpoint_discard(uv_handle_t *handle);

/* HDR, CFG-1 or CFG-2 with the time of the latest data; in feed->scratch until
 * the next call. Returns its length. */
int cis_feed_encode(struct cis_feed *feed, enum cis_c37_type type);

/* Data frame n, which must be one of the last n_slot. */
const uint8_t *cis_feed_frame(const struct cis_feed *feed, uint64_t n);

/* True once at the start and whenever data time enters another minute. */
bool cis_feed_config_due(const struct cis_feed *feed, int64_t *last_minute);

/* Who sends commands, and what was already said about him. */
struct cis_talker {
	char name[CIS_ADDR_SIZE];
	bool told_crc, told_idcode, told_unknown;
};

/* The command in a frame that arrived: 1 to 5, or 0: not for us, or not
 * understood. *good tells whether its CRC was right. */
int cis_feed_command(struct cis_feed *feed, struct cis_talker *from,
		     const uint8_t *frame, size_t len, bool *good);

/* The frame that answers a command: true if there is one. */
bool cis_feed_answer(int command, enum cis_c37_type *type);

/* Constructors: *out is an endpoint of `feed`, named. */
int cis_tcp_server_new(struct cis_feed *feed, const struct cis_addr *addr,
		       struct cis_endpoint **out, struct cis_diag *diag);
int cis_udp_server_new(struct cis_feed *feed, const struct cis_addr *addr,
		       struct cis_endpoint **out, struct cis_diag *diag);
int cis_udp_stream_new(struct cis_feed *feed, const struct cis_addr *addr,
		       struct cis_endpoint **out, struct cis_diag *diag);
int cis_pcap_stream_new(struct cis_feed *feed, const struct cis_addr *addr,
			struct cis_endpoint **out, struct cis_diag *diag);

/* The sentence for a system error on an address; returns the code. */
int cis_net_fail(struct cis_diag *diag, int err, const char *scheme,
		 const struct sockaddr *sa);

#endif

/* flow.h - conversations of a capture, and the frames in them. */
#ifndef HOST_NET_FLOW_H
#define HOST_NET_FLOW_H

#include "capture.h"

/* IPv4 addresses as ::ffff:a.b.c.d. */
struct flow_address {
	uint8_t ip[16];
	uint16_t port;
};

struct flow_packet {
	struct flow_address from, to;
	uint64_t number;
	struct cis_time time;
	const uint8_t *data; /* payload of TCP or UDP */
	size_t len;
	uint32_t seq, ack; /* TCP */
	bool syn, has_ack;
};

struct flow_table;

struct flow_table *flow_table_new(const struct cis_capture_taker *to);
void flow_table_free(struct flow_table *t);

/* -ENOMEM */
int flow_udp(struct flow_table *t, const struct flow_packet *p);
int flow_tcp(struct flow_table *t, const struct flow_packet *p);

/* The capture has ended: what waits for missing bytes waits no longer. */
void flow_finish(struct flow_table *t);

#endif

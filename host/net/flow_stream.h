/*
 * flow_stream.h - one direction of a TCP conversation: packets in, frames out.
 *
 * Bytes are put in order by sequence number, and frames picked up among them. A
 * stream that is not C37.118 is ignored as soon as that is plain.
 */
#ifndef HOST_NET_FLOW_STREAM_H
#define HOST_NET_FLOW_STREAM_H

#include "flow.h"
#include "pickup.h"

struct flow_segment;

/* Begins as zeros. */
struct flow_stream {
	bool has_seq;
	bool has_syn; /* known from its first byte */
	bool ignored; /* not C37.118 */
	uint32_t next_seq;
	size_t pending_len;
	uint64_t taken; /* bytes */
	uint64_t lost;  /* bytes in no frame of splitters that are gone */
	struct flow_segment *pending; /* behind a hole, in order */
	struct cis_pickup *pickup;    /* NULL until a byte has come */
};

/* Where its frames go, and what is counted. */
struct flow_taker {
	struct cis_pickup_taker to;
	struct cis_capture_stats *stats;
};

void flow_stream_free(struct flow_stream *s);

/* One more packet of this direction. -ENOMEM */
int flow_stream_take(struct flow_stream *s, const struct flow_packet *p,
		     const struct flow_taker *taker);

/* What the other side acknowledges has arrived, if not in the capture. -ENOMEM */
int flow_stream_acked(struct flow_stream *s, uint32_t ack,
		      const struct flow_taker *taker);

/* No more packets will come: holes are given up, and what is lost is counted. */
void flow_stream_finish(struct flow_stream *s, const struct flow_taker *taker);

#endif

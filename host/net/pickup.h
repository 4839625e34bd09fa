/*
 * pickup.h - frames of C37.118 in a stream of bytes that may be anything.
 *
 * A frame with a wrong CRC is believed only when another frame, or nothing,
 * follows it at once: its length may be what is wrong. One with a good CRC
 * proves the stream. What is no frame is cut into pieces where frames of the
 * stream's IDCODE begin, so that the linter can say what is wrong with each.
 */
#ifndef HOST_NET_PICKUP_H
#define HOST_NET_PICKUP_H

#include "cisoid/c37.h"

typedef void cis_pickup_frame(void *arg, const uint8_t *frame, size_t len,
			      bool crc_ok);
/* It begins with SYNC, where a frame should begin. */
typedef void cis_pickup_piece(void *arg, const uint8_t *data, size_t len);

struct cis_pickup_taker {
	cis_pickup_frame *frame;
	cis_pickup_piece *piece; /* or NULL */
	void *arg;
};

struct cis_pickup {
	bool proven;
	bool suspects; /* pieces are handed out of a stream not proven, too */
	bool cut;      /* the piece begins in the midst of something */
	uint16_t idcode;
	const struct cis_pickup_taker *to; /* during a call */
	size_t piece_len;
	struct cis_c37_splitter split;
	uint8_t buf[CIS_C37_MAX_FRAME];
	uint8_t piece[CIS_C37_MAX_FRAME];
	/* Of a stream not proven: its first piece, handed out when it is. */
	size_t first_len;
	uint8_t first[CIS_C37_MAX_FRAME];
};

/* It must stay where it is from then on. */
void cis_pickup_init(struct cis_pickup *p);

/* Takes all bytes; calls to->frame for each frame that they complete. */
void cis_pickup_put(struct cis_pickup *p, const uint8_t *data, size_t len,
		    const struct cis_pickup_taker *to);

/* Takes bytes until a frame is whole: like cis_c37_splitter_next(). Pieces go to
 * `to`. */
int cis_pickup_next(struct cis_pickup *p, const uint8_t **data, size_t *len,
		    const uint8_t **frame, const struct cis_pickup_taker *to);

/* Bytes are missing here, and nobody of the stream is to blame. */
void cis_pickup_gap(struct cis_pickup *p);

/* No more bytes will come. Returns how many belonged to no frame. */
size_t cis_pickup_finish(struct cis_pickup *p,
			 const struct cis_pickup_taker *to);

#endif

/*
 * pickup.h - frames of C37.118 in a stream of bytes that may be anything.
 *
 * A frame with a wrong CRC is believed only when another frame, or nothing,
 * follows it at once: its length may be what is wrong. One with a good CRC
 * proves the stream.
 */
#ifndef HOST_NET_PICKUP_H
#define HOST_NET_PICKUP_H

#include "cisoid/c37.h"

struct cis_pickup {
	bool proven;
	struct cis_c37_splitter split;
	uint8_t buf[CIS_C37_MAX_FRAME];
};

typedef void cis_pickup_frame(void *arg, const uint8_t *frame, size_t len,
			      bool crc_ok);

/* It must stay where it is from then on. */
void cis_pickup_init(struct cis_pickup *p);

/* Takes all bytes; calls `frame` for each frame that they complete. */
void cis_pickup_put(struct cis_pickup *p, const uint8_t *data, size_t len,
		    cis_pickup_frame *frame, void *arg);

/* No more bytes will come. Returns how many belonged to no frame. */
size_t cis_pickup_finish(struct cis_pickup *p, cis_pickup_frame *frame,
			 void *arg);

#endif

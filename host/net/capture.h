/*
 * capture.h - the C37.118 frames of a capture file (pcap or pcapng).
 *
 * Ethernet (VLAN too), Linux cooked, loopback and raw IP; IPv4 and IPv6,
 * fragments put together. TCP is put in order in each direction, and bytes that
 * were sent twice count once. Whatever the port: a stream is taken when it reads
 * as C37.118; all else is ignored and counted.
 */
#ifndef HOST_NET_CAPTURE_H
#define HOST_NET_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cisoid/diag.h"
#include "cisoid/time.h"

#define CIS_ENDPOINT_SIZE 64

struct cis_capture_frame {
	const uint8_t *frame;
	size_t len;
	bool crc_ok;
	bool tcp;
	uint64_t packet;      /* number of the one that completes the frame */
	struct cis_time time; /* of that packet */
	uint32_t pair; /* the conversation: the same in both directions */
	const char *from, *to; /* "10.0.0.1:4712" */
};

struct cis_capture_stats {
	uint64_t packets;
	uint64_t frames;
	uint64_t other;    /* packets that carry no C37.118 */
	uint64_t cut;      /* packets that the capture holds in part only */
	uint64_t repeated; /* TCP segments that bring nothing new */
	uint64_t gaps;     /* places where bytes of a TCP stream are missing */
	uint64_t lost_bytes; /* of C37.118 streams, in no frame */
};

/* Everything in *f is borrowed during the call. */
typedef void cis_capture_take(void *arg, const struct cis_capture_frame *f);

/* Who takes what. `nearly` may be NULL: it gets what comes in place of a frame,
 * begins like one and is none: a datagram or the end of one, or a piece of a TCP
 * stream. */
struct cis_capture_taker {
	cis_capture_take *take;
	cis_capture_take *nearly;
	void *arg;
	struct cis_capture_stats *stats; /* begun anew */
	struct cis_warn_list *warn;
};

/* True for the first bytes of a pcap or pcapng file. */
bool cis_capture_is(const uint8_t *buf, size_t len);

/*
 * Reads all of `file`, which it closes, and calls to->take in the order of the
 * packets that complete the frames. `name` is for messages. -EBADMSG: not a
 * capture, or of a link type that is not known; a capture that is cut off ends
 * where it ends, with a warning.
 */
int cis_capture_read(FILE *file, const char *name,
		     const struct cis_capture_taker *to, struct cis_diag *diag);

#endif

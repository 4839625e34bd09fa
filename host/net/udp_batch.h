/*
 * udp_batch.h - datagrams of many streams to one host, with few system calls.
 *
 * Frames are gathered and then sent by sendmmsg(); those that follow one another,
 * have one size and go to one port are segments of one message (UDP_SEGMENT, at
 * most 64 and 65507 bytes) where the system can do it.
 *
 * It never waits unless told to, and needs no loop. Where all goes to one port,
 * the system tells when nobody listens there, which is logged.
 */
#ifndef HOST_NET_UDP_BATCH_H
#define HOST_NET_UDP_BATCH_H

#include <stddef.h>

#include "addr.h"

struct cis_udp_batch;

/* Every data frame that was put is sent or dropped in the end. */
struct cis_udp_batch_stats {
	uint64_t sent;    /* data frames that the system took */
	uint64_t bytes;   /* of them */
	uint64_t dropped; /* that it had no room for, or refused */
	uint64_t refused; /* datagrams that nobody wanted (ICMP) */
	uint64_t calls;   /* of the system, to send */
};

/*
 * To `addr`, which is resolved, with its words for multicast, and to n_port ports
 * from its own on. -EINVAL and the system's codes, with a message.
 */
int cis_udp_batch_open(const struct cis_addr *addr, uint32_t n_port,
		       struct cis_udp_batch **out, struct cis_diag *diag);

/* Sends nothing; NULL is allowed. */
void cis_udp_batch_close(struct cis_udp_batch *b);

/* How long a full socket is waited for, each time, before a frame is dropped; at
 * first not at all. For those who send as fast as it goes. */
void cis_udp_batch_set_wait(struct cis_udp_batch *b, unsigned wait_ms);

/* A data frame, copied, for port number i of n_port, or the only one; sends when
 * it has gathered many. One of more than CIS_C37_MAX_UDP bytes is dropped. */
void cis_udp_batch_put(struct cis_udp_batch *b, uint32_t i,
		       const uint8_t *frame, size_t len);

/* The same for any other frame, which is not counted. */
void cis_udp_batch_put_other(struct cis_udp_batch *b, uint32_t i,
			     const uint8_t *frame, size_t len);

void cis_udp_batch_flush(struct cis_udp_batch *b);

/* True once when a receiver that was away has refused nothing for a while; of one
 * port. */
bool cis_udp_batch_came_back(struct cis_udp_batch *b);

/* "udp:127.0.0.1:4713"; of several ports with the last, "udp:[::1]:4713-4720". */
const char *cis_udp_batch_name(const struct cis_udp_batch *b);

void cis_udp_batch_stats(const struct cis_udp_batch *b,
			 struct cis_udp_batch_stats *stats);

#endif

/*
 * probe.h - a conversation with a PMU, one step at a time; every call waits.
 *
 * For the doctor of `listen`, which tells each step and its time. An address of
 * this machine that is free, or a multicast group, is listened on for what comes
 * unasked (udp); any other is asked.
 */
#ifndef HOST_NET_PROBE_H
#define HOST_NET_PROBE_H

#include "cisoid/c37.h"
#include "host/net/addr.h"
#include "host/net/pickup.h"

#define CIS_PROBE_SEEN 16

struct cis_probe {
	struct cis_addr addr;
	bool tcp, asks;
	int fd;      /* -1: none; commands go there */
	int data_fd; /* tcp with data=udp: data come there, else -1 */
	char endpoint[CIS_ADDR_SIZE + 8];
	bool closed;   /* by the other side */
	int error;     /* -Exxx of the connection, 0 */
	uint64_t n_rx; /* bytes so far */
	unsigned n_seen;
	uint8_t seen[CIS_PROBE_SEEN]; /* the first of them */
	struct cis_pickup pickup;
	struct cis_pickup_taker to; /* of pieces; frames by finish() only */
	const uint8_t *rest;        /* of what was read last */
	size_t rest_len;
	bool datagram; /* that is, no part of a stream of bytes */
	struct cis_time arrival;
	uint8_t rx[CIS_C37_MAX_FRAME + 1];
};

struct cis_probe_frame {
	const uint8_t *p; /* valid until the next call */
	size_t len;       /* of what should be a frame */
	bool crc_ok;
	struct cis_time arrival;
};

/* Monotonic, in seconds. */
double cis_probe_now_s(void);

/* Reads the words: -EINVAL with a message. `to` may be set afterwards. */
int cis_probe_init(struct cis_probe *p, const char *spec,
		   struct cis_diag *diag);
/* Asks the name service. -EADDRNOTAVAIL with a message. */
int cis_probe_lookup(struct cis_probe *p, struct cis_diag *diag);
/* Connects, or opens the sockets. With a message. */
int cis_probe_open(struct cis_probe *p, double timeout_s,
		   struct cis_diag *diag);
/* Nothing where nobody is asked. */
int cis_probe_send(struct cis_probe *p, uint16_t idcode,
		   enum cis_c37_command command);
/*
 * The next frame before `until_s`: its length, -ETIMEDOUT, or -EPIPE: closed by
 * the other side (error says how), UDP: nobody listens there. A datagram that
 * is no frame comes as it is.
 */
int cis_probe_next(struct cis_probe *p, double until_s,
		   struct cis_probe_frame *frame);
/* Waits no longer for the rest of a frame: what hides behind its head goes to
 * `to`. Returns the bytes so far that belong to no frame. */
size_t cis_probe_finish(struct cis_probe *p);
void cis_probe_close(struct cis_probe *p);

#endif

/*
 * addr.h - where to: "tcp:HOST:PORT", "udp:[::1]:PORT", "pcap:FILE".
 */
#ifndef HOST_NET_ADDR_H
#define HOST_NET_ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "cisoid/diag.h"

#define CIS_MAX_ADDR  8
#define CIS_ADDR_SIZE 80
#define CIS_HOST_SIZE 256

enum cis_addr_kind {
	CIS_ADDR_TCP,
	CIS_ADDR_UDP,
	CIS_ADDR_PCAP,
};

struct cis_addr {
	enum cis_addr_kind kind;
	char host[CIS_HOST_SIZE]; /* without brackets */
	uint16_t port;
	const char *path; /* pcap: points into the spec */
	unsigned n;       /* after resolve(): addresses, IPv4 first */
	struct sockaddr_storage ss[CIS_MAX_ADDR];
};

/* Reads the words and looks nothing up. -EINVAL with a message. */
int cis_addr_parse(const char *spec, struct cis_addr *addr,
		   struct cis_diag *diag);

/* Fills ss[] from host and port; waits for the name service. -EADDRNOTAVAIL
 * with a message. */
int cis_addr_resolve(struct cis_addr *addr, struct cis_diag *diag);

/* "127.0.0.1:4712", "[::1]:4712". Returns buf. */
const char *cis_addr_format(const struct sockaddr *sa, char buf[CIS_ADDR_SIZE]);

/* Same family, address and port. */
bool cis_addr_equal(const struct sockaddr *a, const struct sockaddr *b);

/* Same family and address. */
bool cis_addr_same_host(const struct sockaddr *a, const struct sockaddr *b);

bool cis_addr_is_multicast(const struct sockaddr *sa);

#endif

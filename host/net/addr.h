/*
 * addr.h - where to: "tcp:HOST:PORT", "udp:[::1]:PORT", "pcap:FILE".
 *
 * Words may follow a port, each after a comma: "ttl=4", "if=eth0" (udp, for
 * multicast), "data=udp:[HOST:]PORT" (tcp: commands there, data here), and of a
 * listener "clients=N", "allow=ADDR/BITS+ADDR"; of many PMUs "ports=each" or
 * "ports=shared".
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
#define CIS_MAX_ALLOW 16

enum cis_addr_kind {
	CIS_ADDR_TCP,
	CIS_ADDR_UDP,
	CIS_ADDR_PCAP,
};

/* Words of an endpoint that were given; a set of bits. */
enum cis_addr_word {
	CIS_WORD_TTL = 1,
	CIS_WORD_IF = 2,
	CIS_WORD_DATA = 4,
	CIS_WORD_CLIENTS = 8,
	CIS_WORD_ALLOW = 16,
	CIS_WORD_PORTS = 32,
};

struct cis_subnet {
	uint8_t ip[16]; /* IPv4 as ::ffff:a.b.c.d */
	unsigned bits;  /* of 128 */
};

struct cis_addr {
	enum cis_addr_kind kind;
	char host[CIS_HOST_SIZE]; /* without brackets */
	uint16_t port;
	const char *path; /* pcap: points into the spec */
	unsigned n;       /* after resolve(): addresses, IPv4 first */
	struct sockaddr_storage ss[CIS_MAX_ADDR];

	unsigned words;                /* cis_addr_word */
	unsigned ttl;                  /* 1 unless given */
	char interface[64];            /* a name or an address; or empty */
	unsigned clients;              /* 0 unless given */
	char data_host[CIS_HOST_SIZE]; /* may be empty */
	uint16_t data_port;
	struct sockaddr_storage data_ss; /* after resolve(), with a data_host */
	bool each_port; /* of many PMUs, from `port` on; else all share it */
	unsigned n_allow;
	struct cis_subnet allow[CIS_MAX_ALLOW];
};

/* Reads the words and looks nothing up. -EINVAL with a message. */
int cis_addr_parse(const char *spec, struct cis_addr *addr,
		   struct cis_diag *diag);

/* Fills ss[] from host and port; waits for the name service. -EADDRNOTAVAIL
 * with a message. */
int cis_addr_resolve(struct cis_addr *addr, struct cis_diag *diag);

/* "127.0.0.1:4712", "[::1]:4712". Returns buf. */
const char *cis_addr_format(const struct sockaddr *sa, char buf[CIS_ADDR_SIZE]);

uint16_t cis_addr_port_of(const struct sockaddr *sa);
void cis_addr_set_port(struct sockaddr *sa, uint16_t port);

/* Same family, address and port. */
bool cis_addr_equal(const struct sockaddr *a, const struct sockaddr *b);

/* Same family and address. */
bool cis_addr_same_host(const struct sockaddr *a, const struct sockaddr *b);

bool cis_addr_is_multicast(const struct sockaddr *sa);

/* -EINVAL with a message when a word was given that is not in `allowed`. */
int cis_addr_only(const struct cis_addr *addr, unsigned allowed,
		  struct cis_diag *diag);

/* Whether `allow` has the address; without any, all are allowed. */
bool cis_addr_allows(const struct cis_addr *addr, const struct sockaddr *sa);

/* The address as 16 bytes, IPv4 as ::ffff:a.b.c.d. */
void cis_addr_ip(const struct sockaddr *sa, uint8_t ip[16]);

/*
 * Takes the next endpoint off a list in the caller's text, which it changes:
 * "tcp:HOST:PORT, clients=4, udp:HOST:PORT" has two. NULL at the end.
 */
char *cis_addr_next(char **list);

/* ---- between addr.c and addr_words.c ---- */

int cis_addr_words(const char *opts, struct cis_addr *addr,
		   struct cis_diag *diag);
/* "udp:HOST:PORT", and a port alone; both end at a comma. `spec` is told. */
int cis_addr_host_port(const char *spec, char host[CIS_HOST_SIZE],
		       uint16_t *port, struct cis_diag *diag);
int cis_addr_port(const char *spec, const char *text, uint16_t *port,
		  struct cis_diag *diag);

#endif

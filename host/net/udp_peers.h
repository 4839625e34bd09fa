/*
 * udp_peers.h - who has data on at a UDP port, or at the ports of many feeds.
 *
 * A peer is an address; it has a place for each feed whose data it wants. Places
 * are bounded, and so is what is remembered of who asked for a configuration.
 */
#ifndef HOST_NET_UDP_PEERS_H
#define HOST_NET_UDP_PEERS_H

#include "endpoint.h"

struct cis_udp_port;

struct cis_udp_peer {
	struct cis_udp_peer *next; /* of those with the same hash */
	struct sockaddr_storage addr;
	char name[CIS_ADDR_SIZE];
	bool failing;
	bool refused;           /* since it last said something */
	uint64_t frames, bytes; /* of data that were sent */
	uint64_t dropped, bad;
	uint64_t id;       /* the owner's */
	uint64_t turn;     /* of what it said last, among all that was said */
	uint64_t heard_ms; /* when that was */
	struct cis_udp_place *places;
};

struct cis_udp_place {
	struct cis_guest guest;
	struct cis_udp_peer *peer;
	struct cis_udp_place *next, **link; /* of the same peer */
	struct cis_udp_port *port;          /* the owner's */
	enum cis_c37_type cfg; /* the kind it asked for last, or DATA */
};

/* Whoever asked for a configuration, mostly before data on. */
struct cis_udp_asker {
	struct sockaddr_storage addr;
	uint16_t idcode;
	enum cis_c37_type cfg;
};

struct cis_udp_peers {
	unsigned n, max; /* places */
	unsigned n_hash; /* a power of two */
	struct cis_udp_peer **bucket;
	struct cis_udp_asker *asker; /* n_hash; they overwrite one another */
	uint64_t n_turn;
};

/* -ENOMEM; free() is due in any case, all places gone. */
int cis_udp_peers_init(struct cis_udp_peers *t, unsigned max);
void cis_udp_peers_free(struct cis_udp_peers *t);

/* NULL: it has no place. */
struct cis_udp_peer *cis_udp_peers_find(const struct cis_udp_peers *t,
					const struct sockaddr *sa);

void cis_udp_peers_heard(struct cis_udp_peers *t, struct cis_udp_peer *peer,
			 uint64_t now_ms);

/* A place for the address; the guest is the caller's to enter. NULL: all are
 * taken, or out of memory. */
struct cis_udp_place *cis_udp_place_new(struct cis_udp_peers *t,
					const struct sockaddr *sa,
					uint64_t now_ms);

/* The guest has gone; the peer too when it was its last place. */
void cis_udp_place_free(struct cis_udp_peers *t, struct cis_udp_place *place);

/*
 * All places are taken: whose will be given to the newcomer? First those go
 * whose system refuses the data (ICMP), then the other peer of the newcomer's
 * host that was silent longest, then whoever was silent for silent_ms. NULL:
 * nobody's.
 */
struct cis_udp_peer *cis_udp_peers_yield(const struct cis_udp_peers *t,
					 const struct sockaddr *newcomer,
					 uint64_t silent_ms, uint64_t now_ms);

/* The configuration that was asked for last from there, CIS_C37_DATA: none, or
 * long ago. */
void cis_udp_asked(struct cis_udp_peers *t, const struct sockaddr *sa,
		   uint16_t idcode, enum cis_c37_type cfg);
enum cis_c37_type cis_udp_asked_for(const struct cis_udp_peers *t,
				    const struct sockaddr *sa, uint16_t idcode);

#endif

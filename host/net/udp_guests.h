/*
 * udp_guests.h - who has data on at the ports of a UDP server, and their frames.
 *
 * Each address has its data on or off by itself, of one feed or many. A peer that
 * sends nothing more stays on until it says off, or until all places are taken
 * and a newcomer needs its own.
 */
#ifndef HOST_NET_UDP_GUESTS_H
#define HOST_NET_UDP_GUESTS_H

#include "udp_peers.h"

struct cis_udp_guests {
	struct cis_endpoint *ep; /* the server */
	bool told_full;
	struct cis_udp_peers peers;
};

struct cis_udp_port {
	uv_udp_t udp;                  /* its data is the endpoint */
	struct cis_feed *feed;         /* NULL: that which the command names */
	struct cis_udp_guests *guests; /* the server's */
};

/* -ENOMEM; free() is due in any case, after clear(). */
int cis_udp_guests_init(struct cis_udp_guests *t, struct cis_endpoint *ep,
			unsigned max);
void cis_udp_guests_clear(struct cis_udp_guests *t);
void cis_udp_guests_free(struct cis_udp_guests *t);

/* Where all places are taken and nobody gives way, it is told and counted. */
void cis_udp_guests_on(struct cis_udp_port *port, const struct sockaddr *from,
		       struct cis_feed *feed);
void cis_udp_guests_off(struct cis_udp_guests *t, const struct sockaddr *from,
			struct cis_feed *feed);

/* It asked for a configuration of this kind; it has data on or not. */
void cis_udp_guests_asked(struct cis_udp_guests *t, const struct sockaddr *from,
			  const struct cis_feed *feed, enum cis_c37_type cfg);

/* A datagram; UV_EAGAIN where there is no room for it now. */
int cis_udp_port_send(struct cis_udp_port *port, const struct sockaddr *to,
		      const uint8_t *frame, size_t len);

/* A system that takes no datagrams (ICMP); and all that the port knows of. */
void cis_udp_guests_refused(struct cis_udp_guests *t,
			    const struct sockaddr *who);
void cis_udp_port_take_refusals(struct cis_udp_port *port);

/* As those of an endpoint. */
void cis_udp_guests_tell(const struct cis_udp_guests *t,
			 const struct cis_client_visit *visit);
int cis_udp_guests_kick(struct cis_udp_guests *t, uint64_t id);

#endif

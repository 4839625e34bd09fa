/*
 * udp_dialog.h - what the peers of a UDP server say.
 *
 * Each datagram is heard by itself and answered to the address that it came
 * from; a host may say so much in a while and no more.
 */
#ifndef HOST_NET_UDP_DIALOG_H
#define HOST_NET_UDP_DIALOG_H

#include "dialog.h"
#include "hosts.h"
#include "udp_guests.h"

struct cis_udp_dialog {
	struct cis_udp_guests *guests;
	struct cis_talker talker; /* whoever sent the last datagram */
	struct cis_feed *named;   /* by its command */
	bool told_flood;
	struct cis_hosts hosts;
};

/* Nothing to undo. It must stay where it is from then on. */
void cis_udp_dialog_init(struct cis_udp_dialog *d,
			 struct cis_udp_guests *guests);

/* Obeys what a datagram says. */
void cis_udp_dialog_take(struct cis_udp_dialog *d, struct cis_udp_port *port,
			 const struct sockaddr *from, const uint8_t *data,
			 size_t len);

#endif

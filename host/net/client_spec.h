/*
 * client_spec.h - where a client goes: its endpoint, read and looked up.
 */
#ifndef HOST_NET_CLIENT_SPEC_H
#define HOST_NET_CLIENT_SPEC_H

#include "cisoid/diag.h"
#include "host/net/addr.h"

struct cis_client_spec {
	struct cis_addr addr;
	bool mixed; /* commands by TCP, data by UDP */
	/* Where frames come in: of UDP, and of mixed. */
	struct sockaddr_storage local;
};

/*
 * "tcp:HOST:PORT[,data=udp:[HOST:]PORT]" or "udp:HOST:PORT", each with
 * [,if=NAME|ADDRESS] where a group is to be joined; all addresses looked up.
 * -EINVAL, -EADDRNOTAVAIL with a message.
 */
int cis_client_spec_read(const char *text, struct cis_client_spec *spec,
			 struct cis_diag *diag);

#endif

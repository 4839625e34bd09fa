/*
 * door.h - who may come in: the allow-list of a port that answers commands.
 *
 * Whoever is turned away is told once, as far as the memory for it goes.
 */
#ifndef HOST_NET_DOOR_H
#define HOST_NET_DOOR_H

#include "endpoint.h"

#define CIS_DOOR_TOLD 32 /* addresses that are remembered */

struct cis_door {
	unsigned n_told;
	uint8_t told[CIS_DOOR_TOLD][16];
};

/* Whether the endpoint's allow-list has the address; counts those it has not. */
bool cis_door_opens(struct cis_door *door, struct cis_endpoint *ep,
		    const struct sockaddr *from);

#endif

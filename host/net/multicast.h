/*
 * multicast.h - which way datagrams to a group go, and joining one.
 */
#ifndef HOST_NET_MULTICAST_H
#define HOST_NET_MULTICAST_H

#include "addr.h"

/* The number of addr->interface, a name or an address of this machine; 0 when
 * none is given. -EADDRNOTAVAIL with a message. */
int cis_multicast_interface(const struct cis_addr *addr, unsigned *index,
			    struct cis_diag *diag);

/* For a socket that sends to *group: TTL and interface of `addr`, and receivers
 * on this machine hear it too. An IPv6 group gets its scope from the interface
 * unless it has one. */
int cis_multicast_send(int fd, const struct cis_addr *addr,
		       struct sockaddr_storage *group, struct cis_diag *diag);

/* For a socket that is bound to the group's port. */
int cis_multicast_join(int fd, const struct cis_addr *addr,
		       const struct sockaddr *group, struct cis_diag *diag);

#endif

/*
 * hosts.h - how many commands a host may send to a UDP port.
 *
 * Anyone can write anyone's address into a datagram, and the answer to 18 bytes
 * may have thousands: a stranger gets so many and no more, and all strangers
 * together so many. Who is not remembered is a stranger again.
 */
#ifndef HOST_NET_HOSTS_H
#define HOST_NET_HOSTS_H

#include <sys/socket.h>

#include "quota.h"

#define CIS_MAX_HOST 256

struct cis_host {
	uint8_t ip[16];
	struct cis_quota quota;
};

struct cis_hosts {
	struct cis_quota all;
	uint32_t more; /* PMUs besides the first */
	unsigned n;
	struct cis_host host[CIS_MAX_HOST];
};

/* Many PMUs take more commands: for each besides the first so many more. */
void cis_hosts_init(struct cis_hosts *h, uint32_t n_pmu, uint64_t now_ms);

/* One more command from there: false when it is one too many. Those of a `known`
 * one do not count for all together. */
bool cis_hosts_take(struct cis_hosts *h, const struct sockaddr *from,
		    bool known, uint64_t now_ms);

#endif

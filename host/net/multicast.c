/* multicast.c - see multicast.h, ip(7) and ipv6(7). */
#define _DEFAULT_SOURCE /* struct ip_mreqn, getifaddrs() */
#include "multicast.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* The interface that has this address. */
static unsigned index_of(const struct sockaddr *sa)
{
	struct ifaddrs *list;
	unsigned index = 0;

	if (getifaddrs(&list))
		return 0;
	for (const struct ifaddrs *i = list; i && !index; i = i->ifa_next) {
		uint8_t have[16], want[16];

		if (!i->ifa_addr || i->ifa_addr->sa_family != sa->sa_family)
			continue;
		cis_addr_ip(i->ifa_addr, have);
		cis_addr_ip(sa, want);
		if (!memcmp(have, want, sizeof(have)))
			index = if_nametoindex(i->ifa_name);
	}
	freeifaddrs(list);
	return index;
}

int cis_multicast_interface(const struct cis_addr *addr, unsigned *index,
			    struct cis_diag *diag)
{
	struct cis_addr own = {.kind = CIS_ADDR_UDP};

	*index = 0;
	if (!addr->interface[0])
		return 0;
	*index = if_nametoindex(addr->interface);
	snprintf(own.host, sizeof(own.host), "%s", addr->interface);
	/* Letters beyond those of IPv6 are a name, and nobody need be asked. */
	if (!*index &&
	    strspn(own.host, "0123456789abcdefABCDEF.:") ==
		    strcspn(own.host, "%") &&
	    !cis_addr_resolve(&own, NULL))
		*index = index_of((struct sockaddr *)&own.ss[0]);
	if (*index)
		return 0;
	return cis_fail(diag, -EADDRNOTAVAIL,
			"if=%s: no interface of this machine has this name or "
			"address; ip addr shows them",
			addr->interface);
}

static int failed(const struct cis_addr *addr, int err, struct cis_diag *diag)
{
	return cis_fail(diag, -err, "udp:%.120s:%u: multicast: %s", addr->host,
			(unsigned)addr->port, strerror(err));
}

static int set_scope(struct sockaddr_storage *group, unsigned index)
{
	struct sockaddr_in6 in6;

	memcpy(&in6, group, sizeof(in6));
	if (!in6.sin6_scope_id)
		in6.sin6_scope_id = index;
	memcpy(group, &in6, sizeof(in6));
	return (int)in6.sin6_scope_id;
}

int cis_multicast_send(int fd, const struct cis_addr *addr,
		       struct sockaddr_storage *group, struct cis_diag *diag)
{
	struct ip_mreqn how = {.imr_ifindex = 0};
	int ttl = (int)addr->ttl, loop = 1, scope, bad = 0;
	unsigned index;
	int err = cis_multicast_interface(addr, &index, diag);

	if (err)
		return err;
	how.imr_ifindex = (int)index;
	if (group->ss_family == AF_INET6) {
		scope = set_scope(group, index);
		bad |= setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &ttl,
				  sizeof(ttl));
		bad |= setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &loop,
				  sizeof(loop));
		if (scope)
			bad |= setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF,
					  &scope, sizeof(scope));
	} else {
		bad |= setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl,
				  sizeof(ttl));
		bad |= setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &loop,
				  sizeof(loop));
		if (index)
			bad |= setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &how,
					  sizeof(how));
	}
	return bad ? failed(addr, errno, diag) : 0;
}

int cis_multicast_join(int fd, const struct cis_addr *addr,
		       const struct sockaddr *group, struct cis_diag *diag)
{
	struct group_req req = {.gr_interface = 0};
	bool v6 = group->sa_family == AF_INET6;
	struct sockaddr_in6 in6;
	unsigned index;
	int err = cis_multicast_interface(addr, &index, diag);

	if (err)
		return err;
	memcpy(&req.gr_group, group,
	       v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
	if (v6 && !index) {
		memcpy(&in6, group, sizeof(in6));
		index = in6.sin6_scope_id;
	}
	req.gr_interface = index;
	if (setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, MCAST_JOIN_GROUP,
		       &req, sizeof(req)))
		return failed(addr, errno, diag);
	return 0;
}

/* udp_batch_open.c - the socket of a batch and its options; see udp_batch.h. */
#define _GNU_SOURCE /* struct mmsghdr */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "endpoint.h"
#include "multicast.h"
#include "udp_batch_in.h"

#define SNDBUF (4 << 20)

static int failed(const struct cis_udp_batch *b, struct cis_diag *diag)
{
	return cis_net_fail(diag, -errno, "udp", (struct sockaddr *)&b->to);
}

static int set_multicast(struct cis_udp_batch *b, const struct cis_addr *addr,
			 struct cis_diag *diag)
{
	if (cis_addr_is_multicast((struct sockaddr *)&b->to))
		return cis_multicast_send(b->fd, addr, &b->to, diag);
	if (addr->words & (CIS_WORD_TTL | CIS_WORD_IF))
		return cis_fail(diag, -EINVAL,
				"udp:%.120s:%u: ttl and if are for multicast, "
				"224.0.0.0 to 239.255.255.255 or ff00::/8",
				addr->host, (unsigned)addr->port);
	return 0;
}

/* What the system lacks is done without, so nothing of this fails. */
static void set_options(struct cis_udp_batch *b)
{
	bool v6 = b->to.ss_family == AF_INET6;
	int one = 1, sndbuf = SNDBUF, size = 0;
	socklen_t len = sizeof(size);

	setsockopt(b->fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one));
	setsockopt(b->fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
	/* Without it a full queue of the device would not be told, either. */
	setsockopt(b->fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		   v6 ? IPV6_RECVERR : IP_RECVERR, &one, sizeof(one));
	/* Kernels before 4.18 would send all segments as one datagram. */
	if (!getsockopt(b->fd, IPPROTO_UDP, UDP_SEGMENT, &size, &len))
		b->segment_max = CIS_C37_MAX_UDP;
}

static int open_socket(struct cis_udp_batch *b, const struct cis_addr *addr,
		       struct cis_diag *diag)
{
	int err;

	b->fd = socket(b->to.ss_family,
		       SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (b->fd < 0)
		return failed(b, diag);
	err = set_multicast(b, addr, diag);
	if (err)
		return err;
	set_options(b);
	b->connected = b->n_port == 1;
	if (b->connected &&
	    connect(b->fd, (struct sockaddr *)&b->to, b->to_len))
		return failed(b, diag);
	return 0;
}

static void set_name(struct cis_udp_batch *b)
{
	char buf[CIS_ADDR_SIZE];
	unsigned last = b->first_port + b->n_port - 1u;

	cis_addr_format((struct sockaddr *)&b->to, buf);
	if (b->n_port == 1)
		snprintf(b->name, sizeof(b->name), "udp:%.70s", buf);
	else
		snprintf(b->name, sizeof(b->name), "udp:%.70s-%u", buf, last);
}

static int check_ports(const struct cis_addr *addr, uint32_t n_port,
		       struct cis_diag *diag)
{
	if (addr->port == 0)
		return cis_fail(diag, -EINVAL,
				"udp:%.120s:0: nothing can be sent to port 0",
				addr->host);
	if (n_port == 0 || n_port > 65536u - addr->port)
		return cis_fail(diag, -EINVAL,
				"udp:%.120s:%u: %u ports from here on would go "
				"beyond 65535",
				addr->host, (unsigned)addr->port,
				(unsigned)n_port);
	return 0;
}

int cis_udp_batch_open(const struct cis_addr *addr, uint32_t n_port,
		       struct cis_udp_batch **out, struct cis_diag *diag)
{
	int err = check_ports(addr, n_port, diag);
	struct cis_udp_batch *b;

	if (err)
		return err;
	b = calloc(1, sizeof(*b));
	if (!b)
		return cis_fail(diag, -ENOMEM, "out of memory");
	b->first_port = addr->port;
	b->n_port = (uint16_t)n_port;
	b->to = addr->ss[0];
	b->to_len = b->to.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						: sizeof(struct sockaddr_in);
	set_name(b);
	err = open_socket(b, addr, diag);
	if (err)
		cis_udp_batch_close(b);
	else
		*out = b;
	return err;
}

void cis_udp_batch_close(struct cis_udp_batch *b)
{
	if (!b)
		return;
	if (b->fd >= 0)
		close(b->fd);
	free(b);
}

void cis_udp_batch_set_wait(struct cis_udp_batch *b, unsigned wait_ms)
{
	b->wait_ms = wait_ms;
}

/* probe.c - see probe.h. Plain sockets and poll(): nothing else waits. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cisoid/utc.h"
#include "multicast.h"

#define UDP_RCVBUF (1 << 20) /* the system may give less */

double cis_probe_now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct cis_time now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return cis_time_from_posix(ts.tv_sec, ts.tv_nsec);
}

int cis_probe_init(struct cis_probe *p, const char *spec, struct cis_diag *diag)
{
	int err;

	memset(p, 0, sizeof(*p));
	p->fd = p->data_fd = -1;
	cis_pickup_init(&p->pickup);
	p->pickup.suspects = true;
	err = cis_addr_parse(spec, &p->addr, diag);
	if (err)
		return err;
	p->tcp = p->addr.kind == CIS_ADDR_TCP;
	if (p->addr.kind == CIS_ADDR_PCAP)
		return cis_fail(diag, -EINVAL,
				"%.120s: a file is read with cisoid decode",
				spec);
	if (p->addr.port == 0)
		return cis_fail(diag, -EINVAL,
				"%.120s: nobody can be reached at port 0",
				spec);
	return cis_addr_only(&p->addr, p->tcp ? CIS_WORD_DATA : CIS_WORD_IF,
			     diag);
}

int cis_probe_lookup(struct cis_probe *p, struct cis_diag *diag)
{
	return cis_addr_resolve(&p->addr, diag);
}

/* ---- open ---- */

static socklen_t sa_len(const struct sockaddr *sa)
{
	return sa->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					 : sizeof(struct sockaddr_in);
}

static int socket_new(const struct sockaddr *sa, int type)
{
	int fd = socket(sa->sa_family, type, 0);

	if (fd < 0)
		return -errno;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static int wait_for(int fd, short events, double until_s)
{
	struct pollfd pfd = {.fd = fd, .events = events};
	double left_s = until_s - cis_probe_now_s();
	int n = poll(&pfd, 1, left_s > 0 ? (int)(left_s * 1e3) + 1 : 0);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

/* A descriptor, or what was wrong. */
static int connect_to(const struct sockaddr *sa, double until_s)
{
	int fd = socket_new(sa, SOCK_STREAM), one = 1, err = 0;
	socklen_t len = sizeof(err);

	if (fd < 0)
		return fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, sa, sa_len(sa)) && errno == EINPROGRESS)
		err = -wait_for(fd, POLLOUT, until_s);
	else
		err = 0;
	if (!err)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (!err)
		return fd;
	close(fd);
	return -err;
}

static void name_endpoint(struct cis_probe *p, const struct sockaddr *sa)
{
	char text[CIS_ADDR_SIZE];

	snprintf(p->endpoint, sizeof(p->endpoint), "%s:%s",
		 p->tcp ? "tcp" : "udp", cis_addr_format(sa, text));
}

static int udp_bound(const struct sockaddr *sa, int *out)
{
	int fd = socket_new(sa, SOCK_DGRAM), rcvbuf = UDP_RCVBUF;
	int one = cis_addr_is_multicast(sa), err;

	if (fd < 0)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, sa, sa_len(sa))) {
		err = -errno;
		close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

/* Data of a mixed conversation: on the port that was given, any address. */
static int open_data(struct cis_probe *p, const struct sockaddr *peer,
		     struct cis_diag *diag)
{
	struct sockaddr_storage ss;
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	int err;

	memset(&ss, 0, sizeof(ss));
	if (p->addr.data_host[0])
		ss = p->addr.data_ss;
	else if (peer->sa_family == AF_INET6)
		memcpy(&ss, &in6, sizeof(in6));
	else
		memcpy(&ss, &in, sizeof(in));
	cis_addr_set_port((struct sockaddr *)&ss, p->addr.data_port);
	err = udp_bound((struct sockaddr *)&ss, &p->data_fd);
	if (err)
		return cis_fail(diag, err, "udp port %u: %s", p->addr.data_port,
				strerror(-err));
	return 0;
}

static int open_tcp(struct cis_probe *p, double until_s, struct cis_diag *diag)
{
	int err = -EADDRNOTAVAIL;

	for (unsigned i = 0; i < p->addr.n; i++) {
		const struct sockaddr *sa = (struct sockaddr *)&p->addr.ss[i];

		name_endpoint(p, sa);
		p->fd = connect_to(sa, until_s);
		if (p->fd >= 0 && p->addr.words & CIS_WORD_DATA)
			return open_data(p, sa, diag);
		if (p->fd >= 0)
			return 0;
		err = p->fd;
		p->fd = -1;
	}
	return cis_fail(diag, err, "%s: %s", p->endpoint,
			err == -ETIMEDOUT ? "no answer" : strerror(-err));
}

static int open_udp(struct cis_probe *p, struct cis_diag *diag)
{
	const struct sockaddr *sa = (struct sockaddr *)&p->addr.ss[0];
	int err = udp_bound(sa, &p->fd);

	name_endpoint(p, sa);
	p->asks = err == -EADDRINUSE || err == -EADDRNOTAVAIL;
	if (!err && cis_addr_is_multicast(sa))
		return cis_multicast_join(p->fd, &p->addr, sa, diag);
	if (p->asks) {
		p->fd = socket_new(sa, SOCK_DGRAM);
		err = p->fd < 0                        ? p->fd
		      : connect(p->fd, sa, sa_len(sa)) ? -errno
						       : 0;
	}
	if (err)
		return cis_fail(diag, err, "%s: %s", p->endpoint,
				strerror(-err));
	return 0;
}

int cis_probe_open(struct cis_probe *p, double timeout_s, struct cis_diag *diag)
{
	if (!p->tcp)
		return open_udp(p, diag);
	p->asks = true;
	return open_tcp(p, cis_probe_now_s() + timeout_s, diag);
}

void cis_probe_close(struct cis_probe *p)
{
	if (p->fd >= 0)
		close(p->fd);
	if (p->data_fd >= 0)
		close(p->data_fd);
	p->fd = p->data_fd = -1;
}

/* ---- what goes and comes ---- */

int cis_probe_send(struct cis_probe *p, uint16_t idcode,
		   enum cis_c37_command command)
{
	uint8_t buf[32];
	int len;

	if (!p->asks || p->fd < 0)
		return 0;
	len = cis_c37_command_encode(1, idcode, cis_time_split(now()),
				     (uint16_t)command, buf, sizeof(buf));
	if (len > 0 && send(p->fd, buf, (size_t)len, MSG_NOSIGNAL) < 0 &&
	    p->tcp && errno != EAGAIN) {
		p->closed = true;
		p->error = -errno;
		return -errno;
	}
	return 0;
}

static void look(struct cis_probe *p, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len && p->n_seen < CIS_PROBE_SEEN; i++)
		p->seen[p->n_seen++] = data[i];
	p->n_rx += len;
	p->rest = data;
	p->rest_len = len;
	p->arrival = now();
}

/* Reads what there is, from either socket. 0: something, or nothing yet. */
static int fill(struct cis_probe *p, double until_s)
{
	struct pollfd pfd[2] = {{.fd = p->fd, .events = POLLIN},
				{.fd = p->data_fd, .events = POLLIN}};
	double left_s = until_s - cis_probe_now_s();
	ssize_t n;
	int from;

	if (left_s <= 0)
		return -ETIMEDOUT;
	if (poll(pfd, 2, (int)(left_s * 1e3) + 1) <= 0)
		return 0;
	from = pfd[0].revents ? p->fd : p->data_fd;
	n = recv(from, p->rx, sizeof(p->rx), 0);
	if (n > 0) {
		look(p, p->rx, (size_t)n);
	} else if (from == p->fd && (p->tcp || n < 0) && errno != EAGAIN &&
		   errno != EINTR) {
		p->closed = true;
		p->error = n < 0 ? -errno : 0;
		return -EPIPE;
	}
	p->datagram = !p->tcp || from == p->data_fd;
	return 0;
}

/* A datagram is cut where its frames say; what is left comes as it is. */
static int next_datagram(struct cis_probe *p, const uint8_t **frame)
{
	struct cis_c37_head head;
	int n = cis_c37_peek(p->rest, p->rest_len, &head);

	if (n <= 0)
		n = (int)p->rest_len;
	*frame = p->rest;
	p->rest += n;
	p->rest_len -= (size_t)n;
	return n;
}

static int next_frame(struct cis_probe *p, const uint8_t **frame)
{
	if (p->datagram && p->rest_len)
		return next_datagram(p, frame);
	return cis_pickup_next(&p->pickup, &p->rest, &p->rest_len, frame,
			       &p->to);
}

size_t cis_probe_finish(struct cis_probe *p)
{
	return cis_pickup_finish(&p->pickup, &p->to);
}

int cis_probe_next(struct cis_probe *p, double until_s,
		   struct cis_probe_frame *out)
{
	for (;;) {
		int n = next_frame(p, &out->p), err;

		if (n > 0) {
			out->len = (size_t)n;
			out->crc_ok = cis_c37_crc_ok(out->p, out->len);
			out->arrival = p->arrival;
			return n;
		}
		if (p->closed || p->fd < 0)
			return -EPIPE;
		errno = 0;
		err = fill(p, until_s);
		if (err)
			return err;
	}
}

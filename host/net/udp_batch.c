/*
 * udp_batch.c - see udp_batch.h, udp(7) and sendmmsg(2).
 *
 * What was gathered is cut into messages: runs of frames of one size and port.
 * Those that a call did not send are first in the next one.
 */
#define _GNU_SOURCE /* sendmmsg() */
#include "udp_batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "cisoid/c37.h"
#include "cisoid/log.h"
#include "endpoint.h"
#include "multicast.h"
#include "udp_refused.h"

#define POOL_LEN    (1u << 17)
#define MAX_FRAME   2048
#define MAX_MESSAGE 128
#define MAX_SEGMENT 64 /* UDP_MAX_SEGMENTS of the oldest kernel that has them */
#define SNDBUF      (4 << 20)
#define MAX_REFUSAL 8 /* calls in a row */

/* Nothing refused for so long: hosts tell at least once a second. */
#define BACK_AFTER_NS UINT64_C(1500000000)

struct frame {
	uint16_t port;
	uint16_t len;
	bool is_data;
};

/* One message of sendmmsg(), with all that its header points to. */
struct message {
	unsigned n_frame;
	unsigned n_data; /* of them */
	struct iovec data;
	struct sockaddr_storage to;
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(uint16_t))];
};

struct cis_udp_batch {
	int fd;
	bool connected;
	unsigned wait_ms;
	size_t segment_max; /* longer frames are no segments; 0: none are */
	uint16_t first_port, n_port;
	struct sockaddr_storage to;
	socklen_t to_len;
	char name[CIS_ADDR_SIZE + 8];

	unsigned n_frame, n_done; /* of frame[]; n_done were sent or dropped */
	size_t len, done_len;     /* of the pool */
	unsigned first, n_cut;    /* messages that are cut, and not sent yet */
	struct frame frame[MAX_FRAME];
	struct message message[MAX_MESSAGE];
	struct mmsghdr head[MAX_MESSAGE];
	uint8_t pool[POOL_LEN];

	unsigned n_failed; /* calls in a row, with the present message first */
	bool refused, back;
	uint64_t refused_ns; /* when it was last */
	bool failing;        /* any other error */
	struct cis_udp_batch_stats stats;
};

/* ---- opening ---- */

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

/* ---- messages ---- */

static bool may_follow(const struct cis_udp_batch *b, const struct frame *first,
		       const struct frame *f, unsigned n)
{
	return f->len == first->len && f->port == first->port &&
	       f->is_data == first->is_data && f->len <= b->segment_max &&
	       f->len > 0 && n < MAX_SEGMENT &&
	       (n + 1u) * f->len <= CIS_C37_MAX_UDP;
}

/* How many frames from frame i on are one message. */
static unsigned run_of(const struct cis_udp_batch *b, unsigned i)
{
	const struct frame *first = &b->frame[i];
	unsigned n = 1;

	while (i + n < b->n_frame && may_follow(b, first, first + n, n))
		n++;
	return n;
}

static void set_segments(struct message *m, struct msghdr *h, uint16_t len)
{
	struct cmsghdr *c;

	h->msg_control = m->control;
	h->msg_controllen = sizeof(m->control);
	c = CMSG_FIRSTHDR(h);
	c->cmsg_level = IPPROTO_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(len));
	memcpy(CMSG_DATA(c), &len, sizeof(len));
}

static void set_message(struct cis_udp_batch *b, unsigned k, unsigned i,
			size_t at)
{
	const struct frame *f = &b->frame[i];
	struct message *m = &b->message[k];
	struct msghdr *h = &b->head[k].msg_hdr;

	m->n_frame = run_of(b, i);
	m->n_data = f->is_data ? m->n_frame : 0;
	m->data.iov_base = b->pool + at;
	m->data.iov_len = (size_t)m->n_frame * f->len;
	*h = (struct msghdr){.msg_iov = &m->data, .msg_iovlen = 1};
	if (m->n_frame > 1)
		set_segments(m, h, f->len);
	if (b->connected)
		return;
	m->to = b->to;
	cis_addr_set_port((struct sockaddr *)&m->to,
			  (uint16_t)(b->first_port + f->port));
	h->msg_name = &m->to;
	h->msg_namelen = b->to_len;
}

/* Messages of what is left. */
static void cut(struct cis_udp_batch *b)
{
	unsigned i = b->n_done, k = 0;
	size_t at = b->done_len;

	while (i < b->n_frame && k < MAX_MESSAGE) {
		set_message(b, k, i, at);
		i += b->message[k].n_frame;
		at += b->message[k].data.iov_len;
		k++;
	}
	b->first = 0;
	b->n_cut = k;
}

/* ---- sending ---- */

/* The first message that is left. */
static void is_done(struct cis_udp_batch *b, uint64_t *count)
{
	const struct message *m = &b->message[b->first++];

	*count += m->n_data;
	b->n_done += m->n_frame;
	b->done_len += m->data.iov_len;
	b->n_failed = 0;
}

static void were_sent(struct cis_udp_batch *b, unsigned n)
{
	b->failing = false;
	if (b->refused && uv_hrtime() - b->refused_ns >= BACK_AFTER_NS) {
		b->refused = false;
		b->back = true;
		cis_log(CIS_LOG_INFO, "receiver is back endpoint=%s", b->name);
	}
	for (unsigned k = 0; k < n; k++)
		is_done(b, &b->stats.sent);
}

/* Of many ports, some may be refused for ever; they are counted alone. */
static void were_refused(struct cis_udp_batch *b, uint64_t n)
{
	b->stats.refused += n;
	b->refused_ns = uv_hrtime();
	if (b->connected && !b->refused) {
		b->refused = true;
		cis_log(CIS_LOG_WARN, "nobody listens endpoint=%s", b->name);
	}
}

/* Where a call stopped half way its error is lost, but not that there was one. */
static uint64_t count_refusals(const struct cis_udp_batch *b)
{
	struct sockaddr_storage who;
	uint64_t n = 0;

	while (cis_udp_refused_fd(b->fd, &who))
		n++;
	return n;
}

static void check_refusals(struct cis_udp_batch *b, bool surely)
{
	uint64_t n = count_refusals(b);

	if (n > 0 || surely)
		were_refused(b, n > 0 ? n : 1);
}

static bool is_full(int err)
{
	return err == EAGAIN || err == EWOULDBLOCK || err == ENOBUFS;
}

/* Whether there may be room now. Nobody tells when the device has room again, so
 * that is asked every millisecond. */
static bool was_room_made(struct cis_udp_batch *b, int err)
{
	struct pollfd p = {.fd = b->fd, .events = POLLOUT};

	if (err == ENOBUFS)
		return b->n_failed <= b->wait_ms && poll(NULL, 0, 1) == 0;
	return b->wait_ms > 0 && b->n_failed <= 2 &&
	       poll(&p, 1, (int)b->wait_ms) > 0;
}

/* EINVAL and EMSGSIZE: a segment does not fit into a packet on this way. Others:
 * the device computes no checksums, or the system does not know segments. */
static bool were_segments_refused(struct cis_udp_batch *b, int err)
{
	bool too_long = err == EINVAL || err == EMSGSIZE;

	if (b->message[b->first].n_frame == 1)
		return false;
	if (!too_long && err != EIO && err != EOPNOTSUPP && err != ENOPROTOOPT)
		return false;
	b->segment_max = too_long ? b->frame[b->n_done].len - 1u : 0;
	cut(b);
	return true;
}

/*
 * The first message was not sent. An error may belong to an earlier datagram, and
 * is then told but once: the second one in a row is its own. Refusals may come
 * in at any time.
 */
static void was_not_sent(struct cis_udp_batch *b, int err)
{
	unsigned most = err == ECONNREFUSED ? MAX_REFUSAL : 2;

	b->n_failed++;
	check_refusals(b, err == ECONNREFUSED);
	if (is_full(err) ? was_room_made(b, err) : b->n_failed < most)
		return;
	if (were_segments_refused(b, err))
		return;
	if (!is_full(err) && err != ECONNREFUSED && !b->failing) {
		b->failing = true;
		cis_log(CIS_LOG_WARN, "cannot send endpoint=%s reason=\"%s\"",
			b->name, strerror(err));
	}
	is_done(b, &b->stats.dropped);
}

static void send_some(struct cis_udp_batch *b)
{
	unsigned n = b->n_cut - b->first;
	int sent = sendmmsg(b->fd, b->head + b->first, n, 0);

	b->stats.calls++;
	if (sent < 0) {
		was_not_sent(b, errno);
		return;
	}
	if ((unsigned)sent < n)
		check_refusals(b, false);
	were_sent(b, (unsigned)sent);
}

void cis_udp_batch_flush(struct cis_udp_batch *b)
{
	while (b->n_done < b->n_frame) {
		if (b->first == b->n_cut)
			cut(b);
		send_some(b);
	}
	b->n_frame = b->n_done = 0;
	b->len = b->done_len = 0;
}

static void put(struct cis_udp_batch *b, struct frame f, const uint8_t *bytes)
{
	if (b->n_frame == MAX_FRAME || b->len + f.len > POOL_LEN)
		cis_udp_batch_flush(b);
	memcpy(b->pool + b->len, bytes, f.len);
	b->len += f.len;
	b->frame[b->n_frame++] = f;
}

static bool is_possible(const struct cis_udp_batch *b, uint32_t i, size_t len)
{
	return len <= CIS_C37_MAX_UDP && (i < b->n_port || b->n_port == 1);
}

static struct frame frame_of(const struct cis_udp_batch *b, uint32_t i,
			     size_t len, bool is_data)
{
	return (struct frame){.port = b->n_port == 1 ? 0 : (uint16_t)i,
			      .len = (uint16_t)len,
			      .is_data = is_data};
}

void cis_udp_batch_put(struct cis_udp_batch *b, uint32_t i,
		       const uint8_t *frame, size_t len)
{
	if (is_possible(b, i, len))
		put(b, frame_of(b, i, len, true), frame);
	else
		b->stats.dropped++;
}

void cis_udp_batch_put_other(struct cis_udp_batch *b, uint32_t i,
			     const uint8_t *frame, size_t len)
{
	if (is_possible(b, i, len))
		put(b, frame_of(b, i, len, false), frame);
}

bool cis_udp_batch_came_back(struct cis_udp_batch *b)
{
	bool back = b->back;

	b->back = false;
	return back;
}

const char *cis_udp_batch_name(const struct cis_udp_batch *b)
{
	return b->name;
}

void cis_udp_batch_stats(const struct cis_udp_batch *b,
			 struct cis_udp_batch_stats *stats)
{
	*stats = b->stats;
}

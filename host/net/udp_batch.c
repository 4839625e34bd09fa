/*
 * udp_batch.c - see udp_batch.h, udp(7) and sendmmsg(2).
 *
 * What was gathered is cut into messages: runs of frames of one size and port.
 * Those that a call did not send are first in the next one. The socket is made in
 * udp_batch_open.c.
 */
#define _GNU_SOURCE /* sendmmsg() */
#include "udp_batch_in.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

#include "cisoid/c37.h"
#include "cisoid/log.h"
#include "udp_refused.h"

#define MAX_SEGMENT 64 /* UDP_MAX_SEGMENTS of the oldest kernel that has them */
#define MAX_REFUSAL 8  /* calls in a row */

/* Nothing refused for so long: hosts tell at least once a second. */
#define BACK_AFTER_NS UINT64_C(1500000000)

/* ---- messages ---- */

static bool may_follow(const struct cis_udp_batch *b,
		       const struct cis_udp_frame *first,
		       const struct cis_udp_frame *f, unsigned n)
{
	return f->len == first->len && f->port == first->port &&
	       f->is_data == first->is_data && f->len <= b->segment_max &&
	       f->len > 0 && n < MAX_SEGMENT &&
	       (n + 1u) * f->len <= CIS_C37_MAX_UDP;
}

/* How many frames from frame i on are one message. */
static unsigned run_of(const struct cis_udp_batch *b, unsigned i)
{
	const struct cis_udp_frame *first = &b->frame[i];
	unsigned n = 1;

	while (i + n < b->n_frame && may_follow(b, first, first + n, n))
		n++;
	return n;
}

static void set_segments(struct cis_udp_message *m, struct msghdr *h,
			 uint16_t len)
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
	const struct cis_udp_frame *f = &b->frame[i];
	struct cis_udp_message *m = &b->message[k];
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

	while (i < b->n_frame && k < CIS_UDP_MAX_MESSAGE) {
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
	const struct cis_udp_message *m = &b->message[b->first++];

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
	for (unsigned k = 0; k < n; k++) {
		const struct cis_udp_message *m = &b->message[b->first];

		b->stats.bytes += m->n_data ? m->data.iov_len : 0;
		is_done(b, &b->stats.sent);
	}
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

static void put(struct cis_udp_batch *b, struct cis_udp_frame f,
		const uint8_t *bytes)
{
	if (b->n_frame == CIS_UDP_MAX_FRAME ||
	    b->len + f.len > CIS_UDP_POOL_LEN)
		cis_udp_batch_flush(b);
	memcpy(b->pool + b->len, bytes, f.len);
	b->len += f.len;
	b->frame[b->n_frame++] = f;
}

static bool is_possible(const struct cis_udp_batch *b, uint32_t i, size_t len)
{
	return len <= CIS_C37_MAX_UDP && (i < b->n_port || b->n_port == 1);
}

static struct cis_udp_frame frame_of(const struct cis_udp_batch *b, uint32_t i,
				     size_t len, bool is_data)
{
	return (struct cis_udp_frame){.port = b->n_port == 1 ? 0 : (uint16_t)i,
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

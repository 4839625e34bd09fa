/*
 * udp_server.c - a UDP port that answers commands.
 *
 * Answers go to the sender's address; each address has its data on or off by
 * itself. A peer that sends nothing more stays on until it says off.
 */
#include "endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"

struct peer {
	struct sockaddr_storage addr;
	char name[CIS_ADDR_SIZE];
	bool failing;
};

struct server {
	struct cis_endpoint ep;
	uv_udp_t udp;
	bool told_full;
	struct cis_talker talker; /* whoever sent the last datagram */
	unsigned n_peer;
	struct peer peer[CIS_MAX_PEER]; /* with data on */
};

static int send_to(struct server *s, const struct sockaddr *to,
		   const uint8_t *frame, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)frame, (unsigned)len);
	int n = uv_udp_try_send(&s->udp, &buf, 1, to);

	return n < 0 ? n : 0;
}

static void put(struct cis_endpoint *ep, const uint8_t *frame, size_t len)
{
	struct server *s = (struct server *)ep;
	struct cis_feed_stats *stats = &ep->feed->stats;

	for (unsigned i = 0; i < s->n_peer; i++) {
		struct peer *p = &s->peer[i];
		int err = send_to(s, (struct sockaddr *)&p->addr, frame, len);

		if (err)
			stats->dropped++;
		else
			stats->sent++;
		if (err && err != UV_EAGAIN && !p->failing)
			cis_log(CIS_LOG_WARN,
				"cannot send peer=%s reason=\"%s\"", p->name,
				uv_strerror(err));
		p->failing = err && err != UV_EAGAIN;
	}
}

/* ---- peers ---- */

static unsigned find(const struct server *s, const struct sockaddr *from)
{
	unsigned i = 0;

	while (i < s->n_peer &&
	       !cis_addr_equal((const struct sockaddr *)&s->peer[i].addr, from))
		i++;
	return i;
}

static void data_on(struct server *s, const struct sockaddr *from)
{
	struct cis_feed_stats *stats = &s->ep.feed->stats;
	struct peer *p = &s->peer[s->n_peer];

	if (find(s, from) < s->n_peer)
		return;
	if (s->n_peer == CIS_MAX_PEER) {
		if (!s->told_full)
			cis_log(CIS_LOG_WARN,
				"peer refused endpoint=%s peers=%u", s->ep.name,
				s->n_peer);
		s->told_full = true;
		return;
	}
	memset(p, 0, sizeof(*p));
	memcpy(&p->addr, from,
	       from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					   : sizeof(struct sockaddr_in));
	cis_addr_format(from, p->name);
	s->n_peer++;
	stats->clients++;
	stats->clients_ever++;
	stats->clients_running++;
	cis_log(CIS_LOG_INFO, "data on peer=%s", p->name);
}

static void data_off(struct server *s, const struct sockaddr *from)
{
	struct cis_feed_stats *stats = &s->ep.feed->stats;
	unsigned i = find(s, from);

	if (i == s->n_peer)
		return;
	cis_log(CIS_LOG_INFO, "data off peer=%s", s->peer[i].name);
	s->peer[i] = s->peer[--s->n_peer];
	s->told_full = false;
	stats->clients--;
	stats->clients_running--;
}

/* ---- commands ---- */

static void obey(struct server *s, const struct sockaddr *from, int command)
{
	struct cis_feed *feed = s->ep.feed;
	enum cis_c37_type type;
	int len;

	if (command == CIS_C37_CMD_DATA_ON)
		data_on(s, from);
	else if (command == CIS_C37_CMD_DATA_OFF)
		data_off(s, from);
	if (!cis_feed_answer(command, &type))
		return;
	len = cis_feed_encode(feed, type);
	if (len > 0)
		send_to(s, from, feed->scratch, (size_t)len);
}

/* A datagram holds whole frames, nearly always one. */
static void take(struct server *s, const struct sockaddr *from,
		 const uint8_t *data, size_t len)
{
	struct cis_c37_head head;
	bool good;

	cis_addr_format(from, s->talker.name);
	while (len > 0) {
		int n = cis_c37_peek(data, len, &head);

		if (n <= 0) {
			s->ep.feed->stats.bad++;
			return;
		}
		obey(s, from,
		     cis_feed_command(s->ep.feed, &s->talker, data, (size_t)n,
				      &good));
		data += n;
		len -= (size_t)n;
	}
}

static void read_buf(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct server *s = handle->data;

	(void)suggested;
	*buf = uv_buf_init((char *)s->ep.feed->rx, sizeof(s->ep.feed->rx));
}

static void read_done(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf,
		      const struct sockaddr *from, unsigned flags)
{
	(void)flags;
	if (n > 0 && from)
		take(udp->data, from, (const uint8_t *)buf->base, (size_t)n);
}

/* ---- life ---- */

static void closed(uv_handle_t *handle)
{
	struct server *s = handle->data;

	cis_feed_release(s->ep.feed);
}

static void close_server(struct cis_endpoint *ep, bool now)
{
	struct server *s = (struct server *)ep;

	(void)now;
	if (!uv_is_closing((uv_handle_t *)&s->udp))
		uv_close((uv_handle_t *)&s->udp, closed);
}

static void failed_closed(uv_handle_t *handle)
{
	struct server *s = handle->data;
	struct cis_feed *feed = s->ep.feed;

	free(s);
	cis_feed_release(feed);
}

static int start(struct server *s, const struct sockaddr *sa)
{
	struct sockaddr_storage bound;
	int len = sizeof(bound);
	char name[CIS_ADDR_SIZE];
	int err = uv_udp_bind(&s->udp, sa, 0);

	if (!err)
		err = uv_udp_recv_start(&s->udp, read_buf, read_done);
	if (!err)
		err = uv_udp_getsockname(&s->udp, (struct sockaddr *)&bound,
					 &len);
	if (err)
		return err;
	cis_addr_format((struct sockaddr *)&bound, name);
	snprintf(s->ep.name, sizeof(s->ep.name), "udp:%s", name);
	return 0;
}

int cis_udp_server_new(struct cis_feed *feed, const struct cis_addr *addr,
		       struct cis_endpoint **out, struct cis_diag *diag)
{
	static const struct cis_endpoint_ops ops = {put, close_server};
	const struct sockaddr *sa = (const struct sockaddr *)&addr->ss[0];
	struct server *s;
	int err;

	if (feed->frame_max > CIS_C37_MAX_UDP)
		return cis_fail(diag, -EINVAL,
				"frames of %zu bytes do not fit into a "
				"datagram; use TCP or fewer PMUs",
				feed->frame_max);
	s = calloc(1, sizeof(*s));
	if (!s)
		return cis_fail(diag, -ENOMEM, "out of memory");
	s->ep.ops = &ops;
	s->ep.feed = feed;
	uv_udp_init(feed->loop, &s->udp);
	s->udp.data = s;
	cis_feed_hold(feed);
	err = start(s, sa);
	if (err) {
		uv_close((uv_handle_t *)&s->udp, failed_closed);
		return cis_net_fail(diag, err, "udp", sa);
	}
	*out = &s->ep;
	return 0;
}

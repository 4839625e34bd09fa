/*
 * udp_stream.c - everything to one address, unasked.
 *
 * The configuration goes first, again as often as the feed says, and when
 * a receiver that was away is back. The socket is connected, so that the system
 * tells when nobody listens; that error belongs to an earlier datagram, and the
 * present one is sent again.
 */
#include "endpoint.h"

#include <errno.h>

#include "cisoid/log.h"
#include "multicast.h"

#define BACK_AFTER 10 /* datagrams in a row that nobody refused */

struct stream {
	struct cis_endpoint ep;
	uv_udp_t udp;
	int64_t last_config;
	bool refused;
	bool failing; /* any other error */
	unsigned n_well;
};

static void came_back(struct stream *s)
{
	s->refused = false;
	s->last_config = INT64_MIN;
	cis_log(CIS_LOG_INFO, "receiver is back endpoint=%s", s->ep.name);
}

static void was_refused(struct stream *s)
{
	s->ep.feed->stats.refused++;
	s->n_well = 0;
	if (!s->refused)
		cis_log(CIS_LOG_WARN, "nobody listens endpoint=%s", s->ep.name);
	s->refused = true;
}

static int send_frame(struct stream *s, const uint8_t *frame, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)frame, (unsigned)len);
	int n = uv_udp_try_send(&s->udp, &buf, 1, NULL);

	if (n == UV_ECONNREFUSED) {
		was_refused(s);
		n = uv_udp_try_send(&s->udp, &buf, 1, NULL);
	} else if (n >= 0 && ++s->n_well == BACK_AFTER && s->refused) {
		came_back(s);
	}
	if (n == UV_ECONNREFUSED)
		return 0;
	if (n < 0 && n != UV_EAGAIN && !s->failing)
		cis_log(CIS_LOG_WARN, "cannot send endpoint=%s reason=\"%s\"",
			s->ep.name, uv_strerror(n));
	s->failing = n < 0 && n != UV_EAGAIN;
	return n < 0 ? n : 0;
}

static void put(struct cis_endpoint *ep, const uint8_t *frame, size_t len)
{
	struct stream *s = (struct stream *)ep;
	struct cis_feed *feed = ep->feed;

	if (cis_feed_config_due(feed, &s->last_config)) {
		int n = cis_feed_encode(feed, feed->push);

		if (n > 0)
			send_frame(s, feed->room->scratch, (size_t)n);
	}
	if (send_frame(s, frame, len))
		feed->stats.dropped++;
	else
		feed->stats.sent++;
}

static void announce(struct cis_endpoint *ep)
{
	((struct stream *)ep)->last_config = INT64_MIN;
}

static int set_multicast(struct stream *s, struct cis_diag *diag)
{
	struct cis_addr *addr = &s->ep.addr;
	uv_os_fd_t fd;

	if (cis_addr_is_multicast((struct sockaddr *)&addr->ss[0]))
		return uv_fileno((uv_handle_t *)&s->udp, &fd)
			       ? 0
			       : cis_multicast_send(fd, addr, &addr->ss[0],
						    diag);
	if (addr->words)
		return cis_fail(diag, -EINVAL,
				"udp:%.120s:%u: ttl and if are for multicast, "
				"224.0.0.0 to 239.255.255.255 or ff00::/8",
				addr->host, (unsigned)addr->port);
	return 0;
}

static int open_stream(struct cis_endpoint *ep, struct cis_diag *diag)
{
	struct stream *s = (struct stream *)ep;
	const struct sockaddr *sa = (struct sockaddr *)&ep->addr.ss[0];
	int err;

	if (ep->addr.port == 0)
		return cis_fail(diag, -EINVAL,
				"udp:%.120s:0: nothing can be sent to port 0",
				ep->addr.host);
	announce(ep);
	cis_endpoint_name(ep, "udp", sa);
	err = uv_udp_init_ex(ep->feed->loop, &s->udp, sa->sa_family);
	if (err)
		return cis_net_fail(diag, err, "udp", sa);
	cis_endpoint_hold(ep, (uv_handle_t *)&s->udp);
	err = set_multicast(s, diag);
	if (err)
		return err;
	uv_udp_set_broadcast(&s->udp, 1);
	err = uv_udp_connect(&s->udp, sa);
	return err ? cis_net_fail(diag, err, "udp", sa) : 0;
}

const struct cis_endpoint_ops cis_udp_stream_ops = {
	.size = sizeof(struct stream),
	.words = CIS_WORD_TTL | CIS_WORD_IF,
	.datagrams = true,
	.open = open_stream,
	.put = put,
	.announce = announce,
};

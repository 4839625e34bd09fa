/*
 * udp_stream.c - everything to one address, unasked.
 *
 * The configuration goes first, again with every minute of data time, and when
 * a receiver that was away is back. The socket is connected, so that the system
 * tells when nobody listens; that error belongs to an earlier datagram, and the
 * present one is sent again.
 */
#include "endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cisoid/log.h"

#define BACK_AFTER 10 /* datagrams in a row that nobody refused */

struct stream {
	struct cis_endpoint ep;
	uv_udp_t udp;
	int64_t last_minute;
	bool refused;
	bool failing; /* any other error */
	unsigned n_well;
};

static void came_back(struct stream *s)
{
	s->refused = false;
	s->last_minute = INT64_MIN;
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

	if (cis_feed_config_due(feed, &s->last_minute)) {
		int n = cis_feed_encode(feed, CIS_C37_CFG2);

		if (n > 0)
			send_frame(s, feed->scratch, (size_t)n);
	}
	if (send_frame(s, frame, len))
		feed->stats.dropped++;
	else
		feed->stats.sent++;
}

static void close_stream(struct cis_endpoint *ep, bool now)
{
	struct stream *s = (struct stream *)ep;

	(void)now;
	if (!uv_is_closing((uv_handle_t *)&s->udp))
		uv_close((uv_handle_t *)&s->udp, cis_endpoint_closed);
}

int cis_udp_stream_new(struct cis_feed *feed, const struct cis_addr *addr,
		       struct cis_endpoint **out, struct cis_diag *diag)
{
	static const struct cis_endpoint_ops ops = {put, close_stream};
	const struct sockaddr *sa = (const struct sockaddr *)&addr->ss[0];
	char name[CIS_ADDR_SIZE];
	struct stream *s;
	int err;

	if (addr->port == 0)
		return cis_fail(diag, -EINVAL,
				"udp:%.120s:0: nothing can be sent to port 0",
				addr->host);
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
	s->last_minute = INT64_MIN;
	snprintf(s->ep.name, sizeof(s->ep.name), "udp:%s",
		 cis_addr_format(sa, name));
	err = uv_udp_init_ex(feed->loop, &s->udp, sa->sa_family);
	if (err) {
		free(s);
		return cis_net_fail(diag, err, "udp", sa);
	}
	s->udp.data = &s->ep;
	cis_feed_hold(feed);
	uv_udp_set_broadcast(&s->udp, 1);
	err = uv_udp_connect(&s->udp, sa);
	if (err) {
		uv_close((uv_handle_t *)&s->udp, cis_endpoint_discard);
		return cis_net_fail(diag, err, "udp", sa);
	}
	*out = &s->ep;
	return 0;
}

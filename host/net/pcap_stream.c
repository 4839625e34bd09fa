/*
 * pcap_stream.c - everything into a capture file; see pcap_out.h.
 *
 * A packet's time is the frame's own, so that a file made at full speed looks
 * like one captured live.
 */
#include "endpoint.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cisoid/log.h"
#include "host/net/pcap_out.h"

struct stream {
	struct cis_endpoint ep;
	struct cis_pcap_out *po; /* NULL once closed */
	int64_t last_minute;
};

static void close_stream(struct cis_endpoint *ep, bool now)
{
	struct stream *s = (struct stream *)ep;
	struct cis_diag diag = {""};
	int err;

	(void)now;
	if (!s->po)
		return;
	err = cis_pcap_close(s->po, &diag);
	s->po = NULL;
	if (!err)
		return;
	cis_log(CIS_LOG_ERR, "%s", diag.msg);
	if (!ep->feed->stats.err)
		ep->feed->stats.err = err;
}

static int write_frame(struct stream *s, const uint8_t *frame, size_t len)
{
	struct cis_feed *feed = s->ep.feed;
	uint32_t us = (uint32_t)lrint(feed->at.frac_s * 1e6);

	return cis_pcap_put(s->po, feed->soc, us < 1000000 ? us : 999999, frame,
			    len);
}

/* A file that cannot grow is given up, and its place on the disk too. */
static void put(struct cis_endpoint *ep, const uint8_t *frame, size_t len)
{
	struct stream *s = (struct stream *)ep;
	int err = 0;

	if (s->po && cis_feed_config_due(ep->feed, &s->last_minute)) {
		int n = cis_feed_encode(ep->feed, CIS_C37_CFG2);

		if (n > 0)
			err = write_frame(s, ep->feed->scratch, (size_t)n);
	}
	if (s->po && !err)
		err = write_frame(s, frame, len);
	if (s->po && !err)
		ep->feed->stats.sent++;
	else
		ep->feed->stats.dropped++;
	if (err)
		close_stream(ep, true);
}

int cis_pcap_stream_new(struct cis_feed *feed, const struct cis_addr *addr,
			struct cis_endpoint **out, struct cis_diag *diag)
{
	static const struct cis_endpoint_ops ops = {put, close_stream};
	struct stream *s;
	int err;

	if (feed->frame_max > CIS_C37_MAX_UDP)
		return cis_fail(diag, -EINVAL,
				"frames of %zu bytes do not fit into the "
				"datagrams of a capture; use fewer PMUs",
				feed->frame_max);
	s = calloc(1, sizeof(*s));
	if (!s)
		return cis_fail(diag, -ENOMEM, "out of memory");
	s->ep.ops = &ops;
	s->ep.feed = feed;
	s->last_minute = INT64_MIN;
	snprintf(s->ep.name, sizeof(s->ep.name), "pcap:%s", addr->path);
	err = cis_pcap_open(addr->path, feed->overwrite, &s->po, diag);
	if (err) {
		free(s);
		return err;
	}
	*out = &s->ep;
	return 0;
}

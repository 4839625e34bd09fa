/*
 * pcap_stream.c - everything into a capture file; see pcap_out.h.
 *
 * A packet's time is the frame's own, so that a file made at full speed looks
 * like one captured live.
 */
#include "endpoint.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cisoid/log.h"
#include "host/net/pcap_out.h"

struct stream {
	struct cis_endpoint ep;
	struct cis_pcap_out *po; /* NULL once closed */
	int64_t last_config;
	uint64_t frames, bytes, dropped; /* data */
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

static int write_config(struct stream *s)
{
	struct cis_feed *feed = s->ep.feed;
	int n = cis_feed_encode(feed, feed->push);
	int err;

	if (n <= 0)
		return 0;
	err = write_frame(s, feed->room->scratch, (size_t)n);
	if (!err)
		cis_feed_note_sent(feed, cis_endpoint_address(&s->ep),
				   (size_t)n);
	return err;
}

static void count(struct stream *s, bool written, size_t len)
{
	struct cis_feed_stats *stats = &s->ep.feed->stats;

	if (!written) {
		stats->dropped++;
		s->dropped++;
		return;
	}
	stats->sent++;
	s->frames++;
	s->bytes += len;
}

/* A file that cannot grow is given up, and its place on the disk too. */
static void put(struct cis_endpoint *ep, const uint8_t *frame, size_t len)
{
	struct stream *s = (struct stream *)ep;
	int err = 0;

	if (s->po && cis_feed_config_due(ep->feed, &s->last_config))
		err = write_config(s);
	if (s->po && !err)
		err = write_frame(s, frame, len);
	count(s, s->po && !err, len);
	if (err)
		close_stream(ep, true);
}

static void announce(struct cis_endpoint *ep)
{
	((struct stream *)ep)->last_config = INT64_MIN;
}

static void tell_client(const struct cis_endpoint *ep,
			const struct cis_client_visit *visit)
{
	const struct stream *s = (const struct stream *)ep;
	struct cis_client_info info = cis_client_unasked(ep, "FILE");

	info.on = s->po != NULL;
	info.state = info.on ? info.state : "CLOSED";
	info.frames = s->frames;
	info.bytes = s->bytes;
	info.dropped = s->dropped;
	visit->each(visit->arg, &info);
}

static int open_stream(struct cis_endpoint *ep, struct cis_diag *diag)
{
	struct stream *s = (struct stream *)ep;

	announce(ep);
	snprintf(ep->name, sizeof(ep->name), "pcap:%s", ep->addr.path);
	return cis_pcap_open(ep->addr.path, ep->feed->overwrite, &s->po, diag);
}

const struct cis_endpoint_ops cis_pcap_stream_ops = {
	.size = sizeof(struct stream),
	.datagrams = true,
	.open = open_stream,
	.put = put,
	.announce = announce,
	.close = close_stream,
	.clients = tell_client,
};

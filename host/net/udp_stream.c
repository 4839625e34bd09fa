/*
 * udp_stream.c - everything to one address, unasked.
 *
 * The configuration goes first, again as often as the feed says, and when
 * a receiver that was away is back.
 */
#include "endpoint.h"

#include <stdio.h>

#include "udp_batch.h"

struct stream {
	struct cis_endpoint ep;
	struct cis_udp_batch *batch;
	int64_t last_config;
};

static void announce(struct cis_endpoint *ep)
{
	((struct stream *)ep)->last_config = INT64_MIN;
}

static void put(struct cis_endpoint *ep, const uint8_t *frame, size_t len)
{
	struct stream *s = (struct stream *)ep;
	struct cis_feed *feed = ep->feed;
	struct cis_udp_batch_stats before, after;

	cis_udp_batch_stats(s->batch, &before);
	if (cis_feed_config_due(feed, &s->last_config)) {
		int n = cis_feed_encode(feed, feed->push);

		if (n > 0)
			cis_udp_batch_put_other(s->batch, 0,
						feed->room->scratch, (size_t)n);
	}
	cis_udp_batch_put(s->batch, 0, frame, len);
	cis_udp_batch_flush(s->batch);
	cis_udp_batch_stats(s->batch, &after);
	feed->stats.sent += after.sent - before.sent;
	feed->stats.dropped += after.dropped - before.dropped;
	feed->stats.refused += after.refused - before.refused;
	if (cis_udp_batch_came_back(s->batch))
		announce(ep);
}

static int open_stream(struct cis_endpoint *ep, struct cis_diag *diag)
{
	struct stream *s = (struct stream *)ep;
	int err = cis_udp_batch_open(&ep->addr, 1, &s->batch, diag);

	if (err)
		return err;
	announce(ep);
	snprintf(ep->name, sizeof(ep->name), "%s",
		 cis_udp_batch_name(s->batch));
	return 0;
}

static void free_stream(struct cis_endpoint *ep)
{
	cis_udp_batch_close(((struct stream *)ep)->batch);
}

const struct cis_endpoint_ops cis_udp_stream_ops = {
	.size = sizeof(struct stream),
	.words = CIS_WORD_TTL | CIS_WORD_IF,
	.datagrams = true,
	.open = open_stream,
	.put = put,
	.announce = announce,
	.free = free_stream,
};

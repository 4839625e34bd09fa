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

static void put_config(struct stream *s, size_t len)
{
	struct cis_feed *feed = s->ep.feed;

	cis_udp_batch_put_other(s->batch, 0, feed->room->scratch, len);
	cis_feed_note_sent(feed, cis_endpoint_address(&s->ep), len);
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
			put_config(s, (size_t)n);
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

static void tell_client(const struct cis_endpoint *ep,
			const struct cis_client_visit *visit)
{
	struct cis_client_info info = cis_client_unasked(ep, "UDP");
	struct cis_udp_batch_stats stats;

	cis_udp_batch_stats(((const struct stream *)ep)->batch, &stats);
	info.frames = stats.sent;
	info.bytes = stats.bytes;
	info.dropped = stats.dropped;
	visit->each(visit->arg, &info);
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
	.clients = tell_client,
};

/*
 * feed_data.c - data frames of a feed: made once, for all who want them.
 */
#include "endpoint.h"

#include <string.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"

/* SOC has 32 bits. */
static void check_soc(struct cis_feed *feed, int64_t tai_s)
{
	if (cis_utc_from_tai(tai_s).soc <= UINT32_MAX || feed->told_over)
		return;
	feed->told_over = true;
	cis_log(CIS_LOG_WARN, "time stamps begin at 1970 again: SOC ends at "
			      "2106-02-07T06:28:15Z");
}

static void note_data(const struct cis_feed *feed, const uint8_t *frame,
		      size_t len)
{
	if (feed->watch && feed->watch->data)
		feed->watch->data(feed->watch->arg, frame, len);
}

/* The frame that stands in the ring's next slot goes to all who want it. */
static void deliver(struct cis_feed *feed, size_t len)
{
	const uint8_t *frame = cis_frame_ring_made(&feed->ring, len);
	struct cis_guest *next;

	feed->has_time = true;
	feed->stats.frames++;
	for (unsigned i = 0; i < feed->n_endpoint; i++)
		if (feed->endpoint[i]->ops->put)
			feed->endpoint[i]->ops->put(feed->endpoint[i], frame,
						    len);
	for (struct cis_guest *g = feed->guests; g; g = next) {
		next = g->next; /* put() may drop g */
		g->ops->put(g, frame, len);
	}
	note_data(feed, frame, len);
}

/* Encodes feed->data and sends it to all who want it. */
static void send_data(struct cis_feed *feed, uint16_t change)
{
	const struct cis_c37_head *head = &feed->data->head;
	int len;

	for (uint16_t i = 0; i < feed->cfg->n_pmu; i++)
		feed->data->block[i].stat |= change;
	len = cis_c37_data_encode(feed->cfg, feed->data,
				  cis_frame_ring_next(&feed->ring),
				  feed->ring.frame_size);
	if (len < 0)
		return;
	feed->soc = head->soc;
	feed->at = cis_instant_split(cis_c37_head_instant(feed->cfg, head));
	feed->time_quality = head->time_quality;
	deliver(feed, (size_t)len);
}

void cis_feed_put(struct cis_feed *feed, const struct cis_report *rep)
{
	uint16_t change;

	if (feed->closing)
		return;
	check_soc(feed, rep->at.tai_s);
	change = cis_feed_change_step(feed, cis_instant_split(rep->at));
	cis_c37_data_from_report(feed->cfg, 0, rep, feed->test_mode,
				 feed->data);
	send_data(feed, change);
}

void cis_feed_put_frame(struct cis_feed *feed, struct cis_instant at,
			uint8_t time_quality, const uint8_t *frame, size_t len)
{
	if (feed->closing)
		return;
	if (len > feed->ring.frame_size) {
		feed->stats.dropped++;
		return;
	}
	feed->soc = cis_utc_from_tai(at.tai_s).soc;
	feed->at = cis_instant_split(at);
	feed->time_quality = time_quality;
	feed->has_time = true;
	if (feed->n_endpoint || feed->guests) {
		memcpy(cis_frame_ring_next(&feed->ring), frame, len);
		deliver(feed, len);
		return;
	}
	feed->stats.frames++;
	cis_frame_ring_skip(&feed->ring);
	note_data(feed, frame, len);
}

int cis_feed_make_room(struct cis_feed *feed, size_t data_max)
{
	return cis_frame_ring_widen(&feed->ring, data_max);
}

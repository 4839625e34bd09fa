/*
 * feed.c - one stream, from its beginning to its end, and who hangs on it.
 *
 * Its data frames are made in feed_data.c, all others in feed_config.c; endpoints
 * carry them.
 */
#include "board.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_S   2.0
#define STALL_MS  10000
#define SILENT_MS 3600000
#define LINGER_MS 1000
#define RETRY_MS  1000

/* ---- life ---- */

static void feed_free(struct cis_feed *feed)
{
	for (unsigned i = 0; i < feed->n_endpoint; i++)
		cis_endpoint_free(feed->endpoint[i]);
	free(feed->endpoint);
	cis_feed_room_free(feed->room);
	cis_board_free(feed->board);
	cis_c37_data_free(feed->data);
	cis_c37_config_free(feed->cfg);
	free(feed->header);
	cis_frame_ring_free(&feed->ring);
	free(feed);
}

void cis_feed_hold(struct cis_feed *feed)
{
	feed->n_handle++;
}

static void thaw_closed(uv_handle_t *handle)
{
	feed_free(handle->data);
}

static void linger_closed(uv_handle_t *handle)
{
	struct cis_feed *feed = handle->data;

	uv_close((uv_handle_t *)&feed->thaw, thaw_closed);
}

void cis_feed_release(struct cis_feed *feed)
{
	feed->n_handle--;
	if (feed->closing && feed->n_handle == 0)
		uv_close((uv_handle_t *)&feed->linger, linger_closed);
}

static void close_endpoints(struct cis_feed *feed, bool now)
{
	struct cis_guest *next;

	for (unsigned i = 0; i < feed->n_endpoint; i++)
		cis_endpoint_leave(feed->endpoint[i], now);
	for (struct cis_guest *g = feed->guests; g; g = next) {
		next = g->next;
		g->ops->leave(g, now);
	}
}

static void linger_over(uv_timer_t *timer)
{
	close_endpoints(timer->data, true);
}

void cis_feed_close(struct cis_feed *feed)
{
	if (!feed || feed->closing)
		return;
	cis_feed_hold(feed);
	feed->closing = true;
	feed->watch = NULL;
	uv_timer_start(&feed->linger, linger_over, LINGER_MS, 0);
	uv_timer_stop(&feed->thaw);
	cis_feed_close(feed->change.coming);
	close_endpoints(feed, false);
	cis_feed_release(feed);
}

/* ---- guests ---- */

void cis_guest_enter(struct cis_guest *g, struct cis_feed *feed)
{
	g->feed = feed;
	g->next = feed->guests;
	g->link = &feed->guests;
	if (g->next)
		g->next->link = &g->next;
	feed->guests = g;
	cis_feed_hold(feed);
}

void cis_guest_go(struct cis_guest *g)
{
	if (!g->link)
		return;
	*g->link = g->next;
	if (g->next)
		g->next->link = g->link;
	g->link = NULL;
	cis_feed_release(g->feed);
}

/* ---- beginning ---- */

static uint64_t queue_len(const struct cis_feed *feed)
{
	const struct cis_c37_config *cfg = cis_feed_config_of(feed);
	double fps = cfg->data_rate > 0 ? cfg->data_rate : 0;

	return (uint64_t)(feed->queue_s * fps);
}

static int prepare(struct cis_feed *feed, struct cis_diag *diag)
{
	int err = cis_feed_measure(feed, diag);

	if (err)
		return err;
	if (cis_frame_ring_init(&feed->ring, queue_len(feed)) ||
	    (feed->cfg && cis_c37_data_new(feed->cfg, &feed->data)))
		return cis_fail(diag, -ENOMEM, "out of memory");
	return 0;
}

static void take_config(struct cis_feed *feed, const struct cis_feed_config *fc)
{
	feed->loop = fc->loop;
	feed->cfg = fc->cfg;
	feed->lend = fc->lend;
	feed->arg = fc->arg;
	feed->i = fc->i;
	feed->ring.frame_size = fc->data_max;
	feed->queue_s = fc->queue_s > 0 ? fc->queue_s : QUEUE_S;
	feed->test_mode = fc->test_mode;
	feed->overwrite = fc->overwrite;
	feed->stall_ms = fc->stall_ms ? fc->stall_ms : STALL_MS;
	feed->silent_ms = fc->silent_ms ? fc->silent_ms : SILENT_MS;
	feed->retry_ms = fc->retry_ms ? fc->retry_ms : RETRY_MS;
	feed->cfg_every_s = fc->cfg_every_s;
	feed->push = fc->push == CIS_C37_CFG3 ? CIS_C37_CFG3 : CIS_C37_CFG2;
	feed->time_quality = 0xF;
}

static int furnish(struct cis_feed *feed, const struct cis_feed_config *fc)
{
	feed->header = strdup(fc->header ? fc->header : "");
	if (!feed->header)
		return -ENOMEM;
	if (!fc->room)
		return cis_feed_room_new(fc->loop, &feed->room);
	feed->room = cis_feed_room_hold(fc->room);
	return 0;
}

int cis_feed_new(const struct cis_feed_config *fc, struct cis_feed **out,
		 struct cis_diag *diag)
{
	struct cis_feed *feed = calloc(1, sizeof(*feed));
	int err;

	if (!feed)
		return cis_fail(diag, -ENOMEM, "out of memory");
	take_config(feed, fc);
	err = furnish(feed, fc) ? cis_fail(diag, -ENOMEM, "out of memory") : 0;
	if (!err && (fc->cfg || fc->lend)) /* not a lobby */
		err = prepare(feed, diag);
	if (err) {
		feed->cfg = NULL; /* on failure it stays the caller's */
		feed_free(feed);
		return err;
	}
	uv_timer_init(feed->loop, &feed->linger);
	feed->linger.data = feed;
	uv_timer_init(feed->loop, &feed->thaw);
	feed->thaw.data = feed;
	*out = feed;
	return 0;
}

/* ---- how it goes ---- */

void cis_feed_stats(const struct cis_feed *feed, struct cis_feed_stats *stats)
{
	*stats = feed->stats;
}

uint64_t cis_feed_backlog(const struct cis_feed *feed)
{
	uint64_t most = 0;

	for (unsigned i = 0; i < feed->n_endpoint; i++) {
		const struct cis_endpoint *ep = feed->endpoint[i];
		uint64_t n = ep->ops->backlog ? ep->ops->backlog(ep) : 0;

		if (n > most)
			most = n;
	}
	for (const struct cis_guest *g = feed->guests; g; g = g->next) {
		uint64_t n = g->ops->backlog ? g->ops->backlog(g) : 0;

		if (n > most)
			most = n;
	}
	return most;
}

/*
 * feed.c - one stream: frames are made here, endpoints carry them.
 *
 * CFG and HDR are made when somebody asks, with the time of the latest data.
 */
#include "board.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"

#define QUEUE_S      2.0
#define QUEUE_BYTES  (1u << 20)
#define QUEUE_FRAMES 4 /* at least */
#define SLOT_HEAD    2 /* bytes: the length of the frame */
#define STALL_MS     10000
#define SILENT_MS    3600000
#define LINGER_MS    1000
#define RETRY_MS     1000

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
	free(feed->slots);
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

static const struct cis_c37_config *config_of(const struct cis_feed *feed)
{
	return feed->cfg ? feed->cfg : feed->lend(feed->arg, feed->i);
}

/* Names of 255 bytes may make it too long; then it is not sent. */
static void measure_cfg3(struct cis_feed *feed)
{
	int len = cis_feed_encode(feed, CIS_C37_CFG3);

	if (len > 0 && (size_t)len > feed->frame_max)
		feed->frame_max = (size_t)len;
	if (len <= 0 && feed->push == CIS_C37_CFG3)
		feed->push = CIS_C37_CFG2;
}

/* The length of every kind of frame, so that none fails later. */
static int measure(struct cis_feed *feed, struct cis_diag *diag)
{
	static const enum cis_c37_type types[] = {CIS_C37_HDR, CIS_C37_CFG1,
						  CIS_C37_CFG2};
	const struct cis_c37_config *cfg = config_of(feed);
	size_t len = cis_c37_data_len(cfg);

	if (len > CIS_C37_MAX_FRAME)
		return cis_fail(diag, -EMSGSIZE,
				"a data frame would have %zu bytes and may "
				"have %d: too many PMUs or phasors",
				len, CIS_C37_MAX_FRAME);
	feed->idcode = cfg->idcode;
	feed->edition = cfg->edition;
	if (!feed->slots && len > feed->slot_len)
		feed->slot_len = len;
	feed->frame_max = feed->slot_len;
	for (unsigned i = 0; i < 3; i++) {
		int n = cis_feed_encode(feed, types[i]);

		if (n < 0)
			return cis_fail(diag, -EMSGSIZE,
					"the %s frame would have more than %d "
					"bytes",
					i ? "configuration" : "header",
					CIS_C37_MAX_FRAME);
		if ((size_t)n > feed->frame_max)
			feed->frame_max = (size_t)n;
	}
	measure_cfg3(feed);
	return 0;
}

static void size_ring(struct cis_feed *feed)
{
	const struct cis_c37_config *cfg = config_of(feed);
	double fps = cfg->data_rate > 0 ? cfg->data_rate : 0;
	uint64_t n = (uint64_t)(feed->queue_s * fps);

	if (n > QUEUE_BYTES / feed->slot_len)
		n = QUEUE_BYTES / feed->slot_len;
	feed->n_slot = n < QUEUE_FRAMES ? QUEUE_FRAMES : n;
}

static int prepare(struct cis_feed *feed, struct cis_diag *diag)
{
	int err = measure(feed, diag);

	if (err)
		return err;
	size_ring(feed);
	feed->slots = malloc(feed->n_slot * (SLOT_HEAD + feed->slot_len));
	if (!feed->slots ||
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
	feed->slot_len = fc->data_max;
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

/* ---- frames ---- */

static struct cis_split_time now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return cis_time_split(cis_time_from_posix(ts.tv_sec, ts.tv_nsec));
}

int cis_feed_encode(struct cis_feed *feed, enum cis_c37_type type)
{
	struct cis_split_time at = feed->has_time ? feed->at : now();
	const struct cis_c37_config *cfg = config_of(feed);
	uint8_t *buf = feed->room->scratch;
	size_t size = sizeof(feed->room->scratch);

	if (type == CIS_C37_HDR)
		return cis_c37_header_encode(cfg, at, feed->time_quality,
					     feed->header, buf, size);
	/* A PMU of 2005 does not know CFG-3, and clients ask for CFG-2. */
	if (type == CIS_C37_CFG3 && cfg->edition == 2005)
		return -EINVAL;
	return cis_c37_config_encode(cfg, type, at, feed->time_quality, buf,
				     size);
}

static uint8_t *slot(const struct cis_feed *feed, uint64_t n)
{
	return feed->slots + n % feed->n_slot * (SLOT_HEAD + feed->slot_len);
}

uint64_t cis_feed_oldest(const struct cis_feed *feed)
{
	uint64_t n =
		feed->n_made > feed->n_slot ? feed->n_made - feed->n_slot : 0;

	return n > feed->n_first ? n : feed->n_first;
}

const uint8_t *cis_feed_frame(const struct cis_feed *feed, uint64_t n,
			      size_t *len)
{
	const uint8_t *s = slot(feed, n);

	*len = (size_t)s[0] << 8 | s[1];
	return s + SLOT_HEAD;
}

bool cis_feed_config_due(const struct cis_feed *feed, int64_t *last)
{
	int64_t turn = feed->cfg_every_s ? feed->soc / feed->cfg_every_s : 0;

	if (turn == *last)
		return false;
	*last = turn;
	return true;
}

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

/* The frame that stands in the next slot goes to all who want it. */
static void deliver(struct cis_feed *feed, size_t len)
{
	uint8_t *s = slot(feed, feed->n_made);
	struct cis_guest *next;

	s[0] = (uint8_t)(len >> 8);
	s[1] = (uint8_t)len;
	feed->has_time = true;
	feed->n_made++;
	feed->stats.frames++;
	for (unsigned i = 0; i < feed->n_endpoint; i++)
		if (feed->endpoint[i]->ops->put)
			feed->endpoint[i]->ops->put(feed->endpoint[i],
						    s + SLOT_HEAD, len);
	for (struct cis_guest *g = feed->guests; g; g = next) {
		next = g->next; /* put() may drop g */
		g->ops->put(g, s + SLOT_HEAD, len);
	}
	note_data(feed, s + SLOT_HEAD, len);
}

void cis_feed_announce(struct cis_feed *feed)
{
	feed->n_first = feed->n_made;
	for (unsigned i = 0; i < feed->n_endpoint; i++)
		if (feed->endpoint[i]->ops->announce)
			feed->endpoint[i]->ops->announce(feed->endpoint[i]);
	for (struct cis_guest *g = feed->guests; g; g = g->next)
		g->ops->announce(g);
}

/* Encodes feed->data and sends it to all who want it. */
static void send_data(struct cis_feed *feed, uint16_t change)
{
	const struct cis_c37_head *head = &feed->data->head;
	int len;

	for (uint16_t i = 0; i < feed->cfg->n_pmu; i++)
		feed->data->block[i].stat |= change;
	len = cis_c37_data_encode(feed->cfg, feed->data,
				  slot(feed, feed->n_made) + SLOT_HEAD,
				  feed->slot_len);
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
	if (len > feed->slot_len) {
		feed->stats.dropped++;
		return;
	}
	feed->soc = cis_utc_from_tai(at.tai_s).soc;
	feed->at = cis_instant_split(at);
	feed->time_quality = time_quality;
	feed->has_time = true;
	if (feed->n_endpoint || feed->guests) {
		memcpy(slot(feed, feed->n_made) + SLOT_HEAD, frame, len);
		deliver(feed, len);
		return;
	}
	feed->stats.frames++;
	feed->n_first = ++feed->n_made;
	note_data(feed, frame, len);
}

int cis_feed_make_room(struct cis_feed *feed, size_t data_max)
{
	size_t old_len = SLOT_HEAD + feed->slot_len;
	size_t new_len = SLOT_HEAD + data_max;
	uint8_t *slots;

	if (data_max <= feed->slot_len)
		return 0;
	slots = malloc(feed->n_slot * new_len);
	if (!slots)
		return -ENOMEM;
	for (uint64_t n = cis_feed_oldest(feed); n < feed->n_made; n++)
		memcpy(slots + n % feed->n_slot * new_len, slot(feed, n),
		       old_len);
	free(feed->slots);
	feed->slots = slots;
	feed->slot_len = data_max;
	return 0;
}

void cis_feed_set_push(struct cis_feed *feed, enum cis_c37_type push,
		       uint32_t cfg_every_s)
{
	feed->cfg_every_s = cfg_every_s;
	feed->push = push == CIS_C37_CFG3 ? CIS_C37_CFG3 : CIS_C37_CFG2;
	if (push == CIS_C37_CFG3)
		measure_cfg3(feed);
}

int cis_feed_set_config(struct cis_feed *feed, struct cis_diag *diag)
{
	size_t len = cis_c37_data_len(config_of(feed));
	int err = len > feed->slot_len
			  ? cis_fail(diag, -EMSGSIZE,
				     "a data frame would have %zu bytes and "
				     "may have %zu",
				     len, feed->slot_len)
			  : measure(feed, diag);

	if (!err)
		cis_feed_announce(feed);
	return err;
}

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

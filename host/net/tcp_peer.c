/* tcp_peer.c - see tcp_peer.h. */
#include "tcp_peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "teller.h"

#define KEEPALIVE_S 30
#define SNDBUF_MIN  32768
#define RCVBUF      16384 /* commands alone come in */
#define READ_PER_S  1024  /* bytes: fifty commands */
#define READ_MOST   4096
#define READ_LEAST  64 /* it is not read for less */
#define THAW_MS     100

/* Whose endpoint it came to. */
static struct cis_feed *home_of(const struct cis_tcp_peer *peer)
{
	return peer->ep->feed;
}

static uint64_t now_ms(const struct cis_tcp_peer *peer)
{
	return uv_now(home_of(peer)->loop);
}

/* ---- leaving ---- */

static void peer_closed(uv_handle_t *handle)
{
	struct cis_tcp_peer *peer = handle->data;
	struct cis_feed *home = home_of(peer);

	free(peer->out);
	peer->ops->closed(peer);
	cis_feed_release(home);
}

void cis_tcp_peer_discard(struct cis_tcp_peer *peer)
{
	uv_close((uv_handle_t *)&peer->tcp, peer_closed);
}

static void unfreeze(struct cis_tcp_peer *peer)
{
	if (!peer->link_thaw)
		return;
	*peer->link_thaw = peer->next_thaw;
	if (peer->next_thaw)
		peer->next_thaw->link_thaw = peer->link_thaw;
	peer->link_thaw = NULL;
}

void cis_tcp_peer_drop(struct cis_tcp_peer *peer, const char *reason)
{
	if (uv_is_closing((uv_handle_t *)&peer->tcp))
		return;
	cis_tcp_peer_run(peer, false);
	unfreeze(peer);
	peer->ops->left(peer, reason);
	cis_guest_go(&peer->guest);
	uv_close((uv_handle_t *)&peer->tcp, peer_closed);
}

static const char *why(const struct cis_tcp_peer *peer, int err)
{
	return peer->ended ? "closed by the client" : uv_strerror(err);
}

void cis_tcp_peer_leave(struct cis_tcp_peer *peer, bool now)
{
	peer->leaving = true;
	if (now)
		cis_tcp_peer_drop(peer, "end of stream");
	else
		cis_tcp_peer_pump(peer);
}

/* ---- sending ---- */

static void written(uv_write_t *req, int status)
{
	struct cis_tcp_peer *peer = req->data;

	peer->busy = false;
	if (status == UV_ECANCELED)
		return;
	if (status < 0) {
		cis_tcp_peer_drop(peer, why(peer, status));
		return;
	}
	peer->moved_ms = now_ms(peer);
	cis_tcp_peer_pump(peer);
}

/* Frames may become longer when the configuration changes. */
static int make_room(struct cis_tcp_peer *peer, size_t len)
{
	uint8_t *out;

	if (len <= peer->out_size)
		return 0;
	out = realloc(peer->out, len);
	if (!out)
		return -ENOMEM;
	peer->out = out;
	peer->out_size = len;
	return 0;
}

/* What the socket does not take at once is copied and waited for. */
static int send_frame(struct cis_tcp_peer *peer, const uint8_t *frame,
		      size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)frame, (unsigned)len);
	int n = uv_try_write((uv_stream_t *)&peer->tcp, &buf, 1);

	if (n == UV_EAGAIN)
		n = 0;
	if (n < 0)
		return n;
	if (n > 0)
		peer->moved_ms = now_ms(peer);
	if ((size_t)n == len)
		return 0;
	len -= (size_t)n;
	if (make_room(peer, len))
		return UV_ENOMEM;
	memcpy(peer->out, frame + n, len);
	buf = uv_buf_init((char *)peer->out, (unsigned)len);
	peer->write.data = peer;
	peer->busy = true;
	return uv_write(&peer->write, (uv_stream_t *)&peer->tcp, &buf, 1,
			written);
}

/* What the ring no longer holds is lost. */
static void skip_lost(struct cis_tcp_peer *peer)
{
	struct cis_feed *feed = peer->guest.feed;
	uint64_t lost = cis_feed_oldest(feed);

	if (peer->cursor >= lost)
		return;
	lost -= peer->cursor;
	peer->cursor += lost;
	peer->dropped += lost;
	feed->stats.dropped += lost;
	if (!peer->behind)
		cis_tell(&home_of(peer)->room->teller, now_ms(peer),
			 CIS_LOG_WARN,
			 "client too slow, its oldest data are dropped peer=%s",
			 peer->dialog.talker.name);
	peer->behind = true;
}

static void caught_up(struct cis_tcp_peer *peer)
{
	if (peer->behind)
		cis_tell(&home_of(peer)->room->teller, now_ms(peer),
			 CIS_LOG_INFO, "client caught up peer=%s dropped=%llu",
			 peer->dialog.talker.name,
			 (unsigned long long)peer->dropped);
	peer->behind = false;
}

/* What cannot be made (a CFG-3 too long) is not answered. */
static int send_answer(struct cis_tcp_peer *peer)
{
	struct cis_feed *feed = peer->guest.feed;
	int len = cis_feed_encode(feed, peer->answer[0]);

	peer->n_answer--;
	memmove(peer->answer, peer->answer + 1,
		peer->n_answer * sizeof(peer->answer[0]));
	if (len <= 0 || (size_t)len > feed->frame_max)
		return 0;
	return send_frame(peer, feed->room->scratch, (size_t)len);
}

static int send_data(struct cis_tcp_peer *peer)
{
	struct cis_feed *feed = peer->guest.feed;
	int err = 0;

	if (!peer->running || peer->aside)
		return 0;
	skip_lost(peer);
	while (!err && !peer->busy && peer->cursor < feed->n_made) {
		size_t len;
		const uint8_t *frame = cis_feed_frame(feed, peer->cursor, &len);

		peer->cursor++;
		err = send_frame(peer, frame, len);
		feed->stats.sent++;
	}
	return err;
}

void cis_tcp_peer_pump(struct cis_tcp_peer *peer)
{
	uint64_t stall_ms = home_of(peer)->stall_ms;
	int err = 0;

	while (!err && !peer->busy && peer->n_answer)
		err = send_answer(peer);
	if (!err)
		err = send_data(peer);
	if (err)
		cis_tcp_peer_drop(peer, why(peer, err));
	else if (peer->busy && now_ms(peer) - peer->moved_ms > stall_ms)
		cis_tcp_peer_drop(peer, "it takes nothing");
	else if (!peer->busy && peer->leaving)
		cis_tcp_peer_drop(peer, peer->ended ? "closed by the client"
						    : "end of stream");
	else if (!peer->busy)
		caught_up(peer);
}

void cis_tcp_peer_answer(struct cis_tcp_peer *peer, enum cis_c37_type type)
{
	if (peer->n_answer == CIS_PEER_ANSWERS)
		peer->n_answer--;
	peer->answer[peer->n_answer++] = type;
}

void cis_tcp_peer_run(struct cis_tcp_peer *peer, bool on)
{
	struct cis_feed *feed = peer->guest.feed;

	if (on == peer->running)
		return;
	if (on)
		feed->stats.clients_running++;
	else
		feed->stats.clients_running--;
	peer->cursor = feed->n_made;
	peer->running = on;
}

/* ---- as a guest ---- */

static void put(struct cis_guest *g, const uint8_t *frame, size_t len)
{
	struct cis_tcp_peer *peer = (struct cis_tcp_peer *)g;

	if (peer->aside && peer->running)
		peer->ops->aside(peer, frame, len);
	cis_tcp_peer_pump(peer);
}

static void announce(struct cis_guest *g)
{
	struct cis_tcp_peer *peer = (struct cis_tcp_peer *)g;
	bool asked = peer->cfg != CIS_C37_DATA && g->feed->edition != 2005;

	if (peer->running)
		cis_tcp_peer_answer(peer, asked ? peer->cfg : g->feed->push);
}

static uint64_t backlog(const struct cis_guest *g)
{
	const struct cis_tcp_peer *peer = (const struct cis_tcp_peer *)g;

	return peer->running && !peer->aside ? g->feed->n_made - peer->cursor
					     : 0;
}

static void leave(struct cis_guest *g, bool now)
{
	cis_tcp_peer_leave((struct cis_tcp_peer *)g, now);
}

static const struct cis_guest_ops guest_ops = {put, announce, backlog, leave};

static void enter(struct cis_tcp_peer *peer, struct cis_feed *feed)
{
	cis_guest_enter(&peer->guest, feed);
	peer->dialog.talker.idcode = feed->idcode;
}

/* What it has not taken from the feed that it leaves is gone. */
static void move(struct cis_tcp_peer *peer, struct cis_feed *feed)
{
	cis_tcp_peer_run(peer, false);
	cis_guest_go(&peer->guest);
	peer->n_answer = 0;
	peer->cfg = CIS_C37_DATA;
	peer->behind = false;
	enter(peer, feed);
	cis_tell(&home_of(peer)->room->teller, now_ms(peer), CIS_LOG_INFO,
		 "client named its PMU peer=%s idcode=%u",
		 peer->dialog.talker.name, (unsigned)feed->idcode);
}

/* On a port of many: the PMU that a command names is the client's. */
static bool admits(void *arg, uint16_t idcode)
{
	struct cis_tcp_peer *peer = arg;
	struct cis_feed *feed = cis_board_called(home_of(peer), idcode);

	if (feed && feed != peer->guest.feed)
		move(peer, feed);
	return feed != NULL;
}

/* ---- commands ---- */

static void obey(struct cis_tcp_peer *peer, int command)
{
	enum cis_c37_type type;

	if (cis_dialog_answer(command, &type)) {
		cis_tcp_peer_answer(peer, type);
		if (type == CIS_C37_CFG2 || type == CIS_C37_CFG3)
			peer->cfg = type;
	} else if (command == CIS_C37_CMD_DATA_ON) {
		cis_tcp_peer_run(peer, true);
	} else if (command == CIS_C37_CMD_DATA_OFF) {
		cis_tcp_peer_run(peer, false);
	}
}

static void take(struct cis_tcp_peer *peer, const uint8_t *data, size_t len)
{
	int command;

	while ((command = cis_dialog_next(&peer->dialog, now_ms(peer), &data,
					  &len)) >= 0) {
		obey(peer, command);
		/* Between two commands: HDR asked twice is sent twice. */
		cis_tcp_peer_pump(peer);
		if (uv_is_closing((uv_handle_t *)&peer->tcp))
			break;
	}
	home_of(peer)->stats.bad += peer->dialog.n_bad + (command == -EPROTO);
	peer->dialog.n_bad = 0;
	if (command == -EPROTO)
		cis_tcp_peer_drop(peer, "it does not speak C37.118");
}

/* ---- reading ---- */

static void read_buf(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct cis_tcp_peer *peer = handle->data;
	struct cis_feed *feed = home_of(peer);
	uint32_t left = cis_quota_left(&peer->quota, now_ms(peer));

	(void)suggested;
	*buf = uv_buf_init((char *)feed->room->rx,
			   left < sizeof(feed->room->rx)
				   ? left
				   : (unsigned)sizeof(feed->room->rx));
}

static void thaw(uv_timer_t *timer);

/* Whoever sends commands without pause waits, and the others do not. */
static void freeze(struct cis_tcp_peer *peer)
{
	struct cis_feed *feed = home_of(peer);

	uv_read_stop((uv_stream_t *)&peer->tcp);
	if (!feed->frozen && !feed->closing)
		uv_timer_start(&feed->thaw, thaw, THAW_MS, THAW_MS);
	peer->next_thaw = feed->frozen;
	peer->link_thaw = &feed->frozen;
	if (peer->next_thaw)
		peer->next_thaw->link_thaw = &peer->next_thaw;
	feed->frozen = peer;
}

/* It may have closed its sending side alone: while it has data on it is served
 * until a write fails. No write would ever tell where data go another way. */
static void read_end(struct cis_tcp_peer *peer)
{
	peer->ended = true;
	peer->leaving = !peer->running || peer->aside;
	cis_tcp_peer_pump(peer);
}

static void read_done(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct cis_tcp_peer *peer = stream->data;

	if (n == UV_EOF) {
		read_end(peer);
	} else if (n < 0) {
		cis_tcp_peer_drop(peer, uv_strerror((int)n));
	} else if (n > 0) {
		cis_quota_take(&peer->quota, (uint32_t)n, now_ms(peer));
		take(peer, (const uint8_t *)buf->base, (size_t)n);
		if (!uv_is_closing((uv_handle_t *)stream) &&
		    cis_quota_left(&peer->quota, now_ms(peer)) < READ_LEAST)
			freeze(peer);
	}
}

/* Reads again from those that may send more. */
static void thaw(uv_timer_t *timer)
{
	struct cis_feed *feed = timer->data;
	struct cis_tcp_peer *next;

	for (struct cis_tcp_peer *p = feed->frozen; p; p = next) {
		next = p->next_thaw;
		if (cis_quota_left(&p->quota, now_ms(p)) < READ_LEAST)
			continue;
		unfreeze(p);
		uv_read_start((uv_stream_t *)&p->tcp, read_buf, read_done);
	}
	if (!feed->frozen)
		uv_timer_stop(timer);
}

/* ---- arriving ---- */

struct cis_tcp_peer *cis_tcp_peer_new(struct cis_endpoint *ep,
				      const struct cis_tcp_peer_ops *ops)
{
	struct cis_feed *feed = ep->feed;
	struct cis_tcp_peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return NULL;
	if (make_room(peer, feed->frame_max)) {
		free(peer);
		return NULL;
	}
	peer->ops = ops;
	peer->ep = ep;
	uv_tcp_init(feed->loop, &peer->tcp);
	peer->tcp.data = peer;
	cis_feed_hold(feed);
	return peer;
}

void cis_tcp_peer_buffers(const struct cis_feed *feed, uv_tcp_t *tcp)
{
	uint64_t queue = feed->n_slot * feed->slot_len;
	int sndbuf = queue < SNDBUF_MIN ? SNDBUF_MIN : (int)queue;
	int rcvbuf = RCVBUF;

	uv_send_buffer_size((uv_handle_t *)tcp, &sndbuf);
	uv_recv_buffer_size((uv_handle_t *)tcp, &rcvbuf);
}

void cis_tcp_peer_start(struct cis_tcp_peer *peer, struct cis_feed *feed)
{
	struct cis_talker *talker = &peer->dialog.talker;
	int len = sizeof(peer->addr);

	peer->moved_ms = now_ms(peer);
	peer->guest.ops = &guest_ops;
	cis_dialog_init(&peer->dialog, 0, now_ms(peer));
	talker->teller = &home_of(peer)->room->teller;
	if (feed) {
		enter(peer, feed);
	} else {
		talker->admits = admits;
		talker->arg = peer;
	}
	cis_quota_init(&peer->quota, READ_PER_S, READ_MOST, now_ms(peer));
	peer->addr.ss_family = AF_INET;
	uv_tcp_getpeername(&peer->tcp, (struct sockaddr *)&peer->addr, &len);
	cis_addr_format((struct sockaddr *)&peer->addr, talker->name);
	uv_tcp_nodelay(&peer->tcp, 1);
	uv_tcp_keepalive(&peer->tcp, 1, KEEPALIVE_S);
	uv_read_start((uv_stream_t *)&peer->tcp, read_buf, read_done);
}

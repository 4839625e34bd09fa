/* tcp_peer.c - what is sent to a connection; see tcp_peer.h. tcp_peer_read.c has
 * what comes from it. */
#include "tcp_peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "teller.h"

#define KEEPALIVE_S 30
#define SNDBUF_MIN  32768
#define RCVBUF      16384 /* commands alone come in */

/* ---- leaving ---- */

static void peer_closed(uv_handle_t *handle)
{
	struct cis_tcp_peer *peer = handle->data;
	struct cis_feed *home = cis_tcp_peer_home(peer);

	free(peer->out);
	peer->ops->closed(peer);
	cis_feed_release(home);
}

void cis_tcp_peer_discard(struct cis_tcp_peer *peer)
{
	uv_close((uv_handle_t *)&peer->tcp, peer_closed);
}

void cis_tcp_peer_drop(struct cis_tcp_peer *peer, const char *reason)
{
	if (uv_is_closing((uv_handle_t *)&peer->tcp))
		return;
	cis_tcp_peer_run(peer, false);
	cis_tcp_peer_unfreeze(peer);
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
	peer->moved_ms = cis_tcp_peer_now_ms(peer);
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
		peer->moved_ms = cis_tcp_peer_now_ms(peer);
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
	uint64_t lost = cis_frame_ring_oldest(&feed->ring);

	if (peer->cursor >= lost)
		return;
	lost -= peer->cursor;
	peer->cursor += lost;
	peer->dropped += lost;
	feed->stats.dropped += lost;
	if (!peer->behind)
		cis_tell(&cis_tcp_peer_home(peer)->room->teller,
			 cis_tcp_peer_now_ms(peer), CIS_LOG_WARN,
			 "client too slow, its oldest data are dropped peer=%s",
			 peer->dialog.talker.name);
	peer->behind = true;
}

static void caught_up(struct cis_tcp_peer *peer)
{
	if (peer->behind)
		cis_tell(&cis_tcp_peer_home(peer)->room->teller,
			 cis_tcp_peer_now_ms(peer), CIS_LOG_INFO,
			 "client caught up peer=%s dropped=%llu",
			 peer->dialog.talker.name,
			 (unsigned long long)peer->dropped);
	peer->behind = false;
}

/* What cannot be made (a CFG-3 too long) is not answered. */
static int send_answer(struct cis_tcp_peer *peer)
{
	struct cis_feed *feed = peer->guest.feed;
	int len = cis_feed_encode(feed, peer->answer[0]);
	int err;

	peer->n_answer--;
	memmove(peer->answer, peer->answer + 1,
		peer->n_answer * sizeof(peer->answer[0]));
	if (len <= 0 || (size_t)len > feed->frame_max)
		return 0;
	err = send_frame(peer, feed->room->scratch, (size_t)len);
	if (!err)
		cis_feed_note_sent(feed, peer->dialog.talker.name, (size_t)len);
	return err;
}

static int send_data(struct cis_tcp_peer *peer)
{
	struct cis_feed *feed = peer->guest.feed;
	int err = 0;

	if (!peer->running || peer->aside)
		return 0;
	skip_lost(peer);
	while (!err && !peer->busy && peer->cursor < feed->ring.n_made) {
		size_t len;
		const uint8_t *frame =
			cis_frame_ring_at(&feed->ring, peer->cursor, &len);

		peer->cursor++;
		err = send_frame(peer, frame, len);
		feed->stats.sent++;
		peer->frames++;
		peer->bytes += len;
	}
	return err;
}

void cis_tcp_peer_pump(struct cis_tcp_peer *peer)
{
	uint64_t stall_ms = cis_tcp_peer_home(peer)->stall_ms;
	int err = 0;

	while (!err && !peer->busy && peer->n_answer)
		err = send_answer(peer);
	if (!err)
		err = send_data(peer);
	if (err)
		cis_tcp_peer_drop(peer, why(peer, err));
	else if (peer->busy &&
		 cis_tcp_peer_now_ms(peer) - peer->moved_ms > stall_ms)
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
	peer->cursor = feed->ring.n_made;
	peer->running = on;
}

/* ---- as a guest ---- */

static void put_aside(struct cis_tcp_peer *peer, const uint8_t *frame,
		      size_t len)
{
	if (!peer->ops->aside(peer, frame, len)) {
		peer->dropped++;
		return;
	}
	peer->frames++;
	peer->bytes += len;
}

static void put(struct cis_guest *g, const uint8_t *frame, size_t len)
{
	struct cis_tcp_peer *peer = (struct cis_tcp_peer *)g;

	if (peer->aside && peer->running)
		put_aside(peer, frame, len);
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

	return peer->running && !peer->aside
		       ? g->feed->ring.n_made - peer->cursor
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
	cis_tell(&cis_tcp_peer_home(peer)->room->teller,
		 cis_tcp_peer_now_ms(peer), CIS_LOG_INFO,
		 "client named its PMU peer=%s idcode=%u",
		 peer->dialog.talker.name, (unsigned)feed->idcode);
}

/* On a port of many: the PMU that a command names is the client's. */
static bool admits(void *arg, uint16_t idcode)
{
	struct cis_tcp_peer *peer = arg;
	struct cis_feed *feed =
		cis_board_called(cis_tcp_peer_home(peer), idcode);

	if (feed && feed != peer->guest.feed)
		move(peer, feed);
	return feed != NULL;
}

static void heard(void *arg, const uint8_t *frame, size_t len)
{
	const struct cis_tcp_peer *peer = arg;
	const struct cis_feed_watch *watch = peer->guest.feed->watch;

	if (watch && watch->command)
		watch->command(watch->arg, peer->dialog.talker.name, frame,
			       len);
}

struct cis_client_info cis_tcp_peer_info(const struct cis_tcp_peer *peer)
{
	struct cis_client_info info =
		cis_client_of(peer->id, peer->dialog.talker.name,
			      peer->aside ? "TCP+UDP" : "TCP", peer->running);

	info.idcode = peer->guest.feed ? peer->guest.feed->idcode : 0;
	info.frames = peer->frames;
	info.bytes = peer->bytes;
	info.dropped = peer->dropped;
	info.bad = peer->bad;
	return info;
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
	uint64_t queue = feed->ring.n_slot * feed->ring.frame_size;
	int sndbuf = queue < SNDBUF_MIN ? SNDBUF_MIN : (int)queue;
	int rcvbuf = RCVBUF;

	uv_send_buffer_size((uv_handle_t *)tcp, &sndbuf);
	uv_recv_buffer_size((uv_handle_t *)tcp, &rcvbuf);
}

void cis_tcp_peer_start(struct cis_tcp_peer *peer, struct cis_feed *feed)
{
	struct cis_talker *talker = &peer->dialog.talker;
	int len = sizeof(peer->addr);

	peer->moved_ms = cis_tcp_peer_now_ms(peer);
	peer->guest.ops = &guest_ops;
	cis_dialog_init(&peer->dialog, 0, cis_tcp_peer_now_ms(peer));
	talker->teller = &cis_tcp_peer_home(peer)->room->teller;
	talker->heard = heard;
	talker->arg = peer;
	if (feed)
		enter(peer, feed);
	else
		talker->admits = admits;
	peer->addr.ss_family = AF_INET;
	uv_tcp_getpeername(&peer->tcp, (struct sockaddr *)&peer->addr, &len);
	cis_addr_format((struct sockaddr *)&peer->addr, talker->name);
	uv_tcp_nodelay(&peer->tcp, 1);
	uv_tcp_keepalive(&peer->tcp, 1, KEEPALIVE_S);
	cis_tcp_peer_read(peer);
}

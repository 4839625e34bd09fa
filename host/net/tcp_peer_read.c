/*
 * tcp_peer_read.c - what comes from a connection: commands, and not too many of
 * them; see tcp_peer.h.
 */
#include <errno.h>

#include "tcp_peer.h"

#define READ_PER_S 1024 /* bytes: fifty commands */
#define READ_MOST  4096
#define READ_LEAST 64 /* it is not read for less */
#define THAW_MS    100

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
	uint64_t bad;
	int command;

	while ((command = cis_dialog_next(&peer->dialog,
					  cis_tcp_peer_now_ms(peer), &data,
					  &len)) >= 0) {
		obey(peer, command);
		/* Between two commands: HDR asked twice is sent twice. */
		cis_tcp_peer_pump(peer);
		if (uv_is_closing((uv_handle_t *)&peer->tcp))
			break;
	}
	bad = peer->dialog.n_bad + (command == -EPROTO);
	cis_tcp_peer_home(peer)->stats.bad += bad;
	peer->bad += bad;
	peer->dialog.n_bad = 0;
	if (command == -EPROTO)
		cis_tcp_peer_drop(peer, "it does not speak C37.118");
}

/* ---- reading ---- */

void cis_tcp_peer_unfreeze(struct cis_tcp_peer *peer)
{
	if (!peer->link_thaw)
		return;
	*peer->link_thaw = peer->next_thaw;
	if (peer->next_thaw)
		peer->next_thaw->link_thaw = peer->link_thaw;
	peer->link_thaw = NULL;
}

static void read_buf(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct cis_tcp_peer *peer = handle->data;
	struct cis_feed *feed = cis_tcp_peer_home(peer);
	uint32_t left = cis_quota_left(&peer->quota, cis_tcp_peer_now_ms(peer));

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
	struct cis_feed *feed = cis_tcp_peer_home(peer);

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
		cis_quota_take(&peer->quota, (uint32_t)n,
			       cis_tcp_peer_now_ms(peer));
		take(peer, (const uint8_t *)buf->base, (size_t)n);
		if (!uv_is_closing((uv_handle_t *)stream) &&
		    cis_quota_left(&peer->quota, cis_tcp_peer_now_ms(peer)) <
			    READ_LEAST)
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
		if (cis_quota_left(&p->quota, cis_tcp_peer_now_ms(p)) <
		    READ_LEAST)
			continue;
		cis_tcp_peer_unfreeze(p);
		uv_read_start((uv_stream_t *)&p->tcp, read_buf, read_done);
	}
	if (!feed->frozen)
		uv_timer_stop(timer);
}

void cis_tcp_peer_read(struct cis_tcp_peer *peer)
{
	cis_quota_init(&peer->quota, READ_PER_S, READ_MOST,
		       cis_tcp_peer_now_ms(peer));
	uv_read_start((uv_stream_t *)&peer->tcp, read_buf, read_done);
}

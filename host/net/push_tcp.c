/*
 * push_tcp.c - data to a TCP server elsewhere, unasked.
 *
 * Connects, sends the configuration and then the data, and obeys commands that
 * come back. When the server refuses, is lost or hangs up, it tries again, later
 * and later; what was made meanwhile is counted as dropped.
 */
#include <errno.h>
#include <stdlib.h>

#include "tcp_peer.h"

#define MAX_RETRY  30 /* times the first wait */
#define CONNECT_MS 10000

struct push {
	struct cis_endpoint ep;
	uv_timer_t timer;
	uv_connect_t connect;
	struct cis_tcp_peer *peer; /* NULL between two attempts */
	bool connected;
	bool closing;
	struct cis_away *away; /* it is one of these */
	struct cis_away own;
	unsigned next_addr;
	uint64_t wait_ms;
	uint64_t since_ms;
	uint64_t lost; /* frames made while it was away */
	uint64_t lost_ever;
	/* Of the connections that there were. */
	uint64_t frames, bytes, dropped, bad;
};

static void try_again(struct push *p);
static void attempt(uv_timer_t *timer);

/* ---- the end of a connection, or of an attempt ---- */

static void tell_away(struct push *p, const char *reason)
{
	if (!p->away->told && !p->closing)
		cis_tell(&p->ep.feed->room->teller, uv_now(p->ep.feed->loop),
			 CIS_LOG_WARN, "no connection to %s: %s; trying again",
			 p->ep.name, reason);
	p->away->told = true;
}

/* When all have come; of many that is one line. */
static void tell_here(struct push *p)
{
	struct cis_away *away = p->away;

	away->lost += p->lost;
	p->lost = 0;
	if (--away->n > 0)
		return;
	cis_tell(&p->ep.feed->room->teller, uv_now(p->ep.feed->loop),
		 CIS_LOG_INFO, "connected to %s lost=%llu", p->ep.name,
		 (unsigned long long)away->lost);
	away->told = false;
	away->lost = 0;
}

static void left(struct cis_tcp_peer *peer, const char *reason)
{
	struct push *p = (struct push *)peer->ep;
	struct cis_feed *feed = p->ep.feed;

	if (!p->connected) {
		tell_away(p, reason);
		return;
	}
	p->connected = false;
	p->frames += peer->frames;
	p->bytes += peer->bytes;
	p->dropped += peer->dropped;
	p->bad += peer->bad;
	p->away->n++;
	feed->stats.clients--;
	/* One that hangs up at once is no better than one that refuses. */
	if (uv_now(feed->loop) - p->since_ms > MAX_RETRY * feed->retry_ms)
		p->wait_ms = feed->retry_ms;
	tell_away(p, peer->ended ? "closed by the server" : reason);
}

static void closed(struct cis_tcp_peer *peer)
{
	struct push *p = (struct push *)peer->ep;

	free(peer);
	p->peer = NULL;
	if (!p->closing)
		try_again(p);
}

static const struct cis_tcp_peer_ops peer_ops = {left, closed, NULL};

static void try_again(struct push *p)
{
	uint64_t most_ms = MAX_RETRY * p->ep.feed->retry_ms;

	uv_timer_start(&p->timer, attempt, p->wait_ms, 0);
	p->wait_ms = 2 * p->wait_ms < most_ms ? 2 * p->wait_ms : most_ms;
}

/* ---- its beginning ---- */

static void connected(uv_connect_t *req, int status)
{
	struct push *p = req->data;
	struct cis_feed *feed = p->ep.feed;

	if (p->closing || !p->peer ||
	    uv_is_closing((uv_handle_t *)&p->peer->tcp))
		return;
	if (status < 0) {
		cis_tcp_peer_drop(p->peer, uv_strerror(status));
		return;
	}
	uv_timer_stop(&p->timer);
	p->connected = true;
	p->since_ms = uv_now(feed->loop);
	feed->stats.clients++;
	feed->stats.clients_ever++;
	cis_tcp_peer_buffers(feed, &p->peer->tcp);
	cis_tcp_peer_start(p->peer, feed);
	cis_tcp_peer_run(p->peer, true);
	tell_here(p);
	cis_tcp_peer_answer(p->peer, feed->push);
	cis_tcp_peer_pump(p->peer);
}

static void no_answer(uv_timer_t *timer)
{
	struct push *p = timer->data;

	if (p->peer)
		cis_tcp_peer_drop(p->peer, "no answer");
}

/* Call-backs come from the loop only, never from new(). */
static void attempt(uv_timer_t *timer)
{
	struct push *p = timer->data;
	const struct sockaddr *sa = (struct sockaddr *)&p->ep.addr
					    .ss[p->next_addr++ % p->ep.addr.n];
	int err;

	p->peer = cis_tcp_peer_new(&p->ep, &peer_ops);
	if (!p->peer) {
		tell_away(p, "out of memory");
		try_again(p);
		return;
	}
	p->connect.data = p;
	err = uv_tcp_connect(&p->connect, &p->peer->tcp, sa, connected);
	if (err)
		cis_tcp_peer_drop(p->peer, uv_strerror(err));
	else
		uv_timer_start(timer, no_answer, CONNECT_MS, 0);
}

/* ---- the endpoint ---- */

static void put(struct cis_endpoint *ep, const uint8_t *frame, size_t len)
{
	struct push *p = (struct push *)ep;

	(void)frame;
	(void)len;
	if (p->connected)
		return;
	p->lost++;
	p->lost_ever++;
	ep->feed->stats.dropped++;
}

static struct cis_client_info describe(const struct push *p)
{
	struct cis_client_info now;

	if (!p->connected) {
		now = cis_client_unasked(&p->ep, "TCP");
		now.on = false;
		now.state = "CONNECTING";
		return now;
	}
	now = cis_tcp_peer_info(p->peer);
	now.id = p->ep.id;
	now.unasked = true;
	return now;
}

static void tell_client(const struct cis_endpoint *ep,
			const struct cis_client_visit *visit)
{
	const struct push *p = (const struct push *)ep;
	struct cis_client_info info = describe(p);

	info.frames += p->frames;
	info.bytes += p->bytes;
	info.dropped += p->dropped + p->lost_ever;
	info.bad += p->bad;
	visit->each(visit->arg, &info);
}

/* Between two attempts there is nothing to close. */
static int kick(struct cis_endpoint *ep, uint64_t id)
{
	struct push *p = (struct push *)ep;

	if (id != ep->id)
		return -ENOENT;
	if (p->peer)
		cis_tcp_peer_drop(p->peer, "kicked");
	return 0;
}

static void close_push(struct cis_endpoint *ep, bool now)
{
	struct push *p = (struct push *)ep;

	p->closing = true;
	cis_endpoint_close(ep);
	if (p->peer)
		cis_tcp_peer_leave(p->peer, now || !p->connected);
}

static int open_push(struct cis_endpoint *ep, struct cis_diag *diag)
{
	struct push *p = (struct push *)ep;

	if (ep->addr.port == 0)
		return cis_fail(diag, -EINVAL,
				"tcp:%.120s:0: nothing can be sent to port 0",
				ep->addr.host);
	cis_endpoint_name(ep, "tcp", (struct sockaddr *)&ep->addr.ss[0]);
	p->wait_ms = ep->feed->retry_ms;
	p->away = ep->feed->away ? ep->feed->away : &p->own;
	p->away->n++;
	uv_timer_init(ep->feed->loop, &p->timer);
	cis_endpoint_hold(ep, (uv_handle_t *)&p->timer);
	return uv_timer_start(&p->timer, attempt, 0, 0);
}

const struct cis_endpoint_ops cis_tcp_push_ops = {
	.size = sizeof(struct push),
	.words = CIS_WORD_PORTS,
	.open = open_push,
	.put = put,
	.close = close_push,
	.clients = tell_client,
	.kick = kick,
};

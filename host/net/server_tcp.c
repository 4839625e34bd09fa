/*
 * server_tcp.c - the TCP side of a feed: clients that command it.
 *
 * A client is a place in the feed's ring. Frames are written directly; only the
 * rest of a frame that the socket did not take is copied and left to libuv, and
 * while it waits the client takes nothing new.
 */
#include "endpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"

#define MAX_ANSWER  8
#define MAX_COMMAND 1024  /* bytes; a longer one is skipped */
#define MAX_GARBAGE 65536 /* bytes without one good frame */
#define STALE_MS    5000  /* half a command is forgotten after so long */
#define KEEPALIVE_S 30
#define BACKLOG     64
#define SNDBUF_MIN  32768

struct client {
	struct server *server;
	struct client *next, **link;
	uv_tcp_t tcp;
	uv_write_t write;
	struct cis_talker talker;
	bool running;
	bool busy;    /* out is being written */
	bool leaving; /* closes once nothing is left to send */
	bool ended;   /* it sends no more */
	bool behind;
	uint64_t cursor; /* the next data frame */
	uint64_t dropped;
	uint64_t moved_ms; /* when something was last taken */
	uint64_t heard_ms;
	unsigned n_answer;
	enum cis_c37_type answer[MAX_ANSWER];
	size_t garbage;
	struct cis_c37_splitter splitter;
	uint8_t in[MAX_COMMAND];
	uint8_t out[];
};

struct server {
	struct cis_endpoint ep;
	uv_tcp_t tcp;
	struct client *clients;
	uint32_t n_client;
	bool told_full;
};

/* ---- leaving ---- */

static void client_closed(uv_handle_t *handle)
{
	struct client *c = handle->data;
	struct cis_feed *feed = c->server->ep.feed;

	free(c);
	cis_feed_release(feed);
}

static void set_running(struct client *c, bool on)
{
	struct cis_feed *feed = c->server->ep.feed;

	if (on && !c->running)
		feed->stats.clients_running++;
	if (!on && c->running)
		feed->stats.clients_running--;
	if (on != c->running)
		c->cursor = feed->n_made;
	c->running = on;
}

static void drop(struct client *c, const char *reason)
{
	struct server *s = c->server;

	if (uv_is_closing((uv_handle_t *)&c->tcp))
		return;
	set_running(c, false);
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	s->n_client--;
	s->told_full = false;
	s->ep.feed->stats.clients--;
	cis_log(CIS_LOG_INFO,
		"client disconnected peer=%s dropped=%llu reason=\"%s\"",
		c->talker.name, (unsigned long long)c->dropped, reason);
	uv_close((uv_handle_t *)&c->tcp, client_closed);
}

static const char *why(const struct client *c, int err)
{
	return c->ended ? "closed by the client" : uv_strerror(err);
}

/* ---- sending ---- */

static void pump(struct client *c);

static void written(uv_write_t *req, int status)
{
	struct client *c = req->data;

	c->busy = false;
	if (status == UV_ECANCELED)
		return;
	if (status < 0) {
		drop(c, why(c, status));
		return;
	}
	c->moved_ms = uv_now(c->server->ep.feed->loop);
	pump(c);
}

/* What the socket does not take at once is copied and waited for. */
static int send_frame(struct client *c, const uint8_t *frame, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)frame, (unsigned)len);
	int n = uv_try_write((uv_stream_t *)&c->tcp, &buf, 1);

	if (n == UV_EAGAIN)
		n = 0;
	if (n < 0)
		return n;
	if (n > 0)
		c->moved_ms = uv_now(c->server->ep.feed->loop);
	if ((size_t)n == len)
		return 0;
	len -= (size_t)n;
	memcpy(c->out, frame + n, len);
	buf = uv_buf_init((char *)c->out, (unsigned)len);
	c->write.data = c;
	c->busy = true;
	return uv_write(&c->write, (uv_stream_t *)&c->tcp, &buf, 1, written);
}

/* The ring holds the last n_slot frames; older ones are lost. */
static void skip_lost(struct client *c)
{
	struct cis_feed *feed = c->server->ep.feed;
	uint64_t lost;

	if (feed->n_made - c->cursor <= feed->n_slot)
		return;
	lost = feed->n_made - feed->n_slot - c->cursor;
	c->cursor += lost;
	c->dropped += lost;
	feed->stats.dropped += lost;
	if (!c->behind)
		cis_log(CIS_LOG_WARN,
			"client too slow, its oldest data are dropped peer=%s",
			c->talker.name);
	c->behind = true;
}

static void caught_up(struct client *c)
{
	if (c->behind)
		cis_log(CIS_LOG_INFO, "client caught up peer=%s dropped=%llu",
			c->talker.name, (unsigned long long)c->dropped);
	c->behind = false;
}

static int send_answer(struct client *c)
{
	int len = cis_feed_encode(c->server->ep.feed, c->answer[0]);

	c->n_answer--;
	memmove(c->answer, c->answer + 1, c->n_answer * sizeof(c->answer[0]));
	assert(len > 0);
	return send_frame(c, c->server->ep.feed->scratch, (size_t)len);
}

static void pump(struct client *c)
{
	struct cis_feed *feed = c->server->ep.feed;
	int err = 0;

	while (!err && !c->busy && c->n_answer)
		err = send_answer(c);
	if (c->running)
		skip_lost(c);
	while (!err && !c->busy && c->running && c->cursor < feed->n_made) {
		err = send_frame(c, cis_feed_frame(feed, c->cursor++),
				 feed->slot_len);
		feed->stats.sent++;
	}
	if (err)
		drop(c, why(c, err));
	else if (c->busy && uv_now(feed->loop) - c->moved_ms > feed->stall_ms)
		drop(c, "it takes nothing");
	else if (!c->busy && c->leaving)
		drop(c, c->ended ? "closed by the client" : "end of stream");
	else if (!c->busy)
		caught_up(c);
}

static void put(struct cis_endpoint *ep, const uint8_t *frame, size_t len)
{
	struct server *s = (struct server *)ep;
	struct client *next;

	(void)frame;
	(void)len;
	for (struct client *c = s->clients; c; c = next) {
		next = c->next; /* pump() may drop c */
		pump(c);
	}
}

/* ---- commands ---- */

static void obey(struct client *c, int command)
{
	enum cis_c37_type type;

	if (cis_feed_answer(command, &type) && c->n_answer < MAX_ANSWER)
		c->answer[c->n_answer++] = type;
	else if (command == CIS_C37_CMD_DATA_ON)
		set_running(c, true);
	else if (command == CIS_C37_CMD_DATA_OFF)
		set_running(c, false);
}

static void take(struct client *c, const uint8_t *data, size_t len)
{
	struct cis_feed *feed = c->server->ep.feed;
	uint64_t now_ms = uv_now(feed->loop);
	const uint8_t *frame;
	bool good;
	int n;

	if (now_ms - c->heard_ms > STALE_MS)
		cis_c37_splitter_init(&c->splitter, c->in, sizeof(c->in));
	c->heard_ms = now_ms;
	c->garbage += len;
	while ((n = cis_c37_splitter_next(&c->splitter, &data, &len, &frame)) >
	       0) {
		int command = cis_feed_command(feed, &c->talker, frame,
					       (size_t)n, &good);

		if (good)
			c->garbage = len;
		obey(c, command);
		/* Between two commands: HDR asked twice is sent twice. */
		pump(c);
		if (uv_is_closing((uv_handle_t *)&c->tcp))
			return;
	}
	if (c->garbage > MAX_GARBAGE) {
		feed->stats.bad++;
		drop(c, "it does not speak C37.118");
	}
}

static void read_buf(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct client *c = handle->data;
	struct cis_feed *feed = c->server->ep.feed;

	(void)suggested;
	*buf = uv_buf_init((char *)feed->rx, sizeof(feed->rx));
}

/* It may have closed its sending side alone: while it has data on it is served
 * until a write fails. */
static void read_end(struct client *c)
{
	c->ended = true;
	if (c->running)
		cis_log(CIS_LOG_DEBUG, "client sends no more peer=%s",
			c->talker.name);
	else
		c->leaving = true;
	pump(c);
}

static void read_done(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct client *c = stream->data;

	if (n > 0)
		take(c, (const uint8_t *)buf->base, (size_t)n);
	else if (n == UV_EOF)
		read_end(c);
	else if (n < 0)
		drop(c, uv_strerror((int)n));
}

/* ---- arriving ---- */

static struct client *client_new(struct server *s)
{
	struct client *c = calloc(1, sizeof(*c) + s->ep.feed->frame_max);

	if (!c)
		return NULL;
	c->server = s;
	cis_c37_splitter_init(&c->splitter, c->in, sizeof(c->in));
	uv_tcp_init(s->ep.feed->loop, &c->tcp);
	c->tcp.data = c;
	cis_feed_hold(s->ep.feed);
	return c;
}

static void set_socket(struct client *c)
{
	struct cis_feed *feed = c->server->ep.feed;
	uint64_t queue = feed->n_slot * feed->slot_len;
	int sndbuf = queue < SNDBUF_MIN ? SNDBUF_MIN : (int)queue;
	struct sockaddr_storage peer = {.ss_family = AF_INET};
	int len = sizeof(peer);

	/* Left alone, the system queues megabytes: minutes of old data. */
	uv_send_buffer_size((uv_handle_t *)&c->tcp, &sndbuf);
	uv_tcp_nodelay(&c->tcp, 1);
	uv_tcp_keepalive(&c->tcp, 1, KEEPALIVE_S);
	uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&peer, &len);
	cis_addr_format((struct sockaddr *)&peer, c->talker.name);
}

static void enter(struct client *c)
{
	struct server *s = c->server;
	struct cis_feed *feed = s->ep.feed;

	c->next = s->clients;
	c->link = &s->clients;
	if (c->next)
		c->next->link = &c->next;
	s->clients = c;
	s->n_client++;
	feed->stats.clients++;
	feed->stats.clients_ever++;
	c->moved_ms = c->heard_ms = uv_now(feed->loop);
	set_socket(c);
	cis_log(CIS_LOG_INFO, "client connected peer=%s clients=%u",
		c->talker.name, s->n_client);
	uv_read_start((uv_stream_t *)&c->tcp, read_buf, read_done);
}

static void arrived(uv_stream_t *stream, int status)
{
	struct server *s = stream->data;
	struct client *c;

	if (status < 0 || !(c = client_new(s)))
		return;
	if (uv_accept(stream, (uv_stream_t *)&c->tcp) ||
	    s->n_client >= CIS_MAX_CLIENT) {
		if (!s->told_full)
			cis_log(CIS_LOG_WARN,
				"client refused endpoint=%s clients=%u",
				s->ep.name, s->n_client);
		s->told_full = true;
		uv_close((uv_handle_t *)&c->tcp, client_closed);
		return;
	}
	enter(c);
}

/* ---- the server ---- */

static void close_server(struct cis_endpoint *ep, bool now)
{
	struct server *s = (struct server *)ep;
	struct client *next;

	if (!uv_is_closing((uv_handle_t *)&s->tcp))
		uv_close((uv_handle_t *)&s->tcp, cis_endpoint_closed);
	for (struct client *c = s->clients; c; c = next) {
		next = c->next;
		c->leaving = true;
		if (now)
			drop(c, "end of stream");
		else
			pump(c);
	}
}

static int start(struct server *s, const struct sockaddr *sa)
{
	struct sockaddr_storage bound;
	int len = sizeof(bound);
	char name[CIS_ADDR_SIZE];
	int err = uv_tcp_bind(&s->tcp, sa, 0);

	/* A port in use is told by listen. */
	if (!err)
		err = uv_listen((uv_stream_t *)&s->tcp, BACKLOG, arrived);
	if (!err)
		err = uv_tcp_getsockname(&s->tcp, (struct sockaddr *)&bound,
					 &len);
	if (err)
		return err;
	cis_addr_format((struct sockaddr *)&bound, name);
	snprintf(s->ep.name, sizeof(s->ep.name), "tcp:%s", name);
	return 0;
}

int cis_tcp_server_new(struct cis_feed *feed, const struct cis_addr *addr,
		       struct cis_endpoint **out, struct cis_diag *diag)
{
	static const struct cis_endpoint_ops ops = {put, close_server};
	const struct sockaddr *sa = (const struct sockaddr *)&addr->ss[0];
	struct server *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return cis_fail(diag, -ENOMEM, "out of memory");
	s->ep.ops = &ops;
	s->ep.feed = feed;
	uv_tcp_init(feed->loop, &s->tcp);
	s->tcp.data = &s->ep;
	cis_feed_hold(feed);
	err = start(s, sa);
	if (err) {
		uv_close((uv_handle_t *)&s->tcp, cis_endpoint_discard);
		return cis_net_fail(diag, err, "tcp", sa);
	}
	*out = &s->ep;
	return 0;
}

/* client.c - a client's sockets; see client.h. What is said is in talk.c. */
#include "client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "talk.h"

#define UDP_RCVBUF (1 << 20) /* the system may give less */
#define TIMEOUT_MS 5000
#define PUSHED_MS  65000 /* it comes once a minute */

/* ---- life ---- */

static void client_free(struct cis_client *client)
{
	cis_c37_data_free(client->data);
	cis_c37_config_free(client->cfg);
	cis_c37_config_free(client->coming);
	free(client);
}

static void handle_closed(uv_handle_t *handle)
{
	struct cis_client *client = handle->data;

	client->n_handle--;
	if (client->n_handle == 0)
		client_free(client);
}

static void close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, handle_closed);
}

void cis_client_close(struct cis_client *client)
{
	if (!client || client->closing)
		return;
	if (client->state == CIS_CLIENT_STREAMING)
		cis_talk_command(client, CIS_C37_CMD_DATA_OFF);
	client->closing = true;
	close_handle((uv_handle_t *)&client->timer);
	close_handle(&client->sock.any);
}

void cis_client_set_state(struct cis_client *client,
			  enum cis_client_state state)
{
	if (client->state == state)
		return;
	client->state = state;
	if (client->ops->state)
		client->ops->state(client->arg, state, "");
}

void cis_client_fail(struct cis_client *client, const char *fmt, ...)
{
	struct cis_diag diag;
	va_list ap;

	if (client->closing || client->state == CIS_CLIENT_CLOSED)
		return;
	va_start(ap, fmt);
	vsnprintf(diag.msg, sizeof(diag.msg), fmt, ap);
	va_end(ap);
	client->state = CIS_CLIENT_CLOSED;
	uv_timer_stop(&client->timer);
	close_handle(&client->sock.any);
	if (client->ops->state)
		client->ops->state(client->arg, CIS_CLIENT_CLOSED, diag.msg);
}

const char *cis_client_endpoint(const struct cis_client *client)
{
	return client->endpoint;
}

uint64_t cis_client_unread(const struct cis_client *client)
{
	return client->n_unread;
}

static void name_endpoint(struct cis_client *client, const char *scheme,
			  const struct sockaddr *sa)
{
	char buf[CIS_ADDR_SIZE];

	snprintf(client->endpoint, sizeof(client->endpoint), "%s:%s", scheme,
		 cis_addr_format(sa, buf));
}

/* ---- bytes ---- */

void cis_client_send(struct cis_client *client, const uint8_t *buf, size_t len)
{
	uv_buf_t b = uv_buf_init((char *)buf, (unsigned)len);

	if (uv_is_closing(&client->sock.any))
		return;
	if (client->addr.kind == CIS_ADDR_TCP)
		uv_try_write(&client->sock.stream, &b, 1);
	else
		uv_udp_try_send(&client->sock.udp, &b, 1, NULL);
}

static void read_buf(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct cis_client *client = handle->data;

	(void)suggested;
	*buf = uv_buf_init((char *)client->rx, sizeof(client->rx));
}

static void tcp_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct cis_client *client = stream->data;

	if (n > 0)
		cis_talk_bytes(client, (const uint8_t *)buf->base, (size_t)n);
	else if (n == UV_EOF)
		cis_client_fail(client, "%s: closed by the other side",
				client->endpoint);
	else if (n < 0)
		cis_client_fail(client, "%s: %s", client->endpoint,
				uv_strerror((int)n));
}

static void udp_read(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf,
		     const struct sockaddr *from, unsigned flags)
{
	struct cis_client *client = udp->data;

	(void)flags;
	if (n == UV_ECONNREFUSED)
		cis_client_fail(client, "%s: nobody listens there",
				client->endpoint);
	else if (n > 0 && from)
		cis_talk_datagram(client, (const uint8_t *)buf->base,
				  (size_t)n);
}

/* ---- TCP ---- */

static void connect_next(struct cis_client *client);

static void connect_timeout(uv_timer_t *timer)
{
	struct cis_client *client = timer->data;

	cis_client_fail(client, "%s: no answer", client->endpoint);
}

static void connected(uv_connect_t *req, int status);

/* A socket whose connection failed cannot be used again. */
static void reopen(uv_handle_t *handle)
{
	struct cis_client *client = handle->data;

	if (client->closing || client->state == CIS_CLIENT_CLOSED) {
		handle_closed(handle);
		return;
	}
	uv_tcp_init(client->loop, &client->sock.tcp);
	connect_next(client);
}

static void not_connected(struct cis_client *client, int err)
{
	if (client->closing || client->state == CIS_CLIENT_CLOSED)
		return;
	if (client->next_addr < client->addr.n)
		uv_close(&client->sock.any, reopen);
	else
		cis_client_fail(client, "%s: %s", client->endpoint,
				uv_strerror(err));
}

static void connect_next(struct cis_client *client)
{
	const struct sockaddr *sa =
		(struct sockaddr *)&client->addr.ss[client->next_addr++];
	int err;

	name_endpoint(client, "tcp", sa);
	err = uv_tcp_connect(&client->connect, &client->sock.tcp, sa,
			     connected);
	if (err)
		not_connected(client, err);
}

static void connected(uv_connect_t *req, int status)
{
	struct cis_client *client = req->handle->data;

	if (client->closing || client->state == CIS_CLIENT_CLOSED)
		return;
	if (status < 0) {
		not_connected(client, status);
		return;
	}
	uv_tcp_nodelay(&client->sock.tcp, 1);
	uv_read_start(&client->sock.stream, read_buf, tcp_read);
	cis_talk_start(client);
}

/* ---- UDP ---- */

/* Frames come here unasked if the address is ours and free. */
static int udp_open(struct cis_client *client, struct cis_diag *diag)
{
	struct sockaddr_storage bound;
	int len = sizeof(bound);
	const struct sockaddr *sa = (struct sockaddr *)&client->addr.ss[0];
	uv_udp_t *udp = &client->sock.udp;
	int err = uv_udp_bind(udp, sa, 0);
	int rcvbuf = UDP_RCVBUF;

	uv_recv_buffer_size(&client->sock.any, &rcvbuf);
	client->commands = err == UV_EADDRINUSE || err == UV_EADDRNOTAVAIL;
	name_endpoint(client, "udp", sa);
	if (client->commands)
		err = uv_udp_connect(udp, sa);
	else if (!err &&
		 !uv_udp_getsockname(udp, (struct sockaddr *)&bound, &len))
		name_endpoint(client, "udp", (struct sockaddr *)&bound);
	if (!err)
		err = uv_udp_recv_start(udp, read_buf, udp_read);
	if (!err && !client->commands && cis_addr_is_multicast(sa))
		err = uv_udp_set_membership(udp, client->addr.host, NULL,
					    UV_JOIN_GROUP);
	if (!err && !client->commands)
		cis_log(CIS_LOG_INFO, "listening on %s", client->endpoint);
	if (err)
		return cis_fail(diag, err, "%s: %s", client->endpoint,
				uv_strerror(err));
	return 0;
}

/* ---- new ---- */

/* Call-backs come from the loop only, never from new(). */
static void begin(uv_timer_t *timer)
{
	struct cis_client *client = timer->data;

	if (client->addr.kind == CIS_ADDR_UDP) {
		cis_talk_start(client);
		return;
	}
	uv_timer_start(timer, connect_timeout, client->timeout_ms, 0);
	connect_next(client);
}

static int open_sockets(struct cis_client *client, struct cis_diag *diag)
{
	uv_timer_init(client->loop, &client->timer);
	client->timer.data = client;
	if (client->addr.kind == CIS_ADDR_TCP)
		uv_tcp_init(client->loop, &client->sock.tcp);
	else
		uv_udp_init(client->loop, &client->sock.udp);
	client->sock.any.data = client;
	client->n_handle = 2;
	client->commands = true;
	uv_timer_start(&client->timer, begin, 0, 0);
	return client->addr.kind == CIS_ADDR_UDP ? udp_open(client, diag) : 0;
}

static int read_spec(const char *spec, struct cis_addr *addr,
		     struct cis_diag *diag)
{
	int err = cis_addr_parse(spec, addr, diag);

	if (err)
		return err;
	if (addr->kind == CIS_ADDR_PCAP)
		return cis_fail(diag, -EINVAL,
				"%.120s: a file is read with cisoid decode",
				spec);
	if (addr->port == 0 && addr->kind == CIS_ADDR_TCP)
		return cis_fail(diag, -EINVAL,
				"%.120s: nobody can be reached at port 0",
				spec);
	return cis_addr_resolve(addr, diag);
}

int cis_client_new(const struct cis_client_config *cc, struct cis_client **out,
		   struct cis_diag *diag)
{
	struct cis_addr addr;
	struct cis_client *client;
	int err = read_spec(cc->spec, &addr, diag);

	if (err)
		return err;
	client = calloc(1, sizeof(*client));
	if (!client)
		return cis_fail(diag, -ENOMEM, "out of memory");
	client->loop = cc->loop;
	client->ops = cc->ops;
	client->arg = cc->arg;
	client->addr = addr;
	client->idcode = cc->idcode;
	client->timeout_ms = cc->timeout_ms ? cc->timeout_ms : TIMEOUT_MS;
	client->pushed_ms = cc->timeout_ms ? cc->timeout_ms : PUSHED_MS;
	cis_c37_splitter_init(&client->splitter, client->split_buf,
			      sizeof(client->split_buf));
	err = open_sockets(client, diag);
	if (err) {
		cis_client_close(client);
		return err;
	}
	*out = client;
	return 0;
}

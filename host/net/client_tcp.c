/* client_tcp.c - a client's connection; see talk.h. */
#include <uv.h>

#include "talk.h"

#define KEEPALIVE_S 10 /* a peer without power is noticed */

static void tcp_closed(uv_handle_t *handle)
{
	struct cis_client *client = handle->data;

	client->tcp_busy = false;
	cis_client_handle_closed(handle);
}

void cis_client_tcp_close(struct cis_client *client)
{
	if (!client->tcp_open)
		return;
	client->tcp_open = false;
	uv_close((uv_handle_t *)&client->tcp, tcp_closed);
}

/* ---- bytes ---- */

static void read_buf(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct cis_client *client = handle->data;

	(void)suggested;
	*buf = uv_buf_init((char *)client->rx, sizeof(client->rx));
}

/* Who hangs up on a command that it does not know is asked another way. */
static bool ask_otherwise(struct cis_client *client)
{
	if (client->state != CIS_CLIENT_CONFIG ||
	    client->wish != CIS_CLIENT_CFG_ANY ||
	    client->asking.command != CIS_C37_CMD_SEND_CFG3)
		return false;
	client->asking.command = CIS_C37_CMD_SEND_CFG2;
	return true;
}

static void redial(uv_timer_t *timer)
{
	cis_client_dial(timer->data);
}

static void hung_up(struct cis_client *client, const char *reason)
{
	if (!cis_client_alive(client))
		return;
	if (ask_otherwise(client)) {
		cis_client_tcp_close(client);
		uv_timer_start(&client->timer, redial, 0, 0);
		return;
	}
	cis_client_fail(client, "%s: %s", client->endpoint, reason);
}

static void tcp_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct cis_client *client = stream->data;

	if (n > 0)
		cis_talk_bytes(client, (const uint8_t *)buf->base, (size_t)n);
	else if (n < 0)
		hung_up(client, n == UV_EOF ? "closed by the other side"
					    : uv_strerror((int)n));
}

/* ---- connecting ---- */

static void connect_timeout(uv_timer_t *timer)
{
	struct cis_client *client = timer->data;

	cis_client_fail(client, "%s: no answer", client->endpoint);
}

/* A socket whose connection failed cannot be used again. */
static void not_connected(struct cis_client *client, int err)
{
	if (!cis_client_alive(client) || !client->tcp_open)
		return;
	if (client->next_addr >= client->spec.addr.n) {
		cis_client_fail(client, "%s: %s", client->endpoint,
				uv_strerror(err));
		return;
	}
	cis_client_tcp_close(client);
	uv_timer_start(&client->timer, redial, 0, 0);
}

static void connected(uv_connect_t *req, int status)
{
	struct cis_client *client = req->handle->data;

	if (!cis_client_alive(client) || !client->tcp_open ||
	    status == UV_ECANCELED)
		return;
	if (status < 0) {
		not_connected(client, status);
		return;
	}
	client->peer = client->spec.addr.ss[client->next_addr - 1];
	client->next_addr = 0;
	uv_tcp_nodelay(&client->tcp, 1);
	uv_tcp_keepalive(&client->tcp, 1, KEEPALIVE_S);
	uv_read_start((uv_stream_t *)&client->tcp, read_buf, tcp_read);
	cis_talk_start(client);
}

static void connect_next(struct cis_client *client)
{
	const struct sockaddr *sa =
		(struct sockaddr *)&client->spec.addr.ss[client->next_addr++];
	int err;

	cis_client_name(client, "tcp", sa);
	err = uv_tcp_connect(&client->connect, &client->tcp, sa, connected);
	if (err)
		not_connected(client, err);
}

void cis_client_dial(struct cis_client *client)
{
	/* The last socket may still be in the loop's hands. */
	if (client->tcp_busy) {
		uv_timer_start(&client->timer, redial, 0, 0);
		return;
	}
	if (client->next_addr >= client->spec.addr.n)
		client->next_addr = 0;
	uv_tcp_init(client->loop, &client->tcp);
	client->tcp.data = client;
	client->tcp_open = true;
	client->tcp_busy = true;
	client->n_handle++;
	uv_timer_start(&client->timer, connect_timeout, client->timeout_ms, 0);
	connect_next(client);
}

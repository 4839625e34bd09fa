/* client.c - a client's life; see client.h and talk.h. */
#include "client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "talk.h"

#define TIMEOUT_MS     5000
#define PUSHED_MS      65000 /* it comes once a minute */
#define BACKOFF_MS     1000
#define BACKOFF_MAX_MS 30000

/* ---- the end ---- */

void cis_client_handle_closed(uv_handle_t *handle)
{
	struct cis_client *client = handle->data;

	client->n_handle--;
	if (!client->closing || client->n_handle > 0)
		return;
	cis_talk_free_streams(client);
	free(client);
}

void cis_client_close(struct cis_client *client)
{
	if (!client || client->closing)
		return;
	if (client->state == CIS_CLIENT_STREAMING)
		cis_talk_command(client, CIS_C37_CMD_DATA_OFF);
	client->closing = true;
	cis_client_tcp_close(client);
	cis_client_udp_close(client);
	uv_close((uv_handle_t *)&client->timer, cis_client_handle_closed);
}

bool cis_client_alive(const struct cis_client *client)
{
	return !client->closing && client->state != CIS_CLIENT_CLOSED;
}

void cis_client_set_state(struct cis_client *client,
			  enum cis_client_state state, const char *message)
{
	if (client->state == state && !message[0])
		return;
	client->state = state;
	if (client->ops->state)
		client->ops->state(client->arg, state, message);
}

/* ---- a peer that is lost ---- */

static void dial_again(uv_timer_t *timer)
{
	struct cis_client *client = timer->data;

	if (client->spec.addr.kind == CIS_ADDR_TCP)
		cis_client_dial(client);
	else
		cis_talk_start(client);
}

/* How long to wait before the next attempt; 0: it is to be left alone. */
static uint64_t next_wait(struct cis_client *client)
{
	uint64_t now_ms = uv_now(client->loop), gone_ms, wait_ms;

	if (client->has_data) {
		client->has_data = false;
		client->lost_ms = now_ms ? now_ms : 1;
		client->backoff_ms = BACKOFF_MS;
	}
	if (!client->lost_ms)
		return 0;
	gone_ms = now_ms - client->lost_ms;
	if (gone_ms >= client->retry_ms)
		return 0;
	wait_ms = client->backoff_ms;
	client->backoff_ms *= 2;
	if (client->backoff_ms > BACKOFF_MAX_MS)
		client->backoff_ms = BACKOFF_MAX_MS;
	if (wait_ms > client->retry_ms - gone_ms)
		wait_ms = client->retry_ms - gone_ms;
	return wait_ms;
}

static void wait_and_dial(struct cis_client *client, uint64_t wait_ms,
			  const char *reason)
{
	struct cis_diag diag;

	snprintf(diag.msg, sizeof(diag.msg), "%.280s; next attempt in %.3g s",
		 reason, (double)wait_ms / 1e3);
	uv_timer_start(&client->timer, dial_again, wait_ms, 0);
	cis_client_set_state(client, CIS_CLIENT_CONNECTING, diag.msg);
}

void cis_client_fail(struct cis_client *client, const char *fmt, ...)
{
	struct cis_diag diag;
	uint64_t wait_ms;
	va_list ap;

	if (!cis_client_alive(client))
		return;
	va_start(ap, fmt);
	vsnprintf(diag.msg, sizeof(diag.msg), fmt, ap);
	va_end(ap);
	uv_timer_stop(&client->timer);
	cis_client_tcp_close(client);
	wait_ms = next_wait(client);
	if (wait_ms) {
		wait_and_dial(client, wait_ms, diag.msg);
		return;
	}
	cis_client_udp_close(client);
	cis_client_set_state(client, CIS_CLIENT_CLOSED, diag.msg);
}

/* ---- small things ---- */

const char *cis_client_endpoint(const struct cis_client *client)
{
	return client->endpoint;
}

uint64_t cis_client_unread(const struct cis_client *client)
{
	return client->counts.unread;
}

void cis_client_counts(const struct cis_client *client,
		       struct cis_client_counts *counts)
{
	*counts = client->counts;
	counts->skipped += client->splitter.skipped;
}

void cis_client_name(struct cis_client *client, const char *scheme,
		     const struct sockaddr *sa)
{
	char buf[CIS_ADDR_SIZE];

	snprintf(client->endpoint, sizeof(client->endpoint), "%s:%s", scheme,
		 cis_addr_format(sa, buf));
}

void cis_client_send(struct cis_client *client, const uint8_t *buf, size_t len)
{
	uv_buf_t b = uv_buf_init((char *)buf, (unsigned)len);

	if (client->spec.addr.kind == CIS_ADDR_UDP)
		cis_client_udp_send(client, buf, len);
	else if (client->tcp_open)
		uv_try_write((uv_stream_t *)&client->tcp, &b, 1);
}

/* ---- new ---- */

/* Call-backs come from the loop only, never from new(). */
static void begin(uv_timer_t *timer)
{
	struct cis_client *client = timer->data;

	if (client->spec.addr.kind == CIS_ADDR_UDP)
		cis_talk_start(client);
	else
		cis_client_dial(client);
}

static void take(struct cis_client *client, const struct cis_client_config *cc)
{
	client->loop = cc->loop;
	client->ops = cc->ops;
	client->arg = cc->arg;
	client->idcode = cc->idcode;
	client->ask = cc->ask ? cc->ask : 1;
	client->wish = cc->cfg;
	client->several = cc->all_streams && !cc->idcode;
	client->timeout_ms = cc->timeout_ms ? cc->timeout_ms : TIMEOUT_MS;
	client->pushed_ms = cc->timeout_ms ? cc->timeout_ms : PUSHED_MS;
	client->retry_ms = cc->retry_ms;
	client->commands = true;
}

int cis_client_new(const struct cis_client_config *cc, struct cis_client **out,
		   struct cis_diag *diag)
{
	struct cis_client_spec spec;
	struct cis_client *client;
	int err = cis_client_spec_read(cc->spec, &spec, diag);

	if (err)
		return err;
	client = calloc(1, sizeof(*client));
	if (!client)
		return cis_fail(diag, -ENOMEM, "out of memory");
	take(client, cc);
	client->spec = spec;
	cis_c37_splitter_init(&client->splitter, client->split_buf,
			      sizeof(client->split_buf));
	cis_c37_join_init(&client->join, client->join_buf,
			  sizeof(client->join_buf));
	uv_timer_init(client->loop, &client->timer);
	client->timer.data = client;
	client->n_handle = 1;
	if (spec.addr.kind == CIS_ADDR_UDP || spec.mixed)
		err = cis_client_udp_open(client, diag);
	if (err) {
		cis_client_close(client);
		return err;
	}
	uv_timer_start(&client->timer, begin, 0, 0);
	*out = client;
	return 0;
}

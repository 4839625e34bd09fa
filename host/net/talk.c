/*
 * talk.c - a client's conversation: data off, configuration, data on.
 *
 * A configuration may change while data flow: STAT bit 10 tells, or frames of
 * another length, and it is asked for again. In the 2011 edition bit 10 stays set
 * until the new configuration is in force; in that of 2005 it is set afterwards.
 */
#include "talk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cisoid/utc.h"

#define MAX_ASK      3    /* times, within the time-out */
#define ASK_AGAIN_MS 1000 /* while data flow that do not fit */

static struct cis_time now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return cis_time_from_posix(ts.tv_sec, ts.tv_nsec);
}

void cis_talk_command(struct cis_client *client, enum cis_c37_command command)
{
	uint8_t buf[32];
	uint16_t idcode = client->idcode ? client->idcode : 1;
	int len;

	if (!client->commands)
		return;
	len = cis_c37_command_encode(1, idcode, cis_time_split(now()),
				     (uint16_t)command, buf, sizeof(buf));
	if (len > 0)
		cis_client_send(client, buf, (size_t)len);
}

/* ---- time-outs ---- */

static void timer_fired(uv_timer_t *timer);

static void wait_ms(struct cis_client *client, uint64_t ms)
{
	if (client->state != CIS_CLIENT_CLOSED && !client->closing)
		uv_timer_start(&client->timer, timer_fired, ms, 0);
}

static void ask(struct cis_client *client)
{
	client->n_asked++;
	client->asked_ms = uv_now(client->loop);
	cis_talk_command(client, CIS_C37_CMD_SEND_CFG2);
}

void cis_talk_start(struct cis_client *client)
{
	uint64_t ms = client->timeout_ms;

	cis_client_set_state(client, CIS_CLIENT_CONFIG);
	if (client->commands) {
		cis_talk_command(client, CIS_C37_CMD_DATA_OFF);
		ask(client);
		wait_ms(client, ms / MAX_ASK);
	} else {
		wait_ms(client, client->pushed_ms);
	}
}

static void no_config(struct cis_client *client)
{
	if (client->why.msg[0])
		cis_client_fail(client,
				"%s: its configuration cannot be read: "
				"%.160s",
				client->endpoint, client->why.msg);
	else if (client->commands)
		cis_client_fail(
			client,
			"%s: no configuration came; is IDCODE %u right?",
			client->endpoint,
			client->idcode ? (unsigned)client->idcode : 1u);
	else
		cis_client_fail(client,
				"%s: no configuration came, and %llu data "
				"frames that need one",
				client->endpoint,
				(unsigned long long)client->n_unread);
}

/* Over UDP the command to start may be lost; over TCP it cannot. */
static void prod(struct cis_client *client)
{
	uint64_t ms = client->timeout_ms;

	if (client->addr.kind != CIS_ADDR_UDP || !client->commands)
		return;
	if (uv_now(client->loop) - client->heard_ms >= ms)
		cis_talk_command(client, CIS_C37_CMD_DATA_ON);
	wait_ms(client, ms);
}

static void timer_fired(uv_timer_t *timer)
{
	struct cis_client *client = timer->data;
	uint64_t ms = client->timeout_ms;

	if (client->state == CIS_CLIENT_STREAMING) {
		prod(client);
	} else if (client->commands && client->n_asked < MAX_ASK) {
		ask(client);
		wait_ms(client, ms / MAX_ASK);
	} else {
		no_config(client);
	}
}

/* ---- configuration ---- */

/* All but SOC, FRACSEC and CHK, clause 6.2. */
static bool same_config(const struct cis_client *client, const uint8_t *frame,
			size_t len)
{
	return len == client->cfg_len && !memcmp(frame, client->cfg_frame, 6) &&
	       !memcmp(frame + 14, client->cfg_frame + 14, len - 16);
}

static void use_config(struct cis_client *client, struct cis_c37_config *cfg)
{
	struct cis_c37_config *old = client->cfg;
	struct cis_c37_data *data;

	if (cis_c37_data_new(cfg, &data)) {
		cis_c37_config_free(cfg);
		cis_client_fail(client, "out of memory");
		return;
	}
	cis_c37_data_free(client->data);
	client->data = data;
	client->cfg = cfg;
	client->n_asked = 0;
	if (client->ops->config)
		client->ops->config(client->arg, cfg);
	cis_c37_config_free(old);
}

static void begin_data(struct cis_client *client)
{
	if (client->state != CIS_CLIENT_CONFIG || client->closing)
		return;
	client->heard_ms = uv_now(client->loop);
	uv_timer_stop(&client->timer);
	cis_client_set_state(client, CIS_CLIENT_STREAMING);
	cis_talk_command(client, CIS_C37_CMD_DATA_ON);
	prod(client);
}

static void take_config(struct cis_client *client, const uint8_t *frame,
			size_t len, const struct cis_c37_head *head)
{
	struct cis_c37_config *cfg;
	bool announced = client->stat & CIS_C37_STAT_CFG_CHANGE;

	if (!client->commands && client->idcode &&
	    head->idcode != client->idcode)
		return;
	/* Of several streams on one port, the first is ours. */
	if (!client->commands && client->cfg &&
	    head->idcode != client->cfg->idcode)
		return;
	if (same_config(client, frame, len))
		return;
	if (cis_c37_config_decode(frame, len, &cfg, &client->why) < 0)
		return;
	memcpy(client->cfg_frame, frame, len);
	client->cfg_len = len;
	cis_c37_config_free(client->coming);
	client->coming = NULL;
	if (client->cfg && announced && head->version >= 2)
		client->coming = cfg;
	else
		use_config(client, cfg);
	begin_data(client);
}

/* ---- data ---- */

static void ask_again(struct cis_client *client)
{
	if (uv_now(client->loop) - client->asked_ms >= ASK_AGAIN_MS)
		ask(client);
}

static void watch_change(struct cis_client *client, uint16_t stat)
{
	bool was = client->stat & CIS_C37_STAT_CFG_CHANGE;
	bool is = stat & CIS_C37_STAT_CFG_CHANGE;
	struct cis_c37_config *coming = client->coming;

	client->stat = stat;
	if (was != is)
		ask(client);
	if (is || !coming)
		return;
	client->coming = NULL;
	use_config(client, coming);
}

static void take_data(struct cis_client *client, const uint8_t *frame,
		      size_t len, const struct cis_c37_head *head)
{
	if (!client->cfg || len < 18) {
		client->n_unread++;
		return;
	}
	if (!client->commands && head->idcode != client->cfg->idcode)
		return;
	client->heard_ms = uv_now(client->loop);
	watch_change(client, (uint16_t)(frame[14] << 8 | frame[15]));
	if (client->state != CIS_CLIENT_STREAMING || client->closing)
		return;
	if (len != cis_c37_data_len(client->cfg) ||
	    cis_c37_data_decode(client->cfg, frame, len, client->data, NULL) <
		    0) {
		client->n_unread++;
		ask_again(client);
		return;
	}
	if (client->ops->data)
		client->ops->data(client->arg, client->cfg, client->data);
}

/* ---- frames ---- */

static void take_frame(struct cis_client *client, const uint8_t *frame,
		       size_t len)
{
	struct cis_c37_head head;
	bool crc_ok = cis_c37_crc_ok(frame, len);

	if (client->ops->frame)
		client->ops->frame(client->arg, frame, len, crc_ok, now());
	if (!crc_ok || cis_c37_peek(frame, len, &head) <= 0)
		return;
	if (client->state == CIS_CLIENT_CLOSED || client->closing)
		return;
	if (head.type == CIS_C37_CFG2)
		take_config(client, frame, len, &head);
	else if (head.type == CIS_C37_DATA)
		take_data(client, frame, len, &head);
}

void cis_talk_bytes(struct cis_client *client, const uint8_t *data, size_t len)
{
	const uint8_t *frame;
	int n;

	while (client->state != CIS_CLIENT_CLOSED && !client->closing &&
	       (n = cis_c37_splitter_next(&client->splitter, &data, &len,
					  &frame)) > 0)
		take_frame(client, frame, (size_t)n);
}

void cis_talk_datagram(struct cis_client *client, const uint8_t *data,
		       size_t len)
{
	struct cis_c37_head head;
	int n;

	while (client->state != CIS_CLIENT_CLOSED && !client->closing &&
	       (n = cis_c37_peek(data, len, &head)) > 0) {
		take_frame(client, data, (size_t)n);
		data += n;
		len -= (size_t)n;
	}
}

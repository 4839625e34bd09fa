/*
 * talk.c - a client's conversation: what is sent to it, and what follows.
 *
 * A configuration may change while data flow: STAT bit 10 tells, or frames of
 * another length, and it is asked for again. In the 2011 edition bit 10 stays set
 * until the new configuration is in force; in that of 2005 it is set afterwards.
 */
#include "talk.h"

#include <errno.h>
#include <string.h>

#include "cisoid/log.h"

#define ASK_AGAIN_MS 1000  /* while data flow that do not fit */
#define OWNER_MS     10000 /* a silent sender's IDCODE may be another's */

/* ---- configuration ---- */

/* The sender of a stream is who sent its configuration. */
static bool is_owner(struct cis_client *client, const struct cis_talk_stream *s,
		     const struct sockaddr *from)
{
	const struct sockaddr *owner = (const struct sockaddr *)&s->from;

	if (!from || !owner->sa_family || cis_addr_same_host(owner, from))
		return true;
	cis_client_stranger(client, from,
			    "its IDCODE is that of another sender");
	return false;
}

static void own(struct cis_talk_stream *s, const struct sockaddr *from,
		uint64_t now_ms)
{
	s->heard_ms = now_ms;
	if (!from)
		return;
	memset(&s->from, 0, sizeof(s->from));
	memcpy(&s->from, from,
	       from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					   : sizeof(struct sockaddr_in));
}

static void use_config(struct cis_client *client, struct cis_talk_stream *s)
{
	if (cis_talk_switch(s)) {
		cis_client_fail(client, "out of memory");
		return;
	}
	if (client->ops->config)
		client->ops->config(client->arg, s->cfg);
}

static void begin_data(struct cis_client *client)
{
	if (client->state != CIS_CLIENT_CONFIG || client->closing)
		return;
	client->counts.reconnects += client->lost_ms != 0;
	client->heard_ms = uv_now(client->loop);
	uv_timer_stop(&client->timer);
	cis_client_set_state(client, CIS_CLIENT_STREAMING, "");
	if (!cis_client_alive(client))
		return;
	cis_talk_command(client, CIS_C37_CMD_DATA_ON);
	cis_talk_prod(client);
}

static bool is_wanted(const struct cis_client *client, enum cis_c37_type kind)
{
	enum cis_c37_type other =
		client->wish == CIS_CLIENT_CFG_2 ? CIS_C37_CFG3 : CIS_C37_CFG2;

	return client->wish == CIS_CLIENT_CFG_ANY || kind != other;
}

/* A CFG-3 that nobody here understands is no reason to wait. */
static void not_read(struct cis_client *client, enum cis_c37_type kind)
{
	if (kind != CIS_C37_CFG3 || !client->why.msg[0] || !client->commands ||
	    client->state != CIS_CLIENT_CONFIG ||
	    client->wish != CIS_CLIENT_CFG_ANY ||
	    client->asking.command != CIS_C37_CMD_SEND_CFG3)
		return;
	cis_log(CIS_LOG_WARN,
		"%s: its CFG-3 cannot be read (%s); CFG-2 is asked for",
		client->endpoint, client->why.msg);
	cis_talk_fall_back(client);
	cis_talk_ask_in_turn(client);
}

static void take_config(struct cis_client *client, const uint8_t *frame,
			size_t len, const struct cis_c37_head *head,
			const struct sockaddr *from)
{
	struct cis_talk_stream *s = cis_talk_find(client, head->idcode);
	uint64_t now_ms = uv_now(client->loop);
	bool changed, announced;

	if (!is_wanted(client, head->type))
		return;
	if (s && now_ms - s->heard_ms < OWNER_MS && !is_owner(client, s, from))
		return;
	s = cis_talk_take_config(client, frame, len, &changed);
	if (!s) {
		not_read(client, head->type);
		return;
	}
	if (changed)
		client->asking.n = 0;
	if (client->wish == CIS_CLIENT_CFG_ANY)
		client->asking.command = s->kind == CIS_C37_CFG3
						 ? CIS_C37_CMD_SEND_CFG3
						 : CIS_C37_CMD_SEND_CFG2;
	announced = s->stat & CIS_C37_STAT_CFG_CHANGE;
	own(s, from, now_ms);
	if (changed && !(s->cfg && announced && head->version >= 2))
		use_config(client, s);
	begin_data(client);
}

/* ---- a configuration from elsewhere ---- */

int cis_client_give_config(struct cis_client *client, const uint8_t *frame,
			   size_t len, struct cis_diag *diag)
{
	struct cis_talk_stream *s;
	struct cis_c37_head head;
	bool changed;

	if (cis_c37_peek(frame, len, &head) <= 0)
		return cis_fail(diag, -EBADMSG, "not a frame of C37.118");
	if (client->idcode && head.idcode != client->idcode)
		return cis_fail(diag, -ENOENT,
				"the configuration is of IDCODE %u, not %u",
				head.idcode, client->idcode);
	client->why.msg[0] = '\0';
	s = cis_talk_take_config(client, frame, len, &changed);
	if (!s && client->why.msg[0])
		return cis_fail(diag, -EBADMSG, "%s", client->why.msg);
	if (!s && cis_c37_is_fragment(frame, len))
		return cis_fail(diag, -EAGAIN,
				"fragments of the CFG-3 are missing");
	if (!s)
		return cis_fail(diag, -ENOENT,
				"the configuration of IDCODE %u is one too "
				"many",
				head.idcode);
	s->given = true;
	return 0;
}

static void tell_given(struct cis_client *client)
{
	for (unsigned i = 0; i < client->n_stream; i++) {
		struct cis_talk_stream *s = client->stream[i];

		if (s->given && !s->cfg && cis_client_alive(client))
			use_config(client, s);
	}
}

/* ---- beginning ---- */

void cis_talk_start(struct cis_client *client)
{
	client->asking.n = 0;
	client->why.msg[0] = '\0';
	client->counts.skipped += client->splitter.skipped;
	cis_c37_splitter_init(&client->splitter, client->split_buf,
			      sizeof(client->split_buf));
	cis_client_set_state(client, CIS_CLIENT_CONFIG, "");
	cis_talk_choose(client);
	tell_given(client);
	if (!cis_client_alive(client))
		return;
	if (client->n_stream && client->stream[0]->given) {
		begin_data(client);
	} else if (client->commands) {
		cis_talk_command(client, CIS_C37_CMD_DATA_OFF);
		cis_talk_ask_in_turn(client);
	} else {
		cis_talk_wait_ms(client, client->pushed_ms);
	}
}

/* ---- data ---- */

/* At once, but what never fits is not asked for with every frame. */
static void ask_again(struct cis_client *client)
{
	if (client->asking.n == 0 ||
	    uv_now(client->loop) - client->asking.asked_ms >= ASK_AGAIN_MS)
		cis_talk_ask(client);
}

static void watch_change(struct cis_client *client, struct cis_talk_stream *s,
			 uint16_t stat)
{
	bool was = s->stat & CIS_C37_STAT_CFG_CHANGE;
	bool is = stat & CIS_C37_STAT_CFG_CHANGE;

	s->stat = stat;
	if (was != is)
		cis_talk_ask(client);
	if (!is && s->coming)
		use_config(client, s);
}

/* Data that no configuration explains. */
static void not_ours(struct cis_client *client, uint16_t idcode)
{
	bool mine = client->several || !client->n_stream;

	if (!client->commands && client->idcode)
		mine = idcode == client->idcode;
	if (mine)
		client->counts.unread++;
	else
		client->counts.other++;
	if (client->n_stream && !client->told_other)
		cis_log(mine || client->commands ? CIS_LOG_WARN : CIS_LOG_INFO,
			"data of IDCODE %u come, too, and no configuration "
			"that is used here explains them",
			idcode);
	client->told_other |= client->n_stream > 0;
}

static void does_not_fit(struct cis_client *client,
			 const struct cis_talk_stream *s, size_t len)
{
	client->counts.unread++;
	client->counts.wrong_len += len != cis_c37_data_len(s->cfg);
	if (!client->told_unfit)
		cis_log(CIS_LOG_WARN,
			"IDCODE %u: a data frame has %zu bytes, %zu by its "
			"configuration; such frames are not read",
			s->idcode, len, cis_c37_data_len(s->cfg));
	client->told_unfit = true;
	ask_again(client);
}

static void take_data(struct cis_client *client, const uint8_t *frame,
		      size_t len, const struct cis_c37_head *head,
		      const struct sockaddr *from)
{
	struct cis_talk_stream *s = cis_talk_find(client, head->idcode);

	if (!s || !s->cfg) {
		not_ours(client, head->idcode);
		return;
	}
	if (!is_owner(client, s, from))
		return;
	own(s, from, uv_now(client->loop));
	client->heard_ms = s->heard_ms;
	watch_change(client, s, (uint16_t)(frame[14] << 8 | frame[15]));
	if (client->state != CIS_CLIENT_STREAMING || client->closing)
		return;
	if (len != cis_c37_data_len(s->cfg) ||
	    cis_c37_data_decode(s->cfg, frame, len, s->data, NULL) < 0) {
		does_not_fit(client, s, len);
		return;
	}
	client->has_data = true;
	client->lost_ms = 0;
	if (client->ops->data)
		client->ops->data(client->arg, s->cfg, s->data);
}

/* ---- frames ---- */

static void take_frame(struct cis_client *client, const uint8_t *frame,
		       size_t len, const struct sockaddr *from)
{
	struct cis_c37_head head;
	bool crc_ok = cis_c37_crc_ok(frame, len);

	if (client->ops->frame)
		client->ops->frame(client->arg, frame, len, crc_ok,
				   cis_talk_now());
	/* The check word of a series may stand at its end alone. */
	if (!crc_ok && !cis_c37_is_fragment(frame, len))
		return;
	if (cis_c37_peek(frame, len, &head) <= 0 || !cis_client_alive(client))
		return;
	if (head.type == CIS_C37_CFG2 || head.type == CIS_C37_CFG3)
		take_config(client, frame, len, &head, from);
	else if (head.type == CIS_C37_DATA)
		take_data(client, frame, len, &head, from);
}

void cis_talk_bytes(struct cis_client *client, const uint8_t *data, size_t len)
{
	const uint8_t *frame;
	int n;

	while (cis_client_alive(client) && client->tcp_open &&
	       (n = cis_c37_splitter_next(&client->splitter, &data, &len,
					  &frame)) > 0)
		take_frame(client, frame, (size_t)n, NULL);
}

void cis_talk_datagram(struct cis_client *client, const uint8_t *data,
		       size_t len, const struct sockaddr *from)
{
	struct cis_c37_head head;
	int n = 0;

	while (cis_client_alive(client) &&
	       (n = cis_c37_peek(data, len, &head)) > 0) {
		take_frame(client, data, (size_t)n, from);
		data += n;
		len -= (size_t)n;
	}
	client->counts.truncated += len >= CIS_C37_HEAD_LEN && n == -EAGAIN;
	client->counts.skipped += len;
}

/*
 * talk_streams.c - what a client knows of each IDCODE; see talk.h.
 *
 * A configuration explains the frames of its own IDCODE and no others. What a
 * peer can make us keep is bounded by CIS_CLIENT_MAX_STREAM and _MAX_CFG.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "talk.h"

struct cis_talk_stream *cis_talk_find(const struct cis_client *client,
				      uint16_t idcode)
{
	for (unsigned i = 0; i < client->n_stream; i++)
		if (client->stream[i]->idcode == idcode)
			return client->stream[i];
	return NULL;
}

static void stream_free(struct cis_talk_stream *s)
{
	cis_c37_data_free(s->data);
	cis_c37_config_free(s->cfg);
	cis_c37_config_free(s->coming);
	free(s->cfg_frame);
	free(s);
}

void cis_talk_free_streams(struct cis_client *client)
{
	for (unsigned i = 0; i < client->n_stream; i++)
		stream_free(client->stream[i]);
	client->n_stream = 0;
}

/* ---- room ---- */

static bool has_room(struct cis_client *client,
		     const struct cis_talk_stream *old, size_t len)
{
	size_t bytes = client->cfg_bytes - (old ? old->cfg_len : 0);

	if ((old || client->n_stream < CIS_CLIENT_MAX_STREAM) &&
	    bytes + len <= CIS_CLIENT_MAX_CFG)
		return true;
	if (!client->told_full)
		cis_log(CIS_LOG_WARN,
			"too many streams: %u are taken, more are counted as "
			"other",
			client->n_stream);
	client->told_full = true;
	return false;
}

static struct cis_talk_stream *add(struct cis_client *client, uint16_t idcode)
{
	struct cis_talk_stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->idcode = idcode;
	client->stream[client->n_stream++] = s;
	return s;
}

static bool keep_frame(struct cis_client *client, struct cis_talk_stream *s,
		       const uint8_t *frame, size_t len)
{
	uint8_t *copy = malloc(len);

	if (!copy)
		return false;
	memcpy(copy, frame, len);
	free(s->cfg_frame);
	client->cfg_bytes += len - s->cfg_len;
	s->cfg_frame = copy;
	s->cfg_len = len;
	return true;
}

/* ---- the same, or another ---- */

/* All but SOC, FRACSEC and CHK, clause 6.2. */
static bool same_frame(const struct cis_talk_stream *s, const uint8_t *frame,
		       size_t len)
{
	return len == s->cfg_len && !memcmp(frame, s->cfg_frame, 6) &&
	       !memcmp(frame + 14, s->cfg_frame + 14, len - 16);
}

static bool same_pmu(const struct cis_c37_pmu *a, const struct cis_c37_pmu *b)
{
	return a->idcode == b->idcode && a->format == b->format &&
	       a->cfgcnt == b->cfgcnt && a->n_phasor == b->n_phasor &&
	       a->n_analog == b->n_analog && a->n_digital == b->n_digital;
}

/* Of two kinds: they explain data in the same way. */
static bool same_layout(const struct cis_c37_config *a,
			const struct cis_c37_config *b)
{
	if (a->n_pmu != b->n_pmu || a->time_base != b->time_base ||
	    a->data_rate != b->data_rate)
		return false;
	for (uint16_t i = 0; i < a->n_pmu; i++)
		if (!same_pmu(&a->pmu[i], &b->pmu[i]))
			return false;
	return true;
}

/* ---- taking one ---- */

static bool is_ours(const struct cis_client *client, uint16_t idcode)
{
	if (client->several)
		return true;
	if (!client->commands && client->idcode)
		return idcode == client->idcode;
	return client->n_stream == 0;
}

int cis_talk_switch(struct cis_talk_stream *s)
{
	struct cis_c37_data *data;
	int err = cis_c37_data_new(s->coming, &data);

	if (err)
		return err;
	cis_c37_data_free(s->data);
	cis_c37_config_free(s->cfg);
	s->data = data;
	s->cfg = s->coming;
	s->coming = NULL;
	return 0;
}

/* Whether `cfg` says nothing that is not known: a frame of the other kind, or
 * another series. */
static bool is_known(const struct cis_talk_stream *s, enum cis_c37_type kind,
		     bool series, const struct cis_c37_config *cfg)
{
	const struct cis_c37_config *now = s->coming ? s->coming : s->cfg;

	return now && (series || s->kind != kind) && same_layout(now, cfg);
}

/* -EAGAIN: there are more fragments to come. Fragments of two IDCODEs between
 * one another are not put together. */
static int decode(struct cis_client *client, const uint8_t *frame, size_t len,
		  uint16_t idcode, struct cis_c37_config **cfg)
{
	client->why.msg[0] = '\0';
	if (!cis_c37_is_fragment(frame, len))
		return cis_c37_config_decode(frame, len, cfg, &client->why);
	if (idcode != client->join_idcode)
		cis_c37_join_init(&client->join, client->join_buf,
				  sizeof(client->join_buf));
	client->join_idcode = idcode;
	return cis_c37_join_put(&client->join, frame, len, cfg, &client->why);
}

/* Takes `cfg`. */
static struct cis_talk_stream *keep(struct cis_client *client,
				    struct cis_talk_stream *s,
				    struct cis_c37_config *cfg,
				    const uint8_t *frame, size_t len)
{
	if (!has_room(client, s, len)) {
		cis_c37_config_free(cfg);
		return NULL;
	}
	if (!s)
		s = add(client, cfg->idcode);
	if (!s || !keep_frame(client, s, frame, len)) {
		cis_c37_config_free(cfg);
		return NULL;
	}
	cis_c37_config_free(s->coming);
	s->coming = cfg;
	s->given = false;
	return s;
}

struct cis_talk_stream *cis_talk_take_config(struct cis_client *client,
					     const uint8_t *frame, size_t len,
					     bool *changed)
{
	struct cis_c37_config *cfg;
	struct cis_c37_head head;
	struct cis_talk_stream *s;
	bool series = cis_c37_is_fragment(frame, len);

	*changed = false;
	cis_c37_peek(frame, len, &head);
	s = cis_talk_find(client, head.idcode);
	if (!s && !is_ours(client, head.idcode)) {
		client->counts.other++;
		return NULL;
	}
	if (s && !series && same_frame(s, frame, len))
		return s;
	if (decode(client, frame, len, head.idcode, &cfg) < 0)
		return NULL;
	if (s && is_known(s, head.type, series, cfg)) {
		cis_c37_config_free(cfg);
		return s;
	}
	s = keep(client, s, cfg, frame, len);
	if (!s) {
		client->counts.other++;
		return NULL;
	}
	s->kind = head.type;
	*changed = true;
	return s;
}

/* streamer_state.c - what the streamer says of itself; see docs/api.md. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/json_value.h"
#include "streamer_in.h"

#define MAX_CLIENTS 256 /* of many thousands a page shows no more */

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *date(struct cis_time t)
{
	char buf[CIS_UTC_SIZE];

	return json_string(cis_utc_format(t, 3, buf));
}

/* ---- clients, commands ---- */

static void add_client(void *list, const struct cis_client_info *info)
{
	if (json_array_size(list) >= MAX_CLIENTS)
		return;
	json_array_append_new(
		list,
		json_pack("{s:o, s:o, s:s, s:b, s:b, s:s, s:o, s:o, s:o, s:o, "
			  "s:i}",
			  "id", count(info->id), "address",
			  cis_json_text(info->address), "transport",
			  info->transport, "on", info->on, "unasked",
			  info->unasked, "state", info->state, "frames",
			  count(info->frames), "bytes", count(info->bytes),
			  "dropped", count(info->dropped), "bad",
			  count(info->bad), "idcode", (int)info->idcode));
}

static json_t *clients(const struct cis_streamer *s)
{
	json_t *list = json_array();

	if (s->run)
		cis_sim_clients(s->run->sim, add_client, list);
	return list;
}

/* Table 15 of C37.118.2. */
static const char *command_name(unsigned word)
{
	static const char *const names[] = {
		[CIS_C37_CMD_DATA_OFF] = "data off",
		[CIS_C37_CMD_DATA_ON] = "data on",
		[CIS_C37_CMD_SEND_HDR] = "send header",
		[CIS_C37_CMD_SEND_CFG1] = "send CFG-1",
		[CIS_C37_CMD_SEND_CFG2] = "send CFG-2",
		[CIS_C37_CMD_SEND_CFG3] = "send CFG-3",
		[CIS_C37_CMD_EXTENDED] = "extended frame",
	};

	if (word < sizeof(names) / sizeof(names[0]) && names[word])
		return names[word];
	return "unknown";
}

/* The newest last. */
static json_t *commands(const struct cis_streamer_watched *w)
{
	json_t *list = json_array();
	uint32_t n = w->n_command < CIS_STREAMER_COMMANDS
			     ? w->n_command
			     : CIS_STREAMER_COMMANDS;

	for (uint32_t i = w->n_command - n; i != w->n_command; i++) {
		const struct cis_streamer_command *c =
			&w->command[i % CIS_STREAMER_COMMANDS];

		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:s, s:i, s:i}", "t",
				  date(c->when), "peer", cis_json_text(c->peer),
				  "word", command_name(c->word), "cmd",
				  (int)c->word, "idcode", (int)c->idcode));
	}
	return list;
}

static json_t *endpoints(const struct cis_streamer *s)
{
	json_t *list = json_array();
	const char *where;

	for (unsigned k = 0;
	     s->run && (where = cis_sim_endpoint(s->run->sim, k)); k++)
		json_array_append_new(list, cis_json_text(where));
	return list;
}

/* ---- the document ---- */

static json_t *late(const struct cis_sim_stats *st)
{
	return json_pack("{s:o, s:o, s:o}", "p50",
			 cis_json_number(st->late_p50_s), "p99",
			 cis_json_number(st->late_p99_s), "max",
			 cis_json_number(st->late_max_s));
}

static json_t *impaired(const struct cis_sim_stats *st)
{
	json_t *all = json_object();

	for (unsigned k = CIS_FATE_SENT + 1; k < CIS_N_FATE; k++)
		if (st->impair.n[k])
			json_object_set_new(all, cis_fate_name(k),
					    count(st->impair.n[k]));
	if (st->impair.delayed)
		json_object_set_new(all, "delayed", count(st->impair.delayed));
	return all;
}

static void add_counts(json_t *doc, const struct cis_streamer *s,
		       const struct cis_sim_stats *st)
{
	double each =
		st->n_stream ? st->frames_per_s / st->n_stream : (double)NAN;

	json_object_set_new(doc, "frames", count(st->frames));
	json_object_set_new(doc, "sent", count(st->sent));
	json_object_set_new(doc, "dropped", count(st->dropped));
	json_object_set_new(doc, "refused", count(st->refused));
	json_object_set_new(doc, "skipped", count(st->skipped));
	json_object_set_new(doc, "silent", count(st->silent));
	json_object_set_new(doc, "rate_asked",
			    cis_json_number(s->rate_asked_hz));
	json_object_set_new(doc, "rate_measured", cis_json_number(each));
	json_object_set_new(doc, "off_ppm", cis_json_number(st->off_ppm));
	json_object_set_new(doc, "late_s", late(st));
	json_object_set_new(doc, "impair", impaired(st));
}

json_t *cis_streamer_document(const struct cis_streamer *s)
{
	json_t *doc = json_object();
	struct cis_sim_stats st = s->stats;

	if (s->run)
		cis_sim_stats(s->run->sim, &st);
	json_object_set_new(doc, "state", json_string(cis_streamer_word(s)));
	if (s->was_started) {
		json_object_set_new(doc, "since", date(s->since));
		add_counts(doc, s, &st);
	} else {
		json_object_set_new(doc, "frames", count(0));
	}
	json_object_set_new(doc, "endpoints", endpoints(s));
	json_object_set_new(doc, "clients", clients(s));
	json_object_set_new(doc, "commands", commands(&s->watched));
	return doc;
}

/* The request may be a million bytes of JSON, which is text already. */
char *cis_streamer_text(const struct cis_streamer *s, json_t *document)
{
	static const char key[] = ",\"request\":";
	const char *said = s->said ? s->said : "null";
	char *text = json_dumps(document, JSON_COMPACT), *all;
	size_t len = text ? strlen(text) - 1 : 0; /* without its brace */
	size_t said_len = strlen(said);

	json_decref(document);
	all = text ? realloc(text, len + sizeof(key) + said_len + 1) : NULL;
	if (!all) {
		free(text);
		return NULL;
	}
	memcpy(all + len, key, sizeof(key) - 1);
	len += sizeof(key) - 1;
	memcpy(all + len, said, said_len);
	memcpy(all + len + said_len, "}", 2);
	return all;
}

/* ---- for the page's state ---- */

static json_t *streams(const struct cis_streamer *s)
{
	json_t *list = json_array();
	const char *where;

	for (unsigned k = 0;
	     s->run && (where = cis_sim_endpoint(s->run->sim, k)); k++)
		json_array_append_new(list,
				      json_pack("{s:o, s:s}", "name",
						cis_json_text(where), "state",
						cis_streamer_word(s)));
	return list;
}

json_t *cis_streamer_state(void *arg)
{
	const struct cis_streamer *s = arg;
	const struct cis_sim_config *sc = s->run ? s->run->sc : NULL;
	json_t *doc =
		json_pack("{s:s, s:o, s:o, s:{s:s}}", "origin", "SIMULATED",
			  "streams", streams(s), "clients", clients(s),
			  "streamer", "state", cis_streamer_word(s));
	struct cis_sim_stats st = s->stats;

	if (s->run)
		cis_sim_stats(s->run->sim, &st);
	json_object_set_new(doc, "missed", count(st.skipped));
	if (!sc)
		return doc;
	json_object_set_new(doc, "station", cis_json_text(sc->station));
	json_object_set_new(doc, "rate",
			    cis_json_number(cis_rate_hz(sc->rate)));
	json_object_set_new(doc, "fnom", cis_json_number(sc->sig.fnom_hz));
	return doc;
}

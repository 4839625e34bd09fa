/* link_host.c - the host's side of the codec; see link.h. */
#include "firmware/core/link_words.h"

/* ---- writing ---- */

size_t fe_command_encode(const struct fe_command *c, struct fe_text *t)
{
	const char *key = fe_key_word(c->key);

	if ((unsigned)c->verb >= FE_N_VERB || !key)
		return 0;
	if (c->verb == FE_VERB_START && (c->utc_s < 0 || c->utc_s > FE_UTC_MAX))
		return 0;
	if (c->verb == FE_VERB_SET &&
	    (c->key == FE_KEY_ID || !fe_key_holds(c->key, c->value)))
		return 0;
	fe_text_begin(t, "PSYN");
	fe_text_word(t, fe_verb_words[c->verb]);
	fe_text_i64(t, c->seq);
	if (c->verb == FE_VERB_START)
		fe_text_i64(t, c->utc_s);
	else
		fe_text_word(t, key);
	if (c->verb == FE_VERB_SET)
		fe_text_i64(t, c->value);
	return fe_text_end(t);
}

/* ---- reading ---- */

static bool take(struct fe_fields *f, int64_t min, int64_t max, int64_t *v)
{
	return fe_field_i64(f, min, max, v) == FE_INT_OK;
}

/* A field that may be empty. */
static bool take_maybe(struct fe_fields *f, int64_t min, int64_t max, bool *has,
		       int64_t *v)
{
	enum fe_int got = fe_field_i64(f, min, max, v);

	*has = got == FE_INT_OK;
	return got == FE_INT_OK || got == FE_INT_EMPTY;
}

static bool take_word(struct fe_fields *f, const char *const *words, int n,
		      int *i)
{
	*i = fe_field_one_of(f, words, n);
	return *i >= 0;
}

/* Another protocol's ID may go on as it likes. */
static bool take_id(struct fe_fields *f, struct fe_id *id)
{
	int64_t protocol, tick_hz, rate_hz, boot;

	if (!take(f, 1, INT32_MAX, &protocol))
		return false;
	id->protocol = (int32_t)protocol;
	if (protocol != FE_PROTOCOL)
		return true;
	if (!fe_field_word(f, id->board, sizeof(id->board)) ||
	    !fe_field_word(f, id->version, sizeof(id->version)) ||
	    !take(f, 1, FE_TICK_MAX_HZ, &tick_hz) ||
	    !take(f, 1, FE_RATE_MAX_HZ, &rate_hz) ||
	    !take(f, 0, UINT32_MAX, &boot))
		return false;
	id->tick_hz = (uint32_t)tick_hz;
	id->rate_hz = (uint32_t)rate_hz;
	id->boot = (uint32_t)boot;
	return fe_fields_end(f);
}

static bool take_report(struct fe_fields *f, struct fe_report *r)
{
	int64_t phase = 0, freq = 0, error = 0, sats = 0, edges;
	int state;

	if (!take(f, 0, FE_UTC_MAX, &r->utc_s) ||
	    !take_word(f, fe_state_words, FE_N_STATE, &state) ||
	    !take_maybe(f, INT32_MIN, INT32_MAX, &r->has_phase, &phase) ||
	    !take_maybe(f, INT32_MIN, INT32_MAX, &r->has_freq, &freq) ||
	    !take_maybe(f, 0, UINT32_MAX, &r->has_error, &error) ||
	    !take_maybe(f, 0, UINT8_MAX, &r->has_sats, &sats) ||
	    !take(f, 0, FE_EDGES_MAX, &edges) || !fe_field_hex4(f, &r->flags))
		return false;
	r->state = (enum fe_state)state;
	r->phase_ns = (int32_t)phase;
	r->freq_ppb = (int32_t)freq;
	r->error_ns = (uint32_t)error;
	r->sats = (uint8_t)sats;
	r->edges = (uint32_t)edges;
	return fe_fields_end(f);
}

static bool take_event(struct fe_fields *f, struct fe_event *e)
{
	int name;

	if (!take(f, 0, FE_UTC_MAX, &e->utc_s) ||
	    !take_word(f, fe_event_words, FE_N_EVENT, &name) ||
	    !take(f, -FE_VALUE_MAX, FE_VALUE_MAX, &e->value))
		return false;
	e->name = (enum fe_event_name)name;
	return fe_fields_end(f);
}

static bool take_ack(struct fe_fields *f, struct fe_ack *a)
{
	int64_t seq;
	int key;

	if (!take(f, 0, UINT16_MAX, &seq))
		return false;
	a->seq = (uint16_t)seq;
	a->has_value = !fe_fields_end(f);
	if (!a->has_value)
		return true;
	if (!take_word(f, fe_key_words, FE_N_KEY, &key) || key == FE_KEY_ID ||
	    !take(f, -FE_VALUE_MAX, FE_VALUE_MAX, &a->value) ||
	    !fe_key_holds((enum fe_key)key, a->value))
		return false;
	a->key = (enum fe_key)key;
	return fe_fields_end(f);
}

static bool take_nak(struct fe_fields *f, struct fe_nak *n)
{
	int64_t seq;
	int reason;

	if (!take(f, 0, UINT16_MAX, &seq) ||
	    !take_word(f, fe_reason_words, FE_N_REASON, &reason))
		return false;
	n->seq = (uint16_t)seq;
	n->reason = (enum fe_reason)reason;
	return fe_fields_end(f);
}

enum fe_message_kind fe_message_decode(const char *text, struct fe_message *m)
{
	static const char *const kinds[] = {NULL, "ID", "T", "E", "ACK", "NAK"};
	struct fe_fields f = fe_fields(text);
	bool good = false;
	int kind;

	*m = (struct fe_message){.kind = FE_MESSAGE_BAD};
	if (!fe_field_is(&f, "PSYN"))
		return FE_MESSAGE_BAD;
	kind = fe_field_one_of(&f, kinds, 6);
	if (kind == FE_MESSAGE_ID)
		good = take_id(&f, &m->id);
	else if (kind == FE_MESSAGE_REPORT)
		good = take_report(&f, &m->report);
	else if (kind == FE_MESSAGE_EVENT)
		good = take_event(&f, &m->event);
	else if (kind == FE_MESSAGE_ACK)
		good = take_ack(&f, &m->ack);
	else if (kind == FE_MESSAGE_NAK)
		good = take_nak(&f, &m->nak);
	if (good)
		m->kind = (enum fe_message_kind)kind;
	return m->kind;
}

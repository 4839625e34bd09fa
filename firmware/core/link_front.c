/* link_front.c - the front end's side of the codec; see link.h. */
#include "firmware/core/link_words.h"

/* ---- writing ---- */

/* A name is one to sixteen letters, digits and signs but no comma. */
static bool is_name(const char *s)
{
	size_t n = 0;

	for (; n < FE_NAME_SIZE && s[n] != '\0'; n++) {
		if (s[n] < 0x21 || s[n] > 0x7e || s[n] == ',')
			return false;
	}
	return n > 0 && n < FE_NAME_SIZE;
}

static bool is_utc(int64_t utc_s)
{
	return utc_s >= 0 && utc_s <= FE_UTC_MAX;
}

static int64_t bounded(int64_t v)
{
	if (v < -FE_VALUE_MAX)
		return -FE_VALUE_MAX;
	return v > FE_VALUE_MAX ? FE_VALUE_MAX : v;
}

static void begin(struct fe_text *t, const char *kind)
{
	fe_text_begin(t, "PSYN");
	fe_text_word(t, kind);
}

size_t fe_id_encode(const struct fe_id *id, struct fe_text *t)
{
	if (!is_name(id->board) || !is_name(id->version) || id->tick_hz == 0 ||
	    id->tick_hz > FE_TICK_MAX_HZ || id->rate_hz == 0 ||
	    id->rate_hz > FE_RATE_MAX_HZ)
		return 0;
	begin(t, "ID");
	fe_text_i64(t, FE_PROTOCOL);
	fe_text_word(t, id->board);
	fe_text_word(t, id->version);
	fe_text_i64(t, id->tick_hz);
	fe_text_i64(t, id->rate_hz);
	fe_text_i64(t, id->boot);
	return fe_text_end(t);
}

size_t fe_report_encode(const struct fe_report *r, struct fe_text *t)
{
	const char *state = fe_state_word(r->state);

	if (!state || !is_utc(r->utc_s))
		return 0;
	begin(t, "T");
	fe_text_i64(t, r->utc_s);
	fe_text_word(t, state);
	fe_text_maybe_i64(t, r->has_phase, r->phase_ns);
	fe_text_maybe_i64(t, r->has_freq, r->freq_ppb);
	fe_text_maybe_i64(t, r->has_error, r->error_ns);
	fe_text_maybe_i64(t, r->has_sats, r->sats);
	fe_text_i64(t, r->edges < FE_EDGES_MAX ? r->edges : FE_EDGES_MAX);
	fe_text_hex4(t, r->flags);
	return fe_text_end(t);
}

size_t fe_event_encode(const struct fe_event *e, struct fe_text *t)
{
	const char *name = fe_event_word(e->name);

	if (!name || !is_utc(e->utc_s))
		return 0;
	begin(t, "E");
	fe_text_i64(t, e->utc_s);
	fe_text_word(t, name);
	fe_text_i64(t, bounded(e->value));
	return fe_text_end(t);
}

size_t fe_ack_encode(const struct fe_ack *a, struct fe_text *t)
{
	if (a->has_value && (!fe_key_word(a->key) || a->key == FE_KEY_ID ||
			     !fe_key_holds(a->key, a->value)))
		return 0;
	begin(t, "ACK");
	fe_text_i64(t, a->seq);
	if (a->has_value) {
		fe_text_word(t, fe_key_word(a->key));
		fe_text_i64(t, a->value);
	}
	return fe_text_end(t);
}

size_t fe_nak_encode(const struct fe_nak *n, struct fe_text *t)
{
	const char *reason = fe_reason_word(n->reason);

	if (!reason)
		return 0;
	begin(t, "NAK");
	fe_text_i64(t, n->seq);
	fe_text_word(t, reason);
	return fe_text_end(t);
}

/* ---- reading ---- */

enum verdict { GOOD = -1 }; /* or a reason */

static int take_int(struct fe_fields *f, int64_t min, int64_t max, int64_t *v)
{
	switch (fe_field_i64(f, min, max, v)) {
	case FE_INT_OK:
		return GOOD;
	case FE_INT_RANGE:
		return FE_REASON_RANGE;
	case FE_INT_EMPTY:
	case FE_INT_NONE:
		break;
	}
	return FE_REASON_FIELDS;
}

static int take_set(struct fe_fields *f, struct fe_command *c)
{
	int why;

	if (c->key == FE_KEY_ID)
		return FE_REASON_KEY;
	why = take_int(f, -FE_VALUE_MAX, FE_VALUE_MAX, &c->value);
	if (why == GOOD && !fe_key_holds(c->key, c->value))
		return FE_REASON_RANGE;
	return why;
}

/* Behind the sequence number; a reason, or GOOD. */
static int take_rest(struct fe_fields *f, struct fe_command *c)
{
	int why = GOOD, key;

	if (c->verb == FE_VERB_START) {
		why = take_int(f, 0, FE_UTC_MAX, &c->utc_s);
	} else {
		if (fe_fields_end(f))
			return FE_REASON_FIELDS;
		key = fe_field_one_of(f, fe_key_words, FE_N_KEY);
		if (key < 0)
			return FE_REASON_KEY;
		c->key = (enum fe_key)key;
		if (c->verb == FE_VERB_SET)
			why = take_set(f, c);
	}
	return why == FE_REASON_KEY || fe_fields_end(f) ? why
							: FE_REASON_FIELDS;
}

enum fe_command_result fe_command_decode(const char *text, struct fe_command *c,
					 enum fe_reason *reason)
{
	struct fe_fields f = fe_fields(text);
	int64_t seq;
	int verb, why;

	*c = (struct fe_command){0};
	if (!fe_field_is(&f, "PSYN"))
		return FE_COMMAND_BAD;
	verb = fe_field_one_of(&f, fe_verb_words, FE_N_VERB);
	if (fe_field_i64(&f, 0, UINT16_MAX, &seq) != FE_INT_OK)
		return FE_COMMAND_BAD;
	c->seq = (uint16_t)seq;
	if (verb < 0) {
		why = FE_REASON_COMMAND;
	} else {
		c->verb = (enum fe_verb)verb;
		why = take_rest(&f, c);
	}
	if (why == GOOD)
		return FE_COMMAND_OK;
	*reason = (enum fe_reason)why;
	return FE_COMMAND_NAK;
}

bool fe_command_same(const struct fe_command *a, const struct fe_command *b)
{
	return a->verb == b->verb && a->seq == b->seq && a->utc_s == b->utc_s &&
	       a->key == b->key && a->value == b->value;
}

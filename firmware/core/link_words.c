/* link_words.c - the words of the link; see link.h. */
#include "firmware/core/link_words.h"

const char *const fe_state_words[FE_N_STATE] = {
	[FE_STATE_INIT] = "INIT",         [FE_STATE_ACQUIRE] = "ACQUIRE",
	[FE_STATE_TRACK] = "TRACK",       [FE_STATE_LOCKED] = "LOCKED",
	[FE_STATE_HOLDOVER] = "HOLDOVER", [FE_STATE_FAULT] = "FAULT",
};

const char *const fe_event_words[FE_N_EVENT] = {
	[FE_EVENT_BOOT] = "BOOT",
	[FE_EVENT_STATE] = "STATE",
	[FE_EVENT_STEP] = "STEP",
	[FE_EVENT_STARTED] = "STARTED",
	[FE_EVENT_PPS_LOST] = "PPS_LOST",
	[FE_EVENT_PPS_BACK] = "PPS_BACK",
	[FE_EVENT_PPS_DOUBLE] = "PPS_DOUBLE",
	[FE_EVENT_PPS_REFUSED] = "PPS_REFUSED",
	[FE_EVENT_LABEL] = "LABEL",
	[FE_EVENT_LABEL_LOST] = "LABEL_LOST",
	[FE_EVENT_LABEL_JUMP] = "LABEL_JUMP",
	[FE_EVENT_LEAP] = "LEAP",
	[FE_EVENT_LINE_BAD] = "LINE_BAD",
	[FE_EVENT_NMEA_BAD] = "NMEA_BAD",
	[FE_EVENT_UNDERRUN] = "UNDERRUN",
	[FE_EVENT_WATCHDOG] = "WATCHDOG",
	[FE_EVENT_LINES_LOST] = "LINES_LOST",
};

const char *const fe_reason_words[FE_N_REASON] = {
	[FE_REASON_FIELDS] = "FIELDS", [FE_REASON_RANGE] = "RANGE",
	[FE_REASON_STATE] = "STATE",   [FE_REASON_LATE] = "LATE",
	[FE_REASON_KEY] = "KEY",       [FE_REASON_COMMAND] = "COMMAND",
};

const char *const fe_key_words[FE_N_KEY] = {
	[FE_KEY_ID] = "id",
	[FE_KEY_RATE] = "rate",
	[FE_KEY_DELAY_NS] = "delay_ns",
	[FE_KEY_LEAP] = "leap",
	[FE_KEY_LEAP_TILL] = "leap_till",
};

const char *const fe_verb_words[FE_N_VERB] = {
	[FE_VERB_START] = "START",
	[FE_VERB_SET] = "SET",
	[FE_VERB_QUERY] = "QUERY",
};

const struct fe_range fe_key_ranges[FE_N_KEY] = {
	[FE_KEY_ID] = {0, 0},
	[FE_KEY_RATE] = {1, FE_RATE_MAX_HZ},
	[FE_KEY_DELAY_NS] = {0, FE_DELAY_MAX_NS},
	[FE_KEY_LEAP] = {-FE_UTC_MAX, FE_UTC_MAX},
	[FE_KEY_LEAP_TILL] = {0, FE_UTC_MAX},
};

static const char *word(const char *const *words, int n, unsigned i)
{
	return i < (unsigned)n ? words[i] : NULL;
}

const char *fe_state_word(enum fe_state state)
{
	return word(fe_state_words, FE_N_STATE, (unsigned)state);
}

const char *fe_event_word(enum fe_event_name name)
{
	return word(fe_event_words, FE_N_EVENT, (unsigned)name);
}

const char *fe_reason_word(enum fe_reason reason)
{
	return word(fe_reason_words, FE_N_REASON, (unsigned)reason);
}

const char *fe_key_word(enum fe_key key)
{
	return word(fe_key_words, FE_N_KEY, (unsigned)key);
}

bool fe_key_holds(enum fe_key key, int64_t value)
{
	const struct fe_range *r = &fe_key_ranges[key];

	/* A leap second stands before a midnight. */
	return value >= r->min && value <= r->max &&
	       (key != FE_KEY_LEAP || value % 86400 == 0);
}

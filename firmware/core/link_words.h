/* link_words.h - the words both sides of the codec share; see link.h. */
#ifndef FIRMWARE_CORE_LINK_WORDS_H
#define FIRMWARE_CORE_LINK_WORDS_H

#include "firmware/core/link.h"

extern const char *const fe_state_words[FE_N_STATE];
extern const char *const fe_event_words[FE_N_EVENT];
extern const char *const fe_reason_words[FE_N_REASON];
extern const char *const fe_key_words[FE_N_KEY];
extern const char *const fe_verb_words[FE_N_VERB];

struct fe_range {
	int64_t min, max;
};

extern const struct fe_range fe_key_ranges[FE_N_KEY];

/* The key can have this value. */
bool fe_key_holds(enum fe_key key, int64_t value);

#endif

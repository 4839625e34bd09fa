/*
 * dater_shown.c - see dater_shown.h.
 *
 * The words are stored with release and read with acquire, so that none is read
 * newer than the turn that is read after it.
 */
#include "dater_shown.h"

#include <string.h>

void dater_show(struct dater_shown *shown, const struct cis_time_status *st)
{
	uint64_t words[DATER_N_WORDS] = {0};
	uint64_t turn =
		atomic_load_explicit(&shown->turn, memory_order_relaxed);

	memcpy(words, st, sizeof(*st));
	atomic_store_explicit(&shown->turn, turn + 1, memory_order_relaxed);
	for (size_t i = 0; i < DATER_N_WORDS; i++)
		atomic_store_explicit(&shown->words[i], words[i],
				      memory_order_release);
	atomic_store_explicit(&shown->turn, turn + 2, memory_order_release);
}

void dater_look(const struct dater_shown *shown, struct cis_time_status *st)
{
	uint64_t words[DATER_N_WORDS], before, after;

	do {
		before = atomic_load_explicit(&shown->turn,
					      memory_order_acquire);
		for (size_t i = 0; i < DATER_N_WORDS; i++)
			words[i] = atomic_load_explicit(&shown->words[i],
							memory_order_acquire);
		after = atomic_load_explicit(&shown->turn,
					     memory_order_relaxed);
	} while (before != after || before % 2);
	memcpy(st, words, sizeof(*st));
}

/*
 * mcu_shown.h - the newest state of the link, from its thread to all others.
 *
 * The reader takes what was put last and never waits for a put that is under
 * way: acq reads it at a higher priority than the thread that puts.
 */
#ifndef HOST_ACQ_MCU_SHOWN_H
#define HOST_ACQ_MCU_SHOWN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/acq/mcu/mcu.h"

/* Unheard for longer, a front end is silent (docs/mcu-link.md). */
#define MCU_SILENT_NS INT64_C(2000000000)

struct mcu_now {
	struct cis_mcu_state st; /* without up and age_s */
	int64_t heard_ns;        /* monotonic; a report, or a restart */
	bool was_locked;         /* since the link was opened ... */
	int64_t locked_ns;       /* ... last then */
};

#define MCU_SHOWN_SLOTS 4
#define MCU_SHOWN_WORDS ((sizeof(struct mcu_now) + 7) / 8)

struct mcu_shown {
	_Atomic uint64_t turn;
	_Atomic uint64_t words[MCU_SHOWN_SLOTS][MCU_SHOWN_WORDS];
};

void mcu_shown_put(struct mcu_shown *s, const struct mcu_now *now);
void mcu_shown_get(const struct mcu_shown *s, struct mcu_now *now);

/* What of a state depends on the moment at which it is asked for. */
struct cis_time_quality mcu_now_quality(const struct mcu_now *now,
					int64_t now_ns);
void mcu_now_state(const struct mcu_now *now, int64_t now_ns,
		   struct cis_mcu_state *st);

#endif

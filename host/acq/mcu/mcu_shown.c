/* mcu_shown.c - see mcu_shown.h. */
#include "mcu_shown.h"

#include <math.h>
#include <string.h>

#define SILENT_S   (1e-9 * MCU_SILENT_NS)
#define SLEW_S_P_S 1e-6 /* by which edges are moved at most, in a second */
/* Three times what a quartz of 0.5 ppm/K does where a room warms by 0.3 K a
 * minute: its pulses may be lost as well. */
#define DRIFT_P_S  7.5e-9

void mcu_shown_put(struct mcu_shown *s, const struct mcu_now *now)
{
	uint64_t words[MCU_SHOWN_WORDS] = {0};
	uint64_t turn =
		atomic_load_explicit(&s->turn, memory_order_relaxed) + 1;

	memcpy(words, now, sizeof(*now));
	for (size_t i = 0; i < MCU_SHOWN_WORDS; i++)
		atomic_store_explicit(&s->words[turn % MCU_SHOWN_SLOTS][i],
				      words[i], memory_order_release);
	atomic_store_explicit(&s->turn, turn, memory_order_release);
}

/* A slot is written again not before three more were put: who reads a word of
 * that sees a turn by which it knows. */
void mcu_shown_get(const struct mcu_shown *s, struct mcu_now *now)
{
	uint64_t words[MCU_SHOWN_WORDS], before, after;

	do {
		before = atomic_load_explicit(&s->turn, memory_order_acquire);
		for (size_t i = 0; i < MCU_SHOWN_WORDS; i++)
			words[i] = atomic_load_explicit(
				&s->words[before % MCU_SHOWN_SLOTS][i],
				memory_order_acquire);
		after = atomic_load_explicit(&s->turn, memory_order_relaxed);
	} while (after - before >= MCU_SHOWN_SLOTS - 1);
	memcpy(now, words, sizeof(*now));
}

/* By how much farther edges may be off that nobody has heard of for so long. */
static double strayed_s(double silent_s)
{
	return (SLEW_S_P_S + DRIFT_P_S / 2 * silent_s) * silent_s;
}

static double since_s(int64_t then_ns, int64_t now_ns)
{
	return fmax(1e-9 * (double)(now_ns - then_ns), 0);
}

/* Its edges are on seconds that it can name, within a bound. */
static bool has_worth(const struct cis_mcu_state *st)
{
	return st->heard && st->label && !isnan(st->error_s) &&
	       (st->servo == CIS_MCU_TRACK || st->servo == CIS_MCU_LOCKED ||
		st->servo == CIS_MCU_HOLDOVER);
}

struct cis_time_quality mcu_now_quality(const struct mcu_now *now,
					int64_t now_ns)
{
	const struct cis_mcu_state *st = &now->st;
	double silent_s = since_s(now->heard_ns, now_ns);
	struct cis_time_quality q = {INFINITY, INFINITY};

	/* 0 says that it is locked. */
	if (now->was_locked)
		q.unlocked_s = fmax(since_s(now->locked_ns, now_ns), 1e-9);
	if (!has_worth(st))
		return q;
	q.unc_s = st->error_s;
	if (silent_s > SILENT_S)
		q.unc_s += strayed_s(silent_s);
	else if (st->servo == CIS_MCU_LOCKED && !st->slewing)
		q.unlocked_s = 0;
	return q;
}

void mcu_now_state(const struct mcu_now *now, int64_t now_ns,
		   struct cis_mcu_state *st)
{
	*st = now->st;
	st->age_s = st->heard ? since_s(now->heard_ns, now_ns) : NAN;
	st->up = st->heard && !st->link_err && st->age_s <= SILENT_S;
}

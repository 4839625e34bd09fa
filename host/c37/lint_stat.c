/* lint_stat.c - STAT of a PMU's data, and against the message's time quality. */
#include "lint_in.h"

/* A concentrator's time quality is its own: it is compared in a frame of one
 * PMU alone. */
static void check_sync(const struct lint_frame *f, unsigned stat, size_t at)
{
	unsigned code = f->head.time_quality & 0xF;
	bool unsync = stat & CIS_C37_STAT_UNSYNC;

	if (code && !unsync)
		lint_say(f, LINT_STAT_SYNC, at, "STAT",
			 "STAT %04X says in sync, the time quality is %X", stat,
			 code);
	if (!code && unsync)
		lint_say(f, LINT_STAT_LOCKED, at, "STAT",
			 "STAT %04X says not in sync, the time quality is 0",
			 stat);
}

static void check_trigger(const struct lint_frame *f, unsigned stat, size_t at)
{
	unsigned reason = stat & 0xF;

	if (reason && !(stat & CIS_C37_STAT_TRIGGER))
		lint_say(f, LINT_STAT_TRIGGER, at, "STAT",
			 "STAT %04X has the reason %u and no trigger", stat,
			 reason);
	else if (reason == 6)
		lint_say(f, LINT_STAT_REASON, at, "STAT",
			 "STAT %04X has the reason 6", stat);
}

/* In 2011 bit 10 falls with the first data of the new configuration, in 2005 a
 * minute after it. */
static void check_change(struct cis_lint *lint, const struct lint_frame *f,
			 unsigned i, size_t at)
{
	bool changing = lint_u16(f, at) & CIS_C37_STAT_CFG_CHANGE;
	bool was = lint->changing[i];

	lint->changing[i] = changing;
	if (changing) {
		lint->announced = true;
	} else if (was && lint->announced) {
		if (!lint->fresh)
			lint_say(f, LINT_STAT_CHANGE, at, "STAT",
				 "STAT bit 10 was set and fell, and no other "
				 "configuration came");
		lint->announced = lint->fresh = false;
	}
}

void lint_change(struct cis_lint *lint, const struct lint_frame *f,
		 unsigned stat)
{
	if (lint->doubt && !(stat & CIS_C37_STAT_CFG_CHANGE))
		lint_say(f, LINT_CFG_CHANGE, C37_HEAD_LEN, "STAT",
			 "the configuration is another one; the data before "
			 "and after it did not announce the change");
	lint->doubt = false;
}

void lint_stat(struct cis_lint *lint, const struct lint_frame *f, unsigned i,
	       size_t at)
{
	unsigned stat = lint_u16(f, at);
	unsigned unlocked = stat >> CIS_C37_STAT_UNLOCK_SHIFT & 3;

	if (f->head.version >= 2 && !(stat >> CIS_C37_STAT_TQ_SHIFT & 7))
		lint_say(f, LINT_STAT_TQ, at, "STAT",
			 "STAT is %04X: PMU_TQ is 0", stat);
	if (lint->cfg.n_pmu == 1)
		check_sync(f, stat, at);
	if (unlocked >= 2 && !(stat & CIS_C37_STAT_UNSYNC))
		lint_say(
			f, LINT_STAT_UNLOCKED, at, "STAT",
			"STAT %04X says unlocked for %s s or more, and in sync",
			stat, unlocked == 2 ? "100" : "1000");
	check_trigger(f, stat, at);
	check_change(lint, f, i, at);
}

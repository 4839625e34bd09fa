/* mcu_set.c - what the front end is asked and told when it is met. */
#include "cisoid/utc.h"
#include "host/core/leaps.h"
#include "mcu_talk.h"

#define LEAPS_UTC_S INT64_C(1483228800) /* 2017-01-01: after the last one */

void mcu_set_query(struct mcu_talk *t, int64_t now_ns)
{
	struct fe_command id = {.verb = FE_VERB_QUERY, .key = FE_KEY_ID};

	mcu_ask(&t->ask, MCU_WANT_ID, &id, now_ns);
}

static void set(struct mcu_talk *t, enum mcu_want want, int64_t value,
		int64_t now_ns)
{
	static const enum fe_key keys[MCU_N_WANT] = {
		[MCU_WANT_RATE] = FE_KEY_RATE,
		[MCU_WANT_DELAY] = FE_KEY_DELAY_NS,
		[MCU_WANT_LEAP] = FE_KEY_LEAP,
		[MCU_WANT_TILL] = FE_KEY_LEAP_TILL,
	};
	struct fe_command c = {
		.verb = FE_VERB_SET, .key = keys[want], .value = value};

	mcu_ask(&t->ask, want, &c, now_ns);
}

/* The next leap second that is known, as the front end is told; 0: none is. */
static int64_t coming_leap(int64_t utc_s)
{
	struct cis_leap last, next;

	if (!cis_leap_find(CIS_LEAP_POSIX, utc_s, &last, &next) ||
	    !next.offset_s || next.rehearsed)
		return 0;
	return next.offset_s > last.offset_s ? next.soc : -next.soc;
}

static void set_once(struct mcu_talk *t, enum mcu_want want, int64_t value,
		     int64_t now_ns)
{
	const struct mcu_question *q = &t->ask.q[want];

	if (q->answer == MCU_NOT_ASKED || q->command.value != value)
		set(t, want, value, now_ns);
}

/* What is said of leap seconds holds to the end of the list; one may be known that
 * is behind that. 0: for good. */
static int64_t known_till(int64_t leap)
{
	int64_t till = cis_utc_known_until(), after = leap < 0 ? -leap : leap;

	if (till < after)
		till = after;
	return till <= FE_UTC_MAX ? till : 0;
}

/* It is told that there is none as well, but not by a list that has ended. Until it
 * knows the date, the computer's has to do, unless that is of before this program. */
void mcu_set_leap(struct mcu_talk *t, const struct mcu_at *at)
{
	int64_t utc_s = t->now.st.utc_s, leap;

	if (!t->cfg.rate_hz)
		return;
	if (!t->now.st.label) {
		utc_s = cis_utc_from_tai(cis_time_floor_s(at->sys)).soc;
		utc_s = utc_s > LEAPS_UTC_S ? utc_s : LEAPS_UTC_S;
	}
	leap = coming_leap(utc_s);
	if (!leap && utc_s >= cis_utc_known_until())
		return;
	/* In this order: an end that is over would withdraw what is said anew, where
	 * a second begins between the two. */
	set_once(t, MCU_WANT_TILL, known_till(leap), at->now_ns);
	set_once(t, MCU_WANT_LEAP, leap, at->now_ns);
}

void mcu_set_all(struct mcu_talk *t, const struct mcu_at *at)
{
	if (!t->cfg.rate_hz)
		return;
	t->ask.q[MCU_WANT_LEAP].answer = MCU_NOT_ASKED;
	t->ask.q[MCU_WANT_TILL].answer = MCU_NOT_ASKED;
	mcu_set_leap(t, at);
	if (t->now.st.rate_hz == t->cfg.rate_hz)
		t->ask.q[MCU_WANT_RATE].answer = MCU_ACKED;
	else
		set(t, MCU_WANT_RATE, t->cfg.rate_hz, at->now_ns);
	set(t, MCU_WANT_DELAY, t->cfg.delay_ns, at->now_ns);
}

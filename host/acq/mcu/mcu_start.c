/* mcu_start.c - a start pulse: for which second, and what became of it. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include "cisoid/utc.h"
#include "mcu_talk.h"

/* By which a report is read after its second began, at most; and after when that
 * is taken to have begun. */
#define LATE_S   0.15
#define HEARD_S  0.05
/* For a command that went too late. */
#define MORE_MS  1000
#define MAX_LATE 2
/* So often, 0.4 s apart: while this computer stands still nothing is asked. */
#define MAX_SENT 5

static int64_t tai_of_utc(int64_t utc_s)
{
	return cis_time_from_posix(utc_s, 0).tai_ns / CIS_NS_PER_S;
}

/* A second that was left out, or that has the number of the one after it. */
static bool ambiguous(int64_t utc_s)
{
	return tai_of_utc(utc_s + 1) - tai_of_utc(utc_s) != 1;
}

/* Since its report was due, which may have been read late. */
static double report_age_s(const struct mcu_now *now, int64_t now_ns)
{
	int64_t begun_ns = now->st.zero_ns + now->st.tai_s * CIS_NS_PER_S;
	double age_s = 1e-9 * (double)(now_ns - now->heard_ns);

	if (now->st.zero_ns)
		age_s = fmax(age_s,
			     1e-9 * (double)(now_ns - begun_ns) - HEARD_S);
	return fmax(age_s, 0);
}

struct mcu_second mcu_start_second(const struct mcu_now *now, int64_t now_ns,
				   int lead_ms)
{
	double ahead_s = report_age_s(now, now_ns) + LATE_S + 1e-3 * lead_ms;
	int64_t from_s = now->st.tai_s + (int64_t)ceil(ahead_s);
	int64_t utc_s = now->st.utc_s;

	while (tai_of_utc(utc_s) < from_s || ambiguous(utc_s))
		utc_s++;
	return (struct mcu_second){.tai_s = tai_of_utc(utc_s), .utc_s = utc_s};
}

static void end(struct mcu_order *o, int err)
{
	o->done = true;
	o->err = err;
}

static int check_link(const struct mcu_talk *t, int64_t now_ns,
		      struct cis_diag *why)
{
	int err = t->now.st.link_err;

	if (err == -EPROTO)
		return mcu_talk_why(t, 0, why);
	if (err)
		return cis_fail(why, -ENODEV,
				"%s: the front end's link is down",
				t->cfg.where);
	if (!t->now.st.heard || now_ns - t->now.heard_ns > MCU_SILENT_NS)
		return cis_fail(why, -ETIMEDOUT,
				"%s: the front end is not heard", t->cfg.where);
	return 0;
}

static int check_time(const struct mcu_talk *t, struct cis_diag *why)
{
	const struct cis_mcu_state *st = &t->now.st;

	if (st->servo != CIS_MCU_LOCKED && st->servo != CIS_MCU_HOLDOVER)
		return cis_fail(why, -EAGAIN,
				"%s: the front end is in %s, not locked to a "
				"pulse%s",
				t->cfg.where, cis_mcu_servo_name(st->servo),
				st->servo == CIS_MCU_INIT
					? "; does its receiver have a fix?"
					: "");
	if (!st->label)
		return cis_fail(why, -EAGAIN,
				"%s: the front end does not know which second "
				"it is; is its receiver's NMEA connected?",
				t->cfg.where);
	if (!mcu_talk_ready(t))
		return cis_fail(why, -EAGAIN,
				"%s: the front end has not answered to its "
				"settings",
				t->cfg.where);
	return 0;
}

static void ask(struct mcu_talk *t, int64_t now_ns)
{
	struct mcu_order *o = &t->order;
	struct mcu_second at = mcu_start_second(
		&t->now, now_ns, o->lead_ms + (int)o->n_late * MORE_MS);
	struct fe_command c = {.verb = FE_VERB_START, .utc_s = at.utc_s};

	o->tai_s = at.tai_s;
	mcu_ask(&t->ask, MCU_WANT_START, &c, now_ns);
}

void mcu_start_begin(struct mcu_talk *t, int lead_ms, int64_t now_ns)
{
	struct mcu_order *o = &t->order;
	int err;

	*o = (struct mcu_order){.on = true, .lead_ms = lead_ms};
	err = check_link(t, now_ns, &o->why);
	if (!err)
		err = mcu_talk_refused(t, &o->why);
	if (!err)
		err = check_time(t, &o->why);
	if (err)
		end(o, err);
	else
		ask(t, now_ns);
}

static int refused(const struct mcu_talk *t, enum fe_reason reason,
		   struct cis_diag *why)
{
	int err = reason == FE_REASON_STATE || reason == FE_REASON_LATE
			  ? -EAGAIN
			  : -EPROTO;

	return cis_fail(
		why, err,
		"%s: the front end, in %s, refuses to start at %" PRId64 ": %s",
		t->cfg.where, cis_mcu_servo_name(t->now.st.servo),
		t->ask.q[MCU_WANT_START].command.utc_s, fe_reason_word(reason));
}

void mcu_start_answer(struct mcu_talk *t, int64_t now_ns)
{
	const struct mcu_question *q = &t->ask.q[MCU_WANT_START];
	struct mcu_order *o = &t->order;

	if (!o->on || o->done)
		return;
	if (q->answer == MCU_ACKED) {
		mcu_watch_start(&t->watch, o->tai_s,
				t->cfg.rate_hz ? t->cfg.rate_hz
					       : t->now.st.rate_hz);
		end(o, 0);
	} else if (q->reason == FE_REASON_LATE && o->n_late < MAX_LATE) {
		o->n_late++;
		ask(t, now_ns);
	} else {
		end(o, refused(t, q->reason, &o->why));
	}
}

void mcu_start_tick(struct mcu_talk *t, int64_t now_ns)
{
	struct mcu_order *o = &t->order;
	int err;

	if (!o->on || o->done)
		return;
	err = check_link(t, now_ns, &o->why);
	if (!err && t->ask.q[MCU_WANT_START].n_sent > MAX_SENT)
		err = cis_fail(&o->why, -ETIMEDOUT,
			       "%s: the front end does not answer to START",
			       t->cfg.where);
	if (!err)
		return;
	t->ask.q[MCU_WANT_START].answer = MCU_NOT_ASKED;
	end(o, err);
}

/* mcu_talk.c - see mcu_talk.h. */
#include "mcu_talk.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/utc.h"

#define DAY_S     86400
#define BROKEN_NS INT64_C(5000000000)
/* A report is read between 0 and 0.1 s after its second began. */
#define LATE_NS   INT64_C(50000000)
/* More between two reports: one was lost. */
#define MISSED_NS INT64_C(1500000000)
/* Within this after a connection there may come what had waited for it. */
#define STALE_NS  INT64_C(300000000)
/* By which this computer's and UTC's seconds differ, at most. */
#define DRIFT_NS  INT64_C(1000000)

void mcu_talk_init(struct mcu_talk *t, const struct cis_mcu_config *cfg,
		   uint16_t seq)
{
	struct cis_mcu_state *st = &t->now.st;

	*t = (struct mcu_talk){.cfg = *cfg, .ask.seq = seq};
	st->link_err = -ENODEV;
	st->phase_s = st->freq_ppb = st->error_s = st->off_s = NAN;
	st->sats = -1;
}

static void tell(struct mcu_talk *t, enum cis_mcu_event_kind kind,
		 const char *name, int64_t value)
{
	struct cis_mcu_event *ev = &t->event[t->n_event];

	if (t->n_event == MCU_TALK_EVENTS) {
		t->now.st.n_drop++;
		return;
	}
	t->n_event++;
	*ev = (struct cis_mcu_event){
		.kind = kind, .value = value, .utc_s = t->now.st.utc_s};
	snprintf(ev->name, sizeof(ev->name), "%s", name);
}

static void go_down(struct mcu_talk *t, int err)
{
	if (t->up)
		tell(t, CIS_MCU_LINK_DOWN, "", err);
	t->up = false;
}

/* ---- ID ---- */

static void forget_time(struct mcu_talk *t, int64_t now_ns)
{
	struct cis_mcu_state *st = &t->now.st;

	st->heard = st->label = false;
	st->utc_s = st->tai_s = st->zero_ns = 0;
	t->now.heard_ns = now_ns;
	mcu_watch_void(&t->watch);
}

static void keep_id(struct cis_mcu_state *st, const struct fe_id *id)
{
	st->known = true;
	snprintf(st->board, sizeof(st->board), "%s", id->board);
	snprintf(st->version, sizeof(st->version), "%s", id->version);
	st->tick_hz = id->tick_hz;
	st->rate_hz = id->rate_hz;
	st->boot = id->boot;
}

static void on_id(struct mcu_talk *t, const struct fe_id *id,
		  const struct mcu_at *at)
{
	struct cis_mcu_state *st = &t->now.st;
	bool again = t->identified, restarted = false;

	t->came.protocol = id->protocol;
	t->ask.q[MCU_WANT_ID].answer = MCU_ACKED;
	t->identified = id->protocol == FE_PROTOCOL;
	if (!t->identified) {
		st->link_err = -EPROTO;
		go_down(t, -EPROTO);
		return;
	}
	if (st->known && st->boot != id->boot) {
		restarted = true;
		forget_time(t, at->now_ns);
		tell(t, CIS_MCU_RESTARTED, "", id->boot);
	}
	keep_id(st, id);
	if (!again || restarted)
		mcu_set_all(t, at);
}

/* ---- T ---- */

/* A leap second that the table of this program did not know: as clock.c takes
 * it from the kernel. */
static void heed_leap(const struct fe_report *r)
{
	int64_t soc = r->utc_s + 1;
	char buf[CIS_UTC_SIZE];

	if (soc % DAY_S || soc < cis_utc_known_until())
		return;
	cis_utc_format(cis_time_from_posix(soc, 0), 0, buf);
	if (!strncmp(buf + 8, "01", 2))
		cis_utc_learn_leap(soc, 1);
}

static int64_t tai_of(const struct fe_report *r)
{
	bool in_leap = r->flags & FE_FLAG_IN_LEAP;
	struct cis_time t;

	if (!(r->flags & FE_FLAG_LABEL) || r->utc_s == 0)
		return 0;
	if (in_leap)
		heed_leap(r);
	t = cis_time_from_posix(r->utc_s, 0);
	return t.tai_ns / CIS_NS_PER_S + in_leap;
}

static void keep_flags(struct cis_mcu_state *st, unsigned flags)
{
	st->leap_pending = flags & FE_FLAG_LEAP_INSERT   ? 1
			   : flags & FE_FLAG_LEAP_DELETE ? -1
							 : 0;
	st->in_leap = flags & FE_FLAG_IN_LEAP;
	st->armed = flags & FE_FLAG_START;
	st->pulse = flags & FE_FLAG_PULSE;
	st->slewing = flags & FE_FLAG_SLEW;
	st->running = flags & FE_FLAG_RUNNING;
}

static void keep_report(struct cis_mcu_state *st, const struct fe_report *r)
{
	st->heard = true;
	st->servo = (enum cis_mcu_servo)r->state;
	st->utc_s = r->utc_s;
	st->tai_s = tai_of(r);
	st->label = st->tai_s != 0;
	st->phase_s = r->has_phase ? 1e-9 * r->phase_ns : NAN;
	st->freq_ppb = r->has_freq ? (double)r->freq_ppb : NAN;
	st->error_s = r->has_error ? 1e-9 * r->error_ns : NAN;
	st->sats = r->has_sats ? r->sats : -1;
	st->n_edge = r->edges;
	keep_flags(st, r->flags);
}

static double against_system_s(const struct cis_mcu_state *st,
			       const struct mcu_at *at)
{
	struct cis_time label = {at->now_ns - st->zero_ns};

	if (!st->label)
		return NAN;
	return 1e-9 * (double)cis_time_diff_ns(label, at->sys);
}

/* A report may be read late by any time, never early: of the last ones that says
 * when seconds begin which was read earliest in its own. A label that goes back
 * says it anew. */
static void keep_zero(struct cis_mcu_state *st, int64_t before_s,
		      int64_t now_ns)
{
	int64_t zero_ns = now_ns - LATE_NS - st->tai_s * CIS_NS_PER_S;
	int64_t least_ns = st->zero_ns + DRIFT_NS;

	if (st->tai_s <= before_s)
		st->zero_ns = 0;
	st->n_named = st->zero_ns ? st->n_named + 1 : 1;
	st->zero_ns = st->zero_ns && least_ns < zero_ns ? least_ns : zero_ns;
	if (!st->label)
		st->zero_ns = 0;
}

/* It may have restarted, and the lines that said so be lost. */
static void ask_who(struct mcu_talk *t, const struct fe_report *r,
		    int64_t now_ns)
{
	bool odd = !(r->flags & FE_FLAG_RUNNING) ||
		   t->came.n_bad != t->n_bad_then ||
		   now_ns - t->now.heard_ns > MISSED_NS;

	t->n_bad_then = t->came.n_bad;
	if (odd && t->ask.q[MCU_WANT_ID].answer != MCU_WAITING)
		mcu_set_query(t, now_ns);
}

static void on_report(struct mcu_talk *t, const struct fe_report *r,
		      const struct mcu_at *at)
{
	struct mcu_now *now = &t->now;
	struct mcu_heard heard = {.report = r, .now_ns = at->now_ns};
	int64_t before_s = now->st.tai_s;

	t->came.n_report++;
	if (!t->identified || at->now_ns - t->begun_ns < STALE_NS)
		return;
	ask_who(t, r, at->now_ns);
	keep_report(&now->st, r);
	keep_zero(&now->st, before_s, at->now_ns);
	now->heard_ns = at->now_ns;
	now->st.off_s = against_system_s(&now->st, at);
	if (now->st.servo == CIS_MCU_LOCKED && now->st.label &&
	    !now->st.slewing) {
		now->was_locked = true;
		now->locked_ns = at->now_ns;
	}
	heard.tai_s = now->st.tai_s;
	mcu_watch_report(&t->watch, &heard);
	if (!t->up) {
		now->st.n_link++;
		tell(t, CIS_MCU_LINK_UP, now->st.board, 0);
	}
	t->up = true;
	mcu_set_leap(t, at);
}

/* ---- E, ACK, NAK ---- */

/* The VALUE of those that are told as "how many". */
static uint64_t how_many(const struct fe_event *e)
{
	return e->value > 0 ? (uint64_t)e->value : 0;
}

static void on_event(struct mcu_talk *t, const struct fe_event *e,
		     int64_t now_ns)
{
	struct cis_mcu_state *st = &t->now.st;
	const char *word = fe_event_word(e->name);

	st->n_event++;
	tell(t, CIS_MCU_TOLD, word, e->value);
	switch (e->name) {
	case FE_EVENT_NMEA_BAD:
		st->n_bad_sentence += how_many(e);
		break;
	case FE_EVENT_LINES_LOST:
		st->n_lost_line += how_many(e);
		mcu_set_query(t, now_ns);
		break;
	case FE_EVENT_BOOT:
		mcu_set_query(t, now_ns);
		break;
	case FE_EVENT_STATE: /* T says it as well, up to a second later */
		if (e->value >= 0 && e->value < CIS_MCU_N_SERVO)
			st->servo = (enum cis_mcu_servo)e->value;
		break;
	case FE_EVENT_STEP:
	case FE_EVENT_UNDERRUN:
		mcu_watch_void(&t->watch);
		st->zero_ns = 0;
		break;
	case FE_EVENT_LABEL_JUMP:
		mcu_watch_void(&t->watch);
		st->label = false;
		st->zero_ns = 0;
		break;
	case FE_EVENT_LABEL_LOST:
		st->label = false;
		st->zero_ns = 0;
		break;
	default:
		break;
	}
}

/* An older front end does without leap_till. */
static bool is_told(enum mcu_want want, enum fe_reason reason)
{
	if (want == MCU_WANT_TILL && reason == FE_REASON_KEY)
		return false;
	return want != MCU_N_WANT && reason != FE_REASON_STATE;
}

static void on_nak(struct mcu_talk *t, const struct fe_nak *nak, int64_t now_ns)
{
	enum mcu_want want = mcu_ask_refused(&t->ask, nak);

	if (want == MCU_WANT_START)
		mcu_start_answer(t, now_ns);
	else if (is_told(want, nak->reason))
		tell(t, CIS_MCU_REFUSED,
		     fe_key_word(t->ask.q[want].command.key),
		     t->ask.q[want].command.value);
}

/* ---- lines ---- */

/* What it is, if it is none of the front end's. */
static void sort_out(struct mcu_talk *t)
{
	static const char *const ours[] = {"PSYN,START,", "PSYN,SET,",
					   "PSYN,QUERY,"};
	const char *text = t->line.text;

	t->now.st.n_bad++;
	t->came.n_bad++;
	t->came.n_nmea += text[0] == 'G' && strlen(text) > 6 && text[5] == ',';
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		t->came.n_echo += !strncmp(text, ours[i], strlen(ours[i]));
}

static void on_line(struct mcu_talk *t, const struct mcu_at *at)
{
	struct fe_message m;

	if (fe_message_decode(t->line.text, &m) == FE_MESSAGE_BAD) {
		sort_out(t);
		return;
	}
	t->now.st.n_line++;
	if (m.kind == FE_MESSAGE_ID)
		on_id(t, &m.id, at);
	else if (m.kind == FE_MESSAGE_REPORT)
		on_report(t, &m.report, at);
	else if (m.kind == FE_MESSAGE_EVENT && t->identified)
		on_event(t, &m.event, at->now_ns);
	else if (m.kind == FE_MESSAGE_NAK)
		on_nak(t, &m.nak, at->now_ns);
	else if (m.kind == FE_MESSAGE_ACK &&
		 mcu_ask_acked(&t->ask, m.ack.seq) == MCU_WANT_START)
		mcu_start_answer(t, at->now_ns);
}

void mcu_talk_bytes(struct mcu_talk *t, const uint8_t *buf, size_t len,
		    const struct mcu_at *at)
{
	t->came.n_byte += len;
	for (size_t i = 0; i < len; i++) {
		switch (fe_line_push(&t->line, buf[i])) {
		case FE_LINE_WHOLE:
			on_line(t, at);
			break;
		case FE_LINE_BAD:
			t->now.st.n_bad++;
			t->came.n_bad++;
			break;
		case FE_LINE_MORE:
			break;
		}
	}
}

/* ---- the connection ---- */

void mcu_talk_begin(struct mcu_talk *t, int64_t now_ns)
{
	fe_line_init(&t->line);
	mcu_ask_reset(&t->ask);
	t->came = (struct mcu_came){0};
	t->n_bad_then = 0;
	t->identified = false;
	t->begun_ns = now_ns;
	t->now.st.link_err = 0;
	mcu_set_query(t, now_ns);
}

void mcu_talk_end(struct mcu_talk *t, int err)
{
	mcu_ask_reset(&t->ask);
	t->identified = false;
	t->now.st.link_err = err;
	t->now.st.zero_ns = 0;
	go_down(t, err);
}

static int64_t unheard_ns(const struct mcu_talk *t, int64_t now_ns)
{
	int64_t heard_ns = t->now.heard_ns;

	return now_ns - (heard_ns > t->begun_ns ? heard_ns : t->begun_ns);
}

void mcu_talk_tick(struct mcu_talk *t, int64_t now_ns)
{
	if (unheard_ns(t, now_ns) > MCU_SILENT_NS)
		go_down(t, -ETIMEDOUT);
	mcu_ask_again(&t->ask, now_ns);
	mcu_start_tick(t, now_ns);
}

int mcu_talk_broken(const struct mcu_talk *t, int64_t now_ns)
{
	if (t->came.protocol && t->came.protocol != FE_PROTOCOL)
		return -EPROTO;
	return unheard_ns(t, now_ns) > BROKEN_NS ? -ETIMEDOUT : 0;
}

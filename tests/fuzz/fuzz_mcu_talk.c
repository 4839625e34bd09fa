/*
 * fuzz_mcu_talk.c - any bytes from a front end to the host, with time going on,
 * connections ending and starts asked for in between.
 *
 * What must hold: what is sent are whole commands; time is worth something only
 * by a report that can be; a start is for a second ahead and always ends; only
 * what was started is torn.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/core/link.h"
#include "fuzz.h"
#include "host/acq/mcu/mcu_talk.h"

/* Bytes that a line does not have: */
enum {
	ASK = 1, /* a start pulse */
	RECONNECT,
	TICK,    /* 0.1 s */
	SECOND,  /* ten of them */
	SUM = 6, /* ends a line with its right sum */
};

#define TICK_NS   INT64_C(100000000)
#define MAX_TICKS 150 /* a start has three tries of 2 s, and some */

struct host {
	struct mcu_talk t;
	struct fe_line said; /* to the host */
	struct cis_time sys;
	int64_t now_ns;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_output(struct host *h)
{
	struct mcu_ask *a = &h->t.ask;
	enum fe_line_result got = FE_LINE_WHOLE;
	enum fe_reason reason;
	struct fe_command c;
	struct fe_line line;

	fe_line_init(&line);
	must(a->out_len <= sizeof(a->out));
	for (size_t i = 0; i < a->out_len; i++) {
		got = fe_line_push(&line, (uint8_t)a->out[i]);
		must(got != FE_LINE_BAD);
		if (got == FE_LINE_WHOLE)
			must(fe_command_decode(line.text, &c, &reason) ==
			     FE_COMMAND_OK);
	}
	must(got == FE_LINE_WHOLE);
	mcu_ask_sent(a, a->out_len);
}

static void check_state(const struct host *h)
{
	const struct mcu_talk *t = &h->t;
	struct cis_time_quality q = mcu_now_quality(&t->now, h->now_ns);
	struct cis_mcu_state st;
	struct cis_diag diag;

	mcu_now_state(&t->now, h->now_ns, &st);
	must(q.unc_s >= 0 && q.unlocked_s >= 0);
	must(q.unlocked_s > 0 || (st.servo == CIS_MCU_LOCKED && st.label));
	must(isinf(q.unc_s) || (st.heard && st.label && st.tai_s > 0));
	must(st.servo < CIS_MCU_N_SERVO && st.sats <= 255);
	must(!t->watch.torn || t->watch.on);
	must(t->n_event <= MCU_TALK_EVENTS);
	if (!mcu_talk_ready(t))
		must(mcu_talk_why(t, 3, &diag) < 0);
	mcu_talk_refused(t, &diag);
}

static void tick(struct host *h, int64_t ns)
{
	h->now_ns += ns;
	h->sys = cis_time_add_ns(h->sys, ns);
	mcu_talk_tick(&h->t, h->now_ns);
	check_output(h);
	check_state(h);
	h->t.n_event = 0;
}

static void end_order(struct host *h)
{
	const struct mcu_order *o = &h->t.order;

	for (int i = 0; o->on && !o->done; i++) {
		must(i < MAX_TICKS);
		tick(h, TICK_NS);
	}
	must(!o->on || o->err <= 0);
	must(!o->on || o->err == 0 || o->why.msg[0]);
}

static void push(struct host *h, uint8_t byte)
{
	struct mcu_at at = {h->now_ns, h->sys};

	fe_line_push(&h->said, byte);
	mcu_talk_bytes(&h->t, &byte, 1, &at);
}

static void push_sum(struct host *h)
{
	static const char hex[] = "0123456789ABCDEF";
	uint8_t sum = h->said.sum;

	push(h, '*');
	push(h, (uint8_t)hex[sum >> 4]);
	push(h, (uint8_t)hex[sum & 15]);
	push(h, '\r');
	push(h, '\n');
	check_output(h);
	check_state(h);
}

static void begin_order(struct host *h)
{
	const struct mcu_order *o = &h->t.order;

	if (o->on && !o->done)
		return;
	mcu_start_begin(&h->t, 500, h->now_ns);
	if (!o->done)
		must(o->tai_s > h->t.now.st.tai_s);
}

static void act(struct host *h, uint8_t byte)
{
	switch (byte) {
	case ASK:
		begin_order(h);
		break;
	case RECONNECT:
		mcu_talk_end(&h->t, -1);
		mcu_talk_begin(&h->t, h->now_ns);
		break;
	case TICK:
		tick(h, TICK_NS);
		break;
	case SECOND:
		tick(h, 10 * TICK_NS);
		break;
	case SUM:
		push_sum(h);
		break;
	default:
		push(h, byte);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cis_mcu_config cfg = {
		.where = "tcp:[::1]:1", .rate_hz = 18000, .delay_ns = 75};
	/* 2026-11-21T19:00:00Z */
	struct host h = {.sys = {INT64_C(1795287637) * CIS_NS_PER_S}};

	fe_line_init(&h.said);
	mcu_talk_init(&h.t, &cfg, 41);
	mcu_talk_begin(&h.t, 0);
	for (size_t i = 0; i < size; i++)
		act(&h, data[i]);
	end_order(&h);
	return 0;
}

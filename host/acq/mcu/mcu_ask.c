/* mcu_ask.c - see mcu_ask.h. */
#include "mcu_ask.h"

#include <string.h>

/* An answer takes some 10 ms; a refusal that need not last is tried again. */
#define AGAIN_NS   INT64_C(400000000)
#define NOT_NOW_NS INT64_C(1000000000)

void mcu_ask_reset(struct mcu_ask *a)
{
	*a = (struct mcu_ask){.seq = a->seq};
}

/* A line for which there is no room is lost, as on the way, and sent again. */
static void send(struct mcu_ask *a, struct mcu_question *q, int64_t now_ns)
{
	struct fe_text line;
	size_t len = fe_command_encode(&q->command, &line);

	q->answer = MCU_WAITING;
	q->n_sent++;
	q->sent_ns = now_ns;
	if (len > sizeof(a->out) - a->out_len)
		return;
	memcpy(a->out + a->out_len, line.s, len);
	a->out_len += len;
}

void mcu_ask(struct mcu_ask *a, enum mcu_want want,
	     const struct fe_command *command, int64_t now_ns)
{
	struct mcu_question *q = &a->q[want];

	q->command = *command;
	q->command.seq = ++a->seq;
	q->n_sent = 0;
	send(a, q, now_ns);
}

static enum mcu_want find(const struct mcu_ask *a, uint16_t seq)
{
	for (unsigned i = 0; i < MCU_N_WANT; i++)
		if (a->q[i].answer == MCU_WAITING && a->q[i].command.seq == seq)
			return (enum mcu_want)i;
	return MCU_N_WANT;
}

enum mcu_want mcu_ask_acked(struct mcu_ask *a, uint16_t seq)
{
	enum mcu_want want = find(a, seq);

	if (want != MCU_N_WANT)
		a->q[want].answer = MCU_ACKED;
	return want;
}

enum mcu_want mcu_ask_refused(struct mcu_ask *a, const struct fe_nak *nak)
{
	enum mcu_want want = find(a, nak->seq);

	if (want != MCU_N_WANT) {
		a->q[want].answer = MCU_REFUSED;
		a->q[want].reason = nak->reason;
	}
	return want;
}

/* A setting that cannot be now, and is no order for one moment. */
static bool not_now(const struct mcu_ask *a, unsigned i)
{
	return i != MCU_WANT_START && a->q[i].answer == MCU_REFUSED &&
	       a->q[i].reason == FE_REASON_STATE;
}

void mcu_ask_again(struct mcu_ask *a, int64_t now_ns)
{
	for (unsigned i = 0; i < MCU_N_WANT; i++) {
		struct mcu_question *q = &a->q[i];
		int64_t past_ns = now_ns - q->sent_ns;

		if (not_now(a, i) && past_ns >= NOT_NOW_NS)
			mcu_ask(a, (enum mcu_want)i, &q->command, now_ns);
		else if (q->answer == MCU_WAITING && past_ns >= AGAIN_NS)
			send(a, q, now_ns);
	}
}

void mcu_ask_sent(struct mcu_ask *a, size_t n)
{
	a->out_len -= n;
	memmove(a->out, a->out + n, a->out_len);
}

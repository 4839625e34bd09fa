/*
 * fuzz_front_line.c - any bytes from the host to a front end that is locked.
 *
 * What must hold: each command that can be read is answered once, what is
 * refused is told by number, only whole lines of the link come back, and the
 * front end goes on. What the codec takes, of either side, it writes as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "tests/firmware/rig.h"

/* Ends a line with its right sum, which a fuzzer would hardly guess. */
#define SUM 6

/* By 115200 baud in a millisecond. */
#define BYTES_PER_MS 11

/* In it each event that waits is told, and a report comes. */
#define AFTER_MS 2200

/* What the host has said, and what it has heard. */
struct tally {
	struct fe_line said, heard;
	unsigned n_commands, n_answers;
	int64_t n_bad, n_told;
	unsigned n_reports;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* ---- the codec ---- */

static void same_text(const char *text, const struct fe_text *t, size_t len)
{
	must(len == strlen(text) + 6 && len == t->len);
	must(!memcmp(t->s + 1, text, strlen(text)));
}

static void message_and_back(const char *text)
{
	struct fe_message m;
	struct fe_text t;

	switch (fe_message_decode(text, &m)) {
	case FE_MESSAGE_ID:
		if (m.id.protocol == FE_PROTOCOL)
			same_text(text, &t, fe_id_encode(&m.id, &t));
		break;
	case FE_MESSAGE_REPORT:
		same_text(text, &t, fe_report_encode(&m.report, &t));
		break;
	case FE_MESSAGE_EVENT:
		same_text(text, &t, fe_event_encode(&m.event, &t));
		break;
	case FE_MESSAGE_ACK:
		same_text(text, &t, fe_ack_encode(&m.ack, &t));
		break;
	case FE_MESSAGE_NAK:
		same_text(text, &t, fe_nak_encode(&m.nak, &t));
		break;
	case FE_MESSAGE_BAD:
		break;
	}
}

static void command_and_back(struct tally *y, const char *text)
{
	enum fe_reason reason = (enum fe_reason)FE_N_REASON;
	struct fe_command c;
	struct fe_text t;

	switch (fe_command_decode(text, &c, &reason)) {
	case FE_COMMAND_OK:
		same_text(text, &t, fe_command_encode(&c, &t));
		y->n_commands++;
		break;
	case FE_COMMAND_NAK:
		must(fe_reason_word(reason) != NULL);
		y->n_commands++;
		break;
	case FE_COMMAND_BAD:
		y->n_bad++;
	}
}

static void say(struct tally *y, uint8_t byte)
{
	switch (fe_line_push(&y->said, byte)) {
	case FE_LINE_WHOLE:
		must(strlen(y->said.text) == y->said.len);
		message_and_back(y->said.text);
		command_and_back(y, y->said.text);
		break;
	case FE_LINE_BAD:
		y->n_bad++;
		break;
	case FE_LINE_MORE:
		break;
	}
}

/* ---- the front end ---- */

static void hear_line(struct tally *y, const char *text)
{
	struct fe_message m;

	switch (fe_message_decode(text, &m)) {
	case FE_MESSAGE_REPORT:
		y->n_reports++;
		break;
	case FE_MESSAGE_EVENT:
		must(m.event.name != FE_EVENT_LINES_LOST);
		if (m.event.name == FE_EVENT_LINE_BAD)
			y->n_told += m.event.value;
		break;
	case FE_MESSAGE_ACK:
	case FE_MESSAGE_NAK:
		y->n_answers++;
		break;
	case FE_MESSAGE_ID:
		break;
	case FE_MESSAGE_BAD:
		abort();
	}
}

/* A millisecond, after which all that was said back is read. */
static void run(struct tally *y, struct rig *r)
{
	char buf[FE_TELL_SIZE];
	size_t n;

	rig_ms(r, 1);
	n = fe_front_output(&r->front, buf, sizeof(buf));
	for (size_t i = 0; i < n; i++) {
		enum fe_line_result got =
			fe_line_push(&y->heard, (uint8_t)buf[i]);

		must(got != FE_LINE_BAD);
		if (got == FE_LINE_WHOLE)
			hear_line(y, y->heard.text);
	}
}

static void send(struct tally *y, struct rig *r, uint8_t byte)
{
	say(y, byte);
	fe_front_on_host_byte(&r->front, byte);
}

static void send_sum(struct tally *y, struct rig *r)
{
	static const char hex[] = "0123456789ABCDEF";
	uint8_t sum = y->said.sum;

	send(y, r, '*');
	send(y, r, (uint8_t)hex[sum >> 4]);
	send(y, r, (uint8_t)hex[sum & 15]);
	send(y, r, '\r');
	send(y, r, '\n');
}

/* Locked once, for all; what it has said until then is read. */
static const struct rig *locked(void)
{
	static struct rig r;
	struct tally y = {0};

	if (r.now > 0)
		return &r;
	rig_init(&r, 50, 0);
	must(rig_lock(&r));
	r.deaf = true;
	fe_line_init(&y.heard);
	y.heard = r.line;
	for (int i = 0; i < AFTER_MS; i++)
		run(&y, &r);
	must(y.heard.at == FE_LINE_AT_START);
	return &r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rig r;
	struct tally y = {0};
	uint64_t n_edges;

	r = *locked();
	fe_line_init(&y.said);
	fe_line_init(&y.heard);
	for (size_t i = 0; i < size; i++) {
		if (data[i] == SUM)
			send_sum(&y, &r);
		else
			send(&y, &r, data[i]);
		if (i % BYTES_PER_MS == BYTES_PER_MS - 1)
			run(&y, &r);
	}
	n_edges = r.n_edges;
	for (int i = 0; i < AFTER_MS; i++)
		run(&y, &r);
	must(y.n_answers == y.n_commands);
	must(y.n_told == y.n_bad);
	must(y.n_reports > 0 && r.n_edges > n_edges);
	return 0;
}

/*
 * mcu_bench.h - the other end of the link, as text, with a clock that is told.
 *
 * Lines are made here, not by the codec under test: the checksum is NMEA 0183's
 * exclusive or.
 */
#ifndef TESTS_MCU_BENCH_H
#define TESTS_MCU_BENCH_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cisoid/utc.h"
#include "host/acq/mcu/mcu_talk.h"

#define S INT64_C(1000000000)

/* 2026-11-21T19:00:00Z; TAI - UTC is 37 s since 2017 (IERS Bulletin C 52). */
#define UTC_S INT64_C(1795287600)
#define TAI_S (UTC_S + 37)

static const struct cis_mcu_config usual = {
	.where = "tcp:[::1]:1", .rate_hz = 18000, .delay_ns = 75};

/* ---- the other end ---- */

struct bench {
	struct mcu_talk t;
	int64_t now_ns;
};

static inline struct mcu_at at(const struct bench *b)
{
	struct cis_time sys = {TAI_S * S + b->now_ns};

	return (struct mcu_at){b->now_ns, sys};
}

static inline void send_bytes(struct bench *b, const char *bytes, size_t len)
{
	struct mcu_at when = at(b);

	mcu_talk_bytes(&b->t, (const uint8_t *)bytes, len, &when);
}

static inline void frame(const char *text, char line[128])
{
	unsigned sum = 0;

	for (const char *c = text; *c; c++)
		sum ^= (unsigned char)*c;
	snprintf(line, 128, "$%.100s*%02X\r\n", text, sum & 0xff);
}

static inline void say(struct bench *b, const char *text)
{
	char line[128];

	frame(text, line);
	send_bytes(b, line, strlen(line));
}

/* A report at `second` s after UTC_S, heard as long after the monotonic 0. */
static inline void report(struct bench *b, int second, const char *state,
			  const char *rest)
{
	char text[128];

	b->now_ns = second * S;
	snprintf(text, sizeof(text), "PSYN,T,%lld,%s,%s",
		 (long long)UTC_S + second, state, rest);
	say(b, text);
}

#define GOOD "-12,30125,120,9,18000,00A1"

static inline void good(struct bench *b, int second)
{
	report(b, second, "LOCKED", GOOD);
}

/* The sequence number of the last command with that beginning, or -1; `each`, if
 * any, is called with all of them. */
static inline int seqs_of(struct bench *b, const char *beginning,
			  void (*each)(struct bench *b, int seq))
{
	const struct mcu_ask *a = &b->t.ask;
	char out[sizeof(a->out) + 1] = "", *line = out;
	int seq = -1;

	memcpy(out, a->out, a->out_len);
	while ((line = strstr(line, beginning))) {
		line += strlen(beginning);
		sscanf(line, "%d", &seq);
		if (each)
			each(b, seq);
	}
	return seq;
}

/* It is to be sent. */
static inline bool asks(const struct bench *b, const char *part)
{
	const struct mcu_ask *a = &b->t.ask;
	char out[sizeof(a->out) + 1] = "";

	memcpy(out, a->out, a->out_len);
	return strstr(out, part);
}

static inline void say_ack(struct bench *b, int seq)
{
	char text[64];

	snprintf(text, sizeof(text), "PSYN,ACK,%d", seq);
	say(b, text);
}

static inline void acknowledge(struct bench *b, const char *beginning)
{
	seqs_of(b, beginning, say_ack);
}

static inline void refuse(struct bench *b, const char *beginning,
			  const char *reason)
{
	char text[64];

	snprintf(text, sizeof(text), "PSYN,NAK,%d,%s",
		 seqs_of(b, beginning, NULL), reason);
	say(b, text);
}

static inline void sent(struct bench *b)
{
	mcu_ask_sent(&b->t.ask, b->t.ask.out_len);
}

#define ID "PSYN,ID,1,nucleo,0.1.0,84000000,18000,4711"

static inline void begin(struct bench *b)
{
	*b = (struct bench){.now_ns = 0};
	mcu_talk_init(&b->t, &usual, 41);
	mcu_talk_begin(&b->t, 0);
}

/* Identified, set, and locked at second 1. */
static inline void meet(struct bench *b)
{
	begin(b);
	say(b, ID);
	acknowledge(b, "$PSYN,SET,");
	sent(b);
	good(b, 1);
	assert_true(mcu_talk_ready(&b->t));
}

static inline struct cis_time_quality quality(const struct bench *b,
					      double at_s)
{
	return mcu_now_quality(&b->t.now, (int64_t)(at_s * 1e9));
}

static inline bool has_event(const struct bench *b,
			     enum cis_mcu_event_kind kind)
{
	for (unsigned i = 0; i < b->t.n_event; i++)
		if (b->t.event[i].kind == kind)
			return true;
	return false;
}

static inline void start(struct bench *b)
{
	meet(b);
	mcu_start_begin(&b->t, 500, b->now_ns); /* second 2 */
	acknowledge(b, "$PSYN,START,");
	sent(b);
	good(b, 2);
	good(b, 3);
	assert_false(b->t.watch.torn);
}

/* 2016-12-31T23:59:60Z, the last there was: IERS Bulletin C 52. */
#define LEAP_SOC INT64_C(1483228800)

static inline void report_at(struct bench *b, int64_t utc_s, const char *flags)
{
	char text[128];

	b->now_ns += S;
	snprintf(text, sizeof(text), "PSYN,T,%lld,LOCKED,1,1,120,9,18000,%s",
		 (long long)utc_s, flags);
	say(b, text);
}

/* A list of leap seconds that holds until 2027. */
static inline int renew_list(void **state)
{
	char text[] = "#@\t4007750400\n";
	FILE *f = fmemopen(text, strlen(text), "r");
	int err = f ? cis_utc_read_leaps(f) : -1;

	(void)state;
	if (f)
		fclose(f);
	return err;
}

#endif

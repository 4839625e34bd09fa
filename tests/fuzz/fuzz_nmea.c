/*
 * fuzz_nmea.c - any bytes from a receiver, and what becomes of the label.
 *
 * Some bytes that no line holds are a script between sentences: a pulse, how
 * late the next sentence is, leap seconds as a host would set them. What must
 * hold: the second that is named stands so in the sentence; a label is valid and
 * lost only with the news of it, and while it is valid it is counted, second by
 * second.
 */
#define _DEFAULT_SOURCE /* timegm */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "firmware/core/label.h"
#include "firmware/core/line.h"
#include "firmware/core/link.h"
#include "fuzz.h"

enum script_byte {
	PULSE = 1,
	LATE, /* the next byte: 4 ms each */
	LEAP, /* the next byte: which month, and the kind */
	FORGET,
	SUM = 6 /* ends a sentence, with its right sum */
};

struct world {
	struct fe_line line;
	struct fe_label label;
	uint32_t ms;
	uint8_t script; /* the byte that waits for another */
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* By the C library's calendar: hhmmss, and the date as the sentence has it. */
static void named_as_written(const char *text, const struct fe_nmea *n)
{
	time_t t = (time_t)n->second.utc_s;
	const char *clock = strchr(text, ',') + 1;
	char due[16], date[16];
	struct tm tm;

	must(gmtime_r(&t, &tm) != NULL);
	if (n->second.leap) {
		must(tm.tm_hour == 23 && tm.tm_min == 59 && tm.tm_sec == 59);
		tm.tm_sec = 60;
	}
	strftime(due, sizeof(due), "%H%M%S", &tm);
	must(!strncmp(clock, due, 6));
	strftime(date, sizeof(date),
		 n->kind == FE_NMEA_RMC ? ",%d%m%y" : ",%d,%m,%Y", &tm);
	must(strstr(clock, date) != NULL);
	must(n->second.utc_s >= FE_NMEA_UTC_MIN &&
	     n->second.utc_s <= FE_UTC_MAX);
}

static void hear(struct world *w, const char *text)
{
	struct fe_nmea n;

	switch (fe_nmea_decode(text, &n)) {
	case FE_NMEA_RMC:
	case FE_NMEA_ZDA:
		must(!n.has_sats && (!n.names || n.second.utc_s > 0));
		if (n.names)
			named_as_written(text, &n);
		break;
	case FE_NMEA_GGA:
		must(!n.names && n.second.utc_s == 0);
		break;
	case FE_NMEA_OTHER:
	case FE_NMEA_BAD:
		must(!n.names && !n.fix && !n.has_sats);
		break;
	}
	fe_label_nmea(&w->label, &n, w->ms);
}

/* The second after another, a leap second or none between them. */
static bool follows(struct fe_second a, struct fe_second b, bool leapt)
{
	if (b.leap)
		return leapt && b.utc_s == a.utc_s;
	return b.utc_s == a.utc_s + 1 || (leapt && b.utc_s == a.utc_s + 2);
}

static void pulse(struct world *w)
{
	struct fe_label was = w->label;
	unsigned news = fe_label_pulse(&w->label);
	const struct fe_label *l = &w->label;

	must(!(news & FE_LABEL_GAINED) || !was.valid);
	must(!(news & FE_LABEL_LOST) ||
	     (!l->valid && (was.valid || news & FE_LABEL_GAINED)));
	if (was.valid != l->valid)
		must(news & (FE_LABEL_GAINED | FE_LABEL_LOST));
	if (l->valid)
		must(l->known &&
		     follows(was.now, l->now, news & FE_LABEL_LEAPT));
	must(!(fe_label_flags(l) & FE_FLAG_IN_LEAP) || l->now.leap);
}

/* The first of one of the months from 2026 on. */
static int64_t month_s(unsigned i)
{
	struct tm tm = {.tm_year = 126, .tm_mon = (int)i, .tm_mday = 1};

	return (int64_t)timegm(&tm);
}

static void obey(struct world *w, uint8_t op, uint8_t arg)
{
	int64_t at = month_s((arg & 0x3f) / 2);

	if (op == LATE) {
		w->ms = 4U * arg;
		return;
	}
	if (arg & 0x80)
		at = 0;
	if (fe_label_set_leap(&w->label, arg & 1 ? -at : at))
		must(fe_label_leap(&w->label) == (arg & 1 ? -at : at));
}

static void push(struct world *w, uint8_t byte)
{
	if (fe_line_push(&w->line, byte) == FE_LINE_WHOLE)
		hear(w, w->line.text);
}

static void end(struct world *w)
{
	static const char hex[] = "0123456789ABCDEF";
	uint8_t sum = w->line.sum;

	push(w, '*');
	push(w, (uint8_t)hex[sum >> 4]);
	push(w, (uint8_t)hex[sum & 15]);
	push(w, '\r');
	push(w, '\n');
}

static void take(struct world *w, uint8_t byte)
{
	if (w->script == LATE || w->script == LEAP) {
		obey(w, w->script, byte);
		w->script = 0;
	} else if (byte == PULSE) {
		pulse(w);
	} else if (byte == FORGET) {
		fe_label_forget(&w->label);
		must(!w->label.valid);
	} else if (byte == LATE || byte == LEAP) {
		w->script = byte;
	} else if (byte == SUM) {
		end(w);
	} else {
		push(w, byte);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = {.ms = 100};

	fe_line_init(&w.line);
	fe_label_init(&w.label);
	for (size_t i = 0; i < size; i++)
		take(&w, data[i]);
	return 0;
}

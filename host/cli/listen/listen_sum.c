/* listen_sum.c - see listen_sum.h. */
#include "listen_sum.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/cli/decode/decode.h"
#include "host/cli/json_value.h"

#define MAX_LINES 16 /* streams with a line of their own */
#define LINE_SIZE 512

/* "within 2.1 ms, it says" */
static const char *clock_words(const struct cis_time_quality *q, char buf[48])
{
	if (!isfinite(q->unc_s))
		return strcpy(buf, "not synchronised, it says");
	if (q->unc_s < 1e-3)
		snprintf(buf, 48, "within %.3g us, it says", q->unc_s * 1e6);
	else
		snprintf(buf, 48, "within %.3g ms, it says", q->unc_s * 1e3);
	return buf;
}

/* ---- lists of what was seen ---- */

struct words {
	char text[LINE_SIZE];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void add(struct words *w,
						      const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(w->text + w->len, sizeof(w->text) - w->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		w->len += (size_t)n;
	if (w->len >= sizeof(w->text))
		w->len = sizeof(w->text) - 1;
}

static void add_seen(struct words *w, const char *what, uint64_t n)
{
	if (n)
		add(w, "%s%s: %" PRIu64 "", w->len ? ", " : "", what, n);
}

/* Bits that say something by being set; the others are parts of codes. */
static const struct {
	unsigned bit;
	const char *name, *key;
} stat_bits[] = {
	{13, "not in sync", "not_in_sync"},
	{12, "sorted by arrival", "sorted_by_arrival"},
	{11, "trigger", "trigger"},
	{10, "configuration change", "configuration_change"},
	{9, "data modified", "data_modified"},
};
#define N_STAT_BIT (sizeof(stat_bits) / sizeof(stat_bits[0]))

static void say_quality(const struct cis_listen_stats *st)
{
	struct words w = {.len = 0};

	for (unsigned i = 0; i < 16; i++)
		add_seen(&w, cis_decode_quality((uint8_t)i), st->tq_seen[i]);
	cis_log(CIS_LOG_INFO, "time quality seen: %s", w.text);
	w.len = 0;
	for (unsigned i = 0; i < 8; i++)
		add_seen(&w,
			 cis_decode_pmu_tq(
				 (uint16_t)(i << CIS_C37_STAT_TQ_SHIFT)),
			 st->pmu_tq_seen[i]);
	cis_log(CIS_LOG_INFO, "PMU time quality seen: %s", w.text);
	w.len = 0;
	for (unsigned i = 0; i < 4; i++)
		add_seen(&w, cis_decode_data_error((uint16_t)(i << 14)),
			 st->error_seen[i]);
	for (size_t i = 0; i < N_STAT_BIT; i++)
		add_seen(&w, stat_bits[i].name,
			 st->stat_seen[stat_bits[i].bit]);
	cis_log(CIS_LOG_INFO, "STAT seen: %s", w.text);
}

/* ---- streams ---- */

static void say_stream(const struct cis_stream_stats *s)
{
	double fps = cis_stream_stats_fps(s);
	char measured[24] = "unknown";

	if (!isnan(fps))
		snprintf(measured, sizeof(measured), "%.6g", fps);
	cis_log(CIS_LOG_INFO,
		"stream idcode=%u frames=%" PRIu64 " configured_fps=%.6g "
		"measured_fps=%s gaps=%" PRIu64 " lost=%" PRIu64
		" duplicates=%" PRIu64 " contradicted=%" PRIu64 " late=%" PRIu64
		" strays=%" PRIu64 " jumps=%" PRIu64 "",
		s->idcode, s->frames, cis_rate_hz(s->rate), measured, s->gaps,
		(s->gaps - s->filled), s->duplicates, s->contradicted, s->late,
		s->strays, s->jumps);
}

static void say_types(const struct cis_listen_sum *sum)
{
	const struct cis_listen_stats *st = sum->stats;
	struct words w = {.len = 0};

	for (unsigned i = 0; i <= CIS_C37_CFG3; i++)
		if (st->n_type[i])
			add(&w, "%s=%" PRIu64 " ",
			    cis_decode_type((enum cis_c37_type)i),
			    st->n_type[i]);
	add(&w,
	    "bytes=%" PRIu64 " wrong_length=%" PRIu64 " truncated=%" PRIu64
	    " other_streams=%" PRIu64 " strangers=%" PRIu64 " "
	    "skipped_bytes=%" PRIu64 " reconnects=%u",
	    st->bytes, sum->counts.wrong_len, sum->counts.truncated,
	    sum->counts.other, sum->counts.strangers, sum->counts.skipped,
	    sum->counts.reconnects);
	cis_log(CIS_LOG_INFO, "%s", w.text);
}

static void say_latency(const struct cis_listen_sum *sum)
{
	const struct cis_spread *l = &sum->stats->latency_s;
	char words[48];

	if (l->n == 0)
		return;
	cis_log(CIS_LOG_INFO,
		"latency p50_s=%.3g p95_s=%.3g max_s=%.3g by this computer's "
		"clock (%s)",
		cis_spread_quantile(l, 0.5), cis_spread_quantile(l, 0.95),
		l->max, clock_words(&sum->clock, words));
}

void cis_listen_sum_log(const struct cis_listen_sum *sum)
{
	const struct cis_listen_stats *st = sum->stats;
	struct cis_listen_sums n = cis_listen_stats_sums(st);

	cis_log(CIS_LOG_INFO,
		"frames=%" PRIu64 " gaps=%" PRIu64 " duplicates=%" PRIu64
		" late=%" PRIu64 " "
		"crc_errors=%" PRIu64 " unread=%" PRIu64 "",
		n.frames, n.gaps, n.duplicates, n.late, st->crc_errors,
		sum->counts.unread);
	say_types(sum);
	for (unsigned i = 0; i < st->n_stream && i < MAX_LINES; i++)
		say_stream(st->stream[i]);
	if (st->n_stream > MAX_LINES)
		cis_log(CIS_LOG_INFO, "and %u streams more",
			st->n_stream - MAX_LINES);
	say_latency(sum);
	if (n.frames)
		say_quality(st);
}

/* ---- JSON ---- */

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *stream(const struct cis_stream_stats *s)
{
	return json_pack(
		"{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"idcode", (int)s->idcode, "frames", count(s->frames),
		"configured_fps", cis_json_number(cis_rate_hz(s->rate)),
		"measured_fps", cis_json_number(cis_stream_stats_fps(s)),
		"gaps", count(s->gaps), "lost", count(s->gaps - s->filled),
		"duplicates", count(s->duplicates), "contradicted",
		count(s->contradicted), "late", count(s->late), "strays",
		count(s->strays), "jumps", count(s->jumps));
}

static json_t *types(const struct cis_listen_stats *st)
{
	json_t *o = json_object();

	for (unsigned i = 0; i <= CIS_C37_CFG3; i++)
		json_object_set_new(o, cis_decode_type((enum cis_c37_type)i),
				    count(st->n_type[i]));
	return o;
}

static json_t *latency(const struct cis_listen_sum *sum)
{
	const struct cis_spread *l = &sum->stats->latency_s;
	bool any = l->n > 0;

	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "p50",
			 cis_json_number(cis_spread_quantile(l, 0.5)), "p95",
			 cis_json_number(cis_spread_quantile(l, 0.95)), "max",
			 any ? cis_json_number(l->max) : json_null(), "min",
			 any ? cis_json_number(l->min) : json_null(),
			 "clock_unc_s", cis_json_number(sum->clock.unc_s));
}

/* {"0": 50, "15": 2}: the codes that were seen. */
static json_t *codes(const uint64_t *seen, unsigned n)
{
	json_t *o = json_object();
	char key[4];

	for (unsigned i = 0; i < n; i++) {
		snprintf(key, sizeof(key), "%u", i);
		if (seen[i])
			json_object_set_new(o, key, count(seen[i]));
	}
	return o;
}

static json_t *stat_bits_seen(const struct cis_listen_stats *st)
{
	json_t *o = json_object();

	for (size_t i = 0; i < N_STAT_BIT; i++)
		json_object_set_new(o, stat_bits[i].key,
				    count(st->stat_seen[stat_bits[i].bit]));
	json_object_set_new(o, "data_error", codes(st->error_seen, 4));
	json_object_set_new(o, "pmu_tq", codes(st->pmu_tq_seen, 8));
	return o;
}

static json_t *streams(const struct cis_listen_stats *st)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < st->n_stream; i++)
		json_array_append_new(list, stream(st->stream[i]));
	return list;
}

static void put_counts(json_t *o, const struct cis_listen_sum *sum)
{
	const struct cis_client_counts *c = &sum->counts;
	struct cis_listen_sums n = cis_listen_stats_sums(sum->stats);
	const struct {
		const char *key;
		uint64_t n;
	} counts[] = {
		{"frames", n.frames},
		{"gaps", n.gaps},
		{"lost", n.lost},
		{"duplicates", n.duplicates},
		{"contradicted", n.contradicted},
		{"late", n.late},
		{"strays", n.strays},
		{"jumps", n.jumps},
		{"crc_errors", sum->stats->crc_errors},
		{"unread", c->unread},
		{"wrong_length", c->wrong_len},
		{"truncated", c->truncated},
		{"other_streams", c->other},
		{"strangers", c->strangers},
		{"skipped_bytes", c->skipped},
		{"reconnects", c->reconnects},
		{"bytes", sum->stats->bytes},
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_object_set_new(o, counts[i].key, count(counts[i].n));
}

int cis_listen_sum_json(const struct cis_listen_sum *sum, FILE *f)
{
	const struct cis_listen_stats *st = sum->stats;
	json_t *o = json_object();
	int err;

	json_object_set_new(o, "endpoint", json_string(sum->endpoint));
	put_counts(o, sum);
	json_object_set_new(o, "types", types(st));
	json_object_set_new(o, "streams", streams(st));
	json_object_set_new(o, "latency_s", latency(sum));
	json_object_set_new(o, "time_quality", codes(st->tq_seen, 16));
	json_object_set_new(o, "stat", stat_bits_seen(st));
	err = json_dumpf(o, f, JSON_INDENT(2));
	fputc('\n', f);
	json_decref(o);
	return err ? -EIO : 0;
}

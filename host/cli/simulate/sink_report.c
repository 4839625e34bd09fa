/* sink_report.c - what the PDC did, as a table, as JSON and as an exit status. */
#include <inttypes.h>
#include <stdlib.h>

#include "cisoid/log.h"
#include "host/cli/cli.h"
#include "host/cli/json_value.h"
#include "sink_in.h"

#define N_WORST 10
#define N_NAMED 10 /* IDCODEs in a sentence */

/* ---- sums ---- */

static uint64_t expected(const struct cis_book_counts *n)
{
	return n->whole + n->changed + n->missing + n->lost;
}

/* Late is told, but unless it was asked for nobody fails by it. */
static uint64_t faults(const struct cis_sink *sink,
		       const struct cis_book_counts *n)
{
	return n->changed + n->missing + n->lost + n->doubled + n->unknown +
	       (sink->sc.late_counts ? n->late : 0);
}

static uint32_t count_unlisted(const struct cis_sink *sink)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < cis_roster_size(sink->roster); i++)
		n += !cis_sink_is_listed(sink, i);
	return n;
}

struct rank {
	uint32_t unit;
	uint64_t faults;
};

static int compare(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->faults != y->faults)
		return x->faults < y->faults ? 1 : -1;
	return x->unit > y->unit ? 1 : -1;
}

/* The PMUs with most faults, the worst first; their number. */
static unsigned find_worst(const struct cis_sink *sink,
			   struct rank worst[N_WORST])
{
	uint32_t n = cis_roster_size(sink->roster);
	struct rank *all = malloc(n * sizeof(*all));
	unsigned found = 0;

	if (!all)
		return 0;
	for (uint32_t i = 0; i < n; i++) {
		struct cis_book_counts c;

		cis_book_unit(sink->book, i, &c);
		all[i] = (struct rank){i, faults(sink, &c)};
	}
	qsort(all, n, sizeof(*all), compare);
	while (found < N_WORST && found < n && all[found].faults) {
		worst[found] = all[found];
		found++;
	}
	free(all);
	return found;
}

/* ---- the table ---- */

static void row(FILE *out, const char *what, uint64_t n, uint64_t of,
		const char *remark)
{
	char share[16] = "";

	if (of)
		snprintf(share, sizeof(share), "%.4f",
			 100.0 * (double)n / (double)of);
	fprintf(out, "%-10s %12" PRIu64 " %10s", what, n, share);
	fprintf(out, *remark ? "  %s\n" : "%s\n", remark);
}

static void spread_row(FILE *out, const char *what, const struct cis_spread *s)
{
	if (s->n == 0)
		return;
	fprintf(out, "%-10s %9.3f %9.3f %9.3f %9.3f\n", what,
		cis_spread_quantile(s, 0.5) * 1e3,
		cis_spread_quantile(s, 0.95) * 1e3,
		cis_spread_quantile(s, 0.99) * 1e3, s->max * 1e3);
}

static void worst_rows(const struct cis_sink *sink, FILE *out)
{
	struct rank worst[N_WORST];
	unsigned n = find_worst(sink, worst);

	if (n)
		fprintf(out, "\n%6s %-16s %9s %9s %9s %9s %9s %9s %9s\n",
			"idcode", "station", "expected", "changed", "missing",
			"lost", "late", "doubled", "unknown");
	for (unsigned i = 0; i < n; i++) {
		const struct cis_roster_unit *u =
			cis_roster_unit(sink->roster, worst[i].unit);
		struct cis_book_counts c;

		cis_book_unit(sink->book, worst[i].unit, &c);
		fprintf(out,
			"%6u %-16s %9" PRIu64 " %9" PRIu64 " %9" PRIu64
			" %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64
			"\n",
			u->idcode, u->station, expected(&c), c.changed,
			c.missing, c.lost, c.late, c.doubled, c.unknown);
	}
}

void cis_sink_report(const struct cis_sink *sink, FILE *out)
{
	uint32_t n_unit = cis_roster_size(sink->roster);
	struct cis_book_counts n;
	uint64_t all;
	char late[64];

	cis_book_total(sink->book, &n);
	all = expected(&n);
	snprintf(late, sizeof(late), "more than %g s after they were sent",
		 sink->sc.late_s);
	fprintf(out, "PMUs %u, of these by the PDC: %u\n", (unsigned)n_unit,
		(unsigned)(n_unit - count_unlisted(sink)));
	fprintf(out, "%-10s %12s %10s\n", "", "frames", "%");
	row(out, "sent", n.sent, 0, "");
	row(out, "expected", all, all,
	    "sent since the PDC's first frame, and on its grid");
	row(out, "whole", n.whole, all, "");
	row(out, "changed", n.changed, all, "other values than sent");
	row(out, "missing", n.missing, all, "the PDC says: no data");
	row(out, "lost", n.lost, all, "");
	row(out, "late", n.late, all, late);
	row(out, "doubled", n.doubled, all, "");
	row(out, "unknown", n.unknown, all, "values that were not sent");
	if (n.outpaced)
		row(out, "outpaced", n.outpaced, 0,
		    "sent after the PDC had gone on without them");
	if (n.stale)
		row(out, "stale", n.stale, 0,
		    "so late that they counted as lost");
	fprintf(out, "\n%-10s %9s %9s %9s %9s\n", "ms", "p50", "p95", "p99",
		"max");
	spread_row(out, "latency", &sink->latency_s);
	spread_row(out, "wait", &sink->wait_s);
	worst_rows(sink, out);
}

/* ---- JSON ---- */

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *spread(const struct cis_spread *s)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "n", count(s->n), "p50",
			 cis_json_number(cis_spread_quantile(s, 0.5)), "p95",
			 cis_json_number(cis_spread_quantile(s, 0.95)), "p99",
			 cis_json_number(cis_spread_quantile(s, 0.99)), "max",
			 s->n ? cis_json_number(s->max) : json_null());
}

static void put_counts(json_t *o, const struct cis_book_counts *n)
{
	const struct {
		const char *key;
		uint64_t n;
	} counts[] = {
		{"sent", n->sent},         {"expected", expected(n)},
		{"whole", n->whole},       {"changed", n->changed},
		{"missing", n->missing},   {"lost", n->lost},
		{"late", n->late},         {"doubled", n->doubled},
		{"unknown", n->unknown},   {"filled", n->filled},
		{"outpaced", n->outpaced}, {"stale", n->stale},
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_object_set_new(o, counts[i].key, count(counts[i].n));
}

static json_t *worst_json(const struct cis_sink *sink)
{
	struct rank worst[N_WORST];
	unsigned n = find_worst(sink, worst);
	json_t *list = json_array();

	for (unsigned i = 0; i < n; i++) {
		const struct cis_roster_unit *u =
			cis_roster_unit(sink->roster, worst[i].unit);
		struct cis_book_counts c;
		json_t *o = json_object();

		cis_book_unit(sink->book, worst[i].unit, &c);
		json_object_set_new(o, "idcode", json_integer(u->idcode));
		json_object_set_new(o, "station", cis_json_text(u->station));
		put_counts(o, &c);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *changed_json(const struct cis_sink *sink)
{
	static const char *const key[CIS_DIFF_N] = {
		"", "stat", "phasor", "frequency", "rocof", "analog", "digital",
	};
	json_t *o = json_object();

	for (unsigned i = 1; i < CIS_DIFF_N; i++)
		json_object_set_new(o, key[i], count(sink->n_diff[i]));
	return o;
}

static json_t *marked_json(const struct cis_sink *sink)
{
	static const struct {
		unsigned bit;
		const char *key;
	} bits[] = {
		{13, "not_in_sync"},
		{12, "sorted_by_arrival"},
		{10, "configuration_change"},
		{9, "data_modified"},
	};
	json_t *o = json_object();

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		json_object_set_new(o, bits[i].key,
				    count(sink->n_marked[bits[i].bit]));
	return o;
}

static json_t *unlisted_json(const struct cis_sink *sink)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < cis_roster_size(sink->roster); i++)
		if (!cis_sink_is_listed(sink, i))
			json_array_append_new(
				list,
				json_integer(cis_roster_unit(sink->roster, i)
						     ->idcode));
	return list;
}

static json_t *streams_json(const struct cis_sink *sink)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < sink->n_stream; i++) {
		const struct cis_sink_stream *s = &sink->stream[i];

		json_array_append_new(
			list,
			json_pack("{s:o, s:i, s:o, s:i, s:i, s:i}", "endpoint",
				  cis_json_text(s->link->spec), "idcode",
				  (int)s->idcode, "frames", count(s->frames),
				  "pmus", (int)s->n_block, "ours",
				  (int)s->n_known, "others",
				  (int)s->n_foreign));
	}
	return list;
}

json_t *cis_sink_json(const struct cis_sink *sink)
{
	json_t *o = json_object();
	struct cis_book_counts n;

	cis_book_total(sink->book, &n);
	json_object_set_new(o, "pmus", count(cis_roster_size(sink->roster)));
	json_object_set_new(o, "unlisted", unlisted_json(sink));
	json_object_set_new(o, "streams", streams_json(sink));
	put_counts(o, &n);
	json_object_set_new(o, "late_s", cis_json_number(sink->sc.late_s));
	json_object_set_new(o, "changed_by", changed_json(sink));
	json_object_set_new(o, "marked", marked_json(sink));
	json_object_set_new(o, "latency_s", spread(&sink->latency_s));
	json_object_set_new(o, "wait_s", spread(&sink->wait_s));
	json_object_set_new(o, "between_instants", count(sink->n_off_grid));
	json_object_set_new(o, "crc_errors", count(sink->n_crc));
	json_object_set_new(o, "unread", count(sink->counts.unread));
	json_object_set_new(o, "reconnects", count(sink->counts.reconnects));
	json_object_set_new(o, "worst", worst_json(sink));
	return o;
}

/* ---- the exit status ---- */

static void tell_unlisted(const struct cis_sink *sink, uint32_t n)
{
	char list[N_NAMED * 7 + 8] = "";
	size_t len = 0;
	unsigned named = 0;

	for (uint32_t i = 0; i < cis_roster_size(sink->roster); i++) {
		if (cis_sink_is_listed(sink, i))
			continue;
		if (named++ == N_NAMED)
			break;
		len += (size_t)snprintf(
			list + len, sizeof(list) - len, "%s%u",
			named > 1 ? "," : "",
			cis_roster_unit(sink->roster, i)->idcode);
	}
	cis_log(CIS_LOG_WARN,
		"sink: the PDC does not list %u of the PMUs that were sent to "
		"it: idcodes=%s%s",
		(unsigned)n, list, n > N_NAMED ? ",..." : "");
}

static bool all_answered(const struct cis_sink *sink)
{
	bool all = true;

	for (unsigned i = 0; i < sink->n_link; i++) {
		const struct cis_sink_link *link = &sink->link[i];

		if (link->answered)
			continue;
		all = false;
		cis_log(CIS_LOG_ERR,
			"sink: %s: no configuration came%s%s; its IDCODE may "
			"have to be said: --sink HOST:PORT,idcode=N",
			link->spec, link->why[0] ? ": " : "", link->why);
	}
	return all;
}

int cis_sink_status(const struct cis_sink *sink)
{
	struct cis_book_counts n;
	uint32_t unlisted = count_unlisted(sink);

	cis_book_total(sink->book, &n);
	if (!all_answered(sink))
		return CIS_EXIT_CONNECTION;
	if (unlisted)
		tell_unlisted(sink, unlisted);
	if (expected(&n) == 0)
		cis_log(CIS_LOG_ERR,
			"sink: nothing came back of what was sent");
	if (n.changed + n.unknown + n.doubled)
		return CIS_EXIT_FAIL;
	if (n.missing + n.lost || unlisted || expected(&n) == 0 ||
	    (n.late && sink->sc.late_counts))
		return CIS_EXIT_INCOMPLETE;
	return CIS_EXIT_OK;
}

/*
 * comparison_table.c - a comparison as text, for people; see comparison.h.
 */
#include <math.h>
#include <string.h>

#include "cisoid/utc.h"
#include "comparison.h"
#include "host/core/angle.h"

#define NAME 14
#define CELL 12
#define PM   26 /* "0.300000 ± 0.000012" */

/* ---- cells ---- */

/* Columns, not bytes: continuation bytes of UTF-8 take none. */
static int width(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

static void right(FILE *f, int cell, const char *text)
{
	fprintf(f, "%*s%s", cell > width(text) ? cell - width(text) : 0, "",
		text);
}

static void left(FILE *f, int cell, const char *text)
{
	fprintf(f, "%s%*s", text, cell > width(text) ? cell - width(text) : 0,
		"");
}

static void put_number(FILE *f, double v)
{
	char text[32] = "-";

	if (!isnan(v))
		snprintf(text, sizeof(text), "%.5g", v);
	right(f, CELL, text);
}

/* U to two significant digits, the value to the same decimal place. */
static void put_pm(FILE *f, double v, double u)
{
	char text[64] = "-";
	int digits;

	if (isnan(v)) {
		right(f, PM, text);
		return;
	}
	if (!(u > 0) || !isfinite(u)) {
		snprintf(text, sizeof(text), "%.5g ± unknown", v);
	} else if (u < 1e-9) {
		snprintf(text, sizeof(text), "%.9f ± %.1e",
			 fabs(v) < 0.5e-9 ? 0 : v, u);
	} else {
		digits = 1 - (int)floor(log10(u));
		digits = digits < 0 ? 0 : digits;
		snprintf(text, sizeof(text), "%.*f ± %.*f", digits, v, digits,
			 u);
	}
	right(f, PM, text);
}

static const char *when(struct cis_instant at, char buf[CIS_UTC_SIZE])
{
	return cis_utc_format(cis_instant_time(at), 6, buf);
}

/* ---- who ---- */

static void put_side(FILE *f, const struct cis_comparison *c,
		     enum cis_side side)
{
	const struct cis_reports_about *a = cis_comparison_about(c, side);
	char rate[32];

	left(f, NAME, side == CIS_REF ? "reference" : "PMU");
	if (a->rate.den > 1)
		snprintf(rate, sizeof(rate), "1 in %u s",
			 (unsigned)a->rate.den);
	else
		snprintf(rate, sizeof(rate), "%u per s", (unsigned)a->rate.num);
	fprintf(f, "%s  %s  %s", cis_reports_origin(a), a->what, rate);
	if (a->fnom_hz)
		fprintf(f, "  %u Hz", a->fnom_hz);
	if (a->station[0])
		fprintf(f, "  %s", a->station);
	if (a->idcode)
		fprintf(f, "  IDCODE %u", a->idcode);
	fputc('\n', f);
}

static void put_count(FILE *f, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	right(f, CELL, text);
}

static void put_counts(FILE *f, const struct cis_comparison *c, enum cis_side s)
{
	const struct cis_side_count *n = cis_pair_count(c->pair, s);
	const struct cis_comparison_side *side = &c->side[s];
	const struct cis_reports_about *a = cis_comparison_about(c, s);

	left(f, NAME, s == CIS_REF ? "reference" : "PMU");
	put_count(f, side->n);
	put_count(f, side->outside);
	put_count(f, n->lost);
	put_count(f, n->duplicates);
	put_count(f, n->reordered + n->too_late);
	put_count(f, side->alone);
	put_count(f, n->off_grid);
	put_count(f, a->crc_errors);
	put_count(f, a->unread);
	fputc('\n', f);
}

static void put_heads(FILE *f, const char *first, const char *const heads[],
		      size_t n)
{
	left(f, NAME, first);
	for (size_t i = 0; i < n; i++)
		right(f, CELL, heads[i]);
	fputc('\n', f);
}

/* What a person should know that has no column. */
static void put_oddities(FILE *f, const struct cis_comparison *c)
{
	static const char *const names[] = {"reference", "PMU"};

	for (unsigned s = 0; s < CIS_N_SIDE; s++) {
		const struct cis_side_count *n =
			cis_pair_count(c->pair, (enum cis_side)s);

		if (n->contradicted)
			fprintf(f,
				"%s: %llu reports contradict another one of "
				"the same instant\n",
				names[s], (unsigned long long)n->contradicted);
		if (n->too_late)
			fprintf(f,
				"%s: %llu reports came too late to be paired\n",
				names[s], (unsigned long long)n->too_late);
		if (n->invalid)
			fprintf(f, "%s: %llu reports without an instant\n",
				names[s], (unsigned long long)n->invalid);
		if (n->other_rate)
			fprintf(f,
				"%s: %llu instants are not on the other "
				"side's grid\n",
				names[s], (unsigned long long)n->other_rate);
	}
}

/* What becomes of a report with this doubt. */
static const char *fate(const struct cis_comparison *c, enum cis_side side,
			uint32_t doubt)
{
	if (c->cfg.accept & doubt)
		return ", accepted";
	return side == CIS_DUT || doubt & CIS_DOUBT_SOFT ? ", not judged"
							 : ", left out";
}

static void put_left(FILE *f, const struct cis_comparison *c)
{
	const struct cis_tally_count *n = cis_tally_count(c->tally);
	static const char *const sides[] = {"reference", "PMU"};
	char words[CIS_DOUBT_SIZE];

	/* The other side's rate has a line of its own. */
	for (unsigned i = 0; i < CIS_N_LEFT; i++) {
		if (1u << i != CIS_LEFT_OTHER_RATE && n->left[i])
			fprintf(f, "%s, %s: %llu\n",
				1u << i & (CIS_LEFT_REF | CIS_LEFT_DUT)
					? "not judged"
					: "left out",
				cis_left_words(1u << i, words),
				(unsigned long long)n->left[i]);
	}
	for (unsigned s = 0; s < CIS_N_SIDE; s++)
		for (unsigned i = 0; i < CIS_N_DOUBT; i++)
			if (n->doubt[s][i])
				fprintf(f, "%s says %s: %llu%s\n", sides[s],
					cis_doubt_words(1u << i, words),
					(unsigned long long)n->doubt[s][i],
					fate(c, (enum cis_side)s, 1u << i));
	if (n->left[3] || n->left[4])
		fprintf(f, "half the reference's window: %.4g s\n",
			c->half_window_s);
	if (n->jumps)
		fprintf(f,
			"steps in the reference that it does not tell: %llu\n",
			(unsigned long long)n->jumps);
}

static void put_who(FILE *f, const struct cis_comparison *c)
{
	static const char *const heads[] = {"reports",   "outside",   "lost",
					    "duplicate", "late",      "alone",
					    "off grid",  "wrong CRC", "unread"};
	const struct cis_tally_count *n = cis_tally_count(c->tally);
	char from[CIS_UTC_SIZE], to[CIS_UTC_SIZE];

	put_side(f, c, CIS_REF);
	put_side(f, c, CIS_DUT);
	if (cis_comparison_simulated(c))
		fputs("SIMULATED - NOT A CALIBRATION\n", f);
	fprintf(f, "\n%s to %s: %llu pairs, %llu judged\n\n",
		when(c->row_first, from), when(c->row_last, to),
		(unsigned long long)c->n_pair, (unsigned long long)n->judged);
	put_heads(f, "", heads, sizeof(heads) / sizeof(heads[0]));
	put_counts(f, c, CIS_REF);
	put_counts(f, c, CIS_DUT);
	put_oddities(f, c);
	put_left(f, c);
}

/* ---- the map ---- */

static void put_term(char *text, size_t size, const struct cis_comparison *c,
		     const struct cis_match *m)
{
	text[0] = '\0';
	for (uint32_t t = 0; t < m->n_term; t++) {
		size_t len = strlen(text);

		snprintf(text + len, size - len, "%s%s",
			 m->term[t].sign < 0 ? "-"
			 : t > 0             ? "+"
					     : "",
			 c->names[CIS_REF].phasor[m->term[t].phasor].name);
	}
}

static const char *derived(const struct cis_match *m)
{
	if (m->n_term == 2 && m->term[0].sign * m->term[1].sign < 0)
		return " (L-L, derived)";
	return m->n_term > 1 ? " (derived)" : "";
}

static void put_map(FILE *f, const struct cis_comparison *c)
{
	fprintf(f, "\nchannel map, %s\n", c->cfg.map ? "given" : "proposed");
	left(f, NAME, "PMU");
	left(f, 2 * CELL, "reference");
	right(f, CELL, "ratio");
	right(f, CELL, "angle deg");
	right(f, CELL, c->cfg.map ? "" : "confidence");
	fputc('\n', f);
	for (uint32_t i = 0; i < c->map.n; i++) {
		const struct cis_match *m = &c->map.match[i];
		char terms[220];

		left(f, NAME, cis_comparison_dut_name(c, i));
		put_term(terms, sizeof(terms) - 20, c, m);
		strcat(terms, derived(m));
		left(f, 2 * CELL, terms);
		put_number(f, m->ratio);
		put_number(f, cis_shown_deg(m->angle_rad, 2));
		if (!c->cfg.map)
			put_number(f, m->confidence);
		fputc('\n', f);
	}
}

/* ---- errors ---- */

static void put_ruling(FILE *f, const struct cis_ruling *r)
{
	put_number(f, r->limit);
	fprintf(f, "  %s%s%s\n", cis_decision_name(r->decision),
		r->why[0] ? ": " : "", r->why);
}

/* Of doubtful pairs, as there are no others. */
static bool is_doubtful(struct cis_shown shown)
{
	return !shown.judged && shown.stat->n > 0;
}

/* `r` is NULL where there are no limits. */
static void put_stat(FILE *f, const char *what, struct cis_shown shown,
		     double scale, const struct cis_ruling *r)
{
	const struct cis_error_stat *e = shown.stat;
	char marked[2 * CELL];

	snprintf(marked, sizeof(marked), "%s%s", what,
		 is_doubtful(shown) ? " *" : "");
	left(f, CELL, marked);
	put_pm(f, e->n ? e->max_abs * scale : NAN, e->u_worst * scale);
	put_number(f, e->n ? e->mean * scale : NAN);
	put_number(f, e->n ? e->max * scale : NAN);
	put_number(f, e->n ? e->min * scale : NAN);
	put_number(f, e->n ? e->sigma * scale : NAN);
	put_count(f, e->n);
	if (r)
		put_ruling(f, r);
	else
		fputc('\n', f);
}

static void put_chan(FILE *f, const struct cis_comparison *c, uint32_t i)
{
	static const struct {
		enum cis_chan_error error;
		const char *what;
		double scale;
	} rows[] = {{CIS_ERR_TVE, "TVE %", 1},
		    {CIS_ERR_MAG, "ME %", 1},
		    {CIS_ERR_PHASE, "PE deg", CIS_DEG_PER_RAD},
		    {CIS_ERR_DELAY, "PE us", 1e6}};

	for (unsigned k = 0; k < CIS_N_CHAN_ERR; k++) {
		left(f, NAME, k ? "" : cis_comparison_dut_name(c, i));
		put_stat(f, rows[k].what,
			 cis_comparison_chan(c, i, rows[k].error),
			 rows[k].scale,
			 c->limit && k == 0 ? &c->ruling.tve[i] : NULL);
	}
}

static void put_pmu(FILE *f, const char *what, struct cis_shown shown,
		    const struct cis_ruling *r)
{
	left(f, NAME, "");
	put_stat(f, what, shown, 1, r);
}

/* ---- what is doubtful ---- */

/* "PMU says unsync: 200, PMU says test: 3" */
static void put_doubts(FILE *f, const struct cis_tally_count *n)
{
	static const char *const sides[] = {"reference", "PMU"};
	char words[CIS_DOUBT_SIZE];
	const char *comma = "";

	for (unsigned s = 0; s < CIS_N_SIDE; s++)
		for (unsigned i = 0; i < CIS_N_DOUBT; i++) {
			if (!n->doubtful_by[s][i])
				continue;
			fprintf(f, "%s%s says %s: %llu", comma, sides[s],
				cis_doubt_words(1u << i, words),
				(unsigned long long)n->doubtful_by[s][i]);
			comma = ", ";
		}
}

static bool any_marked(const struct cis_comparison *c)
{
	bool any = false;

	for (uint32_t i = 0; i < c->map.n; i++)
		for (int e = 0; e < CIS_N_CHAN_ERR; e++)
			any |= is_doubtful(cis_comparison_chan(
				c, i, (enum cis_chan_error)e));
	for (int e = 0; e < CIS_N_PMU_ERR; e++)
		any |= is_doubtful(
			cis_comparison_pmu(c, (enum cis_pmu_error)e));
	return any;
}

/* The mark of rows, and what else is doubtful. */
static void put_doubtful(FILE *f, const struct cis_comparison *c)
{
	const struct cis_tally_count *n = cis_tally_count(c->tally);
	uint32_t worst = 0;
	double tve_pct = cis_comparison_doubtful_tve_pct(c, &worst);

	if (n->judged == 0 && n->doubtful > 0) {
		fputs("\n* not judged: all of these reports carry a doubt (",
		      f);
		put_doubts(f, n);
		fputs("); shown for information\n", f);
		return;
	}
	if (n->doubtful) {
		fprintf(f, "\ndoubtful, not judged: %llu pairs (",
			(unsigned long long)n->doubtful);
		put_doubts(f, n);
		if (isnan(tve_pct))
			fputs(")\n", f);
		else
			fprintf(f, "), largest TVE %.5g %%, of %s\n", tve_pct,
				cis_comparison_dut_name(c, worst));
	}
	if (any_marked(c))
		fputs("\n* not judged: all that have a value carry a doubt; "
		      "shown for information\n",
		      f);
}

static void put_errors(FILE *f, const struct cis_comparison *c)
{
	const struct cis_judgement *j = c->limit ? &c->ruling : NULL;
	struct cis_shown latency = cis_comparison_pmu(c, CIS_ERR_LATENCY);

	put_doubtful(f, c);
	fputc('\n', f);
	left(f, NAME + CELL, "errors");
	right(f, PM, "max |x| ± U (k = 2)");
	right(f, CELL, "mean");
	right(f, CELL, "max");
	right(f, CELL, "min");
	right(f, CELL, "sigma");
	right(f, CELL, "n");
	if (j)
		right(f, CELL, "limit");
	fputs(j ? "  verdict\n" : "\n", f);
	for (uint32_t i = 0; i < c->map.n; i++)
		put_chan(f, c, i);
	put_pmu(f, "FE Hz", cis_comparison_pmu(c, CIS_ERR_FE),
		j ? &j->fe : NULL);
	put_pmu(f, "RFE Hz/s", cis_comparison_pmu(c, CIS_ERR_RFE),
		j ? &j->rfe : NULL);
	if (latency.stat->n)
		put_pmu(f, "latency s", latency, j ? &j->latency : NULL);
}

/* ---- over frequency ---- */

static void put_sweep_heads(FILE *f, const struct cis_sweep_result *r)
{
	fprintf(f,
		"\nerrors over frequency, %.6g to %.6g Hz; ± is twice the "
		"standard error by the scatter alone, not the uncertainty of "
		"the reference or of the format\n",
		r->min_hz, r->max_hz);
	left(f, NAME, "");
	right(f, PM, "gain %");
	right(f, PM, "phase deg");
	right(f, PM, "delay us");
	fputc('\n', f);
}

static void put_sweep(FILE *f, const struct cis_comparison *c)
{
	bool headed = false;

	for (uint32_t i = 0; i < c->map.n; i++) {
		struct cis_sweep_result r;
		bool judged = cis_comparison_sweep(c, i, &r);

		if (!r.separated) {
			if (i == 0 && r.why[0])
				fprintf(f, "\ngain, phase and delay: %s\n",
					r.why);
			continue;
		}
		if (!headed)
			put_sweep_heads(f, &r);
		headed = true;
		left(f, NAME, cis_comparison_dut_name(c, i));
		put_pm(f, r.mag_pct, 2 * r.se_mag_pct);
		put_pm(f, r.phase_rad * CIS_DEG_PER_RAD,
		       2 * r.se_phase_rad * CIS_DEG_PER_RAD);
		put_pm(f, r.delay_s * 1e6, 2 * r.se_delay_s * 1e6);
		fputs(judged ? "\n" : "  * not judged\n", f);
	}
}

/* ---- the verdict ---- */

static const char *confidence(enum cis_confidence c)
{
	static const char *const names[] = {[CIS_CONF_LOW] = "low",
					    [CIS_CONF_MEDIUM] = "medium",
					    [CIS_CONF_HIGH] = "high"};

	return names[c];
}

static void put_verdict(FILE *f, const struct cis_comparison *c)
{
	const struct cis_limit *l = c->limit;
	const struct cis_ruling *all = &c->ruling.overall;

	if (!l)
		return;
	fprintf(f,
		"\nlimits: %s, class %s, %s, %u Hz, %u per s; confidence %s; "
		"%s\n",
		l->standard, l->criteria.perf_class == CIS_CLASS_P ? "P" : "M",
		cis_test_name(l->test), l->criteria.fnom_hz,
		l->criteria.report_rate, confidence(l->confidence), l->source);
	fprintf(f, "decision rule: %s\n", cis_rule_sentence(c->cfg.rule));
	fprintf(f, "verdict: %s%s%s\n", cis_decision_name(all->decision),
		all->why[0] ? ": " : "", all->why);
}

void cis_comparison_table(FILE *f, const struct cis_comparison *c)
{
	put_who(f, c);
	put_map(f, c);
	put_errors(f, c);
	put_sweep(f, c);
	put_verdict(f, c);
}

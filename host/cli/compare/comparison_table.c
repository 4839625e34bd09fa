/*
 * comparison_table.c - a comparison as text, for people; see comparison.h.
 */
#include <string.h>

#include "comparison_text.h"
#include "host/core/angle.h"

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
	cis_cell_left(f, CIS_CELL_NAME, "PMU");
	cis_cell_left(f, 2 * CIS_CELL, "reference");
	cis_cell_right(f, CIS_CELL, "ratio");
	cis_cell_right(f, CIS_CELL, "angle deg");
	cis_cell_right(f, CIS_CELL, c->cfg.map ? "" : "confidence");
	fputc('\n', f);
	for (uint32_t i = 0; i < c->map.n; i++) {
		const struct cis_match *m = &c->map.match[i];
		char terms[220];

		cis_cell_left(f, CIS_CELL_NAME, cis_comparison_dut_name(c, i));
		put_term(terms, sizeof(terms) - 20, c, m);
		strcat(terms, derived(m));
		cis_cell_left(f, 2 * CIS_CELL, terms);
		cis_cell_number(f, m->ratio);
		cis_cell_number(f, cis_shown_deg(m->angle_rad, 2));
		if (!c->cfg.map)
			cis_cell_number(f, m->confidence);
		fputc('\n', f);
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
	cis_comparison_put_who(f, c);
	put_map(f, c);
	cis_comparison_put_errors(f, c);
	cis_comparison_put_sweep(f, c);
	put_verdict(f, c);
}

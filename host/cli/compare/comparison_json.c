/*
 * comparison_json.c - a comparison as one JSON document; see comparison.h. The
 * keys are those of cisoid-compare(1); what does not exist is null.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "cisoid/utc.h"
#include "comparison.h"
#include "host/cli/json_value.h"
#include "host/core/angle.h"

/* ---- values ---- */

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *instant(struct cis_instant at)
{
	char utc[CIS_UTC_SIZE];

	return json_string(cis_utc_format(cis_instant_time(at), 9, utc));
}

/* ---- inputs ---- */

static json_t *side(const struct cis_comparison *c, enum cis_side s)
{
	const struct cis_reports_about *a = cis_comparison_about(c, s);
	const struct cis_comparison_side *p = &c->side[s];
	const struct cis_side_count *n = cis_pair_count(c->pair, s);

	return json_pack(
		"{s:o, s:s, s:o, s:o, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"input", cis_json_text(a->what), "origin",
		cis_reports_origin(a), "station", cis_json_text(a->station),
		"idcode", a->idcode ? count(a->idcode) : json_null(), "rate",
		cis_rate_hz(a->rate), "fnom_hz",
		a->fnom_hz ? count(a->fnom_hz) : json_null(), "first",
		p->n ? instant(p->first) : json_null(), "last",
		p->n ? instant(p->last) : json_null(), "reports", count(p->n),
		"outside", count(p->outside), "lost", count(n->lost),
		"duplicates", count(n->duplicates), "contradicted",
		count(n->contradicted), "late", count(n->reordered), "too_late",
		count(n->too_late), "alone", count(p->alone), "off_grid",
		count(n->off_grid), "other_rate", count(n->other_rate),
		"invalid", count(n->invalid), "crc_errors",
		count(a->crc_errors), "unread", count(a->unread));
}

static json_t *left_out(const struct cis_comparison *c)
{
	const struct cis_tally_count *n = cis_tally_count(c->tally);
	json_t *o = json_object();
	char words[CIS_DOUBT_SIZE];

	for (unsigned i = 0; i < CIS_N_LEFT; i++)
		json_object_set_new(o, cis_left_words(1u << i, words),
				    count(n->left[i]));
	return o;
}

static json_t *doubts(const struct cis_comparison *c, enum cis_side s)
{
	const struct cis_tally_count *n = cis_tally_count(c->tally);
	json_t *o = json_object();
	char words[CIS_DOUBT_SIZE];

	for (unsigned i = 0; i < CIS_N_DOUBT; i++)
		json_object_set_new(o, cis_doubt_words(1u << i, words),
				    count(n->doubt[s][i]));
	return o;
}

static json_t *pairs(const struct cis_comparison *c)
{
	const struct cis_tally_count *n = cis_tally_count(c->tally);
	char words[8 * CIS_DOUBT_SIZE];
	uint32_t worst;

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:f}",
		"first", c->has_row ? instant(c->row_first) : json_null(),
		"last", c->has_row ? instant(c->row_last) : json_null(),
		"pairs", count(c->n_pair), "judged", count(n->judged),
		"doubtful", count(n->doubtful), "doubtful_max_tve_pct",
		cis_json_number(cis_comparison_doubtful_tve_pct(c, &worst)),
		"left_out", left_out(c), "ref_doubts", doubts(c, CIS_REF),
		"dut_doubts", doubts(c, CIS_DUT), "accepted",
		cis_json_text(cis_doubt_words(c->cfg.accept, words)),
		"untold_steps", count(n->jumps), "half_window_s",
		c->half_window_s);
}

/* ---- the map, and errors ---- */

static json_t *match(const struct cis_comparison *c, uint32_t i)
{
	const struct cis_match *m = &c->map.match[i];
	json_t *terms = json_array();

	for (uint32_t t = 0; t < m->n_term; t++)
		json_array_append_new(
			terms, json_pack("{s:s, s:f}", "phasor",
					 c->names[CIS_REF]
						 .phasor[m->term[t].phasor]
						 .name,
					 "sign", m->term[t].sign));
	return json_pack("{s:s, s:o, s:f, s:f, s:f, s:s, s:o}", "dut",
			 cis_comparison_dut_name(c, i), "ref", terms, "ratio",
			 m->ratio, "angle_deg", m->angle_rad * CIS_DEG_PER_RAD,
			 "confidence", m->confidence, "by",
			 c->cfg.map ? "given" : "proposed", "text",
			 cis_json_text(m->text));
}

static json_t *map(const struct cis_comparison *c)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < c->map.n; i++)
		json_array_append_new(a, match(c, i));
	return a;
}

static json_t *figure(struct cis_shown shown, double scale)
{
	const struct cis_error_stat *e = shown.stat;
	bool any = e->n > 0;

	return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "judged", shown.judged, "n", count(e->n), "missing",
			 count(e->n_missing), "max_abs",
			 cis_json_number(any ? e->max_abs * scale : NAN), "u",
			 cis_json_number(any ? e->u_worst * scale : NAN),
			 "mean", cis_json_number(any ? e->mean * scale : NAN),
			 "max", cis_json_number(any ? e->max * scale : NAN),
			 "min", cis_json_number(any ? e->min * scale : NAN),
			 "sigma", cis_json_number(any ? e->sigma * scale : NAN),
			 "worst_at", any ? instant(e->worst) : json_null());
}

static json_t *sweep(const struct cis_comparison *c, uint32_t i)
{
	struct cis_sweep_result r;
	bool judged = cis_comparison_sweep(c, i, &r);

	return json_pack(
		"{s:b, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, "
		"s:o}",
		"judged", judged, "n", count(r.n), "separated", r.separated,
		"min_hz", cis_json_number(r.min_hz), "max_hz",
		cis_json_number(r.max_hz), "gain_pct",
		cis_json_number(r.mag_pct), "se_gain_pct",
		cis_json_number(r.se_mag_pct), "phase_deg",
		cis_json_number(r.phase_rad * CIS_DEG_PER_RAD), "se_phase_deg",
		cis_json_number(r.se_phase_rad * CIS_DEG_PER_RAD), "delay_s",
		cis_json_number(r.delay_s), "se_delay_s",
		cis_json_number(r.se_delay_s), "se_of", "scatter alone", "why",
		cis_json_text(r.why));
}

static json_t *chan(const struct cis_comparison *c, uint32_t i)
{
	return json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:o}", "dut",
		cis_comparison_dut_name(c, i), "tve_pct",
		figure(cis_comparison_chan(c, i, CIS_ERR_TVE), 1), "me_pct",
		figure(cis_comparison_chan(c, i, CIS_ERR_MAG), 1), "pe_deg",
		figure(cis_comparison_chan(c, i, CIS_ERR_PHASE),
		       CIS_DEG_PER_RAD),
		"delay_s", figure(cis_comparison_chan(c, i, CIS_ERR_DELAY), 1),
		"sweep", sweep(c, i));
}

static json_t *channels(const struct cis_comparison *c)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < c->map.n; i++)
		json_array_append_new(a, chan(c, i));
	return a;
}

/* ---- the verdict ---- */

static const char *rule_name(enum cis_rule rule)
{
	static const char *const names[] = {[CIS_RULE_AUTO] = "auto",
					    [CIS_RULE_GUARD_BAND] = "guard",
					    [CIS_RULE_SIMPLE] = "simple"};

	return names[rule];
}

static json_t *ruling(const char *figure, const char *dut,
		      const struct cis_ruling *r)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:s, s:o}", "figure",
			 figure, "dut", cis_json_text(dut), "max_abs",
			 cis_json_number(r->max_abs), "u",
			 cis_json_number(r->u), "limit",
			 cis_json_number(r->limit), "rule", rule_name(r->rule),
			 "verdict", cis_decision_name(r->decision), "why",
			 cis_json_text(r->why));
}

static json_t *rulings(const struct cis_comparison *c)
{
	const struct cis_judgement *j = &c->ruling;
	json_t *a = json_array();

	for (uint32_t i = 0; i < c->map.n; i++)
		json_array_append_new(a, ruling("tve_pct",
						cis_comparison_dut_name(c, i),
						&j->tve[i]));
	json_array_append_new(a, ruling("fe_hz", NULL, &j->fe));
	json_array_append_new(a, ruling("rfe_hz_per_s", NULL, &j->rfe));
	json_array_append_new(a, ruling("latency_s", NULL, &j->latency));
	return a;
}

static json_t *limits(const struct cis_limit *l)
{
	static const char *const names[] = {[CIS_CONF_LOW] = "low",
					    [CIS_CONF_MEDIUM] = "medium",
					    [CIS_CONF_HIGH] = "high"};

	return json_pack(
		"{s:s, s:s, s:s, s:i, s:i, s:o, s:o, s:o, s:o, s:s, "
		"s:s}",
		"standard", l->standard, "class",
		l->criteria.perf_class == CIS_CLASS_P ? "p" : "m", "test",
		cis_test_name(l->test), "fnom_hz", (int)l->criteria.fnom_hz,
		"rate", (int)l->criteria.report_rate, "tve_pct",
		cis_json_number(l->tve_pct), "fe_hz", cis_json_number(l->fe_hz),
		"rfe_hz_per_s", cis_json_number(l->rfe_hz_per_s), "latency_s",
		cis_json_number(l->latency_s), "source", l->source,
		"confidence", names[l->confidence]);
}

static json_t *verdict(const struct cis_comparison *c)
{
	const struct cis_ruling *all = &c->ruling.overall;

	if (!c->limit)
		return json_null();
	return json_pack("{s:s, s:o, s:s, s:s, s:o, s:o}", "verdict",
			 cis_decision_name(all->decision), "why",
			 cis_json_text(all->why), "rule",
			 rule_name(c->cfg.rule), "rule_text",
			 cis_rule_sentence(c->cfg.rule), "limits",
			 limits(c->limit), "figures", rulings(c));
}

static json_t *told(const struct cis_comparison *c)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < c->tell.n && i < CIS_MAX_WARN; i++)
		json_array_append_new(a, cis_json_text(c->tell.warn[i].msg));
	return a;
}

int cis_comparison_json(FILE *f, const struct cis_comparison *c)
{
	json_t *doc = json_pack(
		"{s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o, s:o, s:i}",
		"verdict",
		c->limit ? json_string(cis_decision_name(
				   c->ruling.overall.decision))
			 : json_null(),
		"simulated", cis_comparison_simulated(c), "notice",
		cis_json_text(cis_comparison_simulated(c)
				      ? "SIMULATED - NOT A CALIBRATION"
				      : ""),
		"ref", side(c, CIS_REF), "dut", side(c, CIS_DUT), "compared",
		pairs(c), "map", map(c), "map_remarks", told(c), "channels",
		channels(c), "fe_hz",
		figure(cis_comparison_pmu(c, CIS_ERR_FE), 1), "rfe_hz_per_s",
		figure(cis_comparison_pmu(c, CIS_ERR_RFE), 1), "latency_s",
		figure(cis_comparison_pmu(c, CIS_ERR_LATENCY), 1), "judgement",
		verdict(c), "incomplete", cis_json_text(c->incomplete),
		"coverage_factor", CIS_COVERAGE);

	if (!doc)
		return -ENOMEM;
	/* What cannot be written is told when the stream is flushed. */
	cis_cli_json_begun();
	json_dumpf(doc, f, JSON_INDENT(2));
	fputc('\n', f);
	json_decref(doc);
	return 0;
}

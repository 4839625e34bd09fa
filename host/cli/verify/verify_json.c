/*
 * verify_json.c - the rows as one JSON document; see verify.h. The keys are
 * those of cisoid-verify(1); what does not exist is null.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "host/cli/cli.h"
#include "host/cli/json_value.h"
#include "verify.h"

static json_t *errors(const struct cis_stat *s, double limit)
{
	bool any = s->n > 0;

	return json_pack("{s:o, s:o, s:o, s:o}", "max",
			 cis_json_number(any ? s->max : NAN), "mean",
			 cis_json_number(cis_stat_mean(s)), "min",
			 cis_json_number(any ? s->min : NAN), "limit",
			 cis_json_number(limit));
}

static json_t *value(double v, double limit)
{
	return json_pack("{s:o, s:o}", "max", cis_json_number(v), "limit",
			 cis_json_number(limit));
}

static json_t *step(const struct cis_verify_row *row)
{
	const struct cis_step_result *s = &row->step;
	const struct cis_limit *l = row->limit;

	if (!row->responds || !cis_verify_is_step(row->test))
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "response_tve_s",
			 value(s->resp_tve_s, l->resp_tve_s), "response_fe_s",
			 value(s->resp_fe_s, l->resp_fe_s), "response_rfe_s",
			 value(s->resp_rfe_s, l->resp_rfe_s), "delay_s",
			 value(s->delay_s, l->delay_s), "overshoot_pct",
			 value(s->overshoot_pct, l->overshoot_pct),
			 "undershoot_pct",
			 value(s->undershoot_pct, l->overshoot_pct));
}

static const char *confidence(const struct cis_limit *limit)
{
	static const char *const names[] = {[CIS_CONF_LOW] = "low",
					    [CIS_CONF_MEDIUM] = "medium",
					    [CIS_CONF_HIGH] = "high"};

	return names[limit->confidence];
}

static json_t *test(const struct cis_verify_row *row)
{
	bool is_step = cis_verify_is_step(row->test);
	bool is_latency = row->test == CIS_TEST_REPORTING_LATENCY;
	const struct cis_limit *l = row->limit;
	const struct cis_stat *e = row->error;
	json_t *t = json_pack(
		"{s:s, s:I, s:I, s:I, s:I, s:o}", "test",
		cis_test_name(row->test), "points", (json_int_t)row->n_point,
		"reports", (json_int_t)row->n_got, "missing",
		(json_int_t)(row->n_expected - row->n_got), "flagged",
		(json_int_t)row->n_flagged, "by", cis_json_text(row->by));
	/* The thresholds of a step are no limits. */
	json_t *more = json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:s, s:o}", "tve_pct",
		errors(&e[CIS_VERIFY_TVE], is_step ? NAN : l->tve_pct), "fe_hz",
		errors(&e[CIS_VERIFY_FE], is_step ? NAN : l->fe_hz),
		"rfe_hz_per_s",
		errors(&e[CIS_VERIFY_RFE], is_step ? NAN : l->rfe_hz_per_s),
		"step", step(row), "latency_s",
		is_latency ? value(row->latency_s, row->latency_limit_s)
			   : json_null(),
		"confidence", confidence(l), "unverified",
		l->confidence == CIS_CONF_LOW, "verdict",
		cis_verify_verdict(row->verdict), "note",
		cis_json_text(row->note));

	if (!t || !more || json_object_update(t, more)) {
		json_decref(t);
		t = NULL;
	}
	json_decref(more);
	return t;
}

static const char *model_name(const struct cis_verify_config *cfg)
{
	return cfg->model_auto ? "auto" : cis_model_name(cfg->model);
}

static json_t *document(const struct cis_verify_run *run, json_t *tests,
			enum cis_verdict verdict)
{
	const struct cis_plan_config *p = &run->cfg.plan;
	char profile[CIS_PROFILE_SIZE];

	return json_pack(
		"{s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:i, s:o, s:I, s:I, s:I, "
		"s:s, s:o}",
		"edition", cis_edition_name(p->criteria.edition), "standard",
		cis_verify_standard(run), "class",
		p->criteria.perf_class == CIS_CLASS_P ? "p" : "m", "fnom_hz",
		(json_int_t)p->criteria.fnom_hz, "rate",
		(json_int_t)p->criteria.report_rate, "profile",
		cis_estim_profile_name(&run->cfg.estim, profile), "model",
		model_name(&run->cfg), "sample_rate_hz", CIS_VERIFY_SAMPLE_HZ,
		"snr_db", cis_json_number(p->snr_db), "bits",
		(json_int_t)p->bits, "seed", (json_int_t)p->seed, "repeats",
		(json_int_t)p->repeats, "verdict", cis_verify_verdict(verdict),
		"tests", tests);
}

int cis_verify_json(FILE *f, const struct cis_verify_run *run,
		    const struct cis_verify_row *row, unsigned n)
{
	json_t *tests = json_array(), *doc;
	int err = 0;

	for (unsigned i = 0; i < n; i++)
		if (json_array_append_new(tests, test(&row[i])))
			err = -ENOMEM;
	doc = document(run, tests, cis_verify_overall(row, n));
	if (!doc)
		return -ENOMEM;
	/* What cannot be written is told when the stream is flushed. */
	cis_cli_json_begun();
	json_dumpf(doc, f, JSON_INDENT(2));
	fputc('\n', f);
	json_decref(doc);
	return err;
}

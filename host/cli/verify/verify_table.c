/*
 * verify_table.c - the rows as text: errors, then step responses, then latency;
 * see verify.h. One line a test.
 */
#include <math.h>
#include <string.h>

#include "verify.h"

#define NAME_WIDTH 25
#define CELL       10

static void put_cell(FILE *f, const char *format, double v)
{
	char text[32] = "-";

	if (v == 0)
		strcpy(text, "0");
	else if (!isnan(v))
		snprintf(text, sizeof(text), format, v);
	fprintf(f, "%*s", CELL, text);
}

static void put_name(FILE *f, const struct cis_verify_row *row)
{
	fprintf(f, "%-*s%7u", NAME_WIDTH, cis_test_name(row->test),
		row->n_point);
}

static void put_verdict(FILE *f, const struct cis_verify_run *run,
			const struct cis_verify_row *row)
{
	fprintf(f, "  %s", cis_verify_verdict(row->verdict));
	if (cis_verify_tells_source(&run->cfg))
		fprintf(f, "%5s%s", "", row->by[0] ? row->by : "-");
	if (row->note[0])
		fprintf(f, "%s%s",
			cis_verify_tells_source(&run->cfg) ? "; " : "     ",
			row->note);
	fputc('\n', f);
}

static void head_verdict(FILE *f, const struct cis_verify_run *run)
{
	fputs(cis_verify_tells_source(&run->cfg) ? "  verdict  by\n"
						 : "  verdict\n",
	      f);
}

/* ---- errors ---- */

static void head_errors(FILE *f, const struct cis_verify_run *run)
{
	static const char *const words[] = {"max", "mean", "min", "limit"};
	static const char *const units[] = {"TVE %", "|FE| Hz", "|RFE| Hz/s"};

	fprintf(f, "%*s", NAME_WIDTH + 7, "");
	for (unsigned e = 0; e < CIS_VERIFY_N_ERROR; e++)
		fprintf(f, "%*s", e ? 4 * CELL : CELL, units[e]);
	fprintf(f, "\n%-*s%7s", NAME_WIDTH, "test", "points");
	for (unsigned i = 0; i < 4 * CIS_VERIFY_N_ERROR; i++)
		fprintf(f, "%*s", CELL, words[i % 4]);
	head_verdict(f, run);
}

static void put_errors(FILE *f, const struct cis_verify_run *run,
		       const struct cis_verify_row *row)
{
	const struct cis_limit *l = row->limit;
	const double limit[] = {l->tve_pct, l->fe_hz, l->rfe_hz_per_s};
	bool step = cis_verify_is_step(row->test);

	put_name(f, row);
	for (unsigned e = 0; e < CIS_VERIFY_N_ERROR; e++) {
		const struct cis_stat *s = &row->error[e];
		bool any = s->n > 0;

		put_cell(f, "%.2e", any ? s->max : NAN);
		put_cell(f, "%.2e", cis_stat_mean(s));
		put_cell(f, "%.2e", any ? s->min : NAN);
		/* Those of a step are thresholds. */
		put_cell(f, "%g", step ? NAN : limit[e]);
	}
	put_verdict(f, run, row);
}

/* ---- steps ---- */

static void head_steps(FILE *f, const struct cis_verify_run *run)
{
	static const char *const words[] = {
		"TVE s",   "limit", "FE s",   "limit",   "RFE s", "limit",
		"delay s", "limit", "over %", "under %", "limit"};

	fprintf(f, "\n%-*s%7s", NAME_WIDTH, "step response", "points");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		fprintf(f, "%*s", CELL, words[i]);
	head_verdict(f, run);
}

static void put_step(FILE *f, const struct cis_verify_run *run,
		     const struct cis_verify_row *row)
{
	const struct cis_limit *l = row->limit;
	const struct cis_step_result *s = &row->step;
	const double value[] = {s->resp_tve_s, s->resp_fe_s, s->resp_rfe_s,
				s->delay_s};
	const double limit[] = {l->resp_tve_s, l->resp_fe_s, l->resp_rfe_s,
				l->delay_s};

	put_name(f, row);
	for (unsigned i = 0; i < 4; i++) {
		put_cell(f, "%.3g", value[i]);
		put_cell(f, "%.4g", limit[i]);
	}
	put_cell(f, "%.3g", s->overshoot_pct);
	put_cell(f, "%.3g", s->undershoot_pct);
	put_cell(f, "%g", l->overshoot_pct);
	put_verdict(f, run, row);
}

/* ---- latency ---- */

static void put_latency(FILE *f, const struct cis_verify_run *run,
			const struct cis_verify_row *row)
{
	fprintf(f, "\n%-*s%7s%*s%*s", NAME_WIDTH, "latency", "points", CELL,
		"s", CELL, "limit");
	head_verdict(f, run);
	put_name(f, row);
	put_cell(f, "%.6g", row->latency_s);
	put_cell(f, "%.6g", row->latency_limit_s);
	put_verdict(f, run, row);
}

/* ---- the table ---- */

static void put_title(FILE *f, const struct cis_verify_run *run)
{
	const struct cis_plan_config *plan = &run->cfg.plan;
	char profile[CIS_PROFILE_SIZE];

	fprintf(f, "%s, class %s, %u Hz, %u frames/s: profile %s",
		cis_verify_standard(run),
		plan->criteria.perf_class == CIS_CLASS_P ? "P" : "M",
		plan->criteria.fnom_hz, plan->criteria.report_rate,
		cis_estim_profile_name(&run->cfg.estim, profile));
	if (run->cfg.model_auto)
		fputs(", model auto", f);
	else if (run->cfg.model != CIS_MODEL_NONE)
		fprintf(f, ", model %s", cis_model_name(run->cfg.model));
	if (isfinite(plan->snr_db))
		fprintf(f, ", noise at %g dB", plan->snr_db);
	if (plan->bits > 0)
		fprintf(f, ", %u bits", plan->bits);
	fputs("\n\n", f);
}

static void put_summary(FILE *f, const struct cis_verify_row *row, unsigned n)
{
	unsigned count[3] = {0};

	for (unsigned i = 0; i < n; i++)
		count[row[i].verdict]++;
	fprintf(f, "\n%s: %u pass, %u fail, %u without verdict\n",
		cis_verify_verdict(cis_verify_overall(row, n)),
		count[CIS_VERDICT_PASS], count[CIS_VERDICT_FAIL],
		count[CIS_VERDICT_NOT_APPLICABLE]);
}

static bool is_step_row(const struct cis_verify_row *row)
{
	return row->responds && cis_verify_is_step(row->test);
}

void cis_verify_table(FILE *f, const struct cis_verify_run *run,
		      const struct cis_verify_row *row, unsigned n)
{
	bool headed = false;

	put_title(f, run);
	for (unsigned i = 0; i < n; i++) {
		if (row[i].responds)
			continue;
		if (!headed)
			head_errors(f, run);
		headed = true;
		put_errors(f, run, &row[i]);
	}
	headed = false;
	for (unsigned i = 0; i < n; i++) {
		if (!is_step_row(&row[i]))
			continue;
		if (!headed)
			head_steps(f, run);
		headed = true;
		put_step(f, run, &row[i]);
	}
	for (unsigned i = 0; i < n; i++)
		if (row[i].responds && !is_step_row(&row[i]))
			put_latency(f, run, &row[i]);
	put_summary(f, row, n);
}

/*
 * comparison_errors.c - the errors of each channel, with their limits, and what
 * of them is doubtful; see comparison_text.h.
 */
#include <math.h>

#include "comparison_text.h"
#include "host/core/angle.h"

static void put_ruling(FILE *f, const struct cis_ruling *r)
{
	cis_cell_number(f, r->limit);
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
	char marked[2 * CIS_CELL];

	snprintf(marked, sizeof(marked), "%s%s", what,
		 is_doubtful(shown) ? " *" : "");
	cis_cell_left(f, CIS_CELL, marked);
	cis_cell_pm(f, e->n ? e->max_abs * scale : NAN, e->u_worst * scale);
	cis_cell_number(f, e->n ? e->mean * scale : NAN);
	cis_cell_number(f, e->n ? e->max * scale : NAN);
	cis_cell_number(f, e->n ? e->min * scale : NAN);
	cis_cell_number(f, e->n ? e->sigma * scale : NAN);
	cis_cell_count(f, e->n);
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
		cis_cell_left(f, CIS_CELL_NAME,
			      k ? "" : cis_comparison_dut_name(c, i));
		put_stat(f, rows[k].what,
			 cis_comparison_chan(c, i, rows[k].error),
			 rows[k].scale,
			 c->limit && k == 0 ? &c->ruling.tve[i] : NULL);
	}
}

static void put_pmu(FILE *f, const char *what, struct cis_shown shown,
		    const struct cis_ruling *r)
{
	cis_cell_left(f, CIS_CELL_NAME, "");
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

void cis_comparison_put_errors(FILE *f, const struct cis_comparison *c)
{
	const struct cis_judgement *j = c->limit ? &c->ruling : NULL;
	struct cis_shown latency = cis_comparison_pmu(c, CIS_ERR_LATENCY);

	put_doubtful(f, c);
	fputc('\n', f);
	cis_cell_left(f, CIS_CELL_NAME + CIS_CELL, "errors");
	cis_cell_right(f, CIS_CELL_PM, "max |x| ± U (k = 2)");
	cis_cell_right(f, CIS_CELL, "mean");
	cis_cell_right(f, CIS_CELL, "max");
	cis_cell_right(f, CIS_CELL, "min");
	cis_cell_right(f, CIS_CELL, "sigma");
	cis_cell_right(f, CIS_CELL, "n");
	if (j)
		cis_cell_right(f, CIS_CELL, "limit");
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
	cis_cell_left(f, CIS_CELL_NAME, "");
	cis_cell_right(f, CIS_CELL_PM, "gain %");
	cis_cell_right(f, CIS_CELL_PM, "phase deg");
	cis_cell_right(f, CIS_CELL_PM, "delay us");
	fputc('\n', f);
}

void cis_comparison_put_sweep(FILE *f, const struct cis_comparison *c)
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
		cis_cell_left(f, CIS_CELL_NAME, cis_comparison_dut_name(c, i));
		cis_cell_pm(f, r.mag_pct, 2 * r.se_mag_pct);
		cis_cell_pm(f, r.phase_rad * CIS_DEG_PER_RAD,
			    2 * r.se_phase_rad * CIS_DEG_PER_RAD);
		cis_cell_pm(f, r.delay_s * 1e6, 2 * r.se_delay_s * 1e6);
		fputs(judged ? "\n" : "  * not judged\n", f);
	}
}

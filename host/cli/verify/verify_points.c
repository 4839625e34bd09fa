/* verify_points.c - every point of a run as CSV, RFC 4180; see verify.h. */
#include <math.h>
#include <string.h>

#include "host/cli/csv.h"
#include "verify.h"

static void put_stat(FILE *f, const struct cis_stat *s)
{
	bool any = s->n > 0;

	cis_csv_number(f, any ? s->max : NAN);
	cis_csv_number(f, cis_stat_mean(s));
	cis_csv_number(f, any ? s->min : NAN);
}

static void put_point(FILE *f, const struct cis_verify_run *run,
		      const struct cis_plan_point *what,
		      const struct cis_verify_point *p)
{
	char profile[CIS_PROFILE_SIZE], by[64], flags[CIS_FLAGS_SIZE];

	cis_estim_profile_name(&run->cfg.estim, profile);
	snprintf(by, sizeof(by), "%s%s", p->n_model ? "model " : "",
		 p->n_model ? cis_model_name(
				      cis_verify_model(&run->cfg, what->test))
			    : profile);
	if (p->n_model > 0 && p->n_model < p->n_got)
		snprintf(by + strlen(by), sizeof(by) - strlen(by), "+%s",
			 profile);
	fputs(cis_test_name(what->test), f);
	cis_csv_name(f, what->label, "");
	cis_csv_number(f, what->param);
	cis_csv_name(f, what->limit->param_unit, "");
	fprintf(f, ",%u,%u,%u", p->n_got, p->n_expected - p->n_got,
		p->n_flagged);
	for (unsigned e = 0; e < CIS_VERIFY_N_ERROR; e++)
		put_stat(f, &p->error[e]);
	cis_csv_number(f, p->latency_s);
	fprintf(f, ",%s,%s\r\n", by, cis_report_flags(p->flags, flags));
}

void cis_verify_points(FILE *f, const struct cis_verify_run *run)
{
	struct cis_plan_point what;

	fputs("test,label,parameter,unit,reports,missing,flagged,"
	      "max_tve_pct,mean_tve_pct,min_tve_pct,"
	      "max_fe_hz,mean_fe_hz,min_fe_hz,"
	      "max_rfe_hz_per_s,mean_rfe_hz_per_s,min_rfe_hz_per_s,"
	      "latency_s,by,flags\r\n",
	      f);
	for (uint32_t i = 0; i < run->n_point; i++) {
		cis_plan_point(run->plan, i, &what);
		put_point(f, run, &what, &run->point[i]);
	}
}

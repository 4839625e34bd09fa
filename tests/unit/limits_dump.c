/*
 * limits_dump.c - the compiled-in limits, for limits_csv.py: a row a line, the
 * edition and then the cells in the order of limits.csv, with tabs between.
 */
#include <math.h>
#include <stdio.h>

#include "cisoid/judge.h"

static void number(double x)
{
	if (isnan(x))
		printf("\t");
	else
		printf("\t%.17g", x);
}

static void numbers(const double *x, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		number(x[i]);
}

static void row(const struct cis_limit *l)
{
	static const int year[] = {2011, 2014, 2018};
	static const char *const confidence[] = {"low", "medium", "high"};
	const struct cis_criteria *c = &l->criteria;
	const double last[] = {l->tve_pct,    l->fe_hz,         l->rfe_hz_per_s,
			       l->resp_tve_s, l->resp_fe_s,     l->resp_rfe_s,
			       l->delay_s,    l->overshoot_pct, l->latency_s,
			       l->exclusion_s};

	printf("%d\t%s\t%u\t%u\t%c\t%s\t%s\t%s", year[c->edition], l->standard,
	       c->fnom_hz, c->report_rate, "PM"[c->perf_class],
	       cis_test_name(l->test), l -> condition, l -> parameter);
	number(l->param_min);
	number(l->param_max);
	printf("\t%s", l->param_unit);
	number(l->level);
	printf("\t%s", l->level_unit);
	numbers(last, sizeof(last) / sizeof(last[0]));
	printf("\t%s\t%s\t%s\n", l->source, confidence[l->confidence], l->note);
}

int main(void)
{
	const struct cis_limit *all;
	uint32_t n;

	all = cis_limit_all(&n);
	for (uint32_t i = 0; i < n; i++)
		row(&all[i]);
	return 0;
}

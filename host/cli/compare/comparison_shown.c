/*
 * comparison_shown.c - which figures are shown: those of the judged pairs, and
 * where there are none those of the doubtful ones; see comparison.h.
 */
#include <math.h>

#include "comparison.h"

static struct cis_shown choose(const struct cis_error_stat *judged,
			       const struct cis_error_stat *doubtful)
{
	bool only = judged->n == 0 && doubtful->n > 0;

	return (struct cis_shown){only ? doubtful : judged, judged->n > 0};
}

struct cis_shown cis_comparison_chan(const struct cis_comparison *c, uint32_t i,
				     enum cis_chan_error what)
{
	return choose(cis_tally_chan(c->tally, i, what),
		      cis_tally_doubtful_chan(c->tally, i, what));
}

struct cis_shown cis_comparison_pmu(const struct cis_comparison *c,
				    enum cis_pmu_error what)
{
	return choose(cis_tally_pmu(c->tally, what),
		      cis_tally_doubtful_pmu(c->tally, what));
}

bool cis_comparison_sweep(const struct cis_comparison *c, uint32_t i,
			  struct cis_sweep_result *out)
{
	bool judged = c->sweep[i].n > 0;
	bool only = !judged && c->doubtful_sweep[i].n > 0;

	cis_sweep_solve(only ? &c->doubtful_sweep[i] : &c->sweep[i], out);
	return judged;
}

double cis_comparison_doubtful_tve_pct(const struct cis_comparison *c,
				       uint32_t *match)
{
	double most_pct = NAN;

	for (uint32_t i = 0; i < c->map.n; i++) {
		const struct cis_error_stat *e =
			cis_tally_doubtful_chan(c->tally, i, CIS_ERR_TVE);

		if (e->n == 0 || e->max_abs <= most_pct)
			continue;
		most_pct = e->max_abs;
		*match = i;
	}
	return most_pct;
}

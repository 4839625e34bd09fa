/* verdict.c - errors against their limit; see judge.h. */
#include <math.h>

#include "cisoid/judge.h"

enum cis_verdict cis_judge_max(const struct cis_stat *stat, double limit,
			       enum cis_confidence confidence)
{
	if (isnan(limit))
		return CIS_VERDICT_NOT_APPLICABLE;
	if (stat->n_missing > 0 || stat->n == 0)
		return CIS_VERDICT_FAIL;
	if (stat->max <= limit)
		return CIS_VERDICT_PASS;
	return confidence == CIS_CONF_LOW ? CIS_VERDICT_NOT_APPLICABLE
					  : CIS_VERDICT_FAIL;
}

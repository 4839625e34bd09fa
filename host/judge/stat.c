/* stat.c - extremes and mean of errors; see judge.h. */
#include <math.h>

#include "cisoid/judge.h"

void cis_stat_add(struct cis_stat *stat, double x)
{
	const struct cis_stat one = {1, 0, x, x, x};
	const struct cis_stat none = {.n_missing = 1};

	cis_stat_merge(stat, isnan(x) ? &none : &one);
}

void cis_stat_merge(struct cis_stat *stat, const struct cis_stat *other)
{
	stat->n_missing += other->n_missing;
	if (other->n == 0)
		return;
	stat->max = stat->n ? fmax(stat->max, other->max) : other->max;
	stat->min = stat->n ? fmin(stat->min, other->min) : other->min;
	stat->sum += other->sum;
	stat->n += other->n;
}

double cis_stat_mean(const struct cis_stat *stat)
{
	return stat->n ? stat->sum / (double)stat->n : NAN;
}

/* health.c - see health.h. */
#include "health.h"

#include <math.h>
#include <stdbool.h>

#include "cisoid/report.h"

#define N_CLIP 3

static bool clipped(const struct cis_chan *chan, const double *s, size_t n)
{
	double slack = 1e-9 * (chan->range_max - chan->range_min);
	double lo = chan->range_min + slack, hi = chan->range_max - slack;
	unsigned n_at = 0;

	if (!(chan->range_max > chan->range_min))
		return false;
	for (size_t i = 0; i < n; i++)
		n_at += s[i] <= lo || s[i] >= hi;
	return n_at >= N_CLIP;
}

uint32_t cis_health_samples(const struct cis_chan *chan, const double *s,
			    size_t n)
{
	double sum = 0, sum_sq = 0, mean, var;

	/* From the first sample, lest a large mean hide the variance. */
	for (size_t i = 0; i < n; i++) {
		double y = s[i] - s[0];

		sum += y;
		sum_sq += y * y;
	}
	if (!isfinite(sum_sq))
		return CIS_REPORT_GAP;
	sum /= (double)n;
	mean = s[0] + sum;
	var = sum_sq / (double)n - sum * sum;
	return (var <= 1e-6 * mean * mean ? CIS_REPORT_NOSIGNAL : 0) |
	       (clipped(chan, s, n) ? CIS_REPORT_CLIP : 0);
}

uint32_t cis_health_fit(const struct cis_chan *chan, const struct cis_dyn *dyn)
{
	double rms = cabs(dyn->x[0]) / sqrt(2);

	if (!(rms > 0) || rms < 0.01 * chan->nominal_rms)
		return CIS_REPORT_NOSIGNAL;
	return cis_dyn_u_mag(dyn) < 0.1 ? 0 : CIS_REPORT_NOSIGNAL;
}

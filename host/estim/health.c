/* health.c - see health.h. */
#include "health.h"

#include <math.h>
#include <stdint.h>

#include "cisoid/report.h"
#include "clones.h"

#define N_CLIP 3
/* Sums run in this many parts side by side. */
#define N_LANE 16

/* Of samples less the first one, lest a large mean hide the variance. */
struct sums {
	double y, yy;
	int64_t n_at; /* samples outside of lo..hi */
};

CLONES
static struct sums sum_up(const double *s, size_t n, double lo, double hi)
{
	double y[N_LANE] = {0}, yy[N_LANE] = {0};
	int64_t n_at[N_LANE] = {0};
	struct sums all = {0, 0, 0};
	size_t i = 0;

	for (; i + N_LANE <= n; i += N_LANE)
		for (size_t l = 0; l < N_LANE; l++) {
			double d = s[i + l] - s[0];

			y[l] += d;
			yy[l] += d * d;
			n_at[l] += (s[i + l] <= lo) | (s[i + l] >= hi);
		}
	for (; i < n; i++) {
		double d = s[i] - s[0];

		y[0] += d;
		yy[0] += d * d;
		n_at[0] += (s[i] <= lo) | (s[i] >= hi);
	}
	for (size_t l = 0; l < N_LANE; l++) {
		all.y += y[l];
		all.yy += yy[l];
		all.n_at += n_at[l];
	}
	return all;
}

uint32_t cis_health_samples(const struct cis_chan *chan, const double *s,
			    size_t n)
{
	bool ranged = chan->range_max > chan->range_min;
	double slack = 1e-9 * (chan->range_max - chan->range_min);
	double lo = ranged ? chan->range_min + slack : -INFINITY;
	double hi = ranged ? chan->range_max - slack : INFINITY;
	struct sums sums = sum_up(s, n, lo, hi);
	double off = sums.y / (double)n, mean = s[0] + off;
	double var = sums.yy / (double)n - off * off;

	if (!isfinite(sums.yy))
		return CIS_REPORT_GAP;
	return (var <= 1e-6 * mean * mean ? CIS_REPORT_NOSIGNAL : 0) |
	       (sums.n_at >= N_CLIP ? CIS_REPORT_CLIP : 0);
}

uint32_t cis_health_fit(const struct cis_chan *chan, const struct cis_dyn *dyn)
{
	double rms = cabs(dyn->x[0]) / sqrt(2);

	if (!(rms > 0) || rms < 0.01 * chan->nominal_rms)
		return CIS_REPORT_NOSIGNAL;
	return cis_dyn_u_mag(dyn) < 0.1 ? 0 : CIS_REPORT_NOSIGNAL;
}

bool cis_health_in_range(double f_hz, double fnom_hz)
{
	return f_hz >= 0.7 * fnom_hz && f_hz <= 1.3 * fnom_hz;
}

uint32_t cis_health_flags(const struct cis_chan *chan,
			  const struct cis_dyn *dyn, uint32_t before,
			  double fnom_hz)
{
	uint32_t flags = before | cis_health_fit(chan, dyn);

	if (!(flags & CIS_REPORT_NOSIGNAL) &&
	    !cis_health_in_range(dyn->freq_hz, fnom_hz))
		flags |= CIS_REPORT_NOFIT;
	return flags;
}

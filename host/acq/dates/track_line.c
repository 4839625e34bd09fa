/* track_line.c - see track_line.h. */
#include "track_line.h"

#include <math.h>
#include <string.h>

#define GATE_FIRST 3.0 /* standard deviations */

/* What lines are looked for in, and judged by. */
struct search {
	const struct cis_track_held *held;
	const struct cis_track_opts *opts;
	double jitter_s2;
};

double cis_track_noise_s2(const struct cis_track_opts *opts,
			  const struct cis_track_obs *obs, double jitter_s2)
{
	double u_s = obs->u_scan / opts->rate_hz;

	return u_s * u_s + jitter_s2;
}

double cis_track_gap_s(const struct cis_track_opts *opts,
		       const struct cis_track_obs *from,
		       const struct cis_track_obs *to)
{
	double n = (double)(int64_t)(to->scan - from->scan);

	return (n + (to->frac - from->frac)) / opts->rate_hz;
}

void cis_track_hold(struct cis_track_held *held,
		    const struct cis_track_obs *obs)
{
	if (held->n == CIS_TRACK_HELD) {
		memmove(held->obs, held->obs + 1,
			(CIS_TRACK_HELD - 1) * sizeof(held->obs[0]));
		held->n--;
	}
	held->obs[held->n++] = *obs;
}

bool cis_track_may_be_line(const struct cis_track_opts *opts,
			   const struct cis_track_obs *from,
			   const struct cis_track_obs *to)
{
	double whole = cis_track_gap_s(opts, from, to);
	double seconds = (double)(to->tai_s - from->tai_s);

	return seconds >= 1 && whole > 0 &&
	       fabs(seconds - whole) < opts->max_off * whole;
}

static double noise_s2(const struct search *s, uint32_t i)
{
	return cis_track_noise_s2(s->opts, &s->held->obs[i], s->jitter_s2);
}

/* Whether held pulse k lies on the line through i and j. */
static bool on_line(const struct search *s, uint32_t i, uint32_t j, uint32_t k)
{
	const struct cis_track_obs *obs = s->held->obs;
	double whole = cis_track_gap_s(s->opts, &obs[i], &obs[j]);
	double part = cis_track_gap_s(s->opts, &obs[i], &obs[k]);
	double a = part / whole;
	double slope = (double)(obs[j].tai_s - obs[i].tai_s) - whole;
	double resid = (double)(obs[k].tai_s - obs[i].tai_s) - part - a * slope;
	double var = noise_s2(s, k) + (1 - a) * (1 - a) * noise_s2(s, i) +
		     a * a * noise_s2(s, j);
	double bend = s->opts->drift_per_s * part * (part - whole) / 2;

	return k == i || k == j ||
	       fabs(resid) < GATE_FIRST * sqrt(var + bend * bend);
}

/* Bits of the held pulses on the line through i and j, one a second. */
static uint32_t line_through(const struct search *s, uint32_t i, uint32_t j,
			     uint32_t *n)
{
	const struct cis_track_held *held = s->held;
	uint32_t bits = 0;
	int64_t last_s = 0;

	*n = 0;
	for (uint32_t k = 0; k < held->n; k++) {
		if (*n && held->obs[k].tai_s <= last_s)
			continue;
		if (!on_line(s, i, j, k))
			continue;
		bits |= 1u << k;
		last_s = held->obs[k].tai_s;
		++*n;
	}
	return bits;
}

uint32_t cis_track_best_line(const struct cis_track_held *held,
			     const struct cis_track_opts *opts,
			     double jitter_s2, uint32_t n_least)
{
	const struct search s = {held, opts, jitter_s2};
	uint32_t best = 0, n_best = n_least - 1, n;

	for (uint32_t i = 0; i < held->n; i++)
		for (uint32_t j = i + 1; j < held->n; j++) {
			uint32_t bits;

			if (!cis_track_may_be_line(opts, &held->obs[i],
						   &held->obs[j]))
				continue;
			bits = line_through(&s, i, j, &n);
			if (n > n_best && bits >> (held->n - 1)) {
				best = bits;
				n_best = n;
			}
		}
	return best;
}

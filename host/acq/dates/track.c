/*
 * track.c - which pulses are believed, and what date a scan has; see track.h.
 */
#include "track.h"

#include <math.h>

#include "track_filter.h"
#include "track_line.h"

#define MAX_OFF        200e-6
#define JITTER_S       1e-6
#define JITTER_LEAST_S 10e-9
#define DRIFT_PER_S    1e-8
#define GATE           4.5
#define APART          3.0 /* standard deviations */
#define N_FIRST        3
#define N_ANEW         4
#define JITTER_PRIOR   3  /* pulses that opts.jitter_s counts for */
#define MEMORY         64 /* pulses that the jitter is measured over */

static double or_usual(double value, double usual)
{
	return value > 0 ? value : usual;
}

void cis_track_init(struct cis_track *track, const struct cis_track_opts *opts)
{
	*track = (struct cis_track){.opts = *opts};
	track->opts.max_off = or_usual(opts->max_off, MAX_OFF);
	track->opts.jitter_s = or_usual(opts->jitter_s, JITTER_S);
	track->opts.drift_per_s = or_usual(opts->drift_per_s, DRIFT_PER_S);
	track->jitter_n = JITTER_PRIOR;
	track->jitter_sum_s2 =
		JITTER_PRIOR * track->opts.jitter_s * track->opts.jitter_s;
}

void cis_track_restart(struct cis_track *track)
{
	track->locked = false;
	track->held.n = 0;
}

/* Nominal seconds from the last pulse used to a scan. */
static double since_s(const struct cis_track *track, uint64_t scan, double frac)
{
	double n = (double)(int64_t)(scan - track->scan);

	return (n + (frac - track->frac)) / track->opts.rate_hz;
}

static double jitter_s2(const struct cis_track *track)
{
	double s2 = track->jitter_sum_s2 / track->jitter_n;

	return fmax(s2, JITTER_LEAST_S * JITTER_LEAST_S);
}

/* Upper end of what the jitter may be: a variance from n values is known to
 * sqrt(2/n) of itself. */
static double jitter_most_s2(const struct cis_track *track)
{
	return jitter_s2(track) * (1 + 2 * sqrt(2 / track->jitter_n));
}

static double noise_s2(const struct cis_track *track,
		       const struct cis_track_obs *obs)
{
	return cis_track_noise_s2(&track->opts, obs, jitter_most_s2(track));
}

/* The date by one filter, t nominal seconds on. */
static struct cis_split_time filter_date(const struct cis_track_filter *filter,
					 double t)
{
	struct cis_split_time date = filter->at;
	double whole;

	date.frac_s += t + cis_track_filter_gain(filter, t);
	whole = floor(date.frac_s);
	date.tai_s += (int64_t)whole;
	date.frac_s -= whole;
	return date;
}

static void learn_jitter(struct cis_track *track, double innov, double var)
{
	double most = jitter_most_s2(track);
	double weight = most / var * (most / var);

	/* What the prediction itself was unsure of is not the pulse's. */
	track->jitter_sum_s2 *= 1 - 1.0 / MEMORY;
	track->jitter_sum_s2 += weight * (innov * innov - (var - most));
	track->jitter_n = track->jitter_n * (1 - 1.0 / MEMORY) + weight;
	track->jitter_sum_s2 = fmax(track->jitter_sum_s2, 0);
}

/* Where the steady filter has lost the truth it takes over the agile one's. */
static void compare_filters(struct cis_track *track)
{
	struct cis_track_filter *agile = &track->filter[CIS_TRACK_AGILE];
	struct cis_track_filter *steady = &track->filter[CIS_TRACK_STEADY];
	double apart = cis_split_diff_s(steady->at, agile->at);
	double wander = steady->wander, corr_s = steady->corr_s;

	if (fabs(apart) < APART * sqrt(agile->p[0][0]) && steady->fit < 2)
		return;
	*steady = *agile;
	steady->wander = wander;
	steady->corr_s = corr_s;
	steady->fit = 1;
}

static void take(struct cis_track *track, const struct cis_track_obs *obs)
{
	double t = since_s(track, obs->scan, obs->frac);
	double bias_s = obs->bias_scan / track->opts.rate_hz;
	double r = noise_s2(track, obs);
	double innov[CIS_TRACK_N_KIND], var[CIS_TRACK_N_KIND];

	for (int k = 0; k < CIS_TRACK_N_KIND; k++) {
		struct cis_track_filter *filter = &track->filter[k];
		struct cis_split_time date = filter_date(filter, t);
		const struct cis_split_time second = {.tai_s = obs->tai_s};

		innov[k] = cis_split_diff_s(second, date);
		cis_track_filter_predict(filter, t);
		var[k] = filter->p[0][0] + r;
		filter->at = second;
		/* The state's x is the date minus the second. */
		filter->at.frac_s =
			cis_track_filter_update(filter, innov[k], r) - innov[k];
		cis_track_split_normalise(&filter->at);
	}
	learn_jitter(track, innov[CIS_TRACK_AGILE], var[CIS_TRACK_AGILE]);
	compare_filters(track);
	track->innov_s = innov[CIS_TRACK_STEADY];
	track->bias_s =
		fmax(bias_s, track->bias_s + (bias_s - track->bias_s) / MEMORY);
	track->scan = obs->scan;
	track->frac = obs->frac;
	track->n_used++;
}

/* Both filters begin at this pulse; what is known of the rate is kept. */
static void begin_at(struct cis_track *track, const struct cis_track_obs *obs)
{
	double t = track->rate_known ? since_s(track, obs->scan, obs->frac) : 0;
	double off = track->opts.max_off, drift = track->opts.drift_per_s;

	/* After a restart nobody knows how much time has passed. */
	if (!track->locked)
		t = 0;
	for (int k = 0; k < CIS_TRACK_N_KIND; k++) {
		struct cis_track_filter *filter = &track->filter[k];

		if (track->rate_known)
			cis_track_filter_predict(filter, fmax(t, 0));
		else
			cis_track_filter_init(filter, off, drift,
					      k == CIS_TRACK_AGILE);
		cis_track_filter_place(filter, noise_s2(track, obs));
		filter->at = (struct cis_split_time){.tai_s = obs->tai_s};
		filter->fit = 1;
	}
	track->scan = obs->scan;
	track->frac = obs->frac;
	track->bias_s = obs->bias_scan / track->opts.rate_hz;
	track->n_used++;
	track->locked = true;
	track->rate_known = true;
}

/* A rate that the new line contradicts was that of another time. */
static void doubt_rate(struct cis_track *track, uint32_t line)
{
	const struct cis_track_filter *agile = &track->filter[CIS_TRACK_AGILE];
	const struct cis_track_obs *from,
		*to = &track->held.obs[track->held.n - 1];
	double whole, y, var;
	uint32_t k = 0;

	while (!(line >> k & 1))
		k++;
	from = &track->held.obs[k];
	whole = cis_track_gap_s(&track->opts, from, to);
	y = (double)(to->tai_s - from->tai_s) / whole - 1;
	var = agile->p[1][1] +
	      (noise_s2(track, from) + noise_s2(track, to)) / (whole * whole);
	if (!(fabs(y - agile->y) < GATE * sqrt(var)))
		track->rate_known = false;
}

/* Locks, the first time or anew, where enough of the held pulses agree. */
static bool try_lock(struct cis_track *track, uint32_t n_least)
{
	uint32_t line = cis_track_best_line(&track->held, &track->opts,
					    jitter_most_s2(track), n_least);
	bool first = true;

	if (!line)
		return false;
	doubt_rate(track, line);
	for (uint32_t k = 0; k < track->held.n; k++) {
		if (!(line >> k & 1))
			continue;
		if (first)
			begin_at(track, &track->held.obs[k]);
		else
			take(track, &track->held.obs[k]);
		first = false;
	}
	track->held.n = 0;
	return true;
}

static enum cis_track_verdict refuse(struct cis_track *track, uint32_t n_least,
				     enum cis_track_verdict verdict)
{
	return try_lock(track, n_least) ? CIS_TRACK_LOCKED : verdict;
}

enum cis_track_verdict cis_track_observe(struct cis_track *track,
					 const struct cis_track_obs *obs)
{
	const struct cis_split_time second = {.tai_s = obs->tai_s};
	struct cis_track_filter ahead;
	double t, r, innov;

	if (!isfinite(obs->frac) || !isfinite(obs->u_scan))
		return CIS_TRACK_OUTLIER;
	cis_track_hold(&track->held, obs);
	if (!track->locked)
		return refuse(track, N_FIRST, CIS_TRACK_HELD_BACK);
	t = since_s(track, obs->scan, obs->frac);
	r = noise_s2(track, obs);
	ahead = track->filter[CIS_TRACK_AGILE];
	innov = cis_split_diff_s(second, filter_date(&ahead, t));
	cis_track_filter_predict(&ahead, fmax(t, 0));
	if (t > 0 && ahead.p[0][0] > 9 * r)
		return refuse(track, N_FIRST, CIS_TRACK_HELD_BACK);
	if (t <= 0 || fabs(innov) > GATE * sqrt(ahead.p[0][0] + r)) {
		track->n_outlier++;
		return refuse(track, N_ANEW, CIS_TRACK_OUTLIER);
	}
	take(track, obs);
	track->held.n = 0;
	return CIS_TRACK_USED;
}

bool cis_track_date(const struct cis_track *track, uint64_t scan, double frac,
		    struct cis_split_time *date)
{
	if (!track->locked)
		return false;
	*date = filter_date(&track->filter[CIS_TRACK_STEADY],
			    since_s(track, scan, frac));
	return true;
}

/* A held pulse against the date. */
static double held_off_s(const struct cis_track *track,
			 const struct cis_track_obs *obs)
{
	const struct cis_split_time second = {.tai_s = obs->tai_s};
	double t = since_s(track, obs->scan, obs->frac);

	return cis_split_diff_s(
		second, filter_date(&track->filter[CIS_TRACK_STEADY], t));
}

/* The last two pulses were not believed, but could be of one clock: they may be
 * right. How far off one is then at t. */
static double doubt_s(const struct cis_track *track, double t)
{
	const struct cis_track_obs *before, *last;
	uint32_t n = track->held.n;
	double off, slope;

	if (n < 2)
		return 0;
	before = &track->held.obs[n - 2];
	last = &track->held.obs[n - 1];
	if (!cis_track_may_be_line(&track->opts, before, last))
		return 0;
	off = held_off_s(track, last);
	slope = (off - held_off_s(track, before)) /
		cis_track_gap_s(&track->opts, before, last);
	t -= since_s(track, last->scan, last->frac);
	return fabs(off) + fabs(slope * t);
}

double cis_track_bound_s(const struct cis_track *track, uint64_t scan)
{
	const struct cis_track_filter *agile, *steady;
	double t = since_s(track, scan, 0), apart, var;

	if (!track->locked)
		return INFINITY;
	agile = &track->filter[CIS_TRACK_AGILE];
	steady = &track->filter[CIS_TRACK_STEADY];
	var = cis_track_filter_var(agile, t);
	apart = cis_split_diff_s(filter_date(steady, t), filter_date(agile, t));
	return GATE * sqrt(var) + fabs(apart) + track->bias_s +
	       track->opts.common_s + doubt_s(track, t);
}

/* Nominal rate over the length of a period at t. */
static double rate_hz(const struct cis_track *track, double t)
{
	const struct cis_track_filter *f = &track->filter[CIS_TRACK_STEADY];

	if (!track->rate_known)
		return track->opts.rate_hz;
	return track->opts.rate_hz / (1 + cis_track_filter_slope(f, t));
}

bool cis_track_clock(const struct cis_track *track, uint64_t scan,
		     struct cis_scan_clock *clock)
{
	struct cis_split_time at;

	if (!cis_track_date(track, scan, 0, &at))
		return false;
	clock->anchor.tai_ns =
		at.tai_s * CIS_NS_PER_S + llround(at.frac_s * 1e9);
	clock->anchor_scan = scan;
	clock->rate_hz = rate_hz(track, since_s(track, scan, 0));
	clock->quality.unc_s = cis_track_bound_s(track, scan);
	clock->quality.unlocked_s = 0;
	return true;
}

struct cis_track_state cis_track_state(const struct cis_track *track,
				       uint64_t scan)
{
	const struct cis_track_filter *steady =
		&track->filter[CIS_TRACK_STEADY];
	struct cis_track_filter agile = track->filter[CIS_TRACK_AGILE];
	double t = track->locked ? since_s(track, scan, 0) : 0;
	struct cis_track_state state = {
		.locked = track->locked,
		.rate_hz = rate_hz(track, t),
		.drift_per_s = -steady->d,
		.jitter_s = sqrt(jitter_s2(track)),
		.innov_s = track->innov_s,
		.since_s = t,
		.n_used = track->n_used,
		.n_outlier = track->n_outlier,
		.u_off = INFINITY,
	};

	state.off = state.rate_hz / track->opts.rate_hz - 1;
	if (track->rate_known) {
		cis_track_filter_predict(&agile, fmax(t, 0));
		state.u_off = sqrt(agile.p[1][1]);
	}
	return state;
}

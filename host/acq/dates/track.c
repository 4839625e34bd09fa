/*
 * track.c - which pulses are believed, and what date a scan has; see track.h.
 */
#include "track.h"

#include <math.h>
#include <string.h>

#include "track_filter.h"

#define MAX_OFF        200e-6
#define JITTER_S       1e-6
#define JITTER_LEAST_S 10e-9
#define DRIFT_PER_S    1e-8
#define GATE           4.5
#define GATE_FIRST     3.0
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
	track->n_held = 0;
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
	double u_s = obs->u_scan / track->opts.rate_hz;

	return u_s * u_s + jitter_most_s2(track);
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

static double gap_s(const struct cis_track *track,
		    const struct cis_track_obs *from,
		    const struct cis_track_obs *to)
{
	double n = (double)(int64_t)(to->scan - from->scan);

	return (n + (to->frac - from->frac)) / track->opts.rate_hz;
}

/* Whether held pulse k lies on the line through i and j. */
static bool on_line(const struct cis_track *track, uint32_t i, uint32_t j,
		    uint32_t k)
{
	const struct cis_track_obs *held = track->held;
	double whole = gap_s(track, &held[i], &held[j]);
	double part = gap_s(track, &held[i], &held[k]);
	double a = part / whole;
	double slope = (double)(held[j].tai_s - held[i].tai_s) - whole;
	double resid =
		(double)(held[k].tai_s - held[i].tai_s) - part - a * slope;
	double var = noise_s2(track, &held[k]) +
		     (1 - a) * (1 - a) * noise_s2(track, &held[i]) +
		     a * a * noise_s2(track, &held[j]);
	double bend = track->opts.drift_per_s * part * (part - whole) / 2;

	return k == i || k == j ||
	       fabs(resid) < GATE_FIRST * sqrt(var + bend * bend);
}

/* Whether i and j can be two seconds of one clock at all. */
static bool may_be_line(const struct cis_track *track, uint32_t i, uint32_t j)
{
	const struct cis_track_obs *held = track->held;
	double whole = gap_s(track, &held[i], &held[j]);
	double seconds = (double)(held[j].tai_s - held[i].tai_s);

	return seconds >= 1 && whole > 0 &&
	       fabs(seconds - whole) < track->opts.max_off * whole;
}

/* Bits of the held pulses on the line through i and j, one a second. */
static uint32_t line_through(const struct cis_track *track, uint32_t i,
			     uint32_t j, uint32_t *n)
{
	uint32_t bits = 0;
	int64_t last_s = 0;

	*n = 0;
	for (uint32_t k = 0; k < track->n_held; k++) {
		if (*n && track->held[k].tai_s <= last_s)
			continue;
		if (!on_line(track, i, j, k))
			continue;
		bits |= 1u << k;
		last_s = track->held[k].tai_s;
		++*n;
	}
	return bits;
}

/* The largest set of pulses on one line, the last one among them; 0 where it is
 * smaller than n_least. */
static uint32_t best_line(const struct cis_track *track, uint32_t n_least)
{
	uint32_t best = 0, n_best = n_least - 1, n;

	for (uint32_t i = 0; i < track->n_held; i++)
		for (uint32_t j = i + 1; j < track->n_held; j++) {
			uint32_t bits;

			if (!may_be_line(track, i, j))
				continue;
			bits = line_through(track, i, j, &n);
			if (n > n_best && bits >> (track->n_held - 1)) {
				best = bits;
				n_best = n;
			}
		}
	return best;
}

/* A rate that the new line contradicts was that of another time. */
static void doubt_rate(struct cis_track *track, uint32_t line)
{
	const struct cis_track_filter *agile = &track->filter[CIS_TRACK_AGILE];
	const struct cis_track_obs *from, *to = &track->held[track->n_held - 1];
	double whole, y, var;
	uint32_t k = 0;

	while (!(line >> k & 1))
		k++;
	from = &track->held[k];
	whole = gap_s(track, from, to);
	y = (double)(to->tai_s - from->tai_s) / whole - 1;
	var = agile->p[1][1] +
	      (noise_s2(track, from) + noise_s2(track, to)) / (whole * whole);
	if (!(fabs(y - agile->y) < GATE * sqrt(var)))
		track->rate_known = false;
}

static void hold(struct cis_track *track, const struct cis_track_obs *obs)
{
	if (track->n_held == CIS_TRACK_HELD) {
		memmove(track->held, track->held + 1,
			(CIS_TRACK_HELD - 1) * sizeof(track->held[0]));
		track->n_held--;
	}
	track->held[track->n_held++] = *obs;
}

/* Locks, the first time or anew, where enough of the held pulses agree. */
static bool try_lock(struct cis_track *track, uint32_t n_least)
{
	uint32_t line = best_line(track, n_least);
	bool first = true;

	if (!line)
		return false;
	doubt_rate(track, line);
	for (uint32_t k = 0; k < track->n_held; k++) {
		if (!(line >> k & 1))
			continue;
		if (first)
			begin_at(track, &track->held[k]);
		else
			take(track, &track->held[k]);
		first = false;
	}
	track->n_held = 0;
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
	hold(track, obs);
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
	track->n_held = 0;
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

/* Held pulse k against the date. */
static double held_off_s(const struct cis_track *track, uint32_t k)
{
	const struct cis_track_obs *obs = &track->held[k];
	const struct cis_split_time second = {.tai_s = obs->tai_s};
	double t = since_s(track, obs->scan, obs->frac);

	return cis_split_diff_s(
		second, filter_date(&track->filter[CIS_TRACK_STEADY], t));
}

/* The last two pulses were not believed, but could be of one clock: they may be
 * right. How far off one is then at t. */
static double doubt_s(const struct cis_track *track, double t)
{
	const struct cis_track_obs *last;
	uint32_t n = track->n_held;
	double off, slope;

	if (n < 2 || !may_be_line(track, n - 2, n - 1))
		return 0;
	last = &track->held[n - 1];
	off = held_off_s(track, n - 1);
	slope = (off - held_off_s(track, n - 2)) / gap_s(track, last - 1, last);
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

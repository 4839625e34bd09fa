/*
 * wander.c - how far the oscillator goes astray; see wander.h.
 */
#include "firmware/core/wander.h"

#include "firmware/core/real.h"

/* Independent spans from which a mean square says something. */
#define N_ENOUGH 8
/* A day. */
#define MEMORY_S 86400
#define APART_NS 1e8f
/* Of a quartz that nobody knows, one sigma: its drift, and how far off its
 * rate will ever be. */
#define DRIFT_NS 2.5f
#define RATE_NS  7000.0f

static const uint32_t drift_s[FE_WANDER_WAYS] = {0, 128, 512, 2048};
/* The way where nothing is known yet. */
#define WAY_FIRST 2

static uint32_t spacing_s(int level)
{
	return 4u << (3 * level);
}

/* Of three to a level, in spacings. */
static uint32_t reach(int lag)
{
	return 2u << (lag % 3);
}

static uint32_t lag_s(int lag)
{
	return reach(lag) * spacing_s(lag / 3);
}

void fe_wander_init(struct fe_wander *w)
{
	*w = (struct fe_wander){0};
}

void fe_wander_interrupt(struct fe_wander *w)
{
	for (int i = 0; i < FE_WANDER_LEVELS; i++)
		w->n_was[i] = 0;
	w->age_s = 0;
}

/* What a drift of one makes of the time after t, believed for d seconds. */
static float bent(float t, float d)
{
	return t <= d ? 0.5f * t * t : d * (t - 0.5f * d);
}

static void compare(struct fe_wander *w, const struct fe_osc *o, int lag)
{
	int level = lag / 3;
	const struct fe_wander_state *was = &w->was[level][reach(lag) - 1];
	uint32_t most = MEMORY_S / spacing_s(level), t = lag_s(lag);
	float straight_ns;

	if (w->n_was[level] < reach(lag))
		return;
	straight_ns = fe_osc_ns(o, (int64_t)(fe_osc_mark(o) - was->mark_q32 -
					     t * was->second_q32));
	/* Not so many seconds later, or no such oscillator. */
	if (straight_ns > APART_NS || straight_ns < -APART_NS)
		return;
	if (w->n[lag] < most)
		w->n[lag]++;
	for (int i = 0; i < FE_WANDER_WAYS; i++) {
		float miss = straight_ns -
			     was->drift * bent((float)t, (float)drift_s[i]);

		w->miss2[lag][i] +=
			(miss * miss - w->miss2[lag][i]) / (float)w->n[lag];
	}
}

static void keep(struct fe_wander *w, const struct fe_osc *o, int level)
{
	struct fe_wander_state *was = w->was[level];

	for (int i = FE_WANDER_BACK - 1; i > 0; i--)
		was[i] = was[i - 1];
	was[0] = (struct fe_wander_state){
		.mark_q32 = fe_osc_mark(o),
		.second_q32 = fe_osc_length(o),
		.drift = fe_osc_drift(o),
	};
	if (w->n_was[level] < FE_WANDER_BACK)
		w->n_was[level]++;
}

void fe_wander_second(struct fe_wander *w, const struct fe_osc *o)
{
	for (int level = 0; level < FE_WANDER_LEVELS; level++) {
		if (w->age_s % spacing_s(level))
			continue;
		for (int k = 0; k < 3; k++)
			compare(w, o, 3 * level + k);
		keep(w, o, level);
	}
	w->age_s++;
}

/* Independent spans of a lag. */
static float spans(const struct fe_wander *w, int lag)
{
	return (float)w->n[lag] / (float)reach(lag);
}

/* The longest lag that is known, or -1. */
static int longest(const struct fe_wander *w)
{
	int i = FE_WANDER_LAGS - 1;

	while (i >= 0 && spans(w, i) < N_ENOUGH)
		i--;
	return i;
}

/* Compared by what they miss at each lag against the least there, so that the
 * longest does not decide alone. */
static int way(const struct fe_wander *w)
{
	float sum[FE_WANDER_WAYS] = {0};
	int best = WAY_FIRST;

	for (int lag = 0; lag <= longest(w); lag++) {
		const float *miss2 = w->miss2[lag];
		float least = miss2[0];

		for (int i = 1; i < FE_WANDER_WAYS; i++)
			least = miss2[i] < least ? miss2[i] : least;
		for (int i = 0; i < FE_WANDER_WAYS && least > 0; i++)
			sum[i] += miss2[i] / least;
	}
	for (int i = 0; i < FE_WANDER_WAYS; i++)
		if (sum[i] < sum[best])
			best = i;
	return best;
}

uint32_t fe_wander_drift_s(const struct fe_wander *w)
{
	return drift_s[way(w)];
}

/* Of a quartz from the data sheet. */
static float unknown_ns(float t)
{
	float drifted = 0.5f * DRIFT_NS * t * t, most = RATE_NS * t;

	return drifted < most ? drifted : most;
}

/* At a lag, over its square: what a constant drift makes is constant. Few spans
 * may have been lucky ones: 1 + 1.3 / sqrt(n) is the upper end of a standard
 * deviation in nine of ten cases (chi-square, n from 8 to 100: 1.51 to 1.10). */
static float bend(const struct fe_wander *w, int lag, int as)
{
	float t = (float)lag_s(lag), n = spans(w, lag);

	return fe_root(w->miss2[lag][as]) * (1 + 1.3f / fe_root(n)) / (t * t);
}

float fe_wander_ns(const struct fe_wander *w, uint32_t after_s)
{
	float t = (float)after_s, b, far_ns;
	int last = longest(w), as = way(w), i = 0;

	if (last < 0)
		return unknown_ns(t);
	if (after_s <= lag_s(0))
		return bend(w, 0, as) * (float)(lag_s(0) * lag_s(0));
	while (i < last && lag_s(i + 1) < after_s)
		i++;
	b = bend(w, i, as);
	if (i < last) {
		float part = t / (float)lag_s(i) - 1;

		return (b + part * (bend(w, i + 1, as) - b)) * t * t;
	}
	/* Beyond what was seen the drift itself goes on changing. */
	far_ns = b * t * t * t / (float)lag_s(i);
	if (after_s > 2 * lag_s(i) && far_ns < unknown_ns(t))
		far_ns = unknown_ns(t);
	return far_ns < RATE_NS * t ? far_ns : RATE_NS * t;
}

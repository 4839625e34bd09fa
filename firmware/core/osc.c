/*
 * osc.c - the model of the oscillator; see osc.h.
 */
#include "firmware/core/osc.h"

/* Seconds that the scores remember, once they have run so long; and as how many
 * the jitter counts with which they begin. */
#define SCORE_S   256
#define FIRST_S   16
/* The filter that is believed until the scores say otherwise: of 9 s. */
#define FIRST     1
/* To be believed instead, a filter must be better by this part. */
#define BETTER    0.97f
/* Farther off than so many r, a filter takes over the best one's state. */
#define STRAY     10.0f
/* Drift of an oscillator nobody knows, one sigma: some 0.5 ppm/K and 0.5 K a
 * minute. */
#define DRIFT_NS  4.0f
#define TURNED_NS 10.0f

/* Of a variance. */
#define NOTHING 1e24f

static const float memory_s[FE_OSC_FILTERS] = {5.0f, 9.0f, 16.0f, 29.0f, 52.0f};

void fe_osc_init(struct fe_osc *o, uint32_t tick_hz)
{
	*o = (struct fe_osc){.nominal_q32 = (uint64_t)tick_hz << 32};
	o->q32_per_ns = (float)tick_hz * (4294967296.0f / 1e9f);
	for (int i = 0; i < FE_OSC_FILTERS; i++)
		o->filter[i].second_q32 = o->nominal_q32;
}

float fe_osc_ns(const struct fe_osc *o, int64_t q32)
{
	return (float)q32 / o->q32_per_ns;
}

int64_t fe_osc_q32(const struct fe_osc *o, float ns)
{
	return (int64_t)(ns * o->q32_per_ns);
}

static uint64_t moved(const struct fe_osc *o, uint64_t q32, float by_ns)
{
	return q32 + (uint64_t)fe_osc_q32(o, by_ns);
}

/* The covariance of a straight line through four pulses at its end, and of a
 * drift that is known to `drift`. */
static void doubt(float cov[FE_N_COV], float drift)
{
	/* At the end of a parabola the line is too low by d/2, its slope by
	 * 3/2 d. */
	cov[FE_DD] = drift * drift;
	cov[FE_XX] = 0.7f + 0.25f * cov[FE_DD];
	cov[FE_XY] = 0.3f + 0.75f * cov[FE_DD];
	cov[FE_YY] = 0.2f + 2.25f * cov[FE_DD];
	cov[FE_XD] = 0.5f * cov[FE_DD];
	cov[FE_YD] = 1.5f * cov[FE_DD];
}

void fe_osc_start(struct fe_osc *o, uint64_t mark_q32, uint64_t second_q32,
		  float jitter_ns, enum fe_osc_start how)
{
	float sigma = how == FE_OSC_TURNED ? TURNED_NS : DRIFT_NS;
	float drift = how == FE_OSC_COLD ? 0 : o->filter[o->best].drift;

	for (int i = 0; i < FE_OSC_FILTERS; i++) {
		struct fe_osc_filter *f = &o->filter[i];

		f->mark_q32 = moved(o, mark_q32, 0.5f * drift);
		f->second_q32 = moved(o, second_q32, 1.5f * drift);
		f->drift = drift;
		if (how == FE_OSC_COLD)
			f->miss2 = jitter_ns * jitter_ns;
		doubt(f->cov, sigma / jitter_ns);
	}
	if (how == FE_OSC_COLD) {
		o->n_scored = 0;
		o->best = FIRST;
	}
}

/* p = F p F' + Q for a second; Q of a drift that walks by q. */
static void spread(float p[FE_N_COV], float q)
{
	/* After some weeks alone nothing is known, and floats have an end. */
	if (p[FE_XX] > NOTHING)
		return;
	p[FE_XX] += 2 * p[FE_XY] + p[FE_XD] + p[FE_YY] + p[FE_YD] +
		    0.25f * p[FE_DD] + q / 20;
	p[FE_XY] +=
		p[FE_XD] + p[FE_YY] + 1.5f * p[FE_YD] + 0.5f * p[FE_DD] + q / 8;
	p[FE_XD] += p[FE_YD] + 0.5f * p[FE_DD] + q / 6;
	p[FE_YY] += 2 * p[FE_YD] + p[FE_DD] + q / 3;
	p[FE_YD] += p[FE_DD] + q / 2;
	p[FE_DD] += q;
}

static uint64_t next_of(const struct fe_osc *o, const struct fe_osc_filter *f)
{
	return moved(o, f->mark_q32 + f->second_q32, 0.5f * f->drift);
}

static void go_on(const struct fe_osc *o, struct fe_osc_filter *f, float t)
{
	float t2 = t * t;

	f->mark_q32 = next_of(o, f);
	f->second_q32 = moved(o, f->second_q32, f->drift);
	spread(f->cov, 1 / (t2 * t2 * t2));
}

uint32_t fe_osc_advance(struct fe_osc *o, uint64_t t_q32)
{
	const struct fe_osc_filter *f = &o->filter[o->best];
	int64_t half = (int64_t)(o->nominal_q32 / 2);
	uint32_t n = 0;

	while ((int64_t)(t_q32 - f->mark_q32) > half) {
		for (int i = 0; i < FE_OSC_FILTERS; i++)
			go_on(o, &o->filter[i], memory_s[i]);
		n++;
	}
	return n;
}

void fe_osc_settle(struct fe_osc *o)
{
	for (int i = 0; i < FE_OSC_FILTERS; i++)
		o->filter[i].drift = 0;
}

static void update(const struct fe_osc *o, struct fe_osc_filter *f,
		   float late_ns)
{
	float s = f->cov[FE_XX] + 1, x = f->cov[FE_XX] / s;
	float y = f->cov[FE_XY] / s, d = f->cov[FE_XD] / s;

	f->mark_q32 = moved(o, f->mark_q32, x * late_ns);
	f->second_q32 = moved(o, f->second_q32, y * late_ns);
	f->drift += d * late_ns;
	f->cov[FE_YY] -= y * f->cov[FE_XY];
	f->cov[FE_YD] -= y * f->cov[FE_XD];
	f->cov[FE_DD] -= d * f->cov[FE_XD];
	/* 1 - x without the difference. */
	f->cov[FE_XX] = x;
	f->cov[FE_XY] = y;
	f->cov[FE_XD] = d;
}

/* Stray filters learn from the best; then it is chosen anew. */
static void choose(struct fe_osc *o, float jitter_ns)
{
	const struct fe_osc_filter *b = &o->filter[o->best];

	for (uint32_t i = 0; i < FE_OSC_FILTERS; i++) {
		struct fe_osc_filter *f = &o->filter[i];
		float off_ns =
			fe_osc_ns(o, (int64_t)(f->mark_q32 - b->mark_q32));

		if (off_ns > STRAY * jitter_ns || off_ns < -STRAY * jitter_ns) {
			f->mark_q32 = b->mark_q32;
			f->second_q32 = b->second_q32;
			f->drift = b->drift;
		}
	}
	for (uint32_t i = 0; i < FE_OSC_FILTERS; i++)
		if (o->filter[i].miss2 < BETTER * o->filter[o->best].miss2)
			o->best = i;
}

void fe_osc_pulse(struct fe_osc *o, uint64_t pulse_q32, float jitter_ns)
{
	if (o->n_scored < SCORE_S)
		o->n_scored++;
	for (int i = 0; i < FE_OSC_FILTERS; i++) {
		struct fe_osc_filter *f = &o->filter[i];
		float late_ns =
			fe_osc_ns(o, (int64_t)(pulse_q32 - f->mark_q32));

		f->miss2 += (late_ns * late_ns - f->miss2) /
			    (float)(o->n_scored + FIRST_S - 1);
		update(o, f, late_ns);
	}
	choose(o, jitter_ns);
}

void fe_osc_shift(struct fe_osc *o, int64_t by_q32)
{
	for (int i = 0; i < FE_OSC_FILTERS; i++)
		o->filter[i].mark_q32 += (uint64_t)by_q32;
}

uint64_t fe_osc_mark(const struct fe_osc *o)
{
	return o->filter[o->best].mark_q32;
}

uint64_t fe_osc_next(const struct fe_osc *o)
{
	return next_of(o, &o->filter[o->best]);
}

uint64_t fe_osc_length(const struct fe_osc *o)
{
	return o->filter[o->best].second_q32;
}

float fe_osc_var(const struct fe_osc *o)
{
	return o->filter[o->best].cov[FE_XX];
}

float fe_osc_length_var(const struct fe_osc *o)
{
	return o->filter[o->best].cov[FE_YY];
}

float fe_osc_off_ns_per_s(const struct fe_osc *o)
{
	const struct fe_osc_filter *f = &o->filter[o->best];

	return fe_osc_ns(o, (int64_t)(f->second_q32 - o->nominal_q32));
}

float fe_osc_drift(const struct fe_osc *o)
{
	return o->filter[o->best].drift;
}

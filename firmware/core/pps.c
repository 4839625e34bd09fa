/*
 * pps.c - pulses by themselves; see pps.h.
 */
#include "firmware/core/pps.h"

#include "firmware/core/real.h"

#define OFF_PPM    200
#define SPREAD_NS  5000.0f
#define FIRST_NS   40.0f
/* Besides the tick: an oscillator may beat with it so slowly that all pulses of
 * minutes come at the same place of one. */
#define LEAST_NS   3.0f
#define MOST_NS    2000.0f
/* Of the variance: chi-square of two over two, one in a thousand. */
#define SMOOTH     7.0f
#define GATE_SIGMA 5.0f
/* Pulses that the variance remembers, and as how many the one of the beginning
 * counts. */
#define MEMORY     128
#define FIRST_N    16

void fe_pps_init(struct fe_pps *p, uint32_t tick_hz)
{
	*p = (struct fe_pps){.nominal_q32 = (uint64_t)tick_hz << 32,
			     .var_ns2 = FIRST_NS * FIRST_NS};
	p->q32_per_ns = (float)tick_hz * (4294967296.0f / 1e9f);
}

void fe_pps_note(struct fe_pps *p, uint64_t pulse_q32)
{
	for (int i = FE_PPS_KEPT - 1; i > 0; i--)
		p->kept_q32[i] = p->kept_q32[i - 1];
	p->kept_q32[0] = pulse_q32;
	if (p->n_kept < FE_PPS_KEPT)
		p->n_kept++;
}

void fe_pps_forget(struct fe_pps *p)
{
	p->n_kept = 0;
}

static void limit(struct fe_pps *p)
{
	float tick_ns = 4294967296.0f / p->q32_per_ns;
	float least_ns2 = LEAST_NS * LEAST_NS + tick_ns * tick_ns / 3;

	if (p->var_ns2 < least_ns2)
		p->var_ns2 = least_ns2;
	if (p->var_ns2 > MOST_NS * MOST_NS)
		p->var_ns2 = MOST_NS * MOST_NS;
}

static uint64_t magnitude(int64_t v)
{
	return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

/* Index of the pulse a second before the one at `at`, or 0. */
static uint32_t one_before(const struct fe_pps *p, uint32_t at)
{
	uint64_t most = p->nominal_q32 / 1000000 * OFF_PPM;

	for (uint32_t i = at + 1; i < p->n_kept; i++) {
		uint64_t gap = p->kept_q32[at] - p->kept_q32[i];

		if (magnitude((int64_t)(gap - p->nominal_q32)) <= most)
			return i;
	}
	return 0;
}

/* dev[k]: what the pulse k seconds ago was later than the newest one less k
 * nominal seconds. */
static void fit(const struct fe_pps *p, const float dev[FE_PPS_LINE],
		struct fe_pps_line *line)
{
	float back = 0, mean = 0;

	for (int k = 0; k < FE_PPS_LINE; k++) {
		mean += dev[k] / FE_PPS_LINE;
		/* Sum of (1.5 - k)^2 is 5. */
		back += (1.5f - (float)k) * dev[k] / 5;
	}
	line->mark_q32 =
		p->kept_q32[0] +
		(uint64_t)(int64_t)((mean + 1.5f * back) * p->q32_per_ns);
	line->second_q32 =
		p->nominal_q32 + (uint64_t)(int64_t)(back * p->q32_per_ns);
	line->scatter2_ns2 = 0;
	for (int k = 0; k < FE_PPS_LINE; k++) {
		float off = dev[k] - mean - (1.5f - (float)k) * back;

		line->scatter2_ns2 += off * off / 2;
	}
}

bool fe_pps_find(const struct fe_pps *p, struct fe_pps_line *line)
{
	float dev[FE_PPS_LINE] = {0}, least = 1e9f, most = -1e9f;
	uint32_t at = 0;

	for (uint32_t k = 1; k < FE_PPS_LINE; k++) {
		float step;

		at = one_before(p, at);
		if (!at)
			return false;
		dev[k] = (float)(int64_t)(p->kept_q32[at] + k * p->nominal_q32 -
					  p->kept_q32[0]) /
			 p->q32_per_ns;
		step = dev[k] - dev[k - 1];
		least = step < least ? step : least;
		most = step > most ? step : most;
	}
	if (most - least > SPREAD_NS || at > FE_PPS_LINE)
		return false;
	fit(p, dev, line);
	return true;
}

bool fe_pps_smooth(const struct fe_pps *p, const struct fe_pps_line *line)
{
	return line->scatter2_ns2 <= SMOOTH * p->var_ns2;
}

void fe_pps_begin(struct fe_pps *p, const struct fe_pps_line *line, bool anew)
{
	if (anew) {
		p->var_ns2 = FIRST_NS * FIRST_NS;
		p->n_var = 0;
	}
	if (p->var_ns2 < line->scatter2_ns2)
		p->var_ns2 = line->scatter2_ns2;
	limit(p);
}

float fe_pps_jitter_ns(const struct fe_pps *p)
{
	return fe_root(p->var_ns2);
}

float fe_pps_gate_ns(const struct fe_pps *p, float var)
{
	return GATE_SIGMA * fe_root(p->var_ns2 * (1 + var));
}

void fe_pps_learn(struct fe_pps *p, float late_ns, float var)
{
	if (p->n_var < MEMORY)
		p->n_var++;
	p->var_ns2 += (late_ns * late_ns / (1 + var) - p->var_ns2) /
		      (float)(p->n_var + FIRST_N - 1);
	limit(p);
}

/*
 * sim_osc.c - a simulated oscillator; see sim_osc.h.
 */
#include "tests/firmware/sim/sim_osc.h"

#include <math.h>

#include "host/signal/noise.h"

#define ROOT_3 1.73205080756887729
#define TWO_PI 6.28318530717958648
enum { OCTAVES = 18 };
enum noise_kind { WHITE, WALK };

/* A curve through random values of variance 1, one a period; smooth to the
 * second derivative. */
static double curve(const struct sim_osc *o, uint64_t what, double t)
{
	double k = floor(t), u = t - k;
	double s = u * u * u * (10 + u * (6 * u - 15));
	uint64_t n = (uint64_t)(int64_t)k;
	double a = cis_noise_uniform(o->seed, what, n);
	double b = cis_noise_uniform(o->seed, what, n + 1);

	return ROOT_3 * (a + s * (b - a));
}

static double noise_s(const struct sim_osc *o, double t)
{
	double sum = 0, period_s = 1;

	if (o->white <= 0 && o->walk <= 0)
		return 0;
	for (unsigned i = 0; i < OCTAVES; i++, period_s *= 2) {
		uint64_t what = UINT64_C(2) << 32 | i << 1;
		double root = sqrt(period_s);

		if (o->white > 0)
			sum += o->white * root *
			       curve(o, what | WHITE, t / period_s);
		if (o->walk > 0)
			sum += o->walk * root * period_s *
			       curve(o, what | WALK, t / period_s);
	}
	return sum;
}

static double swung_s(const struct sim_osc *o, double t)
{
	double w, ph = o->swing_rad;

	if (o->swing_s <= 0)
		return 0;
	w = TWO_PI / o->swing_s;
	return o->swing_ppm * 1e-6 / w * (cos(ph) - cos(w * t + ph));
}

static double ramped_s(const struct sim_osc *o, double t)
{
	double s = t - o->ramp_from_s;

	if (o->ramp_s <= 0 || s <= 0)
		return 0;
	if (s < o->ramp_s)
		return o->ramp_ppm * 1e-6 * s * s / (2 * o->ramp_s);
	return o->ramp_ppm * 1e-6 * (s - o->ramp_s / 2);
}

double sim_osc_gained_s(const struct sim_osc *o, int64_t n, double u)
{
	double t = (double)n + u;
	double age_per_s = o->age_ppm_per_day * 1e-6 / 86400;

	return o->off_ppm * 1e-6 * t + age_per_s * t * t / 2 + swung_s(o, t) +
	       ramped_s(o, t) + noise_s(o, t);
}

struct sim_count sim_osc_count(const struct sim_osc *o, int64_t n, double u)
{
	double part = (u + sim_osc_gained_s(o, n, u)) * o->tick_hz;
	double whole = floor(part);

	return (struct sim_count){
		.whole = n * (int64_t)o->tick_hz + (int64_t)whole,
		.part = part - whole,
	};
}

double sim_osc_when(const struct sim_osc *o, int64_t n, struct sim_count c)
{
	double u = 0;

	/* The rate is within 1e-3 of nominal: each step gains three digits. */
	for (int i = 0; i < 6; i++) {
		struct sim_count at = sim_osc_count(o, n, u);

		u += ((double)(c.whole - at.whole) + (c.part - at.part)) /
		     o->tick_hz;
	}
	return u;
}

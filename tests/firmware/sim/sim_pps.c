/*
 * sim_pps.c - a simulated receiver's pulses; see sim_pps.h.
 */
#include "tests/firmware/sim/sim_pps.h"

#include <math.h>
#include <stdbool.h>

#include "host/signal/noise.h"

/* What a number is for. */
#define NOISE_OF_PULSE (UINT64_C(3) << 32)
#define NOISE_OF_FAULT (UINT64_C(4) << 32)

static double scatter_s(const struct sim_pps *p, int64_t n, uint64_t which)
{
	double ns =
		p->jitter_ns *
		cis_noise_gauss(p->seed, NOISE_OF_PULSE | which, (uint64_t)n);

	if (p->sawtooth_s > 0) {
		double turn = (double)n / p->sawtooth_s;

		ns += p->sawtooth_ns * (2 * (turn - floor(turn)) - 1);
	}
	return ns * 1e-9;
}

static bool acts(const struct sim_pps_fault *f, int64_t n)
{
	return n >= f->from_s && n < f->to_s &&
	       (f->every_s <= 0 || (n - f->from_s) % f->every_s == 0);
}

/* Those of a train value_s apart that began at from_s. */
static size_t train(const struct sim_pps *p, const struct sim_pps_fault *f,
		    int64_t n, double at_s[SIM_PPS_MAX])
{
	double k = ceil((double)(n - f->from_s) / f->value_s);
	size_t n_at = 0;

	for (; n_at < SIM_PPS_MAX; k++, n_at++) {
		double t = k * f->value_s - (double)(n - f->from_s);

		if (t >= 1)
			break;
		at_s[n_at] = t + scatter_s(p, n, n_at);
	}
	return n_at;
}

size_t sim_pps_pulses(const struct sim_pps *p, int64_t n,
		      double at_s[SIM_PPS_MAX])
{
	double late_s = 0, again_s = 0;
	size_t n_at = 1;

	for (size_t i = 0; i < p->n_faults; i++) {
		const struct sim_pps_fault *f = &p->fault[i];

		if (!acts(f, n))
			continue;
		if (f->kind == SIM_PPS_ABSENT)
			return 0;
		if (f->kind == SIM_PPS_RATE)
			return train(p, f, n, at_s);
		if (f->kind == SIM_PPS_LATE)
			late_s += f->value_s;
		if (f->kind == SIM_PPS_JITTER)
			late_s += f->value_s *
				  cis_noise_gauss(p->seed, NOISE_OF_FAULT | i,
						  (uint64_t)n);
		if (f->kind == SIM_PPS_DOUBLE)
			again_s = f->value_s;
	}
	at_s[0] = late_s + scatter_s(p, n, 0);
	if (again_s > 0)
		at_s[n_at++] = at_s[0] + again_s;
	return n_at;
}

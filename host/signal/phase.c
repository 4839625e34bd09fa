/*
 * phase.c - phase, frequency and amplitude as functions of time; see phase.h.
 *
 * An event (start and end of the ramp, step) has happened from the double that
 * is nearest to its instant on: 2 s + 0.7 s is 2.7 s.
 */
#include "phase.h"

/* f, then f + rocof (t - rocof_s), then f_to. With D = f_to - f, the ramp takes
 * U = D/rocof, and after it the integral is f_to t - D (rocof_s + U/2). */
void cis_signal_plan_ramp(struct cis_signal *sig)
{
	struct dd rise, lasts, turns;

	sig->ramp_end_s = INFINITY;
	if (sig->rocof_hz_per_s == 0 || isnan(sig->f_to_hz))
		return;
	rise = dd_sum(sig->f_to_hz, -sig->f_hz);
	lasts = dd_div(rise, sig->rocof_hz_per_s);
	turns = dd_mul(rise, dd_add((struct dd){sig->rocof_s, 0},
				    dd_scale(lasts, 0.5)));
	sig->ramp_end_s = sig->rocof_s + lasts.hi;
	sig->ramp_turns_hi = -turns.hi;
	sig->ramp_turns_lo = -turns.lo;
}

static bool ramps(const struct cis_signal *sig, struct dd t)
{
	return sig->rocof_hz_per_s != 0 && t.hi >= sig->rocof_s;
}

double cis_signal_turns(const struct cis_signal *sig, struct dd t)
{
	struct dd turns, u;

	if (t.hi >= sig->ramp_end_s) {
		turns = dd_scale(t, sig->f_to_hz);
		u = (struct dd){sig->ramp_turns_hi, sig->ramp_turns_lo};
		return dd_rest(dd_add(turns, u));
	}
	turns = dd_scale(t, sig->f_hz);
	if (!ramps(sig, t))
		return dd_rest(turns);
	u = dd_add(t, (struct dd){-sig->rocof_s, 0});
	u = dd_scale(dd_mul(u, u), sig->rocof_hz_per_s / 2);
	return dd_rest(dd_add(turns, u));
}

/* cos and sin of 2 pi f t, f t without its whole turns. */
static double cos_of(double f_hz, struct dd t)
{
	return cos(CIS_TWO_PI * dd_rest(dd_scale(t, f_hz)));
}

static double sin_of(double f_hz, struct dd t)
{
	return sin(CIS_TWO_PI * dd_rest(dd_scale(t, f_hz)));
}

/* cos(x - pi) = -cos(x). */
double cis_signal_extra_turns(const struct cis_signal *sig, struct dd t)
{
	double rad = 0;

	if (sig->pm_rad != 0)
		rad -= sig->pm_rad * cos_of(sig->pm_hz, t);
	if (t.hi >= sig->step_s)
		rad += sig->step_rad;
	return rad / CIS_TWO_PI;
}

double cis_signal_level(const struct cis_signal *sig, struct dd t)
{
	double level = 1;

	if (sig->am != 0)
		level += sig->am * cos_of(sig->am_hz, t);
	if (t.hi >= sig->step_s)
		level *= 1 + sig->step_mag;
	return level;
}

double cis_signal_freq_hz(const struct cis_signal *sig, struct dd t)
{
	double f_hz = sig->f_hz;

	if (t.hi >= sig->ramp_end_s)
		f_hz = sig->f_to_hz;
	else if (ramps(sig, t))
		f_hz += sig->rocof_hz_per_s * ((t.hi - sig->rocof_s) + t.lo);
	if (sig->pm_rad != 0)
		f_hz += sig->pm_rad * sig->pm_hz * sin_of(sig->pm_hz, t);
	return f_hz;
}

double cis_signal_rocof_hz_per_s(const struct cis_signal *sig, struct dd t)
{
	double rocof = 0;

	if (ramps(sig, t) && t.hi < sig->ramp_end_s)
		rocof = sig->rocof_hz_per_s;
	if (sig->pm_rad != 0)
		rocof += sig->pm_rad * sig->pm_hz * sig->pm_hz * CIS_TWO_PI *
			 cos_of(sig->pm_hz, t);
	return rocof;
}

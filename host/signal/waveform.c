/* waveform.c - samples of the signal; see signal.h. */
#include <math.h>

#include "noise.h"
#include "phase.h"

#define SQRT2 1.414213562373095048802

static double cos_turns(double turns)
{
	return cos(CIS_TWO_PI * (turns - rint(turns)));
}

/* Harmonics as a multiple of the fundamental's amplitude. */
static double harmonics(const struct cis_signal *sig, double turns)
{
	double sum = 0;

	for (unsigned n = 2; n <= sig->top_harm; n++)
		if (sig->harm[n] != 0)
			sum += sig->harm[n] *
			       cos_turns(n * turns +
					 sig->harm_rad[n] / CIS_TWO_PI);
	return sum;
}

/* Interharmonic and offset as a multiple of the unmodulated amplitude. */
static double others(const struct cis_signal *sig, double angle_turns,
		     struct dd t)
{
	double sum = sig->dc;

	if (sig->ih != 0)
		sum += sig->ih * cos_turns(dd_rest(dd_scale(t, sig->ih_hz)) +
					   angle_turns);
	return sum;
}

static double noise(const struct cis_signal *sig, unsigned chan, uint64_t n)
{
	uint64_t what = cis_noise_of_chan(chan);

	if (sig->sigma[chan] == 0)
		return 0;
	if (sig->noise_uniform)
		return sig->sigma[chan] * sqrt(3) *
		       cis_noise_uniform(sig->seed, what, n);
	return sig->sigma[chan] * cis_noise_gauss(sig->seed, what, n);
}

/* Half the number of the converter's values. */
static double half_codes(const struct cis_signal *sig)
{
	return ldexp(0.5, (int)sig->bits);
}

static double quantise(const struct cis_signal *sig, unsigned chan, double x)
{
	double lsb = sig->lsb[chan / 3], half = half_codes(sig);

	if (lsb == 0)
		return x;
	return lsb * fmin(fmax(rint(x / lsb), -half), half - 1);
}

double cis_signal_sample(const struct cis_signal *sig, unsigned chan, int64_t s,
			 double frac_s, uint64_t n)
{
	struct dd t = cis_signal_time(s, frac_s);
	double angle = sig->angle_rad[chan] / CIS_TWO_PI;
	double turns = cis_signal_turns(sig, t) + angle +
		       cis_signal_extra_turns(sig, t);
	double level = cis_signal_level(sig, t);
	double x = level * (cos_turns(turns) + harmonics(sig, turns)) +
		   others(sig, angle, t);

	x *= SQRT2 * sig->rms[chan] * sig->gain[chan];
	return quantise(sig, chan, x + noise(sig, chan, n));
}

bool cis_signal_clips(const struct cis_signal *sig, unsigned chan, double x)
{
	double lsb = sig->lsb[chan / 3], half = half_codes(sig);

	return lsb != 0 && (x >= lsb * (half - 1) || x <= -lsb * half);
}

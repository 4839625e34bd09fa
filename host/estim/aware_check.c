/*
 * aware_check.c - lines in the residual.
 *
 * Of n lines of white noise the strongest exceeds x times the mean with a
 * probability of n exp(-x). The median of the lines, over ln 2, is their mean
 * whatever a few strong ones do; what it is uncertain by, with no fewer than 16
 * lines, is well below one half.
 *
 * Not the model's fault, however clearly they stand out, are: rounding; and
 * lines of the converter. A sine that repeats within a few cycles, sampled
 * without noise, is rounded the same way every time: the error's power, q^2/12,
 * falls on few lines. At worst, when it repeats every other cycle, on fs/f
 * lines, half of them harmonics: amplitude q sqrt(f/(6 fs)) on the average,
 * three times that at most.
 */
#include <math.h>
#include <stdlib.h>

#include "aware_parts.h"

#define MIN_LINE   16
/* exp(-8): what 4 sigma are for a phasor. */
#define ODDS       8
/* Of samples and their differences, over the amplitude. */
#define ROUNDING   1e-12
/* Rounding alone leaves q/sqrt(12) = 0.29 q; noise of a fifth of a step more. */
#define ROUNDED    0.35
/* So many samples tell the converter's step. */
#define MAX_CHANGE 10000

/* The greatest common measure of the changes from one sample to the next, to a
 * hundredth: the converter's step. No finer than a FLOAT32 has it. */
static double quantum(const double *s, size_t n, double a)
{
	double g = 0, finest = ldexp(a, -24);

	for (size_t i = 1; i < n && i < MAX_CHANGE; i++) {
		double change = fabs(s[i] - s[i - 1]), rest = change;

		if (g > 0)
			rest = fabs(remainder(change, g));
		while (rest > 0.01 * g) {
			double next = g > 0 ? fabs(remainder(g, rest)) : 0;

			g = rest;
			rest = next;
		}
		if (g > 0 && g < finest)
			return finest;
	}
	return g > finest ? g : finest;
}

/* A line in what a fit has left. */
struct line {
	double f_hz;
	double amplitude; /* peak, V or A; 0: none that counts */
};

/* Lines [lo, hi) of a spectrum, and what is left out in between. */
struct band {
	size_t lo, hi;
	double harm_hz;  /* fundamental, if its harmonics are left out */
	double apart_hz; /* by so much on either side */
};

static bool counts(const struct band *b, double f_hz)
{
	double h = rint(f_hz / b->harm_hz);

	return !(b->harm_hz > 0) || h < 2 ||
	       fabs(f_hz - h * b->harm_hz) > h * b->apart_hz;
}

/* Median of the lines that count, and their number. Sorts in `room`, which may
 * begin where the power does if nothing reads it later. */
static double median_power(const struct cis_spectrum *sp, const struct band *b,
			   double *room, size_t *n)
{
	*n = 0;
	for (size_t i = b->lo; i < b->hi; i++)
		if (counts(b, (double)i * sp->bin_hz))
			room[(*n)++] = sp->power[i];
	return cis_aware_median(room, *n);
}

static size_t strongest(const struct cis_spectrum *sp, const struct band *b)
{
	size_t best = b->lo;

	for (size_t i = b->lo; i < b->hi; i++)
		if (counts(b, (double)i * sp->bin_hz) &&
		    sp->power[i] > sp->power[best])
			best = i;
	return best;
}

static struct band band_of(const struct cis_aware_tools *tools,
			   const struct cis_fitted *f,
			   const struct cis_spectrum *sp, double length_s)
{
	const double *p = f->wave.par;
	double fnom = tools->fnom_hz;
	struct band b = {.lo = (size_t)(0.2 * fnom / sp->bin_hz) + 1,
			 .hi = (size_t)(2.5 * fnom / sp->bin_hz)};

	if (b.hi > sp->n / 2)
		b.hi = sp->n / 2;
	if (f->top_harm > 1)
		return b;
	b.harm_hz = p[CIS_PAR_F];
	b.apart_hz = 3 / length_s;
	if (f->wave.model == CIS_MODEL_RAMP)
		b.apart_hz += fabs(p[CIS_PAR_R]) * length_s / 2;
	if (f->wave.model == CIS_MODEL_MOD)
		b.apart_hz += 3 * p[CIS_PAR_FM];
	return b;
}

/* The strongest line between 0.2 and 2.5 fnom that stands out of the noise
 * around it and is not the converter's. Spends the residual. */
static struct line find_line(struct cis_aware_tools *tools,
			     const struct cis_track *t,
			     const struct cis_fitted *f, double q)
{
	size_t n = cis_track_n(t), n_line, best;
	double f_hz = fabs(f->wave.par[CIS_PAR_F]), rate_hz = t->rate_hz;
	double length_s, excess, odds;
	struct cis_view v = cis_scope_thin(tools->scope, tools->residual, n);
	struct cis_spectrum sp;
	struct line left = {.amplitude = 0};
	struct band b;

	length_s = (double)v.n / v.rate_hz;
	sp = cis_scope_spectrum(tools->scope, &v);
	b = band_of(tools, f, &sp, length_s);
	best = strongest(&sp, &b);
	left.f_hz = (double)best * sp.bin_hz;
	left.amplitude = 2 * sqrt(sp.power[best]) / sp.unit;
	excess = sp.power[best];
	excess /= median_power(&sp, &b, tools->residual, &n_line) / log(2);
	/* Lines of the spectrum are closer than the recording tells apart. */
	odds = 1.5 * (ODDS + log((double)n_line + 1));
	if (n_line < MIN_LINE || !(excess > odds) ||
	    left.amplitude < 3 * q * sqrt(f_hz / (6 * rate_hz)))
		left.amplitude = 0;
	return left;
}

void cis_aware_check_residual(struct cis_aware *aw, uint32_t c)
{
	struct cis_aware_chan *ch = &aw->chan[c];
	struct cis_track t = cis_aware_track(aw, c);
	double a = fabs(ch->fit.wave.par[CIS_PAR_A]), q;
	struct line left;

	if (ch->outcome != CIS_AWARE_HOLDS)
		return;
	q = quantum(cis_track_samples(&t), cis_track_n(&t), a);
	ch->rounded = ch->fit.sigma < ROUNDED * q;
	cis_fitted_residual(&ch->fit, &t, aw->tools.residual);
	left = find_line(&aw->tools, &t, &ch->fit, q);
	if (left.amplitude > 0)
		cis_aware_refuse(
			ch,
			"the residual is not noise: %.2g %% of the fundamental "
			"at %.4g Hz",
			100 * left.amplitude / a, left.f_hz);
}

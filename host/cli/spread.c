/* spread.c - see spread.h. */
#include "spread.h"

#include <math.h>

#define LEAST   1e-6
#define PER_BIN 1.01

static unsigned bin_of(double magnitude)
{
	double i = floor(log(magnitude / LEAST) / log(PER_BIN));

	return i < CIS_SPREAD_BINS ? (unsigned)i : CIS_SPREAD_BINS - 1;
}

void cis_spread_add(struct cis_spread *s, double v)
{
	if (isnan(v))
		return;
	if (s->n == 0 || v < s->min)
		s->min = v;
	if (s->n == 0 || v > s->max)
		s->max = v;
	s->n++;
	if (fabs(v) < LEAST)
		s->n_zero++;
	else if (v > 0)
		s->plus[bin_of(v)]++;
	else
		s->minus[bin_of(-v)]++;
}

static double middle(unsigned bin)
{
	return LEAST * pow(PER_BIN, bin + 0.5);
}

static double within(const struct cis_spread *s, double v)
{
	return fmax(s->min, fmin(s->max, v));
}

double cis_spread_quantile(const struct cis_spread *s, double q)
{
	double rank = fmax(1, ceil(q * (double)s->n));
	uint64_t n = 0;

	if (s->n == 0)
		return (double)NAN;
	for (unsigned i = CIS_SPREAD_BINS; i-- > 0;) {
		n += s->minus[i];
		if ((double)n >= rank)
			return within(s, -middle(i));
	}
	n += s->n_zero;
	if ((double)n >= rank)
		return within(s, 0);
	for (unsigned i = 0; i < CIS_SPREAD_BINS; i++) {
		n += s->plus[i];
		if ((double)n >= rank)
			return within(s, middle(i));
	}
	return s->max;
}

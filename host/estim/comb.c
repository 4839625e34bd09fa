/*
 * comb.c - the table of docs/estimator.md 3.2.
 */
#include "comb.h"

#include <math.h>
#include <stdlib.h>

#include "design_parts.h"

#define MAX_BAND 8

/* Teeth at whole multiples of step_hz, lo_hz + n step_hz, of an amplitude
 * `level` in 5 Hz. */
struct band {
	double lo_hz, hi_hz, step_hz, level;
	bool of_side; /* on either side of the seed */
};

struct bands {
	size_t n;
	struct band band[MAX_BAND];
};

static void add(struct bands *b, struct band band)
{
	b->band[b->n++] = band;
}

/* The orders of modulation: each begins where the one before has ended. */
static void add_sides(struct bands *b, double report_hz)
{
	static const double level[3] = {0.1, 2e-3, 3e-5};
	bool slow = report_hz < 40;
	double step = 0.25 * (slow ? report_hz / 50 : 1), lo = step;

	for (int i = 0; i < (slow ? 2 : 3); i++) {
		double hi = 5.2 * (i + 1);

		if (slow)
			hi = fmin(hi * fmin(report_hz / 5, 5) / 5,
				  0.4 * report_hz);
		add(b, (struct band){lo, hi, step, level[i], true});
		lo = step * (floor(hi / step) + 1);
	}
}

static void add_out_of_band(struct bands *b, const struct cis_design *d,
			    double report_hz)
{
	double step = 0.5 * fmin(1, report_hz / 50);
	double level = d->profile == CIS_PROFILE_M && report_hz >= d->fnom_hz
			       ? 0.05
			       : 0.2;

	if (d->report_hz > d->fnom_hz)
		return;
	add(b,
	    (struct band){10, d->fnom_hz - report_hz / 2, step, level, false});
	add(b, (struct band){d->fnom_hz + report_hz / 2, 2 * d->fnom_hz, step,
			     level, false});
}

static size_t count(const struct band *b)
{
	double n = floor((b->hi_hz - b->lo_hz) / b->step_hz + 1e-6) + 1;

	return n > 0 ? (size_t)n : 0;
}

static void cut(struct cis_comb *comb, const struct band *b, double seed_hz)
{
	double var = b->level * b->level * b->step_hz / 5;

	for (size_t i = 0; i < count(b); i++) {
		double hz = b->lo_hz + (double)i * b->step_hz;
		struct cis_tooth tooth = {hz, var, b->of_side};

		if (b->of_side) {
			tooth.hz = seed_hz - hz;
			comb->tooth[comb->n++] = tooth;
			tooth.hz = seed_hz + hz;
		}
		comb->tooth[comb->n++] = tooth;
	}
}

bool cis_comb_init(struct cis_comb *comb, const struct cis_design *d,
		   double seed_hz, double top_hz)
{
	double report_hz = cis_design_report_hz(d);
	struct bands b = {0};
	size_t n = 0;

	add_sides(&b, report_hz);
	add(&b, (struct band){1, 8, 1, 1e-2, false});
	add_out_of_band(&b, d, report_hz);
	add(&b, (struct band){2 * d->fnom_hz + 1, top_hz, 2, 0.02, false});
	for (size_t i = 0; i < b.n; i++)
		n += count(&b.band[i]) * (b.band[i].of_side ? 2 : 1);
	*comb = (struct cis_comb){.tooth = malloc(n * sizeof(*comb->tooth))};
	if (!comb->tooth)
		return false;
	for (size_t i = 0; i < b.n; i++)
		cut(comb, &b.band[i], seed_hz);
	return true;
}

void cis_comb_free(struct cis_comb *comb)
{
	free(comb->tooth);
}

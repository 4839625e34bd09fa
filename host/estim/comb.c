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

/* Below 40 reports/s windows are long: what lies beside the fundamental is
 * narrower then, and ramps fill it. */
static bool is_slow(double report_hz)
{
	return report_hz < 40;
}

/* Windows grow as 1/report_hz, and combs leave no gaps between teeth. */
static double finer(double report_hz)
{
	return fmin(1, report_hz / 50);
}

/* The orders of modulation: each begins where the one before has ended. */
static void add_sides(struct bands *b, double report_hz)
{
	static const double fast[3] = {0.1, 2e-3, 3e-5}, slow[2] = {0.5, 5e-4};
	bool is = is_slow(report_hz);
	double step = 0.25 * (is ? finer(report_hz) : 1), lo = step;

	for (int i = 0; i < (is ? 2 : 3); i++) {
		double hi = 5.2 * (i + 1);

		if (is)
			hi = fmin(hi * fmin(report_hz / 25, 1),
				  0.4 * report_hz);
		add(b,
		    (struct band){lo, hi, step, is ? slow[i] : fast[i], true});
		lo = step * (floor(hi / step) + 1);
	}
}

/*
 * The standard's tones lie outside fnom -+ report_hz / 2, about a carrier within
 * 0.05 report_hz of fnom. Further off, where it asks for ramps alone, the teeth
 * keep from the seed the distance that they have from fnom.
 */
static double band_middle_hz(const struct cis_design *d, double seed_hz)
{
	double most = 0.05 * cis_design_report_hz(d) + 0.25;

	return fabs(seed_hz - d->fnom_hz) <= most ? d->fnom_hz : seed_hz;
}

/* The first teeth are where the band ends, the last about 10 Hz and 2 fnom. */
static void add_out_of_band(struct bands *b, const struct cis_design *d,
			    double seed_hz)
{
	double report_hz = cis_design_report_hz(d);
	double middle_hz = band_middle_hz(d, seed_hz);
	bool narrow = d->profile == CIS_PROFILE_M && report_hz >= d->fnom_hz;
	struct band low = {.hi_hz = middle_hz - report_hz / 2,
			   .step_hz = 0.5 * finer(report_hz),
			   .level = narrow ? 0.05 : 0.2};
	struct band high = low;

	low.lo_hz = low.hi_hz -
		    low.step_hz * floor((low.hi_hz - 10) / low.step_hz + 1e-6);
	high.lo_hz = middle_hz + report_hz / 2;
	high.hi_hz = 2 * d->fnom_hz;
	if (d->report_hz > d->fnom_hz)
		return;
	add(b, low);
	add(b, high);
}

/* Without out-of-band columns the stop band alone holds what is there. */
static double stop_step(const struct cis_design *d)
{
	return d->report_hz > d->fnom_hz ? 1 : 2;
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
	add(&b, (struct band){1, 8, finer(report_hz), 1e-2, false});
	add_out_of_band(&b, d, seed_hz);
	add(&b, (struct band){2 * d->fnom_hz + 1, top_hz,
			      stop_step(d) * finer(report_hz), 0.02, false});
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

/* block_diff.c - see block_diff.h. */
#include "block_diff.h"

#include <complex.h>
#include <math.h>
#include <stdbool.h>

#define PHASOR_EPS  0x1p-20
#define REAL_EPS    0x1p-21
#define ANGLE_STEP  1e-4 /* rad: int16, clause 6.3 */
#define FREQ_STEP   1e-3 /* Hz */
#define ROCOF_STEP  1e-2 /* Hz/s */
#define PER_PHUNIT  1e-5
#define PHUNIT_MASK 0xFFFFFF

static bool is_nan(double complex p)
{
	return isnan(creal(p)) || isnan(cimag(p));
}

/* |p| to a third, which is enough to see that a difference is nothing. */
static double size(double complex p)
{
	return fmax(fabs(creal(p)), fabs(cimag(p)));
}

static double phasor_step(const struct cis_c37_channel *ch)
{
	return ch->scale != 0 ? fabs((double)ch->scale)
			      : PER_PHUNIT * (ch->unit & PHUNIT_MASK);
}

static double phasor_tolerance(const struct cis_c37_pmu *pmu, uint16_t i,
			       double mag)
{
	double step = phasor_step(&pmu->phasor[i]);

	if (pmu->format & CIS_C37_FMT_PHASOR_FLOAT)
		return PHASOR_EPS * mag;
	if (pmu->format & CIS_C37_FMT_POLAR)
		return PHASOR_EPS * mag + hypot(step, ANGLE_STEP * mag);
	return PHASOR_EPS * mag + hypot(step, step);
}

static bool same_phasor(const struct cis_c37_pmu *pmu, uint16_t i,
			double complex ours, double complex theirs)
{
	double complex d = ours - theirs;

	if (is_nan(ours) || is_nan(theirs))
		return is_nan(ours) && is_nan(theirs);
	if (size(d) <= PHASOR_EPS / 2 * size(ours))
		return true;
	return cabs(d) <= phasor_tolerance(pmu, i, cabs(ours));
}

static bool same_real(double ours, double theirs, double step)
{
	if (isnan(ours) || isnan(theirs))
		return isnan(ours) && isnan(theirs);
	return fabs(ours - theirs) <= step + REAL_EPS * fabs(ours);
}

/* ---- parts of a block ---- */

static bool same_phasors(const struct cis_diff_side *ours,
			 const struct cis_diff_side *theirs, const int16_t *map,
			 uint16_t *channel)
{
	for (uint16_t i = 0; i < theirs->pmu->n_phasor; i++) {
		if (map[i] < 0 || map[i] >= ours->pmu->n_phasor)
			continue;
		*channel = i;
		if (!same_phasor(theirs->pmu, i,
				 ours->block->phasor_rms[map[i]],
				 theirs->block->phasor_rms[i]))
			return false;
	}
	return true;
}

static bool same_analogs(const struct cis_diff_side *ours,
			 const struct cis_diff_side *theirs, const int16_t *map,
			 uint16_t *channel)
{
	const struct cis_c37_pmu *pmu = theirs->pmu;
	bool is_float = pmu->format & CIS_C37_FMT_ANALOG_FLOAT;

	for (uint16_t i = 0; i < pmu->n_analog; i++) {
		double scale = (double)pmu->analog[i].scale;
		double step = is_float ? 0 : scale != 0 ? fabs(scale) : 1;

		if (map[i] < 0 || map[i] >= ours->pmu->n_analog)
			continue;
		*channel = i;
		if (!same_real(ours->block->analog[map[i]],
			       theirs->block->analog[i], step))
			return false;
	}
	return true;
}

static bool same_digitals(const struct cis_diff_side *ours,
			  const struct cis_diff_side *theirs, uint16_t *channel)
{
	for (uint16_t i = 0;
	     i < theirs->pmu->n_digital && i < ours->pmu->n_digital; i++) {
		*channel = i;
		if (ours->block->digital[i] != theirs->block->digital[i])
			return false;
	}
	return true;
}

static enum cis_diff_what values(const struct cis_diff_side *ours,
				 const struct cis_diff_side *theirs,
				 const struct cis_diff_map *map,
				 uint16_t *channel)
{
	bool is_float = theirs->pmu->format & CIS_C37_FMT_FREQ_FLOAT;

	if (!same_phasors(ours, theirs, map->phasor, channel))
		return CIS_DIFF_PHASOR;
	if (!same_analogs(ours, theirs, map->analog, channel))
		return CIS_DIFF_ANALOG;
	if (!same_digitals(ours, theirs, channel))
		return CIS_DIFF_DIGITAL;
	*channel = 0;
	if (!same_real(ours->block->freq_hz, theirs->block->freq_hz,
		       is_float ? 0 : FREQ_STEP))
		return CIS_DIFF_FREQ;
	if (!same_real(ours->block->rocof_hz_per_s,
		       theirs->block->rocof_hz_per_s,
		       is_float ? 0 : ROCOF_STEP))
		return CIS_DIFF_ROCOF;
	return CIS_DIFF_NOTHING;
}

/* ---- STAT ---- */

/* 01 and 11 say that there is nothing to use; 10 is the 2011 edition's test, and
 * in that of 2005 "no data". */
static bool is_bad(unsigned error)
{
	return error & 1;
}

static bool has_nothing(const struct cis_diff_side *side)
{
	for (uint16_t i = 0; i < side->pmu->n_phasor; i++)
		if (!is_nan(side->block->phasor_rms[i]))
			return false;
	return isnan(side->block->freq_hz);
}

static unsigned data_error(const struct cis_diff_side *side)
{
	return side->block->stat >> 14;
}

static uint16_t our_channel(const struct cis_diff_map *map,
			    const struct cis_diff *diff)
{
	if (diff->what == CIS_DIFF_PHASOR)
		return (uint16_t)map->phasor[diff->channel];
	if (diff->what == CIS_DIFF_ANALOG)
		return (uint16_t)map->analog[diff->channel];
	return diff->channel;
}

enum cis_back cis_block_diff(const struct cis_diff_side *ours,
			     const struct cis_diff_side *theirs,
			     const struct cis_diff_map *map,
			     struct cis_diff *diff)
{
	unsigned was = data_error(ours), is = data_error(theirs);
	uint16_t bits = ours->block->stat ^ theirs->block->stat;

	*diff = (struct cis_diff){.marked = bits & CIS_DIFF_STAT_FREE};
	if (is_bad(was) && is)
		return CIS_BACK_WHOLE;
	if (is != was && is)
		return CIS_BACK_MISSING;
	if (!is_bad(was) && has_nothing(theirs) && !has_nothing(ours))
		return CIS_BACK_MISSING;
	if (is != was ||
	    bits & ~(CIS_DIFF_STAT_FREE | CIS_C37_STAT_ERROR_MASK)) {
		diff->what = CIS_DIFF_STAT;
		return CIS_BACK_CHANGED;
	}
	diff->what = values(ours, theirs, map, &diff->channel);
	diff->ours = our_channel(map, diff);
	return diff->what == CIS_DIFF_NOTHING ? CIS_BACK_WHOLE
					      : CIS_BACK_CHANGED;
}

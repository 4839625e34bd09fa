/* lint_units.c - scales, masks and what else CFG-3 says of a PMU. */
#include <math.h>

#include "lint_in.h"

static float f32_at(const struct lint_frame *f, size_t at)
{
	uint32_t bits = cis_be32(f->p + at);
	float v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

/* ---- CFG-1 and CFG-2 ---- */

static void check_phunit(const struct lint_frame *f, const struct lint_pmu *pmu,
			 unsigned i, unsigned k)
{
	size_t at = pmu->units + 4u * k;
	uint32_t unit = cis_be32(f->p + at);
	bool is_float = pmu->format & CIS_C37_FMT_PHASOR_FLOAT;

	if (unit >> 24 > 1)
		lint_say(f, LINT_CFG_PHUNIT_KIND, at, "PHUNIT",
			 "phasor %u of PMU %u has the kind %u", k + 1, i + 1,
			 (unsigned)(unit >> 24));
	if (!is_float && (unit & 0xFFFFFF) == 0)
		lint_say(f, LINT_CFG_PHUNIT, at, "PHUNIT",
			 "phasor %u of PMU %u is int16 with the scale 0", k + 1,
			 i + 1);
}

void lint_units(const struct lint_frame *f, const struct lint_pmu *pmu,
		unsigned i)
{
	size_t at = pmu->units + 4u * pmu->n_phasor;

	for (unsigned k = 0; k < pmu->n_phasor; k++)
		check_phunit(f, pmu, i, k);
	for (unsigned k = 0; k < pmu->n_analog; k++, at += 4)
		if (f->p[at] > 2 && f->p[at] < 65)
			lint_say(f, LINT_CFG_ANUNIT, at, "ANUNIT",
				 "analog %u of PMU %u has the kind %u", k + 1,
				 i + 1, f->p[at]);
}

/* ---- CFG-3 ---- */

static bool is_scale(float v)
{
	return isfinite(v) && fpclassify(v) != FP_ZERO;
}

static void check_phscale(const struct lint_frame *f, size_t at, unsigned i,
			  unsigned k)
{
	unsigned flags = lint_u16(f, at), kind = f->p[at + 2];

	if (flags & 0x7801 || kind & 0xF0)
		lint_say(f, LINT_CFG3_PHSCALE, at, "PHSCALE",
			 "phasor %u of PMU %u has the flags %04X and the kind "
			 "%02X",
			 k + 1, i + 1, flags, kind);
	if (!is_scale(f32_at(f, at + 4)) || !isfinite(f32_at(f, at + 8)))
		lint_say(f, LINT_CFG3_SCALE, at + 4, "PHSCALE",
			 "phasor %u of PMU %u has the scale %g and the angle "
			 "%g",
			 k + 1, i + 1, (double)f32_at(f, at + 4),
			 (double)f32_at(f, at + 8));
}

static void check_anscale(const struct lint_frame *f, size_t at, unsigned i,
			  unsigned k)
{
	if (is_scale(f32_at(f, at)) && isfinite(f32_at(f, at + 4)))
		return;
	lint_say(f, LINT_CFG3_SCALE, at, "ANSCALE",
		 "analog %u of PMU %u has the scale %g and the offset %g",
		 k + 1, i + 1, (double)f32_at(f, at),
		 (double)f32_at(f, at + 4));
}

/* Infinity (or NaN) stands for a position that is not known. */
static void check_position(const struct lint_frame *f, size_t at, unsigned i)
{
	double lat_deg = (double)f32_at(f, at);
	double lon_deg = (double)f32_at(f, at + 4);

	if ((isfinite(lat_deg) && fabs(lat_deg) > 90) ||
	    (isfinite(lon_deg) && fabs(lon_deg) > 180))
		lint_say(f, LINT_CFG3_POSITION, at, "PMU_LAT",
			 "PMU %u is at %g, %g degrees", i + 1, lat_deg,
			 lon_deg);
}

static void check_class(const struct lint_frame *f, size_t at, unsigned i)
{
	uint8_t c = f->p[at];
	int32_t window = (int32_t)cis_be32(f->p + at + 1);
	int32_t delay = (int32_t)cis_be32(f->p + at + 5);

	/* A blank claims none. */
	if (c != 'M' && c != 'P' && c != ' ')
		lint_say(f, LINT_CFG3_CLASS, at, "SVC_CLASS",
			 "the service class of PMU %u is %02X (hex)", i + 1, c);
	if (window < 0 || delay < 0)
		lint_say(f, LINT_CFG3_WINDOW, at + 1, "WINDOW",
			 "PMU %u has a window of %d us and a group delay of "
			 "%d us",
			 i + 1, (int)window, (int)delay);
}

void lint_units3(const struct lint_frame *f, const struct lint_pmu *pmu,
		 unsigned i)
{
	size_t at = pmu->units;

	for (unsigned k = 0; k < pmu->n_phasor; k++, at += 12)
		check_phscale(f, at, i, k);
	for (unsigned k = 0; k < pmu->n_analog; k++, at += 8)
		check_anscale(f, at, i, k);
	check_position(f, pmu->fnom_at - 21, i);
	check_class(f, pmu->fnom_at - 9, i);
}

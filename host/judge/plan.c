/* plan.c - which point is whose, and what families share; see plan.h. */
#include "cisoid/plan.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/judge/points.h"

#define SQRT2 1.414213562373095048802

/* Peak of the converter's range, in nominal peaks. */
#define RANGE         1.5
#define RANGE_CURRENT 2.5 /* of currents tested to 200 % */

static const struct cis_family *const families[CIS_N_TEST] = {
	[CIS_TEST_STEADY_FREQUENCY] = &cis_family_frequency,
	[CIS_TEST_STEADY_MAGNITUDE_VOLTAGE] = &cis_family_magnitude,
	[CIS_TEST_STEADY_MAGNITUDE_CURRENT] = &cis_family_magnitude,
	[CIS_TEST_STEADY_PHASE] = &cis_family_phase,
	[CIS_TEST_HARMONIC] = &cis_family_harmonic,
	[CIS_TEST_OUT_OF_BAND] = &cis_family_band,
	[CIS_TEST_MODULATION_AMPLITUDE] = &cis_family_modulation,
	[CIS_TEST_MODULATION_PHASE] = &cis_family_modulation,
	[CIS_TEST_MODULATION_COMBINED] = &cis_family_modulation,
	[CIS_TEST_FREQUENCY_RAMP] = &cis_family_ramp,
	[CIS_TEST_STEP_MAGNITUDE] = &cis_family_step,
	[CIS_TEST_STEP_PHASE] = &cis_family_step,
	[CIS_TEST_REPORTING_LATENCY] = &cis_family_latency,
};

/* ---- the plan ---- */

static int check(const struct cis_plan_config *cfg, struct cis_diag *diag)
{
	struct cis_signal sig;
	char text[16];

	if (cis_criteria_check(&cfg->criteria, diag))
		return -EINVAL;
	if (cfg->repeats < 2)
		return cis_fail(diag, -EINVAL,
				"steps are repeated 2 times or more, not %u",
				cfg->repeats);
	cis_signal_init(&sig);
	snprintf(text, sizeof(text), "%u", cfg->bits);
	if (cis_signal_set(&sig, "bits", text, diag))
		return -EINVAL;
	snprintf(text, sizeof(text), "%g", cfg->snr_db);
	return cis_signal_set(&sig, "snr_db", text, diag);
}

static void lay_out(struct cis_plan *plan)
{
	for (unsigned t = 0; t < CIS_N_TEST; t++) {
		uint32_t n = 0;

		if (plan->cfg.wanted[t])
			plan->limit[t] = cis_limit_find(&plan->cfg.criteria,
							(enum cis_test)t);
		if (plan->limit[t])
			n = families[t]->count(plan, plan->limit[t]);
		plan->first[t + 1] = plan->first[t] + n;
	}
}

int cis_plan_new(const struct cis_plan_config *cfg, struct cis_plan **out,
		 struct cis_diag *diag)
{
	struct cis_plan *plan;

	if (check(cfg, diag))
		return -EINVAL;
	plan = calloc(1, sizeof(*plan));
	if (!plan)
		return cis_fail(diag, -ENOMEM, "out of memory");
	plan->cfg = *cfg;
	lay_out(plan);
	if (plan->first[CIS_N_TEST] == 0) {
		free(plan);
		return cis_fail(diag, -EINVAL,
				"none of the tests asked for is in this "
				"edition for class %s",
				cfg->criteria.perf_class == CIS_CLASS_P ? "P"
									: "M");
	}
	*out = plan;
	return 0;
}

void cis_plan_free(struct cis_plan *plan)
{
	free(plan);
}

uint32_t cis_plan_size(const struct cis_plan *plan)
{
	return plan->first[CIS_N_TEST];
}

uint32_t cis_plan_count(const struct cis_plan *plan, enum cis_test test)
{
	return plan->first[test + 1] - plan->first[test];
}

double cis_plan_window_s(const struct cis_plan *plan)
{
	const struct cis_criteria *c = &plan->cfg.criteria;

	return 14 / fmin(c->report_rate, c->fnom_hz);
}

bool cis_plan_counts(const struct cis_plan_point *point, double t_s)
{
	const double slack_s = 1e-9; /* of t itself */

	for (unsigned i = 0; i < 2; i++)
		if (fabs(t_s - point->corner_s[i]) <
		    point->exclusion_s - slack_s)
			return false;
	return t_s >= point->from_s && t_s <= point->to_s;
}

/* ---- one point ---- */

static void begin(const struct cis_plan *plan, uint32_t i,
		  struct cis_plan_point *point)
{
	const struct cis_plan_config *cfg = &plan->cfg;
	struct cis_signal *sig = &point->sig;
	double range = point->current ? RANGE_CURRENT : RANGE;

	cis_signal_init(sig);
	cis_point_set(point, "fnom", cfg->criteria.fnom_hz);
	cis_point_set(point, "snr_db", cfg->snr_db);
	cis_point_set(point, "bits", cfg->bits);
	cis_point_set(point, "range_v", RANGE * SQRT2 * sig->given.rms[0]);
	cis_point_set(point, "range_a", range * SQRT2 * sig->given.rms[1]);
	sig->seed = cfg->seed + i;
}

void cis_plan_point(const struct cis_plan *plan, uint32_t i,
		    struct cis_plan_point *out)
{
	unsigned test = 0;
	int err;

	assert(i < cis_plan_size(plan));
	while (i >= plan->first[test + 1])
		test++;
	memset(out, 0, sizeof(*out));
	out->test = (enum cis_test)test;
	out->limit = plan->limit[test];
	out->corner_s[0] = out->corner_s[1] = out->exclusion_s = NAN;
	out->current = test == CIS_TEST_STEADY_MAGNITUDE_CURRENT;
	begin(plan, i, out);
	families[test]->make(plan, i - plan->first[test], out);
	err = cis_signal_finish(&out->sig, NULL);
	assert(!err);
	(void)err;
}

void cis_point_set(struct cis_plan_point *point, const char *key, double value)
{
	char text[32];
	int err;

	snprintf(text, sizeof(text), "%.17g", value);
	err = cis_signal_set(&point->sig, key, text, NULL);
	assert(!err);
	(void)err;
}

void cis_point_turn(struct cis_plan_point *point, double deg)
{
	cis_point_set(point, "v_deg", deg);
	cis_point_set(point, "i_deg", deg - 30);
}

void cis_point_label(struct cis_plan_point *point, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(point->label, sizeof(point->label), fmt, args);
	va_end(args);
}

/* A quarter of an interval on either side keeps rounding away. */
void cis_point_span(const struct cis_plan *plan, struct cis_plan_point *point,
		    int64_t first, int64_t n)
{
	double rate = plan->cfg.criteria.report_rate;

	point->from_s = ((double)first - 0.25) / rate;
	point->to_s = ((double)(first + n) - 0.75) / rate;
}

/* ---- swept values ---- */

uint32_t cis_grid_size(double min, double max, double step)
{
	return (uint32_t)ceil((max - min) / step - 1e-6) + 1;
}

double cis_grid_at(double min, double max, double step, uint32_t i)
{
	return fmin(min + i * step, max);
}

/* The finaliser of SplitMix64, Steele, Lea, Flood 2014. */
static uint64_t mix(uint64_t z)
{
	z += UINT64_C(0x9E3779B97F4A7C15);
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

double cis_plan_random(const struct cis_plan *plan, enum cis_test test,
		       uint32_t i)
{
	uint64_t bits = mix(mix(plan->cfg.seed) ^ ((uint64_t)test << 32 | i));

	return (double)(bits >> 11) * 0x1p-53;
}

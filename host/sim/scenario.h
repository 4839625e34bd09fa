/*
 * scenario.h - a scenario's parts, as its sources share them.
 */
#ifndef HOST_SIM_SCENARIO_H
#define HOST_SIM_SCENARIO_H

#include "cisoid/scenario.h"
#include "host/core/dd.h"

/* An event as it befalls the PMUs of a class. */
struct cis_use {
	uint32_t event;
	double for_s; /* of a ramp that was told its end: until there */
};

/* PMUs of one signal that the same events befall. */
struct cis_pmu_class {
	uint32_t sig;
	bool alone; /* noise, spread or a clock of its own */
	uint32_t first_use, n_use;
};

struct cis_scenario {
	struct cis_pmu_spread spread;
	uint64_t seed;
	uint16_t first_idcode;
	uint32_t count;
	struct cis_signal *sig; /* the scenario's, then the groups' */
	uint32_t n_sig;
	struct cis_event *event; /* without their sets of PMUs */
	uint32_t n_event;
	struct cis_use *use;
	struct cis_pmu_class *class;
	uint32_t n_class;
	uint32_t *class_of; /* [count] */
};

/* t - t0. */
static inline struct dd cis_scenario_time(int64_t t0_tai_s,
					  struct cis_instant at)
{
	struct cis_split_time stamp = cis_instant_split(at);

	return dd_sum((double)(stamp.tai_s - t0_tai_s), stamp.frac_s);
}

static inline const struct cis_pmu_class *
cis_class_of(const struct cis_scenario *sc, uint16_t idcode)
{
	return &sc->class[sc->class_of[idcode - sc->first_idcode]];
}

/* Makes classes, class_of and use. -ENOMEM; -EINVAL as of new(). */
int cis_scenario_classify(struct cis_scenario *sc,
			  const struct cis_scenario_parts *parts,
			  uint32_t *bad_event, struct cis_diag *diag);

/* What each PMU has of its own, evenly in [-1, 1): number n of a quantity. */
enum cis_pmu_quantity {
	CIS_PMU_VOLTAGE,
	CIS_PMU_CURRENT,
	CIS_PMU_ANGLE,
	CIS_PMU_DRIFT,
};

double cis_pmu_draw(const struct cis_scenario *sc, uint16_t idcode,
		    enum cis_pmu_quantity quantity, uint64_t n);

#endif

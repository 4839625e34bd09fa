/*
 * fleet.h - simulated PMUs of a scenario: each with a stream of its own, or all
 * of them in one as of a PDC.
 *
 * PMU p has IDCODE first + p. Analog i is a ramp from 100 i to 100 (i + 1) that
 * begins anew with every minute of SOC; digital word w holds the low 16 bits of
 * SOC + w. All is a function of the scenario, its seed, the IDCODE and UTC alone:
 * frames are numbered from t0.
 */
#ifndef HOST_SIM_FLEET_H
#define HOST_SIM_FLEET_H

#include "cisoid/diag.h"
#include "cisoid/scenario.h"
#include "maker.h"

/* What is pointed to must stay. */
struct cis_fleet {
	const struct cis_scenario *scenario; /* with its PMUs and signals */
	struct cis_c37_stream_opts stream;   /* before any change; idcode: that
					      * of the first PMU */
	uint32_t count;                      /* PMUs */
	uint16_t n_analog, n_digital;        /* of each, before any change */
	bool test_mode;                      /* STAT: test, do not use */
	const char *header;
	bool t0_stays;    /* else t0 is the whole second of the first frame */
	int64_t t0_tai_s; /* of the signal */
};

/* One stream each. -EINVAL, -ENOMEM with a message. */
int cis_maker_fleet(const struct cis_fleet *fleet, struct cis_maker **out,
		    struct cis_diag *diag);

/* One stream for all; -EINVAL also where so many do not go into one frame, which
 * says how many do. */
int cis_maker_concentrated(const struct cis_fleet *fleet,
			   struct cis_maker **out, struct cis_diag *diag);

/* ---- between the makers ---- */

struct cis_fleet_state {
	struct cis_fleet fleet;
	struct cis_instant first; /* frame number 0 */
	struct cis_time_quality quality;
	struct cis_report rep;
	struct cis_pmu_now now; /* of the PMU that was asked for last */
	bool changes;           /* configurations do */
	uint16_t *count;        /* [fleet.count] CFGCNT before any change */
	uint16_t stat;          /* bits that are set besides */
	size_t frame_max;
	struct cis_c37_config *cfg;
	struct cis_c37_data *data;
};

/* The configuration has the first n PMUs; there is room for whatever they become.
 * On failure nothing is left to free. */
int cis_fleet_init(struct cis_fleet_state *state, const struct cis_fleet *fleet,
		   uint16_t n, struct cis_diag *diag);
void cis_fleet_free(struct cis_fleet_state *state);

/* Number 0 is that of `first`. */
void cis_fleet_begin(struct cis_fleet_state *state, struct cis_instant first);
void cis_fleet_set_quality(struct cis_fleet_state *state,
			   const struct cis_time_quality *q);

static inline uint16_t cis_fleet_idcode(const struct cis_fleet_state *state,
					uint32_t p)
{
	return (uint16_t)(state->fleet.stream.idcode + p);
}

/* CFGCNT of PMU p. */
uint16_t cis_fleet_cfgcnt(const struct cis_fleet_state *state, uint32_t p,
			  struct cis_instant at);

/* It is `count` at `at`, and counts on from there. */
void cis_fleet_set_count(struct cis_fleet_state *state, uint32_t p,
			 struct cis_instant at, uint16_t count);

/* Phasors are scaled as those of `pmu`, if all of them fit. */
void cis_fleet_keep_scales(struct cis_fleet_state *state,
			   const struct cis_c37_pmu *pmu);

/* Sets state->now. */
void cis_fleet_look(struct cis_fleet_state *state, uint32_t p,
		    struct cis_instant at);

/* Place k of the configuration becomes that of PMU p at `at`: the shape of its
 * data, and with names all of it. After look(). */
void cis_fleet_shape(struct cis_fleet_state *state, uint16_t k, uint32_t p,
		     struct cis_instant at, bool names);

/* The same with names, without look(): where no configuration ever changes, what
 * befalls a PMU says nothing about it. state->now is nobody's afterwards. */
void cis_fleet_describe(struct cis_fleet_state *state, uint16_t k, uint32_t p,
			struct cis_instant at);

/* Its block of the data, and the time of the frame. After shape(). */
void cis_fleet_fill(struct cis_fleet_state *state, uint16_t k, uint32_t p,
		    struct cis_instant at);

#endif

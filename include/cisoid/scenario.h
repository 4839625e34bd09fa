/*
 * scenario.h - what a fleet of simulated PMUs does, as a function of time.
 *
 * Pure. What a PMU says at an instant follows from (scenario, seed, IDCODE, UTC)
 * and nothing else: no call changes the scenario or allocates, and any machine
 * that has it can say what any PMU of it said or will say. Times are seconds
 * after t0. Formulas: docs/scenario.md.
 */
#ifndef CISOID_SCENARIO_H
#define CISOID_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/c37.h"
#include "cisoid/diag.h"
#include "cisoid/report.h"
#include "cisoid/signal.h"

#define CIS_MAX_IDCODE 65534
#define CIS_MAX_EVENT  10000

/* ---- sets of PMUs ---- */

/* IDCODEs, as ranges in ascending order that do not touch. */
struct cis_pmu_range {
	uint16_t first, last;
};

struct cis_pmu_set {
	uint32_t n; /* 0: all there are */
	struct cis_pmu_range *range;
};

/* "1-40,55": -EINVAL with a message, -ENOMEM. */
int cis_pmu_set_parse(const char *text, struct cis_pmu_set *set,
		      struct cis_diag *diag);
void cis_pmu_set_free(struct cis_pmu_set *set);
bool cis_pmu_set_has(const struct cis_pmu_set *set, uint16_t idcode);
/* Whether it has one from first to last. */
bool cis_pmu_set_meets(const struct cis_pmu_set *set, uint16_t first,
		       uint16_t last);

/* ---- events ---- */

enum cis_event_kind {
	CIS_EVENT_RAMP,        /* frequency moves for for_s, and stays there */
	CIS_EVENT_STEP,        /* of magnitude and angle */
	CIS_EVENT_MODULATION,  /* sines, from zero */
	CIS_EVENT_OSCILLATION, /* a damped sine on magnitude and angle */
	CIS_EVENT_ISLAND,      /* frequency is off; then resynchronised */
	CIS_EVENT_GPS_LOSS,    /* the clock drifts, and tells it */
	CIS_EVENT_OUTAGE,      /* no frames, or frames without values */
	CIS_EVENT_CONFIG,      /* another configuration */
	CIS_EVENT_FLAGS,       /* bits of STAT */
	CIS_N_EVENT_KIND,
};

/* The words of the kinds: "ramp", "step", ... "gps_loss", "config_change". */
const char *cis_event_word(enum cis_event_kind kind);

/* What a configuration becomes; what is not told stays. */
struct cis_config_change {
	char station[CIS_C37_NAME_SIZE]; /* UTF-8; "": stays */
	int n_analog, n_digital;         /* -1: stays */
	int format;                      /* CIS_C37_FMT_*; -1: stays */
};

/*
 * Happens at at_s, and again every every_s seconds, `times` times in all: for
 * ever where that is 0. every_s 0: once. What for_s means, each says; INFINITY
 * is for good.
 */
struct cis_event {
	enum cis_event_kind kind;
	double at_s, for_s, every_s;
	uint32_t times;
	struct cis_pmu_set pmus; /* whom it befalls */
	unsigned channels;       /* 1 << channel, VA VB VC IA IB IC; of steps,
			    * modulations and oscillations */
	union {
		struct {
			double hz_per_s;
			double to_hz; /* for_s follows from it; NaN: not told */
			bool back;    /* and at once the same way back */
		} ramp;
		struct {
			double mag; /* magnitude x (1 + mag) */
			double rad;
		} step; /* back after for_s */
		struct {
			double am, am_hz;
			double pm_rad, pm_hz;
		} modulation; /* ends after for_s */
		struct {
			double hz, mag, rad;
			double damping; /* ratio: exp(-damping w t) */
		} oscillation;          /* cut off after for_s */
		struct {
			double hz;       /* off by so much for for_s, */
			double resync_s; /* then comes back within this */
		} island;
		struct {
			double drift; /* the clock falls behind by this, s/s, */
			double spread; /* +- this, each PMU its own, */
			double slew;   /* and comes back by this after for_s;
				      * INFINITY: at once */
		} gps_loss;
		struct {
			bool invalid; /* frames without values; else none */
		} outage;
		struct {
			double announce_s; /* bit 10 of STAT for so long */
			struct cis_config_change to; /* back after for_s */
		} config;
		struct {
			uint16_t stat; /* CIS_C37_STAT_* */
		} flags;
	};
};

/* Once, at 0, of all PMUs and channels; nothing moves yet. */
void cis_event_init(struct cis_event *event, enum cis_event_kind kind);

/* -EINVAL with a message, "key: what is wrong", keys as in docs/scenario.md. */
int cis_event_check(const struct cis_event *event, struct cis_diag *diag);

/* ---- the scenario ---- */

/* PMUs whose signal is another one. */
struct cis_pmu_group {
	char name[32];
	struct cis_pmu_set pmus;
	struct cis_signal sig; /* finished */
};

/* How far PMUs lie apart, each evenly within +- this: the magnitudes of its
 * voltages, those of its currents (fractions), and the angle of all. */
struct cis_pmu_spread {
	double mag;
	double rad;
};

/* What it is made of; all of it stays the caller's. */
struct cis_scenario_parts {
	struct cis_signal sig; /* finished; its seed is the scenario's */
	struct cis_pmu_spread spread;
	uint16_t first_idcode;
	uint32_t count; /* 1 to 65534; IDCODEs ascend from the first */
	uint32_t n_group;
	const struct cis_pmu_group *group;
	uint32_t n_event;
	const struct cis_event *event;
};

struct cis_scenario;

/*
 * Copies what it needs. -ENOMEM; -EINVAL with a message (as of event_check();
 * two groups that share a PMU), and *bad_event, if not NULL, is then the event's
 * index, or n_event where it is another part.
 */
int cis_scenario_new(const struct cis_scenario_parts *parts,
		     struct cis_scenario **out, uint32_t *bad_event,
		     struct cis_diag *diag);
void cis_scenario_free(struct cis_scenario *sc); /* NULL is allowed */

/*
 * PMUs of one class say the same at every instant but for the IDCODE and what
 * their configuration says, so one frame serves all. Classes are numbered from
 * 0; a PMU with noise, spread or a clock of its own has none. Two loads.
 */
#define CIS_CLASS_NONE UINT32_MAX
uint32_t cis_scenario_class(const struct cis_scenario *sc, uint16_t idcode);
uint32_t cis_scenario_n_class(const struct cis_scenario *sc);

/* The signal of a PMU: its group's, or that of the scenario. */
const struct cis_signal *cis_scenario_signal(const struct cis_scenario *sc,
					     uint16_t idcode);

/* ---- at an instant ---- */

/* What one PMU does at one instant, besides its values. */
struct cis_pmu_now {
	bool silent;      /* sends nothing */
	bool invalid;     /* sends frames without values */
	uint16_t stat;    /* bits of STAT that are set besides */
	bool has_quality; /* GPS lost: `quality` instead of the clock's */
	struct cis_time_quality quality;
	double late_s;      /* it takes what is at + late_s for what is at */
	double late_per_s;  /* and this grows */
	uint32_t variant;   /* changes of its configuration so far */
	bool change_ahead;  /* one is announced: bit 10 of 2011 */
	bool change_behind; /* one was, as long ago at most: bit 10 of 2005 */
	double change_in_s; /* until the one ahead; else INFINITY */
};

/* `at` of a signal that began at t0. */
void cis_scenario_now(const struct cis_scenario *sc, uint16_t idcode,
		      int64_t t0_tai_s, struct cis_instant at,
		      struct cis_pmu_now *now);

/* The STAT word of a frame: that of cis_c37_data_from_report(), which knows the
 * clock, and the bits that the scenario sets besides. */
uint16_t cis_pmu_now_stat(const struct cis_pmu_now *now,
			  const struct cis_c37_config *cfg, uint16_t stat);

/* The configuration that holds at `at`, against that of before t0. */
void cis_scenario_config(const struct cis_scenario *sc, uint16_t idcode,
			 int64_t t0_tai_s, struct cis_instant at,
			 struct cis_config_change *to);

/* What a PMU reports; `now` is that of the same PMU and instant. The time quality
 * is the one of `now`, or zeros, which are the caller's to replace. */
void cis_scenario_report(const struct cis_scenario *sc,
			 const struct cis_signal_frame *frame,
			 const struct cis_pmu_now *now, struct cis_report *rep);

#endif

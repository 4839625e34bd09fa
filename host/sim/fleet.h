/*
 * fleet.h - simulated PMUs by formula: each with a stream of its own, or all of
 * them in one as of a PDC.
 *
 * PMU p has IDCODE first + p, and its noise. Analog i is a ramp from 100 i to
 * 100 (i + 1) that begins anew with every minute of SOC; digital word w holds the
 * low 16 bits of SOC + w. All are functions of the signal, its seed, the IDCODE
 * and UTC alone: frames are numbered from t0.
 */
#ifndef HOST_SIM_FLEET_H
#define HOST_SIM_FLEET_H

#include "cisoid/diag.h"
#include "cisoid/signal.h"
#include "maker.h"

/* What is pointed to must stay. */
struct cis_fleet {
	const struct cis_signal *sig;      /* finished */
	uint32_t count;                    /* PMUs */
	struct cis_c37_stream_opts stream; /* idcode: of the first PMU */
	uint16_t n_analog, n_digital;      /* of each PMU */
	bool test_mode;                    /* STAT: test, do not use */
	const char *header;
	int64_t t0_tai_s;
};

/* One stream each. -EINVAL, -ENOMEM with a message. */
int cis_maker_fleet(const struct cis_fleet *fleet, struct cis_maker **out,
		    struct cis_diag *diag);

/* One stream for all; -EINVAL also where so many do not go into one frame, which
 * says how many do. */
int cis_maker_concentrated(const struct cis_fleet *fleet,
			   struct cis_maker **out, struct cis_diag *diag);

/* ---- between the makers ---- */

/* The configuration of the first n PMUs in one stream. */
int cis_fleet_config(const struct cis_fleet *fleet, uint16_t n,
		     struct cis_c37_config **out, struct cis_diag *diag);

#define CIS_FLEET_NAME_SIZE 256

/* "CISOID-SIM-0001": where there are several, with a number, for which the name
 * is cut. */
void cis_fleet_name(const struct cis_fleet *fleet, uint32_t p,
		    char name[CIS_FLEET_NAME_SIZE]);

/* Whether PMUs differ in their IDCODE alone. */
bool cis_fleet_is_alike(const struct cis_fleet *fleet);

struct cis_fleet_state {
	struct cis_instant first; /* frame number 0: of t0 */
	struct cis_time_quality quality;
	struct cis_report rep;
};

/* Locked, with the number of the first frame. */
void cis_fleet_begin(const struct cis_fleet *fleet,
		     struct cis_fleet_state *state);

/* What PMU p reports at `at`, in state->rep, with the time quality of `state`. */
void cis_fleet_report(const struct cis_fleet *fleet, uint32_t p,
		      struct cis_instant at, struct cis_fleet_state *state);

/* Analogs and digitals. */
void cis_fleet_fill_rest(const struct cis_c37_pmu *pmu, struct cis_instant at,
			 struct cis_c37_block *block);

#endif

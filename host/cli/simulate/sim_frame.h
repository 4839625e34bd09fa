/*
 * sim_frame.h - what a simulated stream says: one PMU, or many in one frame,
 * with phasors, analogs and digitals.
 *
 * PMU p of a frame is the signal with the noise of IDCODE first + p. Analog i is
 * a ramp from 100 i to 100 (i + 1) that begins anew with every minute of SOC;
 * digital word w holds the low 16 bits of SOC + w. All are functions of signal,
 * seed, IDCODE, frame number and UTC alone.
 */
#ifndef HOST_CLI_SIMULATE_SIM_FRAME_H
#define HOST_CLI_SIMULATE_SIM_FRAME_H

#include "sim.h"

/* -EINVAL, -ENOMEM with a message: among others that so many PMUs do not go into
 * one frame, and how many do. */
int cis_sim_config(const struct cis_sim_config *sc, const char *station,
		   struct cis_c37_config **out, struct cis_diag *diag);

struct cis_sim_instant {
	struct cis_instant at;
	int64_t t0_tai_s;                       /* of the signal */
	uint64_t n;                             /* frame number */
	const struct cis_time_quality *quality; /* NULL: declared */
};

/* All blocks of a frame; `rep` is room to work in. */
void cis_sim_fill(const struct cis_sim_config *sc,
		  const struct cis_sim_instant *now,
		  const struct cis_c37_config *cfg, struct cis_report *rep,
		  struct cis_c37_data *data);

#endif

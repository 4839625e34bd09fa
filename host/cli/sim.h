/*
 * sim.h - a simulated PMU: phasors in closed form, straight to frames.
 */
#ifndef HOST_CLI_SIM_H
#define HOST_CLI_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/signal.h"
#include "cisoid/time.h"
#include "endpoints.h"

struct cis_sim_config {
	struct cis_signal sig; /* finished */
	struct cis_rate rate;
	uint16_t idcode;
	uint16_t format;    /* CIS_C37_FMT_* */
	uint16_t edition;   /* 2005 or 2011; 0: 2011 */
	uint32_t time_base; /* 0: 1000000 */
	const char *station;
	bool test_mode;
	bool overwrite; /* pcap:FILE may exist */
	bool flat_out;  /* as fast as it goes, instead of by the clock */
	bool has_start;
	struct cis_time start;
	double duration_s; /* of data; INFINITY: until stopped */
	struct cis_endpoints endpoints;
};

/* Runs until the duration is over, or SIGINT or SIGTERM comes. Returns an exit
 * status; what went wrong was told. */
int cis_sim_run(const struct cis_sim_config *sc);

#endif

/*
 * sim.h - a simulated PMU: phasors in closed form, straight to frames.
 */
#ifndef HOST_CLI_SIMULATE_SIM_H
#define HOST_CLI_SIMULATE_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/scenario.h"
#include "cisoid/signal.h"
#include "cisoid/time.h"
#include "host/cli/endpoints.h"
#include "host/cli/stream_opts.h"

struct cis_sim_config {
	struct cis_signal sig; /* finished */
	struct cis_rate rate;
	uint16_t idcode;
	struct cis_stream_opts opts;
	uint32_t count; /* PMUs in the frame: idcode, idcode + 1, ... */
	uint16_t n_analog, n_digital; /* of each */
	const char *connection_file;  /* for PMU Connection Tester; or NULL */
	const char *station;
	bool test_mode;
	bool overwrite; /* pcap:FILE may exist */
	bool flat_out;  /* as fast as it goes, instead of by the clock */
	bool has_start;
	struct cis_time start;
	int64_t t0_tai_s;              /* of the signal */
	struct cis_scenario *scenario; /* of sig, and what happens to it */
	double duration_s;             /* of data; INFINITY: until stopped */
	struct cis_endpoints endpoints;
};

/* Runs until the duration is over, or SIGINT or SIGTERM comes. Returns an exit
 * status; what went wrong was told. */
int cis_sim_run(const struct cis_sim_config *sc);

#endif

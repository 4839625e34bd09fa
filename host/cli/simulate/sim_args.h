/*
 * sim_args.h - the command line of `simulate` as it is read: sim_args.c takes the
 * values, sim_check.c tells what only all of them together do.
 */
#ifndef HOST_CLI_SIMULATE_SIM_ARGS_H
#define HOST_CLI_SIMULATE_SIM_ARGS_H

#include "replay.h"
#include "scenario_doc.h"
#include "sim.h"
#include "sink.h"

#define CIS_SIM_MAX_ENDPOINT 16
#define CIS_SIM_MAX_COUNT    20000

struct cis_sim_said {
	const char *name, *value;
};

struct cis_sim_args {
	struct cis_sim_config sim;
	const char *stream[CIS_SIM_MAX_ENDPOINT];
	const char *listen[CIS_SIM_MAX_ENDPOINT];
	const char *sink[CIS_MAX_SINK];
	struct cis_stream_said said;
	bool has_t0;
	struct cis_time t0;
	bool json;
	/* The command line as it was said: what --scenario says comes first. */
	struct cis_sim_said *option;
	size_t n_option;
	const char *scenario, *preset;
	const char *web;              /* HOST:PORT; NULL: no page */
	struct cis_scenario_doc *doc; /* or NULL */
	const char *recording;        /* what --replay says, or NULL */
	/* What is worth knowing of the scenario; NULL: the log is told. */
	void (*warn)(void *warn_arg, const char *sentence);
	void *warn_arg;
	struct cis_replay_spec replay;
};

void cis_sim_defaults(struct cis_sim_args *args);

/* Takes an option, of the command line or a scenario; -EINVAL with a message.
 * ctx is a struct cis_sim_args. */
int cis_sim_take(void *ctx, const char *name, const char *value,
		 struct cis_diag *diag);

/* After the last option: completes args->sim. -EINVAL with a message; -EBADMSG
 * where it is of a value of the scenario. */
int cis_sim_check(struct cis_sim_args *args, struct cis_diag *diag);

/* The scenario, or the recording is looked at; also the codes of their files. */
int cis_sim_prepare(struct cis_sim_args *args, struct cis_diag *diag);

#endif

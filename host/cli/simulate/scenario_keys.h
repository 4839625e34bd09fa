/* scenario_keys.h - what stands in a scenario's file for options. */
#ifndef HOST_CLI_SIMULATE_SCENARIO_KEYS_H
#define HOST_CLI_SIMULATE_SCENARIO_KEYS_H

#include "host/cli/cli.h"
#include "json_doc.h"

/* Gives `take` each signal key of an object that may be absent. Its message, as
 * of an option, becomes one with line and key: -EBADMSG. */
int cis_scenario_signal_keys(const struct cis_json_at *signal,
			     cis_take_option *take, void *ctx,
			     struct cis_diag *diag);

#endif

/*
 * reread.h - a new configuration while the program runs: what can change does,
 * and what cannot is told.
 */
#ifndef HOST_CLI_REREAD_H
#define HOST_CLI_REREAD_H

#include "host/cli/app.h"
#include "monitor.h"
#include "sinks.h"

/* What cannot is named in the log: for that, the program must be started anew.
 * All of it stays as it was where the new one cannot be read. */
void cis_reread(const struct cis_app_config *now, struct cis_sinks *sinks,
		const struct cis_monitor *monitor);

#endif

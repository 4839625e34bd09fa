/*
 * reread.h - what a new configuration would change beyond what a running program
 * can change.
 */
#ifndef HOST_CLI_REREAD_H
#define HOST_CLI_REREAD_H

#include "host/cli/app.h"

/* Names it in the log: for that, the program must be started anew. */
void cis_reread_tell(const struct cis_app_config *now,
		     const struct cis_app_config *fresh);

#endif

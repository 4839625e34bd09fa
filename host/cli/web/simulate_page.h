/* simulate_page.h - `simulate --web`: the page, and what it starts. */
#ifndef HOST_CLI_WEB_SIMULATE_PAGE_H
#define HOST_CLI_WEB_SIMULATE_PAGE_H

#include "host/cli/simulate/sim_args.h"

/*
 * Serves the page until SIGINT or SIGTERM. With `begins` what the command line
 * says runs already, and where it has a duration its end is that of the
 * program. An exit status; what went wrong was told.
 */
int cis_simulate_page(const struct cis_sim_args *args, const char *bind,
		      bool begins);

#endif

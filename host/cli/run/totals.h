/*
 * totals.h - what a run came to, told at its end, and why where it made no
 * report.
 */
#ifndef HOST_CLI_TOTALS_H
#define HOST_CLI_TOTALS_H

#include "cisoid/estim.h"
#include "host/acq/pipe.h"
#include "host/cli/cli.h"

void cis_totals_tell(const struct cis_pipe *pipe,
		     const struct cis_estim_config *ec);

/* CIS_EXIT_INCOMPLETE, and a sentence, where the estimator could not take all
 * scans; else 0. */
int cis_totals_judge(const struct cis_pipe *pipe,
		     const struct cis_command *cmd);

#endif

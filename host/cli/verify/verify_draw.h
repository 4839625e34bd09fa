/*
 * verify_draw.h - the pictures of a run.
 */
#ifndef HOST_CLI_VERIFY_DRAW_H
#define HOST_CLI_VERIFY_DRAW_H

#include "verify.h"

/* The worst of each point against what is swept. */
void cis_verify_draw_sweep(FILE *f, const struct cis_verify_run *run,
			   enum cis_test test, const char *title);
/* Report by report: along the ramps, through the interleaved steps. */
void cis_verify_draw_trace(FILE *f, const struct cis_verify_run *run,
			   enum cis_test test, const char *title);

#endif

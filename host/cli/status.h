/*
 * status.h - the one line that `run` keeps up to date on a terminal.
 */
#ifndef HOST_CLI_STATUS_H
#define HOST_CLI_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/report.h"
#include "host/acq/pipe.h"

struct cis_status {
	const struct cis_chan_map *map;
	const struct cis_report *rep; /* the newest */
	struct cis_pipe_stats pipe;
	uint32_t clients;
	uint64_t frames;
	uint64_t dropped; /* for slow clients */
};

/* Standard error is a terminal. */
bool cis_status_wanted(void);

/* Draws the line over the one before. */
void cis_status_line(const struct cis_status *st);

/* Ends the line, so that what follows begins on its own. */
void cis_status_end(bool drawn);

#endif

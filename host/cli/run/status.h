/*
 * status.h - how a `run` goes, in words: the line that is kept up to date on a
 * terminal, what systemd shows, and an object of JSON.
 */
#ifndef HOST_CLI_STATUS_H
#define HOST_CLI_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cisoid/report.h"
#include "cisoid/source.h"
#include "host/acq/dates/dater.h"
#include "host/acq/pipe.h"

struct cis_status {
	const struct cis_source_info *info;
	const struct cis_chan_map *map;
	const struct cis_report *rep; /* the newest; n_chan 0: none yet */
	struct cis_time now;
	double running_s;
	const char *fault; /* that lasts, an event's name; NULL: none */
	bool ended;
	struct cis_time_status time;
	struct cis_pipe_stats pipe;
	uint32_t clients;
	uint64_t frames, sent;
	uint64_t dropped; /* for slow clients */
};

/* Standard error is a terminal. */
bool cis_status_wanted(void);

/* Draws the line over the one before. */
void cis_status_line(const struct cis_status *st);

/* Ends the line, so that what follows begins on its own. */
void cis_status_end(bool drawn);

/* "LOCKED 1.2e-07 s, 50.00012 Hz ok, 3 clients, ..." Returns buf. */
const char *cis_status_words(const struct cis_status *st, char *buf,
			     size_t size);

/*
 * An object as a line on standard output: STATE IN JSON, cisoid-run(1). A reader
 * that is not ready within wait_ms does not get it: -EAGAIN. -EPIPE: it left.
 */
int cis_status_json(const struct cis_status *st, int wait_ms);

#endif

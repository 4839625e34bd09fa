/*
 * view.h - what may be seen of a run while it goes, by those who tell of it: the
 * status line, JSON, systemd, the page.
 */
#ifndef HOST_CLI_VIEW_H
#define HOST_CLI_VIEW_H

#include "host/acq/pipe.h"
#include "streams.h"

/* All of it borrowed. */
struct cis_run_view {
	const char *source; /* as it was asked for */
	const char *station;
	const struct cis_source_info *info;
	const struct cis_chan_map *map; /* the source's, corrected */
	const struct cis_cal *cal;      /* NULL: nothing is corrected */
	const struct cis_estim_config *ec;
	const struct cis_clock *clock;
	const struct cis_dater *dater;
	struct cis_time start;
	struct cis_pipe *pipe;
	const struct cis_report *newest;
	const struct cis_streams *streams;
};

#endif

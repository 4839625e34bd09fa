/*
 * sinks.h - where the reports of a run go: C37.118 streams, files, the page.
 */
#ifndef HOST_CLI_SINKS_H
#define HOST_CLI_SINKS_H

#include "app_page.h"
#include "host/cli/app.h"
#include "records.h"
#include "streams.h"

/* What the reports will be of. All of it borrowed until close(). */
struct cis_sinks_input {
	const struct cis_source_info *info;
	const struct cis_chan_map *map; /* the source's, corrected */
	const struct cis_cal *cal;      /* NULL: nothing is corrected */
	const struct cis_estim_config *ec;
	bool tells_time; /* how good the dates are goes with the reports */
};

/* Zero it first: free() undoes what open() left, also after a failure. */
struct cis_sinks {
	char station[CIS_STATION_SIZE]; /* of the first stream */
	struct cis_streams_config sc;
	struct cis_streams streams;
	struct cis_records records;
	struct cis_app_page page;
};

/* Functions that return an exit status have told what went wrong. */

/* Each file is written once, and none that is read. */
int cis_sinks_check(const struct cis_app_config *ac,
		    const struct cis_source *src);
int cis_sinks_open(struct cis_sinks *s, const struct cis_app_config *ac,
		   uv_loop_t *loop, const struct cis_sinks_input *in);

void cis_sinks_put(struct cis_sinks *s, const struct cis_report *rep);
/* What the streams are to say from now on. */
void cis_sinks_change(struct cis_sinks *s, const struct cis_app_config *fresh);

/* Nothing is put any more: streams and page leave the loop. */
int cis_sinks_close(struct cis_sinks *s);
/* The files appear; `stopped` as in records.h. */
int cis_sinks_commit(struct cis_sinks *s, bool stopped);
/* When the loop and est's thread have ended. Files that were not committed leave
 * no trace. */
void cis_sinks_free(struct cis_sinks *s);

#endif

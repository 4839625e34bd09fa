/*
 * streams.h - the C37.118 streams of `run`: what each says, opened and changed.
 */
#ifndef HOST_CLI_STREAMS_H
#define HOST_CLI_STREAMS_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "cisoid/chan.h"
#include "cisoid/estim.h"
#include "cisoid/source.h"
#include "host/acq/cal/cal.h"
#include "host/cli/cli.h"
#include "host/cli/stream_opts.h"
#include "host/net/feed.h"
#include "host/net/watch.h"

#define CIS_APP_MAX_STREAM   8
#define CIS_APP_MAX_ENDPOINT 16

/* One C37.118 stream. */
struct cis_app_stream {
	uint16_t idcode;
	struct cis_stream_opts opts;
	const char *station;
	uint32_t n_send, n_listen;
	const char *send[CIS_APP_MAX_ENDPOINT];
	const char *listen[CIS_APP_MAX_ENDPOINT];
	/* Where to describe it for PMU Connection Tester; NULL: nowhere. */
	const char *connection_file;
};

/* What all streams of a run have in common. All of it stays the caller's. */
struct cis_streams_config {
	const struct cis_command *cmd; /* for messages */
	uv_loop_t *loop;
	const struct cis_chan_map *map;
	const struct cis_estim_config *ec;
	enum cis_origin origin;
	double rate_hz; /* of the samples */
	uint32_t n_cal;
	const struct cis_cal_chan *cal;
	bool overwrite; /* pcap:FILE may exist */
};

struct cis_streams {
	uint32_t n;
	struct cis_feed *feed[CIS_APP_MAX_STREAM];
};

/* An exit status; what went wrong was told. Feeds that were made are there also
 * on failure. */
int cis_streams_open(struct cis_streams *st,
		     const struct cis_streams_config *sc,
		     const struct cis_app_stream *list, uint32_t n);

/* What the streams say from now on: `list` in the order of those opened. Each
 * that differs is announced to its receivers; what is done is logged. */
void cis_streams_change(struct cis_streams *st,
			const struct cis_streams_config *sc,
			const struct cis_app_stream *list, uint32_t n);

/* Closes them, on the loop. CIS_EXIT_STORAGE: a capture could not grow, and was
 * given up; that was told. */
int cis_streams_close(struct cis_streams *st);

#endif

/*
 * app.h - the one place that wires source, estimator, streams and files.
 */
#ifndef HOST_CLI_APP_H
#define HOST_CLI_APP_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "cisoid/report.h"
#include "cisoid/time.h"
#include "cli.h"
#include "host/acq/cal/cal.h"
#include "host/cli/run/records.h"
#include "host/cli/run/streams.h"
#include "settings.h"

/* For a command that listens to its own stream. On the loop's thread. */
struct cis_app_watch {
	/* Streams are up; the first sample will be of `start`. */
	void (*started)(void *arg, uv_loop_t *loop, const char *endpoint,
			struct cis_time start);
	void (*ended)(void *arg); /* closes what was opened on the loop */
	void *arg;
};

struct cis_app_config {
	const struct cis_command *cmd; /* for messages */
	const char *source;
	const char *conf_file; /* that was read; NULL: the usual ones */
	const struct cis_cal_chan *cal; /* the channel map, n_cal */
	uint32_t n_cal;
	uint32_t n_stream;
	uint32_t n_record;
	bool has_start;
	bool force;
	bool status_line; /* one line on standard error, redrawn */
	bool json;        /* how it goes, on standard output */
	const char *profile;
	double fnom_hz;       /* 0: the source's, else 50 */
	struct cis_rate rate; /* num 0: fnom */
	const char *time;
	double max_time_error_s; /* INFINITY: any */
	double duration_s;       /* INFINITY: until stopped */
	double ring_s;           /* of samples that wait; 0: 2 s */
	struct cis_time start;   /* of what has no dates of its own */
	struct cis_app_stream stream[CIS_APP_MAX_STREAM];
	const char *record[CIS_MAX_RECORD];
	struct cis_settings_web web;       /* listen NULL: no page */
	const struct cis_app_watch *watch; /* NULL: nobody */
	bool *stopped; /* set when a signal ends it; NULL: no matter */
	/* SIGHUP: what is to be done from now on, valid until the next call;
	 * NULL where that went wrong, and was told. No function: SIGHUP kills. */
	const struct cis_app_config *(*reread)(void *arg);
	void *reread_arg;
};

/* Runs until the data end, the duration is over, or SIGINT or SIGTERM comes.
 * Returns an exit status; what went wrong was told. */
int cis_app_run(const struct cis_app_config *ac);

#endif

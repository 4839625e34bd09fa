/*
 * streamer_in.h - the streamer from within: streamer.c is its life,
 * streamer_call.c what it is asked, streamer_state.c what it answers,
 * streamer_watch.c what the page sees of its frames, streamer_begin.c the command
 * line as a request, streamer_preview.c what would be sent.
 */
#ifndef HOST_CLI_WEB_STREAMER_IN_H
#define HOST_CLI_WEB_STREAMER_IN_H

#include "cisoid/utc.h"
#include "streamer.h"
#include "streamer_request.h"

#define CIS_STREAMER_COMMANDS 20

struct cis_streamer_command {
	struct cis_time when;
	char peer[64];
	uint16_t idcode, word;
};

/* An engine and what it runs by. */
struct cis_streamer_run {
	struct cis_streamer *s;
	struct cis_streamer_run *next;
	struct cis_sim *sim;
	struct cis_streamer_request *request; /* the newest; NULL: begun */
	const struct cis_sim_config *sc;
	bool has_leap;
	bool asked; /* its end, by a page */
};

struct cis_streamer_watched {
	struct cis_feed_watch watch;
	struct cis_c37_data *data; /* room for a frame of the first stream */
	size_t data_len;           /* of the frames that it has room for */
	uint16_t format;
	uint64_t shown_ms;
	uint32_t n_command; /* ever */
	struct cis_streamer_command command[CIS_STREAMER_COMMANDS];
	struct cis_report rep;
};

struct cis_streamer {
	const struct cis_command *cmd;
	uv_loop_t *loop;
	struct cis_page *page;
	bool own_time;
	struct cis_streamer_run *run;     /* that sends, or NULL */
	struct cis_streamer_run *closing; /* until the loop has closed them */
	struct cis_streamer_run *begun;   /* of the command line */
	void (*over)(void *arg);
	void *arg;
	json_t *said; /* the newest request, or NULL */
	struct cis_time since;
	bool was_started;
	struct cis_sim_stats stats; /* of what ran last */
	double rate_asked_hz;
	struct cis_streamer_watched watched;
};

/* ---- streamer.c: 0 or an HTTP status with *error ---- */

int cis_streamer_start(struct cis_streamer *s, const struct cis_web_call *call,
		       struct cis_streamer_error *error);
int cis_streamer_apply(struct cis_streamer *s, const struct cis_web_call *call,
		       bool *restarted, struct cis_streamer_error *error);
int cis_streamer_stop(struct cis_streamer *s, struct cis_streamer_error *error);

/* The table of leap seconds is as it was after look_end(). */
struct cis_streamer_look {
	unsigned n;
	struct cis_rehearsal table[CIS_MAX_REHEARSAL];
};

void cis_streamer_look_begin(struct cis_streamer_look *look);
void cis_streamer_look_end(const struct cis_streamer_look *look);

/* ---- streamer_state.c ---- */

json_t *cis_streamer_document(const struct cis_streamer *s);

/* ---- streamer_begin.c ---- */

/* What a page would have to ask for to get the same, as far as it can. */
json_t *cis_streamer_said(const struct cis_sim_args *args);

/* ---- streamer_watch.c ---- */

/* Of the engine that has just begun, or changed. */
void cis_streamer_watch(struct cis_streamer *s);
void cis_streamer_watch_free(struct cis_streamer *s);

/* ---- streamer_preview.c ---- */

/* What it would send; NULL with *error. Warnings are added to `warnings`. */
json_t *cis_streamer_preview(const struct cis_streamer_request *request,
			     json_t *warnings,
			     struct cis_streamer_error *error);

/* ---- streamer_warn.c ---- */

struct cis_sim_play;

void cis_streamer_warn_all(json_t *warnings, const struct cis_sim_config *sc);
/* Of the names as this CFG-2 has them. */
void cis_streamer_warn_names(json_t *warnings, const struct cis_sim_config *sc,
			     const uint8_t *frame, size_t len);
/* Whom nothing is told. */
void cis_streamer_warn_nobody(void *arg, const char *sentence);

/* Whether datagrams hold the frames, and there are ports enough: -EINVAL with
 * *error, as when it is opened. */
int cis_streamer_check_size(const struct cis_streamer_request *request,
			    const struct cis_sim_play *play,
			    struct cis_streamer_error *error);

#endif

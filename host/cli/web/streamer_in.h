/*
 * streamer_in.h - the streamer from within: streamer.c is its life,
 * streamer_call.c what it is asked, streamer_acts.c what comes of that,
 * streamer_work.c where it is made ready, streamer_state.c what it answers,
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

struct cis_streamer_job;

struct cis_streamer_jobs {
	struct cis_streamer_job *first, *last;
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
	struct cis_streamer_jobs writes, looks; /* that wait for their turn */
	struct cis_streamer_job *working;       /* the pool's, or NULL */
	bool closed;
	char *said; /* the newest request as JSON, or NULL */
	struct cis_time since;
	bool was_started;
	struct cis_sim_stats stats; /* of what ran last */
	double rate_asked_hz;
	struct cis_streamer_watched watched;
};

/* ---- streamer_work.c ---- */

/* A request that was read: ready to be played. */
struct cis_streamer_ready {
	struct cis_streamer_request *request; /* NULL: it is not valid */
	char *said;                           /* as JSON */
	struct cis_rehearsal leap[CIS_MAX_REHEARSAL];
	unsigned n_leap;
};

/* What a path does, in three steps. Statuses are those of HTTP. */
struct cis_streamer_act {
	const char *name;
	bool looks; /* changes nothing: may be overtaken by what does */
	/* On the loop, when it is its turn: 0: to be worked on; else that is the
	 * answer. NULL: 0. */
	int (*begin)(struct cis_streamer_job *job);
	/* In the pool, where all of the streamer is out of reach. */
	void (*work)(struct cis_streamer_job *job);
	/* On the loop: 0: to be worked on once more; else the answer. */
	int (*end)(struct cis_streamer_job *job);
};

/* A call that is answered later. It is the loop's, but the pool's while it is
 * worked on. */
struct cis_streamer_job {
	uv_work_t work;
	struct cis_streamer *s;
	struct cis_streamer_job *next;
	const struct cis_streamer_act *act;
	const struct cis_web_call *call; /* NULL: nobody waits any more */
	char *body;                      /* a copy */
	size_t len;
	struct cis_utc_table leaps; /* by which the pool reckons */
	bool own_time;
	int64_t t0_tai_s; /* of the signal that is to go on */
	enum { CIS_ROUND_CHANGE, CIS_ROUND_ANEW, CIS_ROUND_BACK } round;
	struct cis_streamer_ready ready; /* what was made of the body */
	int http;                        /* 200, or with the error */
	struct cis_streamer_error error, why;
	char *text; /* the answer; NULL: the error */
};

/* Who looks may wait behind as many others: a million bytes each. */
#define CIS_STREAMER_MAX_LOOK 32

/* Answers now or later. -ENOMEM, -EBUSY (too many look): not at all. */
int cis_streamer_ask(struct cis_streamer *s, const struct cis_streamer_act *act,
		     const struct cis_web_call *call);

/* Nobody is answered any more but with 503. */
void cis_streamer_give_up(struct cis_streamer *s);

/* A request that nobody needs is freed in the pool: it may be large. NULL is
 * allowed. */
void cis_streamer_dispose(struct cis_streamer *s,
			  struct cis_streamer_request *request);
void cis_streamer_unready(struct cis_streamer *s,
			  struct cis_streamer_ready *ready);

/* ---- streamer_acts.c ---- */

extern const struct cis_streamer_act cis_streamer_acts[]; /* to name NULL */

/* ---- streamer.c: 0 or an HTTP status with *error ---- */

/* Plays it; what is ready is taken. */
int cis_streamer_start(struct cis_streamer *s, struct cis_streamer_ready *ready,
		       struct cis_streamer_error *error);

/* Whether what runs has become it, while frames flow: then it is taken. */
bool cis_streamer_change(struct cis_streamer *s,
			 struct cis_streamer_ready *ready);

/* Ends what runs and plays it. On failure *before may be what was asked for
 * before, to go back to. */
int cis_streamer_restart(struct cis_streamer *s,
			 struct cis_streamer_ready *ready, char **before,
			 struct cis_streamer_error *error);
/* It runs. */
void cis_streamer_stop(struct cis_streamer *s);

/* ---- streamer_state.c ---- */

/* What GET /api/streamer answers, but for the request. */
json_t *cis_streamer_document(const struct cis_streamer *s);
/* As text, with the request; malloc'd, or NULL. The document is taken. */
char *cis_streamer_text(const struct cis_streamer *s, json_t *document);

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

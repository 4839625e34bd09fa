/*
 * streamer.h - simulated PMUs that the page starts, changes and stops.
 *
 * One engine of `simulate` at a time, on the caller's loop. docs/api.md says what
 * is asked and answered.
 */
#ifndef HOST_CLI_WEB_STREAMER_H
#define HOST_CLI_WEB_STREAMER_H

#include <jansson.h>
#include <stdbool.h>
#include <uv.h>

#include "host/cli/cli.h"
#include "host/net/web/web.h"

struct cis_page;
struct cis_sim;
struct cis_sim_args;
struct cis_streamer;

/* own_time: the process measures, and nothing of it is changed: no leap second is
 * rehearsed, no name looked up, the page shows the samples' phasors and not these.
 * -ENOMEM. */
int cis_streamer_new(const struct cis_command *cmd, uv_loop_t *loop,
		     bool own_time, struct cis_streamer **out);

/* Where frames are shown; NULL: nowhere, as from when the page is closed. */
void cis_streamer_set_page(struct cis_streamer *s, struct cis_page *page);

/* What the command line says, prepared, runs. An exit status, what went wrong was
 * told. args stays the caller's and must outlive free(). */
int cis_streamer_begin(struct cis_streamer *s, const struct cis_sim_args *args);

/* over() when that has come to its end, not where a page ended it. */
void cis_streamer_when_over(struct cis_streamer *s, void (*over)(void *arg),
			    void *arg);

/* The engine that begin() made, also when it is over; NULL: none. */
const struct cis_sim *cis_streamer_begun(const struct cis_streamer *s);

/* Everything under /api/streamer and /api/presets: an HTTP status and *reply. For
 * struct cis_page_config. */
int cis_streamer_call(void *s, const struct cis_web_call *call, json_t **reply);

/* The members of /api/state that `simulate` knows. For struct cis_page_config. */
json_t *cis_streamer_state(void *s);

/* "STOPPED", "RUNNING", "STOPPING". */
const char *cis_streamer_word(const struct cis_streamer *s);

bool cis_streamer_runs(const struct cis_streamer *s);

/* Stops what runs; what was begun with a sink waits for it. Nothing else is begun
 * or changed any more. NULL is allowed. */
void cis_streamer_wind_up(struct cis_streamer *s);

/* Stops at once; the loop must run until it has nothing left to do. Then free().
 * NULL is allowed in both. */
void cis_streamer_close(struct cis_streamer *s);
void cis_streamer_free(struct cis_streamer *s);

#endif

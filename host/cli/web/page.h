/*
 * page.h - the web page of a command that runs: what it is told, what it asks.
 *
 * Everything is called on the loop's thread. What is told is copied into memory
 * that is there already; timers make JSON of it, ten times a second at most, and
 * a server with a thread of its own (host/net/web) hands it to browsers. No
 * browser delays the loop. NULL is allowed everywhere as the page: there is none.
 */
#ifndef HOST_CLI_WEB_PAGE_H
#define HOST_CLI_WEB_PAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "cisoid/chan.h"
#include "cisoid/report.h"
#include "host/cli/cli.h"
#include "host/net/web/web.h"

struct cis_page;
struct cis_event; /* host/acq/event.h; that of a scenario is another */

/* A report as it is kept for the page; resid NULL: nobody says. */
struct cis_page_sample {
	struct cis_instant at;
	struct cis_time_quality quality;
	const char *time_state; /* "LOCKED" */
	uint32_t flags, notes;
	double freq_hz, rocof_hz_per_s;
	uint32_t n_phasor, n_chan;
	double complex *phasor_rms;
	double *resid; /* [n_chan] */
};

struct cis_page_config {
	const struct cis_command *cmd; /* for messages */
	uv_loop_t *loop;
	const char *bind;         /* "HOST:PORT" */
	bool given;               /* by a person: it must be there */
	const char *const *names; /* by which a proxy calls it */
	size_t n_name;
	const char *mode; /* "run", "simulate" */
	/* Members of /api/state that the page does not know; once a second. */
	json_t *(*state)(void *arg);
	/* What the page does not answer itself: an HTTP status; 404 without a
	 * reply where there is no such thing; 0: by cis_page_answer() later, the
	 * call stays until then. */
	int (*call)(void *arg, const struct cis_web_call *call, json_t **reply);
	/* The same before that, of what is long: its text, malloc'd, or NULL. */
	char *(*text)(void *arg, const struct cis_web_call *call);
	/* More of /metrics: the length of what it wrote. */
	size_t (*metrics)(void *arg, char *text, size_t size);
	/* The object "dut" of a report; NULL: none. */
	json_t *(*dut)(void *arg, const struct cis_page_sample *sample);
	void *arg;
};

/*
 * An exit status; what went wrong was told. Where it was not given and cannot be
 * had *out is NULL, which is told, and no failure.
 */
int cis_page_open(const struct cis_page_config *cfg, struct cis_page **out);

/* To such a call; `text` is taken. NULL with 503: the program ends. */
void cis_page_answer(struct cis_page *page, const struct cis_web_call *call,
		     int status, char *text);

/* All calls are answered. The loop must run once more. */
void cis_page_close(struct cis_page *page);

/* What the reports have phasors of: the channels of a map, then its positive
 * sequences; again when they change. */
void cis_page_channels_of(struct cis_page *page,
			  const struct cis_chan_map *map);

/* Instants without a report, and those flagged CIS_REPORT_GAP, become a `gap` of
 * the page when they are over. */
void cis_page_report(struct cis_page *page, const struct cis_report *rep);

/* A fault is why reports that follow have no values; a state of the time is shown
 * with them. */
void cis_page_event(struct cis_page *page, const struct cis_event *ev);

struct cis_page_frame {
	bool in;     /* else out */
	bool unsent; /* a configuration that nobody has asked for yet: it tells
			what data frames mean */
	const char *stream, *peer; /* NULL: none */
	const uint8_t *frame;
	size_t len;
	struct cis_time when;
};

/* At most 50 frames and 64 KiB in a tenth of a second; others are counted. */
void cis_page_frame(struct cis_page *page, const struct cis_page_frame *frame);

/* The state is told anew at once, not within a second. */
void cis_page_changed(struct cis_page *page);

/* [rms, degrees], or null. */
json_t *cis_page_phasor(double complex x);

/* {"error": {...}}; hint and field may be NULL. */
json_t *cis_page_error(const char *code, const char *message, const char *hint,
		       const char *field);

#endif

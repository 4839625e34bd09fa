/*
 * web.h - the web server of the page: files, snapshots, events, calls.
 *
 * A thread of its own serves. Who publishes gives copies away and never waits
 * for a browser: what one does not fetch in time it has missed, and is told how
 * much. Calls of the page come to the loop, one at a time; it may answer them
 * later. All functions are called on the loop's thread.
 */
#ifndef HOST_NET_WEB_WEB_H
#define HOST_NET_WEB_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "cisoid/diag.h"

struct cis_web;

#define CIS_WEB_PORT 8118

/* The longest event, with what the protocol adds. */
#define CIS_WEB_MAX_EVENT 65536
#define CIS_WEB_MAX_HEAD  128 /* of that: id, name, what is around the data */

struct cis_web_file {
	const char *path; /* "/js/app.js"; "/index.html" is "/" as well */
	const char *type; /* "text/javascript; charset=utf-8" */
	const char *etag; /* with its quotes */
	const uint8_t *gzip;
	size_t len;
};

struct cis_web_call {
	const char *method; /* GET or POST */
	const char *path;   /* begins with "/api/"; without the query */
	const char *body;   /* JSON, unchecked; ends with 0 behind len */
	size_t len;
	void *job; /* the server's */
};

struct cis_web_config {
	uv_loop_t *loop;
	const char *bind;         /* "HOST:PORT"; NULL: 127.0.0.1:8118 */
	bool port_given;          /* else the next free one will do */
	const char *const *names; /* of hosts, by which a proxy asks; stay */
	unsigned n_name;
	const struct cis_web_file *files; /* stay while it is open */
	size_t n_file;
	/* Answers with an HTTP status and JSON, malloc'd, in *reply; or with 0,
	 * and by cis_web_reply() later: the call stays until then. */
	int (*call)(void *arg, const struct cis_web_call *call, char **reply);
	void *arg;
};

struct cis_web_stats {
	unsigned n_reader;     /* browsers that follow the events */
	unsigned n_connection; /* these and others */
	uint64_t n_connected;  /* connections, so far */
	uint64_t n_event;      /* published */
	uint64_t n_skipped;    /* missed by slow browsers, all together */
	uint64_t n_refused;    /* requests */
	uint64_t n_call;
};

/*
 * -EADDRINUSE when a port that was given is taken, -EOPNOTSUPP when built
 * without; both with a message.
 */
int cis_web_open(const struct cis_web_config *config, struct cis_web **out,
		 struct cis_diag *diag);

/* To a call that was to be answered later; `reply` is taken. NULL with 503: the
 * program ends. */
void cis_web_reply(struct cis_web *web, const struct cis_web_call *call,
		   int status, char *reply);

/* All calls have their reply. The loop must run once more. NULL is allowed. */
void cis_web_close(struct cis_web *web);

/* Where the page is; with the token, where one is asked for. */
const char *cis_web_url(const struct cis_web *web);

/*
 * An event for all who listen: its name and JSON, which is copied. -EMSGSIZE
 * when too long. NULL is allowed as `web`.
 */
int cis_web_publish(struct cis_web *web, const char *event, const char *json,
		    size_t len);

/*
 * What a newcomer gets first: of each name of an event the newest, in the order
 * in which the names were first given; not published. The same errors, and
 * -ENOSPC: too many.
 */
int cis_web_greet(struct cis_web *web, const char *event, const char *json,
		  size_t len);

/* What GET of a path, "/api/state", answers from now on. -ENOSPC: too many. */
int cis_web_set(struct cis_web *web, const char *path, const char *json,
		size_t len);

/* The same of "/metrics", in the text format of Prometheus. */
int cis_web_metrics(struct cis_web *web, const char *text, size_t len);

void cis_web_stats(const struct cis_web *web, struct cis_web_stats *stats);

#endif

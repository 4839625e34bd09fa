/*
 * streamer_request.h - what the page asks the streamer to do: a body of JSON
 * becomes what the command line of `simulate` would have said, checked by the
 * same functions and refused with the same sentences.
 */
#ifndef HOST_CLI_WEB_STREAMER_REQUEST_H
#define HOST_CLI_WEB_STREAMER_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "host/cli/simulate/sim_args.h"

/* As docs/api.md has it. */
struct cis_streamer_error {
	const char *code; /* NULL: that of the status */
	int http;         /* 400: no request; 422: not a valid one */
	int status;       /* exit status, of which the code is made */
	char field[160];  /* "scenario.signal.f", "stream[0]"; or empty */
	struct cis_diag why;
};

/* {"error": {...}}; NULL: out of memory. */
json_t *cis_streamer_error_json(const struct cis_streamer_error *error);

/* A sentence that is of no value of a request. Returns `http`. */
__attribute__((format(printf, 4, 5))) int
cis_streamer_fail(struct cis_streamer_error *error, int http, int status,
		  const char *fmt, ...);

/* To look a name up may take seconds, in which the loop stands still. */
enum cis_streamer_names {
	CIS_NAMES_LATER,  /* taken as they are: nothing is opened */
	CIS_NAMES_NOW,    /* looked up */
	CIS_NAMES_REFUSED /* but for localhost */
};

struct cis_streamer_rules {
	bool own_time; /* the process measures: its UTC is not rehearsed with */
	enum cis_streamer_names names;
	const int64_t *t0_tai_s; /* of a signal that goes on; NULL: none */
	void (*warn)(void *arg, const char *sentence); /* NULL: log */
	void *arg;
};

#define CIS_STREAMER_SPEC_SIZE 1200

/* Everything in it lives as long as it does. */
struct cis_streamer_request {
	struct cis_sim_args args; /* args.sim: ready to be opened */
	json_t *said;             /* the body */
	struct cis_json_doc json; /* the same, with places */
	struct cis_json_fault fault, scenario_fault;
	struct cis_streamer_request *older; /* the streamer's chain, or NULL */
	bool allow_public;
	bool has_leap; /* leap seconds are rehearsed */
	/* Endpoints with addresses for names. */
	char stream[CIS_SIM_MAX_ENDPOINT][CIS_STREAMER_SPEC_SIZE];
	char listen[CIS_SIM_MAX_ENDPOINT][CIS_STREAMER_SPEC_SIZE];
};

/*
 * 0 or an HTTP status, with *error; then nothing is left to free. Leap seconds
 * that it rehearses are in the table of the thread afterwards, also when it
 * fails. From any thread.
 */
int cis_streamer_request_new(const char *body, size_t len,
			     const struct cis_streamer_rules *rules,
			     struct cis_streamer_request **out,
			     struct cis_streamer_error *error);
void cis_streamer_request_free(struct cis_streamer_request *request);

/* What a run that fails to open says, with the field whose endpoint it is
 * about. Returns 422. */
int cis_streamer_request_blame(const struct cis_streamer_request *request,
			       int status, const char *sentence,
			       struct cis_streamer_error *error);

/* ---- streamer_reach.c ---- */

/*
 * An endpoint of a request: its words, and where it leads. `spec` is written
 * with an address where it has a name and names are looked up. -EINVAL,
 * -EADDRNOTAVAIL with a message.
 */
struct cis_streamer_reach {
	bool listens;
	enum cis_streamer_names names;
	bool allow_public;
};

int cis_streamer_reach(const struct cis_streamer_reach *how, const char *said,
		       char spec[CIS_STREAMER_SPEC_SIZE],
		       struct cis_diag *diag);

#endif

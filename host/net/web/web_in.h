/*
 * web_in.h - what the files of the web server share.
 *
 * The web thread alone talks with libmicrohttpd: it polls, and others wake it
 * by wake_fd.
 */
#ifndef HOST_NET_WEB_WEB_IN_H
#define HOST_NET_WEB_WEB_IN_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "backlog.h"
#include "calls.h"
#include "guard.h"
#include "shelf.h"
#include "web.h"

#define CIS_WEB_MAX_HEADER     8192
#define CIS_WEB_MAX_BODY       (1024 * 1024)
#define CIS_WEB_MAX_DISCARD    (4 * 1024 * 1024)
#define CIS_WEB_MAX_CONNECTION 256 /* libmicrohttpd accepts no more */
#define CIS_WEB_MOST           192 /* from here on somebody must go */
#define CIS_WEB_HOST_MOST      64  /* of one host */
#define CIS_WEB_MAX_READER     64
#define CIS_WEB_HOST_READER    32
#define CIS_WEB_IDLE_S         20
#define CIS_WEB_HEADER_MS      20000 /* for a whole head */
#define CIS_WEB_BODY_MS        30000
#define CIS_WEB_TICK_MS        500
#define CIS_WEB_PING_MS        1000  /* and a tick: not 2 s of silence */
#define CIS_WEB_FILL_MS        10000 /* what a newcomer gets of before */

/* A connection; a list of the web thread. */
struct cis_web_link {
	struct cis_web_link *next, *prev;
	int fd;
	uint8_t ip[16];    /* of the host; of IPv6 its network alone */
	uint64_t until_ms; /* waited for until then; 0: it is being answered */
	bool cut;
	bool follows; /* the events */
};

struct cis_web {
	struct cis_web_config config;
	struct cis_guard guard;
	struct cis_backlog *backlog;
	struct cis_shelf shelf;
	struct cis_shelf
		greetings; /* by the names of events, as they are sent */
	struct cis_calls calls;
	uv_async_t async;
	int listen_fd;
	int wake_fd;
	struct MHD_Daemon *daemon;
	pthread_t thread;
	char url[CIS_HOST_SIZE + 64];
	atomic_bool stop;

	/* The web thread's. */
	struct cis_web_link *links;
	struct cis_web_reader *readers;
	uint64_t tick_ms;

	/* Counters, relaxed: they order nothing. */
	atomic_uint n_connection, n_reader;
	atomic_ullong n_connected, n_event, n_skipped, n_refused, n_call;
};

/* listen.c: a listening socket, the guard and the URL. */
int cis_web_listen(struct cis_web *web, struct cis_diag *diag);

/* serve.c */
int cis_web_serve(struct cis_web *web, struct cis_diag *diag);
void cis_web_wake(const struct cis_web *web);
uint64_t cis_web_now_ms(void);

/* links.c */
void cis_web_link(void *cls, struct MHD_Connection *connection, void **link,
		  enum MHD_ConnectionNotificationCode code);
void cis_web_links_cut(struct cis_web *web, uint64_t now_ms);
struct cis_web_link *cis_web_link_of(struct MHD_Connection *connection);
unsigned cis_web_links_follow(const struct cis_web *web,
			      const struct cis_web_link *like);

/* request.c */
enum MHD_Result cis_web_request(void *cls, struct MHD_Connection *connection,
				const char *url, const char *method,
				const char *version, const char *upload,
				size_t *upload_len, void **request);
void cis_web_request_end(void *cls, struct MHD_Connection *connection,
			 void **request, enum MHD_RequestTerminationCode code);
void cis_web_requests_answered(struct cis_web *web);

/* route.c: what a whole request without fault gets. */
struct cis_web_request;
enum MHD_Result cis_web_route(struct cis_web_request *request,
			      struct MHD_Connection *connection);

/* check.c: the HTTP status and the words of a refusal; 0: none. */
struct cis_web_refusal {
	unsigned status;
	const char *message;
};

struct cis_web_refusal cis_web_check(const struct cis_web *web,
				     struct MHD_Connection *connection,
				     const char *method, const char *path);

/* answer.c: each takes what it sends, also on failure. */
enum MHD_Result cis_web_answer(struct MHD_Connection *connection,
			       unsigned status, const char *type,
			       struct MHD_Response *response);
enum MHD_Result cis_web_answer_file(struct MHD_Connection *connection,
				    const struct cis_web_file *file);
enum MHD_Result cis_web_refuse(struct cis_web *web,
			       struct MHD_Connection *connection,
			       const struct cis_web_refusal *refusal);

/* reader.c */
enum MHD_Result cis_web_follow(struct cis_web *web,
			       struct MHD_Connection *connection);
void cis_web_readers_wake(struct cis_web *web, uint64_t now_ms);

struct cis_web_request {
	struct cis_web *web;
	struct MHD_Connection *connection;
	char method[8];
	char path[256];
	struct cis_web_refusal refusal;
	struct cis_job job;
	char *body;
	size_t len;
	size_t n_discarded;
};

#endif

/*
 * calls.h - what the page asks of the loop, in order, and the answers.
 *
 * A call belongs to the web thread, except between ask() and the done() that
 * gives it back.
 */
#ifndef HOST_NET_WEB_CALLS_H
#define HOST_NET_WEB_CALLS_H

#include <pthread.h>

#include "web.h"

enum cis_job_state {
	CIS_JOB_NONE,
	CIS_JOB_ASKED,
	CIS_JOB_ANSWERED,
};

struct cis_job {
	struct cis_job *next;
	struct cis_web_call call;
	enum cis_job_state state; /* the web thread's */
	int status;
	char *reply; /* malloc'd */
	void *arg;   /* whose it is */
};

struct cis_jobs {
	struct cis_job *first;
	struct cis_job **last;
};

struct cis_calls {
	pthread_mutex_t lock;
	struct cis_jobs asked, done;
};

int cis_calls_init(struct cis_calls *calls);
void cis_calls_clear(struct cis_calls *calls);

/* By the web thread. */
void cis_calls_ask(struct cis_calls *calls, struct cis_job *job);
struct cis_job *cis_calls_answered(struct cis_calls *calls);

/* By the loop, which may answer in another order; NULL: no more. Also by the web thread once the loop is gone. */
struct cis_job *cis_calls_asked(struct cis_calls *calls);
void cis_calls_done(struct cis_calls *calls, struct cis_job *job);

#endif

/*
 * streamer_work.c - calls that are worked on in libuv's pool, one at a time.
 *
 * To read a million bytes of JSON, or to make twenty thousand PMUs ready, takes
 * longer than a frame may be late. What changes what is sent is done in the order
 * in which it was asked for, and before what only looks.
 */
#define _GNU_SOURCE /* SCHED_BATCH */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "page.h"
#include "streamer_in.h"

/* ---- the pool ---- */

/* Whoever sends frames comes first, also where threads have inherited a realtime
 * policy. */
static void stand_back(void)
{
	const struct sched_param param = {0};

	if (sched_setscheduler(0, SCHED_BATCH, &param))
		cis_log(CIS_LOG_DEBUG, "streamer: no batch thread: %s",
			strerror(errno));
}

static void do_work(uv_work_t *work)
{
	struct cis_streamer_job *job = work->data;

	stand_back();
	cis_utc_use(&job->leaps);
	job->act->work(job);
	cis_utc_use(NULL);
}

struct waste {
	uv_work_t work;
	struct cis_streamer_request *request;
};

static void do_free(uv_work_t *work)
{
	struct waste *waste = work->data;

	stand_back();
	cis_streamer_request_free(waste->request);
}

static void on_freed(uv_work_t *work, int status)
{
	(void)status;
	free(work->data);
}

void cis_streamer_dispose(struct cis_streamer *s,
			  struct cis_streamer_request *request)
{
	struct waste *waste =
		request && !s->closed ? calloc(1, sizeof(*waste)) : NULL;

	if (!waste) {
		cis_streamer_request_free(request);
		return;
	}
	waste->work.data = waste;
	waste->request = request;
	if (!uv_queue_work(s->loop, &waste->work, do_free, on_freed))
		return;
	cis_streamer_request_free(request);
	free(waste);
}

void cis_streamer_unready(struct cis_streamer *s,
			  struct cis_streamer_ready *ready)
{
	cis_streamer_dispose(s, ready->request);
	free(ready->said);
	*ready = (struct cis_streamer_ready){.request = NULL};
}

/* ---- jobs ---- */

static void put(struct cis_streamer_jobs *jobs, struct cis_streamer_job *job)
{
	if (jobs->last)
		jobs->last->next = job;
	else
		jobs->first = job;
	jobs->last = job;
}

static struct cis_streamer_job *take(struct cis_streamer_jobs *jobs)
{
	struct cis_streamer_job *job = jobs->first;

	if (!job)
		return NULL;
	jobs->first = job->next;
	if (!jobs->first)
		jobs->last = NULL;
	return job;
}

static void free_job(struct cis_streamer_job *job)
{
	cis_streamer_unready(job->s, &job->ready);
	free(job->body);
	free(job->text);
	free(job);
}

static char *error_text(const struct cis_streamer_error *error)
{
	json_t *doc = cis_streamer_error_json(error);
	char *text = json_dumps(doc, JSON_COMPACT);

	json_decref(doc);
	return text;
}

static void answer(struct cis_streamer_job *job, int http)
{
	char *text = http == 200 ? job->text : error_text(&job->error);

	if (http == 200)
		job->text = NULL;
	if (job->call)
		cis_page_answer(job->s->page, job->call, http, text);
	else
		free(text);
	free_job(job);
}

/* ---- one after the other ---- */

static void next(struct cis_streamer *s);

static void end(struct cis_streamer_job *job);

static void on_worked(uv_work_t *work, int status)
{
	struct cis_streamer_job *job = work->data;
	struct cis_streamer *s = job->s;

	(void)status;
	s->working = NULL;
	if (s->closed)
		free_job(job);
	else
		end(job);
	next(s);
}

static void start_work(struct cis_streamer_job *job)
{
	struct cis_streamer *s = job->s;

	job->work.data = job;
	cis_utc_copy(&job->leaps);
	s->working = job;
	if (!uv_queue_work(s->loop, &job->work, do_work, on_worked))
		return;
	s->working = NULL;
	answer(job, cis_streamer_fail(&job->error, 500, CIS_EXIT_RUNTIME,
				      "out of memory"));
}

static void end(struct cis_streamer_job *job)
{
	int http = job->act->end(job);

	if (http)
		answer(job, http);
	else
		start_work(job);
}

static void next(struct cis_streamer *s)
{
	while (!s->working && !s->closed) {
		struct cis_streamer_job *job = take(&s->writes);
		int http;

		if (!job)
			job = take(&s->looks);
		if (!job)
			return;
		http = job->act->begin ? job->act->begin(job) : 0;
		if (http)
			answer(job, http);
		else
			start_work(job);
	}
}

static unsigned count(const struct cis_streamer_jobs *jobs)
{
	unsigned n = 0;

	for (const struct cis_streamer_job *j = jobs->first; j; j = j->next)
		n++;
	return n;
}

int cis_streamer_ask(struct cis_streamer *s, const struct cis_streamer_act *act,
		     const struct cis_web_call *call)
{
	struct cis_streamer_job *job;
	char *body;

	if (s->closed) {
		cis_page_answer(s->page, call, 503, NULL);
		return 0;
	}
	if (act->looks && count(&s->looks) >= CIS_STREAMER_MAX_LOOK)
		return -EBUSY;
	job = calloc(1, sizeof(*job));
	body = malloc(call->len + 1);
	if (!job || !body) {
		free(job);
		free(body);
		return -ENOMEM;
	}
	memcpy(body, call->body, call->len);
	body[call->len] = '\0';
	job->s = s;
	job->own_time = s->own_time;
	job->act = act;
	job->call = call;
	job->body = body;
	job->len = call->len;
	put(act->looks ? &s->looks : &s->writes, job);
	next(s);
	return 0;
}

/* ---- the end ---- */

static void give_up(struct cis_streamer_job *job)
{
	cis_page_answer(job->s->page, job->call, 503, NULL);
	job->call = NULL;
}

void cis_streamer_give_up(struct cis_streamer *s)
{
	struct cis_streamer_job *job;

	if (s->closed)
		return;
	s->closed = true;
	if (s->working)
		give_up(s->working);
	while ((job = take(&s->writes)) || (job = take(&s->looks))) {
		give_up(job);
		free_job(job);
	}
}

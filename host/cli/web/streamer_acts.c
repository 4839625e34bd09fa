/*
 * streamer_acts.c - what the streamer does when it is asked, in steps: what
 * needs nothing of it is done in the pool, see streamer_work.c.
 */
#include <stdlib.h>
#include <string.h>

#include "streamer_in.h"

/* ---- check, preview ---- */

static void note_warning(void *warnings, const char *sentence)
{
	json_array_append_new(warnings, json_string(sentence));
}

/* Looks at everything but the network. */
static json_t *look(struct cis_streamer_job *job)
{
	json_t *warnings = json_array(), *reply = NULL;
	const struct cis_streamer_rules rules = {
		.own_time = job->own_time,
		.names = job->own_time ? CIS_NAMES_REFUSED : CIS_NAMES_LATER,
		.warn = note_warning,
		.arg = warnings,
	};
	struct cis_streamer_request *request = NULL;

	job->http = cis_streamer_request_new(job->body, job->len, &rules,
					     &request, &job->error);
	if (!job->http) {
		reply = cis_streamer_preview(request, warnings, &job->error);
		job->http = reply ? 200 : job->error.http;
	}
	cis_streamer_request_free(request);
	json_decref(warnings);
	return reply;
}

static void work_on_preview(struct cis_streamer_job *job)
{
	json_t *reply = look(job);

	if (reply)
		job->text = json_dumps(reply, JSON_COMPACT);
	json_decref(reply);
}

static void work_on_check(struct cis_streamer_job *job)
{
	json_t *reply = look(job);

	if (reply)
		job->text = strdup("{}");
	json_decref(reply);
}

static int end_look(struct cis_streamer_job *job)
{
	return job->http;
}

/* ---- what is to be played ---- */

/* Sets job->http; leap seconds are those that it rehearses. */
static void read_request(struct cis_streamer_job *job, const int64_t *t0_tai_s)
{
	const struct cis_streamer_rules rules = {
		.own_time = job->own_time,
		.names = job->own_time ? CIS_NAMES_REFUSED : CIS_NAMES_NOW,
		.t0_tai_s = t0_tai_s,
	};
	struct cis_streamer_ready *ready = &job->ready;

	job->error = (struct cis_streamer_error){.code = NULL};
	job->http = cis_streamer_request_new(job->body, job->len, &rules,
					     &ready->request, &job->error);
	if (job->http)
		return;
	job->http = 200;
	ready->said = json_dumps(ready->request->said, JSON_COMPACT);
	ready->n_leap = cis_utc_rehearsed(ready->leap);
}

static int give_state(struct cis_streamer_job *job, json_t *document)
{
	job->text = cis_streamer_text(job->s, document);
	return 200;
}

/* ---- start ---- */

static int begin_start(struct cis_streamer_job *job)
{
	if (!job->s->run)
		return 0;
	return cis_streamer_fail(&job->error, 409, CIS_EXIT_RUNTIME,
				 "it runs already; stop it, or apply what is "
				 "to change");
}

static void work_on_start(struct cis_streamer_job *job)
{
	read_request(job, NULL);
}

static int end_start(struct cis_streamer_job *job)
{
	int http = job->http;

	if (http == 200 && cis_streamer_start(job->s, &job->ready, &job->error))
		http = job->error.http;
	if (http != 200)
		return http;
	return give_state(job, cis_streamer_document(job->s));
}

/* ---- apply ---- */

static int nothing_runs(struct cis_streamer_job *job, const char *hint)
{
	return cis_streamer_fail(&job->error, 409, CIS_EXIT_RUNTIME,
				 "nothing runs%s", hint);
}

/* First it is tried as a change of what runs: the same signal goes on. */
static int begin_apply(struct cis_streamer_job *job)
{
	if (!job->s->run)
		return nothing_runs(job, "; start it");
	job->round = CIS_ROUND_CHANGE;
	job->t0_tai_s = cis_sim_t0(job->s->run->sim);
	return 0;
}

/* What is not valid with the t0 of another signal is told without. */
static void work_on_apply(struct cis_streamer_job *job)
{
	if (job->round == CIS_ROUND_CHANGE) {
		read_request(job, &job->t0_tai_s);
		if (job->http == 200)
			return;
		job->round = CIS_ROUND_ANEW;
		cis_utc_end_rehearsals();
	}
	read_request(job, NULL);
}

static int give_applied(struct cis_streamer_job *job, bool restarted)
{
	json_t *document = cis_streamer_document(job->s);

	json_object_set_new(document, "restarted", json_boolean(restarted));
	return give_state(job, document);
}

static int end_change(struct cis_streamer_job *job)
{
	if (cis_streamer_change(job->s, &job->ready))
		return give_applied(job, false);
	cis_streamer_unready(job->s, &job->ready);
	job->round = CIS_ROUND_ANEW;
	return 0;
}

/* What could not be followed by another is begun anew, if it can be. */
static int end_anew(struct cis_streamer_job *job)
{
	char *before;

	if (!cis_streamer_restart(job->s, &job->ready, &before, &job->error))
		return give_applied(job, true);
	if (!before)
		return job->error.http;
	free(job->body);
	job->body = before;
	job->len = strlen(before);
	job->why = job->error;
	job->round = CIS_ROUND_BACK;
	return 0;
}

static int end_back(struct cis_streamer_job *job)
{
	if (job->http == 200)
		cis_streamer_start(job->s, &job->ready, &job->error);
	job->error = job->why;
	return job->error.http;
}

static int end_apply(struct cis_streamer_job *job)
{
	if (job->round == CIS_ROUND_BACK)
		return end_back(job);
	if (job->http != 200)
		return job->http;
	if (!job->s->run) /* it came to its end meanwhile */
		return nothing_runs(job, "; start it");
	return job->round == CIS_ROUND_CHANGE ? end_change(job) : end_anew(job);
}

/* ---- stop ---- */

static int begin_stop(struct cis_streamer_job *job)
{
	struct cis_streamer *s = job->s;

	if (!s->run)
		return nothing_runs(job, "");
	cis_streamer_stop(s);
	return give_state(job, cis_streamer_document(s));
}

/* ---- all of them ---- */

const struct cis_streamer_act cis_streamer_acts[] = {
	{"check", true, NULL, work_on_check, end_look},
	{"preview", true, NULL, work_on_preview, end_look},
	{"start", false, begin_start, work_on_start, end_start},
	{"apply", false, begin_apply, work_on_apply, end_apply},
	{"stop", false, begin_stop, NULL, NULL},
	{NULL, false, NULL, NULL, NULL},
};

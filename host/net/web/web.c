/* web.c - the web server as the loop sees it; see web.h. */
#include "web.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "web_in.h"

#define BACKLOG_SIZE (4 * 1024 * 1024)
#define BACKLOG_MOST 16384

/* One call at a time: between two the loop may do what is due. */
static void take_call(uv_async_t *async)
{
	struct cis_web *web = async->data;
	struct cis_job *job = cis_calls_asked(&web->calls);
	char *reply = NULL;
	int status = 500;

	if (!job)
		return;
	if (web->config.call)
		status = web->config.call(web->config.arg, &job->call, &reply);
	if (status)
		cis_web_reply(web, &job->call, status, reply);
	uv_async_send(async);
}

void cis_web_reply(struct cis_web *web, const struct cis_web_call *call,
		   int status, char *reply)
{
	struct cis_job *job = call->job;

	job->status = status;
	job->reply = reply;
	cis_calls_done(&web->calls, job);
	cis_web_wake(web);
}

static void web_free(struct cis_web *web)
{
	if (web->listen_fd >= 0)
		close(web->listen_fd);
	if (web->wake_fd >= 0)
		close(web->wake_fd);
	cis_backlog_free(web->backlog);
	cis_shelf_clear(&web->greetings);
	cis_shelf_clear(&web->shelf);
	cis_calls_clear(&web->calls);
	free(web);
}

static void on_closed(uv_handle_t *handle)
{
	web_free(handle->data);
}

static struct cis_web *web_new(const struct cis_web_config *config)
{
	struct cis_web *web = calloc(1, sizeof(*web));
	uint32_t epoch = 0;

	if (!web)
		return NULL;
	web->config = *config;
	web->listen_fd = -1;
	web->wake_fd = -1;
	if (getrandom(&epoch, sizeof(epoch), 0) != (ssize_t)sizeof(epoch))
		epoch = (uint32_t)getpid();
	web->backlog = cis_backlog_new(BACKLOG_SIZE, BACKLOG_MOST, epoch);
	if (web->backlog && !cis_shelf_init(&web->shelf) &&
	    !cis_shelf_init(&web->greetings) && !cis_calls_init(&web->calls))
		return web;
	cis_backlog_free(web->backlog);
	free(web);
	return NULL;
}

int cis_web_open(const struct cis_web_config *config, struct cis_web **out,
		 struct cis_diag *diag)
{
	struct cis_web *web = web_new(config);
	int err;

	if (!web)
		return cis_fail(diag, -ENOMEM, "web: out of memory");
	err = cis_web_listen(web, diag);
	if (!err)
		err = uv_async_init(config->loop, &web->async, take_call);
	if (err) {
		web_free(web);
		return err;
	}
	web->async.data = web;
	/* A page that is watched keeps no program alive. */
	uv_unref((uv_handle_t *)&web->async);
	err = cis_web_serve(web, diag);
	if (err) {
		uv_close((uv_handle_t *)&web->async, on_closed);
		return err;
	}
	*out = web;
	return 0;
}

void cis_web_close(struct cis_web *web)
{
	if (!web)
		return;
	/* Release: the thread sees all that was published. */
	atomic_store_explicit(&web->stop, true, memory_order_release);
	cis_web_wake(web);
	pthread_join(web->thread, NULL);
	uv_close((uv_handle_t *)&web->async, on_closed);
}

const char *cis_web_url(const struct cis_web *web)
{
	return web->url;
}

int cis_web_publish(struct cis_web *web, const char *event, const char *json,
		    size_t len)
{
	int err;

	if (!web)
		return 0;
	err = cis_backlog_put(web->backlog, event, json, len, cis_web_now_ms());
	if (err)
		return err;
	atomic_fetch_add_explicit(&web->n_event, 1, memory_order_relaxed);
	cis_web_wake(web);
	return 0;
}

int cis_web_greet(struct cis_web *web, const char *event, const char *json,
		  size_t len)
{
	const size_t size = len + CIS_WEB_MAX_HEAD;
	char *text;
	int n, err;

	if (!web)
		return 0;
	if (size > CIS_WEB_MAX_EVENT)
		return -EMSGSIZE;
	text = malloc(size);
	if (!text)
		return -ENOMEM;
	n = snprintf(text, CIS_WEB_MAX_HEAD, "event: %s\ndata: ", event);
	err = n < 0 || (size_t)n + 2 >= CIS_WEB_MAX_HEAD ? -EMSGSIZE : 0;
	if (!err) {
		cis_backlog_line(text + n, json, len);
		memcpy(text + n + len, "\n\n", 2);
		err = cis_shelf_put(&web->greetings, event, text,
				    (size_t)n + len + 2);
	}
	free(text);
	return err;
}

int cis_web_set(struct cis_web *web, const char *path, const char *json,
		size_t len)
{
	return web ? cis_shelf_put(&web->shelf, path, json, len) : 0;
}

int cis_web_metrics(struct cis_web *web, const char *text, size_t len)
{
	return cis_web_set(web, "/metrics", text, len);
}

void cis_web_stats(const struct cis_web *web, struct cis_web_stats *stats)
{
	const memory_order relaxed = memory_order_relaxed;

	memset(stats, 0, sizeof(*stats));
	if (!web)
		return;
	stats->n_reader = atomic_load_explicit(&web->n_reader, relaxed);
	stats->n_connection = atomic_load_explicit(&web->n_connection, relaxed);
	stats->n_connected = atomic_load_explicit(&web->n_connected, relaxed);
	stats->n_event = atomic_load_explicit(&web->n_event, relaxed);
	stats->n_skipped = atomic_load_explicit(&web->n_skipped, relaxed);
	stats->n_refused = atomic_load_explicit(&web->n_refused, relaxed);
	stats->n_call = atomic_load_explicit(&web->n_call, relaxed);
}

/* route.c - what answers a path; see web_in.h. */
#include <stdlib.h>
#include <string.h>

#include "web_in.h"

static const struct cis_web_file *file_of(const struct cis_web *web,
					  const char *path)
{
	if (!strcmp(path, "/"))
		path = "/index.html";
	for (size_t i = 0; i < web->config.n_file; i++)
		if (!strcmp(web->config.files[i].path, path))
			return &web->config.files[i];
	return NULL;
}

static bool is_post(const struct cis_web_request *request)
{
	return !strcmp(request->method, "POST");
}

static enum MHD_Result answer_text(struct MHD_Connection *connection,
				   const char *path, struct cis_text *text)
{
	const char *type = strcmp(path, "/metrics") != 0
				   ? "application/json"
				   : "text/plain; version=0.0.4; charset=utf-8";
	struct MHD_Response *response =
		MHD_create_response_from_buffer_with_free_callback_cls(
			text->len, text->text, cis_text_release, text);

	if (!response)
		cis_text_release(text);
	return cis_web_answer(connection, MHD_HTTP_OK, type, response);
}

/* The loop's turn; the connection waits meanwhile. */
static enum MHD_Result ask(struct cis_web_request *request,
			   struct MHD_Connection *connection)
{
	static const struct cis_web_refusal ends = {503, "the program ends"};
	struct cis_web *web = request->web;
	struct cis_job *job = &request->job;

	if (atomic_load_explicit(&web->stop, memory_order_acquire))
		return cis_web_refuse(web, connection, &ends);
	job->call.method = is_post(request) ? "POST" : "GET";
	job->call.path = request->path;
	job->call.body = request->body ? request->body : "";
	job->call.len = request->len;
	job->call.job = job;
	job->state = CIS_JOB_ASKED;
	job->arg = request;
	atomic_fetch_add_explicit(&web->n_call, 1, memory_order_relaxed);
	MHD_suspend_connection(connection);
	cis_calls_ask(&web->calls, job);
	uv_async_send(&web->async);
	return MHD_YES;
}

static enum MHD_Result answer_call(struct cis_web_request *request,
				   struct MHD_Connection *connection)
{
	static const struct cis_web_refusal ends = {503, "the program ends"};
	static const struct cis_web_refusal fault = {500, "no answer"};
	struct cis_job *job = &request->job;
	char *reply = job->reply;
	struct MHD_Response *response;

	if (!reply)
		return cis_web_refuse(request->web, connection,
				      job->status == 503 ? &ends : &fault);
	job->reply = NULL;
	response = MHD_create_response_from_buffer(strlen(reply), reply,
						   MHD_RESPMEM_MUST_FREE);
	if (!response)
		free(reply);
	return cis_web_answer(connection, (unsigned)job->status,
			      "application/json", response);
}

static enum MHD_Result route_get(struct cis_web_request *request,
				 struct MHD_Connection *connection)
{
	static const struct cis_web_refusal unknown = {404, "no such page"};
	const char *path = request->path;
	const struct cis_web_file *file = file_of(request->web, path);
	struct cis_text *text;

	if (file)
		return cis_web_answer_file(connection, file);
	if (!strcmp(path, "/api/events") && !strcmp(request->method, "GET"))
		return cis_web_follow(request->web, connection);
	text = cis_shelf_take(&request->web->shelf, path);
	if (text)
		return answer_text(connection, path, text);
	if (!strncmp(path, "/api/", 5))
		return ask(request, connection);
	return cis_web_refuse(request->web, connection, &unknown);
}

enum MHD_Result cis_web_route(struct cis_web_request *request,
			      struct MHD_Connection *connection)
{
	static const struct cis_web_refusal no_post = {
		405, "nothing to write to there"};

	if (request->job.state == CIS_JOB_ANSWERED)
		return answer_call(request, connection);
	if (!is_post(request))
		return route_get(request, connection);
	if (!strncmp(request->path, "/api/", 5))
		return ask(request, connection);
	return cis_web_refuse(request->web, connection, &no_post);
}

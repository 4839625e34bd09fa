/* request.c - one request from its head to its end; see web_in.h.
 *
 * The body of one that is refused is read all the same, up to a point: whoever
 * still sends does not hear why.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web_in.h"

static const struct cis_web_refusal too_long = {
	413, "the body is beyond 1048576 bytes"};

static struct cis_web_request *request_new(struct cis_web *web,
					   struct MHD_Connection *connection,
					   const char *method, const char *path)
{
	struct cis_web_request *request = calloc(1, sizeof(*request));

	if (!request)
		return NULL;
	request->web = web;
	request->connection = connection;
	request->refusal = cis_web_check(web, connection, method, path);
	if (!request->refusal.status) {
		snprintf(request->method, sizeof(request->method), "%s",
			 method);
		snprintf(request->path, sizeof(request->path), "%s", path);
	}
	return request;
}

/* 0 where none is told. */
static unsigned long long told_length(struct MHD_Connection *connection)
{
	const char *text = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, "Content-Length");

	return text ? strtoull(text, NULL, 10) : 0;
}

static bool waits_to_send(struct MHD_Connection *connection)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
					   "Expect");
}

static enum MHD_Result begin(struct cis_web_request *request)
{
	struct MHD_Connection *connection = request->connection;
	struct cis_web_link *link = cis_web_link_of(connection);
	const unsigned long long len = told_length(connection);

	if (link)
		link->until_ms = cis_web_now_ms() + CIS_WEB_BODY_MS;
	if (!request->refusal.status && len > CIS_WEB_MAX_BODY)
		request->refusal = too_long;
	if (request->refusal.status &&
	    (len > CIS_WEB_MAX_DISCARD || waits_to_send(connection)))
		return cis_web_refuse(request->web, connection,
				      &request->refusal);
	return MHD_YES;
}

static enum MHD_Result append(struct cis_web_request *request,
			      const char *upload, size_t *len)
{
	char *body;

	if (!request->refusal.status && *len > CIS_WEB_MAX_BODY - request->len)
		request->refusal = too_long;
	if (request->refusal.status) {
		request->n_discarded += *len;
		*len = 0;
		return request->n_discarded > CIS_WEB_MAX_DISCARD ? MHD_NO
								  : MHD_YES;
	}
	body = realloc(request->body, request->len + *len + 1);
	if (!body)
		return MHD_NO;
	memcpy(body + request->len, upload, *len);
	request->len += *len;
	body[request->len] = '\0';
	request->body = body;
	*len = 0;
	return MHD_YES;
}

enum MHD_Result cis_web_request(void *cls, struct MHD_Connection *connection,
				const char *url, const char *method,
				const char *version, const char *upload,
				size_t *upload_len, void **arg)
{
	struct cis_web_request *request = *arg;
	struct cis_web_link *link;

	(void)version;
	if (!request) {
		request = request_new(cls, connection, method, url);
		*arg = request;
		return request ? begin(request) : MHD_NO;
	}
	if (*upload_len > 0)
		return append(request, upload, upload_len);
	link = cis_web_link_of(connection);
	if (link)
		link->until_ms = 0;
	if (request->refusal.status)
		return cis_web_refuse(request->web, connection,
				      &request->refusal);
	return cis_web_route(request, connection);
}

void cis_web_request_end(void *cls, struct MHD_Connection *connection,
			 void **arg, enum MHD_RequestTerminationCode code)
{
	struct cis_web_request *request = *arg;
	struct cis_web_link *link = cis_web_link_of(connection);

	(void)cls;
	(void)code;
	if (link) {
		link->until_ms = cis_web_now_ms() + CIS_WEB_HEADER_MS;
		link->follows = false;
	}
	if (!request)
		return;
	free(request->job.reply);
	free(request->body);
	free(request);
	*arg = NULL;
}

void cis_web_requests_answered(struct cis_web *web)
{
	struct cis_job *job;

	while ((job = cis_calls_answered(&web->calls))) {
		struct cis_web_request *request = job->arg;

		job->state = CIS_JOB_ANSWERED;
		MHD_resume_connection(request->connection);
	}
}

/* answer.c - answers and what all of them say; see web_in.h. */
#include <stdio.h>
#include <string.h>

#include "web_in.h"

static const struct {
	const char *name, *value;
} headers[] = {
	{"Content-Security-Policy",
	 "default-src 'self'; base-uri 'none'; form-action 'self'; "
	 "frame-ancestors 'none'"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
};

static enum MHD_Result send_it(struct MHD_Connection *connection,
			       unsigned status, struct MHD_Response *response)
{
	enum MHD_Result result;

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		MHD_add_response_header(response, headers[i].name,
					headers[i].value);
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result cis_web_answer(struct MHD_Connection *connection,
			       unsigned status, const char *type,
			       struct MHD_Response *response)
{
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	return send_it(connection, status, response);
}

/* A list of entity tags, or "*". */
static bool has_it(struct MHD_Connection *connection, const char *etag)
{
	const char *match = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, "If-None-Match");

	return match && (!strcmp(match, "*") || strstr(match, etag));
}

enum MHD_Result cis_web_answer_file(struct MHD_Connection *connection,
				    const struct cis_web_file *file)
{
	const bool known = has_it(connection, file->etag);
	struct MHD_Response *response;

	/* libmicrohttpd only reads what is persistent. */
	response = MHD_create_response_from_buffer(known ? 0 : file->len,
						   (void *)file->gzip,
						   MHD_RESPMEM_PERSISTENT);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "ETag", file->etag);
	MHD_add_response_header(response, "Cache-Control", "no-cache");
	if (known)
		return send_it(connection, MHD_HTTP_NOT_MODIFIED, response);
	MHD_add_response_header(response, "Content-Type", file->type);
	MHD_add_response_header(response, "Content-Encoding", "gzip");
	return send_it(connection, MHD_HTTP_OK, response);
}

enum MHD_Result cis_web_refuse(struct cis_web *web,
			       struct MHD_Connection *connection,
			       const struct cis_web_refusal *refusal)
{
	char json[256];
	struct MHD_Response *response;
	int n = snprintf(
		json, sizeof(json),
		"{\"error\":{\"code\":\"E-WEB\",\"message\":\"%s\"}}\n",
		refusal->message);

	if (n < 0 || (size_t)n >= sizeof(json))
		return MHD_NO;
	atomic_fetch_add_explicit(&web->n_refused, 1, memory_order_relaxed);
	response = MHD_create_response_from_buffer((size_t)n, json,
						   MHD_RESPMEM_MUST_COPY);
	if (response && refusal->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, "Allow", "GET, HEAD, POST");
	if (response && refusal->status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
	if (response && refusal->status == MHD_HTTP_SERVICE_UNAVAILABLE)
		MHD_add_response_header(response, "Retry-After", "5");
	return cis_web_answer(connection, refusal->status, "application/json",
			      response);
}

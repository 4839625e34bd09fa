/* check.c - whether a request may be answered at all; see web_in.h. */
#include <string.h>
#include <strings.h>

#include "web_in.h"

static const struct cis_web_refusal none;

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result count_host(void *cls, enum MHD_ValueKind kind,
				  const char *key, const char *value)
{
	unsigned *n = cls;

	(void)kind;
	(void)value;
	if (!strcasecmp(key, "Host"))
		++*n;
	return MHD_YES;
}

static struct cis_web_refusal check_form(struct MHD_Connection *connection,
					 const char *method, const char *path)
{
	const union MHD_ConnectionInfo *head = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	unsigned n_host = 0;

	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 &&
	    strcmp(method, "POST") != 0)
		return (struct cis_web_refusal){405, "GET, HEAD or POST"};
	if (strlen(path) >= sizeof(((struct cis_web_request *)0)->path))
		return (struct cis_web_refusal){414, "the path is too long"};
	if (!head || head->header_size > CIS_WEB_MAX_HEADER)
		return (struct cis_web_refusal){
			431, "the head is beyond 8192 bytes"};
	MHD_get_connection_values(connection, MHD_HEADER_KIND, count_host,
				  &n_host);
	if (n_host != 1)
		return (struct cis_web_refusal){400, "one Host is needed"};
	return none;
}

/* Of a page of another origin, or of none that a browser would hide. */
static struct cis_web_refusal check_origin(const struct cis_web *web,
					   struct MHD_Connection *connection,
					   bool writes)
{
	const char *host = header(connection, "Host");
	const char *origin = header(connection, "Origin");
	const char *site = header(connection, "Sec-Fetch-Site");

	if (!cis_guard_host(&web->guard, host))
		return (struct cis_web_refusal){
			403, "Host is not a name of this server"};
	if (origin && !cis_guard_origin(host, origin))
		return (struct cis_web_refusal){
			403, "from a page of another origin"};
	if (writes && site && strcmp(site, "same-origin") != 0 &&
	    strcmp(site, "none") != 0)
		return (struct cis_web_refusal){
			403, "from a page of another origin"};
	if (writes && !origin && !header(connection, "X-Cisoid"))
		return (struct cis_web_refusal){
			403,
			"a write without Origin needs the header X-Cisoid"};
	return none;
}

static bool is_json(const char *type)
{
	static const char json[] = "application/json";
	const size_t n = sizeof(json) - 1;

	return type && !strncasecmp(type, json, n) &&
	       (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

/* EventSource sends no headers: of events the token may stand in the query. */
static bool has_token(const struct cis_web *web,
		      struct MHD_Connection *connection, const char *path)
{
	static const char bearer[] = "Bearer ";
	const char *text = header(connection, "Authorization");

	if (text && !strncasecmp(text, bearer, sizeof(bearer) - 1))
		return cis_guard_token(&web->guard, text + sizeof(bearer) - 1);
	if (strcmp(path, "/api/events") != 0)
		return false;
	return cis_guard_token(
		&web->guard,
		MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND,
					    "token"));
}

static bool is_data(const char *path)
{
	return !strncmp(path, "/api/", 5) || !strcmp(path, "/metrics");
}

struct cis_web_refusal cis_web_check(const struct cis_web *web,
				     struct MHD_Connection *connection,
				     const char *method, const char *path)
{
	const bool writes = !strcmp(method, "POST");
	struct cis_web_refusal refusal = check_form(connection, method, path);

	if (!refusal.status)
		refusal = check_origin(web, connection, writes);
	if (refusal.status)
		return refusal;
	if ((writes || is_data(path)) &&
	    !cis_guard_free(&web->guard, header(connection, "Host")) &&
	    !has_token(web, connection, path))
		return (struct cis_web_refusal){
			401, "the token of the page is needed"};
	if (writes && !is_json(header(connection, "Content-Type")))
		return (struct cis_web_refusal){415,
						"application/json is needed"};
	return none;
}

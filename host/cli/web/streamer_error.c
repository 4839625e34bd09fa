/* streamer_error.c - why a request is refused; see streamer_request.h. */
#include <stdarg.h>
#include <stdio.h>

#include "host/cli/json_value.h"
#include "streamer_request.h"

json_t *cis_streamer_error_json(const struct cis_streamer_error *error)
{
	const char *hint = cis_failure_hint(error->why.msg);
	json_t *what = json_object(), *all = json_object();

	json_object_set_new(
		what, "code",
		json_string(error->code ? error->code
					: cis_failure_code(error->status)));
	json_object_set_new(what, "message", cis_json_text(error->why.msg));
	if (hint)
		json_object_set_new(what, "hint", cis_json_text(hint));
	if (error->field[0])
		json_object_set_new(what, "field", cis_json_text(error->field));
	json_object_set_new(all, "error", what);
	return all;
}

int cis_streamer_fail(struct cis_streamer_error *error, int http, int status,
		      const char *fmt, ...)
{
	va_list ap;

	error->http = http;
	error->status = status;
	error->field[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(error->why.msg, sizeof(error->why.msg), fmt, ap);
	va_end(ap);
	return http;
}

/* streamer_call.c - what the page asks of the streamer; see docs/api.md. */
#include <errno.h>
#include <string.h>

#include "host/cli/simulate/presets.h"
#include "streamer_in.h"

#define PREFIX  "/api/streamer"
#define PRESETS "/api/presets"

/* The longest request of a process that measures: reading it takes some 20 ms of
 * the thread that sends its reports. */
#define MAX_BODY 65536

/* ---- presets ---- */

static int list_presets(json_t **reply)
{
	*reply = json_array();
	for (const struct cis_preset *p = cis_presets; p->name; p++) {
		json_t *doc = json_loads(p->text, 0, NULL);

		json_array_append_new(
			*reply,
			json_pack("{s:s, s:s}", "name", p->name, "title",
				  json_string_value(
					  json_object_get(doc, "title"))));
		json_decref(doc);
	}
	return 200;
}

static int no_such(struct cis_streamer_error *error, const char *what)
{
	error->code = "E-WEB";
	return cis_streamer_fail(error, 404, CIS_EXIT_USAGE, "no such %s",
				 what);
}

static int give_preset(const char *name, json_t **reply,
		       struct cis_streamer_error *error)
{
	for (const struct cis_preset *p = cis_presets; p->name; p++)
		if (!strcmp(p->name, name)) {
			*reply = json_loads(p->text, 0, NULL);
			return 200;
		}
	return no_such(error, "preset");
}

/* ---- requests ---- */

static void note_warning(void *warnings, const char *sentence)
{
	json_array_append_new(warnings, json_string(sentence));
}

/* Looks at everything but the network. */
static int preview(struct cis_streamer *s, const struct cis_web_call *call,
		   json_t **reply, struct cis_streamer_error *error)
{
	json_t *warnings = json_array();
	const struct cis_streamer_rules rules = {
		.own_time = s->own_time,
		.names = s->own_time ? CIS_NAMES_REFUSED : CIS_NAMES_LATER,
		.warn = note_warning,
		.arg = warnings,
	};
	struct cis_streamer_request *request = NULL;
	struct cis_streamer_look before;
	int http;

	cis_streamer_look_begin(&before);
	http = cis_streamer_request_new(call->body, call->len, &rules, &request,
					error);
	if (!http) {
		*reply = cis_streamer_preview(request, warnings, error);
		http = *reply ? 200 : error->http;
	}
	cis_streamer_look_end(&before);
	cis_streamer_request_free(request);
	json_decref(warnings);
	return http;
}

static int check(struct cis_streamer *s, const struct cis_web_call *call,
		 json_t **reply, struct cis_streamer_error *error)
{
	int http = preview(s, call, reply, error);

	if (http == 200)
		json_object_clear(*reply);
	return http;
}

static int start(struct cis_streamer *s, const struct cis_web_call *call,
		 json_t **reply, struct cis_streamer_error *error)
{
	int http = cis_streamer_start(s, call, error);

	if (http)
		return http;
	*reply = cis_streamer_document(s);
	return 200;
}

static int apply(struct cis_streamer *s, const struct cis_web_call *call,
		 json_t **reply, struct cis_streamer_error *error)
{
	bool restarted;
	int http = cis_streamer_apply(s, call, &restarted, error);

	if (http)
		return http;
	*reply = cis_streamer_document(s);
	json_object_set_new(*reply, "restarted", json_boolean(restarted));
	return 200;
}

static int stop(struct cis_streamer *s, const struct cis_web_call *call,
		json_t **reply, struct cis_streamer_error *error)
{
	int http = cis_streamer_stop(s, error);

	(void)call;
	if (http)
		return http;
	*reply = cis_streamer_document(s);
	return 200;
}

static int fail_kick(struct cis_streamer_error *error, int err)
{
	if (err == -ENOENT)
		cis_streamer_fail(error, 404, CIS_EXIT_CONNECTION,
				  "there is no such client any more");
	else
		cis_streamer_fail(error, 422, CIS_EXIT_CONNECTION,
				  "it is sent to unasked and has no connection "
				  "that could be closed; stop the streamer");
	strcpy(error->field, "id");
	return error->http;
}

static int kick(struct cis_streamer *s, const struct cis_web_call *call,
		json_t **reply, struct cis_streamer_error *error)
{
	json_t *body = json_loadb(call->body, call->len, 0, NULL);
	const json_t *id = json_object_get(body, "id");
	json_int_t value = json_integer_value(id);
	bool good = json_is_integer(id) && value > 0;
	int err = 0;

	json_decref(body);
	if (!good) {
		cis_streamer_fail(error, 400, CIS_EXIT_USAGE,
				  "not {\"id\": N}, the id of a client");
		strcpy(error->field, "id");
		return 400;
	}
	if (!s->run)
		return cis_streamer_fail(error, 409, CIS_EXIT_RUNTIME,
					 "nothing runs");
	err = cis_sim_kick(s->run->sim, (uint64_t)value);
	if (err)
		return fail_kick(error, err);
	*reply = cis_streamer_document(s);
	return 200;
}

/* ---- all of them ---- */

static int too_long(struct cis_streamer_error *error)
{
	error->code = "E-WEB";
	return cis_streamer_fail(
		error, 413, CIS_EXIT_USAGE,
		"longer than %d bytes, which would delay "
		"reports that are measured; use cisoid simulate",
		MAX_BODY);
}

static int act(struct cis_streamer *s, const struct cis_web_call *call,
	       json_t **reply, struct cis_streamer_error *error)
{
	static const struct {
		const char *name;
		int (*act)(struct cis_streamer *, const struct cis_web_call *,
			   json_t **, struct cis_streamer_error *);
	} acts[] = {{"/check", check}, {"/preview", preview}, {"/start", start},
		    {"/apply", apply}, {"/stop", stop},       {"/kick", kick}};
	const char *name = call->path + strlen(PREFIX);

	if (s->own_time && call->len > MAX_BODY)
		return too_long(error);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (!strcmp(acts[i].name, name)) {
			if (!strcmp(call->method, "POST"))
				return acts[i].act(s, call, reply, error);
			error->code = "E-WEB";
			return cis_streamer_fail(error, 405, CIS_EXIT_USAGE,
						 "this takes POST");
		}
	return no_such(error, "path");
}

static int answer(struct cis_streamer *s, const struct cis_web_call *call,
		  json_t **reply, struct cis_streamer_error *error)
{
	const char *path = call->path;
	bool reads = !strcmp(call->method, "GET");

	if (!strncmp(path, PREFIX "/", strlen(PREFIX "/")))
		return act(s, call, reply, error);
	if (strcmp(path, PREFIX) != 0 && strcmp(path, PRESETS) != 0 &&
	    strncmp(path, PRESETS "/", strlen(PRESETS "/")) != 0)
		return no_such(error, "path");
	if (!reads) {
		error->code = "E-WEB";
		return cis_streamer_fail(error, 405, CIS_EXIT_USAGE,
					 "this takes GET");
	}
	if (!strcmp(path, PRESETS))
		return list_presets(reply);
	if (strcmp(path, PREFIX) != 0)
		return give_preset(path + strlen(PRESETS "/"), reply, error);
	*reply = cis_streamer_document(s);
	return 200;
}

int cis_streamer_call(void *arg, const struct cis_web_call *call,
		      json_t **reply)
{
	struct cis_streamer_error error = {.code = NULL};
	int http;

	*reply = NULL;
	http = answer(arg, call, reply, &error);
	if (http != 200)
		*reply = cis_streamer_error_json(&error);
	return http;
}

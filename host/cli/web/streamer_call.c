/* streamer_call.c - what the page asks of the streamer; see docs/api.md. */
#include <errno.h>
#include <string.h>

#include "host/cli/simulate/presets.h"
#include "page.h"
#include "streamer_in.h"

#define PREFIX  "/api/streamer"
#define PRESETS "/api/presets"

/* The longest request of a process that measures, whose processors have its
 * samples to work on. */
#define MAX_BODY 65536

#define MAX_KICK 4096 /* read by the loop */

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

/* ---- answers ---- */

/* JSON that is text already. */
static int give_text(struct cis_streamer *s, const struct cis_web_call *call,
		     char *text)
{
	cis_page_answer(s->page, call, text ? 200 : 500, text);
	return 0;
}

static int give_state(struct cis_streamer *s, const struct cis_web_call *call)
{
	return give_text(s, call,
			 cis_streamer_text(s, cis_streamer_document(s)));
}

static int ask(struct cis_streamer *s, const struct cis_streamer_act *act,
	       const struct cis_web_call *call,
	       struct cis_streamer_error *error)
{
	int err = cis_streamer_ask(s, act, call);

	if (!err)
		return 0;
	if (err == -ENOMEM)
		return cis_streamer_fail(error, 500, CIS_EXIT_RUNTIME,
					 "out of memory");
	error->code = "E-WEB";
	return cis_streamer_fail(error, 503, CIS_EXIT_RUNTIME,
				 "%d previews and checks wait already; ask "
				 "again later",
				 CIS_STREAMER_MAX_LOOK);
}

/* ---- kick ---- */

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
		struct cis_streamer_error *error)
{
	json_t *body = call->len <= MAX_KICK
			       ? json_loadb(call->body, call->len, 0, NULL)
			       : NULL;
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
	return err ? fail_kick(error, err) : give_state(s, call);
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
	       struct cis_streamer_error *error)
{
	const char *name = call->path + strlen(PREFIX "/");
	const struct cis_streamer_act *act = cis_streamer_acts;
	bool kicks = !strcmp(name, "kick");

	if (s->own_time && call->len > MAX_BODY)
		return too_long(error);
	while (act->name && strcmp(act->name, name) != 0)
		act++;
	if (!act->name && !kicks)
		return no_such(error, "path");
	if (strcmp(call->method, "POST") != 0) {
		error->code = "E-WEB";
		return cis_streamer_fail(error, 405, CIS_EXIT_USAGE,
					 "this takes POST");
	}
	return kicks ? kick(s, call, error) : ask(s, act, call, error);
}

static int answer(struct cis_streamer *s, const struct cis_web_call *call,
		  json_t **reply, struct cis_streamer_error *error)
{
	const char *path = call->path;
	bool reads = !strcmp(call->method, "GET");

	if (!strncmp(path, PREFIX "/", strlen(PREFIX "/")))
		return act(s, call, error);
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
	return give_state(s, call);
}

int cis_streamer_call(void *arg, const struct cis_web_call *call,
		      json_t **reply)
{
	struct cis_streamer_error error = {.code = NULL};
	int http;

	*reply = NULL;
	http = answer(arg, call, reply, &error);
	if (http && http != 200)
		*reply = cis_streamer_error_json(&error);
	return http;
}

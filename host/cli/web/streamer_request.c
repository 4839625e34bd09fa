/*
 * streamer_request.c - see streamer_request.h.
 *
 * The scenario is read as a file of it is, the rest in streamer_beside.c. Where a
 * value is wrong its place is known: what a message says of place is taken away
 * and told as the field.
 */
#include "streamer_request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "streamer_beside.h"

#define MAX_EVENTS    1000
#define MAX_MEASURING 100  /* beside samples */
#define MAX_BESIDE    1000 /* PMUs, the same */

/* ---- errors ---- */

static int out_of_memory(struct cis_streamer_error *error)
{
	return cis_streamer_fail(error, 500, CIS_EXIT_RUNTIME, "out of memory");
}

/* What stands at a place of the body. */
static int fail_at(const struct cis_streamer_request *r, int http,
		   struct cis_streamer_error *error)
{
	cis_streamer_fail(error, http, CIS_EXIT_USAGE, "%s", r->fault.why.msg);
	snprintf(error->field, sizeof(error->field), "%s", r->fault.path);
	return http;
}

/* ---- the body ---- */

/* What no page may ask for: files of this computer. */
static int check_files(const struct cis_json_at *root)
{
	static const char *const files[] = {
		"connection_file", "replay", "preset",
		"record",          "sink",   "force"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct cis_json_at at = cis_json_member(root, files[i]);

		if (at.value)
			return cis_json_fail(&at, NULL,
					     "not from the page, which neither "
					     "reads nor writes files here; use "
					     "the command line: cisoid "
					     "simulate");
	}
	return 0;
}

/* Types, so that a wrong one is told before any value. */
static int check_members(const struct cis_json_at *root)
{
	const char *keys[CIS_STREAMER_N_BESIDE + 3] = {"scenario",
						       "allow_public"};
	struct cis_json_at scenario = cis_json_member(root, "scenario");
	struct cis_json_at far = cis_json_member(root, "allow_public");

	cis_streamer_beside_keys(keys + 2);
	if (cis_json_check_keys(root, keys, NULL) ||
	    cis_json_check_type(&scenario, JSON_OBJECT, NULL) ||
	    cis_json_check_type(&far, JSON_TRUE, NULL))
		return -EBADMSG;
	return cis_streamer_beside_check(root);
}

static int read_body(struct cis_streamer_request *r, const char *body,
		     size_t len, struct cis_streamer_error *error)
{
	struct cis_json_at root;
	struct cis_diag why = {""};

	if (cis_json_doc_parse("request", body, len, &r->json, &why))
		return cis_streamer_fail(error, 400, CIS_EXIT_INVALID, "%s",
					 why.msg);
	r->json.fault = &r->fault;
	r->said = r->json.root;
	root = cis_json_root(&r->json);
	if (check_files(&root))
		return fail_at(r, 422, error);
	if (check_members(&root))
		return fail_at(r, 400, error);
	r->allow_public =
		json_is_true(json_object_get(r->said, "allow_public"));
	return 0;
}

/* ---- the scenario ---- */

/* -EBADMSG is of its document, -EINVAL of an option. */
static int fail_in_scenario(const struct cis_streamer_request *r, int err,
			    const struct cis_diag *why,
			    struct cis_streamer_error *error)
{
	const char *path = r->scenario_fault.path;

	if (err == -ENOMEM)
		return out_of_memory(error);
	if (err != -EBADMSG)
		return cis_streamer_fail(error, 422, CIS_EXIT_USAGE, "%s",
					 why->msg);
	cis_streamer_fail(error, 422, CIS_EXIT_INVALID, "%s",
			  r->scenario_fault.why.msg);
	snprintf(error->field, sizeof(error->field), "scenario%s%s",
		 path[0] && path[0] != '[' ? "." : "", path);
	return 422;
}

/* The process measures by UTC. */
static int check_leaps(struct cis_streamer_request *r,
		       const struct cis_streamer_rules *rules,
		       struct cis_streamer_error *error)
{
	const json_t *events =
		json_object_get(json_object_get(r->said, "scenario"), "events");

	for (size_t i = 0; i < json_array_size(events); i++) {
		const char *type = json_string_value(
			json_object_get(json_array_get(events, i), "type"));

		if (!type || strcmp(type, "leap_second") != 0)
			continue;
		r->has_leap = true;
		if (!rules->own_time)
			continue;
		cis_streamer_fail(error, 422, CIS_EXIT_INVALID,
				  "a leap second that is rehearsed would be "
				  "one of this process, which measures; use "
				  "cisoid simulate");
		snprintf(error->field, sizeof(error->field),
			 "scenario.events[%zu].type", i);
		return 422;
	}
	return 0;
}

/* Each frame asks which of them befall it. */
static int check_many(const struct cis_streamer_request *r,
		      const struct cis_streamer_rules *rules,
		      struct cis_streamer_error *error)
{
	const json_t *events =
		json_object_get(json_object_get(r->said, "scenario"), "events");
	size_t most = rules->own_time ? MAX_MEASURING : MAX_EVENTS;

	if (json_array_size(events) <= most)
		return 0;
	cis_streamer_fail(error, 422, CIS_EXIT_INVALID,
			  "%zu of them, more than %zu, which the page may ask "
			  "for here; use cisoid simulate --scenario FILE",
			  json_array_size(events), most);
	strcpy(error->field, "scenario.events");
	return 422;
}

/* The thread that sends them has the measurement's frames to send. */
static int check_count(const struct cis_streamer_request *r,
		       const struct cis_streamer_rules *rules,
		       struct cis_streamer_error *error)
{
	if (!rules->own_time || r->args.sim.count <= MAX_BESIDE)
		return 0;
	cis_streamer_fail(
		error, 422, CIS_EXIT_INVALID,
		"%u PMUs are more than the %d that may be sent beside "
		"a measurement; use cisoid simulate --web",
		(unsigned)r->args.sim.count, MAX_BESIDE);
	strcpy(error->field, "scenario.count");
	return 422;
}

static int read_scenario(struct cis_streamer_request *r,
			 const struct cis_streamer_rules *rules,
			 struct cis_streamer_error *error)
{
	const json_t *scenario = json_object_get(r->said, "scenario");
	struct cis_diag why = {""};
	int err;

	if (!scenario)
		return 0;
	if (check_many(r, rules, error))
		return 422;
	err = cis_scenario_doc_take(scenario, &r->scenario_fault, &r->args.doc,
				    &why);
	if (!err)
		err = cis_scenario_doc_options(r->args.doc, cis_sim_take,
					       &r->args, &why);
	if (err)
		return fail_in_scenario(r, err, &why, error);
	err = check_count(r, rules, error);
	return err ? err : check_leaps(r, rules, error);
}

/* ---- together ---- */

static int complete(struct cis_streamer_request *r,
		    struct cis_streamer_error *error)
{
	struct cis_diag why = {""};
	int err = cis_sim_check(&r->args, &why);

	if (!err)
		err = cis_sim_prepare(&r->args, &why);
	if (err == -EINVAL)
		return cis_streamer_beside_fail(&why, error);
	return err ? fail_in_scenario(r, err, &why, error) : 0;
}

static int read_all(struct cis_streamer_request *r,
		    const struct cis_streamer_rules *rules,
		    struct cis_streamer_error *error)
{
	struct cis_json_at root = cis_json_root(&r->json);
	int http = read_scenario(r, rules, error);

	if (!http && cis_streamer_beside_read(r, &root, rules))
		http = fail_at(r, 422, error);
	return http ? http : complete(r, error);
}

int cis_streamer_request_new(const char *body, size_t len,
			     const struct cis_streamer_rules *rules,
			     struct cis_streamer_request **out,
			     struct cis_streamer_error *error)
{
	struct cis_streamer_request *r = calloc(1, sizeof(*r));
	int http;

	if (!r)
		return out_of_memory(error);
	cis_sim_defaults(&r->args);
	if (rules->t0_tai_s) {
		r->args.has_t0 = true;
		r->args.t0.tai_ns = *rules->t0_tai_s * CIS_NS_PER_S;
	}
	r->args.warn = rules->warn;
	r->args.warn_arg = rules->arg;
	http = read_body(r, body, len, error);
	if (!http)
		http = read_all(r, rules, error);
	r->args.warn = NULL;
	if (http)
		cis_streamer_request_free(r);
	else
		*out = r;
	return http;
}

void cis_streamer_request_free(struct cis_streamer_request *r)
{
	if (!r)
		return;
	cis_scenario_free(r->args.sim.scenario);
	cis_scenario_doc_free(r->args.doc);
	if (r->json.root)
		cis_json_doc_free(&r->json);
	free(r);
}

/* ---- what only the system finds ---- */

/* "udp:127.0.0.1:4713" of "udp:127.0.0.1:4713,ttl=2" stands in the sentence. */
static bool names(const char *sentence, const char *spec)
{
	char end[CIS_STREAMER_SPEC_SIZE];

	snprintf(end, sizeof(end), "%.*s", (int)strcspn(spec, ","), spec);
	return strstr(sentence, end);
}

int cis_streamer_request_blame(const struct cis_streamer_request *r, int status,
			       const char *sentence,
			       struct cis_streamer_error *error)
{
	const struct cis_endpoints *ep = &r->args.sim.endpoints;
	const char *list = ep->n_stream ? "stream" : "listen";
	bool only = ep->n_stream + ep->n_listen == 1;
	uint32_t at = 0;

	for (uint32_t i = 0; i < ep->n_stream && !only; i++)
		if (names(sentence, r->stream[i])) {
			only = true;
			at = i;
		}
	for (uint32_t i = 0; i < ep->n_listen && !only; i++)
		if (names(sentence, r->listen[i])) {
			only = true;
			list = "listen";
			at = i;
		}
	cis_streamer_fail(error, 422, status, "%s", sentence);
	if (!strncmp(sentence, "--count: ", 9)) {
		cis_streamer_fail(error, 422, CIS_EXIT_INVALID, "%s",
				  sentence + 9);
		strcpy(error->field, "scenario.count");
		return 422;
	}
	if (only && status != CIS_EXIT_RUNTIME)
		snprintf(error->field, sizeof(error->field), "%s[%u]", list,
			 at);
	return 422;
}

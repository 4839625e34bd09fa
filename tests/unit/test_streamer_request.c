/*
 * test_streamer_request.c - what a page may ask of the streamer, and what it is
 * told where it may not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cisoid/utc.h"
#include "host/cli/simulate/sink.h"
#include "host/cli/web/streamer_request.h"

/* Of the command alone its name is wanted here, and no sink. */
const struct cis_command cis_cmd_simulate = {.name = "simulate"};

int cis_sink_check(const char *spec, struct cis_diag *diag)
{
	(void)spec;
	(void)diag;
	return 0;
}

static const struct cis_streamer_rules usual = {.names = CIS_NAMES_NOW};

static int ask(const char *body, const struct cis_streamer_rules *rules,
	       struct cis_streamer_request **out,
	       struct cis_streamer_error *error)
{
	*error = (struct cis_streamer_error){.http = 0};
	*out = NULL;
	return cis_streamer_request_new(body, strlen(body), rules, out, error);
}

/* ---- what is said is what is simulated ---- */

static void a_request_says_what_the_command_line_would(void **state)
{
	struct cis_streamer_request *r;
	struct cis_streamer_error error;
	const struct cis_sim_config *sim;

	(void)state;
	assert_int_equal(
		ask("{\"scenario\": {\"rate\": 25, \"count\": 3, \"idcode\": "
		    "7, \"station\": \"HERE\", \"impair\": \"loss=1%\", "
		    "\"format\": \"rect,int\", \"send\": \"burst\", "
		    "\"analogs\": 2, \"digitals\": 1, \"concentrate\": true, "
		    "\"signal\": {\"f\": 50.1, \"va\": 118, \"seq\": \"acb\"}},"
		    " \"stream\": [\"udp:127.0.0.1:4713\", "
		    "\"tcp:localhost:4712\"], \"listen\": "
		    "[\"tcp:0.0.0.0:0,clients=4\"], \"c37\": 2005, \"cfg\": "
		    "\"2\", \"cfg_every\": 10, \"time_base\": 600, "
		    "\"test_mode\": true, \"duration\": \"2min\", \"for\": "
		    "\"strict\"}",
		    &usual, &r, &error),
		0);
	sim = &r->args.sim;
	assert_int_equal(sim->rate.num, 25);
	assert_int_equal(sim->count, 3);
	assert_int_equal(sim->idcode, 7);
	assert_string_equal(sim->station, "HERE");
	check_close(sim->impair.share[CIS_FATE_LOST], 0.01, 1e-15);
	assert_int_equal(sim->opts.format, 0);
	assert_true(sim->burst && sim->concentrate && sim->test_mode);
	assert_int_equal(sim->n_analog, 2);
	assert_int_equal(sim->n_digital, 1);
	check_close(sim->sig.f_hz, 50.1, 0);
	check_close(sim->sig.rms[0], 118, 0);
	assert_true(sim->sig.given.acb);
	assert_int_equal(sim->endpoints.n_stream, 2);
	assert_string_equal(sim->endpoints.stream[0], "udp:127.0.0.1:4713");
	assert_string_equal(sim->endpoints.stream[1], "tcp:127.0.0.1:4712");
	assert_string_equal(sim->endpoints.listen[0],
			    "tcp:0.0.0.0:0,clients=4");
	assert_int_equal(sim->opts.edition, 2005);
	assert_int_equal(sim->opts.cfg_every_s, 10);
	assert_int_equal(sim->opts.time_base, 600);
	check_close(sim->duration_s, 120, 0);
	assert_non_null(sim->scenario);
	cis_streamer_request_free(r);
}

static void nothing_said_is_all_as_by_default(void **state)
{
	struct cis_streamer_request *r;
	struct cis_streamer_error error;

	(void)state;
	assert_int_equal(ask("{}", &usual, &r, &error), 0);
	assert_int_equal(r->args.sim.rate.num, 50);
	assert_int_equal(r->args.sim.count, 1);
	assert_int_equal(r->args.sim.endpoints.n_stream, 0);
	assert_true(isinf(r->args.sim.duration_s));
	cis_streamer_request_free(r);
}

/* ---- what is refused ---- */

static void wrong_values_are_told_with_their_place(void **state)
{
	static const struct {
		const char *body;
		int http;
		const char *code, *field, *why;
	} cases[] = {
		{"", 400, "E-CONF", "", "empty"},
		{"nonsense", 400, "E-CONF", "", "not JSON"},
		{"[]", 400, "E-CONF", "", "an array"},
		{"{\"c37\": NaN}", 400, "E-CONF", "", "not JSON"},
		{"{\"c37\": 1e999}", 400, "E-CONF", "", "1.8e308"},
		{"{\"c37\": 2005, \"c37\": 2011}", 400, "E-CONF", "",
		 "the key stands twice"},
		{"{\"scenario\": []}", 400, "E-USAGE", "scenario",
		 "an object, in braces, is expected here, not a list"},
		{"{\"scenario\": null}", 400, "E-USAGE", "scenario", "null"},
		{"{\"stream\": \"udp:127.0.0.1:4713\"}", 400, "E-USAGE",
		 "stream", "a list, in brackets, is expected here"},
		{"{\"stream\": [5]}", 422, "E-USAGE", "stream[0]",
		 "a text, in quotes, is expected here, not a number"},
		{"{\"test_mode\": 1}", 400, "E-USAGE", "test_mode",
		 "true or false is expected here"},
		{"{\"allow_public\": \"yes\"}", 400, "E-USAGE", "allow_public",
		 "true or false is expected here"},
		{"{\"time_base\": \"1000\"}", 400, "E-USAGE", "time_base",
		 "a number is expected here"},
		{"{\"for\": 5}", 400, "E-USAGE", "for", "a text, in quotes"},
		{"{\"straem\": []}", 400, "E-USAGE", "straem",
		 "did you mean \"stream\"?"},
		{"{\"replay\": \"/etc/passwd\"}", 422, "E-USAGE", "replay",
		 "use the command line"},
		{"{\"connection_file\": \"x\"}", 422, "E-USAGE",
		 "connection_file", "use the command line"},
		{"{\"stream\": [\"pcap:/tmp/x\"]}", 422, "E-USAGE", "stream[0]",
		 "writes no files"},
		{"{\"stream\": [\"udp:127.0.0.1:4713\", \"pcap:-\"]}", 422,
		 "E-USAGE", "stream[1]", "writes no files"},
		{"{\"stream\": [\"127.0.0.1:4713\"]}", 422, "E-USAGE",
		 "stream[0]", "an endpoint is tcp:HOST:PORT"},
		{"{\"stream\": [\"udp:127.0.0.1:0\"]}", 422, "E-USAGE",
		 "stream[0]", "nothing can be sent to port 0"},
		{"{\"stream\": [\"udp:127.0.0.1:4713,clients=4\"]}", 422,
		 "E-USAGE", "stream[0]", "clients"},
		{"{\"listen\": [\"tcp:127.0.0.1:4712,ttl=4\"]}", 422, "E-USAGE",
		 "listen[0]", "ttl"},
		{"{\"c37\": 2018}", 422, "E-USAGE", "c37",
		 "\"2018\" is neither 2005 nor 2011"},
		{"{\"c37\": 2005, \"cfg\": 3}", 422, "E-USAGE", "cfg",
		 "the edition of 2005, which c37 asks for, has no CFG-3"},
		{"{\"cfg_every\": 1e300}", 422, "E-USAGE", "cfg_every",
		 "whole seconds"},
		{"{\"duration\": -5}", 422, "E-USAGE", "duration", "-5"},
		{"{\"start\": \"yesterday\"}", 422, "E-USAGE", "start",
		 "yesterday"},
		{"{\"for\": \"pmuc\"}", 422, "E-USAGE", "for",
		 "did you mean pmuct?"},
		{"{\"scenario\": {\"f\": 50}}", 422, "E-CONF", "scenario.f",
		 "there is no such key"},
		{"{\"scenario\": {\"signal\": {\"f\": \"50\"}}}", 422, "E-CONF",
		 "scenario.signal.f", "a number is expected here, not a text"},
		{"{\"scenario\": {\"signal\": {\"f\": 5000}}}", 422, "E-CONF",
		 "scenario.signal.f", "5000"},
		{"{\"scenario\": {\"count\": 20001}}", 422, "E-CONF",
		 "scenario.count", "20001 is not within 1 to 20000"},
		{"{\"scenario\": {\"count\": 2, \"idcode\": 65534}}", 422,
		 "E-CONF", "scenario.count",
		 "IDCODEs from 65534 on would go beyond 65534"},
		{"{\"scenario\": {\"events\": [{\"type\": \"ramp\", \"at\": 1, "
		 "\"rocof\": 1, \"to\": 51}, {\"type\": \"ramp\", \"at\": 1, "
		 "\"rocof\": \"fast\"}]}}",
		 422, "E-CONF", "scenario.events[1].rocof",
		 "a number is expected here, not a text"},
		{"{\"scenario\": {\"impair\": \"loss=200%\"}}", 422, "E-CONF",
		 "scenario.impair", "loss"},
		{"{\"scenario\": {\"format\": \"round\"}}", 422, "E-CONF",
		 "scenario.format", "round"},
		{"{\"scenario\": {\"title\": \"a\\u0000b\"}}", 400, "E-CONF",
		 "", "not JSON"},
	};
	struct cis_streamer_request *r;
	struct cis_streamer_error e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int http = ask(cases[i].body, &usual, &r, &e);
		const char *code = cis_failure_code(e.status);

		if (http != cases[i].http || strcmp(e.field, cases[i].field) ||
		    strcmp(code, cases[i].code) ||
		    !strstr(e.why.msg, cases[i].why))
			print_error("%s: %d %s %s: %s\n", cases[i].body, http,
				    code, e.field, e.why.msg);
		assert_int_equal(http, cases[i].http);
		assert_string_equal(e.field, cases[i].field);
		assert_string_equal(code, cases[i].code);
		assert_non_null(strstr(e.why.msg, cases[i].why));
		assert_false(strncmp(e.why.msg, "--", 2) == 0);
	}
}

/* ---- where it may send ---- */

static void far_networks_are_for_those_who_ask(void **state)
{
	static const struct {
		const char *host;
		bool far;
	} cases[] = {
		{"127.0.0.1", false},
		{"127.255.255.254", false},
		{"10.1.2.3", false},
		{"172.16.0.1", false},
		{"172.31.255.255", false},
		{"172.32.0.1", true},
		{"192.168.7.9", false},
		{"192.169.0.1", true},
		{"169.254.1.1", false},
		{"224.0.0.1", false},
		{"239.255.255.255", false},
		{"240.0.0.1", true},
		{"8.8.8.8", true},
		{"192.0.2.1", true},
		{"100.64.0.1", true},
		{"255.255.255.255", false},
		{"0.0.0.0", false},
		{"[::1]", false},
		{"[::]", false},
		{"[fd00::1]", false},
		{"[fe80::1]", false},
		{"[ff02::1]", false},
		{"[2001:db8::1]", true},
		{"[::ffff:8.8.8.8]", true},
		{"[::ffff:10.0.0.1]", false},
		{"[::8.8.8.8]", true},
		{"[64:ff9b::808:808]", true},
		/* Also as only the system reads them. */
		{"134744072", true},
		{"0x8.8.2056", true},
		{"127.1", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_streamer_request *r;
		struct cis_streamer_error e;
		char body[160];

		snprintf(body, sizeof(body), "{\"stream\": [\"udp:%s:4713\"]}",
			 cases[i].host);
		if ((ask(body, &usual, &r, &e) != 0) != cases[i].far)
			print_error("%s: %s\n", cases[i].host, e.why.msg);
		assert_int_equal(r == NULL, cases[i].far);
		if (cases[i].far) {
			assert_string_equal(e.field, "stream[0]");
			assert_non_null(strstr(e.why.msg, "allow_public"));
		}
		cis_streamer_request_free(r);
		snprintf(body, sizeof(body),
			 "{\"stream\": [\"udp:%s:4713\"], \"allow_public\": "
			 "true}",
			 cases[i].host);
		assert_int_equal(ask(body, &usual, &r, &e), 0);
		cis_streamer_request_free(r);
	}
}

static void data_of_a_listener_do_not_go_far_either(void **state)
{
	struct cis_streamer_request *r;
	struct cis_streamer_error e;

	(void)state;
	assert_int_equal(ask("{\"listen\": "
			     "[\"tcp:0.0.0.0:0,data=udp:8.8.8.8:4713\"]}",
			     &usual, &r, &e),
			 422);
	assert_string_equal(e.field, "listen[0]");
	assert_non_null(strstr(e.why.msg, "8.8.8.8:4713"));
	/* Where it listens is no destination. */
	assert_int_equal(
		ask("{\"listen\": [\"tcp:8.8.8.8:4712\"]}", &usual, &r, &e), 0);
	cis_streamer_request_free(r);
}

static void names_are_not_looked_up_while_samples_are_measured(void **state)
{
	const struct cis_streamer_rules measuring = {
		.own_time = true, .names = CIS_NAMES_REFUSED};
	const struct cis_streamer_rules looking = {.names = CIS_NAMES_LATER};
	struct cis_streamer_request *r;
	struct cis_streamer_error e;

	(void)state;
	assert_int_equal(ask("{\"stream\": [\"udp:no.such.invalid:4713\"]}",
			     &measuring, &r, &e),
			 422);
	assert_non_null(strstr(e.why.msg, "give the address"));
	assert_int_equal(ask("{\"stream\": [\"udp:localhost:4713\"]}",
			     &measuring, &r, &e),
			 0);
	assert_string_equal(r->stream[0], "udp:127.0.0.1:4713");
	cis_streamer_request_free(r);
	assert_int_equal(ask("{\"stream\": [\"udp:no.such.invalid:4713\"]}",
			     &looking, &r, &e),
			 0);
	cis_streamer_request_free(r);
}

static void
leap_seconds_are_not_rehearsed_while_samples_are_measured(void **state)
{
	static const char body[] =
		"{\"scenario\": {\"events\": [{\"type\": \"outage\", \"at\": "
		"9}, {\"type\": \"leap_second\", \"at\": 70}]}}";
	const struct cis_streamer_rules measuring = {.own_time = true};
	struct cis_rehearsal table[CIS_MAX_REHEARSAL];
	struct cis_streamer_request *r;
	struct cis_streamer_error e;

	(void)state;
	assert_int_equal(ask(body, &measuring, &r, &e), 422);
	assert_string_equal(e.field, "scenario.events[1].type");
	assert_int_equal(cis_utc_rehearsed(table), 0);
	assert_int_equal(ask(body, &usual, &r, &e), 0);
	assert_true(r->has_leap);
	assert_int_equal(cis_utc_rehearsed(table), 1);
	assert_int_equal(table[0].step_s, 1);
	cis_utc_end_rehearsals();
	assert_int_equal(cis_utc_rehearsed(table), 0);
	cis_streamer_request_free(r);
}

static void a_measurement_has_few_others_beside_it(void **state)
{
	static const char many[] = "{\"scenario\": {\"count\": 1001}}",
			  few[] = "{\"scenario\": {\"count\": 1000}}";
	const struct cis_streamer_rules measuring = {.own_time = true};
	struct cis_streamer_request *r;
	struct cis_streamer_error e;

	(void)state;
	assert_int_equal(ask(many, &measuring, &r, &e), 422);
	assert_string_equal(e.field, "scenario.count");
	assert_int_equal(ask(few, &measuring, &r, &e), 0);
	cis_streamer_request_free(r);
	assert_int_equal(ask(many, &usual, &r, &e), 0);
	cis_streamer_request_free(r);
}

/* ---- what nobody would write ---- */

static char *repeated(const char *head, const char *part, size_t n,
		      const char *tail)
{
	size_t len = strlen(part);
	char *text = malloc(strlen(head) + n * len + strlen(tail) + 1);
	char *at = text;

	assert_non_null(text);
	at = stpcpy(at, head);
	for (size_t i = 0; i < n; i++)
		at = stpcpy(at, part);
	strcpy(at, tail);
	return text;
}

static void hostile_bodies_are_refused(void **state)
{
	static const struct {
		const char *head, *part;
		size_t n;
		const char *tail;
	} cases[] = {
		{"", "[", 1000000, ""},
		{"", "{\"scenario\":", 80000, ""},
		{"{\"scenario\": {\"events\": ", "[", 1000, "]}}"},
		{"{\"scenario\": {\"title\": \"", "x", 1000000, "\""},
		{"{\"", "k", 1000000, "\": 1}"},
		{"{\"scenario\": {\"", "k", 1000000, "\": 1}}"},
		{"{\"stream\": [", "\"udp:127.0.0.1:4713\",", 17,
		 "\"udp:127.0.0.1:4713\"]}"},
		{"{\"stream\": [\"udp:127.0.0.1:4713", ",ttl=1", 150000,
		 "\"]}"},
		{"{\"stream\": [\"udp:", "h", 1000000, ":4713\"]}"},
		{"{\"c37\": ", "9", 1000000, "}"},
		{"{\"duration\": \"", "9", 1000000, "\"}"},
		{"{\"scenario\": {\"events\": [",
		 "{\"type\": \"outage\", \"at\": 1},", 10001,
		 "{\"type\": \"outage\", \"at\": 1}]}}"},
		{"{\"scenario\": {\"impair\": \"", "loss=1%,", 100000,
		 "x=1\"}}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *body = repeated(cases[i].head, cases[i].part, cases[i].n,
				      cases[i].tail);
		struct cis_streamer_request *r;
		struct cis_streamer_error e;

		if (!ask(body, &usual, &r, &e))
			print_error("case %zu\n", i);
		assert_null(r);
		assert_true(e.why.msg[0]);
		free(body);
	}
}

static void a_long_title_is_a_title(void **state)
{
	char *body =
		repeated("{\"scenario\": {\"title\": \"", "x", 1 << 20, "\"}}");
	struct cis_streamer_request *r;
	struct cis_streamer_error e;

	(void)state;
	assert_int_equal(ask(body, &usual, &r, &e), 0);
	cis_streamer_request_free(r);
	free(body);
}

static void bytes_that_are_changed_are_refused_or_right(void **state)
{
	static const char body[] =
		"{\"scenario\": {\"rate\": 25, \"count\": 3, \"signal\": "
		"{\"f\": 50.1, \"va\": 118}, \"events\": [{\"type\": "
		"\"ramp\", \"at\": 1, \"rocof\": 1, \"to\": 51}]}, "
		"\"stream\": [\"udp:127.0.0.1:4713,ttl=1\"], \"c37\": 2011, "
		"\"duration\": \"2min\"}";
	uint32_t x = 1;

	(void)state;
	for (unsigned i = 0; i < 4000; i++) {
		struct cis_streamer_request *r = NULL;
		struct cis_streamer_error e;
		char text[sizeof(body)];
		int http;

		memcpy(text, body, sizeof(body));
		for (unsigned k = 0; k < 1 + i % 3; k++) {
			x = x * 1664525 + 1013904223;
			text[(x >> 8) % (sizeof(body) - 1)] =
				" 0159\"{}[]:,.-eEtfn\\\xFF"[x >> 27 & 15];
		}
		http = cis_streamer_request_new(
			text, sizeof(body) - 1 - i % 7,
			&(struct cis_streamer_rules){.names = CIS_NAMES_LATER},
			&r, &e);
		assert_true(http == 0 || http == 400 || http == 422);
		assert_true((http == 0) == (r != NULL));
		cis_streamer_request_free(r);
	}
}

static void an_error_is_json(void **state)
{
	struct cis_streamer_error e = {.http = 422,
				       .status = CIS_EXIT_USAGE,
				       .field = "stream[0]",
				       .why = {"what; do \xC3"}};
	json_t *doc = cis_streamer_error_json(&e);
	char *text = json_dumps(doc, JSON_SORT_KEYS | JSON_COMPACT);

	(void)state;
	assert_string_equal(text, "{\"error\":{\"code\":\"E-USAGE\","
				  "\"field\":\"stream[0]\",\"hint\":\"do ?\","
				  "\"message\":\"what; do ?\"}}");
	free(text);
	json_decref(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_says_what_the_command_line_would),
		cmocka_unit_test(nothing_said_is_all_as_by_default),
		cmocka_unit_test(wrong_values_are_told_with_their_place),
		cmocka_unit_test(far_networks_are_for_those_who_ask),
		cmocka_unit_test(data_of_a_listener_do_not_go_far_either),
		cmocka_unit_test(
			names_are_not_looked_up_while_samples_are_measured),
		cmocka_unit_test(
			leap_seconds_are_not_rehearsed_while_samples_are_measured),
		cmocka_unit_test(a_measurement_has_few_others_beside_it),
		cmocka_unit_test(hostile_bodies_are_refused),
		cmocka_unit_test(a_long_title_is_a_title),
		cmocka_unit_test(bytes_that_are_changed_are_refused_or_right),
		cmocka_unit_test(an_error_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_streamer_order.c - requests of the page to the streamer that are worked on
 * beside the loop: in which order they hold, and what becomes of them at the end.
 *
 * Stands in for the page: it keeps what is answered.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cisoid/utc.h"
#include "host/cli/web/page.h"
#include "host/cli/web/streamer.h"

#define MAX_CALL 40

/* ---- the page ---- */

struct cis_page {
	uv_loop_t loop;
	struct cis_streamer *streamer;
	unsigned n_call, n_answer;
	struct cis_web_call call[MAX_CALL];
	int http[MAX_CALL]; /* 0: not yet */
	char *text[MAX_CALL];
	unsigned order[MAX_CALL]; /* in which they were answered */
};

int cis_page_open(const struct cis_page_config *cfg, struct cis_page **out)
{
	(void)cfg;
	*out = NULL;
	return CIS_EXIT_RUNTIME;
}

void cis_page_close(struct cis_page *page)
{
	(void)page;
}

void cis_page_changed(struct cis_page *page)
{
	(void)page;
}

void cis_page_event(struct cis_page *page, const struct cis_event *ev)
{
	(void)page;
	(void)ev;
}

/* Shown nowhere. */
void cis_page_frame(struct cis_page *page, const struct cis_page_frame *frame)
{
	(void)page;
	(void)frame;
}

void cis_page_report(struct cis_page *page, const struct cis_report *rep)
{
	(void)page;
	(void)rep;
}

void cis_page_channels_of(struct cis_page *page, const struct cis_chan_map *map)
{
	(void)page;
	(void)map;
}

json_t *cis_page_phasor(double complex x)
{
	(void)x;
	return json_null();
}

static void keep(struct cis_page *page, unsigned i, int http, char *text)
{
	assert_int_equal(page->http[i], 0);
	page->http[i] = http;
	page->text[i] = text;
	page->order[page->n_answer++] = i;
}

void cis_page_answer(struct cis_page *page, const struct cis_web_call *call,
		     int status, char *text)
{
	keep(page, (unsigned)(call - page->call), status, text);
}

/* ---- the bench ---- */

static int begin(void **state)
{
	struct cis_page *page = calloc(1, sizeof(*page));

	assert_non_null(page);
	*state = page;
	assert_int_equal(uv_loop_init(&page->loop), 0);
	assert_int_equal(cis_streamer_new(&cis_cmd_simulate, &page->loop, false,
					  &page->streamer),
			 0);
	cis_streamer_set_page(page->streamer, page);
	return 0;
}

static int end(void **state)
{
	struct cis_page *page = *state;

	cis_streamer_close(page->streamer);
	uv_run(&page->loop, UV_RUN_DEFAULT);
	cis_streamer_free(page->streamer);
	assert_int_equal(uv_loop_close(&page->loop), 0);
	assert_int_equal(page->n_answer, page->n_call);
	for (unsigned i = 0; i < page->n_call; i++)
		free(page->text[i]);
	free(page);
	return 0;
}

/* Returns its number. */
static unsigned ask(struct cis_page *page, const char *path, const char *body)
{
	unsigned i = page->n_call++;
	struct cis_web_call *call = &page->call[i];
	json_t *reply = NULL;
	int http;

	assert_true(i < MAX_CALL);
	*call = (struct cis_web_call){.method = *body ? "POST" : "GET",
				      .path = path,
				      .body = body,
				      .len = strlen(body)};
	http = cis_streamer_call(page->streamer, call, &reply);
	if (http)
		keep(page, i, http, json_dumps(reply, 0));
	json_decref(reply);
	return i;
}

static void wait_for_all(struct cis_page *page)
{
	while (page->n_answer < page->n_call)
		uv_run(&page->loop, UV_RUN_ONCE);
}

/* Of one PMU on a port of its own, with events enough to take a while. */
static const char *form(char text[16384], double f_hz, unsigned n_event)
{
	int len = snprintf(text, 16384,
			   "{\"listen\": [\"tcp:127.0.0.1:0\"], \"scenario\": "
			   "{\"signal\": {\"f\": %g}, \"events\": [",
			   f_hz);

	for (unsigned i = 0; i < n_event; i++)
		len += snprintf(text + len, 16384 - (size_t)len,
				"%s{\"type\": \"step\", \"at\": %u, \"mag\": "
				"0.01}",
				i ? ", " : "", 1000 + i);
	snprintf(text + len, 16384 - (size_t)len, "]}}");
	return text;
}

/* What the state says of the request that holds; NaN: nothing. */
static double f_of(const struct cis_page *page, unsigned i)
{
	json_t *doc = json_loads(page->text[i], 0, NULL);
	double f_hz = NAN;

	assert_non_null(doc);
	json_unpack(doc, "{s:{s:{s:{s:F}}}}", "request", "scenario", "signal",
		    "f", &f_hz);
	json_decref(doc);
	return f_hz;
}

static bool says(const struct cis_page *page, unsigned i, const char *words)
{
	return page->text[i] && strstr(page->text[i], words);
}

/* ---- order ---- */

static void what_is_asked_last_holds(void **state)
{
	struct cis_page *page = *state;
	char text[3][16384];

	ask(page, "/api/streamer/start", form(text[0], 50.25, 200));
	ask(page, "/api/streamer/apply", form(text[1], 50.5, 200));
	ask(page, "/api/streamer/apply", form(text[2], 50.75, 0));
	assert_int_equal(page->n_answer, 0);
	wait_for_all(page);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(page->order[i], i);
		assert_int_equal(page->http[i], 200);
		check_close(f_of(page, i), 50.25 + 0.25 * i, 0);
	}
	assert_true(says(page, 2, "\"restarted\":false"));
	ask(page, "/api/streamer", "");
	check_close(f_of(page, 3), 50.75, 0);
}

static void a_stop_waits_for_the_start_before_it(void **state)
{
	struct cis_page *page = *state;
	char text[16384];

	ask(page, "/api/streamer/start", form(text, 50.25, 200));
	ask(page, "/api/streamer/stop", "{}");
	wait_for_all(page);
	assert_int_equal(page->http[0], 200);
	assert_int_equal(page->http[1], 200);
	assert_true(says(page, 0, "\"state\":\"RUNNING\""));
	assert_false(says(page, 1, "\"state\":\"RUNNING\""));
	assert_false(cis_streamer_runs(page->streamer));
}

static void a_stop_waits_for_the_apply_before_it(void **state)
{
	struct cis_page *page = *state;
	char text[2][16384];

	ask(page, "/api/streamer/start", form(text[0], 50.25, 0));
	ask(page, "/api/streamer/apply", form(text[1], 50.5, 200));
	ask(page, "/api/streamer/stop", "{}");
	ask(page, "/api/streamer/apply", form(text[0], 50.25, 0));
	wait_for_all(page);
	assert_int_equal(page->http[1], 200);
	assert_int_equal(page->http[2], 200);
	check_close(f_of(page, 2), 50.5, 0);
	assert_int_equal(page->http[3], 409);
	assert_false(cis_streamer_runs(page->streamer));
}

static void of_two_starts_the_first_runs(void **state)
{
	struct cis_page *page = *state;
	char text[2][16384];

	ask(page, "/api/streamer/start", form(text[0], 50.25, 200));
	ask(page, "/api/streamer/start", form(text[1], 50.5, 0));
	wait_for_all(page);
	assert_int_equal(page->http[0], 200);
	assert_int_equal(page->http[1], 409);
	assert_true(says(page, 1, "it runs already"));
	ask(page, "/api/streamer", "");
	check_close(f_of(page, 2), 50.25, 0);
}

static void previews_let_changes_by(void **state)
{
	static const unsigned order[] = {0, 3, 1, 2};
	struct cis_page *page = *state;
	char text[16384];

	form(text, 50.25, 200);
	for (unsigned i = 0; i < 3; i++)
		ask(page, "/api/streamer/preview", text);
	ask(page, "/api/streamer/start", text);
	wait_for_all(page);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(page->http[i], 200);
		assert_int_equal(page->order[i], order[i]);
	}
}

static void the_state_is_told_meanwhile(void **state)
{
	struct cis_page *page = *state;
	char text[16384];

	ask(page, "/api/streamer/start", form(text, 50.25, 200));
	ask(page, "/api/streamer", "");
	assert_int_equal(page->n_answer, 1);
	assert_true(says(page, 1, "\"state\":\"STOPPED\""));
	assert_true(says(page, 1, "\"request\":null"));
	wait_for_all(page);
}

/* ---- what is refused ---- */

static void a_refused_apply_leaves_what_runs(void **state)
{
	struct cis_page *page = *state;
	char text[16384];

	ask(page, "/api/streamer/start", form(text, 50.25, 0));
	ask(page, "/api/streamer/apply", "{\"scenario\": {\"rate\": -1}}");
	ask(page, "/api/streamer/apply", "nonsense");
	wait_for_all(page);
	assert_int_equal(page->http[1], 422);
	assert_true(says(page, 1, "\"field\":\"scenario.rate\""));
	assert_int_equal(page->http[2], 400);
	ask(page, "/api/streamer", "");
	assert_true(says(page, 3, "\"state\":\"RUNNING\""));
	check_close(f_of(page, 3), 50.25, 0);
}

static void what_cannot_be_followed_is_begun_anew(void **state)
{
	struct cis_page *page = *state;
	char text[16384];

	ask(page, "/api/streamer/start", form(text, 50.25, 0));
	ask(page, "/api/streamer/apply",
	    "{\"listen\": [\"tcp:192.0.2.1:4712\"]}");
	wait_for_all(page);
	assert_int_equal(page->http[1], 422);
	assert_true(says(page, 1, "\"field\":\"listen[0]\""));
	ask(page, "/api/streamer", "");
	assert_true(says(page, 2, "\"state\":\"RUNNING\""));
	check_close(f_of(page, 2), 50.25, 0);
}

/* ---- leap seconds ---- */

static void a_rehearsal_is_of_what_runs_alone(void **state)
{
	static const char leap[] =
		"{\"listen\": [\"tcp:127.0.0.1:0\"], \"scenario\": "
		"{\"events\": [{\"type\": \"leap_second\", \"at\": 70}]}}";
	struct cis_rehearsal table[CIS_MAX_REHEARSAL];
	struct cis_page *page = *state;

	ask(page, "/api/streamer/preview", leap);
	wait_for_all(page);
	assert_int_equal(page->http[0], 200);
	assert_int_equal(cis_utc_rehearsed(table), 0);
	ask(page, "/api/streamer/start", leap);
	wait_for_all(page);
	assert_int_equal(page->http[1], 200);
	assert_int_equal(cis_utc_rehearsed(table), 1);
	ask(page, "/api/streamer/preview", "{}");
	ask(page, "/api/streamer/apply", "nonsense");
	wait_for_all(page);
	assert_int_equal(cis_utc_rehearsed(table), 1);
	ask(page, "/api/streamer/stop", "{}");
	assert_int_equal(cis_utc_rehearsed(table), 0);
}

/* ---- too many ---- */

/* One is worked on and 32 wait, as docs/api.md has it; what changes something is
 * never too much. */
static void who_looks_waits_behind_32_at_most(void **state)
{
	struct cis_page *page = *state;

	for (unsigned i = 0; i < 33; i++)
		ask(page, "/api/streamer/check", "{}");
	assert_int_equal(page->n_answer, 0);
	ask(page, "/api/streamer/preview", "{}");
	assert_int_equal(page->http[33], 503);
	assert_true(says(page, 33, "E-WEB"));
	ask(page, "/api/streamer/stop", "{}");
	wait_for_all(page);
	for (unsigned i = 0; i < 33; i++)
		assert_int_equal(page->http[i], 200);
	assert_int_equal(page->http[34], 409);
	ask(page, "/api/streamer/preview", "{}");
	wait_for_all(page);
	assert_int_equal(page->http[35], 200);
}

/* ---- the end ---- */

static void the_end_answers_all_who_wait(void **state)
{
	struct cis_page *page = *state;
	char text[16384];

	form(text, 50.25, 200);
	ask(page, "/api/streamer/preview", text);
	ask(page, "/api/streamer/check", text);
	ask(page, "/api/streamer/start", text);
	cis_streamer_close(page->streamer);
	assert_int_equal(page->n_answer, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(page->http[i], 503);
	uv_run(&page->loop, UV_RUN_DEFAULT);
	assert_false(cis_streamer_runs(page->streamer));
}

static void the_end_comes_while_an_apply_is_made_ready(void **state)
{
	struct cis_page *page = *state;
	char text[2][16384];

	ask(page, "/api/streamer/start", form(text[0], 50.25, 0));
	wait_for_all(page);
	ask(page, "/api/streamer/apply", form(text[1], 50.5, 200));
	ask(page, "/api/streamer/stop", "{}");
	cis_streamer_close(page->streamer);
	assert_int_equal(page->http[1], 503);
	assert_int_equal(page->http[2], 503);
	uv_run(&page->loop, UV_RUN_DEFAULT);
	assert_false(cis_streamer_runs(page->streamer));
}

/* As after a signal: a stop by the page would not end the program. */
static void nothing_is_changed_once_it_winds_up(void **state)
{
	struct cis_page *page = *state;
	char text[2][16384];

	ask(page, "/api/streamer/start", form(text[0], 50.25, 0));
	wait_for_all(page);
	ask(page, "/api/streamer/apply", form(text[1], 50.5, 200));
	cis_streamer_wind_up(page->streamer);
	assert_int_equal(page->http[1], 503);
	ask(page, "/api/streamer/stop", "{}");
	ask(page, "/api/streamer/start", text[0]);
	assert_int_equal(page->http[2], 503);
	assert_int_equal(page->http[3], 503);
	uv_run(&page->loop, UV_RUN_DEFAULT);
	assert_false(cis_streamer_runs(page->streamer));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_asked_last_holds),
		TEST(a_stop_waits_for_the_start_before_it),
		TEST(a_stop_waits_for_the_apply_before_it),
		TEST(of_two_starts_the_first_runs),
		TEST(previews_let_changes_by),
		TEST(the_state_is_told_meanwhile),
		TEST(a_refused_apply_leaves_what_runs),
		TEST(what_cannot_be_followed_is_begun_anew),
		TEST(a_rehearsal_is_of_what_runs_alone),
		TEST(who_looks_waits_behind_32_at_most),
		TEST(nothing_is_changed_once_it_winds_up),
		TEST(the_end_answers_all_who_wait),
		TEST(the_end_comes_while_an_apply_is_made_ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

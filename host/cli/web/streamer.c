/*
 * streamer.c - see streamer.h.
 *
 * What is stopped goes on closing its connections while the next begins; its
 * ports are free at once. Each engine and what it points to is freed when the
 * loop has closed all of it; that of the command line stays, to be told of.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/acq/dates/clock.h"
#include "page.h"
#include "streamer_in.h"

/* ---- leap seconds ---- */

void cis_streamer_look_begin(struct cis_streamer_look *look)
{
	look->n = cis_utc_rehearsed(look->table);
	if (look->n)
		cis_utc_end_rehearsals();
}

void cis_streamer_look_end(const struct cis_streamer_look *look)
{
	struct cis_rehearsal made[CIS_MAX_REHEARSAL];

	if (cis_utc_rehearsed(made))
		cis_utc_end_rehearsals();
	for (unsigned i = 0; i < look->n; i++)
		cis_utc_rehearse_leap(look->table[i].soc,
				      look->table[i].step_s);
}

/* ---- an engine's end ---- */

static void free_run(struct cis_streamer_run *run)
{
	struct cis_streamer_request *r = run->request, *older;

	cis_sim_free(run->sim);
	for (; r; r = older) {
		older = r->older;
		cis_streamer_request_free(r);
	}
	free(run);
}

static void unlink_run(struct cis_streamer_run *run)
{
	struct cis_streamer_run **at = &run->s->closing;

	while (*at && *at != run)
		at = &(*at)->next;
	if (*at)
		*at = run->next;
}

static void on_closed(void *arg)
{
	struct cis_streamer_run *run = arg;

	unlink_run(run);
	if (run != run->s->begun)
		free_run(run);
}

/* It sends nothing more. */
static void retire(struct cis_streamer_run *run)
{
	struct cis_streamer *s = run->s;

	if (s->run == run)
		s->run = NULL;
	run->next = s->closing;
	s->closing = run;
	if (run->has_leap)
		cis_utc_end_rehearsals();
}

static void on_end(void *arg)
{
	struct cis_streamer_run *run = arg;
	struct cis_streamer *s = run->s;

	cis_sim_stats(run->sim, &s->stats);
	retire(run);
	cis_page_changed(s->page);
	cis_log(CIS_LOG_INFO, "streamer: stopped frames=%llu sent=%llu",
		(unsigned long long)s->stats.frames,
		(unsigned long long)s->stats.sent);
	if (run == s->begun && s->over && !run->asked)
		s->over(s->arg);
}

/* ---- an engine's beginning ---- */

/* An exit status with a message. *run is NULL where there is no memory. */
static int open_run(struct cis_streamer *s, const struct cis_sim_config *sc,
		    struct cis_streamer_run **out, struct cis_diag *diag)
{
	struct cis_streamer_run *run = calloc(1, sizeof(*run));
	int status;

	*out = run;
	if (!run) {
		cis_fail(diag, -ENOMEM, "out of memory");
		return CIS_EXIT_RUNTIME;
	}
	run->s = s;
	run->sc = sc;
	status = cis_sim_open(sc, s->loop, &run->sim, diag);
	if (run->sim)
		cis_sim_when_closed(run->sim, on_closed, run);
	return status;
}

static void set_out(struct cis_streamer *s, struct cis_streamer_run *run)
{
	const struct cis_clock clock = {.kind = CIS_CLOCK_SYSTEM};

	s->run = run;
	s->since = cis_clock_now(&clock);
	s->was_started = true;
	s->rate_asked_hz = cis_rate_hz(run->sc->rate);
	cis_streamer_watch(s);
	cis_sim_start(run->sim, on_end, run);
}

/* What did not open is closed and freed with all that belongs to it. */
static void drop(struct cis_streamer_run *run)
{
	struct cis_sim *sim = run->sim;

	retire(run);
	if (sim)
		cis_sim_stop(sim);
	else
		on_closed(run);
}

static void remember(struct cis_streamer *s, json_t *said)
{
	json_decref(s->said);
	s->said = said;
}

/* The request is taken in any case. */
static int begin(struct cis_streamer *s, struct cis_streamer_request *request,
		 struct cis_streamer_error *error)
{
	struct cis_streamer_run *run;
	struct cis_diag why = {""};
	int status = open_run(s, &request->args.sim, &run, &why);

	if (status)
		cis_streamer_request_blame(request, status, why.msg, error);
	if (!run) {
		cis_utc_end_rehearsals();
		cis_streamer_request_free(request);
		return 500;
	}
	run->request = request;
	run->has_leap = request->has_leap;
	if (status) {
		drop(run);
		return error->http;
	}
	remember(s, json_incref(request->said));
	set_out(s, run);
	return 0;
}

/* ---- what is asked ---- */

static int read_request(struct cis_streamer *s, const struct cis_web_call *call,
			const int64_t *t0_tai_s,
			struct cis_streamer_request **out,
			struct cis_streamer_error *error)
{
	const struct cis_streamer_rules rules = {
		.own_time = s->own_time,
		.names = s->own_time ? CIS_NAMES_REFUSED : CIS_NAMES_NOW,
		.t0_tai_s = t0_tai_s,
	};

	return cis_streamer_request_new(call->body, call->len, &rules, out,
					error);
}

int cis_streamer_start(struct cis_streamer *s, const struct cis_web_call *call,
		       struct cis_streamer_error *error)
{
	struct cis_streamer_request *request;
	struct cis_streamer_look look;
	int http;

	if (s->run)
		return cis_streamer_fail(error, 409, CIS_EXIT_RUNTIME,
					 "it runs already; stop it, or apply "
					 "what is to change");
	cis_streamer_look_begin(&look);
	http = read_request(s, call, NULL, &request, error);
	if (http) {
		cis_streamer_look_end(&look);
		return http;
	}
	return begin(s, request, error);
}

int cis_streamer_stop(struct cis_streamer *s, struct cis_streamer_error *error)
{
	if (!s->run)
		return cis_streamer_fail(error, 409, CIS_EXIT_RUNTIME,
					 "nothing runs");
	s->run->asked = true;
	cis_sim_wind_up(s->run->sim);
	return 0;
}

/* The first is what the engine was opened with; of others it needs scenarios
 * alone, and those not for long. */
static void prune(struct cis_streamer_run *run)
{
	struct cis_streamer_request **at = &run->request->older;

	while (*at && ((*at)->older || run == run->s->begun)) {
		struct cis_streamer_request *r = *at;

		if (cis_sim_uses(run->sim, r->args.sim.scenario)) {
			at = &r->older;
			continue;
		}
		*at = r->older;
		cis_streamer_request_free(r);
	}
}

/* Whether it has changed while frames flow. Leap seconds are those of the process:
 * what is under way with them cannot become something else. */
static bool change(struct cis_streamer_run *run,
		   struct cis_streamer_request *request)
{
	struct cis_diag why = {""};

	request->args.sim.announce_s = CIS_SIM_ANNOUNCE_S;
	if (run->has_leap || request->has_leap ||
	    cis_sim_change(run->sim, &request->args.sim, &why))
		return false;
	request->older = run->request;
	run->request = request;
	run->sc = &request->args.sim;
	prune(run);
	return true;
}

/* The same signal goes on, so its t0 is that of the new request. Whether it did;
 * an invalid request is told when it is read anew. */
static bool go_on(struct cis_streamer *s, const struct cis_web_call *call)
{
	int64_t t0_tai_s = cis_sim_t0(s->run->sim);
	struct cis_streamer_request *request;
	struct cis_streamer_error error;
	struct cis_streamer_look look;
	bool done;

	cis_streamer_look_begin(&look);
	done = !read_request(s, call, &t0_tai_s, &request, &error);
	cis_streamer_look_end(&look);
	if (!done)
		return false;
	done = change(s->run, request);
	if (!done) {
		cis_streamer_request_free(request);
		return false;
	}
	remember(s, json_incref(request->said));
	cis_streamer_watch(s);
	return true;
}

/* What could not be followed by another is begun anew, if it can be. */
static void go_back(struct cis_streamer *s, const json_t *said)
{
	char *body = json_dumps(said, 0);
	struct cis_web_call call = {.body = body};
	struct cis_streamer_error error = {.code = NULL};

	if (!body)
		return;
	call.len = strlen(body);
	cis_streamer_start(s, &call, &error);
	free(body);
}

/* The old engine's end takes its own leap seconds out of the table. Of a command
 * line not all can be said in a request: nobody goes back to it. */
static int restart(struct cis_streamer *s, struct cis_streamer_request *request,
		   struct cis_streamer_error *error)
{
	json_t *before = s->run == s->begun ? NULL : json_incref(s->said);
	struct cis_streamer_look fresh;
	int http;

	cis_streamer_look_begin(&fresh);
	s->run->asked = true;
	cis_sim_stop(s->run->sim);
	cis_streamer_look_end(&fresh);
	http = begin(s, request, error);
	if (http && before)
		go_back(s, before);
	json_decref(before);
	return http;
}

int cis_streamer_apply(struct cis_streamer *s, const struct cis_web_call *call,
		       bool *restarted, struct cis_streamer_error *error)
{
	struct cis_streamer_request *request;
	struct cis_streamer_look look;
	int http;

	*restarted = false;
	if (!s->run)
		return cis_streamer_fail(error, 409, CIS_EXIT_RUNTIME,
					 "nothing runs; start it");
	if (go_on(s, call))
		return 0;
	cis_streamer_look_begin(&look);
	http = read_request(s, call, NULL, &request, error);
	if (http) {
		cis_streamer_look_end(&look);
		return http;
	}
	*restarted = true;
	return restart(s, request, error);
}

/* ---- the command line ---- */

int cis_streamer_begin(struct cis_streamer *s, const struct cis_sim_args *args)
{
	struct cis_rehearsal table[CIS_MAX_REHEARSAL];
	struct cis_diag why = {""};
	int status = open_run(s, &args->sim, &s->begun, &why);

	if (status) {
		cis_cli_fail(s->cmd, status, "%s", why.msg);
		if (s->begun)
			drop(s->begun);
		return status;
	}
	s->begun->has_leap = cis_utc_rehearsed(table) > 0;
	remember(s, cis_streamer_said(args));
	set_out(s, s->begun);
	return 0;
}

void cis_streamer_when_over(struct cis_streamer *s, void (*over)(void *arg),
			    void *arg)
{
	s->over = over;
	s->arg = arg;
}

const struct cis_sim *cis_streamer_begun(const struct cis_streamer *s)
{
	return s->begun ? s->begun->sim : NULL;
}

/* ---- life ---- */

int cis_streamer_new(const struct cis_command *cmd, uv_loop_t *loop,
		     bool own_time, struct cis_streamer **out)
{
	struct cis_streamer *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->cmd = cmd;
	s->loop = loop;
	s->own_time = own_time;
	*out = s;
	return 0;
}

void cis_streamer_set_page(struct cis_streamer *s, struct cis_page *page)
{
	if (s)
		s->page = page;
}

const char *cis_streamer_word(const struct cis_streamer *s)
{
	if (s->run)
		return "RUNNING";
	return s->closing ? "STOPPING" : "STOPPED";
}

bool cis_streamer_runs(const struct cis_streamer *s)
{
	return s->run;
}

void cis_streamer_wind_up(struct cis_streamer *s)
{
	if (!s || !s->run)
		return;
	s->run->asked = false;
	cis_sim_wind_up(s->run->sim);
}

void cis_streamer_close(struct cis_streamer *s)
{
	if (s && s->run)
		cis_sim_stop(s->run->sim);
}

void cis_streamer_free(struct cis_streamer *s)
{
	if (!s)
		return;
	while (s->closing) {
		struct cis_streamer_run *run = s->closing;

		s->closing = run->next;
		if (run != s->begun)
			free_run(run);
	}
	if (s->begun)
		free_run(s->begun);
	cis_streamer_watch_free(s);
	json_decref(s->said);
	free(s);
}

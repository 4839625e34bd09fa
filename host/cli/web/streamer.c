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

/* ---- an engine's end ---- */

static void free_run(struct cis_streamer_run *run)
{
	struct cis_streamer_request *r = run->request, *older;

	cis_sim_free(run->sim);
	for (; r; r = older) {
		older = r->older;
		cis_streamer_dispose(run->s, r);
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

static void remember(struct cis_streamer *s, char *said)
{
	free(s->said);
	s->said = said;
}

/* ---- what is asked ---- */

static void rehearse(const struct cis_streamer_ready *ready)
{
	for (unsigned i = 0; i < ready->n_leap; i++)
		cis_utc_rehearse_leap(ready->leap[i].soc,
				      ready->leap[i].step_s);
}

int cis_streamer_start(struct cis_streamer *s, struct cis_streamer_ready *ready,
		       struct cis_streamer_error *error)
{
	struct cis_streamer_request *request = ready->request;
	struct cis_streamer_run *run;
	struct cis_diag why = {""};
	int status;

	rehearse(ready);
	status = open_run(s, &request->args.sim, &run, &why);
	if (status)
		cis_streamer_request_blame(request, status, why.msg, error);
	if (!run) {
		cis_utc_end_rehearsals();
		cis_streamer_unready(s, ready);
		return 500;
	}
	ready->request = NULL;
	run->request = request;
	run->has_leap = request->has_leap;
	if (status) {
		drop(run);
		cis_streamer_unready(s, ready);
		return error->http;
	}
	remember(s, ready->said);
	ready->said = NULL;
	set_out(s, run);
	return 0;
}

void cis_streamer_stop(struct cis_streamer *s)
{
	s->run->asked = true;
	cis_sim_wind_up(s->run->sim);
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
		cis_streamer_dispose(run->s, r);
	}
}

/* Leap seconds are those of the process: what is under way with them cannot
 * become something else. */
bool cis_streamer_change(struct cis_streamer *s,
			 struct cis_streamer_ready *ready)
{
	struct cis_streamer_request *request = ready->request;
	struct cis_streamer_run *run = s->run;
	struct cis_diag why = {""};

	request->args.sim.announce_s = CIS_SIM_ANNOUNCE_S;
	if (run->has_leap || request->has_leap ||
	    cis_sim_change(run->sim, &request->args.sim, &why))
		return false;
	request->older = run->request;
	run->request = request;
	run->sc = &request->args.sim;
	ready->request = NULL;
	prune(run);
	remember(s, ready->said);
	ready->said = NULL;
	cis_streamer_watch(s);
	return true;
}

/* The old engine's end takes its own leap seconds out of the table. Of a command
 * line not all can be said in a request: nobody goes back to it. */
int cis_streamer_restart(struct cis_streamer *s,
			 struct cis_streamer_ready *ready, char **before,
			 struct cis_streamer_error *error)
{
	bool may_go_back = s->run != s->begun;
	int http;

	*before = NULL;
	s->run->asked = true;
	cis_sim_stop(s->run->sim);
	http = cis_streamer_start(s, ready, error);
	if (http && may_go_back && s->said)
		*before = strdup(s->said);
	return http;
}

/* ---- the command line ---- */

int cis_streamer_begin(struct cis_streamer *s, const struct cis_sim_args *args)
{
	struct cis_rehearsal table[CIS_MAX_REHEARSAL];
	struct cis_diag why = {""};
	int status = open_run(s, &args->sim, &s->begun, &why);
	json_t *said;

	if (status) {
		cis_cli_fail(s->cmd, status, "%s", why.msg);
		if (s->begun)
			drop(s->begun);
		return status;
	}
	s->begun->has_leap = cis_utc_rehearsed(table) > 0;
	said = cis_streamer_said(args);
	remember(s, json_dumps(said, JSON_COMPACT));
	json_decref(said);
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
	cis_streamer_give_up(s);
	s->run->asked = false;
	cis_sim_wind_up(s->run->sim);
}

void cis_streamer_close(struct cis_streamer *s)
{
	if (!s)
		return;
	cis_streamer_give_up(s);
	if (s->run)
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
	free(s->said);
	free(s);
}

/* comparison_live.c - streams, the clock and the user; see comparison.h. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "cisoid/log.h"
#include "comparison.h"
#include "reports_live.h"

#define TICK_MS     1000
#define STALL_S     5    /* without data, and three frames' time: --timeout */
#define MAX_WAITING 3600 /* reports of one side while there is no map, s */

struct session {
	struct cis_comparison *c;
	uv_loop_t loop;
	uv_signal_t on_int, on_term;
	uv_timer_t tick;
	bool ended, drawn;
	int status;
	struct end {
		struct session *s;
		enum cis_side side;
	} end[CIS_N_SIDE];
};

static const char *const side_names[] = {"reference", "PMU"};

static void end(struct session *s, int status)
{
	if (s->ended)
		return;
	s->ended = true;
	s->status = status;
	for (unsigned i = 0; i < CIS_N_SIDE; i++)
		if (s->c->side[i].live)
			cis_reports_live_close(s->c->side[i].live);
	uv_close((uv_handle_t *)&s->tick, NULL);
	uv_close((uv_handle_t *)&s->on_int, NULL);
	uv_close((uv_handle_t *)&s->on_term, NULL);
}

static bool has_goal(const struct session *s)
{
	return s->c->cfg.count || isfinite(s->c->cfg.duration_s);
}

/* The first reason is the one that is told at the end. */
static void keep_reason(struct session *s, const char *why)
{
	if (!has_goal(s)) {
		cis_log(CIS_LOG_INFO, "%s", why);
	} else if (!s->c->incomplete) {
		cis_fail(&s->c->why, 0, "%s", why);
		s->c->incomplete = s->c->why.msg;
	}
}

/* What was received is judged none the less. */
static void end_early(struct session *s, const char *why)
{
	if (s->ended)
		return;
	keep_reason(s, why);
	end(s, CIS_EXIT_OK);
}

/* ---- what comes ---- */

static bool all_begun(const struct cis_comparison *c)
{
	return c->side[0].begun && c->side[1].begun && c->side[0].n &&
	       c->side[1].n;
}

/* A side that waits for the other must not fill the memory. */
static bool waits_too_long(const struct cis_comparison *c)
{
	for (unsigned i = 0; i < CIS_N_SIDE; i++) {
		const struct cis_comparison_side *side = &c->side[i];

		if (side->live && side->begun &&
		    (double)cis_reports_n(side->store) >
			    1000 + MAX_WAITING *
					    cis_rate_hz(cis_reports_about(
								side->store)
								->rate))
			return true;
	}
	return false;
}

static bool find_map(struct session *s)
{
	struct cis_comparison *c = s->c;
	struct cis_diag diag = {""};
	int err;

	if (waits_too_long(c)) {
		end_early(s, "an hour without a common instant");
		return false;
	}
	if (!all_begun(c))
		return false;
	cis_comparison_names(c);
	if (!c->cfg.map && !cis_comparison_guess(c))
		return false;
	err = cis_comparison_map(c, &diag);
	if (!err)
		err = cis_comparison_start(c, &diag);
	if (err)
		end(s, cis_cli_fail(&cis_cmd_compare, cis_exit_for(err), "%s",
				    diag.msg));
	return !err;
}

/* One side has ended, and the other has come as far, or to its end. */
static bool is_over(const struct cis_comparison *c)
{
	for (unsigned i = 0; i < CIS_N_SIDE; i++) {
		const struct cis_comparison_side *one = &c->side[i],
						 *other = &c->side[!i];

		if (one->live && one->done &&
		    (other->done || one->n == 0 ||
		     (other->n > 0 &&
		      cis_instant_compare(other->now, one->now) >= 0)))
			return true;
	}
	return false;
}

static void advance(struct session *s)
{
	struct cis_comparison *c = s->c;
	int err;

	if (s->ended || (!c->mapped && !find_map(s)))
		return;
	err = cis_comparison_feed(c);
	if (err)
		end(s, cis_cli_fail(&cis_cmd_compare, CIS_EXIT_STORAGE,
				    "%s: %s", c->cfg.csv, strerror(-err)));
	else if (c->full || is_over(c))
		end(s, CIS_EXIT_OK);
}

static void on_begin(void *arg)
{
	struct end *e = arg;
	struct cis_comparison_side *side = &e->s->c->side[e->side];

	side->store = cis_reports_store(cis_reports_live_about(side->live));
	side->begun = side->store != NULL;
	if (!side->begun)
		end(e->s, cis_cli_fail(&cis_cmd_compare, CIS_EXIT_RUNTIME,
				       "out of memory"));
}

static void on_report(void *arg, const struct cis_report *rep,
		      const struct cis_arrival *arrival)
{
	struct end *e = arg;
	struct cis_comparison_side *side = &e->s->c->side[e->side];

	if (e->s->ended)
		return;
	if (side->n == 0)
		side->first = side->last = side->now = rep->at;
	if (cis_instant_compare(rep->at, side->first) < 0)
		side->first = rep->at;
	side->before = side->now;
	side->now = rep->at;
	if (cis_instant_compare(rep->at, side->last) > 0)
		side->last = rep->at;
	side->n++;
	side->silent_s = 0;
	if (cis_reports_put(side->store, rep, arrival))
		end(e->s, cis_cli_fail(&cis_cmd_compare, CIS_EXIT_RUNTIME,
				       "out of memory"));
	else
		advance(e->s);
}

static void end_side(struct session *s, enum cis_side side, const char *message)
{
	keep_reason(s, message);
	s->c->side[side].done = true;
	advance(s);
	if (!s->ended && is_over(s->c))
		end(s, CIS_EXIT_OK);
}

static void on_end(void *arg, int err, const char *message)
{
	struct end *e = arg;
	struct session *s = e->s;

	if (s->ended)
		return;
	if (err == -ENOTCONN || err == -EINVAL)
		end(s, cis_cli_fail(&cis_cmd_compare,
				    err == -EINVAL ? CIS_EXIT_USAGE
						   : CIS_EXIT_CONNECTION,
				    "%s", message));
	else
		end_side(s, e->side, message);
}

/* ---- the clock, and the user ---- */

static void on_signal(uv_signal_t *handle, int signum)
{
	struct session *s = handle->data;

	(void)signum;
	s->c->stopped = true;
	end(s, CIS_EXIT_OK);
}

static void draw(struct session *s)
{
	const struct cis_comparison *c = s->c;

	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\rreference %llu  PMU %llu  pairs %llu ",
		(unsigned long long)c->side[CIS_REF].n,
		(unsigned long long)c->side[CIS_DUT].n,
		(unsigned long long)c->n_pair);
	s->drawn = true;
}

static unsigned limit_s(const struct cis_comparison *c, unsigned i)
{
	double wait_s = c->cfg.timeout_s > 0 ? c->cfg.timeout_s : STALL_S;

	return (unsigned)ceil(fmin(wait_s, MAX_WAITING)) +
	       3 * cis_reports_about(c->side[i].store)->rate.den;
}

static void on_tick(uv_timer_t *timer)
{
	struct session *s = timer->data;
	struct cis_diag why = {""};
	unsigned limit;

	draw(s);
	for (unsigned i = 0; i < CIS_N_SIDE && !s->ended; i++) {
		struct cis_comparison_side *side = &s->c->side[i];

		if (!side->live || !side->begun || side->done)
			continue;
		side->silent_s++;
		limit = limit_s(s->c, i);
		if (side->silent_s <= limit)
			continue;
		cis_fail(&why, 0,
			 "%.120s: no data of the %s for %u s; --timeout waits "
			 "longer",
			 s->c->cfg.what[i], side_names[i], limit);
		if (has_goal(s) || s->c->side[!i].done)
			end_early(s, why.msg);
		else if (side->silent_s == limit + 1)
			cis_log(CIS_LOG_WARN, "%s", why.msg);
	}
}

/* ---- run ---- */

static int open_streams(struct session *s, struct cis_diag *diag)
{
	static const struct cis_reports_live_ops ops = {on_begin, on_report,
							on_end};
	int err = 0;

	for (unsigned i = 0; i < CIS_N_SIDE && !err; i++) {
		struct cis_reports_live_config lc = {
			.loop = &s->loop,
			.what = s->c->cfg.what[i],
			.pick = s->c->cfg.pick[i],
			.timeout_s = s->c->cfg.timeout_s,
			.ops = &ops,
			.arg = &s->end[i]};

		s->end[i] = (struct end){s, (enum cis_side)i};
		if (cis_reports_is_live(lc.what))
			err = cis_reports_live_new(&lc, &s->c->side[i].live,
						   diag);
	}
	return err;
}

static void start_handles(struct session *s)
{
	uv_timer_init(&s->loop, &s->tick);
	uv_signal_init(&s->loop, &s->on_int);
	uv_signal_init(&s->loop, &s->on_term);
	s->tick.data = s->on_int.data = s->on_term.data = s;
	uv_timer_start(&s->tick, on_tick, TICK_MS, TICK_MS);
	/* A second signal finds the default action. */
	uv_signal_start_oneshot(&s->on_int, on_signal, SIGINT);
	uv_signal_start_oneshot(&s->on_term, on_signal, SIGTERM);
}

/* What the streams counted until they were closed. */
static void keep_counts(struct cis_comparison *c)
{
	for (unsigned i = 0; i < CIS_N_SIDE; i++) {
		struct cis_comparison_side *side = &c->side[i];

		side->done = true;
		if (side->live && side->store)
			cis_reports_count(side->store,
					  cis_reports_live_about(side->live));
	}
}

int cis_comparison_listen(struct cis_comparison *c)
{
	struct session *s = calloc(1, sizeof(*s));
	struct cis_diag diag = {""};
	int err, status;

	if (!s)
		return cis_cli_fail(&cis_cmd_compare, CIS_EXIT_RUNTIME,
				    "out of memory");
	s->c = c;
	uv_loop_init(&s->loop);
	start_handles(s);
	err = open_streams(s, &diag);
	if (err)
		end(s, cis_cli_fail(&cis_cmd_compare, cis_exit_for(err), "%s",
				    diag.msg));
	uv_run(&s->loop, UV_RUN_DEFAULT);
	uv_loop_close(&s->loop);
	if (s->drawn)
		fputc('\n', stderr);
	status = s->status;
	keep_counts(c);
	free(s);
	return status;
}

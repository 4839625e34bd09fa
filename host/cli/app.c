/*
 * app.c - see app.h.
 *
 * pipe's threads make reports; this loop takes them and hands each to every
 * stream and file.
 */
#include "app.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "cisoid/c37.h"
#include "cisoid/estim.h"
#include "cisoid/log.h"
#include "cisoid/source.h"
#include "cisoid/utc.h"
#include "endpoints.h"
#include "host/acq/pipe.h"
#include "host/cli/run/app_page.h"
#include "host/cli/run/corrections.h"
#include "host/cli/run/events.h"
#include "host/cli/run/monitor.h"
#include "host/cli/run/records.h"
#include "host/cli/run/reread.h"
#include "host/cli/run/streams.h"
#include "host/net/feed.h"
#include "leaplist.h"
#include "outputs.h"
#include "timing.h"

#define BLOCK_S 0.01 /* of samples read at a time */

struct app {
	const struct cis_app_config *ac;
	uv_loop_t loop;
	uv_async_t wake; /* from est: reports to take */
	uv_signal_t on_int, on_term, on_hup;
	bool on_terminal;
	struct cis_monitor monitor;
	struct cis_app_page page;
	struct cis_clock clock;
	struct cis_timing timing;
	struct cis_dater_spec time;
	struct cis_dater *dater;
	struct cis_time start;
	bool declared; /* start is not the clock's */
	struct cis_source *src;
	const struct cis_source_info *info;
	struct cis_cal *cal;            /* NULL: nothing to correct */
	const struct cis_chan_map *map; /* the source's, corrected */
	struct cis_estim_config ec;
	struct cis_estim *est;
	struct cis_pipe *pipe;
	struct cis_streams_config sc;
	struct cis_streams streams;
	char station[CIS_STATION_SIZE]; /* of the first stream */
	struct cis_records records;
	bool ended, stopped; /* stopped: by a signal */
	int status;
	struct cis_report last;
};

/* ---- opening ---- */

static int fail(const struct app *app, int err, const struct cis_diag *diag)
{
	return cis_cli_fail(app->ac->cmd, cis_exit_for(err), "%s", diag->msg);
}

static int open_source(struct app *app)
{
	struct cis_diag diag = {""};
	char spec[CIS_TIMED_SPEC_SIZE];
	int err, status;

	app->timing = (struct cis_timing){
		.cmd = app->ac->cmd,
		.source = app->ac->source,
		.time = app->ac->time,
		.max_error_s = app->ac->max_time_error_s,
	};
	status = cis_timing_source(&app->timing, spec);
	if (status)
		return status;
	err = cis_source_open(spec, &app->src, &diag);
	if (err)
		return fail(app, err, &diag);
	app->info = cis_source_info(app->src);
	cis_cli_warn(app->info->warn);
	return 0;
}

/* Whether a board takes its channels one after the other. */
static bool is_staggered(const struct cis_source_info *info)
{
	bool any = false;

	for (uint32_t i = 0; info->delay_s && i < info->map->n_chan; i++)
		any |= info->delay_s[i] != 0;
	return any && info->origin == CIS_LIVE;
}

/* What is corrected is told: the reports are no longer what was delivered. */
static int open_cal(struct app *app)
{
	const struct cis_app_config *ac = app->ac;
	struct cis_diag diag = {""};

	app->map = app->info->map;
	if (ac->n_cal == 0 && !is_staggered(app->info))
		return 0;
	if (cis_cal_new(app->map, ac->cal, ac->n_cal, &app->cal, &diag))
		return cis_cli_fail(ac->cmd, CIS_EXIT_INVALID, "%s", diag.msg);
	app->map = cis_cal_map(app->cal);
	cis_corrections_tell(app->cal, app->info->delay_s);
	return 0;
}

static int check_outputs(struct app *app)
{
	const struct cis_app_config *ac = app->ac;
	struct cis_outputs o = {.keep = !ac->force};

	cis_outputs_input(&o, ac->conf_file);
	for (uint32_t i = 0; i < ac->n_record; i++)
		cis_outputs_add(&o, ac->record[i]);
	for (uint32_t i = 0; i < ac->n_stream; i++)
		cis_outputs_add(&o, ac->stream[i].connection_file);
	for (uint32_t i = 0; i < ac->n_stream; i++)
		cis_outputs_add_streams(&o, ac->stream[i].send,
					ac->stream[i].n_send);
	return cis_outputs_check(&o, ac->cmd, app->src);
}

static int open_estimator(struct app *app)
{
	struct cis_diag diag = {""};
	struct cis_estim_config *ec = &app->ec;
	int err;

	ec->map = app->map;
	ec->rate_hz = app->info->rate_hz;
	ec->fnom_hz = app->ac->fnom_hz > 0     ? app->ac->fnom_hz
		      : app->info->fnom_hz > 0 ? app->info->fnom_hz
					       : 50;
	ec->rate = app->ac->rate.num
			   ? app->ac->rate
			   : (struct cis_rate){(uint32_t)ec->fnom_hz, 1};
	/* A recording can wait for rows: its reports are those of estimate. */
	ec->background = app->info->origin != CIS_REPLAY;
	ec->max_block = (uint32_t)ceil(BLOCK_S * ec->rate_hz);
	err = cis_estim_parse_profile(app->ac->profile, ec, &diag);
	if (err)
		return fail(app, err, &diag);
	err = cis_estim_new(ec, &app->est, &diag);
	if (err == -EINVAL && app->info->origin == CIS_REPLAY)
		return cis_cli_fail(app->ac->cmd, CIS_EXIT_INVALID, "%s: %s",
				    app->info->detail, diag.msg);
	return err ? fail(app, err, &diag) : 0;
}

static int open_clock(struct app *app)
{
	int status = cis_timing_spec(&app->timing, app->info, &app->time);

	if (status)
		return status;
	app->clock.kind = cis_dater_clock(app->time.kind);
	cis_leaplist_check(cis_clock_now(&app->clock));
	return cis_timing_judge(&app->timing, app->info, &app->time);
}

static int open_dater(struct app *app)
{
	app->timing.fnom_hz = app->ec.fnom_hz;
	app->timing.declared = app->declared;
	return cis_timing_open(&app->timing, app->info, &app->time,
			       &app->dater);
}

static int open_streams(struct app *app)
{
	struct cis_streams_config *sc = &app->sc;

	*sc = (struct cis_streams_config){
		.cmd = app->ac->cmd,
		.loop = &app->loop,
		.map = app->map,
		.ec = &app->ec,
		.origin = app->info->origin,
		.rate_hz = app->info->rate_hz,
		.n_cal = app->ac->n_cal,
		.cal = app->ac->cal,
		.overwrite = app->ac->force,
	};
	return cis_streams_open(&app->streams, sc, app->ac->stream,
				app->ac->n_stream);
}

static int open_records(struct app *app)
{
	struct cis_records_config rc = {
		.cmd = app->ac->cmd,
		.path = app->ac->record,
		.n_path = app->ac->n_record,
		.force = app->ac->force,
		.map = app->info->map,
		.cal = app->cal,
		.scan_delay_s = app->info->delay_s,
		.source = app->ac->source,
		.station = app->station,
		.tells_time = app->info->realtime ||
			      (app->time.kind != CIS_DATER_SYSTEM &&
			       app->time.kind != CIS_DATER_NONE),
		.fnom_hz = app->ec.fnom_hz,
		.rate_hz = app->ec.rate_hz,
		.max_block = app->ec.max_block,
	};

	cis_station_name(app->ac->stream[0].station,
			 app->info->origin != CIS_LIVE, app->station);
	return cis_records_open(&app->records, &rc);
}

/* ---- running ---- */

static void wake(void *arg)
{
	uv_async_send(arg);
}

static void close_handles(struct app *app)
{
	uv_close((uv_handle_t *)&app->wake, NULL);
	uv_close((uv_handle_t *)&app->on_int, NULL);
	uv_close((uv_handle_t *)&app->on_term, NULL);
	uv_close((uv_handle_t *)&app->on_hup, NULL);
	cis_monitor_close(&app->monitor);
}

static void finish(struct app *app)
{
	if (app->ended)
		return;
	app->ended = true;
	close_handles(app);
	cis_app_page_close(&app->page);
	for (uint32_t i = 0; i < app->streams.n; i++) {
		struct cis_feed_stats fs;

		/* A capture that could not grow was given up, and told. */
		cis_feed_stats(app->streams.feed[i], &fs);
		if (fs.err && !app->status)
			app->status = CIS_EXIT_STORAGE;
		cis_feed_close(app->streams.feed[i]);
	}
	if (app->ac->watch)
		app->ac->watch->ended(app->ac->watch->arg);
}

static void take_report(struct app *app)
{
	if (app->info->simulated)
		app->last.notes |= CIS_NOTE_SIM;
	for (uint32_t i = 0; i < app->streams.n; i++)
		cis_feed_put(app->streams.feed[i], &app->last);
	cis_records_put(&app->records, &app->last);
	cis_app_page_report(&app->page, &app->last);
}

static void take_events(struct app *app)
{
	struct cis_event ev;

	while (!cis_pipe_event(app->pipe, &ev)) {
		cis_event_log(&ev);
		cis_monitor_event(&app->monitor, &ev);
		cis_app_page_event(&app->page, &ev);
	}
}

static void take_reports(struct app *app)
{
	int err;

	take_events(app);
	while (!(err = cis_pipe_pop(app->pipe, &app->last)))
		take_report(app);
	if (err == -EAGAIN)
		return;
	if (err == -ENODEV)
		app->status = cis_cli_fail(app->ac->cmd, CIS_EXIT_DEVICE,
					   "%s: no samples ever came",
					   app->info->detail);
	else if (err != -ENODATA)
		app->status = cis_cli_fail(app->ac->cmd, cis_exit_for(err),
					   "the source failed: %s",
					   cis_source_why(app->src, err));
	/* Both threads are done; nothing may wake a closed handle. */
	cis_pipe_stop(app->pipe);
	take_events(app);
	cis_monitor_end(&app->monitor);
	finish(app);
}

static void on_wake(uv_async_t *handle)
{
	take_reports(handle->data);
}

static void on_signal(uv_signal_t *handle, int signum)
{
	struct app *app = handle->data;

	(void)signum;
	app->stopped = true;
	cis_monitor_stopping(&app->monitor);
	/* The second one finds the default action again. */
	uv_signal_stop(&app->on_int);
	uv_signal_stop(&app->on_term);
	cis_pipe_stop(app->pipe);
	take_reports(app);
}

/* The terminal is gone, or somebody wants the configuration to be read anew. */
static void on_hangup(uv_signal_t *handle, int signum)
{
	struct app *app = handle->data;
	const struct cis_app_config *fresh;

	if (app->on_terminal && !isatty(STDERR_FILENO)) {
		on_signal(handle, signum);
		return;
	}
	cis_monitor_reloading(&app->monitor);
	fresh = app->ac->reread(app->ac->reread_arg);
	if (fresh) {
		cis_reread_tell(app->ac, fresh);
		cis_streams_change(&app->streams, &app->sc, fresh->stream,
				   fresh->n_stream);
	} else {
		cis_log(CIS_LOG_WARN, "the configuration stays as it was");
	}
	cis_monitor_reloaded(&app->monitor);
}

static void open_handles(struct app *app)
{
	uv_async_init(&app->loop, &app->wake, on_wake);
	uv_signal_init(&app->loop, &app->on_int);
	uv_signal_init(&app->loop, &app->on_term);
	uv_signal_init(&app->loop, &app->on_hup);
	cis_monitor_init(&app->monitor, &app->loop);
	app->wake.data = app;
	app->on_int.data = app;
	app->on_term.data = app;
	app->on_hup.data = app;
	uv_signal_start(&app->on_int, on_signal, SIGINT);
	uv_signal_start(&app->on_term, on_signal, SIGTERM);
	app->on_terminal = isatty(STDERR_FILENO);
	if (app->ac->reread)
		uv_signal_start(&app->on_hup, on_hangup, SIGHUP);
}

static void take_start(struct app *app)
{
	struct cis_time now = app->start;

	if (app->info->realtime || app->info->dated) {
		cis_log(CIS_LOG_WARN, "--start is not used: the samples %s",
			app->info->dated ? "have their own dates"
					 : "begin when the board does");
		return;
	}
	app->start = app->ac->start;
	app->declared = cis_time_diff_ns(app->start, now) < 0;
}

/* A formula begins on the second: its first samples are past already. */
static int choose_start(struct app *app)
{
	const struct cis_app_watch *watch = app->ac->watch;

	app->start = cis_clock_now(&app->clock);
	if (app->ac->has_start)
		take_start(app);
	else if (!app->info->realtime)
		app->start.tai_ns = cis_time_floor_s(app->start) * CIS_NS_PER_S;
	if (watch)
		watch->started(watch->arg, &app->loop,
			       cis_feed_endpoint(app->streams.feed[0], 0),
			       app->start);
	return 0;
}

static int start_pipe(struct app *app)
{
	struct cis_diag diag = {""};
	struct cis_pipe_config pc = {
		.src = app->src,
		.est = app->est,
		.cal = app->cal,
		.clock = &app->clock,
		.dater = app->dater,
		.max_block = app->ec.max_block,
		.paced = true,
		.declared = app->declared,
		.duration_s = app->ac->duration_s,
		.ring_s = app->ac->ring_s,
		.rec = app->records.rec,
		.tap = app->page.tap,
		.notify = wake,
		.arg = &app->wake,
	};
	int err = cis_pipe_new(&pc, &app->pipe, &diag);

	if (!err)
		err = cis_pipe_start(app->pipe, app->start, &diag);
	return err ? fail(app, err, &diag) : 0;
}

static int begin_monitor(struct app *app)
{
	const struct cis_monitor_config mc = {
		.info = app->info,
		.map = app->map,
		.clock = &app->clock,
		.dater = app->dater,
		.newest = &app->last,
		.streams = &app->streams,
		.pipe = app->pipe,
		.line = app->ac->status_line,
		.json = app->ac->json,
	};

	cis_monitor_begin(&app->monitor, &mc);
	return 0;
}

static int open_page(struct app *app)
{
	int status = cis_app_page_open(&app->page, app->ac->cmd, &app->loop,
				       &app->ac->web);

	if (!status)
		cis_app_page_tap(&app->page, &app->ec);
	return status;
}

static int begin_page(struct app *app)
{
	const struct cis_app_page_config pc = {
		.station = app->station,
		.info = app->info,
		.map = app->map,
		.cal = app->cal,
		.source = app->ac->source,
		.start = app->start,
		.ec = &app->ec,
		.clock = &app->clock,
		.dater = app->dater,
		.newest = &app->last,
		.streams = &app->streams,
		.pipe = app->pipe,
	};

	cis_app_page_begin(&app->page, &pc);
	return 0;
}

/* ---- the end ---- */

/* The profile with the longest window that data of a length hold. */
static const char *what_fits(const struct app *app, double length_s,
			     char buf[64])
{
	static const char *const names[] = {"reference", "m", "p", "ls7"};
	struct cis_estim_config ec = app->ec;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		double gap_s = (double)ec.rate.den / ec.rate.num;

		cis_estim_parse_profile(names[i], &ec, NULL);
		if (cis_estim_window_s(&ec) + gap_s > length_s)
			continue;
		snprintf(buf, 64, "--profile %s fits", names[i]);
		return buf;
	}
	return "no profile fits";
}

/* Why there is none. */
static void tell_no_report(struct app *app, const struct cis_pipe_stats *st)
{
	double window_s = cis_estim_window_s(&app->ec);
	double length_s = (double)st->scans / app->info->rate_hz;
	char fits[64];

	if (st->refused > 0)
		return;
	if (length_s >= window_s + 1 / app->ec.fnom_hz)
		cis_log(CIS_LOG_WARN,
			"no report: no instant of the rate asked for is within "
			"the %.4g s of data",
			length_s);
	else
		cis_log(CIS_LOG_WARN,
			"no report: the data are shorter than the window of "
			"%g ms; %s",
			1e3 * window_s, what_fits(app, length_s, fits));
}

static void tell_totals(struct app *app)
{
	struct cis_pipe_stats st;

	cis_pipe_stats(app->pipe, &st);
	cis_log(CIS_LOG_INFO,
		"done: scans=%llu reports=%llu lost_scans=%llu overruns=%llu "
		"lost_reports=%llu",
		(unsigned long long)st.scans, (unsigned long long)st.reports,
		(unsigned long long)st.lost_scans,
		(unsigned long long)st.overruns,
		(unsigned long long)st.lost_reports);
	if (st.reports == 0)
		tell_no_report(app, &st);
	if (st.refused > 0 && !app->status)
		app->status = cis_cli_fail(
			app->ac->cmd, CIS_EXIT_INCOMPLETE,
			"%llu scans have a rate or a delay that the estimator "
			"cannot take",
			(unsigned long long)st.refused);
}

/* What was opened before a failure is closed without a trace. */
static void close_all(struct app *app)
{
	finish(app);
	uv_run(&app->loop, UV_RUN_DEFAULT);
	uv_loop_close(&app->loop);
	cis_pipe_free(app->pipe);
	cis_app_page_free(&app->page);
	cis_dater_free(app->dater);
	cis_records_abort(&app->records);
	cis_estim_free(app->est);
	cis_cal_free(app->cal);
	cis_source_close(app->src);
}

static int run(struct app *app)
{
	int (*const steps[])(struct app *) = {
		open_source,  open_cal,     check_outputs, open_estimator,
		open_clock,   open_records, open_streams,  open_page,
		choose_start, open_dater,   start_pipe,    begin_monitor,
		begin_page};
	int status;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		status = steps[i](app);
		if (status)
			return status;
	}
	uv_run(&app->loop, UV_RUN_DEFAULT);
	tell_totals(app);
	status = cis_records_commit(&app->records, app->stopped);
	return app->status ? app->status : status;
}

int cis_app_run(const struct cis_app_config *ac)
{
	struct app app = {.ac = ac};
	int status;

	if (uv_loop_init(&app.loop))
		return cis_cli_fail(ac->cmd, CIS_EXIT_RUNTIME,
				    "cannot make an event loop");
	open_handles(&app);
	status = run(&app);
	close_all(&app);
	if (ac->stopped)
		*ac->stopped = app.stopped;
	return status;
}

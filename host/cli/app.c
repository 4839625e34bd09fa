/*
 * app.c - what `run` is made of, from one end to the other; see app.h.
 *
 *     source -> calibration -> estimator -> reports -> streams, records, page
 *
 * All up to the reports works on pipe's threads. The loop takes reports and hands
 * them on.
 */
#include "app.h"

#include <errno.h>
#include <math.h>

#include "cisoid/estim.h"
#include "cisoid/source.h"
#include "host/acq/pipe.h"
#include "host/cli/run/corrections.h"
#include "host/cli/run/events.h"
#include "host/cli/run/monitor.h"
#include "host/cli/run/os_signals.h"
#include "host/cli/run/reread.h"
#include "host/cli/run/sinks.h"
#include "host/cli/run/totals.h"
#include "host/cli/run/view.h"
#include "leaplist.h"
#include "timing.h"

#define BLOCK_S 0.01 /* of samples read at a time */

struct app {
	const struct cis_app_config *ac;
	uv_loop_t loop;
	struct cis_os_signals signals;
	bool ended, stopped; /* stopped: by a signal */
	int status;
	/* From the source to reports. */
	struct cis_source *src;
	const struct cis_source_info *info;
	struct cis_cal *cal;            /* NULL: nothing to correct */
	const struct cis_chan_map *map; /* the source's, corrected */
	struct cis_estim_config ec;
	struct cis_estim *est;
	struct cis_timing timing;
	struct cis_time start; /* of scan 0 */
	struct cis_dater *dater;
	struct cis_pipe *pipe;
	uv_async_t wake; /* from pipe: reports to take */
	struct cis_report newest;
	/* And from there on. */
	struct cis_sinks sinks;
	struct cis_run_view view;
	struct cis_monitor monitor;
};

static int fail(const struct app *app, int err, const struct cis_diag *diag)
{
	return cis_cli_fail(app->ac->cmd, cis_exit_for(err), "%s", diag->msg);
}

/* ---- source, calibration, estimator ---- */

static int open_source(struct app *app)
{
	const struct cis_app_config *ac = app->ac;
	int status;

	app->timing = (struct cis_timing){
		.cmd = ac->cmd,
		.source = ac->source,
		.time = ac->time,
		.max_error_s = ac->max_time_error_s,
		.start = ac->has_start ? &ac->start : NULL,
	};
	status = cis_timing_source(&app->timing, &app->src);
	if (!status)
		app->info = cis_source_info(app->src);
	return status;
}

/* What is corrected is told: the reports are no longer what was delivered. */
static int open_cal(struct app *app)
{
	const struct cis_app_config *ac = app->ac;
	const struct cis_source_info *info = app->info;
	struct cis_diag diag = {""};

	app->map = info->map;
	if (ac->n_cal == 0 &&
	    !(info->origin == CIS_LIVE && cis_source_is_staggered(info)))
		return 0;
	if (cis_cal_new(app->map, ac->cal, ac->n_cal, &app->cal, &diag))
		return cis_cli_fail(ac->cmd, CIS_EXIT_INVALID, "%s", diag.msg);
	app->map = cis_cal_map(app->cal);
	cis_corrections_tell(app->cal, info->delay_s);
	return 0;
}

static double nominal_hz(const struct app *app)
{
	if (app->ac->fnom_hz > 0)
		return app->ac->fnom_hz;
	return app->info->fnom_hz > 0 ? app->info->fnom_hz : 50;
}

static int open_estimator(struct app *app)
{
	const struct cis_app_config *ac = app->ac;
	const double fnom_hz = nominal_hz(app);
	struct cis_diag diag = {""};
	int err;

	app->ec = (struct cis_estim_config){
		.map = app->map,
		.rate_hz = app->info->rate_hz,
		.fnom_hz = fnom_hz,
		.rate = ac->rate.num ? ac->rate
				     : (struct cis_rate){(uint32_t)fnom_hz, 1},
		/* A recording can wait for rows: its reports are those of
		 * estimate. */
		.background = app->info->origin != CIS_REPLAY,
		.max_block = (uint32_t)ceil(BLOCK_S * app->info->rate_hz),
	};
	err = cis_estim_parse_profile(ac->profile, &app->ec, &diag);
	if (err)
		return fail(app, err, &diag);
	err = cis_estim_new(&app->ec, &app->est, &diag);
	if (err == -EINVAL && app->info->origin == CIS_REPLAY)
		return cis_cli_fail(ac->cmd, CIS_EXIT_INVALID, "%s: %s",
				    app->info->detail, diag.msg);
	return err ? fail(app, err, &diag) : 0;
}

/* ---- the time of the samples ---- */

static int open_clock(struct app *app)
{
	int status = cis_timing_choose(&app->timing, app->info);

	if (status)
		return status;
	cis_leaplist_check(cis_clock_now(&app->timing.clock));
	return cis_timing_judge(&app->timing, app->info);
}

/* Whoever watches is there before the first sample. */
static int open_dater(struct app *app)
{
	const struct cis_app_watch *watch = app->ac->watch;

	app->start = cis_timing_start(&app->timing, app->info);
	if (watch)
		watch->started(watch->arg, &app->loop,
			       cis_feed_endpoint(app->sinks.streams.feed[0], 0),
			       app->start);
	return cis_timing_dater(&app->timing, app->info, app->ec.fnom_hz,
				&app->dater);
}

/* ---- where reports go ---- */

static int check_sinks(struct app *app)
{
	return cis_sinks_check(app->ac, app->src);
}

static int open_sinks(struct app *app)
{
	const enum cis_dater_kind kind = app->timing.spec.kind;
	const struct cis_sinks_input in = {
		.info = app->info,
		.map = app->map,
		.cal = app->cal,
		.ec = &app->ec,
		.tells_time =
			app->info->realtime ||
			(kind != CIS_DATER_SYSTEM && kind != CIS_DATER_NONE),
	};

	return cis_sinks_open(&app->sinks, app->ac, &app->loop, &in);
}

/* ---- samples come ---- */

static void wake(void *arg)
{
	uv_async_send(arg);
}

static int start_pipe(struct app *app)
{
	struct cis_diag diag = {""};
	const struct cis_pipe_config pc = {
		.src = app->src,
		.cal = app->cal,
		.est = app->est,
		.clock = &app->timing.clock,
		.dater = app->dater,
		.max_block = app->ec.max_block,
		.paced = true,
		.declared = app->timing.declared,
		.duration_s = app->ac->duration_s,
		.ring_s = app->ac->ring_s,
		.rec = app->sinks.records.rec,
		.tap = app->sinks.page.tap,
		.notify = wake,
		.arg = &app->wake,
	};
	int err = cis_pipe_new(&pc, &app->pipe, &diag);

	if (!err)
		err = cis_pipe_start(app->pipe, app->start, &diag);
	return err ? fail(app, err, &diag) : 0;
}

static int show(struct app *app)
{
	app->view = (struct cis_run_view){
		.source = app->ac->source,
		.station = app->sinks.station,
		.info = app->info,
		.map = app->map,
		.cal = app->cal,
		.ec = &app->ec,
		.clock = &app->timing.clock,
		.dater = app->dater,
		.start = app->start,
		.pipe = app->pipe,
		.newest = &app->newest,
		.streams = &app->sinks.streams,
	};
	cis_monitor_begin(&app->monitor, &app->view, app->ac->status_line,
			  app->ac->json);
	cis_app_page_begin(&app->sinks.page, &app->view);
	return 0;
}

/* ---- reports go on ---- */

static void take_events(struct app *app)
{
	struct cis_event ev;

	while (!cis_pipe_event(app->pipe, &ev)) {
		cis_event_log(&ev);
		cis_monitor_event(&app->monitor, &ev);
		cis_app_page_event(&app->sinks.page, &ev);
	}
}

/* Closes what is on the loop, which then ends. */
static void finish(struct app *app)
{
	const struct cis_app_watch *watch = app->ac->watch;
	int status;

	if (app->ended)
		return;
	app->ended = true;
	uv_close((uv_handle_t *)&app->wake, NULL);
	cis_os_signals_close(&app->signals);
	cis_monitor_close(&app->monitor);
	status = cis_sinks_close(&app->sinks);
	if (!app->status)
		app->status = status;
	if (watch)
		watch->ended(watch->arg);
}

static int why_ended(const struct app *app, int err)
{
	if (err == -ENODATA)
		return app->status;
	if (err == -ENODEV)
		return cis_cli_fail(app->ac->cmd, CIS_EXIT_DEVICE,
				    "%s: no samples ever came",
				    app->info->detail);
	return cis_cli_fail(app->ac->cmd, cis_exit_for(err),
			    "the source failed: %s",
			    cis_source_why(app->src, err));
}

static void take_reports(struct app *app)
{
	int err;

	take_events(app);
	while (!(err = cis_pipe_pop(app->pipe, &app->newest))) {
		if (app->info->simulated)
			app->newest.notes |= CIS_NOTE_SIM;
		cis_sinks_put(&app->sinks, &app->newest);
	}
	if (err == -EAGAIN)
		return;
	app->status = why_ended(app, err);
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

/* ---- what the system asks ---- */

static void stop(void *arg)
{
	struct app *app = arg;

	app->stopped = true;
	cis_monitor_stopping(&app->monitor);
	cis_pipe_stop(app->pipe);
	take_reports(app);
}

static void reread(void *arg)
{
	struct app *app = arg;

	cis_reread(app->ac, &app->sinks, &app->monitor);
}

/* ---- from the beginning to the end ---- */

static void open_handles(struct app *app)
{
	app->signals = (struct cis_os_signals){
		.stop = stop,
		.reread = app->ac->reread ? reread : NULL,
		.arg = app,
	};
	uv_async_init(&app->loop, &app->wake, on_wake);
	app->wake.data = app;
	cis_os_signals_open(&app->signals, &app->loop);
	cis_monitor_init(&app->monitor, &app->loop);
}

static int open_all(struct app *app)
{
	int (*const steps[])(struct app *) = {
		open_source,    open_cal,   check_sinks,
		open_estimator, open_clock, open_sinks,
		open_dater,     start_pipe, show,
	};
	int status = 0;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !status; i++)
		status = steps[i](app);
	return status;
}

/* What was opened before a failure is closed without a trace. */
static void close_all(struct app *app)
{
	finish(app);
	uv_run(&app->loop, UV_RUN_DEFAULT);
	uv_loop_close(&app->loop);
	cis_pipe_free(app->pipe);
	cis_sinks_free(&app->sinks);
	cis_dater_free(app->dater);
	cis_estim_free(app->est);
	cis_cal_free(app->cal);
	cis_source_close(app->src);
}

static int run(struct app *app)
{
	int status = open_all(app);

	if (status)
		return status;
	uv_run(&app->loop, UV_RUN_DEFAULT);
	cis_totals_tell(app->pipe, &app->ec);
	if (!app->status)
		app->status = cis_totals_judge(app->pipe, app->ac->cmd);
	status = cis_sinks_commit(&app->sinks, app->stopped);
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

/* cmd_capture.c - samples from any source to a COMTRADE recording. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "cisoid/log.h"
#include "cisoid/source.h"
#include "cisoid/utc.h"
#include "cli.h"
#include "endpoints.h"
#include "host/acq/dates/clock.h"
#include "host/acq/duration.h"
#include "host/acq/recorder.h"
#include "outputs.h"

#define MAX_BLOCK 4096
#define READ_MS   100

static const struct cis_option options[] = {
	{"source", 0, "SPEC", "mock:..., replay:FILE.cfg, comedi:..."},
	{"duration", 0, "T", "seconds of data, 10s or 5min"},
	{"output", 'o', "FILE.cfg", "the recording; FILE.dat beside it"},
	{"start", 0, "TIME", "of the first sample; default the last second"},
	{"station", 0, "NAME", "station name in the recording"},
	{"format", 0, "TYPE", "float32 (default) or binary32"},
	{"force", 'f', NULL, "write over a recording that exists"},
	{NULL, 0, NULL, NULL},
};

struct capture {
	const char *spec;
	char station[CIS_STATION_SIZE];
	double duration_s;
	bool has_start;
	struct cis_time start;
	struct cis_recorder_config out;
	struct cis_source *src;
	const struct cis_source_info *info;
	struct cis_recorder *rec;
	struct cis_duration duration;
	uint64_t overruns;
	bool clipped;
	/* libuv's handlers run whichever thread a signal comes to: libraries
	 * have threads of their own. */
	uv_loop_t loop;
	uv_signal_t signals[2];
	bool interrupted;
};

/* ---- options ---- */

static int take_format(struct capture *c, const char *value,
		       struct cis_diag *diag)
{
	if (!strcmp(value, "float32"))
		c->out.format = CIS_COMTRADE_FLOAT32;
	else if (!strcmp(value, "binary32"))
		c->out.format = CIS_COMTRADE_BINARY32;
	else
		return cis_fail(diag, -EINVAL,
				"--format: \"%s\" is neither float32 nor "
				"binary32",
				value);
	return 0;
}

static int take(void *ctx, const char *name, const char *value,
		struct cis_diag *diag)
{
	struct capture *c = ctx;

	if (!strcmp(name, "duration"))
		return cis_arg_duration(name, value, &c->duration_s, diag);
	if (!strcmp(name, "format"))
		return take_format(c, value, diag);
	if (!strcmp(name, "start")) {
		c->has_start = true;
		return cis_arg_time(name, value, &c->start, diag);
	}
	if (!strcmp(name, "source"))
		c->spec = value;
	else if (!strcmp(name, "output"))
		c->out.path = value;
	else if (!strcmp(name, "station"))
		c->out.station = value;
	else
		c->out.force = true;
	return 0;
}

static int check(const struct capture *c)
{
	if (!c->spec)
		return cis_cli_fail(&cis_cmd_capture, CIS_EXIT_USAGE,
				    "--source SPEC is needed");
	if (!c->out.path)
		return cis_cli_fail(&cis_cmd_capture, CIS_EXIT_USAGE,
				    "-o FILE.cfg is needed");
	return CIS_EXIT_OK;
}

/* ---- samples ---- */

/* Boards start when they can; formulas at the last whole second. */
static struct cis_time start_time(const struct capture *c)
{
	struct cis_clock clock;
	struct cis_time t;

	if (c->info->dated)
		return c->info->first;
	if (c->has_start)
		return c->start;
	cis_clock_init(&clock, "system", NULL);
	t = cis_clock_now(&clock);
	if (!c->info->realtime)
		t.tai_ns = cis_time_floor_s(t) * CIS_NS_PER_S;
	return t;
}

/* A second signal ends the program at once. */
static void on_signal(uv_signal_t *handle, int signum)
{
	struct capture *c = handle->data;

	(void)signum;
	c->interrupted = true;
	for (unsigned i = 0; i < 2; i++)
		uv_signal_stop(&c->signals[i]);
}

static void watch_signals(struct capture *c)
{
	static const int numbers[2] = {SIGINT, SIGTERM};

	uv_loop_init(&c->loop);
	for (unsigned i = 0; i < 2; i++) {
		uv_signal_init(&c->loop, &c->signals[i]);
		c->signals[i].data = c;
		uv_signal_start(&c->signals[i], on_signal, numbers[i]);
	}
}

static void unwatch_signals(struct capture *c)
{
	for (unsigned i = 0; i < 2; i++)
		uv_close((uv_handle_t *)&c->signals[i], NULL);
	uv_run(&c->loop, UV_RUN_DEFAULT);
	uv_loop_close(&c->loop);
}

static bool interrupted(struct capture *c)
{
	uv_run(&c->loop, UV_RUN_NOWAIT);
	return c->interrupted;
}

static int restart(struct capture *c, struct cis_diag *diag)
{
	struct capture again = *c;

	c->overruns++;
	again.has_start = false;
	cis_source_stop(c->src);
	return cis_source_start(c->src, start_time(&again), diag);
}

static int record(struct capture *c, double *x, struct cis_diag *diag)
{
	uint32_t n_chan = c->info->map->n_chan;
	bool gap = false;
	int err = 0;

	while (!err && !cis_duration_over(&c->duration) && !interrupted(c)) {
		struct cis_block blk = {
			.n_chan = n_chan,
			.n_scan = cis_duration_room(&c->duration, MAX_BLOCK),
			.stride = MAX_BLOCK,
			.x = x};

		err = cis_source_read(c->src, &blk, READ_MS);
		if (err == -ETIMEDOUT) {
			err = 0;
			continue;
		}
		if (err == -EPIPE) {
			gap = true;
			err = restart(c, diag);
			continue;
		}
		if (err)
			break;
		if (gap)
			blk.flags |= CIS_BLOCK_GAP;
		gap = false;
		if (!cis_duration_take(&c->duration, &blk) ||
		    cis_recorder_put(c->rec, &blk))
			break; /* close() tells */
		c->clipped = c->clipped || (blk.flags & CIS_BLOCK_CLIP);
	}
	return err == -ENODATA ? 0 : err;
}

static int run_source(struct capture *c, struct cis_diag *diag)
{
	size_t n = (size_t)MAX_BLOCK * c->info->map->n_chan;
	double *x = calloc(n, sizeof(*x));
	int err;

	if (!x)
		return cis_fail(diag, -ENOMEM, "not enough memory");
	err = cis_source_start(c->src, start_time(c), diag);
	if (!err) {
		err = record(c, x, diag);
		if (err && !diag->msg[0])
			cis_fail(diag, err, "%s: %s", c->spec, strerror(-err));
		cis_source_stop(c->src);
	}
	free(x);
	return err;
}

static void summary(const struct capture *c,
		    const struct cis_recorder_stats *st)
{
	char at[CIS_UTC_SIZE];

	cis_log(CIS_LOG_INFO,
		"%s: %llu samples of %u channels at %.10g Hz from %s, %.6g s, "
		"%llu missing",
		c->out.path, (unsigned long long)st->scans,
		(unsigned)c->info->map->n_chan, st->rate_hz,
		cis_utc_format(st->start, 9, at),
		(double)st->scans / st->rate_hz, (unsigned long long)st->lost);
}

static void tell_clipped(const struct capture *c)
{
	bool kept = c->out.format == CIS_COMTRADE_BINARY32;

	cis_log(CIS_LOG_WARN,
		"%s: samples are at the end of the converter's range%s",
		c->out.path,
		kept ? ""
		     : "; a float32 recording does not keep the range, so "
		       "that estimate cannot flag them: --format binary32 "
		       "does");
}

static int capture(struct capture *c)
{
	struct cis_recorder_stats stats;
	struct cis_diag diag = {""}, end = {""};
	struct cis_outputs outputs = {.n = 0};
	int err, late, status;

	cis_outputs_add(&outputs, c->out.path);
	status = cis_outputs_check(&outputs, &cis_cmd_capture, c->src);
	if (status)
		return status;
	err = cis_recorder_open(&c->out, &c->rec, &diag);
	if (err)
		return cis_cli_fail(&cis_cmd_capture, cis_exit_for_output(err),
				    "%s", diag.msg);
	err = run_source(c, &diag);
	cis_recorder_stats(c->rec, &stats);
	late = cis_recorder_close(c->rec, &end);
	if (!late)
		summary(c, &stats);
	if (!late && c->clipped)
		tell_clipped(c);
	if (err)
		return cis_cli_fail(&cis_cmd_capture, cis_exit_for(err), "%s",
				    diag.msg);
	if (late)
		return cis_cli_fail(&cis_cmd_capture, cis_exit_for(late), "%s",
				    end.msg);
	return c->overruns ? CIS_EXIT_INCOMPLETE : CIS_EXIT_OK;
}

static int capture_source(struct capture *c)
{
	struct cis_diag diag = {""};
	int status, err = cis_source_open(c->spec, &c->src, &diag);

	if (err)
		return cis_cli_fail(&cis_cmd_capture, cis_exit_for(err), "%s",
				    diag.msg);
	c->info = cis_source_info(c->src);
	cis_cli_warn(c->info->warn);
	cis_station_name(c->out.station ? c->out.station : "CISOID",
			 c->info->origin != CIS_LIVE, c->station);
	c->out.station = c->station;
	c->out.map = c->info->map;
	c->out.fnom_hz = c->info->fnom_hz;
	cis_duration_init(&c->duration, c->duration_s, c->info->rate_hz);
	if (c->info->dated && c->has_start)
		cis_log(CIS_LOG_WARN, "--start is not used: the samples have "
				      "their own dates");
	if (c->info->origin == CIS_SIMULATED && isinf(c->duration_s))
		status = cis_cli_fail(&cis_cmd_capture, CIS_EXIT_USAGE,
				      "--duration T is needed: this source "
				      "never ends");
	else
		status = capture(c);
	cis_source_close(c->src);
	return status;
}

static int run(int argc, char **argv)
{
	struct capture c = {.duration_s = INFINITY};
	int status, n;

	n = cis_options_parse(&cis_cmd_capture, argc, argv, take, &c, &status);
	if (n < 0)
		return status;
	if (n > 0)
		return cis_cli_fail(&cis_cmd_capture, CIS_EXIT_USAGE,
				    "\"%s\": no argument is expected here",
				    argv[0]);
	status = check(&c);
	if (status)
		return status;
	watch_signals(&c);
	status = capture_source(&c);
	unwatch_signals(&c);
	return status;
}

const struct cis_command cis_cmd_capture = {
	.name = "capture",
	.summary = "samples to COMTRADE",
	.synopsis = "--source SPEC --duration T -o FILE.cfg [options]",
	.options = options,
	.examples = "  cisoid capture --source mock:f=50.1 --duration 1s -o "
		    "a.cfg\n"
		    "  cisoid capture --source comedi:dev=/dev/comedi0 "
		    "--duration 10s -o b.cfg\n",
	.run = run,
};

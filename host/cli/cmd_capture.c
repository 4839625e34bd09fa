/*
 * cmd_capture.c - samples from any source to a COMTRADE recording; or the
 * standard's tests, each as one.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "cisoid/source.h"
#include "cisoid/utc.h"
#include "cli.h"
#include "endpoints.h"
#include "host/acq/dates/clock.h"
#include "host/acq/duration.h"
#include "host/acq/recorder.h"
#include "host/cli/capture/interrupt.h"
#include "host/cli/capture/library.h"
#include "host/cli/verify/verify.h"
#include "outputs.h"

#define MAX_BLOCK 4096
#define READ_MS   100

/* Harmonic 50 of 60 Hz, twice over; what a board or a test set may have. */
#define MIN_SAMPLE_HZ 6400
#define MAX_SAMPLE_HZ 1000000

static const struct cis_option options[] = {
	{"source", 0, "SPEC", "mock:..., replay:FILE.cfg, comedi:..."},
	{"duration", 0, "T", "seconds of data, 10s or 5min"},
	{"output", 'o', "FILE.cfg", "the recording; FILE.dat beside it"},
	{"start", 0, "TIME", "of the first sample; default the last second"},
	{"station", 0, "NAME", "station name in the recording"},
	{"format", 0, "TYPE", "float32 (default), binary32, or binary of 1999"},
	{"force", 'f', NULL, "write over a recording that exists"},
	{"tests", 0, "DIR", "instead: a recording of every standard test"},
	{"test", 0, "NAME", "of these only this one; may be given again"},
	{"edition", 0, "YEAR", "2011, 2014 or 2018 (default 2018)"},
	{"class", 0, "CLASS", "p or m (default m)"},
	{"fnom", 0, "HZ", "nominal frequency, 50 or 60 (default 50)"},
	{"rate", 0, "FPS", "reports per second (default: nominal frequency)"},
	{"sample-rate", 0, "HZ", "samples per second (default 9600)"},
	{"points", 0, "WHICH", "few (default) of each sweep, or all"},
	{NULL, 0, NULL, NULL},
};

struct capture {
	const char *spec;
	char station[CIS_STATION_SIZE];
	double duration_s;
	bool has_start, has_format;
	struct cis_time start;
	struct cis_recorder_config out;
	struct cis_source *src;
	const struct cis_source_info *info;
	struct cis_recorder *rec;
	struct cis_duration duration;
	uint64_t overruns;
	bool clipped;
	struct cis_interrupt interrupt;
	/* --tests, and the first option that is given for it alone. */
	struct cis_library_config tests;
	const char *library_option;
	struct cis_rate rate; /* of reports; num 0: not given */
};

/* ---- options ---- */

static int take_format(struct capture *c, const char *value,
		       struct cis_diag *diag)
{
	c->has_format = true;
	if (!strcmp(value, "float32"))
		c->out.format = CIS_COMTRADE_FLOAT32;
	else if (!strcmp(value, "binary32"))
		c->out.format = CIS_COMTRADE_BINARY32;
	else if (!strcmp(value, "binary"))
		c->out.format = CIS_COMTRADE_BINARY;
	else
		return cis_fail(diag, -EINVAL,
				"--format: \"%s\" is not float32, binary32 or "
				"binary (of 1999)",
				value);
	return 0;
}

static int take_sample_rate(double *rate_hz, const char *value,
			    struct cis_diag *diag)
{
	char *end;
	double v = strtod(value, &end);

	if (end == value || *end ||
	    !(v >= MIN_SAMPLE_HZ && v <= MAX_SAMPLE_HZ) || v != rint(v))
		return cis_fail(diag, -EINVAL,
				"--sample-rate: \"%s\" is not a whole number "
				"from %d to %d samples a second",
				value, MIN_SAMPLE_HZ, MAX_SAMPLE_HZ);
	*rate_hz = v;
	return 0;
}

static int take_points(bool *every, const char *value, struct cis_diag *diag)
{
	*every = !strcmp(value, "all");
	if (!*every && strcmp(value, "few") != 0)
		return cis_fail(diag, -EINVAL,
				"--points: \"%s\" is neither few nor all",
				value);
	return 0;
}

/* -ENOENT: not an option of --tests alone. */
static int take_library(struct capture *c, const char *name, const char *value,
			struct cis_diag *diag)
{
	struct cis_library_config *lib = &c->tests;
	struct cis_plan_config *plan = &lib->plan;

	if (!strcmp(name, "test"))
		return cis_arg_test(value, plan->wanted, diag);
	if (!strcmp(name, "edition"))
		return cis_arg_edition(value, &plan->criteria.edition, diag);
	if (!strcmp(name, "class"))
		return cis_arg_class(value, &plan->criteria.perf_class, diag);
	if (!strcmp(name, "fnom"))
		return cis_arg_fnom_hz(value, &plan->criteria.fnom_hz, diag);
	if (!strcmp(name, "rate"))
		return cis_arg_rate(value, &c->rate, diag);
	if (!strcmp(name, "sample-rate"))
		return take_sample_rate(&lib->rate_hz, value, diag);
	if (!strcmp(name, "points"))
		return take_points(&lib->every, value, diag);
	return -ENOENT;
}

static int take(void *ctx, const char *name, const char *value,
		struct cis_diag *diag)
{
	struct capture *c = ctx;
	int err = take_library(c, name, value, diag);

	if (err != -ENOENT) {
		c->library_option = name;
		return err;
	}
	if (!strcmp(name, "duration"))
		return cis_arg_duration(name, value, &c->duration_s, diag);
	if (!strcmp(name, "format"))
		return take_format(c, value, diag);
	if (!strcmp(name, "start")) {
		c->has_start = true;
		return cis_arg_time(name, value, &c->start, diag);
	}
	if (!strcmp(name, "tests"))
		c->tests.dir = value;
	else if (!strcmp(name, "source"))
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
	if (c->library_option)
		return cis_cli_fail(&cis_cmd_capture, CIS_EXIT_USAGE,
				    "--%s goes with --tests DIR",
				    c->library_option);
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

	while (!err && !cis_duration_over(&c->duration) &&
	       !cis_interrupted(&c->interrupt)) {
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
			cis_fail(diag, err, "%.120s: %s", c->spec,
				 cis_source_why(c->src, err));
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

/* ---- a recording of every test ---- */

static int check_library(struct capture *c)
{
	struct cis_library_config *lib = &c->tests;
	struct cis_criteria *criteria = &lib->plan.criteria;
	struct cis_diag diag = {""};

	if (c->spec || c->out.path || isfinite(c->duration_s))
		return cis_cli_fail(&cis_cmd_capture, CIS_EXIT_USAGE,
				    "--tests DIR has signals, files and "
				    "durations of its own: no --source, -o or "
				    "--duration");
	if (c->rate.den > 1)
		return cis_cli_fail(&cis_cmd_capture, CIS_EXIT_INVALID,
				    "--rate 1/%u: there are limits for whole "
				    "numbers of reports/s alone",
				    (unsigned)c->rate.den);
	criteria->report_rate = c->rate.num ? c->rate.num : criteria->fnom_hz;
	if (cis_verify_choose(&lib->plan, &diag))
		return cis_cli_fail(&cis_cmd_capture, CIS_EXIT_INVALID, "%s",
				    diag.msg);
	return CIS_EXIT_OK;
}

static void complete_library(struct capture *c)
{
	struct cis_library_config *lib = &c->tests;
	struct cis_clock clock;

	cis_station_name(c->out.station ? c->out.station : "CISOID", true,
			 c->station);
	lib->station = c->station;
	lib->format = c->has_format ? c->out.format : CIS_COMTRADE_BINARY;
	lib->force = c->out.force;
	lib->start = c->start;
	if (!c->has_start) {
		cis_clock_init(&clock, "system", NULL);
		lib->start = cis_clock_now(&clock);
	}
	lib->start.tai_ns = cis_time_floor_s(lib->start) * CIS_NS_PER_S;
}

static int capture_library(struct capture *c)
{
	struct cis_library_counts counts;
	struct cis_diag diag = {""};
	int status = check_library(c), err;

	if (status)
		return status;
	complete_library(c);
	cis_interrupt_watch(&c->interrupt);
	err = cis_library_write(&c->tests, &c->interrupt, &counts, &diag);
	cis_interrupt_unwatch(&c->interrupt);
	if (err)
		return cis_cli_fail(&cis_cmd_capture,
				    err == -ECANCELED ? CIS_EXIT_ABORTED
				    : err == -EINVAL  ? CIS_EXIT_USAGE
						     : cis_exit_for_output(err),
				    "%s", diag.msg);
	cis_log(CIS_LOG_INFO,
		"%s: %u recordings, %.4g MB; index.csv says what they are",
		c->tests.dir, (unsigned)counts.files,
		(double)counts.bytes / 1e6);
	return CIS_EXIT_OK;
}

static int run(int argc, char **argv)
{
	struct capture c = {
		.duration_s = INFINITY,
		.tests = {.plan = {.criteria = {.edition = CIS_EDITION_2018,
						.perf_class = CIS_CLASS_M,
						.fnom_hz = 50},
				   .snr_db = INFINITY,
				   .seed = 1,
				   .repeats = 10},
			  .rate_hz = 9600}};
	int status, n;

	n = cis_options_parse(&cis_cmd_capture, argc, argv, take, &c, &status);
	if (n < 0)
		return status;
	if (n > 0)
		return cis_cli_fail(&cis_cmd_capture, CIS_EXIT_USAGE,
				    "\"%s\": no argument is expected here",
				    argv[0]);
	if (c.tests.dir)
		return capture_library(&c);
	status = check(&c);
	if (status)
		return status;
	cis_interrupt_watch(&c.interrupt);
	status = capture_source(&c);
	cis_interrupt_unwatch(&c.interrupt);
	return status;
}

const struct cis_command cis_cmd_capture = {
	.name = "capture",
	.summary = "samples to COMTRADE",
	.synopsis = "--source SPEC --duration T -o FILE.cfg [options]\n"
		    "       cisoid capture --tests DIR [options]",
	.options = options,
	.examples = "  cisoid capture --source mock:f=50.1 --duration 1s -o "
		    "a.cfg\n"
		    "  cisoid capture --tests library --class p\n",
	.run = run,
};

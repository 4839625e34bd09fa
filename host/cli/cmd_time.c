/* cmd_time.c - the state of the time chain, without measuring anything. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"
#include "cli.h"
#include "host/acq/mcu/front_end.h"
#include "host/cli/run/events.h"
#include "settings.h"
#include "time_shown.h"
#include "timing.h"

#define MAX_SET  64
#define BLOCK_S  0.01
#define READ_MS  50
#define SETTLE_S 2.5 /* until arrival and pulses say something */
#define STATUS_S 10.0
#define WAIT_S   120.0

static const struct cis_option options[] = {
	{"config", 'C', "FILE", "this configuration file and no other"},
	{"set", 0, "S.KEY=VALUE", "one value of the configuration"},
	{"source", 's', "SPEC", "mock:..., replay:FILE.cfg or comedi:..."},
	{"time", 0, "SOURCE",
	 "external, pps-channel:N, pps:DEV, system or none"},
	{"max-time-error", 0, "T", "good enough is at most this, locked"},
	{"timeout", 0, "T", "for how long to watch; 10s, wait: 2min"},
	{"json", 0, NULL, "one object on standard output"},
	{NULL, 0, NULL, NULL},
};

struct args {
	const char *file, *source, *time;
	uint32_t n_set;
	const char *set[MAX_SET + 1];
	double max_error_s, timeout_s;
	bool json;
};

static int take(void *ctx, const char *name, const char *value,
		struct cis_diag *diag)
{
	struct args *a = ctx;

	if (!strcmp(name, "max-time-error"))
		return cis_arg_duration(name, value, &a->max_error_s, diag);
	if (!strcmp(name, "timeout"))
		return cis_arg_duration(name, value, &a->timeout_s, diag);
	if (!strcmp(name, "set")) {
		if (a->n_set == MAX_SET)
			return cis_fail(diag, -EINVAL,
					"--set: at most %d of these", MAX_SET);
		a->set[a->n_set++] = value;
	} else if (!strcmp(name, "config"))
		a->file = value;
	else if (!strcmp(name, "source"))
		a->source = value;
	else if (!strcmp(name, "time"))
		a->time = value;
	else
		a->json = true;
	return 0;
}

/* ---- the chain ---- */

struct watch {
	bool wait;
	double timeout_s;
	struct cis_timing timing;
	double fnom_hz;
	struct cis_conf conf;
	char config_spec[CIS_SPEC_SIZE];
	struct cis_source *src;
	const struct cis_source_info *info;
	struct cis_dater *dater;
	double seen_s; /* of samples */
	struct cis_front_end_news news;
	struct cis_time_status st;
};

static int configure(struct watch *w, const struct args *a)
{
	struct cis_conf *conf = &w->conf;
	struct cis_diag diag = {""};
	double fnom, max_s;
	int err = cis_settings_read(conf, a->file, &diag);

	if (!err && cis_settings_set(conf, a->set, &diag))
		return cis_cli_fail(&cis_cmd_time, CIS_EXIT_USAGE, "%s",
				    diag.msg);
	if (!err)
		err = cis_settings_check(conf, &diag);
	if (!err && !a->source)
		err = cis_settings_source(conf, w->config_spec, &diag);
	if (err)
		return cis_cli_fail(&cis_cmd_time, CIS_EXIT_INVALID, "%s",
				    diag.msg);
	max_s = a->max_error_s > 0 ? a->max_error_s
				   : cis_conf_number(conf, "time", "max_error");
	fnom = cis_conf_number(conf, "bench", "nominal_freq");
	w->timing = (struct cis_timing){
		.cmd = &cis_cmd_time,
		.source = a->source ? a->source : w->config_spec,
		.time = a->time ? a->time
				: cis_conf_get(conf, "time", "source"),
		.max_error_s = isnan(max_s) ? INFINITY : max_s,
	};
	w->fnom_hz = isnan(fnom) ? 50 : fnom;
	return CIS_EXIT_OK;
}

static int open_chain(struct watch *w)
{
	int status = cis_timing_source(&w->timing, &w->src);

	if (status)
		return status;
	w->info = cis_source_info(w->src);
	status = cis_timing_choose(&w->timing, w->info);
	if (!status)
		status = cis_timing_judge(&w->timing, w->info);
	if (!status)
		status = cis_timing_dater(&w->timing, w->info, w->fnom_hz,
					  &w->dater);
	return status;
}

static int start(struct watch *w, struct cis_diag *diag)
{
	return cis_source_start(w->src, cis_timing_start(&w->timing, w->info),
				diag);
}

static void tell_events(struct watch *w)
{
	struct cis_event ev;

	while (cis_dater_event(w->dater, &ev))
		cis_event_log(&ev);
	while (cis_front_end_event(w->info->front_end, &w->news, &ev))
		cis_event_log(&ev);
}

static bool good(const struct watch *w)
{
	return w->st.state == CIS_TIME_LOCKED &&
	       w->st.quality.unc_s <= w->timing.max_error_s;
}

/* What there is to be seen has been seen. */
static bool settled(const struct watch *w)
{
	if (w->timing.spec.kind == CIS_DATER_NONE)
		return w->seen_s > 0;
	if (w->wait || w->timing.spec.kind == CIS_DATER_PPS_CHANNEL ||
	    w->timing.spec.kind == CIS_DATER_PPS_DEV)
		return good(w) && (w->seen_s >= SETTLE_S || !w->info->realtime);
	return w->seen_s >= SETTLE_S;
}

/* A formula would be over at once; the system's clock takes its time. */
static void pace(struct watch *w)
{
	struct cis_time now = cis_clock_now(&w->timing.clock);

	if (!w->info->realtime && w->timing.spec.kind != CIS_DATER_PPS_CHANNEL)
		cis_clock_wait(&w->timing.clock, cis_time_add_ns(now, 10000000),
			       10);
}

/* One block: 0, -ENODATA at the end, or what went wrong. */
static int step(struct watch *w, struct cis_block *blk)
{
	int err = cis_source_read(w->src, blk, READ_MS);
	struct cis_diag diag;

	/* For how long a front end is waited for is said by --timeout. */
	if (err == -ETIMEDOUT || err == -ETIME)
		return 0;
	if (!err)
		err = cis_dater_stamp(w->dater, blk);
	if (err == -EPIPE) {
		cis_source_stop(w->src);
		err = start(w, &diag);
		cis_dater_restart(w->dater);
		return err;
	}
	if (err)
		return err;
	cis_dater_appraise(w->dater, blk);
	pace(w);
	w->seen_s += blk->n_scan / w->info->rate_hz;
	cis_dater_status(w->dater, &w->st);
	return 0;
}

static int watch_with(struct watch *w, uint32_t room, double *x)
{
	int64_t from_ns = cis_clock_monotonic_ns();
	double passed_s = 0;
	int err = 0;

	while (!err && !settled(w) && passed_s < w->timeout_s) {
		struct cis_block blk = {.n_chan = w->info->map->n_chan,
					.n_scan = room,
					.stride = room,
					.x = x};

		err = step(w, &blk);
		tell_events(w);
		passed_s = fmax((double)(cis_clock_monotonic_ns() - from_ns) *
					1e-9,
				w->seen_s);
	}
	return err == -ENODATA ? 0 : err;
}

static int watch(struct watch *w)
{
	uint32_t room = (uint32_t)ceil(BLOCK_S * w->info->rate_hz);
	double *x = calloc((size_t)room * w->info->map->n_chan, sizeof(*x));
	struct cis_diag diag = {""};
	int err;

	if (!x)
		return cis_cli_fail(&cis_cmd_time, CIS_EXIT_RUNTIME,
				    "out of memory");
	cis_dater_status(w->dater, &w->st);
	err = start(w, &diag);
	if (!err) {
		err = watch_with(w, room, x);
		cis_source_stop(w->src);
	}
	free(x);
	if (!err)
		return CIS_EXIT_OK;
	return cis_cli_fail(&cis_cmd_time, cis_exit_for(err), "%s",
			    diag.msg[0] ? diag.msg
					: cis_source_why(w->src, err));
}

/* ---- the verdict ---- */

/* What to do where there is no lock. */
static const char *advice(const struct watch *w, char buf[CIS_LACK_SIZE])
{
	struct cis_mcu_state st;
	const char *lack;

	if (!w->info->front_end)
		return "--time names another source";
	cis_mcu_state(w->info->front_end, &st);
	lack = cis_front_end_lack(&st, buf);
	return lack ? lack : "is locked; it takes some seconds to settle";
}

static int verdict(const struct watch *w)
{
	char now[64], buf[CIS_LACK_SIZE];

	if (good(w) || (!w->wait && !isfinite(w->timing.max_error_s)))
		return CIS_EXIT_OK;
	if (isfinite(w->st.quality.unc_s))
		snprintf(now, sizeof(now), "%s and may be off by %.3g s",
			 cis_time_state_name(w->st.state), w->st.quality.unc_s);
	else
		snprintf(now, sizeof(now), "%s",
			 cis_time_state_name(w->st.state));
	if (isfinite(w->timing.max_error_s))
		return cis_cli_fail(&cis_cmd_time, CIS_EXIT_TIME,
				    "after %.3g s the time is %s; %g s was "
				    "asked for",
				    w->timeout_s, now, w->timing.max_error_s);
	return cis_cli_fail(&cis_cmd_time, CIS_EXIT_TIME,
			    "after %.3g s the time is %s; %s%s", w->timeout_s,
			    now, w->info->front_end ? "the front end " : "",
			    advice(w, buf));
}

static int run_watch(struct watch *w, const struct args *a)
{
	int status = configure(w, a);

	if (!status)
		status = open_chain(w);
	if (!status)
		status = watch(w);
	if (status)
		return status;
	if (a->json)
		cis_time_json(&w->st, good(w), w->info);
	else
		cis_time_text(&w->st, w->info);
	return verdict(w);
}

static int run(int argc, char **argv)
{
	struct args a = {.max_error_s = NAN, .timeout_s = NAN};
	struct watch *w;
	int status;
	int n = cis_options_parse(&cis_cmd_time, argc, argv, take, &a, &status);

	if (n < 0)
		return status;
	if (n != 1 ||
	    (strcmp(argv[0], "status") != 0 && strcmp(argv[0], "wait") != 0))
		return cis_cli_fail(&cis_cmd_time, CIS_EXIT_USAGE,
				    "%s%s%s; say status or wait",
				    n ? "\"" : "nothing to do",
				    n ? argv[n - 1] : "", n ? "\"" : "");
	w = calloc(1, sizeof(*w));
	if (!w)
		return cis_cli_fail(&cis_cmd_time, CIS_EXIT_RUNTIME,
				    "out of memory");
	w->wait = !strcmp(argv[0], "wait");
	w->timeout_s = a.timeout_s > 0 ? a.timeout_s
		       : w->wait       ? WAIT_S
				       : STATUS_S;
	status = run_watch(w, &a);
	cis_dater_free(w->dater);
	cis_source_close(w->src);
	free(w);
	return status;
}

const struct cis_command cis_cmd_time = {
	.name = "time",
	.summary = "state of the time chain; wait for lock",
	.synopsis = "status|wait [-C FILE] [--source SPEC] [options]",
	.options = options,
	.examples = "  cisoid time status --source comedi:dev=/dev/comedi0\n"
		    "  cisoid time wait --time pps-channel:7 "
		    "--max-time-error 1us\n",
	.run = run,
};

/*
 * cmd_verify.c - the estimator against the standard's tests.
 *
 * SIGINT and SIGTERM end it between two blocks of samples: status 12, and no
 * output. A second one kills. libuv's handlers run whichever thread a signal
 * comes to: libraries have threads of their own.
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "cisoid/log.h"
#include "cli.h"
#include "host/cli/verify/verify.h"
#include "outfile.h"

#define TICK_MS     20   /* how often the workers are asked */
#define MAX_RATE    1000 /* reports/s: above those of any edition */
#define N_TICK_DRAW 10   /* ticks from one progress line to the next */

static const struct cis_option options[] = {
	{"edition", 0, "YEAR", "2011, 2014 or 2018 (default 2018)"},
	{"class", 0, "CLASS", "p or m (default m)"},
	{"profile", 0, "NAME", "p, m, reference, ls7[:N] (default: the class)"},
	{"model", 0, "NAME",
	 "none auto steady ramp mod tone step (default none)"},
	{"fnom", 0, "HZ", "nominal frequency, 50 or 60 (default 50)"},
	{"rate", 0, "FPS", "reports per second (default: nominal frequency)"},
	{"test", 0, "NAME", "only this test; may be given again"},
	{"repeats", 0, "N", "of each step (default 10)"},
	{"snr-db", 0, "DB", "white noise below the fundamental (default none)"},
	{"bits", 0, "N", "quantise to N bits (default 0, not at all)"},
	{"seed", 0, "N", "of noise and random phases (default 1)"},
	{"json", 0, NULL, "one JSON document instead of the table"},
	{"points", 0, "FILE", "write every point as CSV"},
	{"plots", 0, "DIR", "write SVG pictures"},
	{"force", 'f', NULL, "overwrite existing files"},
	{NULL, 0, NULL, NULL},
};

struct args {
	struct cis_verify_config cfg;
	struct cis_rate rate;       /* num 0: not given */
	bool has_profile;           /* else the class's */
	const char *points, *plots; /* NULL: not wanted */
	bool json, force;
};

/* ---- options ---- */

static int take_model(const char *text, struct cis_verify_config *cfg,
		      struct cis_diag *diag)
{
	struct cis_diag why = {""};

	cfg->model = CIS_MODEL_NONE;
	cfg->model_auto = !strcmp(text, "auto");
	if (cfg->model_auto || !cis_model_parse(text, &cfg->model, &why))
		return 0;
	return cis_fail(diag, -EINVAL, "--model: %.260s, auto", why.msg);
}

static int take_snr(const char *text, double *snr_db, struct cis_diag *diag)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end || isnan(v) || v < -200)
		return cis_fail(diag, -EINVAL,
				"--snr-db: \"%.60s\" is not a number of "
				"decibels from -200 to inf",
				text);
	*snr_db = v;
	return 0;
}

/* Bits, seed, repeats. */
static int take_count(const char *name, const char *text,
		      struct cis_plan_config *plan, struct cis_diag *diag)
{
	bool bits = !strcmp(name, "bits"), seed = !strcmp(name, "seed");
	uint32_t v = 0;
	int err = cis_arg_u32(name, text, bits || seed ? 0 : 2,
			      bits   ? 32
			      : seed ? UINT32_MAX
				     : 1000,
			      &v, diag);

	if (err)
		return err;
	if (bits)
		plan->bits = v;
	else if (seed)
		plan->seed = v;
	else
		plan->repeats = v;
	return 0;
}

static int take(void *ctx, const char *name, const char *value,
		struct cis_diag *diag)
{
	struct args *a = ctx;
	struct cis_plan_config *plan = &a->cfg.plan;

	if (!strcmp(name, "edition"))
		return cis_arg_edition(value, &plan->criteria.edition, diag);
	if (!strcmp(name, "class"))
		return cis_arg_class(value, &plan->criteria.perf_class, diag);
	if (!strcmp(name, "profile")) {
		a->has_profile = true;
		return cis_estim_parse_profile(value, &a->cfg.estim, diag);
	}
	if (!strcmp(name, "model"))
		return take_model(value, &a->cfg, diag);
	if (!strcmp(name, "fnom"))
		return cis_arg_fnom_hz(value, &plan->criteria.fnom_hz, diag);
	if (!strcmp(name, "rate"))
		return cis_arg_rate(value, &a->rate, diag);
	if (!strcmp(name, "test"))
		return cis_arg_test(value, plan->wanted, diag);
	if (!strcmp(name, "snr-db"))
		return take_snr(value, &plan->snr_db, diag);
	if (!strcmp(name, "points"))
		a->points = value;
	else if (!strcmp(name, "plots"))
		a->plots = value;
	else if (!strcmp(name, "json"))
		a->json = true;
	else if (!strcmp(name, "force"))
		a->force = true;
	else
		return take_count(name, value, plan, diag);
	return 0;
}

/* One report in several seconds. */
static int refuse_slow(const struct args *a)
{
	struct cis_criteria c = a->cfg.plan.criteria;
	char list[128] = "";

	for (c.report_rate = 1; c.report_rate <= MAX_RATE; c.report_rate++) {
		size_t len = strlen(list);

		if (!cis_criteria_check(&c, NULL))
			snprintf(list + len, sizeof(list) - len, "%s%u",
				 len ? ", " : "", c.report_rate);
	}
	return cis_cli_fail(&cis_cmd_verify, CIS_EXIT_INVALID,
			    "--rate 1/%u: at %u Hz there are limits for %s "
			    "reports/s alone",
			    (unsigned)a->rate.den, c.fnom_hz, list);
}

/* What depends on other options. */
static int complete(struct args *a)
{
	struct cis_criteria *c = &a->cfg.plan.criteria;
	struct cis_diag diag = {""};

	if (a->points && (!a->points[0] || !strcmp(a->points, "-")))
		return cis_cli_fail(&cis_cmd_verify, CIS_EXIT_USAGE,
				    "--points \"%s\": name a file; standard "
				    "output has the table",
				    a->points);
	if (a->rate.num == 0)
		a->rate = (struct cis_rate){c->fnom_hz, 1};
	if (a->rate.den > 1)
		return refuse_slow(a);
	c->report_rate = a->rate.num;
	if (!a->has_profile &&
	    cis_estim_parse_profile(c->perf_class == CIS_CLASS_P ? "p" : "m",
				    &a->cfg.estim, &diag))
		return cis_cli_fail(&cis_cmd_verify, CIS_EXIT_USAGE, "%s",
				    diag.msg);
	return CIS_EXIT_OK;
}

/* ---- the run ---- */

/* What the main thread does meanwhile. */
struct watch {
	struct cis_verify_run *run;
	struct cis_verify_crew *crew;
	uv_loop_t loop;
	uv_signal_t signals[2];
	uv_timer_t timer;
	unsigned tick;
	bool shows, drawn; /* progress */
	bool aborted;
};

static void draw(struct watch *w)
{
	const struct cis_verify_run *run = w->run;
	uint32_t n = atomic_load_explicit(&run->n_done, memory_order_relaxed);
	struct cis_plan_point now;

	if (!w->shows || w->tick++ % N_TICK_DRAW || n >= run->n_point)
		return;
	cis_plan_point(run->plan, n, &now);
	fprintf(stderr, "\r\033[K%3u %%  point %u of %u  %s",
		(unsigned)(100.0 * n / run->n_point), n + 1, run->n_point,
		cis_test_name(now.test));
	fflush(stderr);
	w->drawn = true;
}

static void on_tick(uv_timer_t *timer)
{
	struct watch *w = timer->data;

	draw(w);
	if (w->aborted || cis_verify_crew_done(w->crew))
		uv_stop(&w->loop);
}

static void on_signal(uv_signal_t *handle, int signum)
{
	struct watch *w = handle->data;

	(void)signum;
	w->aborted = true;
	atomic_store_explicit(&w->run->stop, true, memory_order_relaxed);
	for (unsigned i = 0; i < 2; i++)
		uv_signal_stop(&w->signals[i]);
}

static void watch_start(struct watch *w)
{
	static const int numbers[2] = {SIGINT, SIGTERM};

	uv_loop_init(&w->loop);
	for (unsigned i = 0; i < 2; i++) {
		uv_signal_init(&w->loop, &w->signals[i]);
		w->signals[i].data = w;
		uv_signal_start(&w->signals[i], on_signal, numbers[i]);
	}
	uv_timer_init(&w->loop, &w->timer);
	w->timer.data = w;
}

static void watch_stop(struct watch *w)
{
	for (unsigned i = 0; i < 2; i++)
		uv_close((uv_handle_t *)&w->signals[i], NULL);
	uv_close((uv_handle_t *)&w->timer, NULL);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	uv_loop_close(&w->loop);
}

static int run_points(struct watch *w)
{
	int err =
		cis_verify_crew_start(w->run, cis_verify_n_worker(), &w->crew);

	if (!err) {
		uv_timer_start(&w->timer, on_tick, 0, TICK_MS);
		uv_run(&w->loop, UV_RUN_DEFAULT);
		err = cis_verify_crew_join(w->crew);
	}
	if (w->drawn)
		fputs("\r\033[K", stderr);
	if (err)
		return cis_cli_fail(&cis_cmd_verify, CIS_EXIT_RUNTIME, "%s",
				    strerror(-err));
	if (w->aborted)
		return cis_cli_fail(&cis_cmd_verify, CIS_EXIT_ABORTED,
				    "aborted; nothing is written");
	return CIS_EXIT_OK;
}

/* ---- results ---- */

static int write_files(const struct args *a, struct cis_verify_run *run,
		       struct cis_outfile *points)
{
	struct cis_diag diag = {""};
	int err = 0;

	if (a->points) {
		cis_verify_points(points->f, run);
		err = cis_outfile_commit(points, &diag);
	}
	if (!err && a->plots)
		err = cis_verify_plots(a->plots, run, a->force, &diag);
	if (err)
		return cis_cli_fail(&cis_cmd_verify, cis_exit_for_output(err),
				    "%s", diag.msg);
	return CIS_EXIT_OK;
}

static int tell(const struct args *a, const struct cis_verify_run *run)
{
	struct cis_verify_row row[CIS_N_TEST];
	unsigned n = cis_verify_rows(run, row);
	int err = 0;

	if (a->json)
		err = cis_verify_json(stdout, run, row, n);
	else
		cis_verify_table(stdout, run, row, n);
	if (err)
		return cis_cli_fail(&cis_cmd_verify, CIS_EXIT_RUNTIME, "%s",
				    strerror(-err));
	return cis_verify_overall(row, n) == CIS_VERDICT_FAIL ? CIS_EXIT_FAIL
							      : CIS_EXIT_OK;
}

/* Files that cannot be written are refused before minutes are spent. */
static int open_files(const struct args *a, const struct cis_verify_run *run,
		      struct cis_outfile *points)
{
	struct cis_diag diag = {""};
	int err = 0;

	if (a->plots)
		err = cis_verify_plots_check(a->plots, run, a->force, &diag);
	if (!err && a->points)
		err = cis_outfile_open(points, a->points, a->force, &diag);
	if (err)
		return cis_cli_fail(&cis_cmd_verify, cis_exit_for_output(err),
				    "%s", diag.msg);
	return CIS_EXIT_OK;
}

static int verify(const struct args *a, struct cis_verify_run *run,
		  struct cis_outfile *points)
{
	struct watch w = {.run = run,
			  .shows = isatty(STDERR_FILENO) &&
				   cis_log_shows(CIS_LOG_INFO)};
	int status, written;

	watch_start(&w);
	status = open_files(a, run, points);
	if (!status)
		status = run_points(&w);
	watch_stop(&w);
	if (status)
		return status;
	status = tell(a, run);
	written = write_files(a, run, points);
	return written ? written : status;
}

static int run_all(struct args *a)
{
	struct cis_outfile points = {.f = NULL};
	struct cis_verify_run run;
	struct cis_diag diag = {""};
	struct stat st;
	bool had_folder = a->plots && !stat(a->plots, &st);
	int status, err = cis_verify_open(&a->cfg, &run, &diag);

	if (err)
		return cis_cli_fail(&cis_cmd_verify,
				    err == -EINVAL ? CIS_EXIT_INVALID
						   : CIS_EXIT_RUNTIME,
				    "%s", diag.msg);
	status = verify(a, &run, &points);
	cis_outfile_abort(&points);
	if (status == CIS_EXIT_ABORTED && a->plots && !had_folder)
		rmdir(a->plots);
	cis_verify_close(&run);
	return status;
}

static int run(int argc, char **argv)
{
	struct args a = {.cfg.plan = {.criteria = {.edition = CIS_EDITION_2018,
						   .perf_class = CIS_CLASS_M,
						   .fnom_hz = 50},
				      .snr_db = INFINITY,
				      .seed = 1,
				      .repeats = 10}};
	int status, n;

	n = cis_options_parse(&cis_cmd_verify, argc, argv, take, &a, &status);
	if (n < 0)
		return status;
	if (n > 0)
		return cis_cli_fail(&cis_cmd_verify, CIS_EXIT_USAGE,
				    "\"%s\": no argument is expected here",
				    argv[0]);
	status = complete(&a);
	if (status)
		return status;
	return run_all(&a);
}

const struct cis_command cis_cmd_verify = {
	.name = "verify",
	.summary = "the estimator against the standard's tests",
	.synopsis = "[options]",
	.options = options,
	.examples = "  cisoid verify --class p\n"
		    "  cisoid verify --class m --rate 25 --json --points "
		    "points.csv --plots plots\n",
	.run = run,
};

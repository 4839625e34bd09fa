/*
 * cmd_estimate.c - phasors from a recording, as CSV.
 *
 * --strict ends with 7 where the recording had to be repaired, is too short for
 * the profile, or a row is flagged.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/aware.h"
#include "cisoid/log.h"
#include "cisoid/source.h"
#include "cli.h"
#include "csv.h"
#include "outfile.h"
#include "outputs.h"

#define MAX_BLOCK   1024
/* Of all channels, for a model: 0.8 GB. */
#define MAX_SAMPLE  100000000
/* Shorter than the windows of all other profiles. */
#define LONGEST_LS7 "ls7:3"

static const struct cis_option options[] = {
	{"profile", 0, "NAME", "p, m, reference (default) or ls7[:CYCLES]"},
	{"rate", 0, "FPS", "reports per second (default: nominal frequency)"},
	{"fnom", 0, "HZ", "nominal frequency, 50 or 60 (default: the file's)"},
	{"model", 0, "NAME",
	 "the test that was recorded: steady, ramp, mod, .."},
	{"channels", 0, "A,B", "only these channels, in this order"},
	{"map", 0, "VA=NAME,..", "which channels are VA VB VC IA IB IC"},
	{"primary", 0, NULL, "convert secondary values to primary ones"},
	{"fit", 0, NULL, "columns that tell how good the fit is"},
	{"strict", 0, NULL, "exit 7 if repaired, too short, or rows flagged"},
	{"force", 'f', NULL, "overwrite an existing file"},
	{"output", 'o', "FILE", "write here (default -, standard output)"},
	{NULL, 0, NULL, NULL},
};

struct args {
	struct cis_estim_config cfg; /* fnom_hz 0, rate.num 0: not given */
	const char *channels, *map;  /* NULL: all, as recorded */
	const char *output;
	enum cis_model model;
	bool primary, strict, force;
	enum cis_csv_fit fit;
};

static int take_model(const char *value, enum cis_model *model,
		      struct cis_diag *diag)
{
	struct cis_diag why = {""};

	if (cis_model_parse(value, model, &why))
		return cis_fail(diag, -EINVAL, "--model: %s", why.msg);
	return 0;
}

static int take(void *ctx, const char *name, const char *value,
		struct cis_diag *diag)
{
	struct args *a = ctx;

	if (!strcmp(name, "profile"))
		return cis_estim_parse_profile(value, &a->cfg, diag);
	if (!strcmp(name, "rate"))
		return cis_arg_rate(value, &a->cfg.rate, diag);
	if (!strcmp(name, "fnom"))
		return cis_arg_fnom(value, &a->cfg.fnom_hz, diag);
	if (!strcmp(name, "model"))
		return take_model(value, &a->model, diag);
	if (!strcmp(name, "channels"))
		a->channels = value;
	else if (!strcmp(name, "map"))
		a->map = value;
	else if (!strcmp(name, "primary"))
		a->primary = true;
	else if (!strcmp(name, "fit"))
		a->fit = CIS_CSV_FIT;
	else if (!strcmp(name, "strict"))
		a->strict = true;
	else if (!strcmp(name, "force"))
		a->force = true;
	else
		a->output = value;
	return 0;
}

/* One run of the command. */
struct job {
	const struct args *args;
	const char *file;
	struct cis_source *src;
	struct cis_estim *est;           /* NULL: with a model, ... */
	struct cis_aware *aware;         /* ... all samples, then all reports */
	struct cis_chan_map map;         /* the channels estimated ... */
	uint32_t index_of[CIS_MAX_CHAN]; /* ... and where they are in src */
	double delay_s[CIS_MAX_CHAN];
	double *x;        /* [n_chan of src][MAX_BLOCK] */
	double *selected; /* [map.n_chan][MAX_BLOCK] */
	struct cis_outfile out;
	struct cis_estim_config cfg; /* of est */
	uint64_t n_scan, n_row, n_flagged;
	uint64_t n_lost; /* whole rows without a fundamental */
	struct cis_report rep;
};

static int open_source(struct job *job, struct cis_diag *diag)
{
	char spec[4200];

	if (snprintf(spec, sizeof(spec), "replay:%s%s", job->file,
		     job->args->primary ? ",primary=1" : "") >=
	    (int)sizeof(spec))
		return cis_fail(diag, -ENAMETOOLONG, "%.60s...: name too long",
				job->file);
	return cis_source_open(spec, &job->src, diag);
}

/* --channels, then --map; -EINVAL names what is not there. */
static int choose_channels(struct job *job, struct cis_diag *diag)
{
	const struct args *a = job->args;

	job->map = *cis_source_info(job->src)->map;
	for (uint32_t c = 0; c < job->map.n_chan; c++)
		job->index_of[c] = c;
	if (a->channels &&
	    cis_chan_map_select(&job->map, a->channels, job->index_of, diag))
		return -EINVAL;
	return a->map ? cis_chan_map_rename(&job->map, a->map, diag) : 0;
}

static int open_estim(struct job *job, struct cis_diag *diag)
{
	const struct cis_source_info *info = cis_source_info(job->src);
	struct cis_estim_config cfg = job->args->cfg;
	uint32_t n_src = info->map->n_chan;

	cfg.map = &job->map;
	cfg.rate_hz = info->rate_hz;
	cfg.max_block = MAX_BLOCK;
	if (cfg.fnom_hz == 0)
		cfg.fnom_hz = info->fnom_hz > 0 ? info->fnom_hz : 50;
	if (cfg.rate.num == 0)
		cfg.rate = (struct cis_rate){(uint32_t)cfg.fnom_hz, 1};
	job->cfg = cfg;
	job->x = malloc((n_src + 1) * MAX_BLOCK * sizeof(double));
	job->selected =
		malloc((job->map.n_chan + 1) * MAX_BLOCK * sizeof(double));
	if (!job->x || !job->selected)
		return cis_fail(diag, -ENOMEM, "not enough memory");
	return job->args->model ? 0 : cis_estim_new(&cfg, &job->est, diag);
}

/* The chosen channels of a block, in their order. */
static struct cis_block select_channels(struct job *job,
					const struct cis_block *all)
{
	struct cis_block blk = *all;

	blk.n_chan = job->map.n_chan;
	blk.stride = MAX_BLOCK;
	blk.x = job->selected;
	blk.delay_s = all->delay_s ? job->delay_s : NULL;
	for (uint32_t c = 0; c < blk.n_chan; c++) {
		uint32_t from = job->index_of[c];

		memcpy(cis_block_chan(&blk, c), cis_block_chan(all, from),
		       blk.n_scan * sizeof(double));
		if (all->delay_s)
			job->delay_s[c] = all->delay_s[from];
	}
	return blk;
}

static int pop(struct job *job)
{
	return job->aware ? cis_aware_pop(job->aware, &job->rep)
			  : cis_estim_pop(job->est, &job->rep);
}

static void write_rows(struct job *job)
{
	const uint32_t lost = CIS_REPORT_NOSIGNAL | CIS_REPORT_NOFIT;
	struct cis_report *rep = &job->rep;

	while (!pop(job)) {
		if (cis_source_info(job->src)->simulated)
			rep->notes |= CIS_NOTE_SIM;
		cis_csv_row(job->out.f, &job->map, job->args->fit, rep);
		job->n_row++;
		job->n_flagged += rep->flags != 0;
		job->n_lost +=
			(rep->flags & lost) && !(rep->flags & CIS_REPORT_GAP);
	}
}

/* The next chosen samples; -ENODATA at the end. */
static int read_block(struct job *job, struct cis_block *blk)
{
	struct cis_block all = {.n_chan =
					cis_source_info(job->src)->map->n_chan,
				.n_scan = MAX_BLOCK,
				.stride = MAX_BLOCK,
				.x = job->x};
	int err;

	do
		err = cis_source_read(job->src, &all, 1000);
	while (err == -ETIMEDOUT || err == -EPIPE);
	if (!err)
		*blk = select_channels(job, &all);
	return err;
}

/* ---- with a model: the whole recording at once ---- */

/* The scans that there are to read. */
static uint64_t count_scans(struct job *job)
{
	uint64_t n = 0;
	struct cis_block blk;

	if (!cis_source_start(job->src, cis_source_info(job->src)->first, NULL))
		while (!read_block(job, &blk))
			n += blk.n_scan;
	return n;
}

static int open_aware(struct job *job, struct cis_diag *diag)
{
	uint64_t n = count_scans(job),
		 most = MAX_SAMPLE / (job->map.n_chan + !job->map.n_chan);
	struct cis_aware_config cfg = {.estim = &job->cfg,
				       .model = job->args->model,
				       .harmonics = true,
				       .max_scan = n ? (size_t)n : 1};

	if (n > most)
		return cis_fail(diag, -EFBIG,
				"%.4g s are too long for --model, which takes "
				"%.4g s of %u channels; choose fewer with "
				"--channels",
				(double)n / job->cfg.rate_hz,
				(double)most / job->cfg.rate_hz,
				(unsigned)job->map.n_chan);
	return cis_aware_new(&cfg, &job->aware, diag);
}

static int push(struct job *job, const struct cis_block *blk)
{
	return job->aware ? cis_aware_push(job->aware, blk)
			  : cis_estim_push(job->est, blk);
}

static int finish(struct job *job)
{
	if (job->aware)
		return cis_aware_finish(job->aware);
	cis_estim_finish(job->est);
	return 0;
}

/* The names of all channels with the same reason, as many as there is room
 * for; "" where an earlier channel has it. */
static const char *sharing(const struct job *job, uint32_t c, char buf[160])
{
	const char *why = cis_aware_why(job->aware, c);
	size_t len = 0;

	buf[0] = '\0';
	for (uint32_t i = 0; i < job->map.n_chan && len < 150; i++) {
		if (strcmp(cis_aware_why(job->aware, i), why) != 0)
			continue;
		if (i < c)
			return "";
		len += (size_t)snprintf(buf + len, 160 - len, "%s%s",
					len ? " " : "", job->map.chan[i].name);
	}
	if (len >= 150)
		memcpy(buf + 150, " ...", 5);
	return buf;
}

/* Where the model was not used, and why. */
static void tell_model(const struct job *job)
{
	const char *model = cis_model_name(job->args->model), *who;
	char buf[160];

	for (uint32_t c = 0; job->aware && c < job->map.n_chan; c++) {
		const char *why = cis_aware_why(job->aware, c);

		who = why[0] ? sharing(job, c, buf) : "";
		if (who[0])
			cis_log(CIS_LOG_WARN,
				"%s: %s: not by the model \"%s\": %s",
				job->file, who, model, why);
	}
}

static int convert(struct job *job, struct cis_diag *diag)
{
	const struct cis_source_info *info = cis_source_info(job->src);
	int err = cis_source_start(job->src, info->first, diag), done;
	struct cis_block blk;

	while (!err && !ferror(job->out.f)) {
		err = read_block(job, &blk);
		if (err)
			break;
		job->n_scan += blk.n_scan;
		err = push(job, &blk);
		if (err)
			return cis_fail(diag, err,
					"%s: a rate or a delay that the "
					"estimator cannot take",
					job->file);
		write_rows(job);
	}
	done = finish(job);
	write_rows(job);
	return err == -ENODATA ? done : err;
}

/* ---- what to do about a table without rows ---- */

/* Whether there is a report: the estimator itself is asked. */
static bool has_report(struct job *job, const struct cis_estim_config *cfg)
{
	struct cis_estim *est;
	struct cis_block blk;
	bool found = false;

	if (cis_estim_new(cfg, &est, NULL))
		return false;
	if (!cis_source_start(job->src, cis_source_info(job->src)->first, NULL))
		while (!found && !read_block(job, &blk) &&
		       !cis_estim_push(est, &blk))
			found = !cis_estim_pop(est, &job->rep);
	cis_estim_finish(est);
	found = found || !cis_estim_pop(est, &job->rep);
	cis_estim_free(est);
	return found;
}

/* The longest window, shorter than the one asked for, that has a report; of
 * LS7 alone where that was asked for. */
static const char *what_fits(struct job *job, double length_s,
			     char buf[CIS_PROFILE_SIZE])
{
	static const char *const others[] = {"reference", "m", "p"};
	struct cis_estim_config cfg = job->cfg;
	double most = floor(length_s * cfg.fnom_hz) + 1;

	for (unsigned i = 0; i < 3 && job->cfg.profile != CIS_PROFILE_LS7;
	     i++) {
		cis_estim_parse_profile(others[i], &cfg, NULL);
		if (cis_estim_window_s(&cfg) < cis_estim_window_s(&job->cfg) &&
		    has_report(job, &cfg))
			return cis_estim_profile_name(&cfg, buf);
	}
	if (cfg.profile != CIS_PROFILE_LS7)
		cis_estim_parse_profile(LONGEST_LS7, &cfg, NULL);
	if (cfg.n_cycle > most)
		cfg.n_cycle = (uint32_t)most + 1;
	while (cfg.n_cycle-- > 1)
		if (has_report(job, &cfg))
			return cis_estim_profile_name(&cfg, buf);
	return "no profile";
}

/* Too short: says so, and which profile fits; or the reports are too few. */
static void tell_short(struct job *job)
{
	double rate_hz = cis_source_info(job->src)->rate_hz;
	double length_s = (double)job->n_scan / rate_hz;
	struct cis_estim_config often = job->cfg;
	char name[CIS_PROFILE_SIZE], fits[CIS_PROFILE_SIZE];
	double ample_s;

	often.rate = (struct cis_rate){(uint32_t)rate_hz, 1};
	ample_s = cis_estim_window_s(&often) + 1 / often.fnom_hz;
	if (length_s >= ample_s && has_report(job, &often))
		cis_log(CIS_LOG_WARN,
			"%s: no instant of the rate asked for is within the "
			"%.4g s of data; a higher --rate has more",
			job->file, length_s);
	else
		cis_log(CIS_LOG_WARN,
			"%s: %.4g ms are too short for a report of profile %s; "
			"%s fits",
			job->file, 1e3 * length_s,
			cis_estim_profile_name(&job->cfg, name),
			what_fits(job, length_s, fits));
}

static bool repaired(const struct cis_warn_list *warn)
{
	return warn->n > warn->n_remark;
}

/* Nothing there, or something at another frequency than it should be. */
static void tell_lost(const struct job *job)
{
	cis_log(CIS_LOG_WARN,
		"%s: no fundamental near %g Hz in %llu of %llu rows: either "
		"there is no signal, or the nominal frequency or the sampling "
		"rate (%.6g Hz) is not what the file says",
		job->file, job->cfg.fnom_hz, (unsigned long long)job->n_lost,
		(unsigned long long)job->n_row,
		cis_source_info(job->src)->rate_hz);
}

static int verdict(struct job *job)
{
	if (job->n_row == 0)
		tell_short(job);
	tell_model(job);
	if (job->n_flagged > 0)
		cis_log(CIS_LOG_WARN, "%s: %llu of %llu rows are flagged",
			job->file, (unsigned long long)job->n_flagged,
			(unsigned long long)job->n_row);
	if (2 * job->n_lost > job->n_row)
		tell_lost(job);
	if (job->args->strict && (repaired(cis_source_info(job->src)->warn) ||
				  job->n_flagged > 0 || job->n_row == 0))
		return CIS_EXIT_INCOMPLETE;
	return CIS_EXIT_OK;
}

static int run_job(struct job *job)
{
	struct cis_outputs outputs = {.n = 0};
	struct cis_diag diag = {""};
	int err = open_source(job, &diag), status;

	if (err)
		return cis_cli_fail(&cis_cmd_estimate, CIS_EXIT_INVALID, "%s",
				    diag.msg);
	if (choose_channels(job, &diag))
		return cis_cli_fail(&cis_cmd_estimate, CIS_EXIT_USAGE, "%s",
				    diag.msg);
	if (open_estim(job, &diag) ||
	    (job->args->model && open_aware(job, &diag)))
		return cis_cli_fail(&cis_cmd_estimate, CIS_EXIT_INVALID,
				    "%s: %s", job->file, diag.msg);
	cis_outputs_add(&outputs, job->args->output);
	status = cis_outputs_check(&outputs, &cis_cmd_estimate, job->src);
	if (status)
		return status;
	err = cis_outfile_open(&job->out, job->args->output, job->args->force,
			       &diag);
	if (err)
		return cis_cli_fail(&cis_cmd_estimate, cis_exit_for_output(err),
				    "%s", diag.msg);
	cis_csv_header(job->out.f, &job->map, job->args->fit);
	err = convert(job, &diag);
	cis_cli_warn(cis_source_info(job->src)->warn);
	if (!err)
		err = cis_outfile_commit(&job->out, &diag);
	if (err == -EPIPE) /* who reads has seen enough */
		return CIS_EXIT_OK;
	if (err)
		return cis_cli_fail(&cis_cmd_estimate, cis_exit_for(err), "%s",
				    diag.msg[0] ? diag.msg : strerror(-err));
	return verdict(job);
}

static int run(int argc, char **argv)
{
	struct args args = {.output = "-"};
	struct job *job;
	int n, status;

	cis_estim_parse_profile("reference", &args.cfg, NULL);
	n = cis_options_parse(&cis_cmd_estimate, argc, argv, take, &args,
			      &status);
	if (n < 0)
		return status;
	if (n != 1)
		return cis_cli_fail(&cis_cmd_estimate, CIS_EXIT_USAGE,
				    "one recording is needed, not %d", n);
	job = calloc(1, sizeof(*job));
	if (!job)
		return cis_cli_fail(&cis_cmd_estimate, CIS_EXIT_RUNTIME,
				    "not enough memory");
	job->args = &args;
	job->file = argv[0];
	status = run_job(job);
	cis_outfile_abort(&job->out);
	cis_aware_free(job->aware);
	cis_estim_free(job->est);
	cis_source_close(job->src);
	free(job->x);
	free(job->selected);
	free(job);
	return status;
}

const struct cis_command cis_cmd_estimate = {
	.name = "estimate",
	.summary = "phasors from a recording",
	.synopsis = "FILE [options]",
	.options = options,
	.examples = "  cisoid estimate fault.cfg -o fault.csv\n"
		    "  cisoid estimate fault.cfg --rate 100 --channels "
		    "VA,VB,VC --fit\n",
	.run = run,
};

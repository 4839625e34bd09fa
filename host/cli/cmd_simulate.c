/* cmd_simulate.c - simulated PMUs: the command; sim_args.c has its options. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/cli/simulate/sim_args.h"
#include "host/cli/web/simulate_page.h"
#include "outputs.h"

static const struct cis_option options[] = {
	{"scenario", 0, "FILE", "a course of events as JSON; options prevail"},
	{"preset", 0, "NAME|list", "a scenario that comes with the program"},
	{"replay", 0, "FILE", "a capture or CSV anew; ,speed=X and ,loop=1"},
	{"rate", 0, "FPS", "frames a second, or 1/N; default fnom"},
	{"stream", 0, "SPEC", "send unasked: tcp:, udp:HOST:PORT, pcap:FILE"},
	{"listen", 0, "SPEC", "answer at tcp:HOST:PORT or udp:HOST:PORT"},
	{"idcode", 0, "N", "IDCODE of the stream, 1 to 65534; default 1"},
	{"station", 0, "NAME", "station name; says SIM in any case"},
	{"count", 0, "N", "PMUs with IDCODEs from --idcode on, 1 to 20000; 1"},
	{"concentrate", 0, NULL, "all of them in one frame, as of a PDC"},
	{"shard", 0, "K/N", "part K of N of them; others send the rest"},
	{"send", 0, "spread|burst", "each in its own slot, or all at once"},
	{"impair", 0, "LIST", "loss=1%,burst=5,dup=0.1%,crc=0.1%,delay=20ms"},
	{"analogs", 0, "N", "of each PMU, 0 to 255: slow ramps; 0"},
	{"digitals", 0, "N", "words of each PMU, 0 to 64: SOC counts; 0"},
	{"for", 0, "RECEIVER",
	 "as pmuct, openpdc, openpdc-udp, wireshark, strict"},
	{"format", 0, "LIST", "polar or rect, float or int"},
	{"c37", 0, "YEAR", "2005 or 2011: SYNC's version, and STAT"},
	{"cfg", 0, "2|3", "configuration that goes out unasked; 2"},
	{"cfg-every", 0, "S", "and again so often, 0 to 3600 s; 60"},
	{"connection-file", 0, "FILE", "describe the stream for --for pmuct"},
	{"time-base", 0, "N", "parts of a second in FRACSEC; 1000000"},
	{"start", 0, "TIME", "2026-11-20T12:00:00Z, now+10s, next-minute"},
	{"t0", 0, "TIME", "when the signal began; default --start, or now"},
	{"pace", 0, "real|max", "by the clock, or as fast as it goes"},
	{"test-mode", 0, NULL, "STAT says: test, do not use"},
	{"duration", 0, "T", "seconds of data, 10s or 5min; default: on"},
	{"force", 'f', NULL, "write over files that exist"},
	{"json", 0, NULL, "how it went, on standard output at the end"},
	{"sink", 0, "SPEC", "compare what a PDC at HOST:PORT[,idcode=N] sends"},
	{"sink-late", 0, "T", "what comes back later is late; 1s"},
	{"web", 0, "HOST:PORT|off", "a page that starts, changes and stops it"},
	{NULL, 0, NULL, NULL},
};

/* ---- the command line, and what a scenario says before it ---- */

static int note(void *ctx, const char *name, const char *value,
		struct cis_diag *diag)
{
	struct cis_sim_args *args = ctx;

	(void)diag;
	if (!strcmp(name, "scenario"))
		args->scenario = value;
	else if (!strcmp(name, "preset"))
		args->preset = value;
	else if (!strcmp(name, "replay"))
		args->recording = value;
	else if (!strcmp(name, "web"))
		args->web = strcmp(value, "off") ? value : NULL;
	else
		args->option[args->n_option++] =
			(struct cis_sim_said){name, value};
	return 0;
}

static int open_scenario(struct cis_sim_args *args, struct cis_diag *diag)
{
	int err = 0;

	if (args->scenario && args->preset)
		return cis_fail(diag, -EINVAL,
				"--preset: there is --scenario as well; give "
				"one of them");
	if (args->scenario)
		err = cis_scenario_doc_read(args->scenario, &args->doc, diag);
	else if (args->preset)
		err = cis_scenario_doc_preset(args->preset, &args->doc, diag);
	if (!err && args->doc)
		err = cis_scenario_doc_options(args->doc, cis_sim_take, args,
					       diag);
	return err;
}

/* What is written in a file is not a wrong use of the program. */
static int scenario_status(int err)
{
	if (err == -EINVAL)
		return CIS_EXIT_USAGE;
	return err == -ENOMEM ? CIS_EXIT_RUNTIME : CIS_EXIT_INVALID;
}

/* An exit status. */
static int apply(struct cis_sim_args *args)
{
	struct cis_diag diag = {""};
	int err = open_scenario(args, &diag);

	if (err)
		return cis_cli_fail(&cis_cmd_simulate, scenario_status(err),
				    "%s", diag.msg);
	for (size_t i = 0; i < args->n_option; i++)
		if (cis_sim_take(args, args->option[i].name,
				 args->option[i].value, &diag))
			return cis_cli_fail(&cis_cmd_simulate, CIS_EXIT_USAGE,
					    "%s", diag.msg);
	return CIS_EXIT_OK;
}

/* The keys of cis_signal_keys(), a constant that is not one to the compiler.
 * Operands are counted, or -1 when the command ends with *status. */
static int parse(int argc, char **argv, struct cis_sim_args *args, int *status)
{
	struct cis_command cmd = cis_cmd_simulate;
	int n;

	args->option = calloc((size_t)argc + 1, sizeof(*args->option));
	if (!args->option) {
		*status = cis_cli_fail(&cmd, CIS_EXIT_RUNTIME, "out of memory");
		return -1;
	}
	cmd.extra_keys = cis_signal_keys();
	n = cis_options_parse(&cmd, argc, argv, note, args, status);
	if (n < 0)
		return n;
	if (args->preset && !strcmp(args->preset, "list")) {
		cis_scenario_list_presets();
		*status = CIS_EXIT_OK;
		return -1;
	}
	*status = apply(args);
	return *status ? -1 : n;
}

/* ---- from beginning to end ---- */

/* An exit status. */
static int check(struct cis_sim_args *args)
{
	struct cis_diag diag = {""};
	int err;

	err = cis_sim_check(args, &diag);
	if (!err)
		err = cis_sim_prepare(args, &diag);
	if (err)
		return cis_cli_fail(&cis_cmd_simulate, scenario_status(err),
				    "%s", diag.msg);
	return CIS_EXIT_OK;
}

/* Whether the command line says what to send: then it is sent at once. */
static bool says_what(const struct cis_sim_args *args)
{
	bool any = args->scenario || args->preset || args->recording;

	for (size_t i = 0; i < args->n_option; i++)
		any = any || (strcmp(args->option[i].name, "json") != 0 &&
			      strcmp(args->option[i].name, "force") != 0);
	return any;
}

static int simulate(struct cis_sim_args *args)
{
	struct cis_outputs outputs = {.n = 0};
	const char *title = args->doc ? cis_scenario_doc_title(args->doc) : "";
	int status;

	outputs.keep = !args->sim.overwrite;
	cis_outputs_add(&outputs, args->sim.connection_file);
	cis_outputs_add_streams(&outputs, args->stream,
				args->sim.endpoints.n_stream);
	if (args->recording)
		cis_outputs_input(&outputs, args->replay.file);
	status = cis_outputs_check(&outputs, &cis_cmd_simulate, NULL);
	if (!status && args->recording)
		status = cis_sim_replay(&args->replay, &args->sim);
	if (status)
		return status;
	if (title[0])
		cis_log(CIS_LOG_INFO, "scenario: %.200s", title);
	if (args->web)
		return cis_simulate_page(args, args->web, says_what(args));
	return cis_sim_run(&args->sim, args->json);
}

static int run(int argc, char **argv)
{
	struct cis_sim_args args;
	int status = CIS_EXIT_OK;
	int n;

	cis_sim_defaults(&args);
	n = parse(argc, argv, &args, &status);
	if (n > 0)
		status = cis_cli_fail(&cis_cmd_simulate, CIS_EXIT_USAGE,
				      "\"%s\": no argument is expected here",
				      argv[0]);
	if (n == 0)
		status = check(&args);
	if (n == 0 && !status)
		status = simulate(&args);
	if (args.sim.maker)
		args.sim.maker->ops->free(args.sim.maker);
	cis_scenario_free(args.sim.scenario);
	cis_scenario_doc_free(args.doc);
	free(args.option);
	return status;
}

const struct cis_command cis_cmd_simulate = {
	.name = "simulate",
	.summary = "one or thousands of simulated PMUs (no samples: phasors "
		   "straight to frames)",
	.synopsis = "[--f 50.1 --v 120 ... the signal keys] [options]",
	.options = options,
	.examples = "  cisoid simulate --f 50.1 --listen tcp:127.0.0.1:4712\n"
		    "  cisoid simulate --rate 60 --fnom 60 --stream "
		    "udp:127.0.0.1:4713 --duration 10s\n",
	.run = run,
};

/* cmd_simulate.c - a simulated PMU: its options; sim.c does the work. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/c37.h"
#include "cisoid/log.h"
#include "cisoid/utc.h"
#include "host/acq/dates/clock.h"
#include "host/cli/outputs.h"
#include "replay.h"
#include "scenario_doc.h"
#include "sim.h"
#include "sink.h"

#define MAX_ENDPOINT 16
#define MAX_COUNT    20000
#define MAX_IDCODE   65534
#define MAX_ANALOG   255
#define MAX_DIGITAL  64

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
	{"web", 0, "HOST:PORT|off", "accepted; there is no page yet"},
	{NULL, 0, NULL, NULL},
};

struct args {
	struct cis_sim_config sim;
	const char *stream[MAX_ENDPOINT];
	const char *listen[MAX_ENDPOINT];
	const char *sink[CIS_MAX_SINK];
	struct cis_stream_said said;
	bool has_t0;
	struct cis_time t0;
	bool json;
	/* The command line as it was said, for what --scenario says comes first. */
	struct said {
		const char *name, *value;
	} * option;
	size_t n_option;
	const char *scenario, *preset;
	struct cis_scenario_doc *doc; /* or NULL */
	const char *recording;        /* what --replay says, or NULL */
	struct cis_replay_spec replay;
};

static int add(const char *name, const char *value, const char **list,
	       uint32_t *n, struct cis_diag *diag)
{
	if (*n == MAX_ENDPOINT)
		return cis_fail(diag, -EINVAL, "--%s: more than %d of them",
				name, MAX_ENDPOINT);
	list[(*n)++] = value;
	return 0;
}

static int take_pace(struct args *args, const char *value,
		     struct cis_diag *diag)
{
	args->sim.flat_out = !strcmp(value, "max");
	if (!args->sim.flat_out && strcmp(value, "real") != 0)
		return cis_fail(diag, -EINVAL,
				"--pace: \"%s\" is neither real nor max",
				value);
	return 0;
}

static int take_idcode(struct args *args, const char *value,
		       struct cis_diag *diag)
{
	uint32_t idcode;
	int err = cis_arg_u32("idcode", value, 1, 65534, &idcode, diag);

	if (!err)
		args->sim.idcode = (uint16_t)idcode;
	return err;
}

/* SOC has 32 bits, clause 6.2. */
static int take_time(const char *name, const char *value, struct cis_time *t,
		     struct cis_diag *diag)
{
	int64_t soc;
	int err = cis_arg_time(name, value, t, diag);

	if (err)
		return err;
	soc = cis_utc_from_tai(cis_time_floor_s(*t)).soc;
	if (soc < 0 || soc > UINT32_MAX)
		return cis_fail(diag, -EINVAL,
				"--%s: %s: the time stamps of frames hold "
				"1970 to 2106",
				name, value);
	return 0;
}

static int take_start(struct args *args, const char *value,
		      struct cis_diag *diag)
{
	struct cis_time start;
	int err = take_time("start", value, &start, diag);

	if (err)
		return err;
	args->sim.start = start;
	args->sim.has_start = true;
	return 0;
}

static int take_t0(struct args *args, const char *value, struct cis_diag *diag)
{
	struct cis_time t0;
	int err = take_time("t0", value, &t0, diag);

	if (err)
		return err;
	args->t0 = t0;
	args->has_t0 = true;
	return 0;
}

static int take_send(struct args *args, const char *value,
		     struct cis_diag *diag)
{
	args->sim.burst = !strcmp(value, "burst");
	if (!args->sim.burst && strcmp(value, "spread") != 0)
		return cis_fail(diag, -EINVAL,
				"--send: \"%s\" is neither spread nor burst",
				value);
	return 0;
}

/* "2/3" */
static int take_shard(struct args *args, const char *value,
		      struct cis_diag *diag)
{
	unsigned k = 0, n = 0;
	int end = 0;

	if (sscanf(value, "%5u/%5u%n", &k, &n, &end) != 2 || value[end] ||
	    strspn(value, "0123456789/") != strlen(value) || k < 1 || k > n ||
	    n > MAX_COUNT)
		return cis_fail(diag, -EINVAL,
				"--shard: \"%s\" is not K/N, as 1/2 and 2/2, "
				"with N up to %d",
				value, MAX_COUNT);
	args->sim.shard = k;
	args->sim.n_shard = n;
	return 0;
}

static int take_impair(struct args *args, const char *value,
		       struct cis_diag *diag)
{
	struct cis_diag why = {""};

	if (cis_impair_parse(value, &args->sim.impair, &why))
		return cis_fail(diag, -EINVAL, "--impair: %.300s", why.msg);
	return 0;
}

static int take_late(struct args *args, const char *value,
		     struct cis_diag *diag)
{
	args->sim.sink_late_counts = true;
	return cis_arg_duration("sink-late", value, &args->sim.sink_late_s,
				diag);
}

static int take_many(struct args *args, const char *name, const char *value,
		     struct cis_diag *diag)
{
	uint32_t n = 0;
	int err;

	if (!strcmp(name, "count"))
		return cis_arg_u32(name, value, 1, MAX_COUNT, &args->sim.count,
				   diag);
	if (!strcmp(name, "analogs")) {
		err = cis_arg_u32(name, value, 0, MAX_ANALOG, &n, diag);
		args->sim.n_analog = (uint16_t)n;
		return err;
	}
	err = cis_arg_u32(name, value, 0, MAX_DIGITAL, &n, diag);
	args->sim.n_digital = (uint16_t)n;
	return err;
}

static int take_signal(struct args *args, const char *name, const char *value,
		       struct cis_diag *diag)
{
	struct cis_diag why = {""};

	if (cis_signal_set(&args->sim.sig, name, value, &why))
		return cis_fail(diag, -EINVAL, "--%.300s", why.msg);
	return 0;
}

static int take(void *ctx, const char *name, const char *value,
		struct cis_diag *diag)
{
	struct args *args = ctx;
	struct cis_sim_config *sim = &args->sim;
	int taken = cis_stream_take(&args->said, name, value, diag);

	if (taken)
		return taken < 0 ? taken : 0;
	if (!strcmp(name, "count") || !strcmp(name, "analogs") ||
	    !strcmp(name, "digitals"))
		return take_many(args, name, value, diag);
	if (!strcmp(name, "rate"))
		return cis_arg_rate(value, &sim->rate, diag);
	if (!strcmp(name, "stream"))
		return add(name, value, args->stream, &sim->endpoints.n_stream,
			   diag);
	if (!strcmp(name, "listen"))
		return add(name, value, args->listen, &sim->endpoints.n_listen,
			   diag);
	if (!strcmp(name, "idcode"))
		return take_idcode(args, value, diag);
	if (!strcmp(name, "pace"))
		return take_pace(args, value, diag);
	if (!strcmp(name, "duration"))
		return cis_arg_duration(name, value, &sim->duration_s, diag);
	if (!strcmp(name, "web"))
		return 0;
	if (!strcmp(name, "station"))
		return cis_arg_station(value, &sim->station, diag);
	if (!strcmp(name, "start"))
		return take_start(args, value, diag);
	if (!strcmp(name, "t0"))
		return take_t0(args, value, diag);
	if (!strcmp(name, "send"))
		return take_send(args, value, diag);
	if (!strcmp(name, "shard"))
		return take_shard(args, value, diag);
	if (!strcmp(name, "impair"))
		return take_impair(args, value, diag);
	if (!strcmp(name, "sink"))
		return add(name, value, args->sink, &sim->n_sink, diag);
	if (!strcmp(name, "sink-late"))
		return take_late(args, value, diag);
	if (!strcmp(name, "test-mode")) {
		sim->test_mode = true;
	} else if (!strcmp(name, "json")) {
		args->json = true;
	} else if (!strcmp(name, "concentrate")) {
		sim->concentrate = true;
	} else if (!strcmp(name, "connection-file")) {
		sim->connection_file = value;
	} else if (!strcmp(name, "force")) {
		sim->overwrite = true;
	} else {
		return take_signal(args, name, value, diag);
	}
	return 0;
}

static void set_defaults(struct args *args)
{
	memset(args, 0, sizeof(*args));
	cis_signal_init(&args->sim.sig);
	cis_stream_defaults(&args->sim.opts);
	args->sim.count = 1;
	args->sim.idcode = 1;
	args->sim.station = "CISOID-SIM";
	args->sim.duration_s = INFINITY;
	args->sim.sink = args->sink;
	args->sim.sink_late_s = CIS_SINK_LATE_S;
	args->sim.endpoints.cmd = &cis_cmd_simulate;
	args->sim.endpoints.stream = args->stream;
	args->sim.endpoints.listen = args->listen;
}

/* ---- the command line, and what a scenario says before it ---- */

static int note(void *ctx, const char *name, const char *value,
		struct cis_diag *diag)
{
	struct args *args = ctx;

	(void)diag;
	if (!strcmp(name, "scenario"))
		args->scenario = value;
	else if (!strcmp(name, "preset"))
		args->preset = value;
	else if (!strcmp(name, "replay"))
		args->recording = value;
	else
		args->option[args->n_option++] = (struct said){name, value};
	return 0;
}

static bool was_said(void *ctx, const char *name)
{
	const struct args *args = ctx;

	for (size_t i = 0; i < args->n_option; i++)
		if (!strcmp(args->option[i].name, name))
			return true;
	return false;
}

static int open_scenario(struct args *args, struct cis_diag *diag)
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
		err = cis_scenario_doc_options(args->doc, take, args, diag);
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
static int apply(struct args *args)
{
	struct cis_diag diag = {""};
	int err = open_scenario(args, &diag);

	if (err)
		return cis_cli_fail(&cis_cmd_simulate, scenario_status(err),
				    "%s", diag.msg);
	for (size_t i = 0; i < args->n_option; i++)
		if (take(args, args->option[i].name, args->option[i].value,
			 &diag))
			return cis_cli_fail(&cis_cmd_simulate, CIS_EXIT_USAGE,
					    "%s", diag.msg);
	return CIS_EXIT_OK;
}

/* The keys of cis_signal_keys(), a constant that is not one to the compiler.
 * Operands are counted, or -1 when the command ends with *status. */
static int parse(int argc, char **argv, struct args *args, int *status)
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

/* What only all options together tell. */

static int check_shard(const struct args *args, struct cis_diag *diag)
{
	const struct cis_sim_config *sim = &args->sim;

	if (!sim->n_shard)
		return 0;
	if (sim->concentrate)
		return cis_fail(
			diag, -EINVAL,
			"--shard: --concentrate makes one stream, which "
			"cannot be divided");
	if (!args->recording && sim->n_shard > sim->count)
		return cis_fail(
			diag, -EINVAL,
			"--shard %u/%u: there are %u PMUs; --count says "
			"of how many it is a part",
			sim->shard, sim->n_shard, sim->count);
	if (!sim->has_start && !args->has_t0)
		return cis_fail(diag, -EINVAL,
				"--shard: all parts must agree when the signal "
				"began; give each the same --start or --t0");
	return 0;
}

static int check_t0(const struct args *args, struct cis_diag *diag)
{
	const struct cis_sim_config *sim = &args->sim;

	if (!args->has_t0)
		return 0;
	if (cis_time_diff_ns(
		    args->t0,
		    (struct cis_time){.tai_ns = cis_time_floor_s(args->t0) *
						CIS_NS_PER_S}) != 0)
		return cis_fail(diag, -EINVAL,
				"--t0: the signal begins on a whole second");
	if (sim->has_start && cis_time_diff_ns(args->t0, sim->start) > 0)
		return cis_fail(
			diag, -EINVAL,
			"--t0: the signal would begin after the frames, "
			"see --start");
	return 0;
}

static int check_sink(const struct args *args, struct cis_diag *diag)
{
	const struct cis_sim_config *sim = &args->sim;

	if (!sim->n_sink)
		return sim->sink_late_counts
			       ? cis_fail(diag, -EINVAL,
					  "--sink-late: there is no --sink")
			       : 0;
	if (sim->flat_out)
		return cis_fail(diag, -EINVAL,
				"--sink: --pace max sends faster than a PDC "
				"expects; leave it out");
	for (uint32_t i = 0; i < sim->n_sink; i++)
		if (cis_sink_check(sim->sink[i], diag))
			return -EINVAL;
	return 0;
}

static int finish(struct args *args, struct cis_diag *diag)
{
	struct cis_sim_config *sim = &args->sim;

	cis_stream_apply(&sim->opts, &args->said);
	if (cis_stream_check(&sim->opts, diag))
		return -EINVAL;
	if (sim->rate.num == 0)
		sim->rate = (struct cis_rate){(uint32_t)sim->sig.fnom_hz, 1};
	sim->impair.seed = sim->sig.seed;
	if (check_shard(args, diag) || check_t0(args, diag) ||
	    check_sink(args, diag))
		return -EINVAL;
	if (sim->idcode + sim->count - 1 > MAX_IDCODE)
		return cis_fail(diag, -EINVAL,
				"--count %u: IDCODEs from %u on would go "
				"beyond %d",
				(unsigned)sim->count, (unsigned)sim->idcode,
				MAX_IDCODE);
	return cis_connection_allowed(sim->connection_file, args->said.receiver,
				      diag);
}

/* A leap second that is rehearsed moves what comes after it: --start and --t0
 * were meant as UTC. The clock takes no part in it. */
static int rehearse(struct args *args, struct cis_diag *diag)
{
	struct cis_sim_config *sim = &args->sim;
	struct cis_utc t0 = cis_utc_from_tai(sim->t0_tai_s);
	int64_t start_s = cis_time_floor_s(sim->start);
	struct cis_utc start = cis_utc_from_tai(start_s);
	unsigned n;
	int err = cis_scenario_doc_rehearse(args->doc, t0.soc, &n, diag);

	if (err)
		return err;
	start_s = cis_utc_to_tai(start) - start_s;
	if (sim->has_start)
		sim->start =
			cis_time_add_ns(sim->start, start_s * CIS_NS_PER_S);
	if (sim->has_start || args->has_t0)
		sim->t0_tai_s = cis_utc_to_tai(t0);
	return 0;
}

/* The signal begins at the whole second of the start, or of the first frame
 * where none is given: its first time stamp then tells t0. */
static int make_scenario(struct args *args, struct cis_diag *diag)
{
	struct cis_sim_config *sim = &args->sim;
	const struct cis_clock clock = {.kind = CIS_CLOCK_SYSTEM};
	struct cis_scenario_base base = {.first_idcode = sim->idcode,
					 .count = sim->count,
					 .said = was_said,
					 .ctx = args};
	int err = 0;

	sim->has_t0 = args->has_t0 || sim->has_start || args->doc;
	if (args->has_t0)
		sim->t0_tai_s = cis_time_floor_s(args->t0);
	else if (sim->has_start)
		sim->t0_tai_s = cis_time_floor_s(sim->start);
	else
		sim->t0_tai_s =
			cis_instant_from(cis_clock_now(&clock), sim->rate)
				.tai_s;
	if (args->doc)
		err = rehearse(args, diag);
	if (err)
		return err;
	base.sig = sim->sig;
	base.t0_tai_s = sim->t0_tai_s;
	return cis_scenario_doc_make(args->doc, &base, &sim->scenario, diag);
}

/* ---- a recording ---- */

static int check_replay(struct args *args, struct cis_diag *diag)
{
	for (size_t i = 0; i < args->n_option; i++)
		cis_replay_beside(&args->replay, args->option[i].name);
	if (args->scenario || args->preset)
		cis_replay_beside(&args->replay,
				  args->scenario ? "scenario" : "preset");
	args->sim.has_t0 = args->has_t0;
	args->sim.t0_tai_s = cis_time_floor_s(args->t0);
	return cis_replay_parse(args->recording, &args->replay, diag);
}

/* ---- from beginning to end ---- */

/* An exit status. */
static int check(struct args *args)
{
	struct cis_diag diag = {""};
	int err;

	if (cis_signal_finish(&args->sim.sig, &diag))
		return cis_cli_fail(&cis_cmd_simulate, CIS_EXIT_USAGE, "--%s",
				    diag.msg);
	if (finish(args, &diag))
		return cis_cli_fail(&cis_cmd_simulate, CIS_EXIT_USAGE, "%s",
				    diag.msg);
	err = args->recording ? check_replay(args, &diag)
			      : make_scenario(args, &diag);
	if (err)
		return cis_cli_fail(&cis_cmd_simulate, scenario_status(err),
				    "%s", diag.msg);
	return CIS_EXIT_OK;
}

static int simulate(struct args *args)
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
	return cis_sim_run(&args->sim, args->json);
}

static int run(int argc, char **argv)
{
	struct args args;
	int status = CIS_EXIT_OK;
	int n;

	set_defaults(&args);
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

/* cmd_listen.c - a C37.118 client: its options; listen.c does the work. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/cli/listen/doctor.h"
#include "host/cli/listen/listen.h"
#include "outputs.h"

#define RETRY_S 30

static const struct cis_option options[] = {
	{"idcode", 0, "N", "IDCODE of the PMU, 1 to 65534; default 1"},
	{"cfg", 0, "3|2", "ask for CFG-3 or CFG-2 alone; default: 3, then 2"},
	{"count", 0, "N", "stop after so many data frames"},
	{"duration", 0, "T", "stop after so much data, 10s or 5min"},
	{"timeout", 0, "T", "wait so long for an answer; default 5s"},
	{"retry", 0, "T", "try to reach a lost PMU for so long; default 30s"},
	{"cfg-file", 0, "FILE", "take the configuration from there, ask none"},
	{"csv", 0, "FILE", "write reports as CSV, - for standard output"},
	{"pcap", 0, "FILE", "keep all frames in a capture file"},
	{"json", 0, NULL, "print every frame as JSON, one a line"},
	{"stats", 0, "FILE", "write what was counted as JSON, at the end"},
	{"doctor", 0, NULL, "try each step, say which fails and why"},
	{"force", 'f', NULL, "write over files that exist"},
	{NULL, 0, NULL, NULL},
};

static int take_number(struct cis_listen_config *lc, const char *name,
		       const char *value, struct cis_diag *diag)
{
	bool idcode = !strcmp(name, "idcode");
	uint32_t n;
	int err = cis_arg_u32(name, value, 1, idcode ? 65534 : UINT32_MAX, &n,
			      diag);

	if (err)
		return err;
	if (idcode)
		lc->idcode = (uint16_t)n;
	else
		lc->count = n;
	return 0;
}

static int take_cfg(const char *value, unsigned *cfg, struct cis_diag *diag)
{
	if (strcmp(value, "2") != 0 && strcmp(value, "3") != 0)
		return cis_fail(diag, -EINVAL,
				"--cfg: \"%s\" is neither 2 "
				"nor 3",
				value);
	*cfg = value[0] == '3' ? 3 : 2;
	return 0;
}

/* 0 is allowed: not at all. */
static int take_retry(const char *value, double *s, struct cis_diag *diag)
{
	if (!strcmp(value, "0") || !strcmp(value, "0s")) {
		*s = 0;
		return 0;
	}
	return cis_arg_duration("retry", value, s, diag);
}

static int take(void *ctx, const char *name, const char *value,
		struct cis_diag *diag)
{
	struct cis_listen_config *lc = ctx;

	if (!strcmp(name, "idcode") || !strcmp(name, "count"))
		return take_number(lc, name, value, diag);
	if (!strcmp(name, "cfg"))
		return take_cfg(value, &lc->cfg, diag);
	if (!strcmp(name, "duration"))
		return cis_arg_duration(name, value, &lc->duration_s, diag);
	if (!strcmp(name, "timeout"))
		return cis_arg_duration(name, value, &lc->timeout_s, diag);
	if (!strcmp(name, "retry"))
		return take_retry(value, &lc->retry_s, diag);
	if (!strcmp(name, "cfg-file"))
		lc->cfg_file = value;
	else if (!strcmp(name, "stats"))
		lc->stats = value;
	else if (!strcmp(name, "csv"))
		lc->csv = value;
	else if (!strcmp(name, "pcap"))
		lc->pcap = value;
	else if (!strcmp(name, "json"))
		lc->json = true;
	else if (!strcmp(name, "doctor"))
		lc->doctor = true;
	else if (!strcmp(name, "force"))
		lc->force = true;
	return 0;
}

static bool is_stdout(const char *path)
{
	return path && !strcmp(path, "-");
}

/* It makes no use of the rest. */
static int run_doctor(const struct cis_listen_config *lc)
{
	struct cis_doctor_config dc = {.spec = lc->spec,
				       .idcode = lc->idcode,
				       .cfg = lc->cfg,
				       .timeout_s = lc->timeout_s,
				       .json = lc->json};

	if (lc->csv || lc->pcap || lc->stats || lc->cfg_file || lc->count ||
	    isfinite(lc->duration_s))
		return cis_cli_fail(&cis_cmd_listen, CIS_EXIT_USAGE,
				    "--doctor goes with --idcode, --cfg, "
				    "--timeout and --json only");
	return cis_doctor_run(&dc);
}

static int run(int argc, char **argv)
{
	struct cis_listen_config lc = {.duration_s = INFINITY,
				       .retry_s = RETRY_S};
	struct cis_outputs outputs = {.n = 0};
	int status;
	int n = cis_options_parse(&cis_cmd_listen, argc, argv, take, &lc,
				  &status);

	if (n < 0)
		return status;
	if (n != 1)
		return cis_cli_fail(&cis_cmd_listen, CIS_EXIT_USAGE,
				    "where to? write tcp:HOST:PORT or "
				    "udp:HOST:PORT, once");
	lc.spec = argv[0];
	if (lc.doctor)
		return run_doctor(&lc);
	if (is_stdout(lc.csv) + is_stdout(lc.stats) + lc.json > 1)
		return cis_cli_fail(&cis_cmd_listen, CIS_EXIT_USAGE,
				    "only one of --json, --csv - and --stats - "
				    "can have standard output");
	cis_outputs_input(&outputs, lc.cfg_file);
	cis_outputs_add(&outputs, lc.csv);
	cis_outputs_add(&outputs, lc.pcap);
	cis_outputs_add(&outputs, lc.stats);
	status = cis_outputs_check(&outputs, &cis_cmd_listen, NULL);
	if (status)
		return status;
	return cis_listen_run(&lc);
}

const struct cis_command cis_cmd_listen = {
	.name = "listen",
	.summary = "C37.118 client: diagnose, print, record",
	.synopsis = "tcp:HOST:PORT[,data=udp:PORT]|udp:HOST:PORT [options]",
	.options = options,
	.examples = "  cisoid listen tcp:127.0.0.1:4712 --idcode 1 --count 50\n"
		    "  cisoid listen udp:0.0.0.0:4713 --csv pmu.csv "
		    "--duration 1min\n",
	.run = run,
};

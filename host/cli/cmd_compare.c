/* cmd_compare.c - a PMU against the reference: its options. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "host/cli/compare/comparison.h"
#include "outputs.h"

static const struct cis_option options[] = {
	{"limits", 0, "EDITION:CLASS", "judge: 2011, 2014 or 2018, p or m"},
	{"test", 0, "NAME", "whose limits; default steady_frequency"},
	{"map", 0, "A=B,...", "reference A, or VA-VB*RATIO@DEG, is PMU's B"},
	{"u", 0, "LIST", "tve=,me=,pe=,fe=,rfe=: U (k = 2) of the errors"},
	{"rule", 0, "guard|simple", "U as guard band, or not; see the manual"},
	{"accept", 0, "LIST", "judge what says unsync, test, arrival, ..."},
	{"window", 0, "T", "so near a step of the reference: not judged"},
	{"ref-idcode", 0, "N", "the reference's PMU, where there are several"},
	{"dut-idcode", 0, "N", "the PMU, where there are several"},
	{"ref-station", 0, "NAME", "the same by station, or HOST:PORT"},
	{"dut-station", 0, "NAME", "the same by station, or HOST:PORT"},
	{"count", 0, "N", "stop after so many pairs"},
	{"duration", 0, "T", "stop after so much data, 10s or 5min"},
	{"timeout", 0, "T", "wait so long for an answer; default 5s"},
	{"csv", 0, "FILE", "write the errors, a line an instant"},
	{"json", 0, NULL, "one JSON document instead of the table"},
	{"force", 'f', NULL, "write over a file that exists"},
	{NULL, 0, NULL, NULL},
};

static int take_limits(struct cis_comparison_config *cfg, const char *value,
		       struct cis_diag *diag)
{
	size_t len = strcspn(value, ":");
	const char *class = value + len + (value[len] == ':');

	cfg->has_limits = true;
	cfg->perf_class = !strcasecmp(class, "m") ? CIS_CLASS_M : CIS_CLASS_P;
	if (cis_edition_parse(value, len, &cfg->edition) ||
	    (strcasecmp(class, "m") != 0 && strcasecmp(class, "p") != 0))
		return cis_fail(diag, -EINVAL,
				"--limits: \"%.60s\" is not an edition (2011, "
				"2014, 2018) and a class (p, m): 2018:m",
				value);
	return 0;
}

static int take_rule(struct cis_comparison_config *cfg, const char *value,
		     struct cis_diag *diag)
{
	if (!strcmp(value, "guard"))
		cfg->rule = CIS_RULE_GUARD_BAND;
	else if (!strcmp(value, "simple"))
		cfg->rule = CIS_RULE_SIMPLE;
	else
		return cis_fail(diag, -EINVAL,
				"--rule: \"%.60s\" is neither guard nor simple",
				value);
	return 0;
}

static int take_accept(struct cis_comparison_config *cfg, const char *value,
		       struct cis_diag *diag)
{
	const char *word = value;

	while (*word) {
		size_t len = strcspn(word, ",+");
		char name[CIS_DOUBT_SIZE];
		unsigned i;

		for (i = 0; i < CIS_N_DOUBT; i++)
			if (strlen(cis_doubt_words(1u << i, name)) == len &&
			    !memcmp(name, word, len))
				break;
		if (i == CIS_N_DOUBT)
			return cis_fail(diag, -EINVAL,
					"--accept: \"%.*s\" is not one of gap "
					"clip nosignal nofit unsync test "
					"arrival",
					(int)(len < 60 ? len : 60), word);
		cfg->accept |= 1u << i;
		word += len + (word[len] != '\0');
	}
	return 0;
}

static int take_idcode(const char *name, const char *value,
		       struct cis_reports_pick *pick, struct cis_diag *diag)
{
	uint32_t n;
	int err = cis_arg_u32(name, value, 1, 65534, &n, diag);

	if (!err)
		pick->idcode = (uint16_t)n;
	return err;
}

static int take_count(struct cis_comparison_config *cfg, const char *value,
		      struct cis_diag *diag)
{
	uint32_t n;
	int err = cis_arg_u32("count", value, 1, UINT32_MAX, &n, diag);

	if (!err)
		cfg->count = n;
	return err;
}

static int take_side(struct cis_comparison_config *cfg, const char *name,
		     const char *value, struct cis_diag *diag)
{
	struct cis_reports_pick *pick =
		&cfg->pick[name[0] == 'r' ? CIS_REF : CIS_DUT];

	if (!strcmp(name + 4, "idcode"))
		return take_idcode(name, value, pick, diag);
	pick->station = value;
	return 0;
}

static int take_judging(struct cis_comparison_config *cfg, const char *name,
			const char *value, struct cis_diag *diag)
{
	if (!strcmp(name, "limits"))
		return take_limits(cfg, value, diag);
	if (!strcmp(name, "test"))
		return cis_test_parse(value, &cfg->test, diag);
	if (!strcmp(name, "u"))
		return cis_unc_parse(value, &cfg->u, diag);
	if (!strcmp(name, "rule"))
		return take_rule(cfg, value, diag);
	if (!strcmp(name, "accept"))
		return take_accept(cfg, value, diag);
	return cis_arg_duration(name, value, &cfg->half_window_s, diag);
}

static bool is_judging(const char *name)
{
	static const char *const names[] = {"limits", "test",   "u",
					    "rule",   "accept", "window"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static int take(void *ctx, const char *name, const char *value,
		struct cis_diag *diag)
{
	struct cis_comparison_config *cfg = ctx;

	if (is_judging(name))
		return take_judging(cfg, name, value, diag);
	if (!strncmp(name, "ref-", 4) || !strncmp(name, "dut-", 4))
		return take_side(cfg, name, value, diag);
	if (!strcmp(name, "count"))
		return take_count(cfg, value, diag);
	if (!strcmp(name, "duration"))
		return cis_arg_duration(name, value, &cfg->duration_s, diag);
	if (!strcmp(name, "timeout"))
		return cis_arg_duration(name, value, &cfg->timeout_s, diag);
	if (!strcmp(name, "map"))
		cfg->map = value;
	else if (!strcmp(name, "csv"))
		cfg->csv = value;
	else if (!strcmp(name, "json"))
		cfg->json = true;
	else if (!strcmp(name, "force"))
		cfg->force = true;
	return 0;
}

/* What would only surprise. */
static int check(const struct cis_comparison_config *cfg, bool has_test)
{
	if (cfg->json && cfg->csv && !strcmp(cfg->csv, "-"))
		return cis_cli_fail(&cis_cmd_compare, CIS_EXIT_USAGE,
				    "--json and --csv - would mix on standard "
				    "output");
	if (!cfg->has_limits && (has_test || cfg->rule != CIS_RULE_AUTO))
		return cis_cli_fail(&cis_cmd_compare, CIS_EXIT_USAGE,
				    "--test and --rule judge nothing without "
				    "--limits");
	if (!strcmp(cfg->what[CIS_REF], cfg->what[CIS_DUT]) &&
	    cis_reports_is_live(cfg->what[CIS_REF]) &&
	    !strncmp(cfg->what[CIS_REF], "udp:", 4))
		return cis_cli_fail(&cis_cmd_compare, CIS_EXIT_USAGE,
				    "reference and PMU are the same stream");
	return 0;
}

static int run(int argc, char **argv)
{
	struct cis_comparison_config cfg = {
		.pick = {{.idcode_option = "ref-idcode",
			  .station_option = "ref-station"},
			 {.idcode_option = "dut-idcode",
			  .station_option = "dut-station"}},
		.test = CIS_N_TEST,
		.u = {NAN, NAN, NAN, NAN, NAN},
		.rule = CIS_RULE_AUTO,
		.duration_s = INFINITY};
	struct cis_outputs outputs = {.n = 0};
	bool has_test;
	int status;
	int n = cis_options_parse(&cis_cmd_compare, argc, argv, take, &cfg,
				  &status);

	if (n < 0)
		return status;
	if (n != 2)
		return cis_cli_fail(&cis_cmd_compare, CIS_EXIT_USAGE,
				    "what with what? give the reference, then "
				    "the PMU: each a CSV, a pcap, "
				    "tcp:HOST:PORT or udp:HOST:PORT");
	cfg.what[CIS_REF] = argv[0];
	cfg.what[CIS_DUT] = argv[1];
	has_test = cfg.test != CIS_N_TEST;
	if (!has_test)
		cfg.test = CIS_TEST_STEADY_FREQUENCY;
	status = check(&cfg, has_test);
	if (status)
		return status;
	for (unsigned s = 0; s < CIS_N_SIDE; s++)
		if (!cis_reports_is_live(cfg.what[s]))
			cis_outputs_input(&outputs, cfg.what[s]);
	cis_outputs_add(&outputs, cfg.csv);
	status = cis_outputs_check(&outputs, &cis_cmd_compare, NULL);
	return status ? status : cis_comparison_run(&cfg);
}

const struct cis_command cis_cmd_compare = {
	.name = "compare",
	.summary = "a PMU against the reference: live, or two recordings",
	.synopsis = "REF DUT [options]",
	.options = options,
	.examples = "  cisoid compare tcp:127.0.0.1:4712 tcp:10.0.0.7:4712 "
		    "--dut-idcode 7 --limits 2018:m\n"
		    "  cisoid compare reference.csv pmu.pcap --json\n",
	.run = run,
};

/* cmd_devices.c - acquisition boards, what they can do, what inputs show. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "cli.h"
#include "host/cli/devices/devices_parts.h"
#include "host/cli/run/corrections.h"
#include "settings.h"

#define MAX_SET    64
#define OPTS_SIZE  (CIS_SPEC_SIZE + 8)
#define DURATION_S 2.0

static const struct cis_option options[] = {
	{"config", 'C', "FILE", "this configuration file and no other"},
	{"set", 0, "S.KEY=VALUE", "one value of the configuration"},
	{"source", 's', "SPEC", "comedi:... (show); any source (test)"},
	{"duration", 0, "T", "test: seconds of samples (default 2s)"},
	{"against", 0, "CHANNEL",
	 "test: compare with it; the first unless told"},
	{"write", 0, "FILE", "test: gains and delays as [channel.NAME] keys"},
	{"force", 'f', NULL, "write over a file that exists"},
	{"json", 0, NULL, "one JSON document instead of a table"},
	{NULL, 0, NULL, NULL},
};

struct args {
	const char *file;
	uint32_t n_set;
	const char *set[MAX_SET + 1];
	struct cis_devices_ask ask;
};

static int take(void *ctx, const char *name, const char *value,
		struct cis_diag *diag)
{
	struct args *a = ctx;

	if (!strcmp(name, "duration"))
		return cis_arg_duration(name, value, &a->ask.duration_s, diag);
	if (!strcmp(name, "set")) {
		if (a->n_set == MAX_SET)
			return cis_fail(diag, -EINVAL,
					"--set: at most %d of these", MAX_SET);
		a->set[a->n_set++] = value;
	} else if (!strcmp(name, "config")) {
		a->file = value;
	} else if (!strcmp(name, "source")) {
		a->ask.source = value;
	} else if (!strcmp(name, "against")) {
		a->ask.against = value;
	} else if (!strcmp(name, "write")) {
		a->ask.write = value;
	} else if (!strcmp(name, "force")) {
		a->ask.force = true;
	} else {
		a->ask.json = true;
	}
	return 0;
}

static int no_memory(void)
{
	return cis_cli_fail(&cis_cmd_devices, CIS_EXIT_RUNTIME,
			    "out of memory");
}

/* ---- list ---- */

static int list(const struct args *a)
{
	struct cis_device *all = calloc(CIS_MAX_DEVICE, sizeof(*all));
	uint32_t n;
	int err = 0;

	if (!all)
		return no_memory();
	n = cis_devices_list(all);
	if (a->ask.json)
		err = cis_devices_json_list(all, n);
	else
		cis_devices_print_list(all, n);
	free(all);
	if (n == 0 && !a->ask.json)
		cis_log(CIS_LOG_WARN, "%s", cis_devices_hint());
	return err ? no_memory() : CIS_EXIT_OK;
}

/* ---- show ---- */

/* "comedi:dev=...", or the file of a device. */
static int show_options(const char *word, char opts[OPTS_SIZE])
{
	const char *scheme = "comedi:";

	if (!strncmp(word, scheme, strlen(scheme)))
		snprintf(opts, OPTS_SIZE, "%s", word + strlen(scheme));
	else if (*word == '/')
		snprintf(opts, OPTS_SIZE, "dev=%s", word);
	else
		return cis_cli_fail(&cis_cmd_devices, CIS_EXIT_USAGE,
				    "\"%s\" is no board; give /dev/comedi0 or "
				    "comedi:dev=/dev/comedi0,rate=...",
				    word);
	return 0;
}

static int show_facts(const struct cis_devices_ask *ask,
		      const struct cis_device_facts *facts)
{
	struct cis_diag diag = {""};
	struct cis_cal *cal = cis_corrections_said(ask->cal, ask->n_cal, &diag);
	int err = 0;

	if (!cal)
		return cis_cli_fail(&cis_cmd_devices, CIS_EXIT_INVALID, "%s",
				    diag.msg);
	if (ask->json) {
		err = cis_devices_json_facts(facts, cal);
	} else {
		cis_devices_print_facts(facts);
		cis_devices_print_corrections(facts, cal);
	}
	cis_cal_free(cal);
	return err ? no_memory() : 0;
}

static int show(const struct args *a, const char *word)
{
	struct cis_device_facts *facts;
	char opts[OPTS_SIZE];
	struct cis_diag diag = {""};
	int status = show_options(word, opts), err;

	if (status)
		return status;
	facts = calloc(1, sizeof(*facts));
	if (!facts)
		return no_memory();
	err = cis_device_facts(opts, facts, &diag);
	if (err)
		status = cis_cli_fail(&cis_cmd_devices,
				      err == -ENOTSUP ? CIS_EXIT_DEVICE
						      : cis_exit_for(err),
				      "%s", diag.msg);
	else
		status = show_facts(&a->ask, facts);
	free(facts);
	return status;
}

/* ---- the command ---- */

/* Without a source, that of the configuration; show needs a board. */
static int with_conf(struct args *a, const struct cis_conf *conf,
		     const char *word)
{
	char spec[CIS_SPEC_SIZE];
	struct cis_diag diag = {""};

	if (cis_settings_check(conf, &diag) ||
	    cis_settings_source(conf, spec, &diag))
		return cis_cli_fail(&cis_cmd_devices, CIS_EXIT_INVALID, "%s",
				    diag.msg);
	a->ask.n_cal = cis_settings_channels(conf, a->ask.cal, CIS_MAX_CHAN);
	if (!strcmp(word, "test")) {
		if (a->ask.write && cis_settings_reads(conf, a->ask.write))
			return cis_cli_fail(&cis_cmd_devices, CIS_EXIT_USAGE,
					    "%s: is the configuration in use; "
					    "write to another file, and take "
					    "its lines over",
					    a->ask.write);
		if (!a->ask.source)
			a->ask.source = spec;
		return cis_devices_test(&a->ask);
	}
	if (!a->ask.source)
		a->ask.source =
			!strncmp(spec, "comedi:", 7) ? spec : "/dev/comedi0";
	return show(a, a->ask.source);
}

static int configured(struct args *a, const char *word)
{
	struct cis_conf *conf = malloc(sizeof(*conf));
	struct cis_diag diag = {""};
	int status;

	if (!conf)
		return no_memory();
	if (cis_settings_read(conf, a->file, &diag))
		status = cis_cli_fail(&cis_cmd_devices, CIS_EXIT_INVALID, "%s",
				      diag.msg);
	else if (cis_settings_set(conf, a->set, &diag))
		status = cis_cli_fail(&cis_cmd_devices, CIS_EXIT_USAGE, "%s",
				      diag.msg);
	else
		status = with_conf(a, conf, word);
	free(conf);
	return status;
}

static int check(const struct args *a, const char *word, int n)
{
	bool tests = !strcmp(word, "test");
	const struct cis_devices_ask *ask = &a->ask;

	if (n > 1 && (n > 2 || strcmp(word, "show") != 0))
		return cis_cli_fail(
			&cis_cmd_devices, CIS_EXIT_USAGE,
			"too many words; one of list, show [DEVICE], "
			"test");
	if (n > 1 && ask->source)
		return cis_cli_fail(&cis_cmd_devices, CIS_EXIT_USAGE,
				    "a device and --source: only one of the "
				    "two");
	if (!tests && (ask->write || ask->against || !isnan(ask->duration_s)))
		return cis_cli_fail(&cis_cmd_devices, CIS_EXIT_USAGE,
				    "--write, --against and --duration are for "
				    "test");
	if (!strcmp(word, "list") && ask->source)
		return cis_cli_fail(&cis_cmd_devices, CIS_EXIT_USAGE,
				    "--source is for show and test");
	return 0;
}

static int do_word(struct args *a, int n, char **words)
{
	const char *word = n > 0 ? words[0] : "list";
	int status = check(a, word, n);

	if (status)
		return status;
	if (n > 1)
		a->ask.source = words[1];
	if (isnan(a->ask.duration_s))
		a->ask.duration_s = DURATION_S;
	if (!strcmp(word, "list"))
		return list(a);
	if (!strcmp(word, "show") || !strcmp(word, "test"))
		return configured(a, word);
	return cis_cli_fail(&cis_cmd_devices, CIS_EXIT_USAGE,
			    "\"%s\" is not one of list, show, test", word);
}

static int run(int argc, char **argv)
{
	struct args *a = calloc(1, sizeof(*a));
	int status, n;

	if (!a)
		return no_memory();
	a->ask.duration_s = NAN;
	n = cis_options_parse(&cis_cmd_devices, argc, argv, take, a, &status);
	if (n >= 0)
		status = do_word(a, n, argv);
	free(a);
	return status;
}

const struct cis_command cis_cmd_devices = {
	.name = "devices",
	.summary = "acquisition boards and what they can do",
	.synopsis = "list|show [DEVICE]|test [options]",
	.options = options,
	.examples = "  cisoid devices show /dev/comedi0\n"
		    "  cisoid devices test --source comedi:dev=/dev/comedi0 "
		    "--write inputs.conf\n",
	.run = run,
};

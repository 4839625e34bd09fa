/* cmd_config.c - show, check and default: the configuration by itself. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host/cli/run/corrections.h"
#include "settings.h"

#define MAX_SET 64

static const struct cis_option options[] = {
	{"config", 'C', "FILE", "this configuration file and no other"},
	{"set", 0, "S.KEY=VALUE", "one value of the configuration"},
	{NULL, 0, NULL, NULL},
};

struct args {
	const char *file;
	uint32_t n_set;
	const char *set[MAX_SET + 1];
};

static int take(void *ctx, const char *name, const char *value,
		struct cis_diag *diag)
{
	struct args *a = ctx;

	if (!strcmp(name, "config")) {
		a->file = value;
		return 0;
	}
	if (a->n_set == MAX_SET)
		return cis_fail(diag, -EINVAL, "--set: at most %d of these",
				MAX_SET);
	a->set[a->n_set++] = value;
	return 0;
}

/* ---- default ---- */

/* A name for the section of a kind. */
static const char *preset_name(const char *section)
{
	if (!strcmp(section, "channel.*"))
		return "VA";
	return strchr(section, '*') ? "main" : "";
}

/* A file of comments: every key with what holds when nothing is said. */
static void print_default(void)
{
	const char *section = "";

	puts("# cisoid.conf - every key, with what holds when it is absent.\n"
	     "# Values carry units: 18 kHz, 1.5 us. Lists are parted by "
	     "commas.");
	for (const struct cis_conf_key *k = cis_settings_keys; k->section;
	     k++) {
		if (strcmp(section, k->section) != 0)
			printf("\n[%.*s%s]\n", (int)strcspn(k->section, "*"),
			       k->section, preset_name(k->section));
		section = k->section;
		printf("# %s\n#%s = %s\n", k->help, k->key, k->preset);
	}
}

/* ---- show ---- */

static void print_item(const char *key, const char *text, const char *origin)
{
	printf("%-12s = %-24s # %s\n", key, text, origin);
}

/* The keys of one section: what was said, and the presets of the rest. */
static void print_section(const struct cis_conf *conf, const char *section,
			  const char *pattern)
{
	printf("[%s]\n", section);
	for (const struct cis_conf_key *k = conf->keys; k->section; k++) {
		const struct cis_conf_item *item;

		if (strcmp(k->section, pattern) != 0)
			continue;
		item = cis_conf_find(conf, section, k->key);
		if (item)
			print_item(k->key, item->text, item->origin);
		else if (*k->preset)
			print_item(k->key, k->preset, "default");
	}
	putchar('\n');
}

/* What the table of a channel's section holds, in a line of comment. */
static void print_table(const struct cis_conf *conf, const char *section)
{
	char path[CIS_CAL_PATH], text[CIS_CORRECTION_SIZE];
	struct cis_cal_table *table;
	struct cis_diag diag = {""};

	cis_settings_table(conf, section, path);
	if (!path[0])
		return;
	if (cis_cal_table_read(path, &table, &diag)) {
		printf("# no table: %s\n\n", diag.msg);
		return;
	}
	printf("# %s\n\n", cis_corrections_table(table, text));
	cis_cal_table_free(table);
}

static void print_kind(const struct cis_conf *conf, const char *pattern)
{
	char kind[64], section[128];
	const char *name;

	snprintf(kind, sizeof(kind), "%.*s", (int)strcspn(pattern, "."),
		 pattern);
	for (unsigned i = 0; (name = cis_settings_name(conf, kind, i)); i++) {
		snprintf(section, sizeof(section), "%s.%s", kind, name);
		print_section(conf, section, pattern);
		if (!strcmp(kind, "channel"))
			print_table(conf, section);
	}
}

static void print_effective(const struct cis_conf *conf)
{
	const char *last = "";

	for (const struct cis_conf_key *k = conf->keys; k->section; k++) {
		if (!strcmp(last, k->section))
			continue;
		last = k->section;
		if (strchr(last, '*'))
			print_kind(conf, last);
		else
			print_section(conf, last, last);
	}
}

/* ---- the command ---- */

static int check(const struct cis_conf *conf)
{
	char spec[CIS_SPEC_SIZE];
	struct cis_diag diag = {""};

	if (cis_settings_check(conf, &diag) ||
	    cis_settings_source(conf, spec, &diag))
		return cis_cli_fail(&cis_cmd_config, CIS_EXIT_INVALID, "%s",
				    diag.msg);
	printf("ok: %u values, source %s\n", (unsigned)conf->n, spec);
	return CIS_EXIT_OK;
}

static int do_word(const char *word, const struct args *a)
{
	struct cis_conf *conf;
	struct cis_diag diag = {""};
	int status = CIS_EXIT_OK;

	if (!strcmp(word, "default")) {
		print_default();
		return CIS_EXIT_OK;
	}
	if (strcmp(word, "show") != 0 && strcmp(word, "check") != 0)
		return cis_cli_fail(&cis_cmd_config, CIS_EXIT_USAGE,
				    "\"%s\" is not one of show, check, default",
				    word);
	conf = malloc(sizeof(*conf));
	if (!conf)
		return cis_cli_fail(&cis_cmd_config, CIS_EXIT_RUNTIME,
				    "out of memory");
	if (cis_settings_read(conf, a->file, &diag))
		status = cis_cli_fail(&cis_cmd_config, CIS_EXIT_INVALID, "%s",
				      diag.msg);
	else if (cis_settings_set(conf, a->set, &diag))
		status = cis_cli_fail(&cis_cmd_config, CIS_EXIT_USAGE, "%s",
				      diag.msg);
	else if (!strcmp(word, "show"))
		print_effective(conf);
	else
		status = check(conf);
	free(conf);
	return status;
}

static int run(int argc, char **argv)
{
	struct args a = {0};
	int status;
	int n = cis_options_parse(&cis_cmd_config, argc, argv, take, &a,
				  &status);

	if (n < 0)
		return status;
	/* `config check FILE` is what a person types. */
	if (n == 2 && !a.file && !strcmp(argv[0], "check"))
		a.file = argv[--n];
	if (n != 1)
		return cis_cli_fail(&cis_cmd_config, CIS_EXIT_USAGE,
				    "one of show, check, default expected");
	return do_word(argv[0], &a);
}

const struct cis_command cis_cmd_config = {
	.name = "config",
	.summary = "show, check, default",
	.synopsis = "show|check|default [-C FILE] [--set SECTION.KEY=VALUE]",
	.options = options,
	.examples = "  cisoid config default > cisoid.conf\n"
		    "  cisoid config check -C cisoid.conf\n",
	.run = run,
};

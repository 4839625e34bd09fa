/* options.c - one table a command: its parsing and its --help. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "cli.h"
#include "host/core/near.h"

#define MAX_OPTION 320

static const struct cis_option common[] = {
	{"help", 'h', NULL, "show this and exit"},
	{"quiet", 'q', NULL, "errors only on standard error"},
	{"verbose", 'v', NULL, "more on standard error"},
	{NULL, 0, NULL, NULL},
};

struct table {
	struct option longs[MAX_OPTION + 1];
	const char *names[MAX_OPTION + 1];
	char letters[2 * MAX_OPTION + 2];
	char letter_of[MAX_OPTION];
	size_t n;
};

static void add(struct table *t, const char *name, char letter, bool has_arg)
{
	size_t at = strlen(t->letters);

	if (t->n == MAX_OPTION)
		return;
	t->longs[t->n] = (struct option){.name = name,
					 .has_arg = has_arg ? required_argument
							    : no_argument,
					 .val = 256 + (int)t->n};
	t->names[t->n] = name;
	t->letter_of[t->n++] = letter;
	if (letter) {
		t->letters[at] = letter;
		t->letters[at + 1] = has_arg ? ':' : '\0';
		t->letters[at + 2] = '\0';
	}
}

static void build(struct table *t, const struct cis_command *cmd)
{
	memset(t, 0, sizeof(*t));
	strcpy(t->letters, ":"); /* tell a missing value from a bad option */
	for (const struct cis_option *o = cmd->options; o && o->name; o++)
		add(t, o->name, o->letter, o->arg != NULL);
	for (const struct cis_option *o = common; o->name; o++)
		add(t, o->name, o->letter, o->arg != NULL);
	for (size_t i = 0; cmd->extra_keys && cmd->extra_keys[i]; i++)
		add(t, cmd->extra_keys[i], 0, true);
}

static const char *name_of(const struct table *t, int c)
{
	if (c >= 256)
		return t->names[c - 256];
	for (size_t i = 0; i < t->n; i++)
		if (t->letter_of[i] == c)
			return t->names[i];
	return NULL;
}

static int refuse(const struct cis_command *cmd, const struct table *t, int c,
		  const char *word)
{
	char name[64];
	const char *near;

	if (c == ':') {
		cis_cli_fail(cmd, 2, "%s needs a value", word);
		return -1;
	}
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="),
		 word + strspn(word, "-"));
	near = cis_near(name, t->names);
	cis_cli_fail(cmd, 2, "unknown option %s%s%s%s", word,
		     near ? "; did you mean --" : "", near ? near : "",
		     near ? "?" : "");
	return -1;
}

static bool take_common(const struct cis_command *cmd, const char *name,
			int *status)
{
	if (!strcmp(name, "help")) {
		cis_options_help(cmd);
		*status = CIS_EXIT_OK;
		return true;
	}
	cis_log_set_level(!strcmp(name, "quiet") ? CIS_LOG_ERR : CIS_LOG_DEBUG);
	return false;
}

static bool is_common(const char *name)
{
	for (const struct cis_option *o = common; o->name; o++)
		if (!strcmp(name, o->name))
			return true;
	return false;
}

static bool has_json(const struct cis_command *cmd)
{
	for (const struct cis_option *o = cmd->options; o && o->name; o++)
		if (!strcmp(o->name, "json"))
			return true;
	return false;
}

/* Before the rest: an option in front of --json may be the one that is wrong. */
static bool asks_json(const struct table *t, int argc, char **argv)
{
	bool asked = false;
	int c;

	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, t->letters, t->longs, NULL)) !=
	       -1) {
		const char *name = name_of(t, c);

		asked |= name && !strcmp(name, "json");
	}
	return asked;
}

int cis_options_parse(const struct cis_command *cmd, int argc, char **argv,
		      cis_take_option *take, void *ctx, int *status)
{
	struct table t;
	int c, n = 0;

	build(&t, cmd);
	*status = CIS_EXIT_USAGE;
	if (has_json(cmd) && asks_json(&t, argc, argv))
		cis_cli_json_wanted();
	opterr = 0;
	optind = 0; /* glibc: begin anew, and let operands stand anywhere */
	while ((c = getopt_long(argc, argv, t.letters, t.longs, NULL)) != -1) {
		const char *name = name_of(&t, c);
		struct cis_diag diag = {""};

		if (!name)
			return refuse(cmd, &t, c, argv[optind - 1]);
		if (is_common(name)) {
			if (take_common(cmd, name, status))
				return -1;
		} else if (take(ctx, name, optarg, &diag)) {
			cis_cli_fail(cmd, CIS_EXIT_USAGE, "%s", diag.msg);
			return -1;
		}
	}
	while (optind < argc)
		argv[n++] = argv[optind++];
	argv[n] = NULL;
	return n;
}

static void help_line(const struct cis_option *o)
{
	char left[64];

	snprintf(left, sizeof(left), "%c%c%s --%s%s%s", o->letter ? '-' : ' ',
		 o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
		 o->arg ? " " : "", o->arg ? o->arg : "");
	printf("  %-30s %s\n", left, o->help);
}

void cis_options_help(const struct cis_command *cmd)
{
	printf("cisoid %s - %s\n\nusage: cisoid %s %s\n\n", cmd->name,
	       cmd->summary, cmd->name, cmd->synopsis);
	for (const struct cis_option *o = cmd->options; o && o->name; o++)
		help_line(o);
	for (const struct cis_option *o = common; o->name; o++)
		help_line(o);
	if (cmd->extra_keys)
		printf("  and every signal key as an option: see man "
		       "cisoid-%s\n",
		       cmd->name);
	printf("\nexamples:\n%s", cmd->examples);
}

void cis_cli_warn(const struct cis_warn_list *list)
{
	uint32_t kept = list->n < CIS_MAX_WARN ? list->n : CIS_MAX_WARN;

	for (uint32_t i = 0; i < kept; i++)
		cis_log(CIS_LOG_WARN, "%s", list->warn[i].msg);
	if (list->n > kept)
		cis_log(CIS_LOG_WARN, "and %u more",
			(unsigned)(list->n - kept));
}

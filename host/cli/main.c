/* main.c - the table of commands, and the way to them. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/log.h"
#include "cli.h"
#include "host/core/near.h"
#include "leaplist.h"

static const struct cis_command *const commands[] = {
	&cis_cmd_run,
	&cis_cmd_simulate,
	&cis_cmd_estimate,
	&cis_cmd_verify,
	&cis_cmd_compare,
	&cis_cmd_listen,
	&cis_cmd_decode,
	&cis_cmd_capture,
	&cis_cmd_devices,
	&cis_cmd_time,
	&cis_cmd_config,
	&cis_cmd_demo,
	NULL,
};

static void usage(FILE *f)
{
	fputs("cisoid - reference PMU and synchrophasor test bench\n\n"
	      "usage: cisoid COMMAND [options]\n\n",
	      f);
	for (size_t i = 0; commands[i]; i++)
		fprintf(f, "    cisoid %-10s %s\n", commands[i]->name,
			commands[i]->summary);
	fputs("\n    cisoid COMMAND --help shows its options\n", f);
}

static int unknown(const char *word)
{
	const char *names[sizeof(commands) / sizeof(commands[0])] = {NULL};
	const char *near;

	for (size_t i = 0; commands[i]; i++)
		names[i] = commands[i]->name;
	near = cis_near(word, names);
	return cis_cli_fail(NULL, CIS_EXIT_USAGE,
			    "unknown command \"%s\"%s%s%s", word,
			    near ? "; did you mean \"" : "", near ? near : "",
			    near ? "\"?" : "");
}

static const struct cis_command *find(const char *word)
{
	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(word, commands[i]->name))
			return commands[i];
	return NULL;
}

static int help(const char *word)
{
	const struct cis_command *cmd = word ? find(word) : NULL;

	if (word && !cmd)
		return unknown(word);
	if (cmd)
		cis_options_help(cmd);
	else
		usage(stdout);
	return CIS_EXIT_OK;
}

/* -q and -v may stand before the command, too. */
static bool take_global(const char *word)
{
	bool quiet = !strcmp(word, "-q") || !strcmp(word, "--quiet");
	bool verbose = !strcmp(word, "-v") || !strcmp(word, "--verbose");

	if (quiet || verbose)
		cis_log_set_level(quiet ? CIS_LOG_ERR : CIS_LOG_DEBUG);
	return quiet || verbose;
}

static int dispatch(int argc, char **argv)
{
	const struct cis_command *cmd;

	while (argc > 1 && take_global(argv[1])) {
		argc--;
		argv++;
	}
	if (argc < 2 || !strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))
		return help(NULL);
	if (!strcmp(argv[1], "help"))
		return help(argc > 2 ? argv[2] : NULL);
	if (!strcmp(argv[1], "-V") || !strcmp(argv[1], "--version")) {
		puts("cisoid " CISOID_VERSION);
		return CIS_EXIT_OK;
	}
	cmd = find(argv[1]);
	return cmd ? cmd->run(argc - 1, argv + 1) : unknown(argv[1]);
}

/* What was said last may be lost still; a reader who left is no fault. */
static int flush_output(int status)
{
	if (!fflush(stdout) || errno == EPIPE || errno == EBADF ||
	    status != CIS_EXIT_OK)
		return status;
	return cis_cli_fail(NULL, CIS_EXIT_STORAGE, "standard output: %s",
			    strerror(errno));
}

/*
 * A closed standard stream would lend its number to a socket or a file, and
 * libuv aborts. Its stand-in refuses what the stream is for: -EBADF as before.
 */
static void fill_standard_streams(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd ? O_RDONLY : O_WRONLY);
}

int main(int argc, char **argv)
{
	int status;

	fill_standard_streams();
	/* Numbers are written with '.', whatever the locale. */
	setlocale(LC_ALL, "C");
	signal(SIGPIPE, SIG_IGN);
	cis_leaplist_read();
	status = dispatch(argc, argv);
	cis_cli_json_end(status);
	return flush_output(status);
}

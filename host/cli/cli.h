/*
 * cli.h - what the commands share: their table, exit codes, options.
 */
#ifndef HOST_CLI_CLI_H
#define HOST_CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/diag.h"
#include "cisoid/judge.h"
#include "cisoid/time.h"

/* EXIT STATUS of cisoid(1). */
enum cis_exit {
	CIS_EXIT_OK = 0,
	CIS_EXIT_RUNTIME = 1,
	CIS_EXIT_USAGE = 2,
	CIS_EXIT_INVALID = 3, /* configuration or input file */
	CIS_EXIT_DEVICE = 4,
	CIS_EXIT_TIME = 5,
	CIS_EXIT_CONNECTION = 6,
	CIS_EXIT_INCOMPLETE = 7,
	CIS_EXIT_STORAGE = 8,
	CIS_EXIT_FAIL = 10,
	CIS_EXIT_INDETERMINATE = 11,
	CIS_EXIT_ABORTED = 12,
	CIS_EXIT_CALIBRATION = 13,
};

struct cis_option {
	const char *name; /* long, without dashes */
	char letter;      /* short, or 0 */
	const char *arg;  /* name of the value in --help; NULL: a switch */
	const char *help;
};

struct cis_command {
	const char *name;
	const char *summary;              /* as in cisoid(1) */
	const char *synopsis;             /* "FILE [options]" */
	const struct cis_option *options; /* ends with a NULL name */
	const char *const *extra_keys; /* more options with a value, or NULL */
	const char *examples;          /* two lines for --help */
	int (*run)(int argc, char **argv);
};

extern const struct cis_command cis_cmd_run, cis_cmd_simulate, cis_cmd_estimate,
	cis_cmd_verify, cis_cmd_listen, cis_cmd_decode, cis_cmd_capture,
	cis_cmd_config, cis_cmd_demo, cis_cmd_compare, cis_cmd_time,
	cis_cmd_devices;

/*
 * Reads the options of a command; operands are moved to argv[0..]. `take` gets
 * each option by its long name; value is NULL for a switch. Common options
 * (help, quiet, verbose) are handled within. Returns the number of operands, or
 * -1 when the command must end with *status (help shown: 0; bad use: 2).
 */
typedef int cis_take_option(void *ctx, const char *name, const char *value,
			    struct cis_diag *diag);
int cis_options_parse(const struct cis_command *cmd, int argc, char **argv,
		      cis_take_option *take, void *ctx, int *status);

void cis_options_help(const struct cis_command *cmd);

/* Prints "cisoid run: sentence" to standard error and returns `status`. The
 * sentence says what is wrong, where, and behind a semicolon what to do. */
__attribute__((format(printf, 3, 4))) int
cis_cli_fail(const struct cis_command *cmd, int status, const char *fmt, ...);

/*
 * The same as JSON: cis_options_parse() has found --json, a command is about to
 * write its own JSON to standard output, the program ends with `status`: the
 * first failure is written there unless there is a document already.
 */
void cis_cli_json_wanted(void);
void cis_cli_json_begun(void);
void cis_cli_json_end(int status);

/* "E-CONF": the word of ERRORS IN JSON for a status. And what a sentence says
 * to do: within it, or NULL. */
const char *cis_failure_code(int status);
const char *cis_failure_hint(const char *sentence);

/* Exit status for a negative errno of source, feed or file functions. */
int cis_exit_for(int err);
/* The same for a file that was to be written: 8, or 2 for a bad name. */
int cis_exit_for_output(int err);

/* Prints a list of warnings, "cisoid: warning: ...", unless quiet. */
void cis_cli_warn(const struct cis_warn_list *list);

/* ---- values; -EINVAL with a message that names the option ---- */

int cis_arg_u32(const char *name, const char *text, uint32_t min, uint32_t max,
		uint32_t *value, struct cis_diag *diag);
/* "50", "0.2", "1/5": N or 1/N per second. */
int cis_arg_rate(const char *text, struct cis_rate *rate,
		 struct cis_diag *diag);
/* "10", "10s", "500ms", "5min", "1h". */
int cis_arg_duration(const char *name, const char *text, double *s,
		     struct cis_diag *diag);
/* 1 to 16 characters; *name is `text`. */
int cis_arg_station(const char *text, const char **name, struct cis_diag *diag);
/* 50 or 60 */
int cis_arg_fnom(const char *text, double *fnom_hz, struct cis_diag *diag);
int cis_arg_fnom_hz(const char *text, unsigned *fnom_hz, struct cis_diag *diag);
/* 2011, 2014, 2018; p or m; a test's name is one more that is wanted. */
int cis_arg_edition(const char *text, enum cis_edition *edition,
		    struct cis_diag *diag);
int cis_arg_class(const char *text, enum cis_class *perf_class,
		  struct cis_diag *diag);
int cis_arg_test(const char *text, bool wanted[CIS_N_TEST],
		 struct cis_diag *diag);
/* "polar|rect,int|float" -> CIS_C37_FMT_* */
int cis_arg_format(const char *text, uint16_t *format, struct cis_diag *diag);
/* RFC 3339, "now+10s", "next-minute". */
int cis_arg_time(const char *name, const char *text, struct cis_time *t,
		 struct cis_diag *diag);

#endif

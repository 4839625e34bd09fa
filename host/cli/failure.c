/* failure.c - how a command that ends badly says so; see cli.h. */
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "json_value.h"

/* A process has one standard output; what it is to hold, and holds, is known in
 * many places, hence the one variable that is no constant. */
static struct {
	bool wanted; /* --json */
	bool begun;  /* the command's own JSON */
	int status;  /* of the first failure; 0: none yet */
	char sentence[600];
} answer;

void cis_cli_json_wanted(void)
{
	answer.wanted = true;
}

void cis_cli_json_begun(void)
{
	answer.begun = true;
}

int cis_cli_fail(const struct cis_command *cmd, int status, const char *fmt,
		 ...)
{
	char sentence[sizeof(answer.sentence)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	fprintf(stderr, "cisoid%s%s: %s\n", cmd ? " " : "",
		cmd ? cmd->name : "", sentence);
	if (!answer.status) {
		answer.status = status;
		strcpy(answer.sentence, sentence);
	}
	return status;
}

/* The families of ERRORS IN JSON, cisoid(1). */
const char *cis_failure_code(int status)
{
	switch (status) {
	case CIS_EXIT_USAGE:
		return "E-USAGE";
	case CIS_EXIT_INVALID:
		return "E-CONF";
	case CIS_EXIT_DEVICE:
		return "E-DAQ";
	case CIS_EXIT_TIME:
		return "E-TIME";
	case CIS_EXIT_CONNECTION:
		return "E-NET";
	case CIS_EXIT_INCOMPLETE:
		return "E-DATA";
	case CIS_EXIT_STORAGE:
		return "E-ARCH";
	case CIS_EXIT_ABORTED:
		return "E-ABORTED";
	case CIS_EXIT_CALIBRATION:
		return "E-CAL";
	default:
		return "E-RUN";
	}
}

/* Sentences say what is wrong; then, behind a semicolon, what to do. */
const char *cis_failure_hint(const char *sentence)
{
	const char *hint = NULL, *at = sentence;

	while ((at = strstr(at, "; ")) != NULL)
		hint = at += 2;
	return hint;
}

void cis_cli_json_end(int status)
{
	json_t *doc;

	if (status == CIS_EXIT_OK || !answer.status || !answer.wanted ||
	    answer.begun)
		return;
	doc = json_pack("{s:{s:s, s:o, s:o}}", "error", "code",
			cis_failure_code(status), "message",
			cis_json_text(answer.sentence), "hint",
			cis_json_text(cis_failure_hint(answer.sentence)));
	if (!doc)
		return;
	json_dumpf(doc, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(doc);
}

int cis_exit_for(int err)
{
	switch (-err) {
	case 0:
		return CIS_EXIT_OK;
	case EINVAL:
		return CIS_EXIT_USAGE;
	case ENOENT:
	case EBADMSG:
	case EISDIR:
	case ENODATA:
		return CIS_EXIT_INVALID;
	case ENODEV:
	case ENXIO:
	case EBUSY:
		return CIS_EXIT_DEVICE;
	case EADDRINUSE:
	case EADDRNOTAVAIL:
	case ECONNREFUSED:
	case ECONNRESET:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ETIMEDOUT:
		return CIS_EXIT_CONNECTION;
	case ETIME:
		return CIS_EXIT_TIME;
	case EEXIST:
	case ENOSPC:
	case EROFS:
	case EDQUOT:
	case EFBIG:
	case EIO:
		return CIS_EXIT_STORAGE;
	default:
		return CIS_EXIT_RUNTIME;
	}
}

int cis_exit_for_output(int err)
{
	return err == -EINVAL ? CIS_EXIT_USAGE : CIS_EXIT_STORAGE;
}

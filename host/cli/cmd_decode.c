/* cmd_decode.c - annotates frames from a capture, a file or hex. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "cli.h"
#include "host/cli/decode/decode.h"
#include "host/cli/decode/decode_input.h"
#include "host/cli/decode/decode_lint.h"

static const struct cis_option options[] = {
	{"tree", 0, NULL, "every field: name, raw, value, unit"},
	{"json", 0, NULL, "one JSON object a frame, a line each"},
	{"strict", 0, NULL, "exit status 7 when a finding is an error (E-...)"},
	{NULL, 0, NULL, NULL},
};

struct args {
	bool tree, json, strict;
};

/* What happens to a frame on its way out. */
struct job {
	struct cis_decode_book *book;
	void (*print)(FILE *f, const struct cis_decoded *d);
	uint64_t n_wrong_crc;
	uint64_t n_unexplained;
	bool json, few;
	bool strict;
	int err;
};

static int take(void *ctx, const char *name, const char *value,
		struct cis_diag *diag)
{
	struct args *a = ctx;

	(void)value;
	if (!strcmp(name, "tree"))
		a->tree = true;
	else if (!strcmp(name, "json"))
		a->json = true;
	else
		a->strict = true;
	if (a->tree && a->json)
		return cis_fail(diag, -EINVAL,
				"--tree and --json: only one of the two");
	return 0;
}

static void put(void *arg, const struct cis_capture_frame *frame)
{
	struct job *job = arg;
	struct cis_decoded d;

	if (!job->err)
		job->err = cis_decode_frame(job->book, frame, &d);
	if (job->err)
		return;
	job->n_wrong_crc += !frame->crc_ok;
	job->n_unexplained += d.head.type == CIS_C37_DATA && !d.data;
	job->print(stdout, &d);
	if (!job->json)
		cis_decode_lint_print(stdout, cis_decode_book_lint(job->book),
				      d.found, job->few);
}

/* What comes in place of a frame and is none; frames alone are JSON. */
static void put_nearly(void *arg, const struct cis_capture_frame *f)
{
	struct job *job = arg;
	struct cis_decode_lint *lint = cis_decode_book_lint(job->book);
	const struct cis_lint_list *found =
		cis_decode_lint_bytes(lint, f->frame, f->len);

	if (job->json)
		return;
	printf("no frame: %zu bytes", f->len);
	if (f->from)
		printf(" in packet %llu, %s > %s",
		       (unsigned long long)f->packet, f->from, f->to);
	putchar('\n');
	cis_decode_lint_print(stdout, lint, found, job->few);
}

/* What is no frame may nearly be one: its findings, in one line. */
static void put_refused(void *arg, const uint8_t *buf, size_t len,
			struct cis_diag *say)
{
	struct job *job = arg;
	struct cis_decode_lint *lint = cis_decode_book_lint(job->book);
	const struct cis_lint_list *found;
	size_t n = 0;

	/* One of the first two is AA, or it is something else altogether. */
	if (len < 2 || (buf[0] != 0xAA && buf[1] != 0xAA))
		return;
	found = cis_decode_lint_bytes(lint, buf, len);
	for (uint32_t i = 0; i < cis_lint_kept(found) && i < 6; i++)
		n += (size_t)snprintf(say->msg + n, sizeof(say->msg) - n,
				      "%s%s", i ? ", " : "; ",
				      found->at[i].rule->code);
	if (!job->json && !job->few)
		cis_decode_lint_print(stdout, lint, found, false);
}

static void tell(const struct job *job, const struct cis_capture_stats *st)
{
	if (job->n_wrong_crc)
		cis_log(CIS_LOG_WARN, "frames with a wrong CRC: %llu",
			(unsigned long long)job->n_wrong_crc);
	if (job->n_unexplained)
		cis_log(CIS_LOG_WARN,
			"data frames without a configuration that fits: %llu",
			(unsigned long long)job->n_unexplained);
	if (st->cut)
		cis_log(CIS_LOG_WARN,
			"packets that were captured in part only (snap "
			"length): %llu",
			(unsigned long long)st->cut);
	if (st->gaps)
		cis_log(CIS_LOG_WARN,
			"TCP streams have holes: gaps=%llu lost_bytes=%llu",
			(unsigned long long)st->gaps,
			(unsigned long long)st->lost_bytes);
	else if (st->lost_bytes)
		cis_log(CIS_LOG_WARN, "bytes that belong to no frame: %llu",
			(unsigned long long)st->lost_bytes);
	if (st->packets)
		cis_log(CIS_LOG_INFO,
			"frames=%llu packets=%llu other=%llu repeated=%llu",
			(unsigned long long)st->frames,
			(unsigned long long)st->packets,
			(unsigned long long)st->other,
			(unsigned long long)st->repeated);
}

static int decode(const char *what, struct job *job)
{
	const struct cis_command *cmd = &cis_cmd_decode;
	struct cis_warn_list warn = {.n = 0};
	struct cis_capture_stats stats;
	struct cis_diag diag = {""};
	uint64_t errors;
	struct cis_decode_taker to = {{put, put_nearly, job, &stats, &warn},
				      put_refused};
	int err = cis_decode_input(what, &to, &diag);

	cis_cli_warn(&warn);
	if (!err && job->err)
		err = cis_fail(&diag, job->err, "%s", strerror(-job->err));
	if (err)
		return cis_cli_fail(cmd,
				    err == -ENOMEM ? CIS_EXIT_RUNTIME
						   : CIS_EXIT_INVALID,
				    "%s", diag.msg);
	tell(job, &stats);
	errors = cis_decode_lint_end(cis_decode_book_lint(job->book));
	if ((fflush(stdout) || ferror(stdout)) && errno != EPIPE)
		return cis_cli_fail(cmd, CIS_EXIT_STORAGE,
				    "standard output: %s", strerror(errno));
	if (job->strict && errors)
		return cis_cli_fail(cmd, CIS_EXIT_INCOMPLETE,
				    "findings that are errors: %llu",
				    (unsigned long long)errors);
	return CIS_EXIT_OK;
}

static int run(int argc, char **argv)
{
	struct args a = {.tree = false};
	struct job job = {.print = cis_decode_print_line};
	int status;
	int n = cis_options_parse(&cis_cmd_decode, argc, argv, take, &a,
				  &status);

	if (n < 0)
		return status;
	if (n != 1)
		return cis_cli_fail(&cis_cmd_decode, CIS_EXIT_USAGE,
				    n ? "one file or one frame in hexadecimal "
					"at a time"
				      : "give a capture, a file, a frame in "
					"hexadecimal, or - for standard input");
	if (a.tree)
		job.print = cis_decode_print_tree;
	if (a.json)
		job.print = cis_decode_print_json;
	job.json = a.json;
	job.few = !a.tree;
	job.strict = a.strict;
	job.book = cis_decode_book_new();
	if (!job.book)
		return cis_cli_fail(&cis_cmd_decode, CIS_EXIT_RUNTIME,
				    "out of memory");
	status = decode(argv[0], &job);
	cis_decode_book_free(job.book);
	return status;
}

const struct cis_command cis_cmd_decode = {
	.name = "decode",
	.summary = "annotate frames from a capture, a file or hex",
	.synopsis = "FILE.pcap|FILE.bin|HEX|- [options]",
	.options = options,
	.examples =
		"  cisoid decode traffic.pcap --json | jq '.pmus[]?.freq_hz'\n"
		"  cisoid decode --tree "
		"aa4100121e36448560300f0bbfd00002ce00\n",
	.run = run,
};

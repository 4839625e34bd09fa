/*
 * doctor_in.h - the doctor's inside: its steps, and what it has seen.
 */
#ifndef HOST_CLI_DOCTOR_IN_H
#define HOST_CLI_DOCTOR_IN_H

#include "cisoid/c37.h"
#include "cisoid/lint.h"
#include "doctor.h"
#include "host/net/probe.h"

enum doctor_id {
	DOCTOR_LOOKUP,
	DOCTOR_REACH,
	DOCTOR_OFF,
	DOCTOR_CFG3,
	DOCTOR_CFG2,
	DOCTOR_PARSE,
	DOCTOR_HEADER,
	DOCTOR_ON,
	DOCTOR_FIRST,
	DOCTOR_CRC,
	DOCTOR_TIME,
	DOCTOR_QUALITY,
	DOCTOR_RATE,
	DOCTOR_ORDER,
	DOCTOR_STOP,
	DOCTOR_LINT,
	DOCTOR_N,
};

enum doctor_verdict {
	DOCTOR_NOT_DONE,
	DOCTOR_OK,
	DOCTOR_WARNING,
	DOCTOR_FAILED,
};

#define DOCTOR_MAX_CAUSE 6

struct doctor_step {
	enum doctor_verdict verdict;
	double at_s, took_s; /* since the start */
	char text[300];
	unsigned n_cause;
	const char *cause[DOCTOR_MAX_CAUSE];
};

/* What the names of the steps are, and their codes. */
struct doctor_title {
	const char *key;  /* "lookup" */
	const char *name; /* "name lookup" */
	const char *code; /* "NET-LOOKUP"; E- or W- goes before it */
};

/* Data with a good CRC that fit the configuration. */
#define DOCTOR_DELAYS 8192 /* that are kept */

struct doctor_data {
	uint64_t n, n_unread, n_blocks;
	double first_s, last_s; /* of arrival, on our clock */
	struct cis_instant at;  /* the last one in order */
	struct cis_instant begin;
	uint64_t gaps, duplicates, late, off_grid;
	double late_min_s, late_max_s, late_sum_s; /* arrival - time stamp */
	double delay_s[DOCTOR_DELAYS];             /* the same, of each */
	uint64_t unsync, invalid, error, test, changing, no_lock;
	unsigned worst_quality;
	double freq_hz;
};

/* Frames that came, whatever they were worth. */
struct doctor_heard {
	uint64_t n_frame, n_bad_crc, n_piece;
	uint64_t no_frame_len;       /* of datagrams that are none */
	uint64_t n_data, n_data_bad; /* frames; with a wrong CRC */
	uint64_t n_other_id;
	uint16_t other_id;
};

#define DOCTOR_MAX_RULE 128

/* What is wrong in them. */
struct doctor_findings {
	struct cis_lint *lint;
	uint64_t frames[DOCTOR_MAX_RULE]; /* with a finding of this rule */
	struct cis_lint_finding first[DOCTOR_MAX_RULE];
};

#define DOCTOR_JOIN (256 * 1024)

struct doctor {
	const struct cis_doctor_config *dc;
	uint16_t idcode;
	double start_s;
	struct cis_time start;
	struct cis_time_quality clock; /* of this computer */
	struct cis_probe probe;
	enum doctor_id now;
	struct doctor_step step[DOCTOR_N];
	struct doctor_heard heard;
	struct doctor_findings found;
	/* The configuration. */
	struct cis_c37_config *cfg; /* NULL: none yet */
	struct cis_c37_data *data;  /* of its size */
	struct cis_diag why;        /* the last one was not read */
	struct cis_c37_join join;
	uint8_t joined[DOCTOR_JOIN];
	char header[200];
	struct doctor_data got;
};

/* ---- doctor.c ---- */

void doctor_begin(struct doctor *d, enum doctor_id id);
/* Before the verdict. */
void doctor_cause(struct doctor *d, const char *cause);
/* The verdict of the step that was begun; told at once. */
__attribute__((format(printf, 3, 4))) void
doctor_end(struct doctor *d, enum doctor_verdict verdict, const char *fmt, ...);
/* The type of the next frame before until_s, -ETIMEDOUT, -EPIPE. */
int doctor_next(struct doctor *d, double until_s,
		struct cis_probe_frame *frame);
/* Closed by the other side: the step failed, and the conversation. */
int doctor_closed(struct doctor *d);
double doctor_timeout_s(const struct doctor *d, double usual_s);

/* Bytes so far that belong to no frame, and a cause where there are any. The rest
 * of a frame is not waited for any more. */
unsigned long long doctor_no_frame(struct doctor *d);

/* ---- the steps in their order; < 0: no further ---- */

int doctor_connect(struct doctor *d);   /* doctor_reach.c */
int doctor_configure(struct doctor *d); /* doctor_talk.c ... */
int doctor_config(struct doctor *d);    /* within it: doctor_config.c */
int doctor_start(struct doctor *d);

/* ---- doctor_data.c ---- */

void doctor_take_data(struct doctor *d, const struct cis_probe_frame *frame);
void doctor_judge(struct doctor *d);
void doctor_stop(struct doctor *d);

/* ---- doctor_out.c ---- */

void doctor_print_head(const struct doctor *d);
void doctor_print_step(const struct doctor *d, enum doctor_id id);
void doctor_print_end(const struct doctor *d, int status);
void doctor_print_json(const struct doctor *d, int status);

#endif

/*
 * scenario_doc.h - a scenario as a person writes it: --scenario FILE.json, and
 * --preset NAME. The schema: docs/scenario.md.
 *
 * What a file says is used in this order: its options, those of the command
 * line, its leap seconds, then all the rest, which needs t0.
 */
#ifndef HOST_CLI_SIMULATE_SCENARIO_DOC_H
#define HOST_CLI_SIMULATE_SCENARIO_DOC_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/scenario.h"
#include "host/cli/cli.h"
#include "json_doc.h"

struct cis_scenario_doc {
	struct cis_json_doc json;
	char name[80]; /* of a preset */
};

/* -EBADMSG with a message that begins with file and line, a negative errno with
 * one that begins with the file; -EINVAL: no such preset. */
int cis_scenario_doc_read(const char *path, struct cis_scenario_doc **out,
			  struct cis_diag *diag);
int cis_scenario_doc_preset(const char *name, struct cis_scenario_doc **out,
			    struct cis_diag *diag);
/* From the value of a request; errors are also told in *fault, which stays the
 * caller's. */
int cis_scenario_doc_take(const json_t *value, struct cis_json_fault *fault,
			  struct cis_scenario_doc **out, struct cis_diag *diag);
void cis_scenario_doc_free(struct cis_scenario_doc *doc); /* NULL is allowed */

/* Its title; "" where it has none. */
const char *cis_scenario_doc_title(const struct cis_scenario_doc *doc);

/* Names and titles of the presets, a line each, to standard output. */
void cis_scenario_list_presets(void);

/* Gives `take` what stands in it for options: signal keys, rate, count and so
 * on. Texts stay the document's. */
int cis_scenario_doc_options(const struct cis_scenario_doc *doc,
			     cis_take_option *take, void *ctx,
			     struct cis_diag *diag);

/* Tells the table of leap seconds those that are rehearsed. soc is that of t0,
 * by the table without them. */
int cis_scenario_doc_rehearse(const struct cis_scenario_doc *doc, int64_t soc,
			      struct cis_diag *diag);

/* What the options came to. */
struct cis_scenario_base {
	struct cis_signal sig; /* finished */
	uint16_t first_idcode;
	uint32_t count;
	int64_t t0_tai_s;
	/* Whether the command line has the signal key: no group changes it. */
	bool (*said)(void *ctx, const char *key);
	void *ctx;
	/* What is worth knowing; NULL: the log is told. */
	void (*warn)(void *warn_arg, const char *sentence);
	void *warn_arg;
};

/* The scenario: that of the options alone where doc is NULL. */
int cis_scenario_doc_make(const struct cis_scenario_doc *doc,
			  const struct cis_scenario_base *base,
			  struct cis_scenario **out, struct cis_diag *diag);

#endif

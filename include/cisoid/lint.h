/*
 * lint.h - departures from IEEE C37.118.2 in somebody's frames.
 *
 * Pure. A frame is examined alone, or as part of a stream whose configuration
 * and time are remembered. Each departure has a stable code, "E-FRM-CRC": E, the
 * frame cannot be read as it was meant; W, it can, with care; I, worth knowing.
 * What follows from an earlier cause is not found again: of a frame whose CHK is
 * wrong for no reason that shows, nothing but the CHK and the lengths is said.
 */
#ifndef CISOID_LINT_H
#define CISOID_LINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cisoid/time.h"

/* A kind of departure; all of them are in one table. */
struct cis_lint_rule {
	const char *code;
	const char *clause; /* of C37.118.2-2011, unless another is named */
	const char *title;
	const char *advice; /* what it means, what to do */
};

/* One departure in one frame. */
struct cis_lint_finding {
	const struct cis_lint_rule *rule;
	const char *field; /* as the standard calls it */
	uint32_t offset;   /* of the first byte in question, from SYNC */
	uint32_t times;    /* in this frame; `text` tells of the first */
	char text[200];
};

/* Past the last place findings are counted, not kept. */
#define CIS_LINT_MAX 24

struct cis_lint_list {
	uint32_t n; /* all kinds that were found */
	struct cis_lint_finding at[CIS_LINT_MAX];
};

static inline uint32_t cis_lint_kept(const struct cis_lint_list *list)
{
	return list->n < CIS_LINT_MAX ? list->n : CIS_LINT_MAX;
}

/* 'E', 'W' or 'I'. */
static inline char cis_lint_severity(const struct cis_lint_rule *rule)
{
	return rule->code[0];
}

const struct cis_lint_rule *cis_lint_rules(size_t *n);

/* A frame alone: `len` bytes from where SYNC should be, as many as are here.
 * The list is begun anew. */
void cis_lint_frame(const uint8_t *buf, size_t len,
		    struct cis_lint_list *found);

/*
 * The frames of one sender and IDCODE, in their order. Room for any
 * configuration is taken by new(), none afterwards.
 */
struct cis_lint;

int cis_lint_new(struct cis_lint **out); /* -ENOMEM */
void cis_lint_free(struct cis_lint *lint);

/* The next frame; `arrival` may be NULL. The list is begun anew. */
void cis_lint_put(struct cis_lint *lint, const uint8_t *buf, size_t len,
		  const struct cis_time *arrival, struct cis_lint_list *found);

/* The configuration of the same PMU, seen in another conversation. */
void cis_lint_adopt(struct cis_lint *lint, const struct cis_lint *from);

/* Whether a configuration that explains data has been seen. */
bool cis_lint_has_config(const struct cis_lint *lint);

/* No more frames: what is still held back. The list is begun anew. */
void cis_lint_end(struct cis_lint *lint, struct cis_lint_list *found);

#endif

/*
 * decode_lint.h - the linter over many conversations, each stream with its own
 * memory; and what it found, in words.
 */
#ifndef HOST_CLI_DECODE_LINT_H
#define HOST_CLI_DECODE_LINT_H

#include <stdio.h>

#include "cisoid/c37.h"
#include "cisoid/lint.h"
#include "host/net/capture.h"

struct cis_decode_lint;

struct cis_decode_lint *cis_decode_lint_new(void); /* NULL: no memory */
void cis_decode_lint_free(struct cis_decode_lint *all);

/* What there is to say of a frame; valid until the next call. */
const struct cis_lint_list *
cis_decode_lint_put(struct cis_decode_lint *all,
		    const struct cis_capture_frame *frame);

/* Of bytes that are no frame. */
const struct cis_lint_list *cis_decode_lint_bytes(struct cis_decode_lint *all,
						  const uint8_t *buf,
						  size_t len);

/* "E-FRM-CRC" and so on: a line each with the indent; `few`: of each kind the
 * first three only. */
void cis_decode_lint_print(FILE *f, const struct cis_decode_lint *all,
			   const struct cis_lint_list *found, bool few);

/* No more frames: what was held back, then all kinds with their counts, to
 * standard error. Returns the number of findings of severity E. */
uint64_t cis_decode_lint_end(struct cis_decode_lint *all);

#endif

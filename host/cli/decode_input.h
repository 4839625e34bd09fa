/*
 * decode_input.h - frames from what a user names: a capture, a file of bytes or
 * of hexadecimal digits, the digits themselves, or "-" for standard input.
 */
#ifndef HOST_CLI_DECODE_INPUT_H
#define HOST_CLI_DECODE_INPUT_H

#include "host/net/capture.h"

/* Bytes that hold no frame; `len` of them, the first of all. */
typedef void cis_decode_refused(void *arg, const uint8_t *buf, size_t len);

/*
 * Calls `take` for every frame. -EBADMSG, -ENOENT, -EISDIR and the like with a
 * message; when there is no frame at all, too, after `refused` was called.
 */
int cis_decode_input(const char *what, cis_capture_take *take,
		     cis_decode_refused *refused, void *arg,
		     struct cis_capture_stats *stats,
		     struct cis_warn_list *warn, struct cis_diag *diag);

#endif

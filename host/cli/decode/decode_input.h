/*
 * decode_input.h - frames from what a user names: a capture, a file of bytes or
 * of hexadecimal digits, the digits themselves, or "-" for standard input.
 */
#ifndef HOST_CLI_DECODE_INPUT_H
#define HOST_CLI_DECODE_INPUT_H

#include "host/net/capture.h"

/* Bytes that hold no frame, the first `len` of them. What there is to say of
 * them goes into `say`, which begins empty. */
typedef void cis_decode_refused(void *arg, const uint8_t *buf, size_t len,
				struct cis_diag *say);

/* Who takes what. */
struct cis_decode_taker {
	struct cis_capture_taker of; /* see capture.h */
	/* When there is no frame at all; or NULL. It gets of.arg, too. */
	cis_decode_refused *refused;
};

/*
 * Calls to->of.take for every frame. -EBADMSG, -ENOENT, -EISDIR and the like
 * with a message; when there is no frame at all, too.
 */
int cis_decode_input(const char *what, const struct cis_decode_taker *to,
		     struct cis_diag *diag);

#endif

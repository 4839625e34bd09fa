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

/*
 * Calls `take` for every frame. -EBADMSG, -ENOENT, -EISDIR and the like with a
 * message; when there is no frame at all, too.
 */
int cis_decode_input(const char *what, cis_capture_take *take, void *arg,
		     struct cis_capture_stats *stats,
		     struct cis_warn_list *warn, struct cis_diag *diag);

/* Who takes what. */
struct cis_decode_taker {
	cis_capture_take *take;
	cis_capture_take *nearly; /* see capture.h, or NULL */
	cis_decode_refused
		*refused; /* when there is no frame at all, or NULL */
	void *arg;
};

/* The same. */
int cis_decode_input_to(const char *what, const struct cis_decode_taker *to,
			struct cis_capture_stats *stats,
			struct cis_warn_list *warn, struct cis_diag *diag);

#endif

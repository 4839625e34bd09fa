/*
 * diag.h - the sentence that goes with an error code, and lists of warnings.
 *
 * Functions that fail because of something a person wrote (a configuration
 * line, an option, a file) also say why, here. Everything else returns a code.
 */
#ifndef CISOID_DIAG_H
#define CISOID_DIAG_H

#include <stdint.h>

struct cis_diag {
	char msg[320];
};

/* Writes the message, cut to fit, and returns `err`. `diag` may be NULL. */
__attribute__((format(printf, 3, 4))) int
cis_fail(struct cis_diag *diag, int err, const char *fmt, ...);

/*
 * Things that were repaired or are worth knowing, in the order they were found.
 * Zero it before use. Past the last place warnings are counted, not kept.
 */
#define CIS_MAX_WARN 24

struct cis_warn_list {
	uint32_t n;        /* all of them; the first CIS_MAX_WARN are in warn */
	uint32_t n_remark; /* of these, how many only say how it was read */
	struct cis_diag warn[CIS_MAX_WARN];
};

/* Something was not as it should be. `list` may be NULL. */
__attribute__((format(printf, 2, 3))) void cis_warn(struct cis_warn_list *list,
						    const char *fmt, ...);

/* All is well; how it was understood is worth knowing. */
__attribute__((format(printf, 2, 3))) void
cis_remark(struct cis_warn_list *list, const char *fmt, ...);

#endif

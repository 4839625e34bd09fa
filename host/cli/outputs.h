/*
 * outputs.h - the files that a command will write: each one once, and none of
 * those that it reads.
 */
#ifndef HOST_CLI_OUTPUTS_H
#define HOST_CLI_OUTPUTS_H

#include "cisoid/source.h"
#include "cli.h"

#define CIS_MAX_OUTPUT 160
#define CIS_MAX_INPUT  4

struct cis_outputs {
	uint32_t n;
	bool keep; /* what exists is refused: --force was not given */
	const char *path[CIS_MAX_OUTPUT]; /* borrowed */
	uint32_t n_input;
	const char *input[CIS_MAX_INPUT]; /* files that are read; borrowed */
};

/* NULL and "-" are no files. */
void cis_outputs_add(struct cis_outputs *o, const char *path);
/* A file that is read beside the source: none may be written over it. NULL is
 * no file. */
void cis_outputs_input(struct cis_outputs *o, const char *path);
/* Of "udp:..., pcap:FILE" the latter. */
void cis_outputs_add_streams(struct cis_outputs *o, const char *const *spec,
			     uint32_t n);

/*
 * 0, or an exit status after a sentence. `src` may be NULL. FILE.cfg stands for
 * its FILE.dat as well. Devices and pipes may be named as often as one likes.
 */
int cis_outputs_check(const struct cis_outputs *o,
		      const struct cis_command *cmd,
		      const struct cis_source *src);

#endif

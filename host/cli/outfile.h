/*
 * outfile.h - a file that appears whole or not at all.
 *
 * Written beside its name and renamed by commit(); an existing file is refused
 * unless `force`. "-" is standard output.
 */
#ifndef HOST_CLI_OUTFILE_H
#define HOST_CLI_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "cisoid/diag.h"

struct cis_outfile {
	FILE *f;
	/* Nothing was recorded: it takes no other file's place. */
	bool empty;
	char path[4096];
	char tmp[4112];
};

/* -EEXIST or the system's error, with a message. */
int cis_outfile_open(struct cis_outfile *of, const char *path, bool force,
		     struct cis_diag *diag);
/* Flushes, syncs and renames; -EIO and the like with a message. A file that
 * exists stays as it is, with a warning, when there is nothing to put there. */
int cis_outfile_commit(struct cis_outfile *of, struct cis_diag *diag);
/* Gives the file up; nothing is left behind. */
void cis_outfile_abort(struct cis_outfile *of);

#endif

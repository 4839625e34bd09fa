/*
 * mapfile.h - a file as bytes in memory.
 */
#ifndef HOST_ACQ_MAPFILE_H
#define HOST_ACQ_MAPFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "cisoid/diag.h"

struct cis_mapfile {
	const uint8_t *bytes; /* NULL when not open */
	size_t len;
	dev_t dev;
	ino_t ino;
};

/* -ENOENT, -EISDIR, -EBADMSG (empty, no file) or the system's error, with a
 * sentence that names the file. */
int cis_mapfile_open(struct cis_mapfile *mf, const char *path,
		     struct cis_diag *diag);
/* Whether the path, by any link, leads to this file. */
bool cis_mapfile_is(const struct cis_mapfile *mf, const char *path);
void cis_mapfile_close(struct cis_mapfile *mf);

#endif

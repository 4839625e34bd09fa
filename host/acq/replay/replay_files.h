/*
 * replay_files.h - the files of a recording, CFG and DAT or a CFF, in memory.
 */
#ifndef HOST_ACQ_REPLAY_FILES_H
#define HOST_ACQ_REPLAY_FILES_H

#include "mapfile.h"
#include "replay_opts.h"

/* Zero it first: close() undoes what open() left, also after a failure. */
struct cis_replay_files {
	struct cis_mapfile cfg; /* or the CFF */
	struct cis_mapfile dat; /* bytes NULL: there is none beside a CFF */
};

/* A FILE.dat that is named by mistake becomes its FILE.cfg in `path`. -ENOENT,
 * -EBADMSG or the system's error with a message. */
int cis_replay_files_open(struct cis_replay_files *f,
			  char path[CIS_REPLAY_PATH_SIZE],
			  struct cis_diag *diag);
/* Whether the path, by any link, leads to one of them. */
bool cis_replay_files_have(const struct cis_replay_files *f, const char *path);
void cis_replay_files_close(struct cis_replay_files *f);

#endif

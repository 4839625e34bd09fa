/*
 * replay_opts.h - the words of a recording that is played again.
 */
#ifndef HOST_ACQ_REPLAY_OPTS_H
#define HOST_ACQ_REPLAY_OPTS_H

#include <stdbool.h>

#include "cisoid/diag.h"

#define CIS_REPLAY_PATH_SIZE 4096

struct cis_replay_opts {
	char path[CIS_REPLAY_PATH_SIZE];
	bool loop;    /* begins anew at its end */
	bool now;     /* its dates are moved to the start */
	bool primary; /* values of the transformers' primary side */
};

/* "FILE.cfg[,loop=1][,time=now][,primary=1]" into zeroes; the file's name may
 * hold commas. -EINVAL, -ENAMETOOLONG with a message. */
int cis_replay_opts_parse(const char *text, struct cis_replay_opts *o,
			  struct cis_diag *diag);

#endif

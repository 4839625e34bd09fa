/*
 * replay_parts.h - the inside of replay.h: the readers of frames and of CSV.
 */
#ifndef HOST_CLI_SIMULATE_REPLAY_PARTS_H
#define HOST_CLI_SIMULATE_REPLAY_PARTS_H

#include "host/sim/recording.h"
#include "replay.h"

/* What holds of both readers. */
struct cis_replay_reading {
	const char *file;
	const struct cis_replay_opts *opts;
	struct cis_recording *rec; /* where frames are put */
	struct cis_warn_list *warn;
	struct cis_diag *diag;
};

/* A sentence for what put() of a recording returned. */
int cis_replay_cannot_keep(const struct cis_replay_reading *rd, int err);

/* All stations say SIM, within 16 characters, and differ as before. */
void cis_replay_name(struct cis_c37_config *cfg);

/* ---- replay_frames.c ---- */

/* A recording of frames may be read twice, so *rec may become another one. */
int cis_replay_read_frames(struct cis_replay_reading *rd);

/* ---- replay_csv.c ---- */

int cis_replay_read_csv(struct cis_replay_reading *rd);

#endif

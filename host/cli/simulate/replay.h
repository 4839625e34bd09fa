/*
 * replay.h - `simulate --replay FILE[,speed=X][,loop=1]`: a recording as a maker
 * of frames.
 *
 * FILE is what `decode` reads, a capture or frames one behind the other, or a
 * CSV of listen, run or estimate, whose frames are made anew.
 */
#ifndef HOST_CLI_SIMULATE_REPLAY_H
#define HOST_CLI_SIMULATE_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/diag.h"
#include "host/cli/stream_opts.h"
#include "host/sim/maker.h"
#include "sim.h"

struct cis_replay_spec {
	char file[1024];
	double speed;
	bool loop;
	/* Options that were given beside it and that it does not go with: any
	 * recording, one of frames; NULL: none. */
	const char *of_signal, *of_frames;
	bool cfg_said; /* --cfg, or --for */
};

/* -EINVAL with a message. */
int cis_replay_parse(const char *text, struct cis_replay_spec *spec,
		     struct cis_diag *diag);

/* Every option of the command line, in any order: notes those that a recording
 * says itself. */
void cis_replay_beside(struct cis_replay_spec *spec, const char *option);

/* What a CSV does not say. */
struct cis_replay_opts {
	struct cis_stream_opts stream;
	uint16_t idcode;     /* of the first PMU */
	const char *station; /* where the file names none */
	bool test_mode;
};

struct cis_replay {
	struct cis_maker *maker;
	/* CFG-2 cannot say what the configurations say of scales and angles. */
	bool needs_cfg3;
};

/*
 * Reads the file. -EINVAL (a speed, an option that does not go with it),
 * -ENOENT, -EISDIR, -EBADMSG, -ENODATA, -ENOMEM, with a message; what was left
 * out is in `warn`.
 */
int cis_replay_open(const struct cis_replay_spec *spec,
		    const struct cis_replay_opts *opts, struct cis_replay *out,
		    struct cis_warn_list *warn, struct cis_diag *diag);

/* The same for the engine: sets maker, which is the caller's to free, and what a
 * recording says of streams; CFG-3 goes out unasked where it must. An exit
 * status; what went wrong was told. */
int cis_sim_replay(const struct cis_replay_spec *spec,
		   struct cis_sim_config *sim);

#endif

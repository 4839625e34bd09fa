/*
 * recorder.h - blocks of samples to a COMTRADE recording, FILE.cfg and FILE.dat.
 *
 * The data are written while they come, the CFG at the end; both appear under
 * their names only then. Lost scans are filled with the mark for missing values
 * so that the times of all others stay right.
 */
#ifndef HOST_ACQ_RECORDER_H
#define HOST_ACQ_RECORDER_H

#include <stdbool.h>

#include "cisoid/block.h"
#include "cisoid/comtrade.h"

struct cis_recorder;

struct cis_recorder_config {
	const char *path;               /* FILE.cfg */
	const struct cis_chan_map *map; /* borrowed until close */
	const char *station;            /* borrowed until close; NULL: none */
	double fnom_hz;                 /* 0: not known */
	const char *device; /* borrowed until close; NULL: "cisoid" */
	enum cis_comtrade_format format;
	bool secondary; /* values are secondary ones */
	bool force;     /* overwrite */
};

struct cis_recorder_stats {
	uint64_t scans; /* rows, the filled ones included */
	uint64_t lost;  /* filled, or left out for another rate */
	uint64_t bytes; /* of the data */
	double rate_hz;
	struct cis_time start; /* of the first row */
};

/* -EEXIST, -EINVAL or the system's error, with a message. */
int cis_recorder_open(const struct cis_recorder_config *rc,
		      struct cis_recorder **out, struct cis_diag *diag);

/*
 * Allocates nothing. -ENOSPC, -EIO and the like; after an error every further
 * block is refused with it. A block whose rate is another by more than 1 % is
 * counted as lost.
 */
int cis_recorder_put(struct cis_recorder *rec, const struct cis_block *blk);

void cis_recorder_stats(const struct cis_recorder *rec,
			struct cis_recorder_stats *stats);

/*
 * Writes the CFG, makes the files appear and frees `rec`, also when it fails.
 * After an error in put() it is that one, and what was written before is kept
 * where possible: the message tells. -ENODATA when there was no block, and no
 * files then.
 */
int cis_recorder_close(struct cis_recorder *rec, struct cis_diag *diag);

/* Gives the recording up: no files. NULL is allowed. */
void cis_recorder_abort(struct cis_recorder *rec);

#endif

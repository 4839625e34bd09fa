/*
 * source.h - where samples come from.
 *
 * All calls on one source are made by one thread at a time.
 */
#ifndef CISOID_SOURCE_H
#define CISOID_SOURCE_H

#include <stdbool.h>

#include "cisoid/block.h"
#include "cisoid/chan.h"
#include "cisoid/diag.h"

struct cis_source;
struct cis_mcu;

enum cis_origin {
	CIS_LIVE,      /* a board */
	CIS_REPLAY,    /* a recording */
	CIS_SIMULATED, /* made by formula */
};

struct cis_source_info {
	enum cis_origin origin;
	bool simulated;     /* by formula, or a recording of such samples */
	const char *detail; /* board or file, for a person; the source's */
	double rate_hz;     /* the highest it will deliver, nominal */
	double fnom_hz;     /* as the source knows it; 0: it does not */
	/* read() waits for the device; of others it waits for a front end alone,
	 * and for the time by that. */
	bool realtime;
	/* Edges of UTC clock and start it: scan k is k/rate_hz, exactly, after
	 * the whole second that the blocks' anchor is. */
	bool external;
	/* So says a timing front end: the second is the one that it names, and
	 * the blocks' quality is its own. */
	bool attested;
	struct cis_mcu *front_end; /* the source's, while it is; NULL: none */
	bool dated; /* the samples bring their own dates: start's is not used */
	struct cis_time first; /* when dated: of scan 0 */
	/* [n_chan], by which a scan takes each channel later, as its blocks will
	 * say; NULL: all at once, or unknown. */
	const double *delay_s;
	const struct cis_chan_map *map;
	const struct cis_warn_list *warn; /* repairs made so far */
};

/*
 * Opens "driver:key=value,...". On success the caller owns *out and ends it
 * with cis_source_close(). -EINVAL: no such driver, or bad options; -EBADMSG: a
 * file that is not a recording; -ENODEV: no board; else the system's.
 */
int cis_source_open(const char *spec, struct cis_source **out,
		    struct cis_diag *diag);
void cis_source_close(struct cis_source *src); /* NULL is allowed */

/* Valid from open to close. */
const struct cis_source_info *cis_source_info(const struct cis_source *src);
/* Whether a scan takes its channels one after the other, where that is known. */
bool cis_source_is_staggered(const struct cis_source_info *info);

/* Whether it reads from this file, which must not be written then. */
bool cis_source_reads(const struct cis_source *src, const char *path);

/* Scan 0 is taken at `at`, or as soon after it as the device can. */
int cis_source_start(struct cis_source *src, struct cis_time at,
		     struct cis_diag *diag);
void cis_source_stop(struct cis_source *src);

/*
 * Fills blk->x with 1 to blk->n_scan scans of blk->n_chan channels and sets
 * the other members. A block never crosses a gap, a rate segment of a recording
 * or a change of the clock model. -ETIMEDOUT: no scan within timeout_ms, nothing
 * lost, call again. -ENODATA: the recording has ended. -EPIPE: samples were lost
 * or have no date; -ENODEV: the device is gone. After these two nothing comes
 * until stop() and start(), which opens it again if it must, and the next block
 * carries CIS_BLOCK_GAP. -ETIME, -ENXIO: what starts the source was waited for in
 * vain, or refuses.
 */
int cis_source_read(struct cis_source *src, struct cis_block *blk,
		    int timeout_ms);

/* What read() waits for, or has waited for in vain; else what err says. The
 * source's, until the next call. */
const char *cis_source_why(const struct cis_source *src, int err);

#endif

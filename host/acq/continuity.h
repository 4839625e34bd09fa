/*
 * continuity.h - a lost scan, seen in the wave itself.
 *
 * A sine sampled evenly obeys x[n+1] = 2 cos(w) x[n] - x[n-1] (w: angle per
 * scan). Where k scans are missing, all channels at once go on as if k scans
 * further on, or back where k < 0 (scans delivered twice):
 *
 *     e = x[n+1] - (2 cos(w) x[n] - x[n-1])  ~  k * slope of the channel
 *
 * Told where e stands 8 times above its own recent rms on the channels together,
 * and where one k of 1..5 (or -1..-5) explains this scan and the two after it on
 * all channels, but for 1/4 of the jump and the usual noise.
 *
 * A suspicion, not a proof: a step in phase of k * 360 f / rate degrees on all
 * channels looks exactly the same.
 *
 * Pure: no clock, no thread, no allocation.
 */
#ifndef HOST_ACQ_CONTINUITY_H
#define HOST_ACQ_CONTINUITY_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/block.h"
#include "cisoid/chan.h"

#define CIS_CONTINUITY_MAX  5  /* scans lost or repeated that can be told */
#define CIS_CONTINUITY_PAST 16 /* scans held */

struct cis_continuity_hit {
	uint64_t after_scan; /* the last scan before the break */
	int lost;            /* scans missing; negative: delivered twice */
	double ratio;        /* of e to its recent rms, channels together */
};

/* All members are the watcher's own. */
struct cis_continuity {
	double rate_hz;
	double w; /* angle per scan; 0: frequency not known */
	uint32_t n_chan;
	uint32_t n_past;  /* scans in `past` */
	uint32_t settle;  /* scans before rms[] can be relied upon */
	uint32_t suspect; /* scans since the break, 0: none */
	double ratio;
	uint64_t next_scan;
	double ms[CIS_MAX_CHAN]; /* mean square of e, recent */
	double past[CIS_CONTINUITY_PAST][CIS_MAX_CHAN]; /* oldest first */
};

void cis_continuity_init(struct cis_continuity *watch, uint32_t n_chan,
			 double rate_hz);

/* The present frequency, from the estimator; watches from the first on. */
void cis_continuity_set_freq(struct cis_continuity *watch, double freq_hz);

/* What came before is forgotten. */
void cis_continuity_reset(struct cis_continuity *watch);

/* True with the first break found in the block (of watch->n_chan channels). A
 * block with CIS_BLOCK_GAP, or one that does not follow, resets. */
bool cis_continuity_push(struct cis_continuity *watch,
			 const struct cis_block *blk,
			 struct cis_continuity_hit *hit);

#endif

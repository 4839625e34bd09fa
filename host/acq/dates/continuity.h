/*
 * continuity.h - a lost scan, seen in the wave itself.
 *
 * A sine sampled evenly obeys x[n+1] = 2 cos(w) x[n] - x[n-1] (w: angle per
 * scan); what is left,
 *
 *     e = x[n+1] - (2 cos(w) x[n] - x[n-1]),
 *
 * is noise and harmonics. Where k scans are missing, all channels at once go on as
 * if k scans further on, or back where k < 0 (scans delivered twice). With the
 * slope of each channel, taken of two scans before the break and two after it,
 * the jump is then, exactly for a sine,
 *
 *     x[n+1] - x[n] = slope * 2 sin((k+1) w/2) / (sin(w) cos((k+3) w/2))
 *
 * Told where e stands 8 times above its own recent rms, on the channels together,
 * where one k of 1..5 or -1..-5 explains the jump on all of them to a quarter, and
 * where the wave goes on smoothly after it (a spike does not).
 *
 * A suspicion, not a proof: a step in phase of k * 360 f / rate degrees on all
 * channels looks exactly the same, and of one channel alone many a step does.
 *
 * Pure: no clock, no thread, no allocation.
 */
#ifndef HOST_ACQ_CONTINUITY_H
#define HOST_ACQ_CONTINUITY_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/block.h"
#include "cisoid/chan.h"

#define CIS_CONTINUITY_MAX 5 /* scans lost or repeated that can be told */
#define CIS_CONTINUITY_PAST \
	6 /* scans held: three before a break, three after */

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
	uint32_t n_seen;  /* values in ms[], up to its memory */
	uint32_t n_since; /* scans since a break that is looked at; 0: none */
	double ratio;     /* at the break */
	uint64_t next_scan;
	double ms[CIS_MAX_CHAN];    /* mean square of e, recent */
	double power[CIS_MAX_CHAN]; /* of the channel itself */
	double past[CIS_CONTINUITY_PAST][CIS_MAX_CHAN]; /* row: scan modulo */
};

void cis_continuity_init(struct cis_continuity *watch, uint32_t n_chan,
			 double rate_hz);

/* The present frequency, from the estimator; watches from the first on. */
void cis_continuity_set_freq(struct cis_continuity *watch, double freq_hz);

/* What came before is forgotten. */
void cis_continuity_reset(struct cis_continuity *watch);

/* True with the first break found in the block (of watch->n_chan channels). A
 * block with CIS_BLOCK_GAP, or one that does not follow, resets. A break in the
 * last two scans of a block is told with the next. */
bool cis_continuity_push(struct cis_continuity *watch,
			 const struct cis_block *blk,
			 struct cis_continuity_hit *hit);

#endif

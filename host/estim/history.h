/*
 * history.h - the samples of the current stretch, and when they were taken.
 *
 * A stretch is a run of scans without a hole whose clock changes only in small
 * steps. A new one forgets the old: windows never cross from one to the next.
 */
#ifndef HOST_ESTIM_HISTORY_H
#define HOST_ESTIM_HISTORY_H

#include <stdbool.h>

#include "cisoid/block.h"
#include "cisoid/diag.h"

#define CIS_N_EPOCH 64

/* The clock model in force from a scan on. */
struct cis_epoch {
	uint64_t from_scan;
	struct cis_scan_clock clock;
};

struct cis_history {
	uint32_t n_chan;
	size_t keep;     /* scans that are always still there */
	size_t cap;      /* scans there is room for */
	size_t n;        /* scans there are */
	uint64_t first;  /* number of the oldest */
	double *x;       /* [n_chan][cap] */
	uint8_t *flags;  /* [cap], CIS_BLOCK_* */
	double *delay_s; /* [n_chan] */
	uint32_t n_epoch;
	struct cis_epoch epoch[CIS_N_EPOCH];
};

/* The n scans whose middle is nearest to an instant, for one channel. */
struct cis_window {
	int64_t first;
	uint32_t n;
	double rate_hz;
	double offset_s; /* the instant minus the middle, <= 0.501/rate */
};

int cis_history_init(struct cis_history *h, uint32_t n_chan, size_t keep,
		     size_t max_block);
void cis_history_fini(struct cis_history *h);

/* True when the block began a new stretch. */
bool cis_history_push(struct cis_history *h, const struct cis_block *blk);

/* The clock in force at an instant; there must have been a push. */
const struct cis_scan_clock *cis_history_clock(const struct cis_history *h,
					       struct cis_split_time at);

/* Window of n samples of channel `chan`, middle nearest to `at`. */
struct cis_window cis_history_window(const struct cis_history *h, uint32_t chan,
				     struct cis_split_time at, uint32_t n);

/* The samples of a window; NULL when some of them are not there. */
const double *cis_history_samples(const struct cis_history *h, uint32_t chan,
				  const struct cis_window *w);

/* All CIS_BLOCK_* that occur in a window. */
uint32_t cis_history_flags(const struct cis_history *h,
			   const struct cis_window *w);

#endif

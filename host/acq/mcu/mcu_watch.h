/*
 * mcu_watch.h - whether scans counted from the start pulse are still the time.
 *
 * The front end says so itself (STEP, UNDERRUN, ...), but a line may be lost: its
 * reports show the same otherwise. Pure: no clock, no descriptor.
 */
#ifndef HOST_ACQ_MCU_WATCH_H
#define HOST_ACQ_MCU_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/link.h"

/* One report; tai_s is 0 where its second is not known. */
struct mcu_heard {
	const struct fe_report *report;
	int64_t tai_s;
	int64_t now_ns; /* monotonic, when it was read */
};

/* All members are the watch's own. */
struct mcu_watch {
	bool on; /* a start pulse was promised ... */
	int64_t start_tai_s;
	uint32_t rate_hz;
	bool torn;

	bool has_last; /* the report before */
	int64_t last_tai_s, last_ns;
	double steady_s; /* it leaves its edges where they are */
	bool unnamed;    /* it had no label */
	bool skipped;    /* since the start not all seconds were named */
	bool has_ref;    /* label less monotonic clock ... */
	double ref_s;
	double off_s; /* ... as the last n_off reports have it otherwise */
	unsigned n_off;
};

/* From here on edges are counted: not torn. */
void mcu_watch_start(struct mcu_watch *w, int64_t tai_s, uint32_t rate_hz);

void mcu_watch_report(struct mcu_watch *w, const struct mcu_heard *h);

/* The front end says it, or has restarted. */
void mcu_watch_void(struct mcu_watch *w);

#endif

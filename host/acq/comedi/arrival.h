/*
 * arrival.h - whether samples arrive when they must.
 *
 * A source that counts scans from its start dates them wrongly from the moment
 * on at which its clock stands still, if only for a while. That shows when its
 * buffer has just been emptied: the newest scan is then hardly older than this
 * moment. How much older (the lag) depends on the board's batches, and hardly
 * changes. Delays of this program make it smaller, never larger, for what came
 * meanwhile is read as well; a driver's own delay passes, at once or while it
 * makes up for it. A lag that stays where it never was is scans that are missing,
 * or too many.
 *
 * A start is believed when its first lag is like that of starts before it.
 */
#ifndef HOST_ACQ_ARRIVAL_H
#define HOST_ACQ_ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>

enum cis_arrival_verdict {
	CIS_ARRIVAL_FINE,
	CIS_ARRIVAL_DOUBTFUL, /* keep the samples back, and look at the next */
	CIS_ARRIVAL_LATE,     /* scans are missing */
	CIS_ARRIVAL_EARLY,    /* there are more than the time allows */
};

struct cis_lag_range {
	double lo_s, hi_s; /* lo > hi: empty */
};

struct cis_arrival {
	/* Of the first second of the last good start; of the first lag of the
	 * last bad one. */
	struct cis_lag_range good, tried;
	unsigned n_bad; /* starts in a row */
	/* Since the start. */
	bool believed;
	int64_t start_ns;
	struct cis_lag_range now,
		before; /* this stretch of time, and the last */
	int64_t stretch_ns;
	int64_t last_ns; /* the last arrival, and between two, smoothed */
	int64_t wait_ns;
	unsigned n_doubt; /* in a row, and for how long */
	int64_t doubt_ns;
	double doubt_s; /* the lag that it began with */
};

void cis_arrival_init(struct cis_arrival *a);

/* A new command; now_ns is monotonic, here and below. */
void cis_arrival_start(struct cis_arrival *a, int64_t now_ns);

/*
 * The buffer has been emptied. The newest scan was older than the moment before
 * that by lag_s, and than the moment after it by late_s >= lag_s. Once the
 * verdict is LATE or EARLY a new start must follow.
 */
enum cis_arrival_verdict cis_arrival_take(struct cis_arrival *a, double lag_s,
					  double late_s, int64_t now_ns);

#endif

/*
 * pps_watch.h - whether what comes on the timing input is a pulse a second at all.
 *
 * The finder tells edges, and the tracker makes a clock of those that agree; both
 * are content with every second edge of 2 Hz, or with the end of an inverted
 * pulse. Here the last 10 s are looked at as a whole: how long the input is high,
 * how many edges there are, and what became of them.
 *
 * Pure: no clock, no thread, no allocation.
 */
#ifndef HOST_ACQ_PPS_WATCH_H
#define HOST_ACQ_PPS_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#define CIS_PPS_WATCH_S 10 /* one of them under way */

enum cis_pps_why {
	CIS_PPS_GOOD,    /* or too early to tell */
	CIS_PPS_FLAT,    /* the input hardly moves */
	CIS_PPS_NO_EDGE, /* it moves, but does not rise as a pulse does */
	CIS_PPS_NO_FIT,  /* not as a resistor and a capacitor let it rise */
	CIS_PPS_NOT_A_SECOND, /* not one a second, at a rate that may be */
	CIS_PPS_REFUSED,      /* as many pulses refused as used, about */
	CIS_PPS_INVERTED,     /* high for more than half of the second */
	CIS_PPS_NO_NAME,      /* which second it is, this computer cannot say */
	CIS_PPS_N_WHY,
};

struct cis_pps_second {
	uint32_t n;    /* samples ... */
	uint32_t n_up; /* ... above the middle of the second before */
	double min_v, max_v;
	uint32_t n_edge, n_fit, n_used;
};

/* All members are the watch's own. */
struct cis_pps_watch {
	double rate_hz;
	uint32_t n_whole; /* seconds that are over, CIS_PPS_WATCH_S at most */
	unsigned n_high;  /* of them, in a row, mostly high */
	struct cis_pps_second last[CIS_PPS_WATCH_S]; /* newest first */
};

void cis_pps_watch_init(struct cis_pps_watch *w, double rate_hz);

void cis_pps_watch_samples(struct cis_pps_watch *w, const double *v,
			   uint32_t n);

/* An edge was found; with it n_used more are used than before: with the one that
 * locks, earlier ones too. */
void cis_pps_watch_edge(struct cis_pps_watch *w, bool fit, uint64_t n_used);

/* What is wrong; where the tracker has locked to it all the same, what takes the
 * worth from its dates. */
enum cis_pps_why cis_pps_watch_why(const struct cis_pps_watch *w, bool locked);

/* One word ("inverted"), and a sentence; NULL where nothing is wrong. */
const char *cis_pps_why_name(enum cis_pps_why why);
const char *cis_pps_why_text(enum cis_pps_why why);

#endif

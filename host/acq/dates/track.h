/*
 * track.h - a scan clock followed by means of a pulse per second.
 *
 * The state is that of an oscillator (IEEE Std 1139: time deviation x, fractional
 * frequency deviation y, frequency drift d) against the second. After a time T
 * that the scans count at their nominal rate the date has moved by
 *
 *     T + x,  x' = y,  y' = d
 *
 * with white and random-walk frequency noise, and a drift that wanders about zero
 * (Gauss-Markov). It is estimated by a Kalman filter (C. Zucca, P. Tavella, "The
 * clock model and its relationship with the Allan and related variances", IEEE
 * Trans. UFFC 52(2), 2005). The pulse has white phase noise, which the tracker
 * measures itself from the innovations, beginning with opts.jitter_s.
 *
 * Two filters run side by side. The agile one takes the drift for that of a quartz
 * in a room whose heating cycles (correlated over 5 minutes); it alone makes the
 * bound. The steady one begins without drift and takes it for almost constant; it
 * averages longer, and gives the date. Where it does not agree with the agile one
 * or with the pulses it takes over the agile one's state.
 *
 * Lock: three pulses of different seconds on one line (the best of all pairs, the
 * earlier where two are as good: a double comes after). Then each pulse passes a
 * gate about its prediction (4.5 standard deviations) or is an outlier. Four
 * outliers with nothing good in between that lie on a line of their own say that
 * the truth has moved: the tracker begins anew with them. After a holdover so
 * long that the gate is of no worth, three on one line are asked for again.
 *
 * The bound is 4.5 standard deviations of the agile filter, which the truth leaves
 * once in 1e5 (3 would be 3 in 1000), with the jitter at the upper end of what the pulses allow; the distance of the date from that filter's;
 * what the pulses have in common; and, after two outliers in a row that could be of
 * one clock, how far they are off, for they may be right. It grows in holdover with the uncertainty
 * of rate and drift, and their noise. Three wrong pulses on a line that begin a
 * lock deceive it.
 *
 * Pure: no clock, no thread, no allocation.
 */
#ifndef HOST_ACQ_TRACK_H
#define HOST_ACQ_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/block.h"
#include "cisoid/time.h"

#define CIS_TRACK_HELD 8 /* pulses held for (re-)acquisition */

struct cis_track_opts {
	double rate_hz;     /* nominal */
	double max_off;     /* of the rate, relative; 0: 200e-6 */
	double jitter_s;    /* of the pulse, rms, to begin with; 0: 1e-6 */
	double drift_per_s; /* of y, standard deviation; 0: 1e-8 */
	double common_s;    /* bound of what all pulses have in common: delay of
	                     * cable and receiver; 0: nothing */
};

struct cis_track_obs {
	uint64_t scan;
	double frac;      /* scans after `scan` */
	int64_t tai_s;    /* the second it is said to begin */
	double u_scan;    /* standard uncertainty, without the pulse's jitter */
	double bias_scan; /* bound of the common part, see pps_edge.h */
};

struct cis_track_held {
	uint32_t n;
	struct cis_track_obs obs[CIS_TRACK_HELD]; /* oldest first */
};

enum cis_track_verdict {
	CIS_TRACK_HELD_BACK, /* not locked yet */
	CIS_TRACK_LOCKED,    /* locked with this one, the first time or anew */
	CIS_TRACK_USED,
	CIS_TRACK_OUTLIER,
};

struct cis_track_filter {
	struct cis_split_time at; /* date of the last pulse used */
	double y;                 /* of the period: -30e-6 is +30 ppm of rate */
	double d;
	double p[3][3]; /* covariance of x, y, d */
	double wander;  /* of d: variance per second */
	double corr_s;  /* of d: the time it is forgotten in */
	double fit;     /* recent mean of the squared innovations, each divided
	                 * by its variance */
};

enum cis_track_kind {
	CIS_TRACK_AGILE,
	CIS_TRACK_STEADY,
	CIS_TRACK_N_KIND,
};

/* All members are the tracker's own. */
struct cis_track {
	struct cis_track_opts opts;
	bool locked;
	bool rate_known; /* also after a restart */
	uint64_t scan;   /* where the last pulse used was */
	double frac;
	struct cis_track_filter filter[CIS_TRACK_N_KIND];
	double jitter_sum_s2; /* weighted sum of squares ... */
	double jitter_n;      /* ... and of weights */
	double bias_s;
	double innov_s;
	uint64_t n_used;
	uint64_t n_outlier;
	struct cis_track_held held;
};

struct cis_track_state {
	bool locked;    /* has been since init or restart */
	double rate_hz; /* at the scan asked for */
	double off;     /* relative to nominal: 30e-6 is +30 ppm */
	double u_off;   /* standard uncertainty */
	double drift_per_s;
	double jitter_s; /* of the pulse, as measured */
	double innov_s;  /* last pulse minus its prediction */
	double since_s;  /* from the last pulse used to the scan asked for */
	uint64_t n_used;
	uint64_t n_outlier;
};

void cis_track_init(struct cis_track *track, const struct cis_track_opts *opts);

/* A new count of scans begins: the offset is lost, the rate is still worth
 * something. */
void cis_track_restart(struct cis_track *track);

/* In the order of time. */
enum cis_track_verdict cis_track_observe(struct cis_track *track,
					 const struct cis_track_obs *obs);

/*
 * The linear clock that is right at `scan` (its anchor_scan), with rate and bound
 * there: good for a second or so about it, then ask again. quality.unc_s is the
 * bound; quality.unlocked_s is left 0. False while not locked; then
 * *clock is untouched.
 */
bool cis_track_clock(const struct cis_track *track, uint64_t scan,
		     struct cis_scan_clock *clock);

/* The same, not rounded to a nanosecond; frac scans after `scan`. */
bool cis_track_date(const struct cis_track *track, uint64_t scan, double frac,
		    struct cis_split_time *date);

/* Bound of the error of cis_track_date(); INFINITY while not locked. */
double cis_track_bound_s(const struct cis_track *track, uint64_t scan);

/* For display and decisions; `scan` is the present. */
struct cis_track_state cis_track_state(const struct cis_track *track,
				       uint64_t scan);

#endif

/*
 * track.h - a scan clock followed by means of a pulse per second.
 *
 * The state is that of an oscillator (IEEE Std 1139: time deviation x, fractional
 * frequency deviation y, frequency drift d) against the second:
 *
 *     date(scan) = (scan - ref) / rate_hz * (1 + ...):  x' = y,  y' = d
 *
 * with white and random-walk frequency noise on x and y, and a drift that
 * wanders about zero (Gauss-Markov) within what a quartz in a warming room does.
 * It is estimated by a Kalman filter (C. Zucca, P. Tavella, "The clock model and
 * its relationship with the Allan and related variances", IEEE Trans. UFFC 52(2),
 * 2005); the pulse has white phase noise, which the tracker measures itself from
 * the innovations, beginning with opts.jitter_s.
 *
 * Lock: three pulses of different seconds on one line (the best of all pairs, the
 * earlier where two are as good: a double comes after). Then each pulse passes a
 * gate about its prediction or is an outlier. Outliers that lie on a line of
 * their own, four in a row with nothing good in between, say that the truth
 * has moved: the tracker begins anew with them.
 *
 * The bound is 3 standard deviations of the prediction with the jitter at the
 * upper end of what the pulses allow, and what the pulses have in common. It
 * grows in holdover with the uncertainty of rate and drift, and their noise.
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

enum cis_track_verdict {
	CIS_TRACK_HELD_BACK, /* not locked yet */
	CIS_TRACK_LOCKED,    /* locked with this one, the first time or anew */
	CIS_TRACK_USED,
	CIS_TRACK_OUTLIER,
};

/* All members are the tracker's own. */
struct cis_track {
	struct cis_track_opts opts;
	bool locked;
	bool rate_known;   /* from before a restart */
	uint64_t ref_scan; /* the state is that at ref_scan + ref_frac ... */
	double ref_frac;
	struct cis_split_time ref; /* ... whose date this is, by the state */
	double y;
	double d;
	double p[3][3]; /* covariance of x, y, d with the bound's jitter */
	double var_s2;  /* sum of squares of normalised innovations ... */
	double var_n;   /* ... and how many */
	double bias_s;
	double last_innov_s;
	uint64_t n_used;
	uint64_t n_outlier;
	uint32_t n_held;
	struct cis_track_obs held[CIS_TRACK_HELD]; /* oldest first */
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
 * bound (k = 3); quality.unlocked_s is left 0. False while not locked; then
 * *clock is untouched.
 */
bool cis_track_clock(const struct cis_track *track, uint64_t scan,
		     struct cis_scan_clock *clock);

/* The same, not rounded to a nanosecond; frac scans after `scan`. */
bool cis_track_date(const struct cis_track *track, uint64_t scan, double frac,
		    struct cis_split_time *date);

/* Bound (k = 3) of the error of cis_track_date(); INFINITY while not locked. */
double cis_track_bound_s(const struct cis_track *track, uint64_t scan);

/* For display and decisions; `scan` is the present. */
struct cis_track_state cis_track_state(const struct cis_track *track,
				       uint64_t scan);

#endif

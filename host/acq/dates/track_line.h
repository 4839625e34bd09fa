/*
 * track_line.h - pulses that are held until enough of them lie on one line;
 * private to track.
 */
#ifndef HOST_ACQ_TRACK_LINE_H
#define HOST_ACQ_TRACK_LINE_H

#include "track.h"

/* Variance of a pulse's date: its own, and the jitter's. */
double cis_track_noise_s2(const struct cis_track_opts *opts,
			  const struct cis_track_obs *obs, double jitter_s2);
/* Nominal seconds between two pulses. */
double cis_track_gap_s(const struct cis_track_opts *opts,
		       const struct cis_track_obs *from,
		       const struct cis_track_obs *to);

/* The oldest makes room. */
void cis_track_hold(struct cis_track_held *held,
		    const struct cis_track_obs *obs);
/* Whether two pulses can be seconds of one clock at all. */
bool cis_track_may_be_line(const struct cis_track_opts *opts,
			   const struct cis_track_obs *from,
			   const struct cis_track_obs *to);
/* Bits of the largest set of pulses on one line, one a second and the last one
 * among them; 0 where it is smaller than n_least. */
uint32_t cis_track_best_line(const struct cis_track_held *held,
			     const struct cis_track_opts *opts,
			     double jitter_s2, uint32_t n_least);

#endif

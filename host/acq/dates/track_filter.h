/*
 * track_filter.h - the Kalman filter of one clock: time, rate and drift; private
 * to track.
 *
 * x is the error of the filter's own date, so it is zero between pulses: only its
 * variance and covariances are kept, and what a pulse says moves the date.
 */
#ifndef HOST_ACQ_TRACK_FILTER_H
#define HOST_ACQ_TRACK_FILTER_H

#include "track.h"

/* Nothing is known but that |y| is some max_off, and d some drift_per_s. */
void cis_track_filter_init(struct cis_track_filter *filter, double max_off,
			   double drift_per_s, bool agile);

/* The date is known anew, to var; rate and drift as before. */
void cis_track_filter_place(struct cis_track_filter *filter, double var);

/* What the date gains on the count in t nominal seconds, and y then. */
double cis_track_filter_gain(const struct cis_track_filter *filter, double t);
double cis_track_filter_slope(const struct cis_track_filter *filter, double t);

/* Moves y, d and the covariance on by t >= 0, not the date. */
void cis_track_filter_predict(struct cis_track_filter *filter, double t);

/* Variance of the date t on, or back. */
double cis_track_filter_var(const struct cis_track_filter *filter, double t);

/* A pulse was `innov` later than its prediction, with variance r. Returns what the
 * date is to be moved by. */
double cis_track_filter_update(struct cis_track_filter *filter, double innov,
			       double r);

/* 0 <= frac_s < 1. */
void cis_track_split_normalise(struct cis_split_time *t);

#endif

/*
 * estim.h - the estimator: blocks of samples in, reports out.
 *
 * Pure: it knows no clock, thread or log, and allocates only in new().
 * One thread uses one estimator; new() is called by one thread at a time (so
 * wants FFTW).
 *
 * Reports
 * - phasors: rms, angle against a cosine of fnom that peaks at the second.
 * - freq_hz and rocof_hz_per_s: of the first of these that is good: positive
 *   sequence of the voltage groups in order, the voltages, the current groups'
 *   positive sequence, the currents. A group is good while one of its phases
 *   has a signal, none is missing or without a fit, and |V+| or |V-| is more
 *   than a tenth of the largest phase (one signal on all inputs is not).
 *   Nothing is good whose frequency has a standard uncertainty of 0.6 Hz or
 *   more. Where |V-| > |V+| they come from V- (CIS_NOTE_ACB).
 * - flags: GAP and UNSYNC when any channel has it within its window; CLIP when
 *   three samples of a channel with a signal are at the limits of chan.range_*,
 *   or, where the map has no range at all, when the block says so. NOSIGNAL
 *   (f = fnom, ROCOF = 0) and NOFIT (both NaN) when nothing above is good. A
 *   dead input among good ones flags fit[].flags alone; its phasor is that at
 *   the frequency of the report. A channel with a missing sample is NaN.
 * - notes: DISTURBED when the residual of a channel behind freq_hz exceeds 5 %
 *   of its fundamental; RESEED when the frequency could not be followed from
 *   the report before and was found anew in the spectrum.
 * - the clock in force at the report instant dates its whole window.
 */
#ifndef CISOID_ESTIM_H
#define CISOID_ESTIM_H

#include <stdbool.h>

#include "cisoid/block.h"
#include "cisoid/chan.h"
#include "cisoid/diag.h"
#include "cisoid/report.h"

struct cis_estim;

enum cis_profile {
	CIS_PROFILE_LS7,       /* seven-column iterative fit */
	CIS_PROFILE_P,         /* weighted LS, 4 cycles: class P */
	CIS_PROFILE_M,         /* generalised LS, 14 reports: class M */
	CIS_PROFILE_REFERENCE, /* generalised LS, 25 reports */
};

/* Rows of one profile, reporting rate and sampling rate by seed frequency:
 * several estimators may share them, in several threads. */
struct cis_designs;

struct cis_estim_config {
	const struct cis_chan_map *map; /* borrowed until free */
	enum cis_profile profile;
	uint32_t n_cycle; /* ls7: length of the window, 2 unless told */
	double fnom_hz;   /* 50 or 60 */
	struct cis_rate rate;
	double rate_hz;     /* highest sampling rate that will be pushed */
	uint32_t max_block; /* most scans that one push brings */
	/* Rows are made by cis_estim_design() in another thread, and the
	 * nearest there are serve meanwhile. Else pop() makes what it needs. */
	bool background;
	struct cis_designs *designs; /* borrowed until free; NULL: its own */
};

/*
 * "ls7", "ls7:3" -> profile and cycles. -EINVAL, with a message naming the
 * profiles there are.
 */
int cis_estim_parse_profile(const char *text, struct cis_estim_config *cfg,
			    struct cis_diag *diag);

/* Name of the profile as a person gives it: "ls7:2". Returns buf. */
#define CIS_PROFILE_SIZE 32
const char *cis_estim_profile_name(const struct cis_estim_config *cfg,
				   char buf[CIS_PROFILE_SIZE]);

/* Length of the window, s. */
double cis_estim_window_s(const struct cis_estim_config *cfg);

/* How long after its instant a report can be popped, at least: half the window,
 * and for the reference what tells a step from the samples after it, s. */
double cis_estim_latency_s(const struct cis_estim_config *cfg);

/* Designs for estimators configured like `cfg`; NULL for LS7, which has none,
 * and without memory. */
struct cis_designs *cis_designs_new(const struct cis_estim_config *cfg);
void cis_designs_free(struct cis_designs *designs); /* NULL is allowed */

/* -EINVAL with a message: fewer than 6 samples a cycle, no channels, ... */
int cis_estim_new(const struct cis_estim_config *cfg, struct cis_estim **out,
		  struct cis_diag *diag);
void cis_estim_free(struct cis_estim *est); /* NULL is allowed */

/*
 * Takes the samples of one block. Pop until -EAGAIN before the next push.
 * A jump of first_scan, CIS_BLOCK_GAP, or a changed clock (rate by more than
 * 1 %, date by more than half a sample) ends a stretch: reports whose window
 * crosses it, and those of a stretch with fewer than 6 samples a cycle, carry
 * CIS_REPORT_GAP and no values. A jump of the date by more than a day begins
 * anew instead. -EINVAL, and nothing taken: n_chan is not the map's, n_scan 0
 * or above max_block, a rate 2 % above rate_hz, a delay beyond 0.1 s.
 */
int cis_estim_push(struct cis_estim *est, const struct cis_block *blk);

/*
 * The next report, in order of time, none left out between the first and the
 * last complete window: 0, or -EAGAIN when more samples are needed first. A
 * report without values comes when a complete window follows it, or when it is
 * given up.
 */
int cis_estim_pop(struct cis_estim *est, struct cis_report *rep);

/*
 * No samples came for instants up to `until`, and none will: once a complete
 * window has been seen pop() has reports for them, those whose window is not
 * complete flagged CIS_REPORT_GAP. Samples that come later go on after them. `q`
 * is what their dates are worth; NULL: as the last samples'.
 */
void cis_estim_give_up(struct cis_estim *est, struct cis_split_time until,
		       const struct cis_time_quality *q);

/* No more samples come: reports that only wait to see whether a step follows
 * are popped without. */
void cis_estim_finish(struct cis_estim *est);

/*
 * Makes one set of rows that is wanted: 1; 0: none is, and none ever is where
 * pop() makes them; -ENOMEM: it could not be made. For one other thread, while
 * the estimator's own pushes and pops; wants() may be asked by both.
 */
int cis_estim_design(struct cis_estim *est);
bool cis_estim_wants(const struct cis_estim *est);

#endif

/*
 * estim.h - the estimator: blocks of samples in, reports out.
 *
 * Pure: it knows no clock, thread or log, and allocates only in new().
 * One thread uses one estimator.
 */
#ifndef CISOID_ESTIM_H
#define CISOID_ESTIM_H

#include "cisoid/block.h"
#include "cisoid/chan.h"
#include "cisoid/diag.h"
#include "cisoid/report.h"

struct cis_estim;

enum cis_profile {
	CIS_PROFILE_LS7, /* the classic seven-column fit, estimator.md */
};

struct cis_estim_config {
	const struct cis_chan_map *map; /* borrowed until free */
	enum cis_profile profile;
	uint32_t n_cycle; /* ls7: length of the window, 2 unless told */
	double fnom_hz;   /* 50 or 60 */
	struct cis_rate rate;
	double rate_hz;     /* highest sampling rate that will be pushed */
	uint32_t max_block; /* most scans that one push brings */
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

/* -EINVAL with a message: fewer than 6 samples a cycle, no channels, ... */
int cis_estim_new(const struct cis_estim_config *cfg, struct cis_estim **out,
		  struct cis_diag *diag);
void cis_estim_free(struct cis_estim *est); /* NULL is allowed */

/*
 * Takes the samples of one block. Pop until -EAGAIN before the next push.
 * A jump of first_scan, CIS_BLOCK_GAP, or a changed clock (rate by more than
 * 1 %, date by more than half a sample) ends a stretch: reports whose window
 * crosses it carry CIS_REPORT_GAP and no values.
 */
int cis_estim_push(struct cis_estim *est, const struct cis_block *blk);

/*
 * The next report, in order of time, none left out between the first and the
 * last complete window: 0, or -EAGAIN when more samples are needed first.
 */
int cis_estim_pop(struct cis_estim *est, struct cis_report *rep);

#endif

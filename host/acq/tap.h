/*
 * tap.h - the samples about the newest report, for who looks at them.
 *
 * est's thread copies what it works on into memory that is there already, while
 * somebody wants it; one other thread looks. Neither ever waits for the other:
 * three views go round, est's, the newest, and the looker's.
 */
#ifndef HOST_ACQ_TAP_H
#define HOST_ACQ_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/block.h"
#include "cisoid/report.h"

struct cis_tap;

#define CIS_TAP_S 0.06 /* of samples in a view, at least */

struct cis_tap_config {
	uint32_t n_chan;
	double rate_hz;   /* the highest there will be */
	double history_s; /* how much later than its instant a report comes */
};

/* Samples as the estimator got them, and what it made of them: before its
 * phasors are corrected. */
struct cis_tap_view {
	struct cis_report rep;
	double rate_hz;
	double from_s; /* of the first scan, after the report instant */
	uint32_t n_chan, n_scan;
	double *x;       /* [n_chan][n_scan], V or A */
	double *delay_s; /* [n_chan]: so much later than its scan */
};

/* -ENOMEM; -EMSGSIZE: more than 64 MiB would be needed. */
int cis_tap_new(const struct cis_tap_config *cfg, struct cis_tap **out);
void cis_tap_free(struct cis_tap *tap); /* NULL is allowed */

/* ---- est's thread; NULL is allowed ---- */

void cis_tap_block(struct cis_tap *tap, const struct cis_block *blk);
void cis_tap_report(struct cis_tap *tap, const struct cis_report *rep);

/* ---- the looker's ---- */

/* While nobody wants a view, a block costs one look at a flag; who wants one again
 * gets none of before. */
void cis_tap_want(struct cis_tap *tap, bool wanted);

/* The newest, the looker's until the next call; NULL: there is none yet. */
const struct cis_tap_view *cis_tap_look(struct cis_tap *tap);

/* What the fit says at scan i, V or A. */
double cis_tap_fit(const struct cis_tap_view *view, uint32_t chan,
		   double fnom_hz, uint32_t i);

#endif

/*
 * design.h - builds the rows of profiles P, M and R for one seed frequency.
 *
 * LAPACK on one thread, milliseconds to a second of work: never called where
 * samples stream. Equations: docs/estimator.md, 3.
 */
#ifndef HOST_ESTIM_DESIGN_H
#define HOST_ESTIM_DESIGN_H

#include "cisoid/estim.h"
#include "rows.h"

struct cis_design {
	enum cis_profile profile; /* _P, _M or _REFERENCE */
	double fnom_hz;
	double report_hz; /* reporting rate; the design takes 10/s at least */
	double rate_hz;   /* sampling rate, 6 fnom to 100 kHz */
};

struct cis_shape {
	uint32_t half;  /* the window is 2 half + 1 samples */
	double grid_hz; /* from one seed to the next; seeds are multiples */
};

struct cis_shape cis_design_shape(const struct cis_design *d);

/* The rows; the caller's to free. NULL: no memory, or a singular problem. May
 * be called by several threads at once. */
struct cis_rows *cis_design_rows(const struct cis_design *d, double seed_hz);

#endif

/*
 * design_parts.h - what design.c is made of.
 */
#ifndef HOST_ESTIM_DESIGN_PARTS_H
#define HOST_ESTIM_DESIGN_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "design.h"

/* Rate that the design is for: report_hz, at least 10/s, at most fnom. */
double cis_design_report_hz(const struct cis_design *d);

/* Prefilter and decimation of M and R. */
struct cis_decimation {
	size_t reach; /* prefilter: taps -reach..reach */
	size_t by;    /* one sample in so many is kept, */
	size_t half;  /* which are -half..half */
};
struct cis_decimation cis_design_decimation(const struct cis_design *d);

/* Fill rows->g; false: no memory, or a singular problem. */
bool cis_design_p(const struct cis_design *d, struct cis_rows *rows);
bool cis_design_gls(const struct cis_design *d, struct cis_rows *rows);

#endif

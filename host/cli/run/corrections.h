/*
 * corrections.h - the correction of channels, shown: to people, to the log, in
 * what lies beside a recording.
 */
#ifndef HOST_CLI_CORRECTIONS_H
#define HOST_CLI_CORRECTIONS_H

#include <jansson.h>
#include <stdio.h>

#include "host/acq/cal/cal.h"

#define CIS_CORRECTION_SIZE 640

/* "table="VA.csv" rows=12 freq_hz=45..55 gain=0.9999..1.0001 ...". */
const char *cis_corrections_table(const struct cis_cal_table *table,
				  char text[CIS_CORRECTION_SIZE]);

/* In all of these scan_delay_s is by how much the scan itself takes each channel
 * later than the first, see source.h; NULL: not known here. */

/* Lines of the log, one a corrected channel, and one for its table:
 * "corrected: channel="VA" gain=1.003 offset=0 ...". */
void cis_corrections_tell(const struct cis_cal *cal,
			  const double *scan_delay_s);

/* A table, one line a channel, and one for its table. */
void cis_corrections_print(FILE *f, const struct cis_cal *cal,
			   const double *scan_delay_s);

/* The same of what a configuration says, whatever the source will be. NULL, and
 * a sentence: a table cannot be read, or no memory. */
struct cis_cal *cis_corrections_said(const struct cis_cal_chan *list,
				     uint32_t n, struct cis_diag *diag);

/* An array of the same, numbers in the units of cisoid.conf(5); to be decref'd;
 * NULL: no memory. */
json_t *cis_corrections_json(const struct cis_cal *cal,
			     const double *scan_delay_s);

#endif

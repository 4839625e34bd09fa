/*
 * corrections.h - the correction of channels, shown: to people, to the log, in
 * what lies beside a recording.
 */
#ifndef HOST_CLI_CORRECTIONS_H
#define HOST_CLI_CORRECTIONS_H

#include <jansson.h>
#include <stdio.h>

#include "host/acq/cal.h"

#define CIS_CORRECTION_SIZE 640

/* "table="VA.csv" rows=12 freq_hz=45..55 gain=0.9999..1.0001 ...". */
const char *cis_corrections_table(const struct cis_cal_table *table,
				  char text[CIS_CORRECTION_SIZE]);

/* "channel="VA" gain=1.003 offset=0 ...", with what is stated of it. */
const char *cis_corrections_channel(const struct cis_cal_info *info,
				    char text[CIS_CORRECTION_SIZE]);

/* Lines of the log, one a corrected channel. */
void cis_corrections_tell(const struct cis_cal *cal);

/*
 * A table, one line a channel. scan_delay_s is by how much the scan itself takes
 * each channel later than the first; NULL: all at once.
 */
void cis_corrections_print(FILE *f, const struct cis_cal *cal,
			   const double *scan_delay_s);

/* An array of the same, numbers in the units of cisoid.conf(5); to be decref'd;
 * NULL: no memory. */
json_t *cis_corrections_json(const struct cis_cal *cal,
			     const double *scan_delay_s);

#endif

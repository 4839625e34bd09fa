/*
 * csv.h - reports as CSV: COLUMNS of cisoid-estimate(1).
 */
#ifndef HOST_CLI_CSV_H
#define HOST_CLI_CSV_H

#include <stdio.h>

#include "cisoid/report.h"

/* Which columns there are behind the phasors. */
enum cis_csv_fit {
	CIS_CSV_PLAIN, /* none */
	CIS_CSV_TIME,  /* time_unc_s */
	CIS_CSV_U,     /* time_unc_s; each channel's _u_ppm and _u_urad */
	CIS_CSV_FIT,   /* all that --fit of estimate writes */
};

/* Numbers are written so that they read back to the same double. */
void cis_csv_header(FILE *f, const struct cis_chan_map *map,
		    enum cis_csv_fit fit);
void cis_csv_row(FILE *f, const struct cis_chan_map *map, enum cis_csv_fit fit,
		 const struct cis_report *rep);

/* Parts of those, for other tables: each but the first begins with a comma. */
void cis_csv_time(FILE *f, struct cis_instant at); /* time_utc,soc,fracsec */
void cis_csv_number(FILE *f, double v);            /* NaN: an empty cell */
void cis_csv_phasor(FILE *f, double complex rms);  /* rms, degrees */
void cis_csv_name(FILE *f, const char *name, const char *suffix); /* "", "_x" */

#endif

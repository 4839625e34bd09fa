/*
 * listen_csv.h - data frames as CSV.
 *
 * One PMU: the columns of estimate, channels named as the phasors are. Several:
 * each has frequency, ROCOF, flags and phasors with its station's name before
 * the column's, "NORTH:freq_hz", "NORTH:VA_rms"; stations of one name have
 * their IDCODE as well, "NORTH#61:freq_hz".
 */
#ifndef HOST_CLI_LISTEN_CSV_H
#define HOST_CLI_LISTEN_CSV_H

#include <stdio.h>

#include "cisoid/c37.h"

struct cis_listen_csv {
	char *header; /* as it was written; NULL: not yet */
	struct cis_chan_map map;
	struct cis_report rep;
};

/* Writes the header, once. -EINVAL: this configuration would need another
 * one; -ENOMEM. */
int cis_listen_csv_config(struct cis_listen_csv *csv,
			  const struct cis_c37_config *cfg, FILE *f);

void cis_listen_csv_row(struct cis_listen_csv *csv,
			const struct cis_c37_config *cfg,
			const struct cis_c37_data *data, FILE *f);

void cis_listen_csv_free(struct cis_listen_csv *csv);

#endif

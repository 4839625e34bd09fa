/*
 * cal_table.h - the correction of one channel over frequency and level.
 *
 * What is left to correct after the constant part (cal.h), measured on a grid
 * of frequencies and levels and linear between its nodes along either axis. An
 * axis that is absent means that the values hold for all of it.
 *
 * Outside the grid the value of its edge is held. By how much the straight
 * continuation of the outermost cell would differ is added in quadrature to the
 * uncertainty: it grows with the distance. Up to 1 % of that cell count as on
 * the edge.
 */
#ifndef HOST_ACQ_CAL_TABLE_H
#define HOST_ACQ_CAL_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cisoid/diag.h"

/* In this order in every array of values. */
enum cis_cal_value {
	CIS_CAL_GAIN,    /* factor of the magnitude */
	CIS_CAL_DELAY,   /* s, added to the channel's delay */
	CIS_CAL_PHASE,   /* rad, added to the angle */
	CIS_CAL_U_GAIN,  /* standard uncertainties of those (k = 1) */
	CIS_CAL_U_DELAY, /* s */
	CIS_CAL_U_PHASE, /* rad */
	CIS_CAL_N_VALUE
};

struct cis_cal_row {
	double freq_hz, level_rms;
	double value[CIS_CAL_N_VALUE];
	uint64_t line; /* of the file */
};

struct cis_cal_table;

/* What a table covers, for people. */
struct cis_cal_span {
	const char *name; /* of the file */
	uint32_t n_row;
	bool has_freq, has_level; /* has such an axis */
	double freq_hz[2];        /* from, to */
	double level_rms[2];
	double lowest[CIS_CAL_N_VALUE], highest[CIS_CAL_N_VALUE];
};

/*
 * Reads a CSV with the columns freq_hz, level_rms, gain, delay_ns, phase_deg,
 * u_gain, u_delay_ns, u_phase_deg: any order, any of them absent but one of the
 * three values. -EINVAL with file, line and column, or the system's error.
 */
int cis_cal_table_read(const char *path, struct cis_cal_table **out,
		       struct cis_diag *diag);
int cis_cal_table_parse(FILE *f, const char *name, struct cis_cal_table **out,
			struct cis_diag *diag);

/* From rows in any order that form a grid. has_freq and has_level say which
 * axes there are. -EINVAL names the row that is missing or there twice. */
struct cis_cal_rows {
	const char *name;
	const struct cis_cal_row *row;
	uint32_t n;
	bool has_freq, has_level;
};
int cis_cal_table_new(const struct cis_cal_rows *rows,
		      struct cis_cal_table **out, struct cis_diag *diag);
void cis_cal_table_free(struct cis_cal_table *table); /* NULL is allowed */

struct cis_cal_span cis_cal_table_span(const struct cis_cal_table *table);

/* The values at a frequency and a level, NaN where one of those is. False: the
 * grid does not reach so far. Allocates nothing. */
bool cis_cal_table_at(const struct cis_cal_table *table, double freq_hz,
		      double level_rms, double value[CIS_CAL_N_VALUE]);

#endif

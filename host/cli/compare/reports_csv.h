/*
 * reports_csv.h - the inside of reports_csv: columns, and the cells of a row.
 *
 * Columns are found by their names, in any order; a file of several PMUs has
 * "STATION:" before the names of each.
 */
#ifndef HOST_CLI_REPORTS_CSV_H
#define HOST_CLI_REPORTS_CSV_H

#include "host/core/csv_read.h"
#include "reports_parts.h"

/* A file that is being read. */
struct cis_reports_csv {
	struct cis_csv_reader csv;
	struct cis_reports_about *about;
	const struct cis_reports_pick *pick;
	struct cis_warn_list *warn;
	struct cis_diag *diag;
};

/* ---- reports_columns.c ---- */

enum cis_column_kind {
	CIS_COL_OTHER,
	CIS_COL_TIME_UTC,
	CIS_COL_SOC,
	CIS_COL_FRACSEC,
	CIS_COL_FREQ,
	CIS_COL_ROCOF,
	CIS_COL_FLAGS,
	CIS_COL_NOTES,
	CIS_COL_TIME_UNC,
	CIS_COL_RMS,
	CIS_COL_DEG,
	CIS_COL_U_PPM,
	CIS_COL_U_URAD,
};

struct cis_reports_column {
	enum cis_column_kind kind;
	uint32_t chan;
};

struct cis_reports_columns {
	size_t n;
	struct cis_reports_column *column;
	bool has_utc;
};

/* Reads the header, and sets all that it says of the PMU; free() is due in any
 * case. -EBADMSG, -EINVAL (the pick), -ENOMEM, with a message. */
int cis_reports_columns_read(struct cis_reports_csv *in,
			     struct cis_reports_columns *cols);
void cis_reports_columns_free(struct cis_reports_columns *cols);

/* ---- reports_cell.c ---- */

/* What the cells of a row say; NaN: nothing. */
struct cis_reports_row {
	struct cis_report rep; /* but for its phasors and its time */
	double rms[CIS_MAX_CHAN], deg[CIS_MAX_CHAN];
	double soc, fracsec, time_unc_s;
	struct cis_time time;
	bool blank; /* there are flags, and they are empty */
};

void cis_reports_row_clear(struct cis_reports_row *row, uint32_t n_chan);

/* Cell i of the record that was read last. -EBADMSG */
int cis_reports_cell(const struct cis_reports_csv *in, size_t i,
		     struct cis_reports_column column,
		     struct cis_reports_row *row);

#endif

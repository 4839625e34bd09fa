/*
 * records_note.h - what stands beside a recording: which corrections there were.
 *
 * FILE.csv.json for reports, whose CSV has one header line and no room; FILE.hdr
 * for samples, the header file of COMTRADE, which is free text.
 */
#ifndef HOST_CLI_RECORDS_NOTE_H
#define HOST_CLI_RECORDS_NOTE_H

#include "host/acq/cal/cal.h"
#include "host/cli/outfile.h"

struct cis_records_note {
	const struct cis_cal *cal;
	const double *scan_delay_s; /* source.h; NULL */
	const char *source;         /* as it was asked for */
	const char *station;        /* NULL: none */
	const char *path;           /* of the recording, FILE.csv or FILE.cfg */
};

/* No file stands beside a device or a pipe. */
bool cis_records_note_fits(const char *path);

/* Opens the file and writes all of it; commit or abort it. Errors as
 * cis_outfile_open(). */
int cis_records_note_write(struct cis_outfile *of,
			   const struct cis_records_note *note, bool force,
			   struct cis_diag *diag);

#endif

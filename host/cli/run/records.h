/*
 * records.h - the files that `run` keeps: reports as CSV, samples as COMTRADE.
 *
 * Where channels are corrected, the correction stands beside them: in
 * FILE.csv.json, and in COMTRADE's header file FILE.hdr, whose samples are kept
 * as delivered. Where uncertainties are stated for it the CSV has those of every
 * report; that of the date also where a time source states it.
 */
#ifndef HOST_CLI_RECORDS_H
#define HOST_CLI_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/report.h"
#include "host/acq/cal/cal.h"
#include "host/acq/rec.h"
#include "host/cli/cli.h"
#include "host/cli/csv.h"
#include "host/cli/endpoints.h"
#include "host/cli/outfile.h"

#define CIS_MAX_RECORD 4

struct cis_records_config {
	const struct cis_command *cmd; /* for messages */
	const char *const *path;       /* FILE.csv, or FILE.cfg at most once */
	uint32_t n_path;
	bool force;
	const struct cis_chan_map *map; /* borrowed until commit or abort */
	const char *station;            /* the same */
	const struct cis_cal *cal;      /* the same; NULL: nothing corrected */
	const double *scan_delay_s;     /* source.h; the same */
	const char *source;             /* as it was asked for */
	bool tells_time; /* how good the dates are goes with the reports */
	double fnom_hz;
	double rate_hz;     /* of the samples */
	uint32_t max_block; /* largest block of them */
};

/* Zero it before open(); abort() undoes what open() left, also after a
 * failure. */
struct cis_records {
	struct cis_records_config cfg;
	struct cis_rec *rec; /* for the acq thread; NULL: no samples are kept */
	uint32_t n_csv;
	struct cis_outfile csv[CIS_MAX_RECORD];
	enum cis_csv_fit columns;
	/* What stands beside them, where there is something to tell. */
	struct cis_outfile csv_note[CIS_MAX_RECORD], samples_note;
};

/* An exit status; what went wrong was told. */
int cis_records_open(struct cis_records *r,
		     const struct cis_records_config *cfg);

void cis_records_put(struct cis_records *r, const struct cis_report *rep);

/*
 * Makes the files appear. An exit status: 8 when one cannot be written, 7 when
 * the samples have holes that the disk made, or there were none and nobody had
 * stopped the run.
 */
int cis_records_commit(struct cis_records *r, bool stopped);

/* What has not been committed leaves no trace. */
void cis_records_abort(struct cis_records *r);

#endif

/* records.c - see records.h. */
#include "records.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "cisoid/log.h"
#include "records_note.h"

static int fail(const struct cis_records *r, int err,
		const struct cis_diag *diag)
{
	return cis_cli_fail(r->cfg.cmd, cis_exit_for_output(err), "%s",
			    diag->msg);
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len > n && !strcasecmp(text + len - n, end);
}

/* The file beside `path` that tells the corrections. */
static int open_note(const struct cis_records *r, const char *path,
		     struct cis_outfile *of)
{
	struct cis_diag diag = {""};
	struct cis_records_note note = {.cal = r->cfg.cal,
					.scan_delay_s = r->cfg.scan_delay_s,
					.source = r->cfg.source,
					.station = r->cfg.station,
					.path = path};
	int err = 0;

	if (r->cfg.cal && cis_records_note_fits(path))
		err = cis_records_note_write(of, &note, r->cfg.force, &diag);
	return err ? fail(r, err, &diag) : 0;
}

static int open_samples(struct cis_records *r, const char *path)
{
	struct cis_diag diag = {""};
	struct cis_recorder_config rc = {
		.path = path,
		.map = r->cfg.map,
		.station = r->cfg.station,
		.fnom_hz = r->cfg.fnom_hz,
		.format = CIS_COMTRADE_FLOAT32,
		.force = r->cfg.force,
	};
	int err;

	if (r->rec)
		return cis_cli_fail(r->cfg.cmd, CIS_EXIT_USAGE,
				    "--record: %s: one .cfg file at most",
				    path);
	err = cis_rec_open(&rc, r->cfg.max_block, r->cfg.rate_hz, &r->rec,
			   &diag);
	return err ? fail(r, err, &diag) : open_note(r, path, &r->samples_note);
}

static int open_reports(struct cis_records *r, const char *path)
{
	struct cis_diag diag = {""};
	int err =
		cis_outfile_open(&r->csv[r->n_csv], path, r->cfg.force, &diag);

	if (err)
		return fail(r, err, &diag);
	r->csv[r->n_csv].empty = true;
	cis_csv_header(r->csv[r->n_csv].f, r->cfg.map, r->columns);
	return open_note(r, path, &r->csv_note[r->n_csv++]);
}

static int open_one(struct cis_records *r, const char *path)
{
	if (ends_with(path, ".cfg"))
		return open_samples(r, path);
	if (ends_with(path, ".csv"))
		return open_reports(r, path);
	return cis_cli_fail(r->cfg.cmd, CIS_EXIT_USAGE,
			    "--record: %s: name a .cfg file for the samples, a "
			    ".csv file for the reports",
			    path);
}

static bool states_u(const struct cis_cal *cal)
{
	for (uint32_t c = 0; cal && c < cis_cal_map(cal)->n_chan; c++) {
		struct cis_cal_stated is = cis_cal_states_u(cal, c);

		if (is.mag || is.phase)
			return true;
	}
	return false;
}

int cis_records_open(struct cis_records *r,
		     const struct cis_records_config *cfg)
{
	int status = 0;

	r->cfg = *cfg;
	r->columns = states_u(cfg->cal) ? CIS_CSV_U
		     : cfg->tells_time  ? CIS_CSV_TIME
					: CIS_CSV_PLAIN;
	for (uint32_t i = 0; i < cfg->n_path && !status; i++)
		status = open_one(r, cfg->path[i]);
	return status;
}

/* Where nothing is stated the scatter of the fit is not the uncertainty. */
static void drop_unstated(const struct cis_cal *cal, struct cis_report *rep)
{
	for (uint32_t c = 0; c < rep->n_chan; c++) {
		struct cis_cal_stated is = cis_cal_states_u(cal, c);

		if (!is.mag)
			rep->fit[c].u_mag = NAN;
		if (!is.phase)
			rep->fit[c].u_phase_rad = NAN;
	}
}

void cis_records_put(struct cis_records *r, const struct cis_report *rep)
{
	struct cis_report told = *rep;

	if (r->columns == CIS_CSV_U)
		drop_unstated(r->cfg.cal, &told);
	for (uint32_t i = 0; i < r->n_csv; i++) {
		r->csv[i].empty = false;
		cis_csv_row(r->csv[i].f, r->cfg.map, r->columns, &told);
	}
}

/* Without a sample there is no recording; who stopped it so early knows. */
static int no_samples(const struct cis_records *r, bool stopped,
		      const struct cis_diag *diag)
{
	if (!stopped)
		return cis_cli_fail(r->cfg.cmd, CIS_EXIT_INCOMPLETE, "%s",
				    diag->msg);
	cis_log(CIS_LOG_WARN, "%s", diag->msg);
	return 0;
}

static int commit_samples(struct cis_records *r, bool stopped)
{
	struct cis_diag diag = {""};
	uint64_t lost;
	int err, late;

	if (!r->rec)
		return 0;
	lost = cis_rec_lost(r->rec);
	err = cis_rec_close(r->rec, &diag);
	r->rec = NULL;
	if (err == -ENODATA)
		return no_samples(r, stopped, &diag);
	/* Samples that were kept in spite of an error have theirs too. */
	late = cis_outfile_commit(&r->samples_note, err ? NULL : &diag);
	if (!err)
		err = late;
	if (err)
		return fail(r, err, &diag);
	if (lost)
		return cis_cli_fail(r->cfg.cmd, CIS_EXIT_INCOMPLETE,
				    "the recording lacks %llu scans: the disk "
				    "was too slow",
				    (unsigned long long)lost);
	return 0;
}

static int commit_reports(struct cis_records *r, uint32_t i)
{
	struct cis_diag diag = {""};
	int err;

	r->csv_note[i].empty = r->csv[i].empty;
	err = cis_outfile_commit(&r->csv[i], &diag);
	if (!err)
		err = cis_outfile_commit(&r->csv_note[i], &diag);
	return err ? fail(r, err, &diag) : 0;
}

int cis_records_commit(struct cis_records *r, bool stopped)
{
	int status = commit_samples(r, stopped);

	for (uint32_t i = 0; i < r->n_csv; i++) {
		int failed = commit_reports(r, i);

		if (failed)
			status = failed;
	}
	return status;
}

void cis_records_abort(struct cis_records *r)
{
	for (uint32_t i = 0; i < r->n_csv; i++) {
		cis_outfile_abort(&r->csv[i]);
		cis_outfile_abort(&r->csv_note[i]);
	}
	cis_outfile_abort(&r->samples_note);
	cis_rec_abort(r->rec);
	r->rec = NULL;
}

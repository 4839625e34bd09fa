/*
 * reports_csv.c - reports out of a CSV of estimate, listen or run --record; see
 * reports_parts.h.
 */
#include <errno.h>
#include <stdlib.h>

#include "cisoid/utc.h"
#include "host/core/angle.h"
#include "reports_csv.h"

/* time_utc and fracsec are one instant: a microsecond, and its rounding. */
#define MAX_CONTRADICTION_S 1.001e-6

struct table {
	struct cis_reports *r;
	struct cis_reports_csv in;
	struct cis_reports_columns cols;
	struct cis_reports_row row; /* the one at hand */
	uint64_t n_blank;           /* rows without flags */
};

/* ---- when it was ---- */

/* How far soc and fracsec, as far as they are told, are from time_utc. */
static double contradiction_s(const struct cis_reports_row *row)
{
	struct cis_split_time at = cis_time_split(row->time);
	double s = row->soc - (double)cis_utc_from_tai(at.tai_s).soc;
	double frac_s = row->fracsec - at.frac_s;

	if (isnan(s))
		return isnan(frac_s) ? 0 : frac_s - round(frac_s);
	return isnan(frac_s) ? s : s + frac_s;
}

/* Where both are there, time_utc is what is read. */
static int check_time(const struct table *t)
{
	double s = contradiction_s(&t->row);

	if (fabs(s) <= MAX_CONTRADICTION_S)
		return 0;
	return cis_fail(t->in.diag, -EBADMSG,
			"%.160s:%llu: time_utc and soc, fracsec tell two "
			"instants, %.6g s apart: mend one, or take a column "
			"away",
			t->in.csv.name, (unsigned long long)t->in.csv.line,
			fabs(s));
}

static int set_time(struct table *t)
{
	struct cis_reports_row *row = &t->row;

	if (t->cols.has_utc)
		return check_time(t);
	if (!(row->soc >= 0 && row->soc <= UINT32_MAX) ||
	    row->soc != floor(row->soc) ||
	    !(row->fracsec >= 0 && row->fracsec < 1))
		return cis_fail(t->in.diag, -EBADMSG,
				"%.160s:%llu: soc and fracsec are no time: a "
				"whole number of seconds and a fraction below "
				"1 are needed",
				t->in.csv.name,
				(unsigned long long)t->in.csv.line);
	row->time = cis_time_from_posix((int64_t)row->soc,
					(int64_t)llround(row->fracsec * 1e9));
	return 0;
}

/* ---- rows ---- */

static int put_row(struct table *t)
{
	struct cis_reports *r = t->r;
	struct cis_reports_row *row = &t->row;
	struct cis_report *rep = &row->rep;
	const struct cis_arrival unknown = {
		.latency_s = NAN, .off_grid_s = NAN, .stat = -1};

	/* A frame's largest time error is in no column of listen's. */
	rep->time_quality = (struct cis_time_quality){
		.unc_s = row->time_unc_s >= 0 ? row->time_unc_s : INFINITY};
	if (rep->notes & CIS_NOTE_SIM)
		r->about.simulated = true;
	for (uint32_t c = 0; c < r->about.map.n_chan; c++) {
		double rad = row->deg[c] * CIS_RAD_PER_DEG;

		rep->phasor_rms[c] = cis_rect(row->rms[c] * cos(rad),
					      row->rms[c] * sin(rad));
	}
	if (cis_reports_put(r, rep, &unknown))
		return cis_fail(t->in.diag, -ENOMEM, "out of memory");
	r->item[r->n - 1].raw = row->time;
	return 0;
}

static int read_row(struct table *t)
{
	int err = 0;

	if (t->in.csv.n_field != t->cols.n)
		return cis_fail(t->in.diag, -EBADMSG,
				"%.160s:%llu: %zu fields, the header has %zu",
				t->in.csv.name,
				(unsigned long long)t->in.csv.line,
				t->in.csv.n_field, t->cols.n);
	cis_reports_row_clear(&t->row, t->r->about.map.n_chan);
	for (size_t i = 0; !err && i < t->cols.n; i++)
		err = cis_reports_cell(&t->in, i, t->cols.column[i], &t->row);
	t->n_blank += t->row.blank;
	if (!err)
		err = set_time(t);
	return err ? err : put_row(t);
}

int cis_reports_read_csv(FILE *f, const struct cis_reports_pick *pick,
			 struct cis_reports *r, struct cis_warn_list *warn,
			 struct cis_diag *diag)
{
	struct table *t = calloc(1, sizeof(*t));
	int n = 1, err;

	if (!t)
		return cis_fail(diag, -ENOMEM, "out of memory");
	t->r = r;
	t->in = (struct cis_reports_csv){
		.about = &r->about, .pick = pick, .warn = warn, .diag = diag};
	cis_csv_reader_init(&t->in.csv, f, r->about.what);
	err = cis_reports_columns_read(&t->in, &t->cols);
	while (!err && (n = cis_csv_read(&t->in.csv, diag)) > 0)
		err = read_row(t);
	if (!err && t->n_blank)
		cis_warn(warn,
			 "%.160s: %llu of %zu rows have no flags; they count "
			 "as ok",
			 r->about.what, (unsigned long long)t->n_blank, r->n);
	if (!err)
		err = n < 0 ? n : cis_reports_grid(r, warn, diag);
	cis_csv_reader_free(&t->in.csv);
	cis_reports_columns_free(&t->cols);
	free(t);
	return err;
}

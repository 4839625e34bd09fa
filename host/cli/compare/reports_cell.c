/* reports_cell.c - what the cells of a CSV say; see reports_csv.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/utc.h"
#include "reports_csv.h"

static int bad_cell(const struct cis_reports_csv *in, size_t i,
		    const char *what)
{
	/* The header is gone: the column is told by its number. */
	return cis_fail(in->diag, -EBADMSG,
			"%.160s:%llu: column %zu: \"%.60s\" is %s",
			in->csv.name, (unsigned long long)in->csv.line, i + 1,
			cis_csv_field(&in->csv, i), what);
}

/* NaN for an empty cell, and for one that says so. */
static int number(const struct cis_reports_csv *in, size_t i, double *v)
{
	const char *text = cis_csv_field(&in->csv, i);
	char *end;

	*v = NAN;
	if (!text[0])
		return 0;
	*v = strtod(text, &end);
	if (*end || isinf(*v))
		return bad_cell(in, i, "not a number");
	return 0;
}

static int flags(const struct cis_reports_csv *in, size_t i,
		 struct cis_reports_row *row)
{
	const char *word = cis_csv_field(&in->csv, i);

	row->blank = !*word;
	while (*word) {
		size_t len = strcspn(word, "+");
		char name[CIS_FLAGS_SIZE];
		uint32_t bit;

		for (bit = 1; bit <= CIS_REPORT_UNSYNC; bit <<= 1)
			if (strlen(cis_report_flags(bit, name)) == len &&
			    !memcmp(word, name, len))
				break;
		if (bit <= CIS_REPORT_UNSYNC)
			row->rep.flags |= bit;
		else if (len != 2 || memcmp(word, "ok", 2) != 0)
			return bad_cell(in, i,
					"not of ok gap clip nosignal nofit "
					"unsync");
		word += len + (word[len] == '+');
	}
	return 0;
}

/* Notes that are not known are somebody's own. */
static void notes(const struct cis_reports_csv *in, size_t i,
		  struct cis_report *rep)
{
	const char *word = cis_csv_field(&in->csv, i);

	while (*word) {
		size_t len = strcspn(word, "+");
		char name[CIS_FLAGS_SIZE];

		for (uint32_t bit = 1; bit <= CIS_NOTE_CAL; bit <<= 1)
			if (strlen(cis_report_notes(bit, name)) == len &&
			    !memcmp(word, name, len))
				rep->notes |= bit;
		word += len + (word[len] == '+');
	}
}

static int time_utc(const struct cis_reports_csv *in, size_t i,
		    struct cis_time *time)
{
	struct cis_diag why;

	if (!cis_utc_parse(cis_csv_field(&in->csv, i), time, &why))
		return 0;
	return bad_cell(in, i, "not a UTC time such as 2026-11-20T23:21:14Z");
}

int cis_reports_cell(const struct cis_reports_csv *in, size_t i,
		     struct cis_reports_column col, struct cis_reports_row *row)
{
	struct cis_fit *fit = &row->rep.fit[col.chan];
	int err = 0;

	switch (col.kind) {
	case CIS_COL_OTHER:
		break;
	case CIS_COL_TIME_UTC:
		return time_utc(in, i, &row->time);
	case CIS_COL_SOC:
		return number(in, i, &row->soc);
	case CIS_COL_FRACSEC:
		return number(in, i, &row->fracsec);
	case CIS_COL_FREQ:
		return number(in, i, &row->rep.freq_hz);
	case CIS_COL_ROCOF:
		return number(in, i, &row->rep.rocof_hz_per_s);
	case CIS_COL_FLAGS:
		return flags(in, i, row);
	case CIS_COL_NOTES:
		notes(in, i, &row->rep);
		break;
	case CIS_COL_TIME_UNC:
		return number(in, i, &row->time_unc_s);
	case CIS_COL_RMS:
		return number(in, i, &row->rms[col.chan]);
	case CIS_COL_DEG:
		return number(in, i, &row->deg[col.chan]);
	case CIS_COL_U_PPM:
		err = number(in, i, &fit->u_mag);
		fit->u_mag *= 1e-6;
		break;
	case CIS_COL_U_URAD:
		err = number(in, i, &fit->u_phase_rad);
		fit->u_phase_rad *= 1e-6;
		break;
	}
	return err;
}

void cis_reports_row_clear(struct cis_reports_row *row, uint32_t n_chan)
{
	struct cis_report *rep = &row->rep;

	rep->flags = rep->notes = 0;
	rep->freq_hz = rep->rocof_hz_per_s = NAN;
	row->soc = row->fracsec = row->time_unc_s = NAN;
	row->blank = false;
	for (uint32_t c = 0; c < n_chan; c++) {
		row->rms[c] = row->deg[c] = NAN;
		rep->fit[c].u_mag = rep->fit[c].u_phase_rad = NAN;
	}
}

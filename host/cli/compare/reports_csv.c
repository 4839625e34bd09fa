/*
 * reports_csv.c - reports out of a CSV of estimate, listen or run --record; see
 * reports_parts.h. Columns are found by their names, in any order; a file of
 * several PMUs has "STATION:" before the names of each.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/utc.h"
#include "host/core/angle.h"
#include "host/core/csv_read.h"
#include "reports_parts.h"

/* time_utc and fracsec are one instant: a microsecond, and its rounding. */
#define MAX_CONTRADICTION_S 1.001e-6

enum kind {
	COL_OTHER,
	COL_TIME_UTC,
	COL_SOC,
	COL_FRACSEC,
	COL_FREQ,
	COL_ROCOF,
	COL_FLAGS,
	COL_NOTES,
	COL_TIME_UNC,
	COL_RMS,
	COL_DEG,
	COL_U_PPM,
	COL_U_URAD,
};

struct column {
	enum kind kind;
	uint32_t chan;
};

struct table {
	struct cis_csv_reader csv;
	struct cis_reports *r;
	const struct cis_reports_pick *pick;
	struct cis_warn_list *warn;
	struct cis_diag *diag;
	char prefix[CIS_C37_NAME_SIZE + 24]; /* "NORTH:", or "" */
	size_t n_column;
	struct column *column;
	char name[CIS_MAX_CHAN][CIS_NAME_SIZE]; /* of channels, as written */
	struct cis_report rep;                  /* the row at hand */
	double rms[CIS_MAX_CHAN], deg[CIS_MAX_CHAN];
	double soc, fracsec, time_unc_s;
	struct cis_time time;
	bool has_utc;
	uint64_t n_blank; /* rows without flags */
	bool names_say;   /* of several PMUs, which of them is simulated */
};

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n > m && !strcmp(s + n - m, tail);
}

/* ---- the header ---- */

/* The label before ":freq_hz" of column i, "" where there is none; false: the
 * column is another. */
static bool label_of(const struct table *t, size_t i, char *label, size_t size)
{
	const char *name = cis_csv_field(&t->csv, i);
	bool plain = !strcmp(name, "freq_hz");

	if (!plain && !ends_with(name, ":freq_hz"))
		return false;
	snprintf(label, size, "%.*s",
		 plain ? 0 : (int)(strlen(name) - strlen(":freq_hz")), name);
	return true;
}

/* "NORTH" or "NORTH#61" or "NORTH#61#2" against the pick. */
static bool is_picked(const struct table *t, const char *label)
{
	const struct cis_reports_pick *p = t->pick;
	size_t len = strcspn(label, "#");
	unsigned id = 0;
	bool has_id = sscanf(label + len, "#%5u", &id) == 1;

	if (p->station && strcmp(p->station, label) != 0 &&
	    (strlen(p->station) != len || memcmp(p->station, label, len) != 0))
		return false;
	return !p->idcode || (has_id && id == p->idcode);
}

/* Which PMU of the table is read. */
static int pick_label(struct table *t)
{
	char label[CIS_C37_NAME_SIZE + 16], found[sizeof(label)] = "";
	char list[160] = "";
	unsigned n = 0, n_fit = 0;

	for (size_t i = 0; i < t->csv.n_field; i++) {
		size_t len = strlen(list);

		if (!label_of(t, i, label, sizeof(label)))
			continue;
		n++;
		t->names_say |= strstr(label, "SIM") != NULL;
		snprintf(list + len, sizeof(list) - len, "%s%.40s",
			 len ? ", " : "", label);
		if (!is_picked(t, label))
			continue;
		if (n_fit++ == 0)
			strcpy(found, label);
	}
	if (n <= 1 && !found[0] && (n == 0 || !label[0]))
		return 0; /* one PMU without a label: nothing to choose */
	if (n_fit == 0)
		return cis_fail(t->diag, -EINVAL,
				"%.100s: holds no such PMU; it has %.150s",
				t->csv.name, list);
	if (n_fit > 1)
		return cis_reports_many(t->csv.name, list, t->pick, t->diag);
	snprintf(t->prefix, sizeof(t->prefix), "%s:", found);
	snprintf(t->r->about.station, sizeof(t->r->about.station), "%.*s",
		 (int)sizeof(t->r->about.station) - 1, found);
	t->r->about.simulated = strstr(found, "SIM") != NULL;
	return 0;
}

static enum kind kind_of(const char *name)
{
	static const struct {
		const char *name;
		enum kind kind;
	} fixed[] = {{"freq_hz", COL_FREQ},
		     {"rocof_hz_per_s", COL_ROCOF},
		     {"flags", COL_FLAGS},
		     {"notes", COL_NOTES},
		     {"time_unc_s", COL_TIME_UNC}},
	  tails[] = {{"_rms", COL_RMS},
		     {"_deg", COL_DEG},
		     {"_u_ppm", COL_U_PPM},
		     {"_u_urad", COL_U_URAD}};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (!strcmp(name, fixed[i].name))
			return fixed[i].kind;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		if (ends_with(name, tails[i].name))
			return tails[i].kind;
	return COL_OTHER;
}

/* The channel of that name, begun if it is new; CIS_MAX_CHAN: no room. */
static uint32_t channel(struct table *t, const char *name)
{
	struct cis_reports_about *about = &t->r->about;
	struct cis_chan_map *map = &about->map;
	uint32_t c;

	for (c = 0; c < map->n_chan; c++)
		if (!strcmp(t->name[c], name))
			return c;
	if (c == CIS_MAX_CHAN)
		return c;
	strcpy(t->name[c], name);
	cis_chan_set_name(map, c, name);
	about->quantity[c] = cis_reports_quantity(name);
	if (about->quantity[c] == CIS_MATCH_CURRENT)
		map->chan[c].quantity = CIS_CURRENT;
	map->chan[c].position = c;
	map->n_chan++;
	return c;
}

static int take_channel(struct table *t, const char *name, struct column *col)
{
	static const size_t tail[] = {[COL_RMS] = 4,
				      [COL_DEG] = 4,
				      [COL_U_PPM] = 6,
				      [COL_U_URAD] = 7};
	char base[CIS_NAME_SIZE];

	snprintf(base, sizeof(base), "%.*s",
		 (int)(strlen(name) - tail[col->kind]), name);
	col->chan = channel(t, base);
	if (col->chan == CIS_MAX_CHAN)
		return cis_fail(t->diag, -EBADMSG,
				"%.160s: has more than %d phasors", t->csv.name,
				CIS_MAX_CHAN);
	if (col->kind >= COL_U_PPM)
		t->r->about.has_unc = true;
	return 0;
}

static int take_column(struct table *t, size_t i)
{
	const char *name = cis_csv_field(&t->csv, i);
	struct column *col = &t->column[i];
	size_t len = strlen(t->prefix);

	if (!strcmp(name, "time_utc"))
		col->kind = COL_TIME_UTC;
	else if (!strcmp(name, "soc"))
		col->kind = COL_SOC;
	else if (!strcmp(name, "fracsec"))
		col->kind = COL_FRACSEC;
	else if (!strcmp(name, "notes") && !t->names_say)
		col->kind = COL_NOTES;
	else if (!strncmp(name, t->prefix, len))
		col->kind = kind_of(name + len);
	for (size_t k = 0; k < i && col->kind != COL_OTHER; k++)
		if (!strcmp(cis_csv_field(&t->csv, k), name))
			return cis_fail(t->diag, -EBADMSG,
					"%.160s:%llu: two columns are named "
					"\"%.60s\"",
					t->csv.name,
					(unsigned long long)t->csv.line, name);
	return col->kind >= COL_RMS ? take_channel(t, name + len, col) : 0;
}

static bool has(const struct table *t, enum kind kind, uint32_t chan)
{
	for (size_t i = 0; i < t->n_column; i++)
		if (t->column[i].kind == kind && t->column[i].chan == chan)
			return true;
	return false;
}

static int check_header(struct table *t)
{
	const struct cis_chan_map *map = &t->r->about.map;
	const char *name = t->csv.name;

	t->has_utc = has(t, COL_TIME_UTC, 0);
	if (!t->has_utc && !(has(t, COL_SOC, 0) && has(t, COL_FRACSEC, 0)))
		return cis_fail(t->diag, -EBADMSG,
				"%.160s: is no table of reports: its first "
				"line names neither time_utc nor soc and "
				"fracsec",
				name);
	for (uint32_t c = 0; c < map->n_chan; c++)
		if (!has(t, COL_RMS, c) || !has(t, COL_DEG, c))
			return cis_fail(t->diag, -EBADMSG,
					"%.120s: there is no column "
					"\"%.60s%s\"",
					name, map->chan[c].name,
					has(t, COL_RMS, c) ? "_deg" : "_rms");
	if (map->n_chan == 0 && !has(t, COL_FREQ, 0))
		return cis_fail(t->diag, -EBADMSG,
				"%.160s: has neither phasors (NAME_rms, "
				"NAME_deg) nor freq_hz",
				name);
	if (!has(t, COL_FLAGS, 0))
		cis_warn(t->warn,
			 "%.160s: has no column flags; all rows count as ok",
			 name);
	return 0;
}

/* By columns that only our tables of errors have. */
static bool is_errors(const struct table *t)
{
	unsigned n = 0;

	for (size_t i = 0; i < t->n_column; i++)
		n += !strcmp(cis_csv_field(&t->csv, i), "left_out") ||
		     !strcmp(cis_csv_field(&t->csv, i), "dut_doubts");
	return n == 2;
}

static int read_header(struct table *t)
{
	int n = cis_csv_read(&t->csv, t->diag);
	int err;

	if (n < 0)
		return n;
	if (n == 0)
		return cis_fail(t->diag, -EBADMSG, "%.160s: is empty",
				t->csv.name);
	t->n_column = t->csv.n_field;
	t->column = calloc(t->n_column, sizeof(*t->column));
	if (!t->column)
		return cis_fail(t->diag, -ENOMEM, "out of memory");
	if (is_errors(t))
		return cis_fail(t->diag, -EBADMSG,
				"%.160s: holds errors, as compare --csv writes "
				"them, and no reports: give the two files that "
				"it was made of",
				t->csv.name);
	err = pick_label(t);
	for (size_t i = 0; !err && i < t->n_column; i++)
		err = take_column(t, i);
	return err ? err : check_header(t);
}

/* ---- rows ---- */

static int bad_cell(const struct table *t, size_t i, const char *what)
{
	/* The header is gone: the column is told by its number. */
	return cis_fail(t->diag, -EBADMSG,
			"%.160s:%llu: column %zu: \"%.60s\" is %s", t->csv.name,
			(unsigned long long)t->csv.line, i + 1,
			cis_csv_field(&t->csv, i), what);
}

/* NaN for an empty cell, and for one that says so. */
static int number(const struct table *t, size_t i, double *v)
{
	const char *text = cis_csv_field(&t->csv, i);
	char *end;

	*v = NAN;
	if (!text[0])
		return 0;
	*v = strtod(text, &end);
	if (*end || isinf(*v))
		return bad_cell(t, i, "not a number");
	return 0;
}

static int flags(struct table *t, size_t i)
{
	const char *word = cis_csv_field(&t->csv, i);

	t->n_blank += !*word;
	while (*word) {
		size_t len = strcspn(word, "+");
		char name[CIS_FLAGS_SIZE];
		uint32_t bit;

		for (bit = 1; bit <= CIS_REPORT_UNSYNC; bit <<= 1)
			if (strlen(cis_report_flags(bit, name)) == len &&
			    !memcmp(word, name, len))
				break;
		if (bit <= CIS_REPORT_UNSYNC)
			t->rep.flags |= bit;
		else if (len != 2 || memcmp(word, "ok", 2) != 0)
			return bad_cell(t, i,
					"not of ok gap clip nosignal nofit "
					"unsync");
		word += len + (word[len] == '+');
	}
	return 0;
}

/* Notes that are not known are somebody's own. */
static void notes(struct table *t, size_t i)
{
	const char *word = cis_csv_field(&t->csv, i);

	while (*word) {
		size_t len = strcspn(word, "+");
		char name[CIS_FLAGS_SIZE];

		for (uint32_t bit = 1; bit <= CIS_NOTE_CAL; bit <<= 1)
			if (strlen(cis_report_notes(bit, name)) == len &&
			    !memcmp(word, name, len))
				t->rep.notes |= bit;
		word += len + (word[len] == '+');
	}
}

static int time_utc(struct table *t, size_t i)
{
	struct cis_diag why;

	if (!cis_utc_parse(cis_csv_field(&t->csv, i), &t->time, &why))
		return 0;
	return bad_cell(t, i, "not a UTC time such as 2026-11-20T23:21:14Z");
}

static int take_cell(struct table *t, size_t i)
{
	struct column col = t->column[i];
	struct cis_fit *fit = &t->rep.fit[col.chan];
	int err = 0;

	switch (col.kind) {
	case COL_OTHER:
		break;
	case COL_TIME_UTC:
		return time_utc(t, i);
	case COL_SOC:
		return number(t, i, &t->soc);
	case COL_FRACSEC:
		return number(t, i, &t->fracsec);
	case COL_FREQ:
		return number(t, i, &t->rep.freq_hz);
	case COL_ROCOF:
		return number(t, i, &t->rep.rocof_hz_per_s);
	case COL_FLAGS:
		return flags(t, i);
	case COL_NOTES:
		notes(t, i);
		break;
	case COL_TIME_UNC:
		return number(t, i, &t->time_unc_s);
	case COL_RMS:
		return number(t, i, &t->rms[col.chan]);
	case COL_DEG:
		return number(t, i, &t->deg[col.chan]);
	case COL_U_PPM:
		err = number(t, i, &fit->u_mag);
		fit->u_mag *= 1e-6;
		break;
	case COL_U_URAD:
		err = number(t, i, &fit->u_phase_rad);
		fit->u_phase_rad *= 1e-6;
		break;
	}
	return err;
}

/* How far soc and fracsec, as far as they are told, are from time_utc. */
static double contradiction_s(const struct table *t)
{
	struct cis_split_time at = cis_time_split(t->time);
	double s = t->soc - (double)cis_utc_from_tai(at.tai_s).soc;
	double frac_s = t->fracsec - at.frac_s;

	if (isnan(s))
		return isnan(frac_s) ? 0 : frac_s - round(frac_s);
	return isnan(frac_s) ? s : s + frac_s;
}

/* Where both are there, time_utc is what is read. */
static int check_time(const struct table *t)
{
	double s = contradiction_s(t);

	if (fabs(s) <= MAX_CONTRADICTION_S)
		return 0;
	return cis_fail(t->diag, -EBADMSG,
			"%.160s:%llu: time_utc and soc, fracsec tell two "
			"instants, %.6g s apart: mend one, or take a column "
			"away",
			t->csv.name, (unsigned long long)t->csv.line, fabs(s));
}

static int set_time(struct table *t)
{
	if (t->has_utc)
		return check_time(t);
	if (!(t->soc >= 0 && t->soc <= UINT32_MAX) || t->soc != floor(t->soc) ||
	    !(t->fracsec >= 0 && t->fracsec < 1))
		return cis_fail(t->diag, -EBADMSG,
				"%.160s:%llu: soc and fracsec are no time: a "
				"whole number of seconds and a fraction below "
				"1 are needed",
				t->csv.name, (unsigned long long)t->csv.line);
	t->time = cis_time_from_posix((int64_t)t->soc,
				      (int64_t)llround(t->fracsec * 1e9));
	return 0;
}

static void clear_row(struct table *t)
{
	struct cis_report *rep = &t->rep;

	rep->flags = rep->notes = 0;
	rep->freq_hz = rep->rocof_hz_per_s = NAN;
	t->soc = t->fracsec = t->time_unc_s = NAN;
	for (uint32_t c = 0; c < t->r->about.map.n_chan; c++) {
		t->rms[c] = t->deg[c] = NAN;
		rep->fit[c].u_mag = rep->fit[c].u_phase_rad = NAN;
	}
}

static int put_row(struct table *t)
{
	struct cis_reports *r = t->r;
	struct cis_report *rep = &t->rep;
	const struct cis_arrival unknown = {
		.latency_s = NAN, .off_grid_s = NAN, .stat = -1};

	/* A frame's largest time error is in no column of listen's. */
	rep->time_quality = (struct cis_time_quality){
		.unc_s = t->time_unc_s >= 0 ? t->time_unc_s : INFINITY};
	if (rep->notes & CIS_NOTE_SIM)
		r->about.simulated = true;
	for (uint32_t c = 0; c < r->about.map.n_chan; c++) {
		double rad = t->deg[c] * CIS_RAD_PER_DEG;

		rep->phasor_rms[c] =
			cis_rect(t->rms[c] * cos(rad), t->rms[c] * sin(rad));
	}
	if (cis_reports_put(r, rep, &unknown))
		return cis_fail(t->diag, -ENOMEM, "out of memory");
	r->item[r->n - 1].raw = t->time;
	return 0;
}

static int read_row(struct table *t)
{
	int err = 0;

	if (t->csv.n_field != t->n_column)
		return cis_fail(t->diag, -EBADMSG,
				"%.160s:%llu: %zu fields, the header has %zu",
				t->csv.name, (unsigned long long)t->csv.line,
				t->csv.n_field, t->n_column);
	clear_row(t);
	for (size_t i = 0; !err && i < t->n_column; i++)
		err = take_cell(t, i);
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
	cis_csv_reader_init(&t->csv, f, r->about.what);
	t->r = r;
	t->pick = pick;
	t->warn = warn;
	t->diag = diag;
	err = read_header(t);
	while (!err && (n = cis_csv_read(&t->csv, diag)) > 0)
		err = read_row(t);
	if (!err && t->n_blank)
		cis_warn(warn,
			 "%.160s: %llu of %zu rows have no flags; they count "
			 "as ok",
			 r->about.what, (unsigned long long)t->n_blank, r->n);
	if (!err)
		err = n < 0 ? n : cis_reports_grid(r, warn, diag);
	cis_csv_reader_free(&t->csv);
	free(t->column);
	free(t);
	return err;
}

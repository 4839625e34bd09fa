/*
 * reports_columns.c - which PMU of a CSV is read, and what its columns are; see
 * reports_csv.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reports_csv.h"

struct header {
	struct cis_reports_csv *in;
	struct cis_reports_columns *cols;
	char prefix[CIS_C37_NAME_SIZE + 24];    /* "NORTH:", or "" */
	char name[CIS_MAX_CHAN][CIS_NAME_SIZE]; /* of channels, as written */
	bool names_say; /* of several PMUs, which of them is simulated */
};

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n > m && !strcmp(s + n - m, tail);
}

/* ---- which PMU ---- */

/* The label before ":freq_hz" of column i, "" where there is none; false: the
 * column is another. */
static bool label_of(const struct header *h, size_t i, char *label, size_t size)
{
	const char *name = cis_csv_field(&h->in->csv, i);
	bool plain = !strcmp(name, "freq_hz");

	if (!plain && !ends_with(name, ":freq_hz"))
		return false;
	snprintf(label, size, "%.*s",
		 plain ? 0 : (int)(strlen(name) - strlen(":freq_hz")), name);
	return true;
}

/* "NORTH" or "NORTH#61" or "NORTH#61#2" against the pick. */
static bool is_picked(const struct header *h, const char *label)
{
	const struct cis_reports_pick *p = h->in->pick;
	size_t len = strcspn(label, "#");
	unsigned id = 0;
	bool has_id = sscanf(label + len, "#%5u", &id) == 1;

	if (p->station && strcmp(p->station, label) != 0 &&
	    (strlen(p->station) != len || memcmp(p->station, label, len) != 0))
		return false;
	return !p->idcode || (has_id && id == p->idcode);
}

/* Which PMU of the table is read. */
static int pick_label(struct header *h)
{
	char label[CIS_C37_NAME_SIZE + 16], found[sizeof(label)] = "";
	char list[160] = "";
	unsigned n = 0, n_fit = 0;

	for (size_t i = 0; i < h->in->csv.n_field; i++) {
		size_t len = strlen(list);

		if (!label_of(h, i, label, sizeof(label)))
			continue;
		n++;
		h->names_say |= strstr(label, "SIM") != NULL;
		snprintf(list + len, sizeof(list) - len, "%s%.40s",
			 len ? ", " : "", label);
		if (!is_picked(h, label))
			continue;
		if (n_fit++ == 0)
			strcpy(found, label);
	}
	if (n <= 1 && !found[0] && (n == 0 || !label[0]))
		return 0; /* one PMU without a label: nothing to choose */
	if (n_fit == 0)
		return cis_fail(h->in->diag, -EINVAL,
				"%.100s: holds no such PMU; it has %.150s",
				h->in->csv.name, list);
	if (n_fit > 1)
		return cis_reports_many(h->in->csv.name, list, h->in->pick,
					h->in->diag);
	snprintf(h->prefix, sizeof(h->prefix), "%s:", found);
	snprintf(h->in->about->station, sizeof(h->in->about->station), "%.*s",
		 (int)sizeof(h->in->about->station) - 1, found);
	h->in->about->simulated = strstr(found, "SIM") != NULL;
	return 0;
}

/* ---- which columns ---- */

static enum cis_column_kind kind_of(const char *name)
{
	static const struct {
		const char *name;
		enum cis_column_kind kind;
	} fixed[] = {{"freq_hz", CIS_COL_FREQ},
		     {"rocof_hz_per_s", CIS_COL_ROCOF},
		     {"flags", CIS_COL_FLAGS},
		     {"notes", CIS_COL_NOTES},
		     {"time_unc_s", CIS_COL_TIME_UNC}},
	  tails[] = {{"_rms", CIS_COL_RMS},
		     {"_deg", CIS_COL_DEG},
		     {"_u_ppm", CIS_COL_U_PPM},
		     {"_u_urad", CIS_COL_U_URAD}};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (!strcmp(name, fixed[i].name))
			return fixed[i].kind;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		if (ends_with(name, tails[i].name))
			return tails[i].kind;
	return CIS_COL_OTHER;
}

/* The channel of that name, begun if it is new; CIS_MAX_CHAN: no room. */
static uint32_t channel(struct header *h, const char *name)
{
	struct cis_reports_about *about = h->in->about;
	struct cis_chan_map *map = &about->map;
	uint32_t c;

	for (c = 0; c < map->n_chan; c++)
		if (!strcmp(h->name[c], name))
			return c;
	if (c == CIS_MAX_CHAN)
		return c;
	strcpy(h->name[c], name);
	cis_chan_set_name(map, c, name);
	about->quantity[c] = cis_reports_quantity(name);
	if (about->quantity[c] == CIS_MATCH_CURRENT)
		map->chan[c].quantity = CIS_CURRENT;
	map->chan[c].position = c;
	map->n_chan++;
	return c;
}

static int take_channel(struct header *h, const char *name,
			struct cis_reports_column *col)
{
	static const size_t tail[] = {[CIS_COL_RMS] = 4,
				      [CIS_COL_DEG] = 4,
				      [CIS_COL_U_PPM] = 6,
				      [CIS_COL_U_URAD] = 7};
	char base[CIS_NAME_SIZE];

	snprintf(base, sizeof(base), "%.*s",
		 (int)(strlen(name) - tail[col->kind]), name);
	col->chan = channel(h, base);
	if (col->chan == CIS_MAX_CHAN)
		return cis_fail(h->in->diag, -EBADMSG,
				"%.160s: has more than %d phasors",
				h->in->csv.name, CIS_MAX_CHAN);
	if (col->kind >= CIS_COL_U_PPM)
		h->in->about->has_unc = true;
	return 0;
}

static int take_column(struct header *h, size_t i)
{
	const char *name = cis_csv_field(&h->in->csv, i);
	struct cis_reports_column *col = &h->cols->column[i];
	size_t len = strlen(h->prefix);

	if (!strcmp(name, "time_utc"))
		col->kind = CIS_COL_TIME_UTC;
	else if (!strcmp(name, "soc"))
		col->kind = CIS_COL_SOC;
	else if (!strcmp(name, "fracsec"))
		col->kind = CIS_COL_FRACSEC;
	else if (!strcmp(name, "notes") && !h->names_say)
		col->kind = CIS_COL_NOTES;
	else if (!strncmp(name, h->prefix, len))
		col->kind = kind_of(name + len);
	for (size_t k = 0; k < i && col->kind != CIS_COL_OTHER; k++)
		if (!strcmp(cis_csv_field(&h->in->csv, k), name))
			return cis_fail(h->in->diag, -EBADMSG,
					"%.160s:%llu: two columns are named "
					"\"%.60s\"",
					h->in->csv.name,
					(unsigned long long)h->in->csv.line,
					name);
	return col->kind >= CIS_COL_RMS ? take_channel(h, name + len, col) : 0;
}

static bool has(const struct header *h, enum cis_column_kind kind,
		uint32_t chan)
{
	for (size_t i = 0; i < h->cols->n; i++)
		if (h->cols->column[i].kind == kind &&
		    h->cols->column[i].chan == chan)
			return true;
	return false;
}

static int check_header(struct header *h)
{
	const struct cis_chan_map *map = &h->in->about->map;
	const char *name = h->in->csv.name;

	h->cols->has_utc = has(h, CIS_COL_TIME_UTC, 0);
	if (!h->cols->has_utc &&
	    !(has(h, CIS_COL_SOC, 0) && has(h, CIS_COL_FRACSEC, 0)))
		return cis_fail(h->in->diag, -EBADMSG,
				"%.160s: is no table of reports: its first "
				"line names neither time_utc nor soc and "
				"fracsec",
				name);
	for (uint32_t c = 0; c < map->n_chan; c++)
		if (!has(h, CIS_COL_RMS, c) || !has(h, CIS_COL_DEG, c))
			return cis_fail(h->in->diag, -EBADMSG,
					"%.120s: there is no column "
					"\"%.60s%s\"",
					name, map->chan[c].name,
					has(h, CIS_COL_RMS, c) ? "_deg"
							       : "_rms");
	if (map->n_chan == 0 && !has(h, CIS_COL_FREQ, 0))
		return cis_fail(h->in->diag, -EBADMSG,
				"%.160s: has neither phasors (NAME_rms, "
				"NAME_deg) nor freq_hz",
				name);
	if (!has(h, CIS_COL_FLAGS, 0))
		cis_warn(h->in->warn,
			 "%.160s: has no column flags; all rows count as ok",
			 name);
	return 0;
}

/* By columns that only our tables of errors have. */
static bool is_errors(const struct header *h)
{
	unsigned n = 0;

	for (size_t i = 0; i < h->cols->n; i++)
		n += !strcmp(cis_csv_field(&h->in->csv, i), "left_out") ||
		     !strcmp(cis_csv_field(&h->in->csv, i), "dut_doubts");
	return n == 2;
}

static int read_columns(struct header *h)
{
	int err;

	if (is_errors(h))
		return cis_fail(h->in->diag, -EBADMSG,
				"%.160s: holds errors, as compare --csv writes "
				"them, and no reports: give the two files that "
				"it was made of",
				h->in->csv.name);
	err = pick_label(h);
	for (size_t i = 0; !err && i < h->cols->n; i++)
		err = take_column(h, i);
	return err ? err : check_header(h);
}

int cis_reports_columns_read(struct cis_reports_csv *in,
			     struct cis_reports_columns *cols)
{
	int n = cis_csv_read(&in->csv, in->diag);
	struct header *h;
	int err;

	if (n < 0)
		return n;
	if (n == 0)
		return cis_fail(in->diag, -EBADMSG, "%.160s: is empty",
				in->csv.name);
	h = calloc(1, sizeof(*h));
	cols->n = in->csv.n_field;
	cols->column = calloc(cols->n, sizeof(*cols->column));
	if (h && cols->column) {
		h->in = in;
		h->cols = cols;
		err = read_columns(h);
	} else {
		err = cis_fail(in->diag, -ENOMEM, "out of memory");
	}
	free(h);
	return err;
}

void cis_reports_columns_free(struct cis_reports_columns *cols)
{
	free(cols->column);
}

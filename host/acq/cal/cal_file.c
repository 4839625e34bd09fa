/* cal_file.c - the table of a correction out of a CSV; see cal_table.h. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cal_table.h"
#include "host/core/angle.h"
#include "host/core/csv_read.h"
#include "host/core/near.h"

#define MAX_ROW 4096

/* Columns by number: the two axes, then enum cis_cal_value. */
enum { FREQ, LEVEL, N_AXIS, N_COLUMN = N_AXIS + CIS_CAL_N_VALUE };

static const char *const names[N_COLUMN + 1] = {
	"freq_hz",   "level_rms", "gain",       "delay_ns",
	"phase_deg", "u_gain",    "u_delay_ns", "u_phase_deg"};

/* Limits as written, and the factor to the unit inside. What is constant
 * belongs into the constant part: a gain far from 1 is another quantity. */
static const struct {
	double min, max, factor;
} limits[N_COLUMN] = {{1e-3, 1e6, 1},
		      {0, 1e9, 1},
		      {0.5, 2, 1},
		      {-1e7, 1e7, 1e-9},
		      {-180, 180, CIS_RAD_PER_DEG},
		      {0, 1, 1},
		      {0, 1e7, 1e-9},
		      {0, 180, CIS_RAD_PER_DEG}};

struct loader {
	struct cis_csv_reader csv;
	struct cis_diag *diag;
	size_t n_field;
	int column[N_COLUMN]; /* kind of each field of the file */
	bool has[N_COLUMN];
	uint32_t n, cap;
	struct cis_cal_row *row;
};

/* The field without the blanks around it. */
static const char *cell(const struct loader *l, size_t i, char text[64])
{
	const char *s = cis_csv_field(&l->csv, i);
	size_t len;

	s += strspn(s, " \t");
	len = strlen(s);
	while (len > 0 && strchr(" \t", s[len - 1]))
		len--;
	snprintf(text, 64, "%.*s", len > 63 ? 63 : (int)len, s);
	return text;
}

/* "FILE:LINE:COLUMN" of a field; columns count from 1. */
static const char *where(const struct loader *l, size_t i, char text[240])
{
	snprintf(text, 240, "%.180s:%llu:%u", l->csv.name,
		 (unsigned long long)l->csv.line, (unsigned)i + 1);
	return text;
}

static int take_name(struct loader *l, size_t i)
{
	char text[64], at[240];
	const char *near;
	int k = 0;

	cell(l, i, text);
	while (k < N_COLUMN && strcmp(text, names[k]) != 0)
		k++;
	if (k == N_COLUMN) {
		near = cis_near(text, names);
		return cis_fail(
			l->diag, -EINVAL, "%s: there is no column \"%s\"%s%s%s",
			where(l, i, at), text, near ? "; did you mean \"" : "",
			near ? near : "", near ? "\"?" : "");
	}
	if (l->has[k])
		return cis_fail(l->diag, -EINVAL, "%s: %s is there twice",
				where(l, i, at), text);
	l->has[k] = true;
	l->column[i] = k;
	return 0;
}

static int read_header(struct loader *l)
{
	int err = cis_csv_read(&l->csv, l->diag);

	if (err < 0)
		return err;
	if (err == 0)
		return cis_fail(l->diag, -EINVAL, "%.160s: is empty",
				l->csv.name);
	l->n_field = l->csv.n_field;
	if (l->n_field > N_COLUMN)
		return cis_fail(l->diag, -EINVAL,
				"%.160s:%llu: has %u columns; there are %d",
				l->csv.name, (unsigned long long)l->csv.line,
				(unsigned)l->n_field, N_COLUMN);
	for (size_t i = 0; i < l->n_field; i++) {
		err = take_name(l, i);
		if (err)
			return err;
	}
	if (l->has[N_AXIS + CIS_CAL_GAIN] || l->has[N_AXIS + CIS_CAL_DELAY] ||
	    l->has[N_AXIS + CIS_CAL_PHASE])
		return 0;
	return cis_fail(l->diag, -EINVAL,
			"%.160s:%llu: none of the columns gain, delay_ns, "
			"phase_deg: nothing to correct",
			l->csv.name, (unsigned long long)l->csv.line);
}

static int take_number(struct loader *l, size_t i, struct cis_cal_row *row)
{
	int k = l->column[i];
	char text[64], at[240], *end;
	double v = strtod(cell(l, i, text), &end);

	if (end == text || *end || !isfinite(v))
		return cis_fail(l->diag, -EINVAL,
				"%s: %s: \"%s\" is not a number",
				where(l, i, at), names[k], text);
	if (v < limits[k].min || v > limits[k].max)
		return cis_fail(l->diag, -EINVAL,
				"%s: %s: %s is not within %g to %g",
				where(l, i, at), names[k], text, limits[k].min,
				limits[k].max);
	if (k == FREQ)
		row->freq_hz = v;
	else if (k == LEVEL)
		row->level_rms = v;
	else
		row->value[k - N_AXIS] = v * limits[k].factor;
	return 0;
}

static struct cis_cal_row *more_room(struct loader *l)
{
	uint32_t cap = l->cap ? 2 * l->cap : 16;
	struct cis_cal_row *more;

	if (l->n == l->cap) {
		more = realloc(l->row, cap * sizeof(*more));
		if (!more)
			return NULL;
		l->row = more;
		l->cap = cap;
	}
	return &l->row[l->n];
}

static int take_row(struct loader *l)
{
	struct cis_cal_row *row = more_room(l);
	unsigned long long line = (unsigned long long)l->csv.line;
	int err = 0;

	if (!row)
		return cis_fail(l->diag, -ENOMEM, "out of memory");
	if (l->n == MAX_ROW)
		return cis_fail(l->diag, -EINVAL,
				"%.160s:%llu: more than %d rows", l->csv.name,
				line, MAX_ROW);
	if (l->csv.n_field != l->n_field)
		return cis_fail(l->diag, -EINVAL,
				"%.160s:%llu: has %u fields, the header %u",
				l->csv.name, line, (unsigned)l->csv.n_field,
				(unsigned)l->n_field);
	*row = (struct cis_cal_row){.value = {[CIS_CAL_GAIN] = 1},
				    .line = l->csv.line};
	for (size_t i = 0; i < l->n_field && !err; i++)
		err = take_number(l, i, row);
	l->n += !err;
	return err;
}

static int load(struct loader *l, struct cis_cal_table **out)
{
	int err = read_header(l), n = 1;
	struct cis_cal_rows rows;

	while (!err && (n = cis_csv_read(&l->csv, l->diag)) > 0)
		err = take_row(l);
	if (err || n < 0)
		return err ? err : n;
	rows = (struct cis_cal_rows){.name = l->csv.name,
				     .row = l->row,
				     .n = l->n,
				     .has_freq = l->has[FREQ],
				     .has_level = l->has[LEVEL]};
	return cis_cal_table_new(&rows, out, l->diag);
}

int cis_cal_table_parse(FILE *f, const char *name, struct cis_cal_table **out,
			struct cis_diag *diag)
{
	struct loader l = {.diag = diag};
	int err;

	cis_csv_reader_init(&l.csv, f, name);
	err = load(&l, out);
	cis_csv_reader_free(&l.csv);
	free(l.row);
	return err;
}

int cis_cal_table_read(const char *path, struct cis_cal_table **out,
		       struct cis_diag *diag)
{
	struct stat st;
	FILE *f;
	int err;

	if (stat(path, &st))
		return cis_fail(diag, -errno, "%.200s: %s", path,
				strerror(errno));
	if (!S_ISREG(st.st_mode))
		return cis_fail(diag, -EINVAL, "%.200s: is no file", path);
	f = fopen(path, "r");
	if (!f)
		return cis_fail(diag, -errno, "%.200s: %s", path,
				strerror(errno));
	err = cis_cal_table_parse(f, path, out, diag);
	fclose(f);
	return err;
}

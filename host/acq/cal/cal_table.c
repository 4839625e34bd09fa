/* cal_table.c - see cal_table.h. */
#include "cal_table.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Parts of a cell: a signal on the edge is not beside it by its noise. */
#define EDGE 0.01

/* One direction of the grid: ascending, no value twice. */
struct axis {
	uint32_t n; /* 1: it is absent */
	double *at;
};

struct cis_cal_table {
	char *name;
	bool has_freq, has_level;
	struct axis freq, level;
	double (*node)[CIS_CAL_N_VALUE]; /* [freq][level] */
};

/* Where a value lies on an axis: behind node i by a part of the cell. */
struct place {
	uint32_t i;
	double part; /* 0 to 1 */
	double far;  /* the same, below 0 or above 1 outside the axis */
};

void cis_cal_table_free(struct cis_cal_table *table)
{
	if (!table)
		return;
	free(table->name);
	free(table->freq.at);
	free(table->level.at);
	free(table->node);
	free(table);
}

/* ---- making ---- */

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts, and drops what is there twice. */
static void settle(struct axis *axis)
{
	uint32_t n = 1;

	qsort(axis->at, axis->n, sizeof(*axis->at), ascending);
	for (uint32_t i = 1; i < axis->n; i++)
		if (axis->at[i] != axis->at[n - 1])
			axis->at[n++] = axis->at[i];
	axis->n = n;
}

static uint32_t index_of(const struct axis *axis, double v)
{
	uint32_t low = 0, high = axis->n;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (axis->at[middle] <= v)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static int set_axes(struct cis_cal_table *t, const struct cis_cal_rows *rows)
{
	t->name = strdup(rows->name);
	t->freq.at = calloc(rows->n, sizeof(double));
	t->level.at = calloc(rows->n, sizeof(double));
	if (!t->name || !t->freq.at || !t->level.at)
		return -ENOMEM;
	t->freq.n = t->level.n = rows->n;
	for (uint32_t i = 0; i < rows->n; i++) {
		t->freq.at[i] = rows->has_freq ? rows->row[i].freq_hz : 0;
		t->level.at[i] = rows->has_level ? rows->row[i].level_rms : 0;
	}
	settle(&t->freq);
	settle(&t->level);
	t->has_freq = rows->has_freq;
	t->has_level = rows->has_level;
	return 0;
}

static int check_twice(const struct cis_cal_table *t,
		       const struct cis_cal_rows *rows, struct cis_diag *diag)
{
	for (uint32_t i = 1; i < rows->n; i++)
		for (uint32_t k = 0; k < i; k++) {
			const struct cis_cal_row *a = &rows->row[k],
						 *b = &rows->row[i];

			if ((t->has_freq && a->freq_hz != b->freq_hz) ||
			    (t->has_level && a->level_rms != b->level_rms))
				continue;
			return cis_fail(diag, -EINVAL,
					"%.160s:%llu: duplicate row: %s as in "
					"line %llu",
					t->name, (unsigned long long)b->line,
					!t->has_freq && !t->has_level
						? "it holds for all,"
					: !t->has_level ? "the same frequency"
					: !t->has_freq  ? "the same level"
							: "the same frequency "
							  "and level",
					(unsigned long long)a->line);
		}
	return 0;
}

/* One value says nothing of those beside it. */
static int check_axes(const struct cis_cal_table *t, struct cis_diag *diag)
{
	bool freq = t->has_freq && t->freq.n == 1;

	if (!freq && !(t->has_level && t->level.n == 1))
		return 0;
	return cis_fail(diag, -EINVAL,
			"%.160s: %s: one value only; give at least two, or "
			"leave the column out if the rows hold for all",
			t->name, freq ? "freq_hz" : "level_rms");
}

static uint32_t node_of(const struct cis_cal_table *t,
			const struct cis_cal_row *row)
{
	return index_of(&t->freq, t->has_freq ? row->freq_hz : 0) * t->level.n +
	       index_of(&t->level, t->has_level ? row->level_rms : 0);
}

/* There are more nodes than rows: among the first are some without one. */
static int tell_missing(const struct cis_cal_table *t,
			const struct cis_cal_rows *rows, struct cis_diag *diag)
{
	uint32_t k = 0, i = 0;

	while (i < rows->n) {
		bool here = node_of(t, &rows->row[i]) == k;

		k += here;
		i = here ? 0 : i + 1;
	}
	return cis_fail(diag, -EINVAL,
			"%.160s: has no row of freq_hz %.10g and level_rms "
			"%.10g; every frequency needs every level",
			t->name, t->freq.at[k / t->level.n],
			t->level.at[k % t->level.n]);
}

/* Puts each row on its node. */
static void fill(struct cis_cal_table *t, const struct cis_cal_rows *rows)
{
	for (uint32_t i = 0; i < rows->n; i++) {
		const struct cis_cal_row *row = &rows->row[i];

		memcpy(t->node[node_of(t, row)], row->value,
		       sizeof(row->value));
	}
}

static int make(struct cis_cal_table *t, const struct cis_cal_rows *rows,
		struct cis_diag *diag)
{
	int err = set_axes(t, rows);

	if (err)
		return cis_fail(diag, err, "out of memory");
	err = check_twice(t, rows, diag);
	if (!err)
		err = check_axes(t, diag);
	if (err)
		return err;
	if ((uint64_t)t->freq.n * t->level.n > rows->n)
		return tell_missing(t, rows, diag);
	t->node = calloc(rows->n, sizeof(*t->node));
	if (!t->node)
		return cis_fail(diag, -ENOMEM, "out of memory");
	fill(t, rows);
	return 0;
}

int cis_cal_table_new(const struct cis_cal_rows *rows,
		      struct cis_cal_table **out, struct cis_diag *diag)
{
	struct cis_cal_table *t;
	int err;

	if (rows->n == 0)
		return cis_fail(diag, -EINVAL, "%.160s: has no rows",
				rows->name);
	t = calloc(1, sizeof(*t));
	if (!t)
		return cis_fail(diag, -ENOMEM, "out of memory");
	err = make(t, rows, diag);
	if (err) {
		cis_cal_table_free(t);
		return err;
	}
	*out = t;
	return 0;
}

/* ---- asking ---- */

static struct place locate(const struct axis *axis, double v)
{
	struct place p = {0, 0, 0};

	if (axis->n == 1)
		return p;
	p.i = index_of(axis, v);
	if (p.i > axis->n - 2)
		p.i = axis->n - 2;
	p.far = (v - axis->at[p.i]) / (axis->at[p.i + 1] - axis->at[p.i]);
	p.part = fmin(fmax(p.far, 0), 1);
	return p;
}

static double between(double a, double b, double part)
{
	return part == 0 ? a : part == 1 ? b : a + part * (b - a);
}

/* Value k, so far along the cell in either direction. */
static double on_cell(const struct cis_cal_table *t, const struct place at[2],
		      const double part[2], unsigned k)
{
	uint32_t right = t->level.n > 1, up = t->freq.n > 1;
	double(*low)[CIS_CAL_N_VALUE] =
		t->node + (size_t)at[0].i * t->level.n + at[1].i;
	double(*high)[CIS_CAL_N_VALUE] = low + (size_t)up * t->level.n;

	return between(between(low[0][k], low[right][k], part[1]),
		       between(high[0][k], high[right][k], part[1]), part[0]);
}

bool cis_cal_table_at(const struct cis_cal_table *t, double freq_hz,
		      double level_rms, double value[CIS_CAL_N_VALUE])
{
	struct place at[2] = {locate(&t->freq, freq_hz),
			      locate(&t->level, level_rms)};
	const double part[2] = {at[0].part, at[1].part};
	const double far[2] = {at[0].far, at[1].far};

	for (unsigned k = 0; k < CIS_CAL_N_VALUE; k++)
		value[k] =
			isnan(far[0] + far[1]) ? NAN : on_cell(t, at, part, k);
	for (unsigned k = CIS_CAL_GAIN; k < CIS_CAL_U_GAIN; k++)
		value[k + CIS_CAL_U_GAIN] =
			hypot(value[k + CIS_CAL_U_GAIN],
			      on_cell(t, at, far, k) - value[k]);
	return fabs(far[0] - part[0]) <= EDGE && fabs(far[1] - part[1]) <= EDGE;
}

struct cis_cal_span cis_cal_table_span(const struct cis_cal_table *t)
{
	uint32_t n = t->freq.n * t->level.n;
	struct cis_cal_span s = {
		.name = t->name,
		.n_row = n,
		.has_freq = t->has_freq,
		.has_level = t->has_level,
		.freq_hz = {t->freq.at[0], t->freq.at[t->freq.n - 1]},
		.level_rms = {t->level.at[0], t->level.at[t->level.n - 1]},
	};

	for (unsigned k = 0; k < CIS_CAL_N_VALUE; k++) {
		s.lowest[k] = s.highest[k] = t->node[0][k];
		for (uint32_t i = 1; i < n; i++) {
			s.lowest[k] = fmin(s.lowest[k], t->node[i][k]);
			s.highest[k] = fmax(s.highest[k], t->node[i][k]);
		}
	}
	return s;
}

/* corrections.c - see corrections.h. */
#include "corrections.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/cli/json_value.h"
#include "host/core/angle.h"

/* The columns of a table, as its file has them. */
static const struct {
	const char *name;
	double per_unit; /* inside */
} values[CIS_CAL_N_VALUE] = {
	{"gain", 1},   {"delay_ns", 1e9},   {"phase_deg", CIS_DEG_PER_RAD},
	{"u_gain", 1}, {"u_delay_ns", 1e9}, {"u_phase_deg", CIS_DEG_PER_RAD}};

static void add_range(char *text, const char *name, double from, double to)
{
	size_t len = strlen(text);

	if (from == to)
		snprintf(text + len, CIS_CORRECTION_SIZE - len, " %s=%.7g",
			 name, from);
	else
		snprintf(text + len, CIS_CORRECTION_SIZE - len,
			 " %s=%.7g..%.7g", name, from, to);
}

/* What says nothing is left out: a gain of 1, else 0. */
static bool is_idle(const struct cis_cal_span *s, unsigned k)
{
	double idle = k == CIS_CAL_GAIN ? 1 : 0;

	return s->lowest[k] == idle && s->highest[k] == idle;
}

const char *cis_corrections_table(const struct cis_cal_table *table,
				  char text[CIS_CORRECTION_SIZE])
{
	struct cis_cal_span s = cis_cal_table_span(table);

	snprintf(text, CIS_CORRECTION_SIZE, "table=\"%.200s\" rows=%u", s.name,
		 (unsigned)s.n_row);
	if (s.has_freq)
		add_range(text, "freq_hz", s.freq_hz[0], s.freq_hz[1]);
	if (s.has_level)
		add_range(text, "level_rms", s.level_rms[0], s.level_rms[1]);
	for (unsigned k = 0; k < CIS_CAL_N_VALUE; k++)
		if (!is_idle(&s, k))
			add_range(text, values[k].name,
				  s.lowest[k] * values[k].per_unit,
				  s.highest[k] * values[k].per_unit);
	return text;
}

static double scan_ns(const double *scan_delay_s, uint32_t i)
{
	return scan_delay_s ? 1e9 * scan_delay_s[i] : 0;
}

/* "channel="VA" gain=1.003 offset=0 ...", with what is stated of it. */
static const char *channel_text(const struct cis_cal_info *info, double late_ns,
				char text[CIS_CORRECTION_SIZE])
{
	size_t len;

	snprintf(text, CIS_CORRECTION_SIZE,
		 "channel=\"%.100s\" gain=%.10g offset=%.10g ratio=%.10g "
		 "delay_ns=%.10g",
		 info->name, info->gain, info->offset, info->ratio,
		 1e9 * info->delay_s);
	len = strlen(text);
	if (late_ns != 0)
		snprintf(text + len, CIS_CORRECTION_SIZE - len,
			 " scan_ns=%.10g", late_ns);
	len = strlen(text);
	if (info->u_gain > 0 || info->u_delay_s > 0)
		snprintf(text + len, CIS_CORRECTION_SIZE - len,
			 " u_gain=%.4g u_delay_ns=%.4g", info->u_gain,
			 1e9 * info->u_delay_s);
	return text;
}

void cis_corrections_tell(const struct cis_cal *cal, const double *scan_delay_s)
{
	for (uint32_t i = 0; i < cis_cal_map(cal)->n_chan; i++) {
		struct cis_cal_info info = cis_cal_info(cal, i);
		double late_ns = scan_ns(scan_delay_s, i);
		char text[CIS_CORRECTION_SIZE];

		if (info.corrected || late_ns != 0)
			cis_log(CIS_LOG_INFO, "corrected: %s",
				channel_text(&info, late_ns, text));
		if (info.table)
			cis_log(CIS_LOG_INFO,
				"corrected: channel=\"%.100s\" %s", info.name,
				cis_corrections_table(info.table, text));
	}
}

struct cis_cal *cis_corrections_said(const struct cis_cal_chan *list,
				     uint32_t n, struct cis_diag *diag)
{
	struct cis_chan_map *map = calloc(1, sizeof(*map));
	struct cis_cal *cal = NULL;

	if (!map) {
		cis_fail(diag, -ENOMEM, "out of memory");
		return NULL;
	}
	for (uint32_t i = 0; i < n && i < CIS_MAX_CHAN; i++) {
		map->n_chan = i + 1;
		cis_chan_set_name(map, i, list[i].name);
	}
	if (cis_cal_new(map, list, n, &cal, diag))
		cal = NULL;
	free(map);
	return cal;
}

/* ---- a table for people ---- */

/* The column of the scan is there where it is known. */
static void print_line(FILE *f, const struct cis_cal_info *info,
		       const double *late_s)
{
	char text[CIS_CORRECTION_SIZE];

	fprintf(f, "%-12s %13.10g %10.6g %10.6g %12.10g", info->name,
		info->gain, info->offset, info->ratio, 1e9 * info->delay_s);
	if (late_s)
		fprintf(f, " %10.6g", 1e9 * *late_s);
	fprintf(f, " %9.3g %10.4g\n", info->u_gain, 1e9 * info->u_delay_s);
	if (info->table)
		fprintf(f, "%-12s %s\n", "",
			cis_corrections_table(info->table, text));
}

void cis_corrections_print(FILE *f, const struct cis_cal *cal,
			   const double *scan_delay_s)
{
	fprintf(f, "%-12s %13s %10s %10s %12s", "channel", "gain", "offset",
		"ratio", "delay_ns");
	if (scan_delay_s)
		fprintf(f, " %10s", "scan_ns");
	fprintf(f, " %9s %10s\n", "u_gain", "u_delay_ns");
	for (uint32_t i = 0; i < cis_cal_map(cal)->n_chan; i++) {
		struct cis_cal_info info = cis_cal_info(cal, i);

		print_line(f, &info, scan_delay_s ? scan_delay_s + i : NULL);
	}
}

/* ---- JSON ---- */

static json_t *range_json(double from, double to)
{
	json_t *pair = json_array();

	json_array_append_new(pair, cis_json_number(from));
	json_array_append_new(pair, cis_json_number(to));
	return pair;
}

/* Lowest and highest of each column. */
static json_t *table_json(const struct cis_cal_table *table)
{
	struct cis_cal_span s = cis_cal_table_span(table);
	json_t *o = json_object();

	json_object_set_new(o, "file", cis_json_text(s.name));
	json_object_set_new(o, "rows", json_integer(s.n_row));
	if (s.has_freq)
		json_object_set_new(o, "freq_hz",
				    range_json(s.freq_hz[0], s.freq_hz[1]));
	if (s.has_level)
		json_object_set_new(o, "level_rms",
				    range_json(s.level_rms[0], s.level_rms[1]));
	for (unsigned k = 0; k < CIS_CAL_N_VALUE; k++)
		json_object_set_new(
			o, values[k].name,
			range_json(s.lowest[k] * values[k].per_unit,
				   s.highest[k] * values[k].per_unit));
	return o;
}

static json_t *channel_json(const struct cis_cal_info *info,
			    const double *late_s)
{
	const struct {
		const char *key;
		double value;
	} numbers[] = {{"gain", info->gain},
		       {"offset", info->offset},
		       {"ratio", info->ratio},
		       {"delay_ns", 1e9 * info->delay_s},
		       {"u_gain", info->u_gain},
		       {"u_delay_ns", 1e9 * info->u_delay_s}};
	json_t *o = json_object();

	json_object_set_new(o, "name", cis_json_text(info->name));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		json_object_set_new(o, numbers[i].key,
				    cis_json_number(numbers[i].value));
	if (late_s)
		json_object_set_new(o, "scan_ns",
				    cis_json_number(1e9 * *late_s));
	json_object_set_new(o, "table",
			    info->table ? table_json(info->table)
					: json_null());
	return o;
}

json_t *cis_corrections_json(const struct cis_cal *cal,
			     const double *scan_delay_s)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < cis_cal_map(cal)->n_chan; i++) {
		struct cis_cal_info info = cis_cal_info(cal, i);

		json_array_append_new(
			list,
			channel_json(&info,
				     scan_delay_s ? scan_delay_s + i : NULL));
	}
	return list;
}

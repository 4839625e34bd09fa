/*
 * replay_csv.c - recordings of reports: each PMU of the table becomes a stream,
 * whose frames are made anew; see replay_parts.h.
 */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/compare/reports_in.h"
#include "host/cli/endpoints.h"
#include "host/core/csv_read.h"
#include "replay_parts.h"

#define LABEL_SIZE (CIS_C37_NAME_SIZE + 16)
#define TAIL       ":freq_hz"

struct table {
	struct cis_replay_reading *rd;
	size_t n_label;
	char (*label)[LABEL_SIZE]; /* "NORTH", "NORTH#61"; "": the only PMU */
	bool *used;                /* IDCODEs */
	struct cis_report rep;
	struct cis_chan_map map;
	struct cis_c37_config *cfg; /* of the PMU that is being read */
	struct cis_c37_data *data;
	uint8_t frame[CIS_C37_MAX_FRAME];
};

static int no_memory(const struct table *t)
{
	return cis_replay_cannot_keep(t->rd, -ENOMEM);
}

/* ---- the PMUs of a table ---- */

static int add_label(struct table *t, const char *text, size_t len)
{
	void *more = realloc(t->label, (t->n_label + 1) * sizeof(*t->label));

	if (!more)
		return no_memory(t);
	t->label = more;
	snprintf(t->label[t->n_label++], LABEL_SIZE, "%.*s", (int)len, text);
	return 0;
}

static int take_labels(struct table *t, const struct cis_csv_reader *csv)
{
	int err = 0;

	for (size_t i = 0; !err && i < csv->n_field; i++) {
		const char *name = cis_csv_field(csv, i);
		size_t len = strlen(name), tail = strlen(TAIL);

		if (len > tail && len < LABEL_SIZE &&
		    !strcmp(name + len - tail, TAIL))
			err = add_label(t, name, len - tail);
	}
	return err || t->n_label ? err : add_label(t, "", 0);
}

static int read_labels(struct table *t)
{
	struct cis_csv_reader csv;
	FILE *f = fopen(t->rd->file, "rb");
	int err;

	if (!f)
		return cis_fail(t->rd->diag, -EBADMSG, "%.200s: %s",
				t->rd->file, strerror(errno));
	cis_csv_reader_init(&csv, f, t->rd->file);
	err = cis_csv_read(&csv, t->rd->diag);
	if (err >= 0)
		err = take_labels(t, &csv);
	cis_csv_reader_free(&csv);
	fclose(f);
	return err;
}

/* Those that a label tells first; then what is free from --idcode on. */
static uint16_t told_idcode(const char *label)
{
	const char *hash = strchr(label, '#');
	unsigned id = 0;

	if (hash && sscanf(hash + 1, "%5u", &id) == 1 && id > 0 &&
	    id < CIS_C37_BROADCAST)
		return (uint16_t)id;
	return 0;
}

static uint16_t idcode_for(struct table *t, const char *label)
{
	uint32_t id = told_idcode(label);

	if (!id || t->used[id])
		for (id = t->rd->opts->idcode;
		     id < CIS_C37_BROADCAST && t->used[id]; id++)
			;
	t->used[id] = true;
	return (uint16_t)id;
}

/* ---- one PMU ---- */

/* An int16 phasor must hold the largest. */
static void set_levels(struct table *t, const struct cis_reports *r)
{
	struct cis_arrival arrival;

	for (size_t i = 0; i < cis_reports_n(r); i++) {
		cis_reports_get(r, i, &t->rep, &arrival);
		for (uint32_t c = 0; c < t->map.n_chan; c++)
			t->map.chan[c].nominal_rms =
				fmax(t->map.chan[c].nominal_rms,
				     cabs(t->rep.phasor_rms[c]));
	}
}

static double fnom_of(const struct cis_reports *r, struct cis_report *rep)
{
	struct cis_arrival arrival;
	double sum = 0;

	for (size_t i = 0; i < cis_reports_n(r); i++) {
		cis_reports_get(r, i, rep, &arrival);
		if (rep->freq_hz > 0)
			sum += rep->freq_hz > 55 ? 1 : -1;
	}
	return sum > 0 ? 60 : 50;
}

static void station_of(const struct table *t, const char *label,
		       char out[CIS_STATION_SIZE])
{
	char name[CIS_STATION_SIZE];

	snprintf(name, sizeof(name), "%.*s",
		 (int)strcspn(label, "#") < 255 ? (int)strcspn(label, "#")
						: 255,
		 label);
	cis_station_name(name[0] ? name : t->rd->opts->station, true, out);
}

static int make_config(struct table *t, const struct cis_reports *r,
		       const char *label)
{
	const struct cis_stream_opts *so = &t->rd->opts->stream;
	const struct cis_reports_about *about = cis_reports_about(r);
	char station[CIS_STATION_SIZE];
	const struct cis_c37_stream_opts opts = {
		.idcode = idcode_for(t, label),
		.station = station,
		.format = so->format,
		.rate = about->rate,
		.fnom_hz = fnom_of(r, &t->rep),
		.version = so->version,
		.edition = so->edition,
		.time_base = so->time_base,
		.long_names = so->push == CIS_C37_CFG3,
	};
	struct cis_diag why = {""};
	int err;

	station_of(t, label, station);
	t->map = about->map;
	set_levels(t, r);
	err = cis_c37_config_for_map(&t->map, &opts, &t->cfg, &why);
	if (err)
		return cis_fail(t->rd->diag, err, "--replay: %s", why.msg);
	if (cis_c37_data_len(t->cfg) > CIS_C37_MAX_FRAME)
		return cis_fail(t->rd->diag, -EBADMSG,
				"%.160s: has more phasors than a frame holds",
				t->rd->file);
	return cis_c37_data_new(t->cfg, &t->data) ? no_memory(t) : 0;
}

static int put_report(struct table *t, uint32_t stream)
{
	int len, err;

	/* Where a table does not say how good its dates are, they are taken as
	 * declared; but for the flag. */
	if (!isfinite(t->rep.time_quality.unc_s) &&
	    !(t->rep.flags & CIS_REPORT_UNSYNC))
		t->rep.time_quality.unc_s = 0;
	cis_c37_data_from_report(t->cfg, 0, &t->rep, t->rd->opts->test_mode,
				 t->data);
	len = cis_c37_data_encode(t->cfg, t->data, t->frame, sizeof(t->frame));
	if (len < 0)
		return cis_fail(t->rd->diag, len,
				"%.160s: a report does not go into a frame",
				t->rd->file);
	err = cis_recording_put(t->rd->rec, stream, t->frame, NULL);
	return err ? cis_replay_cannot_keep(t->rd, err) : 0;
}

/* t->cfg becomes the recording's. */
static int put_reports(struct table *t, const struct cis_reports *r,
		       const char *label)
{
	struct cis_arrival arrival;
	int i, err;

	assert(t->cfg);
	i = cis_recording_stream(t->rd->rec, t->cfg->idcode, label);
	if (i < 0) {
		cis_c37_config_free(t->cfg);
		return no_memory(t);
	}
	err = cis_recording_config(t->rd->rec, (uint32_t)i, t->cfg);
	if (err)
		return no_memory(t);
	for (size_t k = 0; !err && k < cis_reports_n(r); k++) {
		cis_reports_get(r, k, &t->rep, &arrival);
		err = put_report(t, (uint32_t)i);
	}
	return err;
}

static int read_pmu(struct table *t, size_t i)
{
	const char *label = t->label[i];
	const struct cis_reports_pick pick = {.station =
						      label[0] ? label : NULL,
					      .idcode_option = "idcode",
					      .station_option = "station"};
	struct cis_reports *r;
	int err = cis_reports_read(t->rd->file, &pick, &r,
				   i ? NULL : t->rd->warn, t->rd->diag);

	if (err)
		return err;
	t->cfg = NULL;
	t->data = NULL;
	err = make_config(t, r, label);
	if (!err)
		err = put_reports(t, r, label);
	else
		cis_c37_config_free(t->cfg);
	cis_c37_data_free(t->data);
	cis_reports_free(r);
	return err;
}

static int read_table(struct table *t)
{
	int err = read_labels(t);

	for (size_t i = 0; !err && i < t->n_label; i++)
		err = read_pmu(t, i);
	return err;
}

int cis_replay_read_csv(struct cis_replay_reading *rd)
{
	struct table *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return cis_replay_cannot_keep(rd, -ENOMEM);
	t->rd = rd;
	t->used = calloc(UINT16_MAX + 1, sizeof(*t->used));
	err = t->used ? read_table(t) : no_memory(t);
	free(t->used);
	free(t->label);
	free(t);
	return err;
}

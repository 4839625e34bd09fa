/* listen_csv.c - see listen_csv.h. */
#include "listen_csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/csv.h"

/* Room for "STATION#IDCODE#N", and for "STATION#IDCODE#N:PHASOR". */
#define LABEL_SIZE  (CIS_C37_NAME_SIZE + 16)
#define COLUMN_SIZE (LABEL_SIZE + CIS_C37_NAME_SIZE + 16)

/* ---- the header ---- */

static void map_from(const struct cis_c37_pmu *pmu, struct cis_chan_map *map)
{
	memset(map, 0, sizeof(*map));
	for (uint32_t i = 0; i < pmu->n_phasor && i < CIS_MAX_CHAN; i++) {
		cis_chan_set_name(map, i, pmu->phasor[i].name);
		map->n_chan++;
	}
}

/* The station's name; where others have it too, with the IDCODE, and where they
 * have that as well, with a number. */
static void label(const struct cis_c37_config *cfg, uint16_t i,
		  char text[LABEL_SIZE])
{
	const struct cis_c37_pmu *pmu = &cfg->pmu[i];
	unsigned same_name = 0, same_id = 0, n = 1;

	for (uint16_t k = 0; k < cfg->n_pmu; k++) {
		if (strcmp(cfg->pmu[k].station, pmu->station) != 0)
			continue;
		same_name++;
		if (cfg->pmu[k].idcode != pmu->idcode)
			continue;
		same_id++;
		n += k < i;
	}
	if (same_name == 1 && pmu->station[0])
		snprintf(text, LABEL_SIZE, "%s", pmu->station);
	else if (same_id == 1)
		snprintf(text, LABEL_SIZE, "%s#%u", pmu->station, pmu->idcode);
	else
		snprintf(text, LABEL_SIZE, "%s#%u#%u", pmu->station,
			 pmu->idcode, n);
}

static void column(FILE *f, const char *station, const char *name,
		   const char *suffix)
{
	char text[COLUMN_SIZE];

	snprintf(text, sizeof(text), "%s:%s", station, name);
	cis_csv_name(f, text, suffix);
}

static void write_columns(struct cis_listen_csv *csv,
			  const struct cis_c37_config *cfg, uint16_t i, FILE *f)
{
	const struct cis_c37_pmu *pmu = &cfg->pmu[i];
	char station[LABEL_SIZE];

	label(cfg, i, station);
	map_from(pmu, &csv->map); /* makes the names differ */
	column(f, station, "freq_hz", "");
	column(f, station, "rocof_hz_per_s", "");
	column(f, station, "flags", "");
	for (uint16_t k = 0; k < pmu->n_phasor; k++) {
		const char *name = k < CIS_MAX_CHAN ? csv->map.chan[k].name
						    : pmu->phasor[k].name;

		column(f, station, name, "_rms");
		column(f, station, name, "_deg");
	}
}

static void write_header(struct cis_listen_csv *csv,
			 const struct cis_c37_config *cfg, FILE *f)
{
	if (cfg->n_pmu == 1) {
		map_from(&cfg->pmu[0], &csv->map);
		cis_csv_header(f, &csv->map, CIS_CSV_PLAIN);
		return;
	}
	fputs("time_utc,soc,fracsec", f);
	for (uint16_t i = 0; i < cfg->n_pmu; i++)
		write_columns(csv, cfg, i, f);
	fputs(",notes\r\n", f);
}

static char *header_of(struct cis_listen_csv *csv,
		       const struct cis_c37_config *cfg)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	write_header(csv, cfg, f);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

int cis_listen_csv_config(struct cis_listen_csv *csv,
			  const struct cis_c37_config *cfg, FILE *f)
{
	char *text = header_of(csv, cfg);
	int err = 0;

	if (!text)
		return -ENOMEM;
	if (!csv->header) {
		fputs(text, f);
		csv->header = text;
		return 0;
	}
	if (strcmp(text, csv->header) != 0)
		err = -EINVAL;
	free(text);
	return err;
}

void cis_listen_csv_free(struct cis_listen_csv *csv)
{
	free(csv->header);
	csv->header = NULL;
}

/* ---- rows ---- */

/* What is no measurement: the station's name says SIM, or STAT test mode. */
static uint32_t sim_note(const struct cis_c37_config *cfg,
			 const struct cis_c37_data *data, uint16_t i)
{
	unsigned error = data->block[i].stat & CIS_C37_STAT_ERROR_MASK;
	bool test = cfg->edition != 2005 && error == CIS_C37_STAT_TEST;

	return test || strstr(cfg->pmu[i].station, "SIM") ? CIS_NOTE_SIM : 0;
}

static void write_pmu(const struct cis_c37_pmu *pmu,
		      const struct cis_c37_block *b,
		      const struct cis_report *rep, FILE *f)
{
	char words[CIS_FLAGS_SIZE];

	cis_csv_number(f, b->freq_hz);
	cis_csv_number(f, b->rocof_hz_per_s);
	fprintf(f, ",%s", cis_report_flags(rep->flags, words));
	for (uint16_t k = 0; k < pmu->n_phasor; k++)
		cis_csv_phasor(f, b->phasor_rms[k]);
}

void cis_listen_csv_row(struct cis_listen_csv *csv,
			const struct cis_c37_config *cfg,
			const struct cis_c37_data *data, FILE *f)
{
	char words[CIS_FLAGS_SIZE];
	uint32_t notes = 0;

	cis_c37_data_to_report(cfg, 0, data, &csv->rep);
	if (cfg->n_pmu == 1) {
		csv->rep.notes |= sim_note(cfg, data, 0);
		cis_csv_row(f, &csv->map, CIS_CSV_PLAIN, &csv->rep);
		return;
	}
	cis_csv_time(f, csv->rep.at);
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		cis_c37_data_to_report(cfg, i, data, &csv->rep);
		write_pmu(&cfg->pmu[i], &data->block[i], &csv->rep, f);
		notes |= sim_note(cfg, data, i);
	}
	fprintf(f, ",%s\r\n", cis_report_notes(notes, words));
}

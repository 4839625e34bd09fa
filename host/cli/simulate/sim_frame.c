/* sim_frame.c - see sim_frame.h. */
#include "sim_frame.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/c37.h"
#include "cisoid/utc.h"

/* SYNC to FRACSEC and CHK; CFG-2 also TIME_BASE, NUM_PMU and DATA_RATE. */
#define DATA_FRAME_LEN 16
#define CFG_FRAME_LEN  24

#define STATION_LEN   16
#define ANALOG_STEP   100
#define RAMP_PERIOD_S 60

/* ---- the configuration ---- */

/* "CISOID-SIM-0001": the name is cut to leave room. */
static void name_pmu(const char *station, uint32_t i, uint32_t count,
		     char out[CIS_STATION_SIZE])
{
	char number[8];
	int keep;

	if (count == 1) {
		snprintf(out, CIS_STATION_SIZE, "%s", station);
		return;
	}
	snprintf(number, sizeof(number), "-%04u", (unsigned)(i + 1) % 100000);
	keep = STATION_LEN - (int)strlen(number);
	if ((int)strlen(station) > keep)
		while (keep > 0 &&
		       ((unsigned char)station[keep] & 0xC0) == 0x80)
			keep--;
	snprintf(out, CIS_STATION_SIZE, "%.*s%s", keep, station, number);
}

static void name_channels(struct cis_c37_pmu *pmu)
{
	for (uint16_t i = 0; i < pmu->n_analog; i++) {
		snprintf(pmu->analog[i].name, sizeof(pmu->analog[i].name),
			 "ANALOG%03u", i + 1u);
		pmu->analog[i].unit = 1;
	}
	for (uint16_t w = 0; w < pmu->n_digital; w++) {
		pmu->digital[w].mask = 0xFFFF;
		for (unsigned b = 0; b < 16; b++)
			snprintf(pmu->digital[w].name[b],
				 sizeof(pmu->digital[w].name[b]),
				 "WORD%02u BIT%02u", w + 1u, b);
	}
}

/* PMU i of the frame, after the one that for_map() makes. */
static int make_pmu(const struct cis_sim_config *sc,
		    const struct cis_c37_pmu *from, struct cis_c37_pmu *to)
{
	struct cis_c37_pmu made = *from;
	int err;

	made.phasor = NULL;
	made.analog = NULL;
	made.digital = NULL;
	err = cis_c37_pmu_size(&made, from->n_phasor, sc->n_analog,
			       sc->n_digital);
	if (err)
		return err;
	memcpy(made.phasor, from->phasor,
	       from->n_phasor * sizeof(*from->phasor));
	name_channels(&made);
	*to = made;
	return 0;
}

/* How many would fit, where n of one size and the rest make `len`. */
static size_t most_pmus(size_t rest, size_t len, size_t n)
{
	return len > rest ? (CIS_C37_MAX_FRAME - rest) * n / (len - rest) : n;
}

static int too_large(const struct cis_c37_config *cfg, struct cis_diag *diag)
{
	size_t n = cfg->n_pmu;
	size_t data = cis_c37_data_len(cfg);
	size_t conf = cis_c37_config_len(cfg, CIS_C37_CFG2);
	size_t most = most_pmus(DATA_FRAME_LEN, data, n);
	size_t most_conf = most_pmus(CFG_FRAME_LEN, conf, n);

	if (data <= CIS_C37_MAX_FRAME && conf <= CIS_C37_MAX_FRAME)
		return 0;
	return cis_fail(diag, -EINVAL,
			"--count: %zu PMUs would make a configuration of %zu "
			"bytes and data frames of %zu; a frame has at most %d "
			"(by UDP %d): at most %zu PMUs of this kind",
			n, conf, data, CIS_C37_MAX_FRAME, CIS_C37_MAX_UDP,
			most < most_conf ? most : most_conf);
}

static int fill_config(const struct cis_sim_config *sc, const char *station,
		       struct cis_c37_config *one, struct cis_c37_config *cfg,
		       struct cis_diag *diag)
{
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		int err = make_pmu(sc, &one->pmu[0], &cfg->pmu[i]);

		if (err)
			return cis_fail(diag, err, "out of memory");
		name_pmu(station, i, cfg->n_pmu, cfg->pmu[i].station);
		cfg->pmu[i].idcode = (uint16_t)(sc->idcode + i);
	}
	return too_large(cfg, diag);
}

int cis_sim_config(const struct cis_sim_config *sc, const char *station,
		   struct cis_c37_config **out, struct cis_diag *diag)
{
	const struct cis_c37_stream_opts opts = {
		.idcode = sc->idcode,
		.station = station,
		.format = sc->opts.format,
		.rate = sc->rate,
		.fnom_hz = sc->sig.fnom_hz,
		.version = sc->opts.version,
		.edition = sc->opts.edition,
		.time_base = sc->opts.time_base,
	};
	struct cis_c37_config *one, *cfg;
	struct cis_chan_map map;
	int err;

	cis_signal_map(&sc->sig, &map);
	err = cis_c37_config_for_map(&map, &opts, &one, diag);
	if (err)
		return err;
	err = cis_c37_config_new((uint16_t)sc->count, &cfg);
	if (err) {
		cis_c37_config_free(one);
		return cis_fail(diag, err, "out of memory");
	}
	cfg->idcode = one->idcode;
	cfg->version = one->version;
	cfg->edition = one->edition;
	cfg->time_base = one->time_base;
	cfg->data_rate = one->data_rate;
	err = fill_config(sc, station, one, cfg, diag);
	cis_c37_config_free(one);
	if (err)
		cis_c37_config_free(cfg);
	else
		*out = cfg;
	return err;
}

/* ---- a frame ---- */

static void fill_rest(const struct cis_c37_pmu *pmu, struct cis_instant at,
		      struct cis_c37_block *block)
{
	int64_t soc = cis_utc_from_tai(at.tai_s).soc;
	double part =
		((double)(soc % RAMP_PERIOD_S) + (double)at.k / at.rate.num) /
		RAMP_PERIOD_S;

	for (uint16_t i = 0; i < pmu->n_analog; i++)
		block->analog[i] = ANALOG_STEP * (i + part);
	for (uint16_t w = 0; w < pmu->n_digital; w++)
		block->digital[w] = (uint16_t)(soc + w);
}

void cis_sim_fill(const struct cis_sim_config *sc,
		  const struct cis_sim_instant *now,
		  const struct cis_c37_config *cfg, struct cis_report *rep,
		  struct cis_c37_data *data)
{
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		cis_signal_report(&sc->sig, cfg->pmu[i].idcode, now->t0_tai_s,
				  now->at, now->n, rep);
		if (now->quality)
			rep->time_quality = *now->quality;
		cis_c37_data_from_report(cfg, i, rep, sc->test_mode, data);
		fill_rest(&cfg->pmu[i], now->at, &data->block[i]);
	}
}

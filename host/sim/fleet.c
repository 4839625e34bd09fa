/* fleet.c - what the makers of fleets have in common; see fleet.h. */
#include "fleet.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/utc.h"

/* SYNC to FRACSEC and CHK; CFG-2 also TIME_BASE, NUM_PMU and DATA_RATE. */
#define DATA_FRAME_LEN 16
#define CFG_FRAME_LEN  24

#define STATION_LEN   16
#define ANALOG_STEP   100
#define RAMP_PERIOD_S 60

/* ---- the configuration ---- */

void cis_fleet_name(const struct cis_fleet *fleet, uint32_t p,
		    char name[CIS_FLEET_NAME_SIZE])
{
	const char *station = fleet->stream.station;
	char number[8];
	int keep;

	if (fleet->count == 1) {
		snprintf(name, CIS_FLEET_NAME_SIZE, "%s", station);
		return;
	}
	snprintf(number, sizeof(number), "-%04u", (unsigned)(p + 1) % 100000);
	keep = STATION_LEN - (int)strlen(number);
	/* Never in the middle of a character. */
	if ((int)strlen(station) > keep)
		while (keep > 0 &&
		       ((unsigned char)station[keep] & 0xC0) == 0x80)
			keep--;
	snprintf(name, CIS_FLEET_NAME_SIZE, "%.*s%s", keep, station, number);
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

/* One that has analogs and digitals besides the channels of `from`. */
static int make_pmu(const struct cis_fleet *fleet,
		    const struct cis_c37_pmu *from, struct cis_c37_pmu *to)
{
	struct cis_c37_pmu made = *from;
	int err;

	made.phasor = NULL;
	made.analog = NULL;
	made.digital = NULL;
	err = cis_c37_pmu_size(&made, from->n_phasor, fleet->n_analog,
			       fleet->n_digital);
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

static int fill_config(const struct cis_fleet *fleet,
		       const struct cis_c37_config *one,
		       struct cis_c37_config *cfg, struct cis_diag *diag)
{
	cfg->idcode = one->idcode;
	cfg->version = one->version;
	cfg->edition = one->edition;
	cfg->time_base = one->time_base;
	cfg->data_rate = one->data_rate;
	for (uint16_t p = 0; p < cfg->n_pmu; p++) {
		if (make_pmu(fleet, &one->pmu[0], &cfg->pmu[p]))
			return cis_fail(diag, -ENOMEM, "out of memory");
		cis_fleet_name(fleet, p, cfg->pmu[p].station);
		cfg->pmu[p].idcode = (uint16_t)(one->idcode + p);
	}
	return too_large(cfg, diag);
}

int cis_fleet_config(const struct cis_fleet *fleet, uint16_t n,
		     struct cis_c37_config **out, struct cis_diag *diag)
{
	struct cis_c37_config *one, *cfg;
	struct cis_chan_map map;
	int err;

	cis_signal_map(fleet->sig, &map);
	err = cis_c37_config_for_map(&map, &fleet->stream, &one, diag);
	if (err)
		return err;
	err = cis_c37_config_new(n, &cfg);
	if (err) {
		cis_c37_config_free(one);
		return cis_fail(diag, err, "out of memory");
	}
	err = fill_config(fleet, one, cfg, diag);
	cis_c37_config_free(one);
	if (err)
		cis_c37_config_free(cfg);
	else
		*out = cfg;
	return err;
}

/* ---- a frame ---- */

bool cis_fleet_is_alike(const struct cis_fleet *fleet)
{
	const struct cis_signal *sig = fleet->sig;

	if (sig->f_noise_hz != 0)
		return false;
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++)
		if (sig->mag_noise[c] != 0 || sig->angle_noise_rad[c] != 0)
			return false;
	return true;
}

/* Number 0 is the first instant of the grid that is not before t0. */
void cis_fleet_begin(const struct cis_fleet *fleet,
		     struct cis_fleet_state *state)
{
	const struct cis_time t0 = {.tai_ns = fleet->t0_tai_s * CIS_NS_PER_S};

	state->first = cis_instant_from(t0, fleet->stream.rate);
	state->quality = (struct cis_time_quality){0, 0};
}

void cis_fleet_report(const struct cis_fleet *fleet, uint32_t p,
		      struct cis_instant at, struct cis_fleet_state *state)
{
	uint64_t n = (uint64_t)cis_instant_diff(at, state->first);

	cis_signal_report(fleet->sig, (uint16_t)(fleet->stream.idcode + p),
			  fleet->t0_tai_s, at, n, &state->rep);
	state->rep.time_quality = state->quality;
}

void cis_fleet_fill_rest(const struct cis_c37_pmu *pmu, struct cis_instant at,
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

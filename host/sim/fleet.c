/*
 * fleet.c - what the makers of fleets have in common; see fleet.h.
 *
 * A configuration has room for the most channels that its PMUs will ever have;
 * how many they have at an instant is set when it is asked for.
 */
#include "fleet.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/utc.h"
#include "scenario.h"

/* SYNC to FRACSEC and CHK; CFG-2 also TIME_BASE, NUM_PMU and DATA_RATE. */
#define DATA_FRAME_LEN 16
#define CFG_FRAME_LEN  24

#define STATION_LEN   16
#define ANALOG_STEP   100
#define RAMP_PERIOD_S 60
#define MOST_SPARE    10 /* times what the magnitudes need */
#define ALL_FLOAT                                              \
	(CIS_C37_FMT_PHASOR_FLOAT | CIS_C37_FMT_ANALOG_FLOAT | \
	 CIS_C37_FMT_FREQ_FLOAT)

/* ---- names ---- */

/* "CISOID-SIM-0001": where there are several, with a number, for which the name
 * is cut, never in the middle of a character. */
static void name_pmu(const struct cis_fleet *fleet, uint32_t p,
		     char name[CIS_C37_NAME_SIZE])
{
	const char *station = fleet->stream.station;
	unsigned number = (unsigned)(p + 1) % 100000;
	size_t n_digit = number > 9999 ? 5 : 4;
	size_t keep = STATION_LEN - 1 - n_digit, len = strlen(station);

	if (fleet->count == 1) {
		snprintf(name, CIS_C37_NAME_SIZE, "%s", station);
		return;
	}
	if (len > keep) {
		len = keep;
		while (len > 0 && ((unsigned char)station[len] & 0xC0) == 0x80)
			len--;
	}
	memcpy(name, station, len);
	name[len++] = '-';
	for (size_t i = n_digit; i-- > 0; number /= 10)
		name[len + i] = (char)('0' + number % 10);
	name[len + n_digit] = '\0';
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

/* ---- the configuration ---- */

/* The most that a PMU will have, and the longest format. */
struct most {
	uint16_t n_analog, n_digital, format;
	bool changes;
};

static struct most most_of(const struct cis_fleet *fleet)
{
	const struct cis_scenario *sc = fleet->scenario;
	struct most most = {.n_analog = fleet->n_analog,
			    .n_digital = fleet->n_digital,
			    .format = fleet->stream.format};

	for (uint32_t i = 0; i < sc->n_event; i++) {
		const struct cis_config_change *to = &sc->event[i].config.to;

		if (sc->event[i].kind != CIS_EVENT_CONFIG)
			continue;
		most.changes = true;
		if (to->n_analog > most.n_analog)
			most.n_analog = (uint16_t)to->n_analog;
		if (to->n_digital > most.n_digital)
			most.n_digital = (uint16_t)to->n_digital;
		if (to->format >= 0)
			most.format |= (uint16_t)to->format & ALL_FLOAT;
	}
	return most;
}

/* The scales of integers are those of the largest signal. */
static void map_signals(const struct cis_scenario *sc, struct cis_chan_map *map)
{
	cis_signal_map(&sc->sig[0], map);
	for (uint32_t s = 1; s < sc->n_sig; s++) {
		struct cis_chan_map other;

		cis_signal_map(&sc->sig[s], &other);
		for (uint32_t c = 0; c < map->n_chan; c++)
			map->chan[c].nominal_rms =
				fmax(map->chan[c].nominal_rms,
				     other.chan[c].nominal_rms);
	}
}

/* One that has analogs and digitals besides the channels of `from`. */
static int make_pmu(const struct most *most, const struct cis_c37_pmu *from,
		    struct cis_c37_pmu *to)
{
	struct cis_c37_pmu made = *from;
	int err;

	made.phasor = NULL;
	made.analog = NULL;
	made.digital = NULL;
	err = cis_c37_pmu_size(&made, from->n_phasor, most->n_analog,
			       most->n_digital);
	if (err)
		return err;
	memcpy(made.phasor, from->phasor,
	       from->n_phasor * sizeof(*from->phasor));
	made.format = most->format;
	name_channels(&made);
	*to = made;
	return 0;
}

/* How many would fit, where n of one size and the rest make `len`. */
static size_t most_pmus(size_t rest, size_t len, size_t n)
{
	return len > rest ? (CIS_C37_MAX_FRAME - rest) * n / (len - rest) : n;
}

/* Told from the first, before the others are made: all have one size. */
static int too_large(struct cis_c37_config *cfg, struct cis_diag *diag)
{
	uint16_t n = cfg->n_pmu;
	size_t data, conf, most, most_conf;

	cfg->n_pmu = 1;
	data = cis_c37_data_len(cfg);
	conf = cis_c37_config_len(cfg, CIS_C37_CFG2);
	cfg->n_pmu = n;
	data = DATA_FRAME_LEN + n * (data - DATA_FRAME_LEN);
	conf = CFG_FRAME_LEN + n * (conf - CFG_FRAME_LEN);
	most = most_pmus(DATA_FRAME_LEN, data, n);
	most_conf = most_pmus(CFG_FRAME_LEN, conf, n);
	if (data <= CIS_C37_MAX_FRAME && conf <= CIS_C37_MAX_FRAME)
		return 0;
	return cis_fail(diag, -EINVAL,
			"--count: %zu PMUs would make a configuration of %zu "
			"bytes and data frames of %zu; a frame has at most %d "
			"(by UDP %d): at most %zu PMUs of this kind",
			(size_t)n, conf, data, CIS_C37_MAX_FRAME,
			CIS_C37_MAX_UDP, most < most_conf ? most : most_conf);
}

static int fill_config(const struct cis_fleet_state *state,
		       const struct most *most,
		       const struct cis_c37_config *one, struct cis_diag *diag)
{
	struct cis_c37_config *cfg = state->cfg;

	cfg->idcode = one->idcode;
	cfg->version = one->version;
	cfg->edition = one->edition;
	cfg->time_base = one->time_base;
	cfg->data_rate = one->data_rate;
	for (uint16_t k = 0; k < cfg->n_pmu; k++) {
		if (make_pmu(most, &one->pmu[0], &cfg->pmu[k]))
			return cis_fail(diag, -ENOMEM, "out of memory");
		name_pmu(&state->fleet, k, cfg->pmu[k].station);
		cfg->pmu[k].idcode = cis_fleet_idcode(state, k);
		if (k == 0 && too_large(cfg, diag))
			return -EINVAL;
	}
	return 0;
}

static int make_config(struct cis_fleet_state *state, uint16_t n,
		       struct cis_diag *diag)
{
	const struct cis_fleet *fleet = &state->fleet;
	const struct most most = most_of(fleet);
	struct cis_c37_config *one;
	struct cis_chan_map map;
	int err;

	state->changes = most.changes;
	map_signals(fleet->scenario, &map);
	err = cis_c37_config_for_map(&map, &fleet->stream, &one, diag);
	if (err)
		return err;
	err = cis_c37_config_new(n, &state->cfg);
	if (err)
		cis_fail(diag, err, "out of memory");
	else
		err = fill_config(state, &most, one, diag);
	cis_c37_config_free(one);
	return err;
}

int cis_fleet_init(struct cis_fleet_state *state, const struct cis_fleet *fleet,
		   uint16_t n, struct cis_diag *diag)
{
	int err;

	memset(state, 0, sizeof(*state));
	state->fleet = *fleet;
	err = make_config(state, n, diag);
	if (!err)
		state->count = calloc(fleet->count, sizeof(*state->count));
	if (!err &&
	    (!state->count || cis_c37_data_new(state->cfg, &state->data)))
		err = cis_fail(diag, -ENOMEM, "out of memory");
	if (err) {
		cis_fleet_free(state);
		return err;
	}
	state->frame_max = cis_c37_data_len(state->cfg);
	return 0;
}

void cis_fleet_free(struct cis_fleet_state *state)
{
	cis_c37_data_free(state->data);
	cis_c37_config_free(state->cfg);
	free(state->count);
}

/* ---- at an instant ---- */

void cis_fleet_begin(struct cis_fleet_state *state, struct cis_instant first)
{
	state->first = first;
	if (!state->fleet.t0_stays)
		state->fleet.t0_tai_s = first.tai_s;
}

void cis_fleet_set_quality(struct cis_fleet_state *state,
			   const struct cis_time_quality *q)
{
	state->quality = q ? *q : (struct cis_time_quality){0, 0};
}

uint16_t cis_fleet_cfgcnt(const struct cis_fleet_state *state, uint32_t p,
			  struct cis_instant at)
{
	struct cis_pmu_now now;

	if (!state->changes)
		return state->count[p];
	cis_scenario_now(state->fleet.scenario, cis_fleet_idcode(state, p),
			 state->fleet.t0_tai_s, at, &now);
	return (uint16_t)(state->count[p] + now.variant);
}

void cis_fleet_set_count(struct cis_fleet_state *state, uint32_t p,
			 struct cis_instant at, uint16_t count)
{
	state->count[p] += (uint16_t)(count - cis_fleet_cfgcnt(state, p, at));
}

/* Whether phasors are, or will be, integers. */
static bool has_integers(const struct cis_fleet *fleet)
{
	const struct cis_scenario *sc = fleet->scenario;
	unsigned formats = fleet->stream.format;

	for (uint32_t i = 0; i < sc->n_event; i++)
		if (sc->event[i].kind == CIS_EVENT_CONFIG &&
		    sc->event[i].config.to.format >= 0)
			formats &= (unsigned)sc->event[i].config.to.format;
	return !(formats & CIS_C37_FMT_PHASOR_FLOAT);
}

/* Of floats a scale says nothing; integers must neither overflow nor be few. */
static bool fits(uint32_t phunit, uint32_t own, bool ints)
{
	uint64_t per_bit = phunit & 0xFFFFFF, needed = own & 0xFFFFFF;

	return phunit >> 24 == own >> 24 &&
	       (!ints || (per_bit >= needed && per_bit <= MOST_SPARE * needed));
}

void cis_fleet_keep_scales(struct cis_fleet_state *state,
			   const struct cis_c37_pmu *pmu)
{
	const struct cis_c37_pmu *own = &state->cfg->pmu[0];
	bool ints = has_integers(&state->fleet);

	if (pmu->n_phasor != own->n_phasor)
		return;
	for (uint16_t c = 0; c < own->n_phasor; c++)
		if (!fits(pmu->phasor[c].unit, own->phasor[c].unit, ints))
			return;
	for (uint16_t k = 0; k < state->cfg->n_pmu; k++)
		for (uint16_t c = 0; c < own->n_phasor; c++)
			state->cfg->pmu[k].phasor[c].unit = pmu->phasor[c].unit;
}

void cis_fleet_look(struct cis_fleet_state *state, uint32_t p,
		    struct cis_instant at)
{
	cis_scenario_now(state->fleet.scenario, cis_fleet_idcode(state, p),
			 state->fleet.t0_tai_s, at, &state->now);
}

void cis_fleet_shape(struct cis_fleet_state *state, uint16_t k, uint32_t p,
		     struct cis_instant at, bool names)
{
	const struct cis_fleet *fleet = &state->fleet;
	struct cis_c37_pmu *pmu = &state->cfg->pmu[k];
	struct cis_config_change to = {"", -1, -1, -1};

	if (state->changes)
		cis_scenario_config(fleet->scenario, cis_fleet_idcode(state, p),
				    fleet->t0_tai_s, at, &to);
	pmu->n_analog =
		to.n_analog < 0 ? fleet->n_analog : (uint16_t)to.n_analog;
	pmu->n_digital =
		to.n_digital < 0 ? fleet->n_digital : (uint16_t)to.n_digital;
	pmu->format =
		to.format < 0 ? fleet->stream.format : (uint16_t)to.format;
	pmu->cfgcnt = (uint16_t)(state->count[p] + state->now.variant);
	if (!names)
		return;
	pmu->idcode = cis_fleet_idcode(state, p);
	if (to.station[0])
		memcpy(pmu->station, to.station, sizeof(pmu->station));
	else
		name_pmu(fleet, p, pmu->station);
}

void cis_fleet_describe(struct cis_fleet_state *state, uint16_t k, uint32_t p,
			struct cis_instant at)
{
	if (state->changes)
		cis_fleet_look(state, p, at);
	else
		state->now.variant = 0;
	cis_fleet_shape(state, k, p, at, true);
}

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

void cis_fleet_fill(struct cis_fleet_state *state, uint16_t k, uint32_t p,
		    struct cis_instant at)
{
	const struct cis_fleet *fleet = &state->fleet;
	struct cis_c37_block *block = &state->data->block[k];
	const struct cis_signal_frame frame = {
		.idcode = cis_fleet_idcode(state, p),
		.t0_tai_s = fleet->t0_tai_s,
		.at = at,
		.n = (uint64_t)cis_instant_diff(at, state->first),
	};

	cis_scenario_report(fleet->scenario, &frame, &state->now, &state->rep);
	if (!state->now.has_quality)
		state->rep.time_quality = state->quality;
	cis_c37_data_from_report(state->cfg, k, &state->rep, fleet->test_mode,
				 state->data);
	block->stat = cis_pmu_now_stat(&state->now, state->cfg, block->stat) |
		      state->stat;
	fill_rest(&state->cfg->pmu[k], at, block);
}

/* config_map.c - the configuration of our own streams; see c37.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "ascii.h"
#include "wire.h"

/* Full scale of int16, as a multiple of the nominal magnitude. */
#define HEADROOM 1.5

/* For a channel of which nothing is known: secondary circuits. */
#define UNKNOWN_RMS_V 200
#define UNKNOWN_RMS_A 20

static double full_scale_rms(const struct cis_chan *chan)
{
	double range = fmax(fabs(chan->range_min), fabs(chan->range_max));

	if (chan->nominal_rms > 0 && isfinite(chan->nominal_rms))
		return HEADROOM * chan->nominal_rms;
	if (range > 0 && isfinite(range))
		return range / sqrt(2);
	return HEADROOM *
	       (chan->quantity == CIS_CURRENT ? UNKNOWN_RMS_A : UNKNOWN_RMS_V);
}

static uint32_t phunit(enum cis_quantity quantity, double full_rms)
{
	double scale = ceil(full_rms / INT16_MAX / 1e-5);

	scale = fmin(fmax(scale, 1), 0xFFFFFF);
	return (quantity == CIS_CURRENT ? 1u << 24 : 0) | (uint32_t)scale;
}

static void set_phasor(struct cis_c37_channel *to, const char *name,
		       uint32_t unit)
{
	snprintf(to->name, sizeof(to->name), "%s", name);
	to->unit = unit;
}

/* A channel is a phase where it belongs to a system of three. */
static void set_components(struct cis_c37_pmu *pmu,
			   const struct cis_chan_map *map)
{
	for (uint32_t g = 0; g < map->n_group; g++) {
		for (unsigned i = 0; i < 3; i++)
			pmu->phasor[map->group[g].chan[i]].component =
				(uint8_t)(CIS_C37_PHASE_A + i);
		pmu->phasor[map->n_chan + g].component = CIS_C37_POSITIVE_SEQ;
	}
}

static void set_phasors(struct cis_c37_pmu *pmu, const struct cis_chan_map *map)
{
	struct cis_c37_channel *to = pmu->phasor;

	for (uint32_t c = 0; c < map->n_chan; c++, to++)
		set_phasor(to, map->chan[c].name,
			   phunit(map->chan[c].quantity,
				  full_scale_rms(&map->chan[c])));
	for (uint32_t g = 0; g < map->n_group; g++, to++) {
		const struct cis_group *group = &map->group[g];
		double full_rms = 0;

		for (unsigned i = 0; i < 3; i++)
			full_rms = fmax(
				full_rms,
				full_scale_rms(&map->chan[group->chan[i]]));
		set_phasor(to, group->name, phunit(group->quantity, full_rms));
	}
}

static int check(const struct cis_c37_stream_opts *opts, struct cis_diag *diag)
{
	struct cis_rate r = opts->rate;

	if (opts->idcode == 0 || opts->idcode == CIS_C37_BROADCAST)
		return cis_fail(diag, -EINVAL,
				"idcode %u: 0 and 65535 are reserved, use 1 to "
				"65534",
				opts->idcode);
	if (strlen(opts->station) >= CIS_C37_NAME_SIZE)
		return cis_fail(diag, -EINVAL,
				"station \"%.120s...\": longer than the 255 "
				"bytes that a configuration frame 3 holds",
				opts->station);
	if (!opts->long_names &&
	    c37_ascii(opts->station, NULL, 0) > C37_NAME_LEN)
		return cis_fail(diag, -EINVAL,
				"station \"%.120s\": longer than the %d ASCII "
				"characters that a configuration frame holds",
				opts->station, C37_NAME_LEN);
	if (r.num < 1 || r.den < 1 || (r.num > 1 && r.den > 1) ||
	    r.num > INT16_MAX || r.den > INT16_MAX)
		return cis_fail(diag, -EINVAL,
				"rate %u/%u: DATA_RATE holds 1 to 32767 frames "
				"a second, or one frame in 1 to 32767 seconds",
				(unsigned)r.num, (unsigned)r.den);
	if (opts->time_base > CIS_C37_MAX_TIME_BASE)
		return cis_fail(diag, -EINVAL,
				"TIME_BASE %u: has 24 bits, at most %u",
				(unsigned)opts->time_base,
				(unsigned)CIS_C37_MAX_TIME_BASE);
	if (opts->time_base && opts->time_base < r.num)
		return cis_fail(diag, -EINVAL,
				"TIME_BASE %u is too coarse for %u frames a "
				"second: some would have one time stamp",
				(unsigned)opts->time_base, (unsigned)r.num);
	if (opts->edition && opts->edition != 2005 && opts->edition != 2011)
		return cis_fail(diag, -EINVAL,
				"edition %u: there are 2005 and 2011",
				opts->edition);
	if (opts->fnom_hz != 50 && opts->fnom_hz != 60)
		return cis_fail(diag, -EINVAL,
				"nominal frequency %g Hz: FNOM says 50 or 60",
				opts->fnom_hz);
	return 0;
}

static int32_t to_us(double s)
{
	double us = round(s * 1e6);

	return us > 0 && us <= INT32_MAX ? (int32_t)us : 0;
}

/* What CFG-3 says beyond the others. */
static void describe(struct cis_c37_pmu *pmu,
		     const struct cis_c37_stream_opts *opts)
{
	if (opts->svc_class)
		pmu->svc_class = opts->svc_class;
	if (opts->position)
		pmu->position = *opts->position;
	if (opts->g_pmu_id)
		memcpy(pmu->g_pmu_id, opts->g_pmu_id, sizeof(pmu->g_pmu_id));
	pmu->window_us = to_us(opts->window_s);
	pmu->grp_dly_us = to_us(opts->grp_dly_s);
}

int cis_c37_config_for_map(const struct cis_chan_map *map,
			   const struct cis_c37_stream_opts *opts,
			   struct cis_c37_config **out, struct cis_diag *diag)
{
	struct cis_c37_config *cfg;
	struct cis_c37_pmu *pmu;
	int err = check(opts, diag);

	if (err)
		return err;
	err = cis_c37_config_new(1, &cfg);
	if (err)
		return cis_fail(diag, err, "out of memory");
	pmu = &cfg->pmu[0];
	err = cis_c37_pmu_size(pmu, (uint16_t)(map->n_chan + map->n_group), 0,
			       0);
	if (err) {
		cis_c37_config_free(cfg);
		return cis_fail(diag, err, "out of memory");
	}
	cfg->idcode = pmu->idcode = opts->idcode;
	cfg->version = opts->version ? opts->version : 1;
	cfg->edition = opts->edition == 2005 ? 2005 : 2011;
	if (opts->time_base)
		cfg->time_base = opts->time_base;
	cfg->data_rate = (int16_t)(opts->rate.den > 1 ? -(int)opts->rate.den
						      : (int)opts->rate.num);
	snprintf(pmu->station, sizeof(pmu->station), "%s", opts->station);
	pmu->format = opts->format & 0xF;
	pmu->fnom = opts->fnom_hz == 50;
	set_phasors(pmu, map);
	set_components(pmu, map);
	describe(pmu, opts);
	*out = cfg;
	return 0;
}

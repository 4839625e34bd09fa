/*
 * replay_frames.h - recordings of one phasor, made frame by frame, and what comes
 * of them when they are played again; or the test fails.
 */
#ifndef TESTS_REPLAY_FRAMES_H
#define TESTS_REPLAY_FRAMES_H

#include <string.h>

#include "check.h"
#include "cisoid/utc.h"
#include "host/core/be.h"
#include "host/sim/maker_replay.h"

#define REPLAY_SOC   1700000000 /* of the first frame; no leap second is near */
#define REPLAY_LATER 1800000000 /* where it is replayed */
#define REPLAY_BASE  1000000

struct replay {
	struct cis_recording *rec; /* the maker's, once there is one */
	struct cis_warn_list warn;
	struct cis_diag diag;
	struct cis_maker *maker;
};

static inline int replay_open(struct replay *r)
{
	memset(r, 0, sizeof(*r));
	r->rec = cis_recording_new(64 << 20);
	return r->rec ? 0 : -1;
}

static inline void replay_close(struct replay *r)
{
	if (r->maker)
		r->maker->ops->free(r->maker);
	else
		cis_recording_free(r->rec);
}

/* ---- recordings ---- */

static inline struct cis_c37_config *
replay_config(uint16_t idcode, int16_t data_rate, const char *station)
{
	struct cis_c37_config *cfg;

	assert_int_equal(cis_c37_config_new(1, &cfg), 0);
	assert_int_equal(cis_c37_pmu_size(&cfg->pmu[0], 1, 0, 0), 0);
	cfg->idcode = cfg->pmu[0].idcode = idcode;
	cfg->data_rate = data_rate;
	cfg->time_base = REPLAY_BASE;
	cfg->pmu[0].format = CIS_C37_FMT_FREQ_FLOAT | CIS_C37_FMT_PHASOR_FLOAT;
	strcpy(cfg->pmu[0].station, station);
	strcpy(cfg->pmu[0].phasor[0].name, "VA");
	return cfg;
}

static inline uint32_t replay_stream(struct replay *r, uint16_t idcode,
				     int16_t data_rate, const char *from)
{
	int i = cis_recording_stream(r->rec, idcode, from);

	assert_true(i >= 0);
	assert_int_equal(cis_recording_config(
				 r->rec, (uint32_t)i,
				 replay_config(idcode, data_rate, "ONE SIM")),
			 0);
	return (uint32_t)i;
}

/* The frequency tells one frame from the others. */
static inline void replay_put(struct replay *r, uint32_t i, uint32_t soc,
			      uint32_t fracsec, double freq_hz)
{
	const struct cis_recorded_stream *s = &r->rec->stream[i];
	const struct cis_c37_config *cfg = s->edition[s->n_edition - 1];
	struct cis_time came = cis_time_from_posix(soc, 0);
	struct cis_c37_data *data;
	uint8_t frame[100];

	assert_int_equal(cis_c37_data_new(cfg, &data), 0);
	data->head.soc = soc;
	data->head.fracsec = fracsec;
	data->head.time_quality = 0x85; /* a reserved bit, and within 10 us */
	data->block[0].stat = 0x0400;
	data->block[0].freq_hz = freq_hz;
	data->block[0].rocof_hz_per_s = 0;
	data->block[0].phasor_rms[0] = CMPLX(3, 4);
	assert_true(cis_c37_data_encode(cfg, data, frame, sizeof(frame)) > 0);
	assert_int_equal(cis_recording_put(r->rec, i, frame, &came), 0);
	cis_c37_data_free(data);
}

/* Frames `from` to `to` - 1 of the grid of SOC, at `rate`. */
static inline void replay_put_range(struct replay *r, uint32_t i, unsigned from,
				    unsigned to, unsigned rate)
{
	for (unsigned n = from; n < to; n++)
		replay_put(r, i, REPLAY_SOC + n / rate,
			   n % rate * (REPLAY_BASE / rate), (double)n);
}

/* ---- replays ---- */

static inline int replay_make(struct replay *r, double speed, bool loop)
{
	const struct cis_maker_replay_opts opts = {
		.speed = speed, .loop = loop, .header = "REPLAY"};
	int err = cis_recording_finish(r->rec, &r->warn, &r->diag);

	return err ? err
		   : cis_maker_replay_new(r->rec, &opts, &r->maker, &r->diag);
}

static inline struct cis_instant replay_begin(struct replay *r, int64_t soc,
					      int64_t ns)
{
	struct cis_instant at =
		cis_instant_from(cis_time_from_posix(soc, ns), r->maker->rate);

	r->maker->ops->begin(r->maker, at);
	return at;
}

struct replay_got {
	uint32_t soc, fracsec;
	uint8_t time_quality;
	double freq_hz;
};

/* The frame of stream i at `at`, with a good CHK; false where there is none. */
static inline bool replay_get(struct replay *r, uint32_t i,
			      struct cis_instant at, struct replay_got *got)
{
	struct cis_c37_head head;
	uint8_t frame[100];
	uint32_t bits;
	float freq;
	int len = r->maker->ops->frame(r->maker, i, at, frame, sizeof(frame));

	assert_true(len >= 0);
	if (len == 0)
		return false;
	assert_int_equal(cis_c37_peek(frame, (size_t)len, &head), len);
	assert_true(cis_c37_crc_ok(frame, (size_t)len));
	assert_int_equal(head.idcode, r->maker->ops->idcode(r->maker, i));
	assert_int_equal(cis_be16(frame + 14), 0x0400);
	bits = cis_be32(frame + 14 + 2 + 8);
	memcpy(&freq, &bits, sizeof(freq));
	*got = (struct replay_got){head.soc, head.fracsec, head.time_quality,
				   freq};
	return true;
}

#endif

/*
 * test_maker_replay.c - a recording played again. What a stamp must be follows
 * from the rule alone: the recorded one plus whole seconds, or start + n / rate.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cisoid/utc.h"
#include "host/core/be.h"
#include "host/sim/maker_replay.h"

#define SOC   1700000000 /* of the first frame; no leap second is near */
#define LATER 1800000000 /* where it is replayed */
#define BASE  1000000

static struct cis_recording *rec;
static struct cis_warn_list warn;
static struct cis_diag diag;
static struct cis_maker *maker;

static int setup(void **state)
{
	(void)state;
	rec = cis_recording_new(64 << 20);
	maker = NULL;
	warn = (struct cis_warn_list){.n = 0};
	diag.msg[0] = '\0';
	return rec ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	if (maker)
		maker->ops->free(maker);
	else
		cis_recording_free(rec);
	return 0;
}

/* ---- recordings ---- */

static struct cis_c37_config *config_of(uint16_t idcode, int16_t data_rate,
					const char *station)
{
	struct cis_c37_config *cfg;

	assert_int_equal(cis_c37_config_new(1, &cfg), 0);
	assert_int_equal(cis_c37_pmu_size(&cfg->pmu[0], 1, 0, 0), 0);
	cfg->idcode = cfg->pmu[0].idcode = idcode;
	cfg->data_rate = data_rate;
	cfg->time_base = BASE;
	cfg->pmu[0].format = CIS_C37_FMT_FREQ_FLOAT | CIS_C37_FMT_PHASOR_FLOAT;
	strcpy(cfg->pmu[0].station, station);
	strcpy(cfg->pmu[0].phasor[0].name, "VA");
	return cfg;
}

static uint32_t stream_of(uint16_t idcode, int16_t data_rate, const char *from)
{
	int i = cis_recording_stream(rec, idcode, from);

	assert_true(i >= 0);
	assert_int_equal(
		cis_recording_config(rec, (uint32_t)i,
				     config_of(idcode, data_rate, "ONE SIM")),
		0);
	return (uint32_t)i;
}

/* The frequency tells one frame from the others. */
static void put_at(uint32_t i, uint32_t soc, uint32_t fracsec, double freq_hz)
{
	const struct cis_recorded_stream *s = &rec->stream[i];
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
	assert_int_equal(cis_recording_put(rec, i, frame, &came), 0);
	cis_c37_data_free(data);
}

/* Frames `from` to `to` - 1 of the grid of SOC, at `rate`. */
static void put_range(uint32_t i, unsigned from, unsigned to, unsigned rate)
{
	for (unsigned n = from; n < to; n++)
		put_at(i, SOC + n / rate, n % rate * (BASE / rate), (double)n);
}

/* ---- replays ---- */

static int make(double speed, bool loop)
{
	const struct cis_maker_replay_opts opts = {
		.speed = speed, .loop = loop, .header = "REPLAY"};
	int err = cis_recording_finish(rec, &warn, &diag);

	return err ? err : cis_maker_replay_new(rec, &opts, &maker, &diag);
}

static struct cis_instant begin(int64_t soc, int64_t ns)
{
	struct cis_instant at =
		cis_instant_from(cis_time_from_posix(soc, ns), maker->rate);

	maker->ops->begin(maker, at);
	return at;
}

struct got {
	uint32_t soc, fracsec;
	uint8_t time_quality;
	double freq_hz;
};

/* The frame of stream i at `at`, with a good CHK; false where there is none. */
static bool get(uint32_t i, struct cis_instant at, struct got *got)
{
	struct cis_c37_head head;
	uint8_t frame[100];
	uint32_t bits;
	float freq;
	int len = maker->ops->frame(maker, i, at, frame, sizeof(frame));

	assert_true(len >= 0);
	if (len == 0)
		return false;
	assert_int_equal(cis_c37_peek(frame, (size_t)len, &head), len);
	assert_true(cis_c37_crc_ok(frame, (size_t)len));
	assert_int_equal(head.idcode, maker->ops->idcode(maker, i));
	assert_int_equal(cis_be16(frame + 14), 0x0400);
	bits = cis_be32(frame + 14 + 2 + 8);
	memcpy(&freq, &bits, sizeof(freq));
	*got = (struct got){head.soc, head.fracsec, head.time_quality, freq};
	return true;
}

/* ---- at speed 1 ---- */

static void stamps_are_the_recorded_ones_plus_whole_seconds(void **state)
{
	struct cis_instant at;
	struct got got;

	(void)state;
	put_range(stream_of(7, 50, "a:1"), 10, 120, 50);
	assert_int_equal(make(1, false), 0);
	assert_int_equal(maker->n_stream, 1);
	assert_int_equal(maker->rate.num, 50);
	at = begin(LATER, 0);
	for (unsigned n = 0; n < 10; n++, at = cis_instant_next(at))
		assert_false(get(0, at, &got));
	for (unsigned n = 10; n < 120; n++, at = cis_instant_next(at)) {
		assert_true(get(0, at, &got));
		assert_int_equal(got.soc, LATER + n / 50);
		assert_int_equal(got.fracsec, n % 50 * 20000);
		assert_int_equal(got.time_quality, 0x85);
		check_close(got.freq_hz, n, 0);
	}
	assert_false(get(0, at, &got));
	assert_int_equal(cis_instant_diff(at, maker->end), 0);
}

/* A start within a second: the first second with room for all frames. */
static void no_frame_is_before_the_start(void **state)
{
	struct cis_instant at;
	struct got got;

	(void)state;
	put_range(stream_of(7, 50, "a:1"), 10, 20, 50);
	assert_int_equal(make(1, false), 0);
	at = begin(LATER, 200000000);
	assert_true(get(0, at, &got));
	assert_int_equal(got.soc, LATER);
	assert_int_equal(got.fracsec, 200000);
	at = begin(LATER, 200000001);
	assert_false(get(0, at, &got));
	at = cis_instant_from(cis_time_from_posix(LATER + 1, 200000000),
			      maker->rate);
	assert_true(get(0, at, &got));
	check_close(got.freq_hz, 10, 0);
}

static void what_is_off_the_grid_stays_as_far_off(void **state)
{
	struct cis_instant at;
	struct got got;
	uint32_t i = stream_of(7, 50, "a:1");

	(void)state;
	put_at(i, SOC, 19997, 1);
	put_at(i, SOC, 40001, 2);
	put_at(i, SOC, 999999, 3); /* the next second's, by the grid */
	assert_int_equal(make(1, false), 0);
	at = cis_instant_next(begin(LATER, 0));
	assert_true(get(0, at, &got));
	assert_int_equal(got.fracsec, 19997);
	assert_true(get(0, cis_instant_next(at), &got));
	assert_int_equal(got.fracsec, 40001);
	at = cis_instant_from(cis_time_from_posix(LATER + 1, 0), maker->rate);
	assert_true(get(0, at, &got));
	assert_int_equal(got.soc, LATER);
	assert_int_equal(got.fracsec, 999999);
}

static void gaps_stay_and_doubles_go(void **state)
{
	struct cis_instant at;
	struct got got;
	uint32_t i = stream_of(7, 50, "a:1");

	(void)state;
	put_range(i, 0, 5, 50);
	put_range(i, 3, 8, 50); /* 3 and 4 come twice */
	put_range(i, 20, 22, 50);
	put_range(i, 15, 17, 50); /* late */
	put_at(i, SOC, 21 * 20000 + 300, -1);
	assert_int_equal(make(1, false), 0);
	assert_int_equal(rec->twice, 2);
	assert_int_equal(rec->crowded, 1);
	at = begin(LATER, 0);
	for (unsigned n = 0; n < 22; n++, at = cis_instant_next(at)) {
		bool there = n < 8 || (n >= 15 && n < 17) || n >= 20;

		assert_int_equal(get(0, at, &got), there);
		if (there)
			check_close(got.freq_hz, n, 0);
	}
}

/* At 50 a second, 600 frames are 12 s; one in 20 s is silent for longer. */
static void long_silence_is_told(void **state)
{
	(void)state;
	put_range(stream_of(7, 50, "a:1"), 0, 5, 50);
	put_range(0, 604, 610, 50);
	stream_of(8, -20, "a:1");
	put_at(1, SOC, 0, 1);
	put_at(1, SOC + 20, 0, 1);
	assert_int_equal(make(1, false), 0);
	assert_int_equal(warn.n, 1);
	assert_string_equal(warn.warn[0].msg,
			    "IDCODE 7: there is a gap of 12.0 s; it stays one");
}

/* 2016-12-31T23:59:60Z: SOC 1483228800 with the bit of a coming leap second. */
static void leap_bits_are_those_of_the_new_time(void **state)
{
	struct cis_instant at;
	struct got got;
	uint32_t i = stream_of(7, 1, "a:1");

	(void)state;
	for (unsigned n = 0; n < 4; n++)
		put_at(i, SOC + n, 0, n);
	assert_int_equal(make(1, false), 0);
	at = begin(1483228799, 0);
	assert_true(get(0, at, &got));
	assert_int_equal(got.soc, 1483228799);
	assert_int_equal(got.time_quality, 0x85 | CIS_C37_LEAP_PENDING);
	at = cis_instant_next(at);
	assert_true(get(0, at, &got));
	assert_int_equal(got.soc, 1483228800);
	assert_int_equal(got.time_quality, 0x85 | CIS_C37_LEAP_PENDING);
	at = cis_instant_next(at);
	assert_true(get(0, at, &got));
	assert_int_equal(got.soc, 1483228800);
	assert_int_equal(got.time_quality, 0x85 | CIS_C37_LEAP_OCCURRED);
	check_close(got.freq_hz, 2, 0);
}

static void frames_may_be_asked_for_in_any_order(void **state)
{
	struct cis_instant at;
	struct got got;
	uint32_t x = 1;

	(void)state;
	put_range(stream_of(7, 50, "a:1"), 0, 500, 50);
	assert_int_equal(make(1, false), 0);
	at = begin(LATER, 0);
	for (unsigned t = 0; t < 2000; t++) {
		struct cis_instant other = at;
		unsigned n;

		x = x * 1664525u + 1013904223u;
		n = (x >> 8) % 520;
		other.tai_s += n / 50;
		other.k = n % 50;
		assert_int_equal(get(0, other, &got), n < 500);
		if (n < 500)
			check_close(got.freq_hz, n, 0);
	}
}

/* ---- loops ---- */

/* 110 frames at 50 a second: three seconds from one turn to the next. */
static void a_loop_begins_anew_on_the_next_whole_second(void **state)
{
	struct cis_instant at;
	struct got got;

	(void)state;
	put_range(stream_of(7, 50, "a:1"), 10, 120, 50);
	assert_int_equal(make(1, true), 0);
	at = begin(LATER, 200000000);
	assert_int_equal(maker->end.rate.num, 0);
	for (unsigned n = 0; n < 1000; n++, at = cis_instant_next(at)) {
		unsigned in = n % 150;

		assert_int_equal(get(0, at, &got), in < 110);
		if (in >= 110)
			continue;
		assert_int_equal(got.soc, LATER + (n + 10) / 50);
		assert_int_equal(got.fracsec, (n + 10) % 50 * 20000);
		check_close(got.freq_hz, in + 10, 0);
	}
}

/* 100 frames: two seconds, and no gap between. */
static void a_loop_of_whole_seconds_has_no_gap(void **state)
{
	struct cis_instant at;
	struct got got;

	(void)state;
	put_range(stream_of(7, 50, "a:1"), 10, 110, 50);
	assert_int_equal(make(2, true), 0);
	assert_int_equal(maker->rate.num, 100);
	at = begin(LATER, 0);
	for (unsigned n = 0; n < 500; n++, at = cis_instant_next(at)) {
		assert_true(get(0, at, &got));
		assert_int_equal(got.soc, LATER + n / 100);
		assert_int_equal(got.fracsec, n % 100 * 10000);
		check_close(got.freq_hz, n % 100 + 10, 0);
	}
}

/* ---- speeds ---- */

static void a_speed_changes_stamps_and_data_rate(void **state)
{
	static const struct {
		double speed;
		int16_t data_rate;
		struct cis_rate rate;
	} cases[] = {
		{0.5, 25, {25, 1}},    {2, 100, {100, 1}},
		{0.01, -2, {1, 2}},    {0.02, 1, {1, 1}},
		{1.5, 75, {75, 1}},    {100, 5000, {5000, 1}},
		{1.0 / 50, 1, {1, 1}}, {49.0 / 50, 49, {49, 1}},
	};

	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct cis_rate r = cases[c].rate;
		struct cis_instant at;
		struct got got;

		teardown(state);
		setup(state);
		put_range(stream_of(7, 50, "a:1"), 10, 120, 50);
		assert_int_equal(make(cases[c].speed, false), 0);
		assert_int_equal(maker->rate.num, r.num);
		assert_int_equal(maker->rate.den, r.den);
		at = begin(LATER, 1); /* even: on the grid of two seconds */
		assert_int_equal(maker->ops->config(maker, 0, at)->data_rate,
				 cases[c].data_rate);
		if (r.den == 1 && at.k > 0)
			at = (struct cis_instant){at.tai_s + 1, 0, r};
		for (unsigned n = 0; n < 110; n++, at = cis_instant_next(at)) {
			uint64_t us = (uint64_t)n * r.den * 1000000 / r.num;
			uint32_t soc = LATER + r.den;

			assert_true(get(0, at, &got));
			assert_int_equal(got.soc, soc + us / 1000000);
			check_close(got.fracsec, (double)(us % 1000000), 1);
			check_close(got.freq_hz, n + 10, 0);
		}
		assert_int_equal(cis_instant_diff(at, maker->end), 0);
	}
}

static void
speeds_without_a_data_rate_are_refused_with_the_nearest(void **state)
{
	static const struct {
		double speed;
		int16_t data_rate;
		const char *nearest;
	} cases[] = {
		{1.01, 50, "is 1 or 1.02"},  {0.019, 50, "is 0.01 or 0.02"},
		{1.01, 60, "is 1 or 61/60"}, {3, -10, "is 2.5 or 10/3"},
		{90, 500, "is 65.534"},
	};

	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		teardown(state);
		setup(state);
		stream_of(7, cases[c].data_rate, "a:1");
		put_at(0, SOC, 0, 1);
		put_at(0, SOC + 10, 0, 1);
		assert_int_equal(make(cases[c].speed, false), -EINVAL);
		assert_non_null(strstr(diag.msg, cases[c].nearest));
	}
}

/* A frame in 10 s, 2.5 times as fast: one in 4 s. */
static void slow_streams_may_be_faster(void **state)
{
	struct cis_instant at;
	struct got got;
	uint32_t i = stream_of(7, -10, "a:1");

	(void)state;
	for (unsigned n = 0; n < 5; n++)
		put_at(i, SOC + 3 + 10 * n, 0, n);
	assert_int_equal(make(2.5, false), 0);
	at = begin(LATER, 0);
	assert_int_equal(maker->ops->config(maker, 0, at)->data_rate, -4);
	for (unsigned n = 0; n < 5; n++, at.tai_s += 4) {
		assert_true(get(0, at, &got));
		assert_int_equal(got.soc, LATER + 4 * n);
		check_close(got.freq_hz, n, 0);
	}
}

/* ---- several streams ---- */

static void streams_of_several_rates_share_a_grid(void **state)
{
	struct cis_instant at;
	struct got got;
	unsigned n_of[3] = {0};

	(void)state;
	put_range(stream_of(7, 50, "a:1"), 0, 100, 50);
	put_range(stream_of(8, 20, "a:1"), 0, 40, 20);
	stream_of(9, -2, "b:1");
	put_at(2, SOC + 1, 0, 1);
	assert_int_equal(make(1, false), 0);
	assert_int_equal(maker->rate.num, 100);
	at = begin(LATER, 0);
	for (unsigned n = 0; n < 200; n++, at = cis_instant_next(at)) {
		assert_int_equal(get(0, at, &got), n % 2 == 0);
		n_of[0] += n % 2 == 0;
		if (n % 2 == 0)
			assert_int_equal(got.fracsec, n % 100 * 10000);
		if (get(1, at, &got)) {
			n_of[1]++;
			assert_int_equal(n % 5, 0);
		}
		n_of[2] += get(2, at, &got);
	}
	assert_int_equal(n_of[1], 40);
	assert_int_equal(n_of[2], 1);
}

static void one_pmu_with_two_clients_is_one_stream(void **state)
{
	(void)state;
	put_range(stream_of(7, 50, "10.0.0.1:4712"), 0, 50, 50);
	put_range(stream_of(7, 50, "10.0.0.1:5000"), 30, 90, 50);
	assert_int_equal(make(1, false), 0);
	assert_int_equal(rec->n_stream, 1);
	assert_int_equal(rec->stream[0].n_frame, 90);
	assert_int_equal(rec->stream[0].n_edition, 1);
	assert_int_equal(rec->twice, 20);
	assert_int_equal(warn.n, 0);
}

static void two_pmus_of_one_idcode_are_numbered(void **state)
{
	struct cis_instant at;
	struct got got;

	(void)state;
	put_range(stream_of(7, 50, "10.0.0.1:4712"), 0, 50, 50);
	put_range(stream_of(7, 50, "10.0.0.2:4712"), 0, 50, 50);
	put_range(stream_of(8, 50, "10.0.0.2:4712"), 0, 50, 50);
	assert_int_equal(make(1, false), 0);
	assert_int_equal(maker->n_stream, 3);
	assert_int_equal(maker->ops->idcode(maker, 0), 7);
	assert_int_equal(maker->ops->idcode(maker, 1), 9);
	assert_int_equal(maker->ops->idcode(maker, 2), 8);
	assert_string_equal(warn.warn[0].msg,
			    "IDCODE 7 also comes from 10.0.0.2:4712: it is "
			    "sent as IDCODE 9");
	at = begin(LATER, 0);
	assert_true(get(1, at, &got));
	assert_int_equal(maker->ops->config(maker, 1, at)->pmu[0].idcode, 9);
}

static void clocks_years_apart_are_put_together_by_arrival(void **state)
{
	struct cis_time came = cis_time_from_posix(SOC + 1, 0);
	struct cis_instant at;
	struct got got;
	uint8_t frame[100];

	(void)state;
	put_range(stream_of(7, 50, "a:1"), 0, 100, 50);
	stream_of(8, 50, "a:1");
	put_at(1, SOC, 0, 77);
	memcpy(frame, rec->stream[1].frame[0].frame, sizeof(frame));
	rec->stream[1].n_frame = 0;
	cis_put_be32(frame + 6, 1000000); /* its clock began in 1970 */
	assert_int_equal(cis_recording_put(rec, 1, frame, &came), 0);
	assert_int_equal(make(1, false), 0);
	assert_int_equal(warn.n, 1);
	at = begin(LATER, 0);
	at.tai_s++;
	assert_true(get(1, at, &got));
	assert_int_equal(got.soc, LATER + 1);
	check_close(got.freq_hz, 77, 0);
}

/* ---- configurations ---- */

static void a_change_of_configuration_stays_one(void **state)
{
	struct cis_instant at;
	uint32_t i = stream_of(7, 50, "a:1");

	(void)state;
	put_range(i, 0, 50, 50);
	cis_recording_config(rec, i, config_of(7, 50, "ONE SIM"));
	put_range(i, 50, 60, 50);
	cis_recording_config(rec, i, config_of(7, 50, "TWO SIM"));
	put_range(i, 70, 100, 50);
	assert_int_equal(make(1, true), 0);
	assert_int_equal(rec->stream[0].n_edition, 2);
	assert_string_equal(
		maker->ops->config(maker, 0, (struct cis_instant){0})
			->pmu[0]
			.station,
		"ONE SIM");
	at = begin(LATER, 0);
	for (unsigned n = 0; n < 300; n++, at = cis_instant_next(at)) {
		bool two = n % 100 >= 70;
		const char *station =
			maker->ops->config(maker, 0, at)->pmu[0].station;

		assert_string_equal(station, two ? "TWO SIM" : "ONE SIM");
		assert_int_equal(maker->ops->edition(maker, 0, at),
				 n / 100 * 2 + two);
	}
}

static void a_wrong_data_rate_gives_way_to_the_stamps(void **state)
{
	static const int16_t told[] = {0, 10, -1};

	for (size_t c = 0; c < 3; c++) {
		teardown(state);
		setup(state);
		put_range(stream_of(7, told[c], "a:1"), 0, 100, 50);
		assert_int_equal(make(1, false), 0);
		assert_int_equal(maker->rate.num, 50);
		assert_int_equal(rec->stream[0].n_frame, 100);
		assert_int_equal(warn.n, 1);
		assert_int_equal(rec->stream[0].edition[0]->data_rate, told[c]);
	}
}

/* ---- refusals ---- */

static void what_cannot_be_replayed_is_refused(void **state)
{
	(void)state;
	assert_int_equal(make(1, false), -ENODATA);
	stream_of(7, 50, "a:1");
	put_at(0, SOC, 0, 1);
	put_at(0, SOC + 86401, 0, 2);
	assert_int_equal(make(1, false), -EBADMSG);
	assert_non_null(strstr(diag.msg, "more than a day between"));
}

static void there_is_an_end_to_what_is_kept(void **state)
{
	uint8_t frame[100] = {0xAA, 1, 0, 100, 0, 7};
	int err = 0;
	unsigned n;

	(void)state;
	cis_recording_free(rec);
	rec = cis_recording_new(4 << 20);
	stream_of(7, 50, "a:1");
	for (n = 0; !err; n++)
		err = cis_recording_put(rec, 0, frame, NULL);
	assert_int_equal(err, -EFBIG);
	assert_in_range(n, 10000, (4 << 20) / 100);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(stamps_are_the_recorded_ones_plus_whole_seconds),
		T(no_frame_is_before_the_start),
		T(what_is_off_the_grid_stays_as_far_off),
		T(gaps_stay_and_doubles_go),
		T(long_silence_is_told),
		T(leap_bits_are_those_of_the_new_time),
		T(frames_may_be_asked_for_in_any_order),
		T(a_loop_begins_anew_on_the_next_whole_second),
		T(a_loop_of_whole_seconds_has_no_gap),
		T(a_speed_changes_stamps_and_data_rate),
		T(speeds_without_a_data_rate_are_refused_with_the_nearest),
		T(slow_streams_may_be_faster),
		T(streams_of_several_rates_share_a_grid),
		T(one_pmu_with_two_clients_is_one_stream),
		T(two_pmus_of_one_idcode_are_numbered),
		T(clocks_years_apart_are_put_together_by_arrival),
		T(a_change_of_configuration_stays_one),
		T(a_wrong_data_rate_gives_way_to_the_stamps),
		T(what_cannot_be_replayed_is_refused),
		T(there_is_an_end_to_what_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

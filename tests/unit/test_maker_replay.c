/*
 * test_maker_replay.c - a recording played again. What a stamp must be follows
 * from the rule alone: the recorded one plus whole seconds, or start + n / rate.
 */
#include <errno.h>

#include "replay_frames.h"

static struct replay r;

static int setup(void **state)
{
	(void)state;
	return replay_open(&r);
}

static int teardown(void **state)
{
	(void)state;
	replay_close(&r);
	return 0;
}

/* ---- at speed 1 ---- */

static void stamps_are_the_recorded_ones_plus_whole_seconds(void **state)
{
	struct cis_instant at;
	struct replay_got got = {0};

	(void)state;
	replay_put_range(&r, replay_stream(&r, 7, 50, "a:1"), 10, 120, 50);
	assert_int_equal(replay_make(&r, 1, false), 0);
	assert_int_equal(r.maker->n_stream, 1);
	assert_int_equal(r.maker->rate.num, 50);
	at = replay_begin(&r, REPLAY_LATER, 0);
	for (unsigned n = 0; n < 10; n++, at = cis_instant_next(at))
		assert_false(replay_get(&r, 0, at, &got));
	for (unsigned n = 10; n < 120; n++, at = cis_instant_next(at)) {
		assert_true(replay_get(&r, 0, at, &got));
		assert_int_equal(got.soc, REPLAY_LATER + n / 50);
		assert_int_equal(got.fracsec, n % 50 * 20000);
		assert_int_equal(got.time_quality, 0x85);
		check_close(got.freq_hz, n, 0);
	}
	assert_false(replay_get(&r, 0, at, &got));
	assert_int_equal(cis_instant_diff(at, r.maker->end), 0);
}

/* A start within a second: the first second with room for all frames. */
static void no_frame_is_before_the_start(void **state)
{
	struct cis_instant at;
	struct replay_got got = {0};

	(void)state;
	replay_put_range(&r, replay_stream(&r, 7, 50, "a:1"), 10, 20, 50);
	assert_int_equal(replay_make(&r, 1, false), 0);
	at = replay_begin(&r, REPLAY_LATER, 200000000);
	assert_true(replay_get(&r, 0, at, &got));
	assert_int_equal(got.soc, REPLAY_LATER);
	assert_int_equal(got.fracsec, 200000);
	at = replay_begin(&r, REPLAY_LATER, 200000001);
	assert_false(replay_get(&r, 0, at, &got));
	at = cis_instant_from(cis_time_from_posix(REPLAY_LATER + 1, 200000000),
			      r.maker->rate);
	assert_true(replay_get(&r, 0, at, &got));
	check_close(got.freq_hz, 10, 0);
}

static void what_is_off_the_grid_stays_as_far_off(void **state)
{
	struct cis_instant at;
	struct replay_got got = {0};
	uint32_t i = replay_stream(&r, 7, 50, "a:1");

	(void)state;
	replay_put(&r, i, REPLAY_SOC, 19997, 1);
	replay_put(&r, i, REPLAY_SOC, 40001, 2);
	replay_put(&r, i, REPLAY_SOC, 999999,
		   3); /* the next second's, by the grid */
	assert_int_equal(replay_make(&r, 1, false), 0);
	at = cis_instant_next(replay_begin(&r, REPLAY_LATER, 0));
	assert_true(replay_get(&r, 0, at, &got));
	assert_int_equal(got.fracsec, 19997);
	assert_true(replay_get(&r, 0, cis_instant_next(at), &got));
	assert_int_equal(got.fracsec, 40001);
	at = cis_instant_from(cis_time_from_posix(REPLAY_LATER + 1, 0),
			      r.maker->rate);
	assert_true(replay_get(&r, 0, at, &got));
	assert_int_equal(got.soc, REPLAY_LATER);
	assert_int_equal(got.fracsec, 999999);
}

static void gaps_stay_and_doubles_go(void **state)
{
	struct cis_instant at;
	struct replay_got got = {0};
	uint32_t i = replay_stream(&r, 7, 50, "a:1");

	(void)state;
	replay_put_range(&r, i, 0, 5, 50);
	replay_put_range(&r, i, 3, 8, 50); /* 3 and 4 come twice */
	replay_put_range(&r, i, 20, 22, 50);
	replay_put_range(&r, i, 15, 17, 50); /* late */
	replay_put(&r, i, REPLAY_SOC, 21 * 20000 + 300, -1);
	assert_int_equal(replay_make(&r, 1, false), 0);
	assert_int_equal(r.rec->twice, 2);
	assert_int_equal(r.rec->crowded, 1);
	at = replay_begin(&r, REPLAY_LATER, 0);
	for (unsigned n = 0; n < 22; n++, at = cis_instant_next(at)) {
		bool there = n < 8 || (n >= 15 && n < 17) || n >= 20;

		assert_int_equal(replay_get(&r, 0, at, &got), there);
		if (there)
			check_close(got.freq_hz, n, 0);
	}
}

/* At 50 a second, 600 frames are 12 s; one in 20 s is silent for longer. */
static void long_silence_is_told(void **state)
{
	(void)state;
	replay_put_range(&r, replay_stream(&r, 7, 50, "a:1"), 0, 5, 50);
	replay_put_range(&r, 0, 604, 610, 50);
	replay_stream(&r, 8, -20, "a:1");
	replay_put(&r, 1, REPLAY_SOC, 0, 1);
	replay_put(&r, 1, REPLAY_SOC + 20, 0, 1);
	assert_int_equal(replay_make(&r, 1, false), 0);
	assert_int_equal(r.warn.n, 1);
	assert_string_equal(r.warn.warn[0].msg,
			    "IDCODE 7: there is a gap of 12.0 s; it stays one");
}

/* 2016-12-31T23:59:60Z: SOC 1483228800 with the bit of a coming leap second. */
static void leap_bits_are_those_of_the_new_time(void **state)
{
	struct cis_instant at;
	struct replay_got got = {0};
	uint32_t i = replay_stream(&r, 7, 1, "a:1");

	(void)state;
	for (unsigned n = 0; n < 4; n++)
		replay_put(&r, i, REPLAY_SOC + n, 0, n);
	assert_int_equal(replay_make(&r, 1, false), 0);
	at = replay_begin(&r, 1483228799, 0);
	assert_true(replay_get(&r, 0, at, &got));
	assert_int_equal(got.soc, 1483228799);
	assert_int_equal(got.time_quality, 0x85 | CIS_C37_LEAP_PENDING);
	at = cis_instant_next(at);
	assert_true(replay_get(&r, 0, at, &got));
	assert_int_equal(got.soc, 1483228800);
	assert_int_equal(got.time_quality, 0x85 | CIS_C37_LEAP_PENDING);
	at = cis_instant_next(at);
	assert_true(replay_get(&r, 0, at, &got));
	assert_int_equal(got.soc, 1483228800);
	assert_int_equal(got.time_quality, 0x85 | CIS_C37_LEAP_OCCURRED);
	check_close(got.freq_hz, 2, 0);
}

static void frames_may_be_asked_for_in_any_order(void **state)
{
	struct cis_instant at;
	struct replay_got got = {0};
	uint32_t x = 1;

	(void)state;
	replay_put_range(&r, replay_stream(&r, 7, 50, "a:1"), 0, 500, 50);
	assert_int_equal(replay_make(&r, 1, false), 0);
	at = replay_begin(&r, REPLAY_LATER, 0);
	for (unsigned t = 0; t < 2000; t++) {
		struct cis_instant other = at;
		unsigned n;

		x = x * 1664525u + 1013904223u;
		n = (x >> 8) % 520;
		other.tai_s += n / 50;
		other.k = n % 50;
		assert_int_equal(replay_get(&r, 0, other, &got), n < 500);
		if (n < 500)
			check_close(got.freq_hz, n, 0);
	}
}

/* ---- loops ---- */

/* 110 frames at 50 a second: three seconds from one turn to the next. */
static void a_loop_begins_anew_on_the_next_whole_second(void **state)
{
	struct cis_instant at;
	struct replay_got got = {0};

	(void)state;
	replay_put_range(&r, replay_stream(&r, 7, 50, "a:1"), 10, 120, 50);
	assert_int_equal(replay_make(&r, 1, true), 0);
	check_close(cis_maker_replay_turn_gap_s(r.maker), 41 / 50.0, 1e-15);
	at = replay_begin(&r, REPLAY_LATER, 200000000);
	assert_int_equal(r.maker->end.rate.num, 0);
	for (unsigned n = 0; n < 1000; n++, at = cis_instant_next(at)) {
		unsigned in = n % 150;

		assert_int_equal(replay_get(&r, 0, at, &got), in < 110);
		if (in >= 110)
			continue;
		assert_int_equal(got.soc, REPLAY_LATER + (n + 10) / 50);
		assert_int_equal(got.fracsec, (n + 10) % 50 * 20000);
		check_close(got.freq_hz, in + 10, 0);
	}
}

/* 100 frames: two seconds, and no gap between. */
static void a_loop_of_whole_seconds_has_no_gap(void **state)
{
	struct cis_instant at;
	struct replay_got got = {0};

	(void)state;
	replay_put_range(&r, replay_stream(&r, 7, 50, "a:1"), 10, 110, 50);
	assert_int_equal(replay_make(&r, 2, true), 0);
	assert_int_equal(r.maker->rate.num, 100);
	check_close(cis_maker_replay_turn_gap_s(r.maker), 1 / 100.0, 1e-15);
	at = replay_begin(&r, REPLAY_LATER, 0);
	for (unsigned n = 0; n < 500; n++, at = cis_instant_next(at)) {
		assert_true(replay_get(&r, 0, at, &got));
		assert_int_equal(got.soc, REPLAY_LATER + n / 100);
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
		struct cis_rate rate = cases[c].rate;
		struct cis_instant at;
		struct replay_got got = {0};

		teardown(state);
		setup(state);
		replay_put_range(&r, replay_stream(&r, 7, 50, "a:1"), 10, 120,
				 50);
		assert_int_equal(replay_make(&r, cases[c].speed, false), 0);
		assert_int_equal(r.maker->rate.num, rate.num);
		assert_int_equal(r.maker->rate.den, rate.den);
		/* even: on the grid of two seconds */
		at = replay_begin(&r, REPLAY_LATER, 1);
		assert_int_equal(
			r.maker->ops->config(r.maker, 0, at)->data_rate,
			cases[c].data_rate);
		if (rate.den == 1 && at.k > 0)
			at = (struct cis_instant){at.tai_s + 1, 0, rate};
		for (unsigned n = 0; n < 110; n++, at = cis_instant_next(at)) {
			uint64_t us =
				(uint64_t)n * rate.den * 1000000 / rate.num;
			uint32_t soc = REPLAY_LATER + rate.den;

			assert_true(replay_get(&r, 0, at, &got));
			assert_int_equal(got.soc, soc + us / 1000000);
			check_close(got.fracsec, (double)(us % 1000000), 1);
			check_close(got.freq_hz, n + 10, 0);
		}
		assert_int_equal(cis_instant_diff(at, r.maker->end), 0);
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
		replay_stream(&r, 7, cases[c].data_rate, "a:1");
		replay_put(&r, 0, REPLAY_SOC, 0, 1);
		replay_put(&r, 0, REPLAY_SOC + 10, 0, 1);
		assert_int_equal(replay_make(&r, cases[c].speed, false),
				 -EINVAL);
		assert_non_null(strstr(r.diag.msg, cases[c].nearest));
	}
}

/* A frame in 10 s, 2.5 times as fast: one in 4 s. */
static void slow_streams_may_be_faster(void **state)
{
	struct cis_instant at;
	struct replay_got got = {0};
	uint32_t i = replay_stream(&r, 7, -10, "a:1");

	(void)state;
	for (unsigned n = 0; n < 5; n++)
		replay_put(&r, i, REPLAY_SOC + 3 + 10 * n, 0, n);
	assert_int_equal(replay_make(&r, 2.5, false), 0);
	at = replay_begin(&r, REPLAY_LATER, 0);
	assert_int_equal(r.maker->ops->config(r.maker, 0, at)->data_rate, -4);
	for (unsigned n = 0; n < 5; n++, at.tai_s += 4) {
		assert_true(replay_get(&r, 0, at, &got));
		assert_int_equal(got.soc, REPLAY_LATER + 4 * n);
		check_close(got.freq_hz, n, 0);
	}
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

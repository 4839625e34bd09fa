/* test_recording.c - streams, configurations and the grid of what was recorded,
 * as they come out of a replay. */
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

/* ---- several streams ---- */

static void streams_of_several_rates_share_a_grid(void **state)
{
	struct cis_instant at;
	struct replay_got got = {0};
	unsigned n_of[3] = {0};

	(void)state;
	replay_put_range(&r, replay_stream(&r, 7, 50, "a:1"), 0, 100, 50);
	replay_put_range(&r, replay_stream(&r, 8, 20, "a:1"), 0, 40, 20);
	replay_stream(&r, 9, -2, "b:1");
	replay_put(&r, 2, REPLAY_SOC + 1, 0, 1);
	assert_int_equal(replay_make(&r, 1, false), 0);
	assert_int_equal(r.maker->rate.num, 100);
	at = replay_begin(&r, REPLAY_LATER, 0);
	for (unsigned n = 0; n < 200; n++, at = cis_instant_next(at)) {
		assert_int_equal(replay_get(&r, 0, at, &got), n % 2 == 0);
		n_of[0] += n % 2 == 0;
		if (n % 2 == 0)
			assert_int_equal(got.fracsec, n % 100 * 10000);
		if (replay_get(&r, 1, at, &got)) {
			n_of[1]++;
			assert_int_equal(n % 5, 0);
		}
		n_of[2] += replay_get(&r, 2, at, &got);
	}
	assert_int_equal(n_of[1], 40);
	assert_int_equal(n_of[2], 1);
}

static void one_pmu_with_two_clients_is_one_stream(void **state)
{
	(void)state;
	replay_put_range(&r, replay_stream(&r, 7, 50, "10.0.0.1:4712"), 0, 50,
			 50);
	replay_put_range(&r, replay_stream(&r, 7, 50, "10.0.0.1:5000"), 30, 90,
			 50);
	assert_int_equal(replay_make(&r, 1, false), 0);
	assert_int_equal(r.rec->n_stream, 1);
	assert_int_equal(r.rec->stream[0].n_frame, 90);
	assert_int_equal(r.rec->stream[0].n_edition, 1);
	assert_int_equal(r.rec->twice, 20);
	assert_int_equal(r.warn.n, 0);
}

static void two_pmus_of_one_idcode_are_numbered(void **state)
{
	struct cis_instant at;
	struct replay_got got = {0};

	(void)state;
	replay_put_range(&r, replay_stream(&r, 7, 50, "10.0.0.1:4712"), 0, 50,
			 50);
	replay_put_range(&r, replay_stream(&r, 7, 50, "10.0.0.2:4712"), 0, 50,
			 50);
	replay_put_range(&r, replay_stream(&r, 8, 50, "10.0.0.2:4712"), 0, 50,
			 50);
	assert_int_equal(replay_make(&r, 1, false), 0);
	assert_int_equal(r.maker->n_stream, 3);
	assert_int_equal(r.maker->ops->idcode(r.maker, 0), 7);
	assert_int_equal(r.maker->ops->idcode(r.maker, 1), 9);
	assert_int_equal(r.maker->ops->idcode(r.maker, 2), 8);
	assert_string_equal(r.warn.warn[0].msg,
			    "IDCODE 7 also comes from 10.0.0.2:4712: it is "
			    "sent as IDCODE 9");
	at = replay_begin(&r, REPLAY_LATER, 0);
	assert_true(replay_get(&r, 1, at, &got));
	assert_int_equal(r.maker->ops->config(r.maker, 1, at)->pmu[0].idcode,
			 9);
}

static void clocks_years_apart_are_put_together_by_arrival(void **state)
{
	struct cis_time came = cis_time_from_posix(REPLAY_SOC + 1, 0);
	struct cis_instant at;
	struct replay_got got = {0};
	uint8_t frame[100];

	(void)state;
	replay_put_range(&r, replay_stream(&r, 7, 50, "a:1"), 0, 100, 50);
	replay_stream(&r, 8, 50, "a:1");
	replay_put(&r, 1, REPLAY_SOC, 0, 77);
	memcpy(frame, r.rec->stream[1].frame[0].frame, sizeof(frame));
	r.rec->stream[1].n_frame = 0;
	cis_put_be32(frame + 6, 1000000); /* its clock began in 1970 */
	assert_int_equal(cis_recording_put(r.rec, 1, frame, &came), 0);
	assert_int_equal(replay_make(&r, 1, false), 0);
	assert_int_equal(r.warn.n, 1);
	at = replay_begin(&r, REPLAY_LATER, 0);
	at.tai_s++;
	assert_true(replay_get(&r, 1, at, &got));
	assert_int_equal(got.soc, REPLAY_LATER + 1);
	check_close(got.freq_hz, 77, 0);
}

/* ---- configurations ---- */

static void a_change_of_configuration_stays_one(void **state)
{
	struct cis_instant at;
	uint32_t i = replay_stream(&r, 7, 50, "a:1");

	(void)state;
	replay_put_range(&r, i, 0, 50, 50);
	cis_recording_config(r.rec, i, replay_config(7, 50, "ONE SIM"));
	replay_put_range(&r, i, 50, 60, 50);
	cis_recording_config(r.rec, i, replay_config(7, 50, "TWO SIM"));
	replay_put_range(&r, i, 70, 100, 50);
	assert_int_equal(replay_make(&r, 1, true), 0);
	assert_int_equal(r.rec->stream[0].n_edition, 2);
	assert_string_equal(
		r.maker->ops->config(r.maker, 0, (struct cis_instant){0})
			->pmu[0]
			.station,
		"ONE SIM");
	at = replay_begin(&r, REPLAY_LATER, 0);
	for (unsigned n = 0; n < 300; n++, at = cis_instant_next(at)) {
		bool two = n % 100 >= 70;
		const char *station =
			r.maker->ops->config(r.maker, 0, at)->pmu[0].station;

		assert_string_equal(station, two ? "TWO SIM" : "ONE SIM");
		assert_int_equal(r.maker->ops->edition(r.maker, 0, at),
				 n / 100 * 2 + two);
	}
}

static void a_wrong_data_rate_gives_way_to_the_stamps(void **state)
{
	static const int16_t told[] = {0, 10, -1};

	for (size_t c = 0; c < 3; c++) {
		teardown(state);
		setup(state);
		replay_put_range(&r, replay_stream(&r, 7, told[c], "a:1"), 0,
				 100, 50);
		assert_int_equal(replay_make(&r, 1, false), 0);
		assert_int_equal(r.maker->rate.num, 50);
		assert_int_equal(r.rec->stream[0].n_frame, 100);
		assert_int_equal(r.warn.n, 1);
		assert_int_equal(r.rec->stream[0].edition[0]->data_rate,
				 told[c]);
	}
}

/* ---- refusals ---- */

static void what_cannot_be_replayed_is_refused(void **state)
{
	(void)state;
	assert_int_equal(replay_make(&r, 1, false), -ENODATA);
	replay_stream(&r, 7, 50, "a:1");
	replay_put(&r, 0, REPLAY_SOC, 0, 1);
	replay_put(&r, 0, REPLAY_SOC + 86401, 0, 2);
	assert_int_equal(replay_make(&r, 1, false), -EBADMSG);
	assert_non_null(strstr(r.diag.msg, "more than a day between"));
}

static void there_is_an_end_to_what_is_kept(void **state)
{
	uint8_t frame[100] = {0xAA, 1, 0, 100, 0, 7};
	int err = 0;
	unsigned n;

	(void)state;
	cis_recording_free(r.rec);
	r.rec = cis_recording_new(4 << 20);
	replay_stream(&r, 7, 50, "a:1");
	for (n = 0; !err; n++)
		err = cis_recording_put(r.rec, 0, frame, NULL);
	assert_int_equal(err, -EFBIG);
	assert_in_range(n, 10000, (4 << 20) / 100);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
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

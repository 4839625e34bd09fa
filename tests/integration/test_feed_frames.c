/*
 * test_feed_frames.c - feeds of frames that are encoded already, as a simulated
 * fleet has: one room for all, configurations that are lent.
 */
#include "fleet_bench.h"

static struct line one;

static void put(struct fleet *f, const uint8_t *frame, size_t len)
{
	cis_feed_put_frame(f->feed[0], f->b.rep.at, 0, frame, len);
	f->b.rep.at = cis_instant_next(f->b.rep.at);
}

static void frames_go_out_as_they_are_whatever_their_length(void **state)
{
	static const size_t len[] = {50, 18, 80, 49, 51};
	uint8_t frame[5][80];
	struct fleet f;

	(void)state;
	fleet_open(&f, 1);
	line_dial(&one, bench_add(&f.b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&f.b, &one);
	for (unsigned i = 0; i < 5; i++) {
		fleet_frame(frame[i], len[i], 0, (uint8_t)i);
		put(&f, frame[i], len[i]);
	}
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(line_next(&f.b, &one), len[i]);
		assert_memory_equal(one.frame, frame[i], len[i]);
	}
	assert_int_equal(bench_stats(&f.b).sent, 5);
	close(one.fd);
	fleet_close(&f);
}

static void a_frame_over_the_most_is_dropped(void **state)
{
	uint8_t frame[81];
	struct fleet f;

	(void)state;
	fleet_open(&f, 1);
	line_dial(&one, bench_add(&f.b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&f.b, &one);
	fleet_frame(frame, 81, 0, 1);
	put(&f, frame, 81);
	line_quiet(&f.b, &one);
	assert_int_equal(bench_stats(&f.b).dropped, 1);
	assert_int_equal(bench_stats(&f.b).sent, 0);
	close(one.fd);
	fleet_close(&f);
}

/* The time of a configuration is that of the latest data, 1700000040.02. */
static void configurations_are_lent_and_have_the_time_of_the_data(void **state)
{
	uint8_t frame[50];
	struct fleet f;
	uint32_t n;

	(void)state;
	fleet_open(&f, 1);
	fleet_frame(frame, 50, 0, 1);
	put(&f, frame, 50);
	put(&f, frame, 50);
	n = f.n_lent;
	line_dial(&one, bench_add(&f.b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2);
	line_expect(&f.b, &one, CIS_C37_CFG2);
	assert_int_equal(frame_u32(one.frame + 6), 1700000040);
	assert_int_equal(frame_u32(one.frame + 10) & 0xFFFFFF, 20000);
	assert_true(f.n_lent > n);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_HDR);
	line_expect(&f.b, &one, CIS_C37_HDR);
	assert_memory_equal(one.frame + 14, "of a fleet", 10);
	close(one.fd);
	fleet_close(&f);
}

static void another_configuration_goes_before_its_data(void **state)
{
	struct cis_c37_config *cfg;
	uint8_t frame[50];
	struct fleet f;

	(void)state;
	fleet_open(&f, 1);
	line_dial(&one, bench_add(&f.b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&f.b, &one);
	fleet_frame(frame, 50, 0, 1);
	put(&f, frame, 50);
	cis_c37_config_free(f.cfg[0]);
	f.cfg[0] = bench_config(2);
	assert_int_equal(cis_feed_set_config(f.b.feed, &f.b.diag), 0);
	fleet_frame(frame, 42, 0, 2);
	put(&f, frame, 42);
	assert_int_equal(line_next(&f.b, &one), 50);
	assert_true(line_expect(&f.b, &one, CIS_C37_CFG2) > 0);
	assert_int_equal(
		cis_c37_config_decode(one.frame,
				      (size_t)one.frame[2] << 8 | one.frame[3],
				      &cfg, NULL) > 0,
		1);
	assert_int_equal(cfg->pmu[0].n_phasor, 2);
	cis_c37_config_free(cfg);
	assert_int_equal(line_next(&f.b, &one), 42);
	close(one.fd);
	fleet_close(&f);
}

static void a_configuration_with_longer_data_is_refused(void **state)
{
	struct fleet f;

	(void)state;
	fleet_open_with(&f, 1, (struct cis_feed_config){.data_max = 0});
	cis_c37_config_free(f.cfg[0]);
	f.cfg[0] = bench_config(4);
	assert_int_equal(cis_feed_set_config(f.b.feed, &f.b.diag), -EMSGSIZE);
	assert_non_null(strstr(f.b.diag.msg, "58 bytes"));
	fleet_close(&f);
}

/* A client that reads nothing for a while: what the socket did not take waits in
 * the ring, which is made anew. */
static void room_grows_under_frames_that_wait(void **state)
{
	uint8_t frame[200];
	unsigned n_put = 0;
	struct fleet f;

	(void)state;
	fleet_open_with(&f, 1,
			(struct cis_feed_config){.data_max = FLEET_DATA,
						 .queue_s = 1000});
	line_dial(&one, bench_add(&f.b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"),
		  2048);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&f.b, &one);
	while (cis_feed_backlog(f.b.feed) < 10) {
		fleet_frame(frame, FLEET_DATA, 0, (uint8_t)n_put++);
		put(&f, frame, FLEET_DATA);
	}
	assert_int_equal(cis_feed_make_room(f.b.feed, 200), 0);
	assert_int_equal(cis_feed_make_room(f.b.feed, 10), 0);
	fleet_frame(frame, 200, 0, (uint8_t)n_put++);
	put(&f, frame, 200);
	for (unsigned i = 0; i < n_put; i++) {
		assert_int_equal(line_next(&f.b, &one),
				 i + 1 < n_put ? FLEET_DATA : 200);
		assert_int_equal(one.frame[40], i & 0xFF);
	}
	assert_int_equal(bench_stats(&f.b).dropped, 0);
	assert_int_equal(bench_stats(&f.b).sent, n_put);
	close(one.fd);
	fleet_close(&f);
}

/* Nobody was there to take them: whoever comes gets none of the past. */
static void data_of_an_empty_room_are_gone(void **state)
{
	uint8_t frame[50];
	struct fleet f;

	(void)state;
	fleet_open(&f, 1);
	fleet_frame(frame, 50, 0, 1);
	put(&f, frame, 50);
	assert_int_equal(bench_stats(&f.b).frames, 1);
	line_dial(&one, bench_add(&f.b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&f.b, &one);
	fleet_frame(frame, 50, 0, 2);
	put(&f, frame, 50);
	assert_int_equal(line_next(&f.b, &one), 50);
	assert_int_equal(one.frame[20], 2);
	assert_int_equal(bench_stats(&f.b).dropped, 0);
	close(one.fd);
	fleet_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			frames_go_out_as_they_are_whatever_their_length),
		cmocka_unit_test(a_frame_over_the_most_is_dropped),
		cmocka_unit_test(
			configurations_are_lent_and_have_the_time_of_the_data),
		cmocka_unit_test(another_configuration_goes_before_its_data),
		cmocka_unit_test(a_configuration_with_longer_data_is_refused),
		cmocka_unit_test(room_grows_under_frames_that_wait),
		cmocka_unit_test(data_of_an_empty_room_are_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

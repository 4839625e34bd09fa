/*
 * test_feed_frames.c - feeds of frames that are encoded already, as a simulated
 * fleet has: one room for all, configurations that are lent.
 */
#include "feed_bench.h"

#define N_FEED 3

/* Lends the configurations; feed i has IDCODE BENCH_IDCODE + i. */
struct lender {
	struct cis_c37_config *cfg[N_FEED];
	struct cis_feed_room *room;
	struct cis_feed *feed[N_FEED];
	uint32_t n_lent[N_FEED];
};

static struct line one;

static const struct cis_c37_config *lend(void *arg, uint32_t i)
{
	struct lender *l = arg;

	l->n_lent[i]++;
	return l->cfg[i];
}

static void open_fleet(struct bench *b, struct lender *l, size_t data_max)
{
	struct cis_feed_config fc = {.loop = &b->loop,
				     .lend = lend,
				     .arg = l,
				     .data_max = data_max,
				     .header = "of a fleet"};

	memset(l, 0, sizeof(*l));
	memset(b, 0, sizeof(*b));
	assert_int_equal(uv_loop_init(&b->loop), 0);
	assert_int_equal(cis_feed_room_new(&b->loop, &l->room), 0);
	fc.room = l->room;
	for (uint32_t i = 0; i < N_FEED; i++) {
		l->cfg[i] = bench_config(3);
		l->cfg[i]->idcode = (uint16_t)(BENCH_IDCODE + i);
		fc.i = i;
		assert_int_equal(cis_feed_new(&fc, &l->feed[i], &b->diag), 0);
	}
	cis_feed_room_free(l->room);
	b->feed = l->feed[0];
	b->rep.at = (struct cis_instant){.tai_s = cis_tai_from_soc(1700000040),
					 .rate = {BENCH_RATE, 1}};
}

static void close_fleet(struct bench *b, struct lender *l)
{
	for (unsigned i = 1; i < N_FEED; i++)
		cis_feed_close(l->feed[i]);
	bench_close(b);
	for (unsigned i = 0; i < N_FEED; i++)
		cis_c37_config_free(l->cfg[i]);
}

/* Any bytes with a head whose FRAMESIZE is `len`. */
static void make_frame(uint8_t *frame, size_t len, uint8_t fill)
{
	memset(frame, fill, len);
	frame[0] = 0xAA;
	frame[1] = 0x01;
	frame[2] = (uint8_t)(len >> 8);
	frame[3] = (uint8_t)len;
}

static void put(struct bench *b, const uint8_t *frame, size_t len)
{
	cis_feed_put_frame(b->feed, b->rep.at, 0, frame, len);
	b->rep.at = cis_instant_next(b->rep.at);
}

static void frames_go_out_as_they_are_whatever_their_length(void **state)
{
	static const size_t len[] = {50, 18, 80, 49, 51};
	uint8_t frame[5][80];
	struct lender l;
	struct bench b;

	(void)state;
	open_fleet(&b, &l, 80);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	for (unsigned i = 0; i < 5; i++) {
		make_frame(frame[i], len[i], (uint8_t)i);
		put(&b, frame[i], len[i]);
	}
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(line_next(&b, &one), len[i]);
		assert_memory_equal(one.frame, frame[i], len[i]);
	}
	assert_int_equal(bench_stats(&b).sent, 5);
	close(one.fd);
	close_fleet(&b, &l);
}

static void a_frame_over_the_most_is_dropped(void **state)
{
	uint8_t frame[81];
	struct lender l;
	struct bench b;

	(void)state;
	open_fleet(&b, &l, 80);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	make_frame(frame, 81, 1);
	put(&b, frame, 81);
	line_quiet(&b, &one);
	assert_int_equal(bench_stats(&b).dropped, 1);
	assert_int_equal(bench_stats(&b).sent, 0);
	close(one.fd);
	close_fleet(&b, &l);
}

/* The time of a configuration is that of the latest data, 1700000040.02. */
static void configurations_are_lent_and_have_the_time_of_the_data(void **state)
{
	uint8_t frame[50];
	struct lender l;
	struct bench b;
	uint32_t n;

	(void)state;
	open_fleet(&b, &l, 80);
	make_frame(frame, 50, 1);
	put(&b, frame, 50);
	put(&b, frame, 50);
	n = l.n_lent[0];
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2);
	line_expect(&b, &one, CIS_C37_CFG2);
	assert_int_equal(frame_u32(one.frame + 6), 1700000040);
	assert_int_equal(frame_u32(one.frame + 10) & 0xFFFFFF, 20000);
	assert_true(l.n_lent[0] > n);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_HDR);
	line_expect(&b, &one, CIS_C37_HDR);
	assert_memory_equal(one.frame + 14, "of a fleet", 10);
	close(one.fd);
	close_fleet(&b, &l);
}

static void another_configuration_goes_before_its_data(void **state)
{
	struct cis_c37_config *cfg;
	uint8_t frame[50];
	struct lender l;
	struct bench b;

	(void)state;
	open_fleet(&b, &l, 80);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	make_frame(frame, 50, 1);
	put(&b, frame, 50);
	cis_c37_config_free(l.cfg[0]);
	l.cfg[0] = bench_config(2);
	assert_int_equal(cis_feed_set_config(b.feed, &b.diag), 0);
	make_frame(frame, 42, 2);
	put(&b, frame, 42);
	assert_int_equal(line_next(&b, &one), 50);
	assert_true(line_expect(&b, &one, CIS_C37_CFG2) > 0);
	assert_int_equal(
		cis_c37_config_decode(one.frame,
				      (size_t)one.frame[2] << 8 | one.frame[3],
				      &cfg, NULL) > 0,
		1);
	assert_int_equal(cfg->pmu[0].n_phasor, 2);
	cis_c37_config_free(cfg);
	assert_int_equal(line_next(&b, &one), 42);
	close(one.fd);
	close_fleet(&b, &l);
}

static void a_configuration_with_longer_data_is_refused(void **state)
{
	struct lender l;
	struct bench b;

	(void)state;
	open_fleet(&b, &l, 0);
	cis_c37_config_free(l.cfg[0]);
	l.cfg[0] = bench_config(4);
	assert_int_equal(cis_feed_set_config(b.feed, &b.diag), -EMSGSIZE);
	assert_non_null(strstr(b.diag.msg, "58 bytes"));
	close_fleet(&b, &l);
}

/* Nobody was there to take them: whoever comes gets none of the past. */
static void data_of_an_empty_room_are_gone(void **state)
{
	uint8_t frame[50];
	struct lender l;
	struct bench b;

	(void)state;
	open_fleet(&b, &l, 80);
	make_frame(frame, 50, 1);
	put(&b, frame, 50);
	assert_int_equal(bench_stats(&b).frames, 1);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	make_frame(frame, 50, 2);
	put(&b, frame, 50);
	assert_int_equal(line_next(&b, &one), 50);
	assert_int_equal(one.frame[20], 2);
	assert_int_equal(bench_stats(&b).dropped, 0);
	close(one.fd);
	close_fleet(&b, &l);
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
		cmocka_unit_test(data_of_an_empty_room_are_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

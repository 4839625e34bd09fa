/*
 * test_feed_change.c - a feed's configuration changes while it streams.
 *
 * C37.118.2-2011, table 7, bit 10: 1 for the minute before a change takes effect;
 * C37.118-2005, table 6-4: for the minute after it.
 */
#include "feed_bench.h"

/* CHK, 6.2, and STAT, FREQ and DFREQ, 6.3: 14 + 2 + 8 + 2 bytes, and 8 for each
 * phasor of two floats. */
#define LEN_OF(n_chan) (26 + 8 * (n_chan))

static struct line one, two;

static void change(struct bench *b, uint32_t n_chan, uint16_t edition,
		   double after_s)
{
	struct cis_c37_config *cfg = bench_config(n_chan);

	cfg->edition = edition;
	assert_int_equal(cis_feed_change(b->feed, cfg, NULL, after_s, &b->diag),
			 1);
	b->rep.n_chan = b->rep.n_phasor = n_chan;
}

/* n data frames come, of so many channels, bit 10 as it must be. */
static void expect_data(struct bench *b, struct line *l, unsigned n,
			unsigned n_chan, bool bit10)
{
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(line_expect(b, l, CIS_C37_DATA),
				 LEN_OF(n_chan));
		assert_int_equal(!!(l->frame[14] & 0x04), bit10);
	}
}

/* CFG-2 comes, of so many phasors, with this CFGCNT. */
static void expect_config(struct bench *b, struct line *l, unsigned n_chan,
			  unsigned cfgcnt)
{
	size_t len = line_expect(b, l, CIS_C37_CFG2);
	struct cis_c37_config *cfg;

	assert_int_equal(cis_c37_config_decode(l->frame, len, &cfg, NULL), len);
	assert_int_equal(cfg->pmu[0].n_phasor, n_chan);
	assert_int_equal(cfg->pmu[0].cfgcnt, cfgcnt);
	cis_c37_config_free(cfg);
}

static void run_on(struct bench *b, struct line *l)
{
	line_command(l, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(b, l);
}

static void a_minute_is_announced_and_then_the_new_one_holds(void **state)
{
	struct bench b;
	char spec[32];

	(void)state;
	bench_open(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_bind(&two, 0, spec);
	bench_add(&b, CIS_FEED_STREAM, spec);
	run_on(&b, &one);
	bench_put(&b, 5);
	expect_data(&b, &one, 5, 3, false);
	expect_config(&b, &two, 3, 0);
	expect_data(&b, &two, 5, 3, false);
	change(&b, 5, 2011, 60);
	for (unsigned s = 0; s < 60; s++) {
		bench_put(&b, BENCH_RATE);
		expect_data(&b, &one, BENCH_RATE, 3, true);
		if (s == 59) /* data time enters another minute */
			expect_data(&b, &two, BENCH_RATE - 5, 3, true);
		if (s == 59)
			expect_config(&b, &two, 3, 0);
		expect_data(&b, &two, s == 59 ? 5 : BENCH_RATE, 3, true);
	}
	bench_put(&b, 3);
	expect_config(&b, &one, 5, 1);
	expect_data(&b, &one, 3, 5, false);
	expect_config(&b, &two, 5, 1);
	expect_data(&b, &two, 3, 5, false);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2);
	expect_config(&b, &one, 5, 1);
	assert_int_equal(bench_stats(&b).dropped, 0);
	close(one.fd);
	close(two.fd);
	bench_close(&b);
}

static void a_change_may_be_made_at_once(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_dial(&two, bench_add(&b, CIS_FEED_LISTEN, "udp:127.0.0.1:0"), 0);
	run_on(&b, &one);
	run_on(&b, &two);
	change(&b, 1, 2011, 0);
	/* Nothing happens between two frames. */
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2);
	expect_config(&b, &one, 3, 0);
	bench_put(&b, 2);
	expect_config(&b, &one, 1, 1);
	expect_data(&b, &one, 2, 1, false);
	expect_config(&b, &two, 1, 1);
	expect_data(&b, &two, 2, 1, false);
	/* CFGCNT counts on. */
	change(&b, 2, 2011, 0);
	bench_put(&b, 1);
	expect_config(&b, &one, 2, 2);
	expect_data(&b, &one, 1, 2, false);
	close(one.fd);
	close(two.fd);
	bench_close(&b);
}

static void ask_cfg3(struct bench *b, struct line *l)
{
	line_command(l, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG3);
	line_expect(b, l, CIS_C37_CFG3);
}

static void everyone_gets_the_kind_that_it_asked_for_last(void **state)
{
	static const char *const specs[] = {"tcp:127.0.0.1:0",
					    "udp:127.0.0.1:0"};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct bench b;

		bench_open(&b);
		line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, specs[i]), 0);
		ask_cfg3(&b, &one);
		run_on(&b, &one);
		change(&b, 1, 2011, 0);
		bench_put(&b, 1);
		line_expect(&b, &one, CIS_C37_CFG3);
		expect_data(&b, &one, 1, 1, false);
		/* While data flow, too. */
		line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2);
		expect_config(&b, &one, 1, 1);
		change(&b, 2, 2011, 0);
		bench_put(&b, 1);
		expect_config(&b, &one, 2, 2);
		expect_data(&b, &one, 1, 2, false);
		/* The edition of 2005 does not know CFG-3. */
		ask_cfg3(&b, &one);
		change(&b, 3, 2005, 0);
		bench_put(&b, 1);
		expect_config(&b, &one, 3, 3);
		expect_data(&b, &one, 1, 3, true);
		close(one.fd);
		bench_close(&b);
	}
}

static void the_edition_of_2005_tells_it_afterwards(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	run_on(&b, &one);
	bench_put(&b, 1);
	expect_data(&b, &one, 1, 3, false);
	change(&b, 4, 2005, 0);
	bench_put(&b, 1);
	expect_config(&b, &one, 4, 1);
	expect_data(&b, &one, 1, 4, true);
	for (unsigned s = 0; s < 60; s++) {
		bench_put(&b, BENCH_RATE);
		expect_data(&b, &one, s < 59 ? BENCH_RATE : BENCH_RATE - 1, 4,
			    true);
	}
	expect_data(&b, &one, 1, 4, false);
	/* It does not know CFG-3. */
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG3);
	line_quiet(&b, &one);
	close(one.fd);
	bench_close(&b);
}

/* A client that takes nothing meanwhile: what it gets of the old kind comes
 * before the configuration, all that follows is new, and the rest is counted. */
static void frames_of_two_kinds_are_never_mixed(void **state)
{
	struct cis_c37_head head = {.type = CIS_C37_DATA};
	unsigned n_old = 0, n_new = 0, n_cfg = 0;
	struct bench b;

	(void)state;
	bench_open_with(&b, 60, 0);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"),
		  4096);
	run_on(&b, &one);
	/* Until its socket is full and some wait in the ring. */
	bench_put(&b, 2000);
	change(&b, 63, 2011, 0);
	bench_put(&b, 20);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_HDR);
	while (head.type != CIS_C37_HDR) {
		int len = line_next(&b, &one);

		assert_true(len > 0);
		assert_int_equal(cis_c37_peek(one.frame, (size_t)len, &head),
				 len);
		assert_true(cis_c37_crc_ok(one.frame, (size_t)len));
		n_cfg += head.type == CIS_C37_CFG2;
		if (head.type != CIS_C37_DATA)
			continue;
		assert_int_equal(len, n_cfg ? LEN_OF(63) : LEN_OF(60));
		n_old += n_cfg == 0;
		n_new += n_cfg > 0;
	}
	/* Answers come before the data that wait. */
	expect_data(&b, &one, 20 - n_new, 63, false);
	assert_int_equal(n_cfg, 1);
	assert_true(n_old < 2000);
	assert_int_equal(bench_stats(&b).dropped, 2000 - n_old);
	close(one.fd);
	bench_close(&b);
}

static void the_last_of_several_changes_counts(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	run_on(&b, &one);
	change(&b, 4, 2011, 1);
	bench_put(&b, BENCH_RATE / 2);
	expect_data(&b, &one, BENCH_RATE / 2, 3, true);
	change(&b, 5, 2011, 1);
	bench_put(&b, BENCH_RATE);
	expect_data(&b, &one, BENCH_RATE, 3, true);
	bench_put(&b, 1);
	expect_config(&b, &one, 5, 1);
	expect_data(&b, &one, 1, 5, false);
	/* One that is under way when the feed is closed leaves nothing. */
	change(&b, 6, 2011, 60);
	bench_put(&b, 1);
	close(one.fd);
	bench_close(&b);
}

static void what_cannot_be_is_refused_with_a_reason(void **state)
{
	struct cis_c37_config *cfg = bench_config(2);
	struct bench b;
	char spec[32];

	(void)state;
	bench_open(&b);
	line_bind(&two, 0, spec);
	bench_add(&b, CIS_FEED_STREAM, spec);
	cfg->idcode = BENCH_IDCODE + 1;
	assert_int_equal(cis_feed_change(b.feed, cfg, NULL, 0, &b.diag),
			 -EINVAL);
	assert_non_null(strstr(b.diag.msg, "IDCODE 7 cannot become 8"));
	cfg->idcode = BENCH_IDCODE;
	assert_int_equal(cis_feed_change(b.feed, cfg, NULL, -1, &b.diag),
			 -EINVAL);
	assert_int_equal(cis_feed_change(b.feed, cfg, NULL, NAN, &b.diag),
			 -EINVAL);
	/* 24 + 30 + 20 x 3272 = 65494 fit a datagram with data of 8 x 3272 + 26;
	 * the configuration of 3274 phasors has 65534. */
	assert_int_equal(cis_c37_pmu_size(&cfg->pmu[0], 3274, 0, 0), 0);
	assert_int_equal(cis_feed_change(b.feed, cfg, NULL, 0, &b.diag),
			 -EMSGSIZE);
	assert_non_null(strstr(b.diag.msg, "datagram"));
	assert_int_equal(cis_c37_pmu_size(&cfg->pmu[0], 4000, 0, 0), 0);
	assert_int_equal(cis_feed_change(b.feed, cfg, NULL, 0, &b.diag),
			 -EMSGSIZE);
	cis_c37_config_free(cfg);
	/* The same again is no change, and ends one that is under way. */
	change(&b, 2, 2011, 0);
	b.rep.n_phasor = 3;
	assert_int_equal(
		cis_feed_change(b.feed, bench_config(3), NULL, 0, &b.diag), 0);
	bench_put(&b, 1);
	expect_config(&b, &two, 3, 0);
	expect_data(&b, &two, 1, 3, false);
	close(two.fd);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_minute_is_announced_and_then_the_new_one_holds),
		cmocka_unit_test(a_change_may_be_made_at_once),
		cmocka_unit_test(everyone_gets_the_kind_that_it_asked_for_last),
		cmocka_unit_test(the_edition_of_2005_tells_it_afterwards),
		cmocka_unit_test(frames_of_two_kinds_are_never_mixed),
		cmocka_unit_test(the_last_of_several_changes_counts),
		cmocka_unit_test(what_cannot_be_is_refused_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

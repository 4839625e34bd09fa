/* test_feed.c - conversations with a feed, over sockets on the loopback. */
#define _DEFAULT_SOURCE /* struct linger */

#include "feed_bench.h"

#include <signal.h>

#include "cisoid/log.h"

static struct line one, two;

static void commands_are_answered(void **state)
{
	struct bench b;
	const char *at;

	(void)state;
	bench_open(&b);
	at = bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	line_dial(&one, at, 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_HDR);
	assert_int_equal(line_expect(&b, &one, CIS_C37_HDR), 16 + 7);
	assert_memory_equal(one.frame + 14, "a bench", 7);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG1);
	line_expect(&b, &one, CIS_C37_CFG1);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2);
	line_expect(&b, &one, CIS_C37_CFG2);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG3);
	line_expect(&b, &one, CIS_C37_CFG3);
	bench_put(&b, 3);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	bench_put(&b, 1);
	line_expect(&b, &one, CIS_C37_DATA);
	/* k = 3 of 50: 60000 of 1000000, clause 6.2 */
	assert_int_equal(frame_u32(one.frame + 6), 1700000040);
	assert_int_equal(frame_u32(one.frame + 10) & 0xFFFFFF, 60000);
	close(one.fd);
	bench_close(&b);
}

static void commands_may_share_a_segment_or_be_split(void **state)
{
	struct bench b;
	uint8_t buf[96];
	size_t len = 0;

	(void)state;
	bench_open(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	len += command_bytes(BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2, buf + len);
	len += command_bytes(BENCH_IDCODE, CIS_C37_CMD_SEND_HDR, buf + len);
	len += command_bytes(BENCH_IDCODE, CIS_C37_CMD_DATA_ON, buf + len);
	line_bytes(&one, buf, len);
	line_expect(&b, &one, CIS_C37_CFG2);
	line_expect(&b, &one, CIS_C37_HDR);
	bench_put(&b, 1);
	line_expect(&b, &one, CIS_C37_DATA);
	for (size_t i = 0; i < 36; i++) {
		line_bytes(&one, buf + i, 1);
		uv_run(&b.loop, UV_RUN_NOWAIT);
	}
	line_expect(&b, &one, CIS_C37_CFG2);
	line_expect(&b, &one, CIS_C37_HDR);
	close(one.fd);
	bench_close(&b);
}

static void what_is_not_for_us_is_ignored(void **state)
{
	struct bench b;
	uint8_t buf[32];

	(void)state;
	bench_open(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_command(&one, BENCH_IDCODE + 1, CIS_C37_CMD_SEND_CFG2);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_EXTENDED);
	line_command(&one, BENCH_IDCODE, 0);
	line_command(&one, BENCH_IDCODE, 0xFFFF);
	command_bytes(BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2, buf);
	buf[17] ^= 1;
	line_bytes(&one, buf, 18);
	line_quiet(&b, &one);
	assert_int_equal(bench_stats(&b).bad, 1);
	line_command(&one, CIS_C37_BROADCAST, CIS_C37_CMD_SEND_CFG2);
	line_expect(&b, &one, CIS_C37_CFG2);
	close(one.fd);
	bench_close(&b);
}

static void any_version_and_time_of_a_command_will_do(void **state)
{
	const struct cis_split_time times[] = {{0, 0},
					       {INT64_C(4000000000), 0.999999}};
	struct bench b;
	uint8_t buf[32];

	(void)state;
	bench_open(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	for (uint8_t version = 0; version < 16; version++) {
		int len = cis_c37_command_encode(
			version, BENCH_IDCODE, times[version % 2],
			CIS_C37_CMD_SEND_CFG2, buf, sizeof(buf));

		line_bytes(&one, buf, (size_t)len);
		line_expect(&b, &one, CIS_C37_CFG2);
	}
	close(one.fd);
	bench_close(&b);
}

static void each_client_is_on_or_off_by_itself(void **state)
{
	struct bench b;
	const char *at;

	(void)state;
	bench_open(&b);
	at = bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	line_dial(&one, at, 0);
	line_dial(&two, at, 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	line_quiet(&b, &two);
	bench_put(&b, 2);
	line_expect(&b, &one, CIS_C37_DATA);
	line_expect(&b, &one, CIS_C37_DATA);
	line_quiet(&b, &two);
	line_command(&two, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &two);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_OFF);
	line_quiet(&b, &one);
	assert_int_equal(bench_stats(&b).clients, 2);
	assert_int_equal(bench_stats(&b).clients_running, 1);
	bench_put(&b, 1);
	line_expect(&b, &two, CIS_C37_DATA);
	line_quiet(&b, &one);
	close(one.fd);
	close(two.fd);
	bench_close(&b);
}

static void configuration_comes_between_two_data_frames(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	for (int i = 0; i < 50; i++) {
		bench_put(&b, 1);
		line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2);
		line_expect(&b, &one, CIS_C37_DATA);
		line_expect(&b, &one, CIS_C37_CFG2);
		/* It bears the time of the latest data. */
		assert_int_equal(frame_u32(one.frame + 10) & 0xFFFFFF,
				 i * 20000);
	}
	close(one.fd);
	bench_close(&b);
}

static void a_client_that_vanishes_does_no_harm(void **state)
{
	struct linger reset = {1, 0};
	struct bench b;
	uint64_t since_ms;
	const char *at;

	(void)state;
	bench_open(&b);
	at = bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	line_dial(&one, at, 0);
	line_dial(&two, at, 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	line_command(&two, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &two);
	setsockopt(one.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(one.fd);
	bench_put(&b, 5);
	for (int i = 0; i < 5; i++)
		line_expect(&b, &two, CIS_C37_DATA);
	since_ms = uv_now(&b.loop);
	while (bench_stats(&b).clients > 1 && bench_patient(&b, since_ms))
		;
	assert_int_equal(bench_stats(&b).clients, 1);
	assert_int_equal(bench_stats(&b).clients_running, 1);
	close(two.fd);
	bench_close(&b);
}

static void a_client_that_only_listens_is_served(void **state)
{
	struct bench b;
	uint64_t since_ms;
	const char *at;

	(void)state;
	bench_open(&b);
	at = bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	line_dial(&one, at, 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	shutdown(one.fd, SHUT_WR);
	since_ms = uv_now(&b.loop);
	while (uv_now(&b.loop) - since_ms < 5)
		bench_patient(&b, since_ms);
	for (int i = 0; i < 100; i++) {
		bench_put(&b, 1);
		line_expect(&b, &one, CIS_C37_DATA);
	}
	assert_int_equal(bench_stats(&b).clients_running, 1);
	close(one.fd);
	since_ms = uv_now(&b.loop);
	do
		bench_put(&b, 1);
	while (bench_stats(&b).clients > 0 && bench_patient(&b, since_ms));
	assert_int_equal(bench_stats(&b).clients, 0);
	bench_close(&b);
}

static void a_question_is_answered_though_no_more_come(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2);
	shutdown(one.fd, SHUT_WR);
	line_expect(&b, &one, CIS_C37_CFG2);
	assert_int_equal(line_next(&b, &one), 0);
	assert_int_equal(bench_stats(&b).clients, 0);
	close(one.fd);
	bench_close(&b);
}

static void the_client_after_the_last_is_turned_away(void **state)
{
	static struct line last;
	struct bench b;
	const char *at;

	(void)state;
	bench_open(&b);
	at = bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0,clients=2");
	line_dial(&one, at, 0);
	line_dial(&two, at, 0);
	line_quiet(&b, &one);
	line_quiet(&b, &two);
	line_dial(&last, at, 0);
	assert_int_equal(line_next(&b, &last), 0);
	close(last.fd);
	assert_int_equal(bench_stats(&b).clients, 2);
	assert_int_equal(bench_stats(&b).denied, 1);
	close(one.fd);
	bench_until_clients(&b, 1);
	line_dial(&last, at, 0);
	line_quiet(&b, &last);
	close(last.fd);
	close(two.fd);
	bench_close(&b);
}

static void a_port_in_use_is_told(void **state)
{
	static const char *const schemes[] = {"tcp:127.0.0.1:0",
					      "udp:127.0.0.1:0"};
	struct bench b;

	(void)state;
	bench_open(&b);
	for (int i = 0; i < 2; i++) {
		const char *at = bench_add(&b, CIS_FEED_LISTEN, schemes[i]);

		assert_int_equal(
			cis_feed_add(b.feed, CIS_FEED_LISTEN, at, &b.diag),
			-EADDRINUSE);
		assert_non_null(strstr(b.diag.msg, at));
		assert_non_null(strstr(b.diag.msg, "in use"));
	}
	assert_int_equal(cis_feed_add(b.feed, CIS_FEED_LISTEN,
				      "tcp:192.0.2.1:4712", &b.diag),
			 -EADDRNOTAVAIL);
	assert_null(cis_feed_endpoint(b.feed, 2));
	bench_close(&b);
}

static void what_an_endpoint_cannot_be_is_refused(void **state)
{
	static const struct {
		enum cis_feed_role role;
		const char *spec, *says;
	} cases[] = {
		{CIS_FEED_LISTEN, "pcap:x", "use --stream"},
		{CIS_FEED_STREAM, "tcp:127.0.0.1:0", "port 0"},
		{CIS_FEED_STREAM, "udp:127.0.0.1:0", "port 0"},
		{CIS_FEED_STREAM, "tcp:127.0.0.1:1,clients=3", "\"clients\""},
		{CIS_FEED_STREAM, "udp:127.0.0.1:1,allow=::1", "\"allow\""},
		{CIS_FEED_STREAM, "udp:127.0.0.1:1,ttl=3", "multicast"},
		{CIS_FEED_LISTEN, "udp:127.0.0.1:0,ttl=3", "\"ttl\""},
		{CIS_FEED_LISTEN, "tcp:127.0.0.1:0,data=udp:0", "port 0"},
	};
	struct bench b;

	(void)state;
	bench_open(&b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(cis_feed_add(b.feed, cases[i].role,
					      cases[i].spec, &b.diag),
				 -EINVAL);
		if (!strstr(b.diag.msg, cases[i].says))
			fail_msg("%s: says \"%s\"", cases[i].spec, b.diag.msg);
	}
	assert_int_equal(cis_feed_add(b.feed, CIS_FEED_STREAM,
				      "udp:239.1.2.3:4713,if=none-such",
				      &b.diag),
			 -EADDRNOTAVAIL);
	bench_close(&b);
}

static void ipv6_is_spoken(void **state)
{
	struct bench b;
	const char *at;

	(void)state;
	bench_open(&b);
	if (cis_feed_add(b.feed, CIS_FEED_LISTEN, "tcp:[::1]:0", &b.diag)) {
		bench_close(&b);
		skip();
	}
	at = cis_feed_endpoint(b.feed, 0);
	assert_memory_equal(at, "tcp:[::1]:", 10);
	line_dial(&one, at, 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2);
	line_expect(&b, &one, CIS_C37_CFG2);
	line_dial(&two, bench_add(&b, CIS_FEED_LISTEN, "udp:[::1]:0"), 0);
	line_command(&two, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &two);
	bench_put(&b, 1);
	line_expect(&b, &two, CIS_C37_DATA);
	close(one.fd);
	close(two.fd);
	bench_close(&b);
}

static void what_is_queued_is_sent_before_closing(void **state)
{
	struct bench b;
	uint64_t sent;
	unsigned n = 0;

	(void)state;
	bench_open_with(&b, 200, 0);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"),
		  4096);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	bench_fill(&b);
	bench_put(&b, 10);
	sent = bench_stats(&b).frames;
	cis_feed_close(b.feed);
	while (line_next(&b, &one) > 0)
		n++;
	assert_int_equal(n, sent);
	uv_run(&b.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&b.loop), 0);
	close(one.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_answered),
		cmocka_unit_test(commands_may_share_a_segment_or_be_split),
		cmocka_unit_test(what_is_not_for_us_is_ignored),
		cmocka_unit_test(any_version_and_time_of_a_command_will_do),
		cmocka_unit_test(each_client_is_on_or_off_by_itself),
		cmocka_unit_test(configuration_comes_between_two_data_frames),
		cmocka_unit_test(a_client_that_vanishes_does_no_harm),
		cmocka_unit_test(a_client_that_only_listens_is_served),
		cmocka_unit_test(a_question_is_answered_though_no_more_come),
		cmocka_unit_test(the_client_after_the_last_is_turned_away),
		cmocka_unit_test(a_port_in_use_is_told),
		cmocka_unit_test(what_an_endpoint_cannot_be_is_refused),
		cmocka_unit_test(ipv6_is_spoken),
		cmocka_unit_test(what_is_queued_is_sent_before_closing),
	};

	signal(SIGPIPE, SIG_IGN);
	cis_log_set_level(CIS_LOG_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

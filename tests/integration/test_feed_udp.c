/* test_feed_udp.c - a feed over UDP, on command and unasked. */
#include "feed_bench.h"

#include <signal.h>

#include "cisoid/log.h"

static struct line one, two;

static void a_udp_port_answers_each_sender(void **state)
{
	struct bench b;
	const char *at;

	(void)state;
	bench_open(&b);
	at = bench_add(&b, CIS_FEED_LISTEN, "udp:127.0.0.1:0");
	line_dial(&one, at, 0);
	line_dial(&two, at, 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2);
	line_expect(&b, &one, CIS_C37_CFG2);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	line_command(&two, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &two);
	bench_put(&b, 1);
	line_expect(&b, &one, CIS_C37_DATA);
	line_expect(&b, &two, CIS_C37_DATA);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_OFF);
	line_quiet(&b, &one);
	bench_put(&b, 1);
	line_expect(&b, &two, CIS_C37_DATA);
	line_quiet(&b, &one);
	assert_int_equal(bench_stats(&b).clients_running, 1);
	assert_int_equal(bench_stats(&b).sent, 3);
	close(one.fd);
	close(two.fd);
	bench_close(&b);
}

/* 64 peers of this host, with data on. */
static struct line peer[65];

static const char *open_full_port(struct bench *b, uint64_t silent_ms)
{
	const char *at;

	bench_open_limits(b, 3,
			  (struct cis_feed_config){.silent_ms = silent_ms});
	at = bench_add(b, CIS_FEED_LISTEN, "udp:127.0.0.1:0");
	for (int i = 0; i < 64; i++) {
		line_dial(&peer[i], at, 0);
		line_command(&peer[i], BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
		line_quiet(b, &peer[i]);
	}
	assert_int_equal(bench_stats(b).clients_running, 64);
	return at;
}

/* As line_dial(), from another address of the loopback. */
static void dial_from(struct line *l, const char *host, const char *at)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_storage ss;
	socklen_t len = line_address(at, &ss);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(inet_pton(AF_INET, host, &in.sin_addr), 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&ss, len), 0);
	line_init(l, fd, true);
}

static void a_udp_port_serves_64_peers_at_once(void **state)
{
	struct bench b;
	const char *at;

	(void)state;
	at = open_full_port(&b, 0);
	bench_put(&b, 1);
	for (int i = 0; i < 64; i++)
		line_expect(&b, &peer[i], CIS_C37_DATA);
	/* Nobody has been silent for an hour: another host waits. */
	dial_from(&peer[64], "127.0.0.2", at);
	line_command(&peer[64], BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &peer[64]); /* it is answered all the same */
	assert_int_equal(bench_stats(&b).clients_running, 64);
	bench_put(&b, 1);
	line_quiet(&b, &peer[64]);
	for (int i = 0; i < 64; i++)
		line_expect(&b, &peer[i], CIS_C37_DATA);
	line_command(&peer[3], BENCH_IDCODE, CIS_C37_CMD_DATA_OFF);
	line_quiet(&b, &peer[3]);
	line_command(&peer[64], BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &peer[64]);
	bench_put(&b, 1);
	line_expect(&b, &peer[64], CIS_C37_DATA);
	for (int i = 0; i < 65; i++)
		close(peer[i].fd);
	bench_close(&b);
}

static void a_udp_newcomer_takes_the_place_of_the_vanished(void **state)
{
	struct bench b;
	const char *at;

	(void)state;
	at = open_full_port(&b, 0);
	close(peer[40].fd);
	bench_put(&b, 2);
	for (int i = 0; i < 64; i++)
		for (int k = 0; i != 40 && k < 2; k++)
			line_expect(&b, &peer[i], CIS_C37_DATA);
	assert_true(bench_stats(&b).refused >= 1);
	assert_int_equal(bench_stats(&b).dropped, 0);
	dial_from(&peer[64], "127.0.0.2", at);
	line_command(&peer[64], BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &peer[64]);
	assert_int_equal(bench_stats(&b).clients_running, 64);
	bench_put(&b, 1);
	for (int i = 0; i < 65; i++)
		if (i != 40)
			line_expect(&b, &peer[i], CIS_C37_DATA);
	for (int i = 0; i < 65; i++)
		if (i != 40)
			close(peer[i].fd);
	bench_close(&b);
}

static void a_udp_newcomer_takes_a_place_of_its_own_host(void **state)
{
	struct bench b;
	const char *at;

	(void)state;
	at = open_full_port(&b, 0);
	line_quiet(&b, &peer[0]); /* peer 1 is the one silent longest */
	line_dial(&peer[64], at, 0);
	line_command(&peer[64], BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &peer[64]);
	assert_int_equal(bench_stats(&b).clients_running, 64);
	bench_put(&b, 1);
	for (int i = 0; i < 65; i++)
		if (i != 1)
			line_expect(&b, &peer[i], CIS_C37_DATA);
	line_quiet(&b, &peer[1]);
	for (int i = 0; i < 65; i++)
		close(peer[i].fd);
	bench_close(&b);
}

static void a_udp_newcomer_takes_the_place_of_the_silent(void **state)
{
	struct bench b;
	uint64_t since_ms;
	const char *at;

	(void)state;
	at = open_full_port(&b, 20);
	since_ms = uv_now(&b.loop);
	while (uv_now(&b.loop) - since_ms < 20)
		bench_patient(&b, since_ms);
	dial_from(&peer[64], "127.0.0.2", at);
	line_command(&peer[64], BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &peer[64]);
	assert_int_equal(bench_stats(&b).clients_running, 64);
	bench_put(&b, 1);
	for (int i = 1; i < 65; i++)
		line_expect(&b, &peer[i], CIS_C37_DATA);
	line_quiet(&b, &peer[0]);
	for (int i = 0; i < 65; i++)
		close(peer[i].fd);
	bench_close(&b);
}

static void a_udp_stream_begins_with_its_configuration(void **state)
{
	struct bench b;
	char spec[32];

	(void)state;
	bench_open(&b);
	line_bind(&one, 0, spec);
	bench_add(&b, CIS_FEED_STREAM, spec);
	/* 1700000040 is 0 s past the minute: 3000 frames, then the next. */
	for (int i = 0; i < 6001; i++) {
		bench_put(&b, 1);
		if (i % 3000 == 0) {
			line_expect(&b, &one, CIS_C37_CFG2);
			assert_int_equal(frame_u32(one.frame + 6),
					 1700000040 + i / 50);
		}
		line_expect(&b, &one, CIS_C37_DATA);
	}
	close(one.fd);
	bench_close(&b);
}

static void a_udp_stream_survives_its_receiver(void **state)
{
	struct bench b;
	char spec[32];
	uint64_t since_ms;
	unsigned port;

	(void)state;
	bench_open_limits(&b, 3, (struct cis_feed_config){.cfg_every_s = 0});
	line_bind(&one, 0, spec);
	port = (unsigned)atoi(strrchr(spec, ':') + 1);
	bench_add(&b, CIS_FEED_STREAM, spec);
	bench_put(&b, 1);
	line_expect(&b, &one, CIS_C37_CFG2);
	line_expect(&b, &one, CIS_C37_DATA);
	close(one.fd);
	bench_put(&b, 20);
	assert_true(bench_stats(&b).refused >= 10);
	/* It comes back: the configuration is sent again, unasked. */
	line_bind(&one, port, spec);
	since_ms = uv_now(&b.loop);
	do {
		bench_put(&b, 1);
		line_next(&b, &one);
	} while (one.frame[1] >> 4 != CIS_C37_CFG2 &&
		 bench_patient(&b, since_ms));
	assert_int_equal(one.frame[1] >> 4, CIS_C37_CFG2);
	close(one.fd);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_udp_port_answers_each_sender),
		cmocka_unit_test(a_udp_port_serves_64_peers_at_once),
		cmocka_unit_test(
			a_udp_newcomer_takes_the_place_of_the_vanished),
		cmocka_unit_test(a_udp_newcomer_takes_a_place_of_its_own_host),
		cmocka_unit_test(a_udp_newcomer_takes_the_place_of_the_silent),
		cmocka_unit_test(a_udp_stream_begins_with_its_configuration),
		cmocka_unit_test(a_udp_stream_survives_its_receiver),
	};

	signal(SIGPIPE, SIG_IGN);
	cis_log_set_level(CIS_LOG_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

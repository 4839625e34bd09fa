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
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG3);
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

/* The small window fills; what the feed still holds then is not sent. */
static void data_off_silences_what_is_queued(void **state)
{
	struct bench b;
	uint64_t sent, since_ms;

	(void)state;
	bench_open_with(&b, 200, 0);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"),
		  4096);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	do {
		sent = bench_stats(&b).sent;
		bench_put(&b, 1);
		uv_run(&b.loop, UV_RUN_NOWAIT);
	} while (bench_stats(&b).sent > sent);
	bench_put(&b, 50);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_OFF);
	since_ms = uv_now(&b.loop);
	while (bench_stats(&b).clients_running && bench_patient(&b, since_ms))
		;
	sent = bench_stats(&b).sent;
	assert_true(sent < bench_stats(&b).frames);
	/* The frame that was under way is finished, those behind it are not. */
	line_sync(&b, &one);
	assert_int_equal(bench_stats(&b).sent, sent);
	assert_int_equal(bench_stats(&b).clients_running, 0);
	close(one.fd);
	bench_close(&b);
}

static void a_slow_client_delays_nobody_and_is_dropped(void **state)
{
	struct bench b;
	uint64_t since_ms;
	const char *at;
	unsigned n = 0;

	(void)state;
	bench_open_with(&b, 200, 200);
	at = bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	line_dial(&one, at, 4096);
	line_dial(&two, at, 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	line_command(&two, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &two);
	since_ms = uv_now(&b.loop);
	while (bench_stats(&b).clients == 2 && bench_patient(&b, since_ms)) {
		bench_put(&b, 1);
		line_expect(&b, &two, CIS_C37_DATA);
		assert_int_equal(frame_u32(two.frame + 10) & 0xFFFFFF,
				 n++ % BENCH_RATE * 20000);
	}
	assert_int_equal(bench_stats(&b).clients, 1);
	assert_true(bench_stats(&b).dropped > 0);
	assert_int_equal(bench_stats(&b).frames, n);
	close(one.fd);
	close(two.fd);
	bench_close(&b);
}

static void a_slow_client_that_reads_again_has_the_newest(void **state)
{
	struct bench b;
	uint64_t made;
	uint32_t fracsec = 0;

	(void)state;
	bench_open_with(&b, 200, 0);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"),
		  4096);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	while (bench_stats(&b).dropped < 20) {
		bench_put(&b, 1);
		uv_run(&b.loop, UV_RUN_NOWAIT);
	}
	made = bench_stats(&b).frames;
	/* All that was made has been sent or dropped: none is lost unsaid. */
	for (uint64_t n = made - bench_stats(&b).dropped; n > 0; n--) {
		line_expect(&b, &one, CIS_C37_DATA);
		fracsec = frame_u32(one.frame + 10) & 0xFFFFFF;
	}
	assert_int_equal(fracsec, (made - 1) % BENCH_RATE * 20000);
	line_quiet(&b, &one);
	close(one.fd);
	bench_close(&b);
}

static void whoever_talks_rubbish_is_disconnected(void **state)
{
	static const uint8_t rubbish[3000] = {0xAA, 0x41, 0xFF, 0xFF, 1, 2};
	struct bench b;
	uint64_t since_ms;

	(void)state;
	bench_open(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_quiet(&b, &one);
	since_ms = uv_now(&b.loop);
	while (bench_stats(&b).clients && bench_patient(&b, since_ms))
		(void)!send(one.fd, rubbish, sizeof(rubbish), MSG_NOSIGNAL);
	assert_int_equal(bench_stats(&b).clients, 0);
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

static void the_257th_client_is_turned_away(void **state)
{
	struct bench b;
	uint64_t since_ms;
	const char *at;
	int fd[256];
	struct sockaddr_storage ss;
	socklen_t len;

	(void)state;
	bench_open(&b);
	at = bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	len = line_address(at, &ss);
	for (uint32_t i = 0; i < 256; i++) {
		fd[i] = socket(AF_INET, SOCK_STREAM, 0);
		assert_int_equal(connect(fd[i], (struct sockaddr *)&ss, len),
				 0);
		since_ms = uv_now(&b.loop);
		while (bench_stats(&b).clients <= i &&
		       bench_patient(&b, since_ms))
			;
	}
	line_dial(&one, at, 0);
	assert_int_equal(line_next(&b, &one), 0);
	assert_int_equal(bench_stats(&b).clients, 256);
	for (uint32_t i = 0; i < 256; i++)
		close(fd[i]);
	close(one.fd);
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

static void roles_and_schemes_must_fit(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	assert_int_equal(cis_feed_add(b.feed, CIS_FEED_STREAM,
				      "tcp:127.0.0.1:4712", &b.diag),
			 -EINVAL);
	assert_int_equal(
		cis_feed_add(b.feed, CIS_FEED_LISTEN, "pcap:x", &b.diag),
		-EINVAL);
	assert_int_equal(cis_feed_add(b.feed, CIS_FEED_STREAM,
				      "udp:127.0.0.1:0", &b.diag),
			 -EINVAL);
	bench_close(&b);
}

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
	unsigned port, frames = 0;

	(void)state;
	bench_open(&b);
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
	do {
		bench_put(&b, 1);
		line_next(&b, &one);
	} while (one.frame[1] >> 4 != CIS_C37_CFG2 && frames++ < 30);
	assert_int_equal(one.frame[1] >> 4, CIS_C37_CFG2);
	close(one.fd);
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
	do {
		sent = bench_stats(&b).sent;
		bench_put(&b, 1);
		uv_run(&b.loop, UV_RUN_NOWAIT);
	} while (bench_stats(&b).sent > sent);
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
		cmocka_unit_test(data_off_silences_what_is_queued),
		cmocka_unit_test(a_slow_client_delays_nobody_and_is_dropped),
		cmocka_unit_test(a_slow_client_that_reads_again_has_the_newest),
		cmocka_unit_test(whoever_talks_rubbish_is_disconnected),
		cmocka_unit_test(a_client_that_vanishes_does_no_harm),
		cmocka_unit_test(a_client_that_only_listens_is_served),
		cmocka_unit_test(a_question_is_answered_though_no_more_come),
		cmocka_unit_test(the_257th_client_is_turned_away),
		cmocka_unit_test(a_port_in_use_is_told),
		cmocka_unit_test(roles_and_schemes_must_fit),
		cmocka_unit_test(a_udp_port_answers_each_sender),
		cmocka_unit_test(a_udp_port_serves_64_peers_at_once),
		cmocka_unit_test(
			a_udp_newcomer_takes_the_place_of_the_vanished),
		cmocka_unit_test(a_udp_newcomer_takes_a_place_of_its_own_host),
		cmocka_unit_test(a_udp_newcomer_takes_the_place_of_the_silent),
		cmocka_unit_test(a_udp_stream_begins_with_its_configuration),
		cmocka_unit_test(a_udp_stream_survives_its_receiver),
		cmocka_unit_test(ipv6_is_spoken),
		cmocka_unit_test(what_is_queued_is_sent_before_closing),
	};

	signal(SIGPIPE, SIG_IGN);
	cis_log_set_level(CIS_LOG_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_feed_transports.c - TCP to a server elsewhere, data beside commands,
 * multicast. */
#include "feed_bench.h"

#include <signal.h>

#include "cisoid/log.h"
#include "host/net/multicast.h"

static struct line one, two;

/* ---- a server elsewhere ---- */

static int hear(unsigned port, char spec[32])
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	snprintf(spec, 32, "tcp:127.0.0.1:%u", ntohs(in.sin_port));
	return fd;
}

static void take_call(struct bench *b, int fd, struct line *l)
{
	uint64_t since_ms = uv_now(&b->loop);
	int got;

	while ((got = accept(fd, NULL, NULL)) < 0 && bench_patient(b, since_ms))
		;
	line_init(l, got, false);
}

static void a_server_elsewhere_gets_configuration_then_data(void **state)
{
	struct bench b;
	char spec[32];
	int fd;

	(void)state;
	bench_open(&b);
	fd = hear(0, spec);
	assert_string_equal(bench_add(&b, CIS_FEED_STREAM, spec), spec);
	take_call(&b, fd, &one);
	line_expect(&b, &one, CIS_C37_CFG2);
	bench_put(&b, 2);
	line_expect(&b, &one, CIS_C37_DATA);
	line_expect(&b, &one, CIS_C37_DATA);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_OFF);
	line_quiet(&b, &one);
	bench_put(&b, 1);
	line_quiet(&b, &one);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	bench_put(&b, 1);
	line_expect(&b, &one, CIS_C37_DATA);
	close(one.fd);
	close(fd);
	bench_close(&b);
}

static void a_lost_server_is_tried_again_and_the_loss_counted(void **state)
{
	struct bench b;
	uint64_t since_ms;
	char spec[32];
	unsigned port;
	int fd;

	(void)state;
	bench_open_limits(&b, 3, (struct cis_feed_config){.retry_ms = 5});
	fd = hear(0, spec);
	port = (unsigned)atoi(strrchr(spec, ':') + 1);
	close(fd);
	bench_add(&b, CIS_FEED_STREAM, spec);
	bench_put(&b, 3);
	assert_int_equal(bench_stats(&b).dropped, 3);
	since_ms = uv_now(&b.loop);
	while (uv_now(&b.loop) - since_ms < 20)
		bench_patient(&b, since_ms);
	fd = hear(port, spec);
	for (int i = 0; i < 3; i++) {
		uint64_t dropped;

		take_call(&b, fd, &one);
		line_expect(&b, &one, CIS_C37_CFG2);
		dropped = bench_stats(&b).dropped;
		bench_put(&b, 1);
		line_expect(&b, &one, CIS_C37_DATA);
		assert_int_equal(bench_stats(&b).dropped, dropped);
		close(one.fd);
		/* A write must fail before it is known. */
		since_ms = uv_now(&b.loop);
		do
			bench_put(&b, 1);
		while (bench_stats(&b).clients && bench_patient(&b, since_ms));
		bench_put(&b, 1);
		assert_true(bench_stats(&b).dropped > dropped);
	}
	close(fd);
	bench_close(&b);
}

/* ---- commands by TCP, data by UDP ---- */

static void data_go_beside_the_commands(void **state)
{
	struct bench b;
	char spec[32], listen[64];
	const char *at;

	(void)state;
	bench_open(&b);
	line_bind(&two, 0, spec);
	snprintf(listen, sizeof(listen), "tcp:127.0.0.1:0,data=udp:%s",
		 strrchr(spec, ':') + 1);
	at = bench_add(&b, CIS_FEED_LISTEN, listen);
	line_dial(&one, at, 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2);
	line_expect(&b, &one, CIS_C37_CFG2);
	bench_put(&b, 1);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	bench_put(&b, 2);
	line_expect(&b, &two, CIS_C37_DATA);
	assert_int_equal(frame_u32(two.frame + 10) & 0xFFFFFF, 20000);
	line_expect(&b, &two, CIS_C37_DATA);
	line_quiet(&b, &one);
	assert_int_equal(bench_stats(&b).sent, 2);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_OFF);
	line_quiet(&b, &one);
	bench_put(&b, 1);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	bench_put(&b, 1);
	line_expect(&b, &two, CIS_C37_DATA);
	assert_int_equal(frame_u32(two.frame + 10) & 0xFFFFFF, 80000);
	close(one.fd); /* it hangs up: no more data */
	bench_until_clients(&b, 0);
	bench_put(&b, 1);
	assert_int_equal(bench_stats(&b).sent, 3);
	close(two.fd);
	bench_close(&b);
}

static void data_of_all_go_once_to_the_host_that_was_named(void **state)
{
	static struct line three;
	struct bench b;
	char spec[32], listen[80];
	const char *at;

	(void)state;
	bench_open(&b);
	line_bind(&three, 0, spec);
	snprintf(listen, sizeof(listen), "tcp:127.0.0.1:0,data=%s", spec);
	at = bench_add(&b, CIS_FEED_LISTEN, listen);
	line_dial(&one, at, 0);
	line_dial(&two, at, 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	line_command(&two, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &two);
	bench_put(&b, 2);
	for (uint32_t i = 0; i < 2; i++) {
		line_expect(&b, &three, CIS_C37_DATA);
		assert_int_equal(frame_u32(three.frame + 10) & 0xFFFFFF,
				 i * 20000);
	}
	assert_int_equal(bench_stats(&b).sent, 2);
	close(one.fd);
	close(two.fd);
	close(three.fd);
	bench_close(&b);
}

/* ---- groups ---- */

static void a_group_hears(const char *group, int family)
{
	struct sockaddr_storage ss;
	struct cis_addr addr;
	struct bench b;
	char spec[80];
	socklen_t len;
	int fd = socket(family, SOCK_DGRAM, 0);

	len = line_address(family == AF_INET6 ? "udp:[::]:0" : "udp:0.0.0.0:0",
			   &ss);
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	line_init(&one, fd, true);
	snprintf(spec, sizeof(spec), "udp:%s:%u,if=lo,ttl=0", group,
		 ntohs(((struct sockaddr_in *)&ss)->sin_port));
	assert_int_equal(cis_addr_parse(spec, &addr, NULL), 0);
	assert_int_equal(cis_addr_resolve(&addr, NULL), 0);
	if (cis_multicast_join(fd, &addr, (struct sockaddr *)&addr.ss[0],
			       NULL)) {
		close(fd);
		skip();
	}
	bench_open(&b);
	if (cis_feed_add(b.feed, CIS_FEED_STREAM, spec, &b.diag) ==
	    -ENETUNREACH) {
		bench_close(&b); /* no IPv6 here */
		close(fd);
		skip();
	}
	assert_non_null(cis_feed_endpoint(b.feed, 0));
	bench_put(&b, 1);
	line_expect(&b, &one, CIS_C37_CFG2);
	line_expect(&b, &one, CIS_C37_DATA);
	close(fd);
	bench_close(&b);
}

static void an_ipv4_group_hears_by_the_interface_named(void **state)
{
	(void)state;
	a_group_hears("239.255.47.13", AF_INET);
}

static void an_ipv6_group_hears_by_the_interface_named(void **state)
{
	(void)state;
	a_group_hears("[ff01::4713]", AF_INET6);
}

/* ---- who may come, and how often the configuration goes ---- */

static void who_is_not_allowed_is_turned_away(void **state)
{
	struct bench b;
	uint64_t since_ms;
	const char *at;

	(void)state;
	bench_open(&b);
	at = bench_add(&b, CIS_FEED_LISTEN,
		       "tcp:127.0.0.1:0,allow=127.0.0.0/24+10.0.0.0/8");
	line_dial(&one, at, 0);
	line_quiet(&b, &one);
	close(one.fd);
	at = bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0,allow=10.0.0.0/8");
	line_dial(&one, at, 0);
	assert_int_equal(line_next(&b, &one), 0);
	assert_int_equal(bench_stats(&b).denied, 1);
	close(one.fd);
	at = bench_add(&b, CIS_FEED_LISTEN, "udp:127.0.0.1:0,allow=127.0.0.2");
	line_dial(&one, at, 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2);
	since_ms = uv_now(&b.loop);
	while (bench_stats(&b).denied < 2 && bench_patient(&b, since_ms))
		;
	assert_int_equal(bench_stats(&b).denied, 2);
	assert_int_equal(recv(one.fd, one.rx, sizeof(one.rx), 0), -1);
	close(one.fd);
	bench_close(&b);
}

static void the_configuration_comes_as_often_as_asked(void **state)
{
	/* from second 0 of a minute, at 50 a second */
	static const struct {
		uint32_t every_s;
		unsigned expected; /* within 2 minutes */
	} cases[] = {{0, 1}, {60, 2}, {10, 12}};
	char spec[32];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct bench b;
		unsigned n = 0;

		bench_open_limits(&b, 3,
				  (struct cis_feed_config){
					  .cfg_every_s = cases[i].every_s,
					  .push = CIS_C37_CFG3});
		line_bind(&one, 0, spec);
		bench_add(&b, CIS_FEED_STREAM, spec);
		for (int k = 0; k < 6000; k++) {
			bench_put(&b, 1);
			assert_true(line_next(&b, &one) > 0);
			if (one.frame[1] >> 4 == CIS_C37_CFG3) {
				n++;
				assert_int_equal(frame_u32(one.frame + 10) &
							 0xFFFFFF,
						 0);
				line_next(&b, &one);
			}
			assert_int_equal(one.frame[1] >> 4, CIS_C37_DATA);
		}
		assert_int_equal(n, cases[i].expected);
		close(one.fd);
		bench_close(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_server_elsewhere_gets_configuration_then_data),
		cmocka_unit_test(
			a_lost_server_is_tried_again_and_the_loss_counted),
		cmocka_unit_test(data_go_beside_the_commands),
		cmocka_unit_test(
			data_of_all_go_once_to_the_host_that_was_named),
		cmocka_unit_test(an_ipv4_group_hears_by_the_interface_named),
		cmocka_unit_test(an_ipv6_group_hears_by_the_interface_named),
		cmocka_unit_test(who_is_not_allowed_is_turned_away),
		cmocka_unit_test(the_configuration_comes_as_often_as_asked),
	};

	signal(SIGPIPE, SIG_IGN);
	cis_log_set_level(CIS_LOG_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_switchboard.c - the ports of a fleet by TCP: one for all, one for each,
 * connections to a server elsewhere. */
#include "fleet_bench.h"

#include <signal.h>

#define N 4

static struct line one, two;

static void until_clients(struct fleet *f, uint32_t n)
{
	uint64_t since_ms = uv_now(&f->b.loop);

	while (fleet_stats(f).clients != n && bench_patient(&f->b, since_ms))
		fleet_put(f); /* who has gone takes none */
	assert_int_equal(fleet_stats(f).clients, n);
}

/* ---- one port for all ---- */

static void a_client_gets_the_pmu_that_it_names(void **state)
{
	struct fleet f;
	const char *at;

	(void)state;
	fleet_open(&f, N);
	at = fleet_add(&f, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	line_dial(&one, at, 0);
	line_dial(&two, at, 0);
	fleet_command(&one, 2, CIS_C37_CMD_SEND_CFG2);
	fleet_expect(&f, &one, 2, CIS_C37_CFG2);
	fleet_command(&one, 2, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &one, 2);
	fleet_command(&two, 0, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &two, 0);
	fleet_put(&f);
	fleet_expect(&f, &one, 2, CIS_C37_DATA);
	assert_int_equal(one.frame[14], 2);
	fleet_expect(&f, &two, 0, CIS_C37_DATA);
	fleet_quiet(&f, &one, 2);
	fleet_quiet(&f, &two, 0);
	assert_int_equal(fleet_stats(&f).clients, 2);
	assert_int_equal(fleet_stats(&f).clients_running, 2);
	assert_int_equal(fleet_stats(&f).sent, 2);
	assert_int_equal(fleet_stats(&f).dropped, 0);
	close(one.fd);
	until_clients(&f, 1);
	assert_int_equal(fleet_stats(&f).clients_running, 1);
	close(two.fd);
	fleet_close(&f);
}

/* Data of the old one end; those of the new one begin when it says so. */
static void another_idcode_moves_a_client(void **state)
{
	struct fleet f;

	(void)state;
	fleet_open(&f, N);
	line_dial(&one, fleet_add(&f, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	fleet_command(&one, 1, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &one, 1);
	fleet_put(&f);
	fleet_expect(&f, &one, 1, CIS_C37_DATA);
	fleet_quiet(&f, &one, 3);
	fleet_put(&f);
	fleet_command(&one, 3, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &one, 3);
	fleet_put(&f);
	fleet_expect(&f, &one, 3, CIS_C37_DATA);
	fleet_quiet(&f, &one, 3);
	assert_int_equal(fleet_stats(&f).clients, 1);
	assert_int_equal(fleet_stats(&f).clients_running, 1);
	close(one.fd);
	fleet_close(&f);
}

static void who_names_no_pmu_gets_nothing(void **state)
{
	struct fleet f;
	uint8_t buf[32];

	(void)state;
	fleet_open(&f, N);
	line_dial(&one, fleet_add(&f, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	fleet_command(&one, N, CIS_C37_CMD_DATA_ON);
	line_command(&one, 0, CIS_C37_CMD_SEND_CFG2);
	line_command(&one, CIS_C37_BROADCAST, CIS_C37_CMD_SEND_CFG2);
	command_bytes(BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2, buf);
	buf[17] ^= 1;
	line_bytes(&one, buf, 18);
	fleet_put(&f);
	fleet_quiet(&f, &one, 1);
	assert_int_equal(fleet_stats(&f).bad, 1);
	/* and a PMU that has been named is not lost by what is for another */
	fleet_command(&one, N, CIS_C37_CMD_SEND_CFG2);
	line_command(&one, CIS_C37_BROADCAST, CIS_C37_CMD_SEND_CFG2);
	fleet_command(&one, 1, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &one, 1);
	fleet_put(&f);
	fleet_expect(&f, &one, 1, CIS_C37_DATA);
	close(one.fd);
	fleet_close(&f);
}

static void the_broadcast_is_for_a_fleet_of_one(void **state)
{
	struct fleet f;

	(void)state;
	fleet_open(&f, 1);
	line_dial(&one, fleet_add(&f, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_command(&one, CIS_C37_BROADCAST, CIS_C37_CMD_SEND_CFG2);
	fleet_expect(&f, &one, 0, CIS_C37_CFG2);
	close(one.fd);
	fleet_close(&f);
}

static void half_a_command_waits_and_garbage_is_hung_up_on(void **state)
{
	static uint8_t garbage[4000];
	struct fleet f;
	const char *at;
	uint8_t buf[32];

	(void)state;
	fleet_open(&f, N);
	at = fleet_add(&f, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	line_dial(&one, at, 0);
	line_dial(&two, at, 0);
	command_bytes(BENCH_IDCODE + 1, CIS_C37_CMD_SEND_CFG2, buf);
	line_bytes(&one, buf, 9);
	until_clients(&f, 2);
	line_bytes(&two, garbage, sizeof(garbage));
	assert_int_equal(line_next(&f.b, &two), 0);
	until_clients(&f, 1);
	line_bytes(&one, buf + 9, 9);
	fleet_expect(&f, &one, 1, CIS_C37_CFG2);
	assert_int_equal(fleet_stats(&f).bad, 1);
	close(one.fd);
	close(two.fd);
	fleet_close(&f);
}

static void a_slow_client_loses_its_own_pmus_frames_alone(void **state)
{
	struct fleet f;
	const char *at;
	uint64_t sent;

	(void)state;
	fleet_open(&f, N);
	at = fleet_add(&f, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	line_dial(&one, at, 4096);
	fleet_command(&one, 1, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &one, 1);
	do {
		sent = fleet_stats(&f).sent;
		fleet_put(&f);
		uv_run(&f.b.loop, UV_RUN_NOWAIT);
	} while (fleet_stats(&f).sent > sent);
	line_dial(&two, at, 0);
	fleet_command(&two, 2, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &two, 2);
	for (unsigned i = 0; i < 300; i++) {
		fleet_put(&f);
		fleet_expect(&f, &two, 2, CIS_C37_DATA);
	}
	assert_true(fleet_stats(&f).dropped > 0);
	close(one.fd);
	close(two.fd);
	fleet_close(&f);
}

static void what_was_put_is_sent_before_the_end(void **state)
{
	struct fleet f;
	const char *at;
	ssize_t n;

	(void)state;
	fleet_open(&f, N);
	at = fleet_add(&f, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	line_dial(&one, at, 0);
	line_dial(&two, at, 0);
	fleet_command(&one, 1, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &one, 1);
	fleet_quiet(&f, &two, 2);
	fleet_put(&f);
	fleet_close(&f);
	n = recv(one.fd, one.rx, sizeof(one.rx), 0);
	assert_int_equal(n, 50);
	assert_int_equal(recv(one.fd, one.rx, sizeof(one.rx), 0), 0);
	assert_int_equal(recv(two.fd, two.rx, sizeof(two.rx), 0), 0);
	close(one.fd);
	close(two.fd);
}

static void data_may_go_aside(void **state)
{
	struct fleet f;
	char spec[32], at[64];

	(void)state;
	fleet_open(&f, N);
	line_bind(&two, 0, spec);
	snprintf(at, sizeof(at), "tcp:127.0.0.1:0,data=udp:%s",
		 strrchr(spec, ':') + 1);
	line_dial(&one, fleet_add(&f, CIS_FEED_LISTEN, at), 0);
	fleet_command(&one, 1, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &one, 1);
	fleet_put(&f);
	fleet_expect(&f, &two, 1, CIS_C37_DATA);
	fleet_quiet(&f, &one, 1);
	close(one.fd);
	close(two.fd);
	fleet_close(&f);
}

/* ---- a port for each ---- */

static void dial_port(struct line *l, unsigned port)
{
	char at[32];

	snprintf(at, sizeof(at), "tcp:127.0.0.1:%u", port);
	line_dial(l, at, 0);
}

static void each_pmu_may_have_its_port(void **state)
{
	struct fleet f;
	unsigned port;
	char name[64];

	(void)state;
	fleet_open(&f, N);
	port = fleet_open_each(&f, "tcp");
	snprintf(name, sizeof(name), "tcp:127.0.0.1:%u-%u", port, port + N - 1);
	assert_string_equal(cis_switchboard_endpoint(f.sb, 0), name);
	for (unsigned i = 0; i < N; i++) {
		dial_port(&one, port + i);
		line_command(&one, CIS_C37_BROADCAST, CIS_C37_CMD_SEND_CFG2);
		fleet_expect(&f, &one, i, CIS_C37_CFG2);
		fleet_command(&one, i, CIS_C37_CMD_DATA_ON);
		/* another's IDCODE means nothing here */
		fleet_command(&one, (i + 1) % N, CIS_C37_CMD_DATA_OFF);
		fleet_quiet(&f, &one, i);
		fleet_put(&f);
		fleet_expect(&f, &one, i, CIS_C37_DATA);
		close(one.fd);
	}
	fleet_close(&f);
}

static void a_port_in_use_names_its_pmu(void **state)
{
	struct fleet f, g;
	char spec[64], words[64];
	unsigned port;

	(void)state;
	fleet_open(&f, N);
	fleet_open(&g, N);
	port = fleet_open_each(&f, "tcp");
	snprintf(spec, sizeof(spec), "tcp:127.0.0.1:%u,ports=each", port - 2);
	snprintf(words, sizeof(words), "127.0.0.1:%u: the port is in use",
		 port);
	assert_int_equal(
		cis_switchboard_open(g.sb, CIS_FEED_LISTEN, spec, &g.b.diag),
		-EADDRINUSE);
	assert_non_null(strstr(g.b.diag.msg, words));
	assert_non_null(strstr(g.b.diag.msg, "IDCODE 9 "));
	fleet_close(&g);
	fleet_close(&f);
}

static void refusals_say_why(void **state)
{
	static const struct {
		const char *spec, *words;
		enum cis_feed_role role;
	} cases[] = {
		{"tcp:127.0.0.1:65533,ports=each",
		 "the first port may be 65532", CIS_FEED_LISTEN},
		{"tcp:127.0.0.1:65533,ports=each",
		 "the first port may be 65532", CIS_FEED_STREAM},
		{"tcp:127.0.0.1:0,ports=each", "which one is the first",
		 CIS_FEED_LISTEN},
		{"tcp:127.0.0.1:0,ports=both", "neither each nor shared",
		 CIS_FEED_LISTEN},
		{"tcp:127.0.0.1:0", "port 0", CIS_FEED_STREAM},
	};
	struct fleet f;

	(void)state;
	fleet_open(&f, N);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(cis_switchboard_open(f.sb, cases[i].role,
						      cases[i].spec, &f.b.diag),
				 -EINVAL);
		if (!strstr(f.b.diag.msg, cases[i].words))
			fail_msg("%s: %s", cases[i].spec, f.b.diag.msg);
	}
	assert_int_equal(cis_switchboard_add(f.sb, f.feed[1], N, &f.b.diag),
			 -EEXIST);
	assert_non_null(strstr(f.b.diag.msg, "IDCODE 8"));
	assert_int_equal(cis_feed_add(f.feed[0], CIS_FEED_LISTEN,
				      "tcp:127.0.0.1:0,ports=each", &f.b.diag),
			 -EINVAL);
	assert_non_null(strstr(f.b.diag.msg, "many PMUs"));
	fleet_close(&f);
}

/* ---- to a server elsewhere ---- */

static int listener(char spec[32])
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(listen(fd, N), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	snprintf(spec, 32, "tcp:127.0.0.1:%u", ntohs(in.sin_port));
	return fd;
}

static void each_pmu_has_a_connection_of_its_own(void **state)
{
	bool seen[N] = {false};
	struct fleet f;
	char spec[32];
	int fd;

	(void)state;
	fleet_open(&f, N);
	fd = listener(spec);
	assert_string_equal(fleet_add(&f, CIS_FEED_STREAM, spec), spec);
	until_clients(&f, N);
	fleet_put(&f);
	for (unsigned k = 0; k < N; k++) {
		unsigned i;

		line_init(&one, accept(fd, NULL, NULL), false);
		assert_true(line_next(&f.b, &one) > 0);
		i = one.frame[5] - BENCH_IDCODE;
		assert_int_equal(one.frame[1] >> 4, CIS_C37_CFG2);
		assert_true(i < N && !seen[i]);
		seen[i] = true;
		fleet_expect(&f, &one, i, CIS_C37_DATA);
		assert_int_equal(one.frame[14], i);
		close(one.fd);
	}
	close(fd);
	fleet_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_gets_the_pmu_that_it_names),
		cmocka_unit_test(another_idcode_moves_a_client),
		cmocka_unit_test(who_names_no_pmu_gets_nothing),
		cmocka_unit_test(the_broadcast_is_for_a_fleet_of_one),
		cmocka_unit_test(
			half_a_command_waits_and_garbage_is_hung_up_on),
		cmocka_unit_test(a_slow_client_loses_its_own_pmus_frames_alone),
		cmocka_unit_test(what_was_put_is_sent_before_the_end),
		cmocka_unit_test(data_may_go_aside),
		cmocka_unit_test(each_pmu_may_have_its_port),
		cmocka_unit_test(a_port_in_use_names_its_pmu),
		cmocka_unit_test(refusals_say_why),
		cmocka_unit_test(each_pmu_has_a_connection_of_its_own),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

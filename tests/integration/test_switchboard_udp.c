/* test_switchboard_udp.c - the ports of a fleet by UDP, on command. */
#include "fleet_bench.h"

#include <signal.h>

#include "cisoid/log.h"

#define N 4

static struct line one, two, three;

static void an_address_has_any_number_of_pmus_on(void **state)
{
	struct fleet f;
	const char *at;

	(void)state;
	fleet_open(&f, N);
	at = fleet_add(&f, CIS_FEED_LISTEN, "udp:127.0.0.1:0");
	line_dial(&one, at, 0);
	line_dial(&two, at, 0);
	fleet_command(&one, 3, CIS_C37_CMD_SEND_CFG2);
	fleet_expect(&f, &one, 3, CIS_C37_CFG2);
	fleet_command(&one, 3, CIS_C37_CMD_DATA_ON);
	fleet_command(&one, 1, CIS_C37_CMD_DATA_ON);
	fleet_command(&one, 1, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &one, 0);
	fleet_command(&two, 1, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &two, 1);
	assert_int_equal(fleet_stats(&f).clients, 3);
	assert_int_equal(fleet_stats(&f).clients_running, 3);
	fleet_put(&f);
	fleet_expect(&f, &one, 1, CIS_C37_DATA);
	fleet_expect(&f, &one, 3, CIS_C37_DATA);
	fleet_expect(&f, &two, 1, CIS_C37_DATA);
	fleet_command(&one, 1, CIS_C37_CMD_DATA_OFF);
	fleet_command(&two, 3, CIS_C37_CMD_DATA_OFF);
	fleet_quiet(&f, &one, 2);
	fleet_quiet(&f, &two, 2);
	fleet_put(&f);
	fleet_expect(&f, &one, 3, CIS_C37_DATA);
	fleet_expect(&f, &two, 1, CIS_C37_DATA);
	fleet_quiet(&f, &one, 2);
	fleet_quiet(&f, &two, 2);
	assert_int_equal(fleet_stats(&f).sent, 5);
	close(one.fd);
	close(two.fd);
	fleet_close(&f);
}

static void nobody_is_answered_who_names_no_pmu(void **state)
{
	struct fleet f;
	uint8_t buf[64];
	size_t len;

	(void)state;
	fleet_open(&f, N);
	line_dial(&one, fleet_add(&f, CIS_FEED_LISTEN, "udp:127.0.0.1:0"), 0);
	fleet_command(&one, N, CIS_C37_CMD_DATA_ON);
	line_command(&one, CIS_C37_BROADCAST, CIS_C37_CMD_SEND_CFG2);
	command_bytes(BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2, buf);
	line_bytes(&one, buf, 9);
	buf[17] ^= 1;
	line_bytes(&one, buf, 18);
	fleet_put(&f);
	fleet_quiet(&f, &one, 0);
	assert_int_equal(fleet_stats(&f).bad, 2);
	/* two commands of two PMUs in a datagram */
	len = command_bytes(BENCH_IDCODE + 1, CIS_C37_CMD_SEND_CFG2, buf);
	len += command_bytes(BENCH_IDCODE + 2, CIS_C37_CMD_SEND_CFG2,
			     buf + len);
	line_bytes(&one, buf, len);
	fleet_expect(&f, &one, 1, CIS_C37_CFG2);
	fleet_expect(&f, &one, 2, CIS_C37_CFG2);
	close(one.fd);
	fleet_close(&f);
}

/* The kind of configuration is remembered, of each PMU. */
static void another_configuration_is_told_as_it_was_asked_for(void **state)
{
	static const uint8_t types[] = {CIS_C37_CFG3, CIS_C37_CFG2};
	struct fleet f;

	(void)state;
	fleet_open(&f, N);
	line_dial(&one, fleet_add(&f, CIS_FEED_LISTEN, "udp:127.0.0.1:0"), 0);
	fleet_command(&one, 0, CIS_C37_CMD_SEND_CFG3);
	fleet_expect(&f, &one, 0, CIS_C37_CFG3);
	fleet_command(&one, 1, CIS_C37_CMD_SEND_CFG2);
	fleet_expect(&f, &one, 1, CIS_C37_CFG2);
	for (unsigned i = 0; i < 2; i++) {
		fleet_command(&one, i, CIS_C37_CMD_DATA_ON);
		fleet_quiet(&f, &one, i);
		assert_int_equal(cis_feed_set_config(f.feed[i], &f.b.diag), 0);
		fleet_expect(&f, &one, i, types[i]);
	}
	/* nobody has it on */
	assert_int_equal(cis_feed_set_config(f.feed[2], &f.b.diag), 0);
	fleet_quiet(&f, &one, 2);
	close(one.fd);
	fleet_close(&f);
}

/* Two places, both taken by an address: it does not take its own, and another
 * of this host takes the one that was silent longest. */
static void places_are_counted_over_all_pmus(void **state)
{
	struct fleet f;
	const char *at;

	(void)state;
	fleet_open(&f, N);
	at = fleet_add(&f, CIS_FEED_LISTEN, "udp:127.0.0.1:0,clients=2");
	line_dial(&one, at, 0);
	line_dial(&two, at, 0);
	fleet_command(&one, 0, CIS_C37_CMD_DATA_ON);
	fleet_command(&one, 1, CIS_C37_CMD_DATA_ON);
	fleet_command(&one, 2, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &one, 3);
	fleet_put(&f);
	fleet_expect(&f, &one, 0, CIS_C37_DATA);
	fleet_expect(&f, &one, 1, CIS_C37_DATA);
	assert_int_equal(fleet_stats(&f).denied, 1);
	fleet_command(&two, 3, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &two, 3);
	assert_int_equal(fleet_stats(&f).clients_running, 2);
	fleet_put(&f);
	fleet_expect(&f, &two, 3, CIS_C37_DATA);
	close(one.fd);
	close(two.fd);
	fleet_close(&f);
}

static void whose_system_refuses_the_data_gives_way(void **state)
{
	struct fleet f;
	const char *at;

	(void)state;
	fleet_open(&f, N);
	at = fleet_add(&f, CIS_FEED_LISTEN, "udp:127.0.0.1:0,clients=2");
	line_dial(&one, at, 0);
	line_dial(&two, at, 0);
	line_dial(&three, at, 0);
	fleet_command(&one, 0, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &one, 0);
	fleet_command(&two, 1, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &two, 1);
	close(two.fd);
	for (unsigned i = 0; i < 2; i++) {
		fleet_put(&f);
		fleet_expect(&f, &one, 0, CIS_C37_DATA);
	}
	assert_true(fleet_stats(&f).refused > 0);
	fleet_command(&three, 2, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &three, 2);
	fleet_put(&f);
	fleet_expect(&f, &one, 0, CIS_C37_DATA);
	fleet_expect(&f, &three, 2, CIS_C37_DATA);
	close(one.fd);
	close(three.fd);
	fleet_close(&f);
}

/* 256 at once and 8 for each PMU besides the first, 16 a second and 1 for each:
 * cisoid-run(1). */
static void a_flood_of_commands_is_not_answered(void **state)
{
	struct cis_feed_stats stats;
	struct fleet f;
	unsigned n = 0;

	(void)state;
	fleet_open(&f, N);
	line_dial(&one, fleet_add(&f, CIS_FEED_LISTEN, "udp:127.0.0.1:0"), 0);
	do {
		fleet_command(&one, n++ % N, CIS_C37_CMD_SEND_HDR);
		uv_run(&f.b.loop, UV_RUN_NOWAIT);
		stats = fleet_stats(&f);
	} while (stats.denied < 1000 && n < 100000);
	assert_int_equal(stats.denied, 1000);
	assert_true(n >= 1000 + 256 + 8 * (N - 1));
	close(one.fd);
	fleet_close(&f);
}

static void each_pmu_may_have_its_port(void **state)
{
	struct fleet f;
	char spec[64];
	unsigned port;

	(void)state;
	fleet_open(&f, N);
	port = fleet_open_each(&f, "udp");
	for (unsigned i = 0; i < N; i++) {
		snprintf(spec, sizeof(spec), "udp:127.0.0.1:%u", port + i);
		line_dial(&one, spec, 0);
		line_command(&one, CIS_C37_BROADCAST, CIS_C37_CMD_SEND_CFG2);
		fleet_expect(&f, &one, i, CIS_C37_CFG2);
		fleet_command(&one, i, CIS_C37_CMD_DATA_ON);
		fleet_command(&one, (i + 1) % N, CIS_C37_CMD_DATA_ON);
		fleet_quiet(&f, &one, i);
		fleet_put(&f);
		fleet_expect(&f, &one, i, CIS_C37_DATA);
		fleet_command(&one, i, CIS_C37_CMD_DATA_OFF);
		fleet_quiet(&f, &one, i);
		close(one.fd);
	}
	fleet_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_has_any_number_of_pmus_on),
		cmocka_unit_test(nobody_is_answered_who_names_no_pmu),
		cmocka_unit_test(
			another_configuration_is_told_as_it_was_asked_for),
		cmocka_unit_test(places_are_counted_over_all_pmus),
		cmocka_unit_test(whose_system_refuses_the_data_gives_way),
		cmocka_unit_test(a_flood_of_commands_is_not_answered),
		cmocka_unit_test(each_pmu_may_have_its_port),
	};

	signal(SIGPIPE, SIG_IGN);
	cis_log_set_level(CIS_LOG_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_switchboard_watch.c - who is served by a fleet is listed, watched, sent
 * away. */
#include "fleet_bench.h"
#include "watcher.h"

#include <signal.h>

#include "cisoid/log.h"

#define N 4

static struct line one, two;
static struct watcher w;

static void open_watched(struct fleet *f)
{
	fleet_open(f, N);
	watcher_init(&w);
	cis_switchboard_set_watch(f->sb, &w.watch);
}

static unsigned list(struct fleet *f)
{
	w.n = 0;
	cis_switchboard_clients(f->sb, watch_client, &w);
	return w.n;
}

static void clients_are_listed_before_and_after_they_name_a_pmu(void **state)
{
	const struct cis_client_info *c;
	uint64_t since_ms;
	struct fleet f;

	(void)state;
	open_watched(&f);
	line_dial(&one, fleet_add(&f, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	since_ms = uv_now(&f.b.loop);
	while (list(&f) < 1 && bench_patient(&f.b, since_ms))
		;
	assert_int_equal(watch_find(&w, &one)->idcode, 0);
	assert_string_equal(watch_find(&w, &one)->state, "CONNECTED");
	fleet_command(&one, 2, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &one, 2);
	fleet_put(&f);
	fleet_expect(&f, &one, 2, CIS_C37_DATA);
	assert_int_equal(list(&f), 1);
	c = watch_find(&w, &one);
	assert_int_equal(c->idcode, BENCH_IDCODE + 2);
	assert_int_equal(c->frames, 1);
	assert_int_equal(c->bytes, 50);
	assert_string_equal(c->state, "STREAMING");
	close(one.fd);
	fleet_close(&f);
}

static void a_peer_of_many_pmus_is_one_client(void **state)
{
	const struct cis_client_info *c;
	struct fleet f;
	uint64_t id;

	(void)state;
	open_watched(&f);
	line_dial(&one, fleet_add(&f, CIS_FEED_LISTEN, "udp:127.0.0.1:0"), 0);
	fleet_command(&one, 1, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &one, 0);
	assert_int_equal(list(&f), 1);
	assert_int_equal(w.client[0].idcode, BENCH_IDCODE + 1);
	fleet_command(&one, 3, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &one, 0);
	fleet_put(&f);
	assert_int_equal(list(&f), 1);
	c = watch_find(&w, &one);
	id = c->id;
	assert_int_equal(c->idcode, 0);
	assert_int_equal(c->frames, 2);
	assert_int_equal(c->bytes, 100);
	fleet_expect(&f, &one, 1, CIS_C37_DATA);
	fleet_expect(&f, &one, 3, CIS_C37_DATA);
	/* All its data end. */
	assert_int_equal(cis_switchboard_kick(f.sb, id), 0);
	fleet_put(&f);
	fleet_quiet(&f, &one, 0);
	assert_int_equal(list(&f), 0);
	assert_int_equal(fleet_stats(&f).clients, 0);
	assert_int_equal(fleet_stats(&f).clients_running, 0);
	assert_int_equal(cis_switchboard_kick(f.sb, id), -ENOENT);
	close(one.fd);
	fleet_close(&f);
}

static void commands_and_answers_of_all_pmus_are_told(void **state)
{
	struct cis_c37_head head;
	struct fleet f;

	(void)state;
	open_watched(&f);
	line_dial(&one, fleet_add(&f, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_dial(&two, fleet_add(&f, CIS_FEED_LISTEN, "udp:127.0.0.1:0"), 0);
	fleet_command(&one, 3, CIS_C37_CMD_SEND_CFG2);
	fleet_expect(&f, &one, 3, CIS_C37_CFG2);
	fleet_command(&two, 1, CIS_C37_CMD_SEND_CFG2);
	fleet_expect(&f, &two, 1, CIS_C37_CFG2);
	assert_int_equal(w.n_command, 2);
	assert_int_equal(w.n_sent, 2);
	watch_is_of(&w.command[0], &one);
	watch_is_of(&w.sent[0], &one);
	watch_is_of(&w.command[1], &two);
	watch_is_of(&w.sent[1], &two);
	cis_c37_peek(w.sent[0].frame, w.sent[0].len, &head);
	assert_int_equal(head.idcode, BENCH_IDCODE + 3);
	assert_int_equal(head.type, CIS_C37_CFG2);
	fleet_put(&f);
	assert_int_equal(w.n_data, N);
	cis_switchboard_set_watch(f.sb, NULL);
	fleet_quiet(&f, &one, 3);
	fleet_put(&f);
	assert_int_equal(w.n_data, N);
	assert_int_equal(w.n_command, 2);
	close(one.fd);
	close(two.fd);
	fleet_close(&f);
}

static void a_kicked_client_of_a_fleet_is_closed_and_others_go_on(void **state)
{
	struct fleet f;
	const char *at;
	uint64_t id;

	(void)state;
	open_watched(&f);
	at = fleet_add(&f, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	line_dial(&one, at, 0);
	line_dial(&two, at, 0);
	fleet_command(&one, 1, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &one, 1);
	fleet_command(&two, 1, CIS_C37_CMD_DATA_ON);
	fleet_quiet(&f, &two, 1);
	assert_int_equal(list(&f), 2);
	id = watch_find(&w, &one)->id;
	assert_int_equal(cis_switchboard_kick(f.sb, id), 0);
	assert_int_equal(cis_switchboard_kick(f.sb, id), -ENOENT);
	assert_int_equal(line_next(&f.b, &one), 0);
	fleet_put(&f);
	fleet_expect(&f, &two, 1, CIS_C37_DATA);
	assert_int_equal(list(&f), 1);
	assert_int_equal(cis_switchboard_kick(f.sb, UINT64_MAX), -ENOENT);
	close(one.fd);
	close(two.fd);
	fleet_close(&f);
}

static int hear(unsigned *port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(listen(fd, N), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	*port = ntohs(in.sin_port);
	return fd;
}

static void a_connection_for_each_pmu_is_a_client_each(void **state)
{
	struct fleet f;
	char spec[64];
	unsigned port;
	int fd = hear(&port);
	uint64_t since_ms;

	(void)state;
	open_watched(&f);
	snprintf(spec, sizeof(spec), "tcp:127.0.0.1:%u", port);
	fleet_add(&f, CIS_FEED_STREAM, spec);
	assert_int_equal(list(&f), N);
	for (unsigned i = 0; i < N; i++) {
		assert_string_equal(w.client[i].state, "CONNECTING");
		assert_int_equal(w.client[i].idcode, BENCH_IDCODE + i);
		assert_true(w.client[i].unasked);
		for (unsigned k = 0; k < i; k++)
			assert_true(w.client[k].id != w.client[i].id);
	}
	since_ms = uv_now(&f.b.loop);
	while (fleet_stats(&f).clients < N && bench_patient(&f.b, since_ms))
		;
	list(&f);
	for (unsigned i = 0; i < N; i++)
		assert_string_equal(w.client[i].state, "STREAMING");
	assert_int_equal(cis_switchboard_kick(f.sb, w.client[2].id), 0);
	list(&f);
	for (unsigned i = 0; i < N; i++)
		assert_string_equal(w.client[i].state,
				    i == 2 ? "CONNECTING" : "STREAMING");
	close(fd);
	fleet_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			clients_are_listed_before_and_after_they_name_a_pmu),
		cmocka_unit_test(a_peer_of_many_pmus_is_one_client),
		cmocka_unit_test(commands_and_answers_of_all_pmus_are_told),
		cmocka_unit_test(
			a_kicked_client_of_a_fleet_is_closed_and_others_go_on),
		cmocka_unit_test(a_connection_for_each_pmu_is_a_client_each),
	};

	cis_log_set_level(CIS_LOG_ERR);
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

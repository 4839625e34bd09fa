/* test_feed_watch.c - who is served by a feed is listed, watched, sent away. */
#include "watcher.h"

#include <signal.h>
#include <sys/resource.h>

#include "cisoid/log.h"

#define MANY 1000

static struct line one, two;
static struct watcher w;

static void open_watched(struct bench *b)
{
	bench_open(b);
	watcher_init(&w);
	cis_feed_set_watch(b->feed, &w.watch);
}

static void data_on(struct bench *b, struct line *l)
{
	line_command(l, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(b, l);
}

/* Two clients of one endpoint, both with data on. Its address. */
static const char *open_for_two(struct bench *b, const char *spec)
{
	const char *at;

	open_watched(b);
	at = bench_add(b, CIS_FEED_LISTEN, spec);
	line_dial(&one, at, 0);
	line_dial(&two, at, 0);
	data_on(b, &one);
	data_on(b, &two);
	return at;
}

static void close_for_two(struct bench *b)
{
	close(one.fd);
	close(two.fd);
	bench_close(b);
}

/* ---- listed ---- */

static void clients_are_listed_with_what_they_got(void **state)
{
	const struct cis_client_info *c;
	struct bench b;
	size_t len;

	(void)state;
	open_watched(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_dial(&two, bench_add(&b, CIS_FEED_LISTEN, "udp:127.0.0.1:0"), 0);
	assert_int_equal(watch_list(&w, b.feed), 0);
	line_quiet(&b, &one);
	assert_int_equal(watch_list(&w, b.feed), 1);
	c = watch_find(&w, &one);
	assert_string_equal(c->state, "CONNECTED");
	assert_false(c->on);
	data_on(&b, &one);
	data_on(&b, &two);
	bench_put(&b, 3);
	len = line_expect(&b, &one, CIS_C37_DATA);
	assert_int_equal(watch_list(&w, b.feed), 2);
	assert_string_equal(watch_find(&w, &one)->transport, "TCP");
	assert_string_equal(watch_find(&w, &two)->transport, "UDP");
	for (unsigned i = 0; i < 2; i++) {
		c = &w.client[i];
		assert_true(c->id > 0 && c->on && !c->unasked);
		assert_string_equal(c->state, "STREAMING");
		assert_int_equal(c->idcode, BENCH_IDCODE);
		assert_int_equal(c->frames, 3);
		assert_int_equal(c->bytes, 3 * len);
		assert_int_equal(c->dropped, 0);
		assert_int_equal(c->bad, 0);
	}
	assert_true(w.client[0].id != w.client[1].id);
	close_for_two(&b);
}

static void who_is_sent_to_unasked_is_listed(void **state)
{
	char spec[32], path[] = "/tmp/cisoid_watch_XXXXXX", file[64];
	struct bench b;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	snprintf(file, sizeof(file), "pcap:%s", path);
	watcher_init(&w);
	bench_open_limits(&b, 3, (struct cis_feed_config){.overwrite = true});
	cis_feed_set_watch(b.feed, &w.watch);
	line_bind(&one, 0, spec);
	bench_add(&b, CIS_FEED_STREAM, spec);
	bench_add(&b, CIS_FEED_STREAM, file);
	bench_put(&b, 2);
	assert_int_equal(watch_list(&w, b.feed), 2);
	assert_string_equal(w.client[0].address, spec + 4);
	assert_string_equal(w.client[0].transport, "UDP");
	assert_string_equal(w.client[1].address, path);
	assert_string_equal(w.client[1].transport, "FILE");
	for (unsigned i = 0; i < 2; i++) {
		assert_true(w.client[i].on && w.client[i].unasked);
		assert_string_equal(w.client[i].state, "STREAMING");
		assert_int_equal(w.client[i].frames, 2);
		assert_int_equal(w.client[i].bytes, 2 * w.data.len);
		assert_string_equal(w.sent[i].peer, w.client[i].address);
		assert_int_equal(cis_feed_kick(b.feed, w.client[i].id),
				 -EOPNOTSUPP);
	}
	assert_int_equal(w.n_sent, 2);
	close(one.fd);
	bench_close(&b);
	unlink(path);
}

static void data_beside_commands_are_counted_for_their_client(void **state)
{
	char spec[32], listen[64];
	struct bench b;

	(void)state;
	open_watched(&b);
	line_bind(&two, 0, spec);
	snprintf(listen, sizeof(listen), "tcp:127.0.0.1:0,data=udp:%s",
		 strrchr(spec, ':') + 1);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, listen), 0);
	data_on(&b, &one);
	bench_put(&b, 4);
	assert_int_equal(watch_list(&w, b.feed), 1);
	assert_string_equal(w.client[0].transport, "TCP+UDP");
	assert_int_equal(w.client[0].frames, 4);
	assert_int_equal(w.client[0].bytes, 4 * w.data.len);
	close_for_two(&b);
}

static void what_is_wrong_is_counted_for_who_said_it(void **state)
{
	struct bench b;
	uint8_t buf[32];

	(void)state;
	open_watched(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_dial(&two, bench_add(&b, CIS_FEED_LISTEN, "udp:127.0.0.1:0"), 0);
	data_on(&b, &one);
	data_on(&b, &two);
	command_bytes(BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2, buf);
	buf[17] ^= 1;
	line_bytes(&one, buf, 18);
	line_quiet(&b, &one);
	line_bytes(&two, buf, 18);
	line_bytes(&two, buf, 18);
	line_quiet(&b, &two);
	watch_list(&w, b.feed);
	assert_int_equal(watch_find(&w, &one)->bad, 1);
	assert_int_equal(watch_find(&w, &two)->bad, 2);
	assert_int_equal(bench_stats(&b).bad, 3);
	close_for_two(&b);
}

static void a_stalled_client_shows_what_it_lost_and_others_nothing(void **state)
{
	struct bench b;
	const char *at;

	(void)state;
	/* Its time limit is 10 s, and this takes none. */
	bench_open_with(&b, 200, 0);
	watcher_init(&w);
	at = bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	line_dial(&one, at, 4096);
	line_dial(&two, at, 0);
	data_on(&b, &one);
	data_on(&b, &two);
	for (unsigned i = 0; i < 5000 && bench_stats(&b).dropped < 20; i++) {
		bench_put(&b, 1);
		line_expect(&b, &two, CIS_C37_DATA);
	}
	assert_true(bench_stats(&b).dropped >= 20);
	watch_list(&w, b.feed);
	assert_int_equal(watch_find(&w, &one)->dropped,
			 bench_stats(&b).dropped);
	assert_int_equal(watch_find(&w, &two)->dropped, 0);
	assert_int_equal(watch_find(&w, &two)->frames, bench_stats(&b).frames);
	assert_true(watch_find(&w, &one)->frames < bench_stats(&b).frames);
	close_for_two(&b);
}

static bool may_open(rlim_t n)
{
	struct rlimit lim;

	getrlimit(RLIMIT_NOFILE, &lim);
	if (lim.rlim_max < n)
		return false;
	if (lim.rlim_cur < n)
		lim.rlim_cur = n;
	return setrlimit(RLIMIT_NOFILE, &lim) == 0;
}

static int by_id(const void *a, const void *b)
{
	uint64_t x = ((const struct cis_client_info *)a)->id;
	uint64_t y = ((const struct cis_client_info *)b)->id;

	return x < y ? -1 : x > y;
}

static void a_thousand_clients_are_listed(void **state)
{
	static int fd[MANY];
	struct sockaddr_storage ss;
	struct bench b;
	socklen_t len;

	(void)state;
	if (!may_open(2 * MANY + 100))
		skip();
	open_watched(&b);
	len = line_address(
		bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0,clients=1000"),
		&ss);
	for (unsigned i = 0; i < MANY; i++) {
		fd[i] = socket(ss.ss_family, SOCK_STREAM, 0);
		assert_int_equal(connect(fd[i], (struct sockaddr *)&ss, len),
				 0);
		bench_until_clients(&b, i + 1);
	}
	assert_int_equal(watch_list(&w, b.feed), MANY);
	qsort(w.client, MANY, sizeof(w.client[0]), by_id);
	for (unsigned i = 1; i < MANY; i++)
		assert_true(w.client[i].id > w.client[i - 1].id);
	assert_int_equal(cis_feed_kick(b.feed, w.client[MANY / 2].id), 0);
	assert_int_equal(watch_list(&w, b.feed), MANY - 1);
	for (unsigned i = 0; i < MANY; i++)
		close(fd[i]);
	bench_close(&b);
}

/* ---- watched ---- */

static void commands_are_told_with_who_said_them(void **state)
{
	struct bench b;
	uint8_t buf[32];

	(void)state;
	open_watched(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_dial(&two, bench_add(&b, CIS_FEED_LISTEN, "udp:127.0.0.1:0"), 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2);
	line_expect(&b, &one, CIS_C37_CFG2);
	line_command(&two, CIS_C37_BROADCAST, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &two);
	assert_int_equal(w.n_command, 3);
	watch_is_of(&w.command[0], &one);
	watch_is_of(&w.command[1], &two);
	watch_is_of(&w.command[2], &two);
	assert_int_equal(
		cis_c37_command_decode(w.command[0].frame, w.command[0].len),
		CIS_C37_CMD_SEND_CFG2);
	assert_int_equal(
		cis_c37_command_decode(w.command[1].frame, w.command[1].len),
		CIS_C37_CMD_DATA_ON);
	/* Not ours, and spoilt. */
	line_command(&one, BENCH_IDCODE + 1, CIS_C37_CMD_DATA_ON);
	command_bytes(BENCH_IDCODE, CIS_C37_CMD_DATA_ON, buf);
	buf[17] ^= 1;
	line_bytes(&one, buf, 18);
	line_quiet(&b, &one);
	assert_int_equal(w.n_command, 4);
	close_for_two(&b);
}

static void answers_are_told_as_they_went_out(void **state)
{
	struct bench b;
	size_t len;

	(void)state;
	open_watched(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	line_dial(&two, bench_add(&b, CIS_FEED_LISTEN, "udp:127.0.0.1:0"), 0);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2);
	len = line_expect(&b, &one, CIS_C37_CFG2);
	assert_int_equal(w.n_sent, 1);
	watch_is_of(&w.sent[0], &one);
	assert_int_equal(w.sent[0].len, len);
	assert_memory_equal(w.sent[0].frame, one.frame, len);
	line_command(&two, BENCH_IDCODE, CIS_C37_CMD_SEND_HDR);
	len = line_expect(&b, &two, CIS_C37_HDR);
	assert_int_equal(w.n_sent, 2);
	watch_is_of(&w.sent[1], &two);
	assert_memory_equal(w.sent[1].frame, two.frame, len);
	close_for_two(&b);
}

static void data_are_told_once_whoever_gets_them(void **state)
{
	struct bench b;
	const char *at;
	size_t len;

	(void)state;
	open_watched(&b);
	at = bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	bench_put(&b, 1);
	assert_int_equal(w.n_data, 1);
	line_dial(&one, at, 0);
	line_dial(&two, at, 0);
	data_on(&b, &one);
	data_on(&b, &two);
	bench_put(&b, 1);
	len = line_expect(&b, &two, CIS_C37_DATA);
	assert_int_equal(w.n_data, 2);
	assert_int_equal(w.data.len, len);
	assert_memory_equal(w.data.frame, two.frame, len);
	cis_feed_set_watch(b.feed, NULL);
	bench_put(&b, 1);
	assert_int_equal(w.n_data, 2);
	close_for_two(&b);
}

/* ---- sent away ---- */

static void a_kicked_client_is_closed_and_others_go_on(void **state)
{
	struct bench b;
	const char *at;
	uint64_t id;

	(void)state;
	at = open_for_two(&b, "tcp:127.0.0.1:0");
	watch_list(&w, b.feed);
	id = watch_find(&w, &one)->id;
	assert_int_equal(cis_feed_kick(b.feed, id), 0);
	assert_int_equal(cis_feed_kick(b.feed, id), -ENOENT);
	bench_put(&b, 2);
	assert_int_equal(line_next(&b, &one), 0);
	line_expect(&b, &two, CIS_C37_DATA);
	line_expect(&b, &two, CIS_C37_DATA);
	assert_int_equal(bench_stats(&b).clients, 1);
	assert_int_equal(bench_stats(&b).clients_running, 1);
	/* It is no ban. */
	close(one.fd);
	line_dial(&one, at, 0);
	data_on(&b, &one);
	assert_int_equal(watch_list(&w, b.feed), 2);
	assert_true(watch_find(&w, &one)->id > id);
	close_for_two(&b);
}

static void a_kicked_udp_peer_gets_no_more_data(void **state)
{
	struct bench b;
	uint64_t id;

	(void)state;
	open_for_two(&b, "udp:127.0.0.1:0");
	watch_list(&w, b.feed);
	id = watch_find(&w, &one)->id;
	assert_int_equal(cis_feed_kick(b.feed, id), 0);
	assert_int_equal(cis_feed_kick(b.feed, id), -ENOENT);
	bench_put(&b, 1);
	line_expect(&b, &two, CIS_C37_DATA);
	line_quiet(&b, &one);
	assert_int_equal(watch_list(&w, b.feed), 1);
	data_on(&b, &one);
	watch_list(&w, b.feed);
	assert_true(watch_find(&w, &one)->id > id);
	assert_int_equal(watch_find(&w, &one)->frames, 0);
	close_for_two(&b);
}

static void unknown_ids_are_refused(void **state)
{
	static const uint64_t ids[] = {0, 77, UINT64_MAX};
	struct bench b;

	(void)state;
	open_watched(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	bench_add(&b, CIS_FEED_LISTEN, "udp:127.0.0.1:0");
	line_quiet(&b, &one);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(cis_feed_kick(b.feed, ids[i]), -ENOENT);
	line_quiet(&b, &one);
	close(one.fd);
	bench_close(&b);
}

static void an_id_is_never_anothers(void **state)
{
	uint64_t last = 0;
	const char *at[2];
	struct bench b;

	(void)state;
	open_watched(&b);
	at[0] = bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	at[1] = bench_add(&b, CIS_FEED_LISTEN, "udp:127.0.0.1:0");
	for (unsigned i = 0; i < 40; i++) {
		line_dial(&one, at[i % 2], 0);
		data_on(&b, &one);
		assert_int_equal(watch_list(&w, b.feed), 1);
		assert_true(w.client[0].id > last);
		last = w.client[0].id;
		assert_int_equal(cis_feed_kick(b.feed, last), 0);
		assert_int_equal(watch_list(&w, b.feed), 0);
		close(one.fd);
	}
	bench_close(&b);
}

/* ---- a server elsewhere ---- */

static int hear(char spec[32])
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

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
	line_expect(b, l, CIS_C37_CFG2);
}

static void a_kicked_server_is_tried_again_and_counts_on(void **state)
{
	struct bench b;
	char spec[32];
	uint64_t id;
	int fd;

	(void)state;
	watcher_init(&w);
	bench_open_limits(&b, 3, (struct cis_feed_config){.retry_ms = 1});
	cis_feed_set_watch(b.feed, &w.watch);
	fd = hear(spec);
	bench_add(&b, CIS_FEED_STREAM, spec);
	assert_int_equal(watch_list(&w, b.feed), 1);
	assert_string_equal(w.client[0].state, "CONNECTING");
	assert_true(w.client[0].unasked && !w.client[0].on);
	assert_string_equal(w.client[0].address, spec + 4);
	id = w.client[0].id;
	bench_put(&b, 1); /* lost */
	take_call(&b, fd, &one);
	assert_int_equal(w.n_sent, 1);
	assert_string_equal(w.sent[0].peer, spec + 4);
	bench_put(&b, 2);
	assert_int_equal(cis_feed_kick(b.feed, id), 0);
	line_expect(&b, &one, CIS_C37_DATA);
	line_expect(&b, &one, CIS_C37_DATA);
	assert_int_equal(line_next(&b, &one), 0);
	close(one.fd);
	take_call(&b, fd, &one);
	bench_put(&b, 1);
	line_expect(&b, &one, CIS_C37_DATA);
	assert_int_equal(watch_list(&w, b.feed), 1);
	assert_string_equal(w.client[0].state, "STREAMING");
	assert_true(w.client[0].unasked && w.client[0].on);
	assert_int_equal(w.client[0].id, id);
	assert_int_equal(w.client[0].frames, 3);
	assert_int_equal(w.client[0].bytes, 3 * w.data.len);
	assert_int_equal(w.client[0].dropped, 1);
	close(one.fd);
	close(fd);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_are_listed_with_what_they_got),
		cmocka_unit_test(who_is_sent_to_unasked_is_listed),
		cmocka_unit_test(
			data_beside_commands_are_counted_for_their_client),
		cmocka_unit_test(what_is_wrong_is_counted_for_who_said_it),
		cmocka_unit_test(
			a_stalled_client_shows_what_it_lost_and_others_nothing),
		cmocka_unit_test(a_thousand_clients_are_listed),
		cmocka_unit_test(commands_are_told_with_who_said_them),
		cmocka_unit_test(answers_are_told_as_they_went_out),
		cmocka_unit_test(data_are_told_once_whoever_gets_them),
		cmocka_unit_test(a_kicked_client_is_closed_and_others_go_on),
		cmocka_unit_test(a_kicked_udp_peer_gets_no_more_data),
		cmocka_unit_test(unknown_ids_are_refused),
		cmocka_unit_test(an_id_is_never_anothers),
		cmocka_unit_test(a_kicked_server_is_tried_again_and_counts_on),
	};

	cis_log_set_level(CIS_LOG_ERR);
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

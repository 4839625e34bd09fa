/* test_feed_hostile.c - clients that do not behave, over loopback sockets. */
#define _DEFAULT_SOURCE /* struct linger */

#include "feed_bench.h"

#include <dirent.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>

#include "cisoid/log.h"

static struct line one, two;

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
	bench_fill(&b);
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
	uint64_t made, since_ms;
	uint32_t fracsec = 0;

	(void)state;
	bench_open_with(&b, 200, 0);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"),
		  4096);
	line_command(&one, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &one);
	since_ms = uv_now(&b.loop);
	while (bench_stats(&b).dropped < 20 && bench_patient(&b, since_ms))
		bench_put(&b, 1);
	assert_true(bench_stats(&b).dropped >= 20);
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
	static const uint8_t rubbish[3000] = {0xAA, 0x41, 1, 2};
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

/* ---- many ---- */

static unsigned open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Comes, says what it has to say, and goes, with a reset or without. */
static void visit(struct bench *b, const char *at, unsigned i)
{
	static const uint8_t garbage[40] = {0xAA, 0x41, 0, 17, 0xAA};
	const struct linger reset = {1, 0};
	uint8_t command[32];
	size_t len = command_bytes(BENCH_IDCODE, CIS_C37_CMD_DATA_ON, command);

	line_dial(&one, at, 0);
	if (i % 5 == 1)
		line_bytes(&one, command, len / 2);
	if (i % 5 == 2)
		line_bytes(&one, command, len);
	if (i % 5 == 3)
		line_bytes(&one, garbage, sizeof(garbage));
	if (i % 5 == 4)
		setsockopt(one.fd, SOL_SOCKET, SO_LINGER, &reset,
			   sizeof(reset));
	uv_run(&b->loop, UV_RUN_NOWAIT);
	close(one.fd);
	if (i % 50 == 0)
		bench_put(b, 3);
}

static void ten_thousand_connects_leave_nothing(void **state)
{
	struct bench b;
	size_t memory = 0;
	unsigned files = 0;
	uint64_t since_ms;
	const char *at;

	(void)state;
	bench_open(&b);
	at = bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	for (unsigned i = 0; i <= 10000; i++) {
		visit(&b, at, i);
		since_ms = uv_now(&b.loop);
		/* Twice: then all that is kept for later is there. */
		while (i % 5000 == 0 && bench_stats(&b).clients &&
		       bench_patient(&b, since_ms))
			bench_put(&b, 1);
		if (i == 5000) {
			memory = mallinfo2().uordblks;
			files = open_files();
		}
	}
	assert_int_equal(bench_stats(&b).clients, 0);
	assert_int_equal(bench_stats(&b).clients_ever, 10001);
	assert_int_equal(bench_stats(&b).clients_running, 0);
	assert_int_equal(open_files(), files);
	/* less than one client */
	assert_true(mallinfo2().uordblks < memory + 1024);
	bench_close(&b);
}

static void a_crowd_of_250_loses_nothing(void **state)
{
	struct bench b;
	uint8_t command[32], buf[4096];
	size_t got[250] = {0}, frame_len = 0;
	uint64_t since_ms;
	int fd[250];
	const char *at;

	(void)state;
	bench_open(&b);
	at = bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	command_bytes(BENCH_IDCODE, CIS_C37_CMD_DATA_ON, command);
	for (int i = 0; i < 250; i++) {
		line_dial(&one, at, 0);
		line_bytes(&one, command, 18);
		fd[i] = one.fd;
		bench_until_clients(&b, (uint32_t)i + 1);
	}
	since_ms = uv_now(&b.loop);
	while (bench_stats(&b).clients_running < 250 &&
	       bench_patient(&b, since_ms))
		;
	assert_int_equal(bench_stats(&b).clients_running, 250);
	for (int n = 1; n <= 100; n++) {
		bench_put(&b, 1);
		for (int i = 0; i < 250; i++) {
			ssize_t len = recv(fd[i], buf, sizeof(buf), 0);

			assert_true(len > 0);
			if (!frame_len)
				frame_len = (size_t)len;
			assert_int_equal(len, frame_len);
			got[i] += (size_t)len;
		}
		uv_run(&b.loop, UV_RUN_NOWAIT);
	}
	for (int i = 0; i < 250; i++) {
		assert_int_equal(got[i], 100 * frame_len);
		close(fd[i]);
	}
	assert_int_equal(bench_stats(&b).sent, 25000);
	assert_int_equal(bench_stats(&b).dropped, 0);
	bench_close(&b);
}

static void count_turn(uv_timer_t *timer)
{
	++*(unsigned *)timer->data;
}

/* Turns of the loop until its timer has gone off five times, every 10 ms. */
static unsigned turns_in_50_ms(uv_loop_t *loop)
{
	unsigned ticks = 0, turns = 0;
	uv_timer_t timer;

	uv_timer_init(loop, &timer);
	timer.data = &ticks;
	uv_timer_start(&timer, count_turn, 10, 10);
	while (*(unsigned *)timer.data < 5) {
		uv_run(loop, UV_RUN_ONCE);
		turns++;
	}
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(loop, UV_RUN_NOWAIT);
	return turns;
}

static void without_descriptors_nobody_comes_in_and_nothing_spins(void **state)
{
	struct sockaddr_storage ss;
	struct rlimit old, limit;
	struct bench b;
	const char *at;
	socklen_t len;
	int first, fd;

	(void)state;
	bench_open(&b);
	at = bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0,clients=8");
	len = line_address(at, &ss);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	first = dup(fd);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	limit = (struct rlimit){(rlim_t)first + 1, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(dup(fd), -1);
	assert_int_equal(connect(fd, (struct sockaddr *)&ss, len), 0);
	/* A timer that is late may go off twice in a turn. */
	assert_in_range(turns_in_50_ms(&b.loop), 1, 20);
	assert_int_equal(bench_stats(&b).clients, 0);
	close(fd);
	close(first);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	line_dial(&one, at, 0);
	line_quiet(&b, &one);
	close(one.fd);
	bench_close(&b);
}

/* ---- without pause ---- */

/* Frames that have come so far. */
static unsigned drain(struct line *l)
{
	unsigned n = 0;

	for (;;) {
		ssize_t len = recv(l->fd, l->rx, sizeof(l->rx), 0);
		const uint8_t *frame;

		if (len <= 0)
			return n;
		l->left = l->rx;
		l->n_left = (size_t)len;
		if (l->datagrams)
			n++;
		else
			while (cis_c37_splitter_next(&l->splitter, &l->left,
						     &l->n_left, &frame) > 0)
				n++;
	}
}

static void commands_without_pause_starve_nobody(void **state)
{
	static uint8_t flood[18 * 1000];
	struct bench b;
	uint64_t since_ms, ms;
	unsigned answers = 0;
	const char *at;

	(void)state;
	for (size_t i = 0; i < sizeof(flood); i += 18)
		command_bytes(BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2, flood + i);
	bench_open(&b);
	at = bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	line_dial(&one, at, 0);
	line_dial(&two, at, 0);
	line_command(&two, BENCH_IDCODE, CIS_C37_CMD_DATA_ON);
	line_quiet(&b, &two);
	since_ms = uv_now(&b.loop);
	for (int i = 0; i < 1000; i++) {
		(void)!send(one.fd, flood, sizeof(flood), MSG_NOSIGNAL);
		answers += drain(&one);
		bench_put(&b, 1);
		line_expect(&b, &two, CIS_C37_DATA);
	}
	uv_update_time(&b.loop);
	ms = uv_now(&b.loop) - since_ms;
	/* 4096 bytes at once, 1024 a second; 18 a command */
	assert_in_range(answers, 200, (4096 + 1024 * (ms + 100) / 1000) / 18);
	close(one.fd);
	close(two.fd);
	bench_close(&b);
}

static void whoever_was_too_fast_is_answered_later(void **state)
{
	struct bench b;
	uint8_t command[32];

	(void)state;
	bench_open(&b);
	line_dial(&one, bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0"), 0);
	command_bytes(BENCH_IDCODE, CIS_C37_CMD_SEND_HDR, command);
	for (int i = 0; i < 250; i++)
		line_bytes(&one, command, 18);
	for (int i = 0; i < 250; i++)
		line_expect(&b, &one, CIS_C37_HDR);
	close(one.fd);
	bench_close(&b);
}

static void a_flood_of_datagrams_is_answered_within_bounds(void **state)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_storage ss;
	struct bench b;
	uint64_t since_ms, ms;
	unsigned answers = 0;
	const char *at;
	socklen_t len;

	(void)state;
	bench_open(&b);
	at = bench_add(&b, CIS_FEED_LISTEN, "udp:127.0.0.1:0");
	line_dial(&one, at, 0);
	since_ms = uv_now(&b.loop);
	for (int i = 0; i < 2000; i++) {
		line_command(&one, BENCH_IDCODE, CIS_C37_CMD_SEND_CFG2);
		uv_run(&b.loop, UV_RUN_NOWAIT);
		answers += drain(&one);
	}
	uv_update_time(&b.loop);
	ms = uv_now(&b.loop) - since_ms;
	/* 256 at once, 16 a second */
	assert_in_range(answers, 250, 257 + 16 * ms / 1000);
	assert_true(bench_stats(&b).denied >= 1000);
	/* Another host is none the worse. */
	len = line_address(at, &ss);
	close(one.fd);
	one.fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(inet_pton(AF_INET, "127.0.0.2", &in.sin_addr), 1);
	assert_int_equal(bind(one.fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(connect(one.fd, (struct sockaddr *)&ss, len), 0);
	line_init(&one, one.fd, true);
	line_quiet(&b, &one);
	close(one.fd);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_off_silences_what_is_queued),
		cmocka_unit_test(a_slow_client_delays_nobody_and_is_dropped),
		cmocka_unit_test(a_slow_client_that_reads_again_has_the_newest),
		cmocka_unit_test(whoever_talks_rubbish_is_disconnected),
		cmocka_unit_test(ten_thousand_connects_leave_nothing),
		cmocka_unit_test(a_crowd_of_250_loses_nothing),
		cmocka_unit_test(
			without_descriptors_nobody_comes_in_and_nothing_spins),
		cmocka_unit_test(commands_without_pause_starve_nobody),
		cmocka_unit_test(whoever_was_too_fast_is_answered_later),
		cmocka_unit_test(
			a_flood_of_datagrams_is_answered_within_bounds),
	};

	signal(SIGPIPE, SIG_IGN);
	cis_log_set_level(CIS_LOG_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_feed_hostile.c - clients that do not behave, over sockets on the loopback. */
#include "feed_bench.h"

#include <signal.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_off_silences_what_is_queued),
		cmocka_unit_test(a_slow_client_delays_nobody_and_is_dropped),
		cmocka_unit_test(a_slow_client_that_reads_again_has_the_newest),
		cmocka_unit_test(whoever_talks_rubbish_is_disconnected),
	};

	signal(SIGPIPE, SIG_IGN);
	cis_log_set_level(CIS_LOG_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

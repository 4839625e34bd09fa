/*
 * test_udp_batch.c - what becomes of frames when the system takes some, or none.
 *
 * The linker puts functions of the test in the place of sendmmsg(), poll() and
 * uv_hrtime(); a script says what they answer.
 */
#define _GNU_SOURCE /* struct mmsghdr */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "check.h"
#include "cisoid/log.h"
#include "host/net/udp_batch.h"

#define MAX_TAKEN  65536
#define MAX_ANSWER 32
#define MAX_UDP    65507 /* 65535 less the heads of IPv4 and UDP */
#define FIRST_PORT 4713

/* A datagram that the system took. */
struct taken {
	unsigned port; /* 0: that of the connection */
	size_t len;
	uint8_t first, last;
};

static struct system {
	/* > 0: so many messages are taken; < 0: an error; 0, and when there
	 * are no more answers: all are taken. */
	int answer[MAX_ANSWER];
	unsigned n_answer, n_asked;
	bool no_segments; /* messages with segments fail with EIO */
	size_t mtu;       /* segments beyond it fail with EINVAL; 0: none */
	unsigned n_wait;
	uint64_t now_ns;
	struct taken taken[MAX_TAKEN];
	unsigned n_taken, n_call, n_message;
} sys;

static size_t segment_len(const struct msghdr *h)
{
	uint16_t len;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c;
	     c = CMSG_NXTHDR((struct msghdr *)h, c)) {
		assert_int_equal(c->cmsg_level, IPPROTO_UDP);
		assert_int_equal(c->cmsg_type, UDP_SEGMENT);
		memcpy(&len, CMSG_DATA(c), sizeof(len));
		return len;
	}
	return 0;
}

static unsigned port_of(const struct msghdr *h)
{
	struct sockaddr_in in;

	if (!h->msg_name)
		return 0;
	memcpy(&in, h->msg_name, sizeof(in));
	return ntohs(in.sin_port);
}

static void take(const struct msghdr *h)
{
	const uint8_t *at = h->msg_iov[0].iov_base;
	size_t left = h->msg_iov[0].iov_len, len = segment_len(h);

	assert_int_equal(h->msg_iovlen, 1);
	assert_true(left <= MAX_UDP);
	assert_true(!len || left / len <= 64);
	do {
		size_t n = len && len < left ? len : left;

		assert_true(sys.n_taken < MAX_TAKEN);
		sys.taken[sys.n_taken++] = (struct taken){
			port_of(h), n, n ? at[0] : 0, n ? at[n - 1] : 0};
		at += n;
		left -= n;
	} while (left > 0);
	sys.n_message++;
}

static int refusal_of(const struct msghdr *h)
{
	size_t len = segment_len(h);

	if (len && sys.no_segments)
		return EIO;
	return len && sys.mtu && len > sys.mtu ? EINVAL : 0;
}

int __wrap_sendmmsg(int fd, struct mmsghdr *v, unsigned n, int flags);

int __wrap_sendmmsg(int fd, struct mmsghdr *v, unsigned n, int flags)
{
	int answer = sys.n_asked < sys.n_answer ? sys.answer[sys.n_asked++] : 0;
	unsigned i;

	assert_true(fd >= 0);
	assert_int_equal(flags, 0);
	sys.n_call++;
	errno = answer < 0 ? -answer : refusal_of(&v[0].msg_hdr);
	if (errno)
		return -1;
	if (answer > 0 && (unsigned)answer < n)
		n = (unsigned)answer;
	for (i = 0; i < n && !refusal_of(&v[i].msg_hdr); i++)
		take(&v[i].msg_hdr);
	return (int)i;
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms);

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	(void)fds;
	assert_true(timeout_ms > 0);
	sys.n_wait++;
	return (int)n;
}

uint64_t __wrap_uv_hrtime(void);

uint64_t __wrap_uv_hrtime(void)
{
	return sys.now_ns;
}

/* ---- frames ---- */

static struct cis_udp_batch *open_ports(uint32_t n_port)
{
	struct cis_udp_batch *b = NULL;
	struct cis_addr addr;

	memset(&sys, 0, sizeof(sys));
	assert_int_equal(cis_addr_parse("udp:127.0.0.1:4713", &addr, NULL), 0);
	assert_int_equal(cis_addr_resolve(&addr, NULL), 0);
	assert_int_equal(cis_udp_batch_open(&addr, n_port, &b, NULL), 0);
	return b;
}

static void answer(int what)
{
	sys.answer[sys.n_answer++] = what;
}

/* Frame `tag` begins with it and ends with its complement. */
static void put(struct cis_udp_batch *b, uint32_t port, unsigned tag,
		size_t len)
{
	static uint8_t frame[MAX_UDP + 1];

	frame[0] = (uint8_t)tag;
	frame[len - 1] = (uint8_t)~tag;
	cis_udp_batch_put(b, port, frame, len);
}

static void put_many(struct cis_udp_batch *b, unsigned n, size_t len)
{
	for (unsigned i = 0; i < n; i++)
		put(b, 0, i, len);
}

/* Datagram i of those taken is the frame with this tag. */
static void expect(unsigned i, unsigned tag, size_t len)
{
	assert_true(i < sys.n_taken);
	assert_int_equal(sys.taken[i].len, len);
	assert_int_equal(sys.taken[i].first, tag & 0xFF);
	assert_int_equal(sys.taken[i].last, ~tag & 0xFF);
}

/* The counts; and no frame is missing in them. */
static void expect_counts(struct cis_udp_batch *b, uint64_t sent,
			  uint64_t dropped)
{
	struct cis_udp_batch_stats stats;

	cis_udp_batch_flush(b);
	cis_udp_batch_stats(b, &stats);
	assert_int_equal(stats.sent, sent);
	assert_int_equal(stats.dropped, dropped);
	assert_int_equal(sys.n_taken, sent);
	assert_int_equal(stats.calls, sys.n_call);
	cis_udp_batch_close(b);
}

/* ---- the tests ---- */

static void frames_of_one_size_are_64_segments_of_a_message(void **state)
{
	struct cis_udp_batch *b = open_ports(1);

	(void)state;
	put_many(b, 200, 74);
	assert_int_equal(sys.n_call, 0);
	cis_udp_batch_flush(b);
	for (unsigned i = 0; i < 200; i++)
		expect(i, i, 74);
	assert_int_equal(sys.n_call, 1);
	assert_int_equal(sys.n_message, 4); /* 64 + 64 + 64 + 8 */
	expect_counts(b, 200, 0);
}

static void no_message_has_more_than_65507_bytes(void **state)
{
	struct cis_udp_batch *b = open_ports(1);

	(void)state;
	put_many(b, 67, 1300); /* 50 are 65000 bytes */
	cis_udp_batch_flush(b);
	assert_int_equal(sys.n_message, 2);
	expect_counts(b, 67, 0);
}

static void each_size_and_port_is_a_message_of_its_own(void **state)
{
	struct cis_udp_batch *b = open_ports(3);

	(void)state;
	put(b, 0, 1, 74);
	put(b, 0, 2, 74);
	put(b, 1, 3, 74);
	put(b, 1, 4, 20);
	put(b, 2, 5, 21);
	put(b, 2, 6, 21);
	cis_udp_batch_flush(b);
	assert_int_equal(sys.n_call, 1);
	assert_int_equal(sys.n_message, 4);
	expect(0, 1, 74);
	expect(1, 2, 74);
	expect(2, 3, 74);
	expect(3, 4, 20);
	expect(4, 5, 21);
	expect(5, 6, 21);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(sys.taken[i].port, FIRST_PORT + i / 2);
	expect_counts(b, 6, 0);
}

static void what_is_gathered_is_sent_when_there_is_no_more_room(void **state)
{
	struct cis_udp_batch *b = open_ports(1);

	(void)state;
	put_many(b, 5000, 30);
	put_many(b, 3, MAX_UDP);
	assert_true(sys.n_taken > 0);
	cis_udp_batch_flush(b);
	for (unsigned i = 0; i < 5000; i++)
		expect(i, i, 30);
	for (unsigned i = 0; i < 3; i++)
		expect(5000 + i, i, MAX_UDP);
	expect_counts(b, 5003, 0);
}

static void what_no_datagram_holds_is_dropped(void **state)
{
	struct cis_udp_batch *b = open_ports(2);

	(void)state;
	put(b, 0, 1, MAX_UDP + 1);
	put(b, 2, 2, 74); /* no such port */
	put(b, 1, 3, 74);
	cis_udp_batch_flush(b);
	expect(0, 3, 74);
	expect_counts(b, 1, 2);
}

static void what_is_no_data_is_sent_and_not_counted(void **state)
{
	static const uint8_t other[30] = {0xAA, [29] = 0x55};
	struct cis_udp_batch *b = open_ports(1);
	struct cis_udp_batch_stats stats;

	(void)state;
	put_many(b, 3, 30);
	cis_udp_batch_put_other(b, 0, other, sizeof(other));
	put_many(b, 3, 30);
	cis_udp_batch_flush(b);
	assert_int_equal(sys.n_taken, 7);
	expect(3, 0xAA, 30);
	answer(-EAGAIN);
	cis_udp_batch_put_other(b, 0, other, sizeof(other));
	cis_udp_batch_flush(b);
	cis_udp_batch_stats(b, &stats);
	assert_int_equal(stats.sent, 6);
	assert_int_equal(stats.dropped, 0);
	cis_udp_batch_close(b);
}

static void the_only_port_gets_all_streams(void **state)
{
	struct cis_udp_batch *b = open_ports(1);

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		put(b, i, i, 74);
	cis_udp_batch_flush(b);
	assert_int_equal(sys.n_message, 2);
	expect_counts(b, 100, 0);
}

static void the_rest_of_a_call_follows_in_the_next(void **state)
{
	struct cis_udp_batch *b = open_ports(1);

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		put(b, 0, i, 50 + i);
	answer(3);
	answer(1);
	answer(5);
	cis_udp_batch_flush(b);
	for (unsigned i = 0; i < 10; i++)
		expect(i, i, 50 + i);
	assert_int_equal(sys.n_call, 4);
	expect_counts(b, 10, 0);
}

static void a_full_socket_drops_one_message_and_counts_its_frames(void **state)
{
	static const int full[] = {EAGAIN, ENOBUFS};

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		struct cis_udp_batch *b = open_ports(1);

		put_many(b, 100, 74); /* 64 + 36 */
		put_many(b, 5, 80);
		answer(1);
		answer(-full[k]);
		cis_udp_batch_flush(b);
		for (unsigned i = 0; i < 64; i++)
			expect(i, i, 74);
		for (unsigned i = 0; i < 5; i++)
			expect(64 + i, i, 80);
		assert_int_equal(sys.n_wait, 0);
		expect_counts(b, 69, 36);
	}
}

static void a_full_socket_is_waited_for_where_that_is_wanted(void **state)
{
	static const int full[] = {EAGAIN, ENOBUFS};

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		struct cis_udp_batch *b = open_ports(1);

		cis_udp_batch_set_wait(b, 100);
		put_many(b, 100, 74);
		answer(-full[k]);
		answer(0);
		answer(-full[k]);
		cis_udp_batch_flush(b);
		put_many(b, 10, 74);
		cis_udp_batch_flush(b);
		assert_int_equal(sys.n_wait, 2);
		expect_counts(b, 110, 0);
	}
}

static void a_socket_that_stays_full_is_given_up(void **state)
{
	struct cis_udp_batch *b = open_ports(1);

	(void)state;
	cis_udp_batch_set_wait(b, 100);
	put_many(b, 10, 74);
	for (unsigned i = 0; i < MAX_ANSWER; i++)
		answer(-EAGAIN);
	cis_udp_batch_flush(b);
	expect_counts(b, 0, 10);
}

static void a_device_without_checksums_gets_single_datagrams(void **state)
{
	struct cis_udp_batch *b = open_ports(1);

	(void)state;
	sys.no_segments = true;
	put_many(b, 200, 74);
	put_many(b, 200, 75);
	cis_udp_batch_flush(b);
	assert_int_equal(sys.n_message, 400);
	for (unsigned i = 0; i < 400; i++)
		expect(i, i % 200, i < 200 ? 74 : 75);
	expect_counts(b, 400, 0);
}

static void frames_beyond_a_packet_are_no_segments(void **state)
{
	struct cis_udp_batch *b = open_ports(1);

	(void)state;
	sys.mtu = 1472;
	put_many(b, 3, 1400);
	put_many(b, 3, 1473);
	put_many(b, 3, 1400);
	put_many(b, 3, 3000);
	put_many(b, 3, 1472);
	cis_udp_batch_flush(b);
	/* Of the sizes that fit, each is one message. */
	assert_int_equal(sys.n_message, 3 + 2 * 3);
	expect_counts(b, 15, 0);
}

static void an_error_of_before_costs_nothing(void **state)
{
	static const int err[] = {ECONNREFUSED, EHOSTUNREACH, ENOPROTOOPT};

	(void)state;
	for (unsigned k = 0; k < 3; k++) {
		struct cis_udp_batch *b = open_ports(1);

		put_many(b, 64, 74);
		answer(-err[k]);
		cis_udp_batch_flush(b);
		/* Segments are taken on. */
		put_many(b, 64, 74);
		cis_udp_batch_flush(b);
		assert_int_equal(sys.n_message, 2);
		expect_counts(b, 128, 0);
	}
}

static void what_cannot_be_sent_at_all_is_dropped(void **state)
{
	struct cis_udp_batch *b = open_ports(1);

	(void)state;
	put_many(b, 64, 74);
	put_many(b, 1, 75);
	answer(-ENETUNREACH);
	answer(-ENETUNREACH);
	answer(-EPERM);
	answer(-EPERM);
	cis_udp_batch_flush(b);
	expect_counts(b, 0, 65);
}

/* Linux tells once a second that nobody listens, icmp(7). */
static void a_receiver_that_refuses_once_a_second_is_not_back(void **state)
{
	struct cis_udp_batch *b = open_ports(1);
	struct cis_udp_batch_stats stats;

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		put_many(b, 100, 74);
		sys.now_ns = i * UINT64_C(20000000);
		if (i % 50 == 0) {
			answer(-ECONNREFUSED);
			sys.n_asked = sys.n_answer - 1;
		}
		cis_udp_batch_flush(b);
		assert_false(cis_udp_batch_came_back(b));
	}
	sys.now_ns += UINT64_C(2000000000);
	put_many(b, 1, 74);
	cis_udp_batch_flush(b);
	assert_true(cis_udp_batch_came_back(b));
	assert_false(cis_udp_batch_came_back(b));
	cis_udp_batch_stats(b, &stats);
	assert_int_equal(stats.refused, 10);
	cis_udp_batch_close(b);
}

static void bad_ports_and_words_are_refused_with_a_reason(void **state)
{
	static const struct {
		const char *spec;
		uint32_t n_port;
		const char *why;
	} bad[] = {
		{"udp:127.0.0.1:0", 1, "port 0"},
		{"udp:127.0.0.1:65000", 537, "65535"},
		{"udp:127.0.0.1:4713", 0, "ports"},
		{"udp:127.0.0.1:4713,ttl=3", 1, "multicast"},
		{"udp:239.1.2.3:4713,if=nosuchif0", 1, "nosuchif0"},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cis_udp_batch *b = NULL;
		struct cis_diag diag = {""};
		struct cis_addr addr;

		assert_int_equal(cis_addr_parse(bad[i].spec, &addr, NULL), 0);
		assert_int_equal(cis_addr_resolve(&addr, NULL), 0);
		assert_true(cis_udp_batch_open(&addr, bad[i].n_port, &b,
					       &diag) < 0);
		assert_null(b);
		assert_non_null(strstr(diag.msg, bad[i].why));
	}
}

static void its_name_has_all_its_ports(void **state)
{
	struct cis_udp_batch *b = open_ports(1);

	(void)state;
	assert_string_equal(cis_udp_batch_name(b), "udp:127.0.0.1:4713");
	cis_udp_batch_close(b);
	b = open_ports(1000);
	assert_string_equal(cis_udp_batch_name(b), "udp:127.0.0.1:4713-5712");
	cis_udp_batch_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			frames_of_one_size_are_64_segments_of_a_message),
		cmocka_unit_test(no_message_has_more_than_65507_bytes),
		cmocka_unit_test(each_size_and_port_is_a_message_of_its_own),
		cmocka_unit_test(
			what_is_gathered_is_sent_when_there_is_no_more_room),
		cmocka_unit_test(what_no_datagram_holds_is_dropped),
		cmocka_unit_test(what_is_no_data_is_sent_and_not_counted),
		cmocka_unit_test(the_only_port_gets_all_streams),
		cmocka_unit_test(the_rest_of_a_call_follows_in_the_next),
		cmocka_unit_test(
			a_full_socket_drops_one_message_and_counts_its_frames),
		cmocka_unit_test(
			a_full_socket_is_waited_for_where_that_is_wanted),
		cmocka_unit_test(a_socket_that_stays_full_is_given_up),
		cmocka_unit_test(
			a_device_without_checksums_gets_single_datagrams),
		cmocka_unit_test(frames_beyond_a_packet_are_no_segments),
		cmocka_unit_test(an_error_of_before_costs_nothing),
		cmocka_unit_test(what_cannot_be_sent_at_all_is_dropped),
		cmocka_unit_test(
			a_receiver_that_refuses_once_a_second_is_not_back),
		cmocka_unit_test(bad_ports_and_words_are_refused_with_a_reason),
		cmocka_unit_test(its_name_has_all_its_ports),
	};

	cis_log_set_level(CIS_LOG_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_udp_loopback.c - batches of datagrams over the loopback: every byte and
 * boundary. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "cisoid/log.h"
#include "host/net/udp_batch.h"

#define MAX_UDP 65507

struct receiver {
	int fd;
	unsigned port;
};

/* 0: the kernel chooses. False where the port is taken. */
static bool bind_receiver(struct receiver *r, int family, unsigned port)
{
	struct sockaddr_storage ss = {.ss_family = (sa_family_t)family};
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
				   .sin6_addr = in6addr_loopback};
	socklen_t len = family == AF_INET ? sizeof(in) : sizeof(in6);

	if (family == AF_INET)
		memcpy(&ss, &in, sizeof(in));
	else
		memcpy(&ss, &in6, sizeof(in6));
	cis_addr_set_port((struct sockaddr *)&ss, (uint16_t)port);
	r->fd = socket(family, SOCK_DGRAM, 0);
	if (r->fd < 0)
		return false;
	if (bind(r->fd, (struct sockaddr *)&ss, len)) {
		close(r->fd);
		return false;
	}
	assert_int_equal(getsockname(r->fd, (struct sockaddr *)&in6, &len), 0);
	r->port = ntohs(in6.sin6_port); /* at the same place in both */
	return true;
}

static struct cis_udp_batch *open_batch(const char *host, unsigned port,
					uint32_t n_port)
{
	struct cis_udp_batch *b = NULL;
	struct cis_addr addr;
	char spec[64];

	snprintf(spec, sizeof(spec), "udp:%s:%u", host, port);
	assert_int_equal(cis_addr_parse(spec, &addr, NULL), 0);
	assert_int_equal(cis_addr_resolve(&addr, NULL), 0);
	assert_int_equal(cis_udp_batch_open(&addr, n_port, &b, NULL), 0);
	return b;
}

/* Byte i of frame n. */
static uint8_t byte_of(unsigned n, size_t i)
{
	return (uint8_t)(n * 37 + i * 11 + (i >> 8) * 5);
}

static void put(struct cis_udp_batch *b, uint32_t port, unsigned n, size_t len)
{
	static uint8_t frame[MAX_UDP];

	for (size_t i = 0; i < len; i++)
		frame[i] = byte_of(n, i);
	cis_udp_batch_put(b, port, frame, len);
}

static void expect(const struct receiver *r, unsigned n, size_t len)
{
	static uint8_t frame[MAX_UDP + 1];

	/* The loopback has delivered when a call to send returns. */
	assert_int_equal(recv(r->fd, frame, sizeof(frame), MSG_DONTWAIT), len);
	for (size_t i = 0; i < len; i++)
		if (frame[i] != byte_of(n, i))
			fail_msg("byte %zu of frame %u", i, n);
}

static struct cis_udp_batch_stats stats_of(const struct cis_udp_batch *b)
{
	struct cis_udp_batch_stats stats;

	cis_udp_batch_stats(b, &stats);
	return stats;
}

static void every_byte_and_boundary_arrives_by(int family, const char *host)
{
	static const size_t len[] = {74,   74,    1, 1,     18, 1472, 1473,
				     1473, 20000, 2, 65507, 4,  4,    5};
	struct cis_udp_batch *b;
	struct receiver r = {0};

	if (!bind_receiver(&r, family, 0))
		skip();
	b = open_batch(host, r.port, 1);
	for (unsigned k = 0; k < sizeof(len) / sizeof(len[0]); k++)
		put(b, 0, k, len[k]);
	cis_udp_batch_flush(b);
	for (unsigned k = 0; k < sizeof(len) / sizeof(len[0]); k++)
		expect(&r, k, len[k]);
	for (unsigned k = 0; k < 150; k++)
		put(b, 0, k, 74);
	cis_udp_batch_flush(b);
	for (unsigned k = 0; k < 150; k++)
		expect(&r, k, 74);
	assert_int_equal(stats_of(b).dropped, 0);
	cis_udp_batch_close(b);
	close(r.fd);
}

static void every_byte_and_boundary_arrives(void **state)
{
	(void)state;
	every_byte_and_boundary_arrives_by(AF_INET, "127.0.0.1");
}

static void every_byte_and_boundary_arrives_by_ipv6(void **state)
{
	(void)state;
	every_byte_and_boundary_arrives_by(AF_INET6, "[::1]");
}

/* Ports that follow one another; some tries, as others take ports too. */
static void bind_three(struct receiver r[3])
{
	for (unsigned try = 0; try < 100; try++) {
		assert_true(bind_receiver(&r[0], AF_INET, 0));
		if (r[0].port < 65530 &&
		    bind_receiver(&r[1], AF_INET, r[0].port + 1)) {
			if (bind_receiver(&r[2], AF_INET, r[0].port + 2))
				return;
			close(r[1].fd);
		}
		close(r[0].fd);
	}
	fail_msg("no three ports in a row");
}

static void each_port_gets_its_own(void **state)
{
	struct receiver r[3];
	struct cis_udp_batch *b;

	(void)state;
	bind_three(r);
	b = open_batch("127.0.0.1", r[0].port, 3);
	for (unsigned k = 0; k < 30; k++)
		put(b, k % 3, k, 74);
	put(b, 1, 30, 200);
	put(b, 1, 31, 200);
	cis_udp_batch_flush(b);
	for (unsigned k = 0; k < 30; k++)
		expect(&r[k % 3], k, 74);
	expect(&r[1], 30, 200);
	expect(&r[1], 31, 200);
	/* Without one of them, the others get theirs. */
	close(r[1].fd);
	for (unsigned k = 0; k < 60; k++)
		put(b, k % 3, k, 74);
	cis_udp_batch_flush(b);
	for (unsigned k = 0; k < 60; k++)
		if (k % 3 != 1)
			expect(&r[k % 3], k, 74);
	assert_int_equal(stats_of(b).dropped, 0);
	assert_true(stats_of(b).refused > 0);
	assert_false(cis_udp_batch_came_back(b));
	cis_udp_batch_close(b);
	close(r[0].fd);
	close(r[2].fd);
}

static void a_receiver_that_comes_back_is_noticed(void **state)
{
	struct cis_udp_batch *b;
	struct receiver r = {0};
	unsigned n = 0;

	(void)state;
	assert_true(bind_receiver(&r, AF_INET, 0));
	b = open_batch("127.0.0.1", r.port, 1);
	close(r.fd);
	for (unsigned k = 0; k < 50; k++) {
		for (unsigned i = 0; i < 64; i++)
			put(b, 0, i, 74);
		cis_udp_batch_flush(b);
		assert_false(cis_udp_batch_came_back(b));
	}
	assert_true(stats_of(b).refused >= 49);
	assert_int_equal(stats_of(b).sent, 50 * 64);
	assert_true(bind_receiver(&r, AF_INET, r.port));
	do {
		put(b, 0, n, 74);
		cis_udp_batch_flush(b);
		expect(&r, n++, 74);
	} while (!cis_udp_batch_came_back(b));
	assert_int_equal(stats_of(b).sent, 50 * 64 + n);
	cis_udp_batch_close(b);
	close(r.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_and_boundary_arrives),
		cmocka_unit_test(every_byte_and_boundary_arrives_by_ipv6),
		cmocka_unit_test(each_port_gets_its_own),
		cmocka_unit_test(a_receiver_that_comes_back_is_noticed),
	};

	cis_log_set_level(CIS_LOG_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

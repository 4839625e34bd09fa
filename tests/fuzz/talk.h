/*
 * talk.h - for the fuzzers of the conversation: a script of bytes that is read
 * step by step, and a socket on the loopback with what came over it.
 *
 * Loop, server and client run in one thread; whatever a step sends has arrived
 * when the answer to something that was sent after it has.
 */
#ifndef TESTS_FUZZ_TALK_H
#define TESTS_FUZZ_TALK_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "cisoid/c37.h"

#define TALK_IDCODE  7
#define TALK_TURNS   3     /* of the loop, for what loopback brings at once */
#define TALK_WAIT_MS 10000 /* for an answer that must come */

static inline void talk_must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

/* ---- script ---- */

struct script {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t script_byte(struct script *s)
{
	if (s->left == 0)
		return 0;
	s->left--;
	return *s->at++;
}

/* Up to n of its bytes. */
static inline size_t script_bytes(struct script *s, size_t n,
				  const uint8_t **bytes)
{
	if (n > s->left)
		n = s->left;
	*bytes = s->at;
	s->at += n;
	s->left -= n;
	return n;
}

/* ---- frames ---- */

/* CHK anew, clause 6.2, bit by bit. */
static inline void talk_seal(uint8_t *frame, size_t len)
{
	uint16_t crc = 0xFFFF;

	for (size_t i = 0; i + 2 < len; i++) {
		crc ^= (uint16_t)(frame[i] << 8);
		for (int k = 0; k < 8; k++)
			crc = (uint16_t)(crc << 1 ^
					 (crc & 0x8000 ? 0x1021 : 0));
	}
	frame[len - 2] = (uint8_t)(crc >> 8);
	frame[len - 1] = (uint8_t)crc;
}

/* ---- loop and sockets ---- */

static inline void talk_turn(uv_loop_t *loop, int n)
{
	while (n-- > 0)
		uv_run(loop, UV_RUN_NOWAIT);
}

/* False once an answer that must come has not. */
static inline bool talk_patient(uv_loop_t *loop, uint64_t since_ms)
{
	uv_run(loop, UV_RUN_NOWAIT);
	uv_update_time(loop);
	return uv_now(loop) - since_ms < TALK_WAIT_MS;
}

/* An address of this process alone: ports that another one has left may still
 * be sent to. */
static inline struct in_addr talk_address(void)
{
	uint32_t pid = (uint32_t)getpid();

	return (struct in_addr){htonl(0x7F000000 | (pid & 0x7FFFFF) << 1 | 1)};
}

static inline const char *talk_name(char buf[INET_ADDRSTRLEN])
{
	const struct in_addr in = talk_address();

	return inet_ntop(AF_INET, &in, buf, INET_ADDRSTRLEN);
}

/* A socket on any free port of it. */
static inline int talk_socket(int type)
{
	const struct sockaddr_in in = {.sin_family = AF_INET,
				       .sin_addr = talk_address()};
	int fd = socket(AF_INET, type, 0);

	talk_must(fd >= 0 &&
			  !bind(fd, (const struct sockaddr *)&in, sizeof(in)),
		  "a port on the loopback");
	return fd;
}

struct line {
	int fd; /* -1: closed */
	bool datagrams;
	struct cis_c37_splitter splitter;
	uint8_t split_buf[CIS_C37_MAX_FRAME];
	uint8_t rx[CIS_C37_MAX_FRAME + 1];
};

static inline void line_open(struct line *l, int fd, bool datagrams)
{
	const int one = 1;

	talk_must(fd >= 0, "there are sockets");
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (!datagrams)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	l->fd = fd;
	l->datagrams = datagrams;
	cis_c37_splitter_init(&l->splitter, l->split_buf, sizeof(l->split_buf));
}

/* At once, and without the minute that a port would wait otherwise. */
static inline void line_close(struct line *l)
{
	const struct linger now = {.l_onoff = 1, .l_linger = 0};

	if (l->fd < 0)
		return;
	setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(l->fd);
	l->fd = -1;
}

static inline void line_send(struct line *l, const uint8_t *bytes, size_t len)
{
	if (l->fd >= 0 && len > 0)
		(void)!send(l->fd, bytes, len, MSG_NOSIGNAL);
}

/*
 * Reads what is there and hands over every frame; what is none breaks the test.
 * False when the other side has closed.
 */
static inline bool
line_read(struct line *l,
	  void (*take)(void *arg, const uint8_t *frame, size_t len), void *arg)
{
	for (;;) {
		const uint8_t *data = l->rx, *frame;
		ssize_t n = recv(l->fd, l->rx, sizeof(l->rx), 0);
		size_t left = n > 0 ? (size_t)n : 0;
		int len;

		if (n < 0)
			return errno == EAGAIN || errno == ECONNREFUSED;
		if (n == 0)
			return false;
		while ((len = cis_c37_splitter_next(&l->splitter, &data, &left,
						    &frame)) > 0)
			take(arg, frame, (size_t)len);
		talk_must(l->splitter.skipped == 0, "only frames are sent");
		talk_must(!l->datagrams || l->splitter.fill == l->splitter.done,
			  "a datagram holds whole frames");
	}
}

#endif

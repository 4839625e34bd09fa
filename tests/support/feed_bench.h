/*
 * feed_bench.h - a feed on the loop of the test, and sockets that talk to it.
 *
 * Everything runs in one thread: the loop is turned until what is expected has
 * come, at most PATIENCE_MS.
 */
#ifndef TESTS_FEED_BENCH_H
#define TESTS_FEED_BENCH_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "check.h"
#include "cisoid/c37.h"
#include "cisoid/utc.h"
#include "host/net/addr.h"
#include "host/net/feed.h"

#define BENCH_IDCODE 7
#define BENCH_RATE   50
#define PATIENCE_MS  20000 /* for a busy machine */

struct bench {
	uv_loop_t loop;
	struct cis_feed *feed;
	struct cis_report rep; /* the next one to be put */
	struct cis_diag diag;
};

/* A socket with the frames that came over it. */
struct line {
	int fd;
	bool datagrams;
	struct cis_c37_splitter splitter;
	uint8_t split_buf[CIS_C37_MAX_FRAME];
	const uint8_t *left; /* in rx, not yet split */
	size_t n_left;
	uint8_t rx[65536];
	uint8_t frame[CIS_C37_MAX_FRAME];
};

static inline struct cis_c37_config *bench_config(uint32_t n_chan)
{
	static struct cis_chan_map map;
	const struct cis_c37_stream_opts opts = {.idcode = BENCH_IDCODE,
						 .station = "BENCH-SIM",
						 .format = 0xF,
						 .rate = {BENCH_RATE, 1},
						 .fnom_hz = 50,
						 .version = 1};
	struct cis_c37_config *cfg;

	memset(&map, 0, sizeof(map));
	map.n_chan = n_chan;
	for (uint32_t i = 0; i < n_chan; i++) {
		snprintf(map.chan[i].name, CIS_NAME_SIZE, "CH%u", i);
		map.chan[i].nominal_rms = 120;
	}
	assert_int_equal(cis_c37_config_for_map(&map, &opts, &cfg, NULL), 0);
	return cfg;
}

/* `limits` has all but the loop, the configuration and the header. */
static inline void bench_open_limits(struct bench *b, uint32_t n_chan,
				     struct cis_feed_config limits)
{
	struct cis_feed_config fc = limits;

	fc.loop = &b->loop;
	fc.cfg = bench_config(n_chan);
	fc.header = "a bench";
	memset(&b->rep, 0, sizeof(b->rep));
	b->diag.msg[0] = '\0';
	b->rep.at = (struct cis_instant){.tai_s = cis_tai_from_soc(1700000040),
					 .rate = {BENCH_RATE, 1}};
	b->rep.freq_hz = 50.125;
	b->rep.rocof_hz_per_s = -0.5;
	b->rep.n_chan = b->rep.n_phasor = n_chan;
	for (uint32_t i = 0; i < n_chan; i++)
		b->rep.phasor_rms[i] = 100 + i;
	assert_int_equal(uv_loop_init(&b->loop), 0);
	assert_int_equal(cis_feed_new(&fc, &b->feed, &b->diag), 0);
}

static inline void bench_open_with(struct bench *b, uint32_t n_chan,
				   uint64_t stall_ms)
{
	bench_open_limits(
		b, n_chan,
		(struct cis_feed_config){.stall_ms = stall_ms,
					 .cfg_every_s = CIS_FEED_CFG_EVERY_S});
}

static inline void bench_open(struct bench *b)
{
	bench_open_with(b, 3, 0);
}

/* Fails if a handle is forgotten: the loop would not end, or not close. */
static inline void bench_close(struct bench *b)
{
	cis_feed_close(b->feed);
	uv_run(&b->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&b->loop), 0);
}

static inline const char *bench_add(struct bench *b, enum cis_feed_role role,
				    const char *spec)
{
	unsigned n = 0;

	while (cis_feed_endpoint(b->feed, n))
		n++;
	if (cis_feed_add(b->feed, role, spec, &b->diag))
		fail_msg("%s: %s", spec, b->diag.msg);
	return cis_feed_endpoint(b->feed, n);
}

static inline void bench_put(struct bench *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		cis_feed_put(b->feed, &b->rep);
		b->rep.at = cis_instant_next(b->rep.at);
		b->rep.freq_hz += 1.0 / 1024; /* exact as a float */
	}
}

static inline struct cis_feed_stats bench_stats(const struct bench *b)
{
	struct cis_feed_stats stats;

	cis_feed_stats(b->feed, &stats);
	return stats;
}

/* Frames, until the one client that has data on and reads none takes no more. */
static inline void bench_fill(struct bench *b)
{
	uint64_t sent;

	do {
		sent = bench_stats(b).sent;
		bench_put(b, 1);
		uv_run(&b->loop, UV_RUN_NOWAIT);
	} while (bench_stats(b).sent > sent);
}

static inline bool bench_patient(struct bench *b, uint64_t since_ms)
{
	uv_run(&b->loop, UV_RUN_NOWAIT);
	uv_update_time(&b->loop);
	return uv_now(&b->loop) - since_ms < PATIENCE_MS;
}

static inline void bench_until_clients(struct bench *b, uint32_t n)
{
	uint64_t since_ms = uv_now(&b->loop);

	while (bench_stats(b).clients != n && bench_patient(b, since_ms))
		;
	assert_int_equal(bench_stats(b).clients, n);
}

/* ---- lines ---- */

static inline socklen_t line_address(const char *endpoint,
				     struct sockaddr_storage *ss)
{
	struct cis_addr addr;

	assert_int_equal(cis_addr_parse(endpoint, &addr, NULL), 0);
	assert_int_equal(cis_addr_resolve(&addr, NULL), 0);
	*ss = addr.ss[0];
	return ss->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					 : sizeof(struct sockaddr_in);
}

static inline void line_init(struct line *l, int fd, bool datagrams)
{
	assert_true(fd >= 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	l->fd = fd;
	l->datagrams = datagrams;
	l->n_left = 0;
	cis_c37_splitter_init(&l->splitter, l->split_buf, sizeof(l->split_buf));
}

/* Connects; the kernel answers for the server. rcvbuf 0: the usual. */
static inline void line_dial(struct line *l, const char *endpoint, int rcvbuf)
{
	bool udp = endpoint[0] == 'u';
	struct sockaddr_storage ss;
	socklen_t len = line_address(endpoint, &ss);
	int fd = socket(ss.ss_family, udp ? SOCK_DGRAM : SOCK_STREAM, 0);

	if (rcvbuf)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	assert_int_equal(connect(fd, (struct sockaddr *)&ss, len), 0);
	line_init(l, fd, udp);
}

/* A UDP receiver on the loopback; its endpoint is written to `spec`. */
static inline void line_bind(struct line *l, unsigned port, char spec[32])
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	snprintf(spec, 32, "udp:127.0.0.1:%u", ntohs(in.sin_port));
	line_init(l, fd, true);
}

static inline size_t command_bytes(uint16_t idcode, int command,
				   uint8_t buf[32])
{
	int len =
		cis_c37_command_encode(1, idcode, (struct cis_split_time){0, 0},
				       (uint16_t)command, buf, 32);

	assert_int_equal(len, 18);
	return 18;
}

static inline void line_bytes(struct line *l, const uint8_t *buf, size_t len)
{
	assert_int_equal(send(l->fd, buf, len, MSG_NOSIGNAL), len);
}

static inline void line_command(struct line *l, uint16_t idcode, int command)
{
	uint8_t buf[32];

	line_bytes(l, buf, command_bytes(idcode, command, buf));
}

static inline int line_split(struct line *l)
{
	const uint8_t *frame;
	int n;

	if (l->datagrams) {
		n = (int)l->n_left;
		memcpy(l->frame, l->rx, l->n_left);
		l->n_left = 0;
		return n ? n : -EAGAIN;
	}
	n = cis_c37_splitter_next(&l->splitter, &l->left, &l->n_left, &frame);
	if (n > 0)
		memcpy(l->frame, frame, (size_t)n);
	return n;
}

/* The next frame's length, 0 when the other side has closed. */
static inline int line_next(struct bench *b, struct line *l)
{
	uint64_t since_ms = uv_now(&b->loop);

	do {
		int len = l->n_left ? line_split(l) : -EAGAIN;
		ssize_t n;

		if (len > 0)
			return len;
		n = recv(l->fd, l->rx, sizeof(l->rx), 0);
		if (n == 0 ||
		    (n < 0 && errno != EAGAIN && errno != ECONNREFUSED))
			return 0;
		l->left = l->rx;
		l->n_left = n > 0 ? (size_t)n : 0;
	} while (bench_patient(b, since_ms) || l->n_left);
	fail_msg("no frame came");
	return 0;
}

/* The next frame must be of this type, with a good CRC. Returns its length. */
static inline size_t line_expect(struct bench *b, struct line *l,
				 enum cis_c37_type type)
{
	struct cis_c37_head head;
	int len = line_next(b, l);

	assert_true(len > 0);
	assert_int_equal(cis_c37_peek(l->frame, (size_t)len, &head), len);
	assert_true(cis_c37_crc_ok(l->frame, (size_t)len));
	assert_int_equal(head.type, type);
	assert_int_equal(head.idcode, BENCH_IDCODE);
	return (size_t)len;
}

/* Everything sent so far has been obeyed: a header is asked for and comes next,
 * with nothing before it. */
static inline void line_quiet(struct bench *b, struct line *l)
{
	line_command(l, BENCH_IDCODE, CIS_C37_CMD_SEND_HDR);
	line_expect(b, l, CIS_C37_HDR);
}

/* The same, whatever comes before it. */
static inline void line_sync(struct bench *b, struct line *l)
{
	struct cis_c37_head head;

	line_command(l, BENCH_IDCODE, CIS_C37_CMD_SEND_HDR);
	do {
		int len = line_next(b, l);

		assert_true(len > 0);
		cis_c37_peek(l->frame, (size_t)len, &head);
	} while (head.type != CIS_C37_HDR);
}

static inline uint32_t frame_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

#endif

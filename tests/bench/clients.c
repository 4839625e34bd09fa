/*
 * clients.c - what a server with many TCP clients costs: bench_clients [S].
 *
 * One process serves n clients of a feed and, between its frames, n bare sockets
 * with nothing but send() in a loop, so that both see the same machine. Another
 * reads all of them. JSON, times in microseconds: `send` is from the start of a
 * frame to the last client's send, `last` to the last client's read, `spread`
 * from the first client's read to the last one's.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"
#include "host/net/addr.h"
#include "host/net/descriptors.h"
#include "host/net/feed.h"
#include "host/net/ticker.h"

#define RATE      50
#define PERIOD_NS 20000000 /* 1/RATE */
#define SOC       1700000040
#define MAX_FRAME 512 /* bytes */
#define MAX_TICKS (600 * RATE)

enum kind { FEED, BARE };

struct tick {
	int64_t start_ns, sent_ns, cpu_ns; /* by the server */
	int64_t first_ns, last_ns;         /* by the reader */
	uint32_t n;                        /* clients that have it */
};

/* Between server and reader. */
struct board {
	atomic_bool done;
	uint64_t lost[2];
	struct tick tick[2][MAX_TICKS];
};

struct run {
	unsigned n, n_tick;
	bool stopped; /* one more client of the feed, which is stopped */
	uv_loop_t loop;
	struct cis_ticker ticker;
	struct cis_feed *feed;
	struct cis_report rep;
	struct board *board;
	int listener, *bare;
	size_t frame_len;
	int64_t start_ns, cpu_bare_ns, cpu_start_ns, cpu_ns;
	unsigned turn;
	uint64_t bare_lost;
	long rss_before, rss_after;
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_clients: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* ---- the reader ---- */

struct socket {
	int fd;
	enum kind kind;
	int64_t next; /* frame; -1 before the first */
	size_t fill;
	uint8_t buf[8 * MAX_FRAME];
};

static uint32_t u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static void put_u32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static int dial(unsigned port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	must(fd >= 0 && !connect(fd, (struct sockaddr *)&in, sizeof(in)),
	     "cannot connect");
	return fd;
}

static void data_on(int fd)
{
	uint8_t buf[32];
	int len = cis_c37_command_encode(1, 1, (struct cis_split_time){0, 0},
					 CIS_C37_CMD_DATA_ON, buf, sizeof(buf));

	must(send(fd, buf, (size_t)len, 0) == len, "cannot command");
}

static void note_frame(struct board *b, struct socket *s, const uint8_t *frame,
		       int64_t now_ns)
{
	int64_t i = (int64_t)(u32(frame + 6) - SOC) * RATE +
		    (u32(frame + 10) & 0xFFFFFF) / (1000000 / RATE);
	struct tick *t = &b->tick[s->kind][i];

	if (s->next >= 0 && i != s->next)
		b->lost[s->kind] += (uint64_t)llabs(i - s->next);
	s->next = i + 1;
	if (t->n++ == 0)
		t->first_ns = now_ns;
	t->last_ns = now_ns;
}

static void read_socket(struct board *b, struct socket *s, size_t frame_len)
{
	ssize_t n = recv(s->fd, s->buf + s->fill, sizeof(s->buf) - s->fill, 0);
	int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	size_t at = 0;

	must(n > 0, "a client was cut off");
	s->fill += (size_t)n;
	for (; s->fill - at >= frame_len; at += frame_len)
		note_frame(b, s, s->buf + at, now_ns);
	s->fill -= at;
	memmove(s->buf, s->buf + at, s->fill);
}

static void open_sockets(const struct run *r, struct socket *s, int ep,
			 const unsigned port[2])
{
	for (unsigned i = 0; i < 2 * r->n; i++) {
		struct epoll_event ev = {.events = EPOLLIN, .data.ptr = &s[i]};

		s[i].kind = i < r->n ? FEED : BARE;
		s[i].fd = dial(port[s[i].kind]);
		s[i].next = -1;
		must(!epoll_ctl(ep, EPOLL_CTL_ADD, s[i].fd, &ev), "epoll");
		if (s[i].kind == FEED)
			data_on(s[i].fd);
	}
}

static void reader(const struct run *r, const unsigned port[2])
{
	struct socket *s = calloc(2 * r->n, sizeof(*s));
	struct epoll_event ev[256];
	int ep = epoll_create1(0);

	must(s != NULL, "out of memory");
	open_sockets(r, s, ep, port);
	while (!atomic_load(&r->board->done)) {
		int n = epoll_wait(ep, ev, 256, 100);

		for (int i = 0; i < n; i++)
			read_socket(r->board, ev[i].data.ptr, r->frame_len);
	}
	_exit(0);
}

/* Asks for data and is stopped: never reads. */
static void sleeper(unsigned port)
{
	data_on(dial(port));
	raise(SIGSTOP);
	_exit(0);
}

/* ---- the server ---- */

static long rss_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long size = 0, rss = 0;

	must(f && fscanf(f, "%ld %ld", &size, &rss) == 2, "no /proc");
	fclose(f);
	return rss * sysconf(_SC_PAGESIZE);
}

static void send_bare(struct run *r, unsigned i)
{
	struct tick *t = &r->board->tick[BARE][i];
	uint8_t frame[MAX_FRAME] = {0xAA, 0x01};
	int64_t cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	put_u32(frame + 6, SOC + i / RATE);
	put_u32(frame + 10, i % RATE * (1000000 / RATE));
	t->start_ns = clock_ns(CLOCK_MONOTONIC);
	for (unsigned k = 0; k < r->n; k++)
		if (send(r->bare[k], frame, r->frame_len,
			 MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)r->frame_len)
			r->bare_lost++;
	t->sent_ns = clock_ns(CLOCK_MONOTONIC);
	t->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
	r->cpu_bare_ns += t->cpu_ns;
}

static void send_feed(struct run *r, unsigned i)
{
	struct tick *t = &r->board->tick[FEED][i];
	int64_t cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	t->start_ns = clock_ns(CLOCK_MONOTONIC);
	cis_feed_put(r->feed, &r->rep);
	t->sent_ns = clock_ns(CLOCK_MONOTONIC);
	t->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
	r->rep.at = cis_instant_next(r->rep.at);
}

/* Feed and bare loop by turns, half a period apart. */
static void on_tick(void *arg)
{
	struct run *r = arg;

	if (r->turn == 2 * r->n_tick) {
		r->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - r->cpu_start_ns;
		uv_stop(&r->loop);
		return;
	}
	if (r->turn % 2)
		send_bare(r, r->turn / 2);
	else
		send_feed(r, r->turn / 2);
	r->turn++;
	cis_ticker_arm(&r->ticker, r->start_ns + r->turn * (PERIOD_NS / 2) -
					   clock_ns(CLOCK_MONOTONIC));
}

static unsigned listen_bare(struct run *r)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(in);

	r->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	must(!bind(r->listener, (struct sockaddr *)&in, len) &&
		     !listen(r->listener, 4096) &&
		     !getsockname(r->listener, (struct sockaddr *)&in, &len),
	     "cannot listen");
	return ntohs(in.sin_port);
}

static unsigned open_feed(struct run *r)
{
	static struct cis_chan_map map = {.n_chan = 6};
	const struct cis_c37_stream_opts opts = {.idcode = 1,
						 .station = "BENCH-SIM",
						 .format = 0xF,
						 .rate = {RATE, 1},
						 .fnom_hz = 50,
						 .version = 1};
	struct cis_feed_config fc = {.loop = &r->loop, .header = "bench"};
	struct cis_diag diag = {""};
	char spec[64];

	for (unsigned i = 0; i < map.n_chan; i++)
		snprintf(map.chan[i].name, CIS_NAME_SIZE, "CH%u", i);
	must(!cis_c37_config_for_map(&map, &opts, &fc.cfg, &diag), diag.msg);
	r->frame_len = cis_c37_data_len(fc.cfg);
	r->rep.at = (struct cis_instant){.tai_s = cis_tai_from_soc(SOC),
					 .rate = {RATE, 1}};
	r->rep.n_chan = r->rep.n_phasor = map.n_chan;
	snprintf(spec, sizeof(spec), "tcp:127.0.0.1:0,clients=%u", r->n + 1);
	must(!cis_feed_new(&fc, &r->feed, &diag) &&
		     !cis_feed_add(r->feed, CIS_FEED_LISTEN, spec, &diag),
	     diag.msg);
	return (unsigned)atoi(strrchr(cis_feed_endpoint(r->feed, 0), ':') + 1);
}

/* All have come and want data. */
static void gather(struct run *r)
{
	struct cis_feed_stats stats = {0};
	int on = 1;

	r->rss_before = rss_bytes();
	while (stats.clients_running < r->n + r->stopped) {
		uv_run(&r->loop, UV_RUN_NOWAIT);
		cis_feed_stats(r->feed, &stats);
	}
	r->rss_after = rss_bytes();
	for (unsigned i = 0; i < r->n; i++) {
		while ((r->bare[i] = accept(r->listener, NULL, NULL)) < 0)
			must(errno == EAGAIN, "cannot accept");
		setsockopt(r->bare[i], IPPROTO_TCP, TCP_NODELAY, &on,
			   sizeof(on));
	}
}

/* ---- what comes out ---- */

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int64_t of(const struct tick *t, const char *what)
{
	if (!strcmp(what, "send"))
		return t->sent_ns - t->start_ns;
	if (!strcmp(what, "cpu"))
		return t->cpu_ns;
	if (!strcmp(what, "last"))
		return t->last_ns - t->start_ns;
	return t->last_ns - t->first_ns;
}

/* The quantile of one figure, in us. */
static double quantile(const struct run *r, enum kind kind, const char *what,
		       double q)
{
	static int64_t v[MAX_TICKS];

	for (unsigned i = 0; i < r->n_tick; i++)
		v[i] = of(&r->board->tick[kind][i], what);
	qsort(v, r->n_tick, sizeof(v[0]), by_size);
	return (double)v[(unsigned)(q * (r->n_tick - 1))] / 1e3;
}

static void print_kind(const struct run *r, enum kind kind, double cpu_ns)
{
	static const char *const what[] = {"send", "last", "spread"};
	uint64_t due = (uint64_t)r->n * r->n_tick, got = 0;

	for (unsigned i = 0; i < r->n_tick; i++)
		got += r->board->tick[kind][i].n;
	printf("\"%s\":{\"lost\":%llu,\"out_of_order\":%llu,"
	       "\"cpu_pct\":%.2f",
	       kind == FEED ? "feed" : "bare", (unsigned long long)(due - got),
	       (unsigned long long)r->board->lost[kind],
	       100 * cpu_ns / ((double)r->n_tick * PERIOD_NS));
	for (unsigned i = 0; i < 3; i++)
		printf(",\"%s_p50\":%.1f,\"%s_p99\":%.1f", what[i],
		       quantile(r, kind, what[i], 0.5), what[i],
		       quantile(r, kind, what[i], 0.99));
	printf("}");
}

static void print_run(const struct run *r)
{
	double feed_ns = (double)(r->cpu_ns - r->cpu_bare_ns);

	printf("{\"clients\":%u,\"stopped\":%d,\"frames\":%u,"
	       "\"frame_bytes\":%zu,\"bytes_per_client\":%ld,",
	       r->n, r->stopped, r->n_tick, r->frame_len,
	       (r->rss_after - r->rss_before) / (long)r->n);
	print_kind(r, FEED, feed_ns);
	printf(",");
	print_kind(r, BARE, (double)r->cpu_bare_ns);
	printf(",\"cpu_ratio\":%.3f,\"send_p99_ratio\":%.3f}",
	       feed_ns / (double)r->cpu_bare_ns,
	       quantile(r, FEED, "send", 0.99) /
		       quantile(r, BARE, "send", 0.99));
}

/* ---- one run ---- */

static pid_t start(const struct run *r, const unsigned port[2], bool sleeps)
{
	pid_t pid = fork();

	must(pid >= 0, "cannot fork");
	if (pid == 0 && sleeps)
		sleeper(port[FEED]);
	if (pid == 0)
		reader(r, port);
	return pid;
}

static void linger(struct run *r)
{
	int64_t until_ns = clock_ns(CLOCK_MONOTONIC) + 500000000;

	while (clock_ns(CLOCK_MONOTONIC) < until_ns)
		uv_run(&r->loop, UV_RUN_NOWAIT);
}

static void run(unsigned n, unsigned n_tick, bool stopped)
{
	struct run r = {.n = n, .n_tick = n_tick, .stopped = stopped};
	pid_t pid, asleep = 0;
	unsigned port[2];

	r.board = mmap(NULL, sizeof(*r.board), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	r.bare = calloc(n, sizeof(*r.bare));
	must(r.board != MAP_FAILED && r.bare, "out of memory");
	must(cis_descriptors_reserve(2 * n + 64) == 2 * n + 64,
	     "too few descriptors");
	uv_loop_init(&r.loop);
	port[FEED] = open_feed(&r);
	port[BARE] = listen_bare(&r);
	must(!cis_ticker_init(&r.ticker, &r.loop, on_tick, &r), "no timer");
	pid = start(&r, port, false);
	if (stopped)
		asleep = start(&r, port, true);
	gather(&r);
	r.cpu_start_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	r.start_ns = clock_ns(CLOCK_MONOTONIC);
	cis_ticker_arm(&r.ticker, 0);
	uv_run(&r.loop, UV_RUN_DEFAULT);
	linger(&r);
	atomic_store(&r.board->done, true);
	waitpid(pid, NULL, 0);
	if (stopped) {
		kill(asleep, SIGKILL);
		waitpid(asleep, NULL, 0);
	}
	print_run(&r);
	for (unsigned i = 0; i < n; i++)
		close(r.bare[i]);
	close(r.listener);
	cis_ticker_close(&r.ticker);
	cis_feed_close(r.feed);
	uv_run(&r.loop, UV_RUN_DEFAULT);
	uv_loop_close(&r.loop);
	munmap(r.board, sizeof(*r.board));
	free(r.bare);
}

int main(int argc, char **argv)
{
	unsigned s = argc > 1 ? (unsigned)atoi(argv[1]) : 10;
	unsigned n_tick = s < 1 ? RATE : s > 600 ? MAX_TICKS : s * RATE;

	signal(SIGPIPE, SIG_IGN);
	cis_log_set_level(CIS_LOG_ERR);
	printf("{\"runs\":[");
	run(50, n_tick, false);
	printf(",\n");
	run(1000, n_tick, false);
	printf(",\n");
	run(1000, n_tick, true);
	printf("]}\n");
	return 0;
}

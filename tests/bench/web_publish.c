/*
 * web_publish.c - what an event for the page costs who publishes it:
 * bench_web_publish [S].
 *
 * In another process 20 browsers follow, 5 have stopped reading, and 4 ask for
 * the state over and over. For S seconds (10) a small and a large event are
 * published by turns, 100 a second; beside each, as its peer, so many bytes are
 * copied into a ring of the same size under a mutex that nobody else wants. JSON,
 * times in microseconds; the exit status says whether p99 is what is promised.
 * Others that use the processors are in that figure; chrt -r 5 leaves them out.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/net/web/web.h"

#define N_READER  20
#define N_STOPPED 5
#define N_ASKER   4
#define N_CLIENT  (N_READER + N_STOPPED + N_ASKER)
#define PERIOD_NS 10000000
#define RING_SIZE (4 * 1024 * 1024)
#define SMALL     4096
#define LARGE     60000

/* What is promised. */
#define MUST_P99_US 50.0

struct series {
	size_t len;
	unsigned n;
	double *publish_us, *peer_us;
};

struct peer {
	pthread_mutex_t lock;
	size_t at;
	char *ring;
};

/* ---- the browsers ---- */

static int connect_to(uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		perror("bench_web_publish: connect");
		_exit(1);
	}
	return fd;
}

static void ask(int fd, const char *path)
{
	char text[128];
	int n = snprintf(text, sizeof(text),
			 "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);

	if (write(fd, text, (size_t)n) != n)
		_exit(1);
}

/* Until the parent closes the pipe; then it is told the bytes read. */
static void browse(uint16_t port, int from_parent, int to_parent)
{
	static char buf[262144];
	struct pollfd fds[N_CLIENT + 1] = {
		{.fd = from_parent, .events = POLLIN}};
	unsigned long long n_byte = 0;

	for (unsigned i = 0; i < N_CLIENT; i++) {
		const bool reads = i < N_READER || i >= N_READER + N_STOPPED;

		fds[i + 1].fd = connect_to(port);
		fds[i + 1].events = reads ? POLLIN : 0;
		ask(fds[i + 1].fd,
		    i < N_READER + N_STOPPED ? "/api/events" : "/api/state");
	}
	while (poll(fds, N_CLIENT + 1, -1) > 0 && !fds[0].revents)
		for (unsigned i = 1; i <= N_CLIENT; i++) {
			ssize_t n = 0;

			if (fds[i].revents & POLLIN)
				n = read(fds[i].fd, buf, sizeof(buf));
			if (n > 0 && i <= N_READER)
				n_byte += (unsigned long long)n;
			if (n > 0 && i > N_READER + N_STOPPED)
				ask(fds[i].fd, "/api/state");
		}
	_exit(write(to_parent, &n_byte, sizeof(n_byte)) != sizeof(n_byte));
}

/* ---- who publishes ---- */

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void copy(struct peer *peer, const char *from, size_t len)
{
	pthread_mutex_lock(&peer->lock);
	if (peer->at + len > RING_SIZE)
		peer->at = 0;
	memcpy(peer->ring + peer->at, from, len);
	peer->at += len;
	pthread_mutex_unlock(&peer->lock);
}

static void measure(struct cis_web *web, struct peer *peer, struct series *s)
{
	static char json[LARGE];
	double start_us;

	memset(json, 'x', s->len);
	json[0] = json[s->len - 1] = '"';
	start_us = now_us();
	if (cis_web_publish(web, "report", json, s->len))
		abort();
	s->publish_us[s->n] = now_us() - start_us;
	start_us = now_us();
	copy(peer, json, s->len);
	s->peer_us[s->n++] = now_us() - start_us;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double print(const char *name, double *us, unsigned n)
{
	double p99_us;

	qsort(us, n, sizeof(*us), compare);
	p99_us = us[n - 1 - n / 100];
	printf("    \"%s\": {\"p50\": %.1f, \"p99\": %.1f, \"max\": %.1f}",
	       name, us[n / 2], p99_us, us[n - 1]);
	return p99_us;
}

static bool report(const char *name, struct series *s)
{
	double p99_us;

	printf("  \"%s\": {\n    \"bytes\": %zu, \"events\": %u,\n", name,
	       s->len, s->n);
	p99_us = print("publish_us", s->publish_us, s->n);
	puts(",");
	print("memcpy_and_mutex_us", s->peer_us, s->n);
	puts("\n  },");
	return p99_us <= MUST_P99_US;
}

static struct series series_new(size_t len, unsigned n)
{
	struct series s = {len, 0, calloc(n, sizeof(double)),
			   calloc(n, sizeof(double))};

	if (!s.publish_us || !s.peer_us)
		abort();
	return s;
}

static void publish(uv_loop_t *loop, struct cis_web *web, struct series *s,
		    unsigned n)
{
	struct peer peer = {.ring = malloc(RING_SIZE)};
	struct timespec next;

	if (!peer.ring || pthread_mutex_init(&peer.lock, NULL))
		abort();
	memset(peer.ring, 1, RING_SIZE);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (unsigned i = 0; i < n; i++) {
		next.tv_nsec += PERIOD_NS;
		next.tv_sec += next.tv_nsec / 1000000000;
		next.tv_nsec %= 1000000000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		measure(web, &peer, &s[i % 2]);
		uv_run(loop, UV_RUN_NOWAIT);
	}
	free(peer.ring);
}

static bool follow(struct cis_web *web)
{
	struct cis_web_stats stats;

	for (unsigned i = 0; i < 1000; i++) {
		const struct timespec ms = {0, 10000000};

		cis_web_stats(web, &stats);
		if (stats.n_reader == N_READER + N_STOPPED)
			return true;
		nanosleep(&ms, NULL);
	}
	return false;
}

static int run(uv_loop_t *loop, int pipes[2][2], unsigned n)
{
	struct cis_web_config config = {.loop = loop, .bind = "127.0.0.1:0"};
	struct series s[2] = {series_new(SMALL, n), series_new(LARGE, n)};
	unsigned long long n_byte = 0;
	struct cis_diag diag;
	struct cis_web *web;
	uint16_t port;
	bool good;

	if (cis_web_open(&config, &web, &diag)) {
		fprintf(stderr, "bench_web_publish: %s\n", diag.msg);
		return 1;
	}
	cis_web_set(web, "/api/state", "{}", 2);
	port = (uint16_t)atoi(strrchr(cis_web_url(web), ':') + 1);
	if (write(pipes[0][1], &port, sizeof(port)) != sizeof(port) ||
	    !follow(web))
		return 1;
	publish(loop, web, s, n);
	close(pipes[0][1]);
	if (read(pipes[1][0], &n_byte, sizeof(n_byte)) != sizeof(n_byte))
		return 1;
	cis_web_close(web);
	uv_run(loop, UV_RUN_DEFAULT);
	puts("{");
	good = report("small", &s[0]);
	good = report("large", &s[1]) && good;
	printf("  \"readers\": %d, \"stopped\": %d, \"read_mb\": %.1f,\n"
	       "  \"must_p99_us\": %.0f, \"pass\": %s\n}\n",
	       N_READER, N_STOPPED, (double)n_byte / 1e6, MUST_P99_US,
	       good ? "true" : "false");
	return !good;
}

int main(int argc, char **argv)
{
	const unsigned n = (argc > 1 ? (unsigned)atoi(argv[1]) : 10) *
			   (1000000000 / PERIOD_NS);
	int pipes[2][2], status;
	uv_loop_t loop;
	uint16_t port;
	pid_t pid;

	signal(SIGPIPE, SIG_IGN);
	if (n == 0 || pipe(pipes[0]) || pipe(pipes[1]))
		return 2;
	pid = fork();
	if (pid == 0) {
		close(pipes[0][1]);
		if (read(pipes[0][0], &port, sizeof(port)) != sizeof(port))
			_exit(1);
		browse(port, pipes[0][0], pipes[1][1]);
	}
	uv_loop_init(&loop);
	status = run(&loop, pipes, n);
	waitpid(pid, NULL, 0);
	return status;
}

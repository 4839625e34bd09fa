/*
 * ports.c - a fleet that is read by TCP:
 * bench_ports [each|shared [S [COUNT [loss]]]].
 *
 * The program itself serves COUNT PMUs (1000) at 50 frames/s, each at a port of
 * its own or all at one; COUNT connections, one for each PMU, are read here for S
 * seconds (10). A frame is lost when it did not come, and late by the time from
 * its slot, the instant in it and the PMU's part of the period, to the end of the
 * read that brought it. JSON, times in milliseconds; the exit status says whether
 * none was lost and, unless "loss" alone is asked for, whether p99 is what is
 * promised. Others that use the processors are in that figure; chrt -r 5 leaves
 * them out.
 */
#define _DEFAULT_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cisoid/c37.h"
#include "host/net/descriptors.h"

#define RATE        50
#define PERIOD_NS   (1000000000 / RATE)
#define MAX_LATE_US 1000000
#define BUF_SIZE    4096
#define PATIENCE_S  30

/* What is promised. */
#define MUST_P99_MS 5.0

struct client {
	int fd;
	uint16_t idcode;
	bool configured;
	int64_t next; /* instant, counted from the first that is asked for */
	size_t fill;
	uint8_t buf[BUF_SIZE];
};

struct bench {
	bool each;
	bool any_time; /* loss alone counts */
	unsigned n, seconds, port;
	pid_t pid;
	int out; /* the program's standard output */
	int64_t start_ns;
	int ep;
	struct client *client;
	unsigned n_configured;
	int64_t from_soc; /* the first second that counts */
	uint64_t got, out_of_order, strange;
	uint64_t *late; /* frames so many microseconds late */
	int64_t latest_ns, earliest_ns;
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_ports: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t utc_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void nap_ms(long ms)
{
	struct timespec ts = {.tv_nsec = ms * 1000000};

	nanosleep(&ts, NULL);
}

/* ---- the program ---- */

static void exec_program(const struct bench *b)
{
	const char *program = getenv("CISOID");
	char spec[64], count[16];

	if (!program)
		program = CISOID_PROGRAM;
	snprintf(spec, sizeof(spec), "tcp:127.0.0.1:%u,ports=%s", b->port,
		 b->each ? "each" : "shared");
	snprintf(count, sizeof(count), "%u", b->n);
	execl(program, program, "simulate", "--count", count, "--rate", "50",
	      "--json", "--listen", spec, (char *)NULL);
	_exit(127);
}

static void start_program(struct bench *b)
{
	int ends[2];

	must(!pipe(ends), "pipe");
	b->pid = fork();
	must(b->pid >= 0, "fork");
	if (b->pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(ends[1], STDOUT_FILENO);
		if (!getenv("BENCH_TALK"))
			dup2(null, STDERR_FILENO);
		close(ends[0]);
		exec_program(b);
	}
	close(ends[1]);
	b->out = ends[0];
	b->start_ns = utc_ns();
}

static bool is_listening(unsigned port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool good = !connect(fd, (struct sockaddr *)&in, sizeof(in));

	close(fd);
	return good;
}

/* Ports that are free, as far as two tries tell. */
static void serve(struct bench *b)
{
	for (unsigned i = 0; i < 20; i++) {
		unsigned last;

		b->port = 10000 + ((unsigned)getpid() * 97 + i * 1013) % 10000;
		last = b->each ? b->port + b->n - 1 : b->port;
		start_program(b);
		for (unsigned k = 0; k < 100 * PATIENCE_S; k++) {
			if (waitpid(b->pid, NULL, WNOHANG) == b->pid)
				break;
			if (is_listening(last))
				return;
			nap_ms(10);
		}
		close(b->out);
	}
	must(false, "the program does not listen");
}

static double number(const char *json, const char *key)
{
	const char *at = strstr(json, key);

	return at ? strtod(at + strlen(key), NULL) : -1;
}

/* Its JSON, and what it used. */
static void stop_program(struct bench *b, char *json, size_t size,
			 struct rusage *used)
{
	size_t len = 0;
	ssize_t n;

	kill(b->pid, SIGINT);
	while (len < size - 1 &&
	       (n = read(b->out, json + len, size - 1 - len)) > 0)
		len += (size_t)n;
	json[len] = '\0';
	must(waitpid(b->pid, NULL, 0) == b->pid, "lost the program");
	must(!getrusage(RUSAGE_CHILDREN, used), "getrusage");
}

/* ---- connections ---- */

static void dial(struct bench *b, unsigned i)
{
	unsigned port = b->each ? b->port + i : b->port;
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct client *c = &b->client[i];
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};

	c->idcode = (uint16_t)(i + 1);
	c->next = -1;
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	must(c->fd >= 0 && !connect(c->fd, (struct sockaddr *)&in, sizeof(in)),
	     "cannot connect");
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	must(!epoll_ctl(b->ep, EPOLL_CTL_ADD, c->fd, &ev), "epoll");
}

static void command(const struct client *c, uint16_t what)
{
	uint8_t buf[32];
	int len = cis_c37_command_encode(1, c->idcode,
					 (struct cis_split_time){0, 0}, what,
					 buf, sizeof(buf));

	must(send(c->fd, buf, (size_t)len, 0) == len, "cannot command");
}

static void note_data(struct bench *b, struct client *c,
		      const struct cis_c37_head *head, int64_t now_ns)
{
	int64_t k = head->fracsec / (1000000 / RATE);
	int64_t i = ((int64_t)head->soc - b->from_soc) * RATE + k;
	int64_t slot_ns = (int64_t)head->soc * 1000000000 + k * PERIOD_NS +
			  (int64_t)(c->idcode - 1) * PERIOD_NS / b->n;
	int64_t late_ns = now_ns - slot_ns;
	int64_t us = late_ns / 1000;

	if (!b->from_soc || i < 0 || i >= (int64_t)b->seconds * RATE)
		return;
	b->got++;
	b->out_of_order += c->next >= 0 && i != c->next;
	c->next = i + 1;
	if (late_ns > b->latest_ns)
		b->latest_ns = late_ns;
	if (late_ns < b->earliest_ns)
		b->earliest_ns = late_ns;
	us = us < 0 ? 0 : us;
	b->late[us < MAX_LATE_US ? us : MAX_LATE_US - 1]++;
}

static void take_frame(struct bench *b, struct client *c, const uint8_t *frame,
		       size_t len, int64_t now_ns)
{
	struct cis_c37_head head;

	if (cis_c37_peek(frame, len, &head) != (int)len ||
	    !cis_c37_crc_ok(frame, len) || head.idcode != c->idcode) {
		b->strange++;
	} else if (head.type == CIS_C37_DATA) {
		note_data(b, c, &head, now_ns);
	} else if (!c->configured) {
		c->configured = true;
		b->n_configured++;
	}
}

static void read_client(struct bench *b, struct client *c)
{
	ssize_t n = recv(c->fd, c->buf + c->fill, sizeof(c->buf) - c->fill, 0);
	int64_t now_ns = utc_ns();
	size_t at = 0;

	must(n > 0, "a client was cut off");
	c->fill += (size_t)n;
	while (c->fill - at >= 4) {
		size_t len = (size_t)c->buf[at + 2] << 8 | c->buf[at + 3];

		must(len >= 16 && len <= sizeof(c->buf), "no frame");
		if (c->fill - at < len)
			break;
		take_frame(b, c, c->buf + at, len, now_ns);
		at += len;
	}
	c->fill -= at;
	memmove(c->buf, c->buf + at, c->fill);
}

static void read_until(struct bench *b, int64_t end_ns, unsigned n_configured)
{
	struct epoll_event ev[256];

	while (utc_ns() < end_ns && b->n_configured < n_configured) {
		int n = epoll_wait(b->ep, ev, 256, 10);

		for (int i = 0; i < n; i++)
			read_client(b, ev[i].data.ptr);
	}
}

/* ---- the run ---- */

static void run(struct bench *b)
{
	int64_t now_ns;

	for (unsigned i = 0; i < b->n; i++) {
		dial(b, i);
		command(&b->client[i], CIS_C37_CMD_SEND_CFG2);
		command(&b->client[i], CIS_C37_CMD_DATA_ON);
	}
	now_ns = utc_ns();
	read_until(b, now_ns + PATIENCE_S * INT64_C(1000000000), b->n);
	must(b->n_configured == b->n, "no configuration came");
	b->from_soc = utc_ns() / 1000000000 + 2;
	read_until(b, (b->from_soc + b->seconds) * 1000000000 + 500000000,
		   b->n + 1);
}

static double quantile_ms(const struct bench *b, double q)
{
	uint64_t before = 0, want = (uint64_t)(q * (double)b->got);
	unsigned i = 0;

	while (i < MAX_LATE_US - 1 && (before += b->late[i]) <= want)
		i++;
	return i / 1e3;
}

static double seconds(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec * 1e-6;
}

static bool print(struct bench *b)
{
	uint64_t due = (uint64_t)b->n * b->seconds * RATE;
	static char json[65536];
	struct rusage used;
	double p99_ms = quantile_ms(b, 0.99), wall_s;
	bool ok = b->got == due && !b->out_of_order && !b->strange &&
		  (b->any_time || p99_ms <= MUST_P99_MS);

	wall_s = (double)(utc_ns() - b->start_ns) / 1e9;
	stop_program(b, json, sizeof(json), &used);
	printf("{\"ports\":\"%s\",\"pmus\":%u,\"seconds\":%u,\"frames\":%llu,"
	       "\"lost\":%lld,\"out_of_order\":%llu,\"strange\":%llu,",
	       b->each ? "each" : "shared", b->n, b->seconds,
	       (unsigned long long)due, (long long)(due - b->got),
	       (unsigned long long)b->out_of_order,
	       (unsigned long long)b->strange);
	printf("\"received_late_ms\":{\"min\":%.3f,\"p50\":%.3f,\"p99\":%.3f,"
	       "\"max\":%.3f},",
	       (double)b->earliest_ns / 1e6, quantile_ms(b, 0.5), p99_ms,
	       (double)b->latest_ns / 1e6);
	printf("\"sent_late_ms\":{\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f},",
	       number(json, "\"p50\":") * 1e3, number(json, "\"p99\":") * 1e3,
	       number(json, "\"max\":") * 1e3);
	printf("\"dropped\":%.0f,\"cpu_pct\":%.1f,\"kib_per_pmu\":%.1f,"
	       "\"ok\":%s}\n",
	       number(json, "\"dropped\":"),
	       100 * (seconds(used.ru_utime) + seconds(used.ru_stime)) / wall_s,
	       (double)used.ru_maxrss / b->n, ok ? "true" : "false");
	return ok;
}

static unsigned argument(int argc, char **argv, int i, unsigned usual,
			 unsigned most)
{
	int v = argc > i ? atoi(argv[i]) : (int)usual;

	return v < 1 ? usual : (unsigned)v < most ? (unsigned)v : most;
}

int main(int argc, char **argv)
{
	struct bench b = {.each = argc < 2 || strcmp(argv[1], "shared") != 0,
			  .any_time = argc > 4 && !strcmp(argv[4], "loss"),
			  .seconds = argument(argc, argv, 2, 10, 3600),
			  .n = argument(argc, argv, 3, 1000, 20000),
			  .ep = epoll_create1(EPOLL_CLOEXEC),
			  .earliest_ns = INT64_MAX};

	signal(SIGPIPE, SIG_IGN);
	must(cis_descriptors_reserve(b.n) == b.n, "too few open files");
	b.client = calloc(b.n, sizeof(*b.client));
	b.late = calloc(MAX_LATE_US, sizeof(*b.late));
	must(b.client && b.late, "out of memory");
	serve(&b);
	run(&b);
	return print(&b) ? 0 : 1;
}

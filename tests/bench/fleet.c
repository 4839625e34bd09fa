/*
 * fleet.c - what thousands of simulated PMUs cost: bench_fleet [PART [S [PMUS]]].
 *
 * PART is one of max, real, memory, or all of them. The program itself runs as a
 * child and sends to a socket of the loopback. JSON; "ok" says whether the figure
 * that is promised was reached, and the exit status whether all were.
 *
 * max: `--pace max` and, by turns on the same core, a bare loop of send() with 64
 * segments of the same size a call, to the same socket, which nobody reads. Both
 * are rated by the time that the core spent on them, as others may use it too.
 *
 * real: S seconds of 1000 PMUs, or so many, at 50 frames/s, counted by another
 * process. The share of a core is promised for 1000.
 *
 * memory: what is resident beyond what one PMU needs.
 */
#define _GNU_SOURCE /* sched_setaffinity(), wait4() */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fleet_count.h"

#define COUNT    1000
#define RATE     50
#define ROUNDS   3
#define MAX_S    100 /* of data in a round: 5 million frames */
#define BARE_NS  1000000000
#define SEGMENTS 64

/* What is promised. */
#define MUST_PER_S    1.5e6
#define MUST_PCT      60.0
#define MUST_CPU_PCT  15.0
#define MUST_PMU_BYTE 2048.0

struct child {
	pid_t pid;
	int out; /* its standard output */
	int64_t start_ns;
	double wall_s, cpu_s, user_s;
	unsigned long long sent, dropped;
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_fleet: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void nap_ms(long ms)
{
	struct timespec ts = {.tv_sec = ms / 1000,
			      .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&ts, NULL);
}

/* To the last of the cores that there are. */
static void pin(void)
{
	cpu_set_t all, one;
	size_t last = 0;

	sched_getaffinity(0, sizeof(all), &all);
	for (size_t i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &all))
			last = i;
	CPU_ZERO(&one);
	CPU_SET(last, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

/* ---- the program ---- */

struct order {
	unsigned count, rate, port;
	double duration_s; /* 0: until it is told to stop */
	bool flat_out;
};

static void exec_program(const struct order *o)
{
	const char *program = getenv("CISOID");
	char count[16], rate[16], stream[32], duration[32];
	const char *argv[20];
	unsigned n = 0;

	snprintf(count, sizeof(count), "%u", o->count);
	snprintf(rate, sizeof(rate), "%u", o->rate);
	snprintf(stream, sizeof(stream), "udp:127.0.0.1:%u", o->port);
	snprintf(duration, sizeof(duration), "%gs", o->duration_s);
	argv[n++] = program ? program : CISOID_PROGRAM;
	argv[n++] = "simulate";
	argv[n++] = "--json";
	argv[n++] = "--count";
	argv[n++] = count;
	argv[n++] = "--rate";
	argv[n++] = rate;
	argv[n++] = "--stream";
	argv[n++] = stream;
	argv[n++] = "--pace";
	argv[n++] = o->flat_out ? "max" : "real";
	if (o->duration_s > 0) {
		argv[n++] = "--duration";
		argv[n++] = duration;
	}
	argv[n] = NULL;
	execv(argv[0], (char *const *)argv);
	_exit(127);
}

static void start(struct child *c, const struct order *o)
{
	int fd[2];

	must(!pipe(fd), "no pipe");
	c->start_ns = clock_ns(CLOCK_MONOTONIC);
	c->pid = fork();
	must(c->pid >= 0, "cannot fork");
	if (c->pid == 0) {
		if (o->flat_out)
			pin();
		if (!freopen("/dev/null", "w", stderr))
			_exit(127);
		dup2(fd[1], 1);
		close(fd[0]);
		close(fd[1]);
		exec_program(o);
	}
	close(fd[1]);
	c->out = fd[0];
}

static unsigned long long number(const char *json, const char *key)
{
	const char *at = strstr(json, key);

	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static void finish(struct child *c)
{
	static char json[65536];
	struct rusage used;
	size_t len = 0;
	ssize_t n;
	int status;

	while (len < sizeof(json) - 1 &&
	       (n = read(c->out, json + len, sizeof(json) - 1 - len)) > 0)
		len += (size_t)n;
	json[len] = '\0';
	close(c->out);
	must(wait4(c->pid, &status, 0, &used) == c->pid, "lost the program");
	must(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	     "cisoid simulate failed");
	c->wall_s = (double)(clock_ns(CLOCK_MONOTONIC) - c->start_ns) * 1e-9;
	c->user_s = seconds(used.ru_utime);
	c->cpu_s = c->user_s + seconds(used.ru_stime);
	c->sent = number(json, "\"sent\":");
	c->dropped = number(json, "\"dropped\":");
}

/* ---- max ---- */

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Of the data frames that wait in the socket. */
static size_t data_len(int fd)
{
	uint8_t frame[65536];
	ssize_t n;

	do
		n = recv(fd, frame, sizeof(frame), MSG_DONTWAIT);
	while (n >= 2 && frame[1] >> 4 != 0);
	must(n > 0, "no data frame came");
	return (size_t)n;
}

/* Datagrams in a second of the core. */
static double send_bare(unsigned port, size_t len)
{
	static uint8_t frames[65536];
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = (int)len;
	uint64_t n = 0;
	int64_t start_ns, used_ns = 0;

	must(!connect(fd, (struct sockaddr *)&in, sizeof(in)) &&
		     !setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size,
				 sizeof(size)),
	     "no UDP_SEGMENT");
	start_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	while (used_ns < BARE_NS) {
		for (unsigned i = 0; i < 1000; i++)
			n += send(fd, frames, SEGMENTS * len, 0) > 0 ? SEGMENTS
								     : 0;
		used_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - start_ns;
	}
	close(fd);
	return (double)n * 1e9 / (double)used_ns;
}

/* The same in another process, which alone is pinned. */
static double bare_per_s(unsigned port, size_t len)
{
	double *per_s = mmap(NULL, sizeof(*per_s), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	double result;
	pid_t pid;

	must(per_s != MAP_FAILED, "out of memory");
	pid = fork();
	must(pid >= 0, "cannot fork");
	if (pid == 0) {
		pin();
		*per_s = send_bare(port, len);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	result = *per_s;
	munmap(per_s, sizeof(*per_s));
	return result;
}

static bool bench_max(void)
{
	double bare[ROUNDS], ours[ROUNDS], wall[ROUNDS], pct[ROUNDS];
	struct order o = {COUNT, RATE, 0, MAX_S, true};
	int fd = fleet_bind(&o.port, false);
	unsigned long long dropped = 0;
	size_t len = 0;
	bool ok;

	must(fd >= 0, "no socket");
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct child c;

		start(&c, &o);
		finish(&c);
		if (!len)
			len = data_len(fd);
		ours[i] = (double)c.sent / c.cpu_s;
		wall[i] = (double)c.sent / c.wall_s;
		dropped += c.dropped;
		bare[i] = bare_per_s(o.port, len);
		pct[i] = 100 * ours[i] / bare[i];
	}
	close(fd);
	qsort(bare, ROUNDS, sizeof(bare[0]), by_size);
	qsort(ours, ROUNDS, sizeof(ours[0]), by_size);
	qsort(wall, ROUNDS, sizeof(wall[0]), by_size);
	qsort(pct, ROUNDS, sizeof(pct[0]), by_size);
	ok = ours[ROUNDS / 2] >= MUST_PER_S && pct[ROUNDS / 2] >= MUST_PCT &&
	     dropped == 0;
	printf("\"max\":{\"pmus\":%d,\"frame_bytes\":%zu,\"frames_per_s\":%.0f,"
	       "\"frames_per_s_by_the_clock\":%.0f,\"bare_per_s\":%.0f,"
	       "\"pct_of_bare\":%.1f,\"ns_per_frame\":%.1f,"
	       "\"bare_ns\":%.1f,\"dropped\":%llu,\"ok\":%s}",
	       COUNT, len, ours[ROUNDS / 2], wall[ROUNDS / 2], bare[ROUNDS / 2],
	       pct[ROUNDS / 2], 1e9 / ours[ROUNDS / 2], 1e9 / bare[ROUNDS / 2],
	       dropped, ok ? "true" : "false");
	return ok;
}

/* ---- real ---- */

static bool bench_real(unsigned count, double duration_s)
{
	struct order o = {count, RATE, 0, duration_s, false};
	uint64_t due = (uint64_t)(count * RATE * duration_s);
	int fd = fleet_bind(&o.port, count > COUNT);
	struct fleet_count *k;
	struct child c;
	double cpu_pct;
	pid_t counter;
	bool ok;

	must(fd >= 0, "no socket");
	k = fleet_count_start(fd, RATE, &counter);
	must(k && counter > 0, "cannot count");
	start(&c, &o);
	finish(&c);
	fleet_count_end(k, counter);
	close(fd);
	cpu_pct = 100 * c.cpu_s / c.wall_s;
	ok = k->data == due && k->lost == 0 && k->again == 0 &&
	     k->pmus == count && (count > COUNT || cpu_pct < MUST_CPU_PCT);
	printf("\"real\":{\"pmus\":%u,\"duration_s\":%g,\"due\":%llu,"
	       "\"sent\":%llu,\"dropped\":%llu,\"came\":%llu,\"lost\":%llu,"
	       "\"again\":%llu,\"other\":%llu,"
	       "\"cpu_pct\":%.2f,\"user_pct\":%.2f,\"ok\":%s}",
	       (unsigned)k->pmus, duration_s, (unsigned long long)due, c.sent,
	       c.dropped, (unsigned long long)k->data,
	       (unsigned long long)k->lost, (unsigned long long)k->again,
	       (unsigned long long)k->other, cpu_pct, 100 * c.user_s / c.wall_s,
	       ok ? "true" : "false");
	munmap(k, sizeof(*k));
	return ok;
}

/* ---- memory ---- */

static long resident_bytes(pid_t pid)
{
	long size = 0, rss = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/statm", (long)pid);
	f = fopen(path, "r");
	must(f && fscanf(f, "%ld %ld", &size, &rss) == 2, "no /proc");
	fclose(f);
	return rss * sysconf(_SC_PAGESIZE);
}

/* A second after its first frame: all PMUs have sent. */
static long resident_with(unsigned count)
{
	struct order o = {count, 10, 0, 0, false};
	int fd = fleet_bind(&o.port, false);
	uint8_t frame[1];
	struct child c;
	long bytes;

	must(fd >= 0, "no socket");
	start(&c, &o);
	must(recv(fd, frame, sizeof(frame), 0) > 0, "nothing came");
	nap_ms(1000);
	bytes = resident_bytes(c.pid);
	kill(c.pid, SIGINT);
	finish(&c);
	close(fd);
	return bytes;
}

static bool bench_memory(void)
{
	static const unsigned counts[] = {1000, 10000, 20000};
	long one = resident_with(1);
	bool ok = true;

	printf("\"memory\":{\"bytes_of_one\":%ld,\"fleets\":[", one);
	for (unsigned i = 0; i < 3; i++) {
		long all = resident_with(counts[i]);
		double each = (double)(all - one) / (counts[i] - 1);

		ok = ok && each < MUST_PMU_BYTE;
		printf("%s{\"pmus\":%u,\"bytes\":%ld,\"bytes_per_pmu\":%.0f}",
		       i ? "," : "", counts[i], all, each);
	}
	printf("],\"ok\":%s}", ok ? "true" : "false");
	return ok;
}

int main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "all";
	double duration_s = argc > 2 ? atof(argv[2]) : 10;
	unsigned count = argc > 3 ? (unsigned)atoi(argv[3]) : COUNT;
	bool all = !strcmp(part, "all"), ok = true;

	printf("{");
	if (all || !strcmp(part, "max"))
		ok = bench_max() && ok;
	printf("%s", all ? ",\n" : "");
	fflush(stdout);
	if (all || !strcmp(part, "real"))
		ok = bench_real(count, duration_s) && ok;
	printf("%s", all ? ",\n" : "");
	fflush(stdout);
	if (all || !strcmp(part, "memory"))
		ok = bench_memory() && ok;
	printf("}\n");
	return ok ? 0 : 1;
}

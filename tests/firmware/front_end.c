/*
 * front_end.c - the front end without hardware: its core on a simulated board,
 * in real time, on a pseudo terminal or a TCP port.
 *
 *   front_end [--listen tcp:HOST:PORT] [--link PATH] [--after SECONDS]
 *
 * Prints "link WHERE", as in clock=mcu:WHERE: the terminal, or PATH, a link to
 * it, or the port that it listens on. It has then been running for so many
 * seconds (90). Its seconds are those of this computer's UTC.
 *
 * Words on standard input, a line each, answered by "ok" and the POSIX second
 * that what goes over pulses, sentences and oscillator begins with:
 *   pps off | on | late NS | double      nmea off | on | void | wrong S | late MS
 *   osc PPB      the oscillator jumps    reset | watchdog
 *   unplug | plug                        quit (or the end of input)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "tests/firmware/sim/sim_front.h"

enum { TICK_HZ = 84000000, RATE_HZ = 18000, FOREVER = INT32_MAX };

struct door {
	char where[128];  /* as the host is told it */
	const char *path; /* of the link to the terminal */
	int listener;     /* -1: a terminal */
	int fd;           /* the line, or -1 */
	bool out;         /* unplugged */
};

struct device {
	struct sim_osc osc;
	struct sim_pps pps;
	struct sim_gps gps;
	struct sim_front *front;
	struct door door;
	int64_t n; /* the present second */
};

/* ---- the line ---- */

_Noreturn static void die(const char *what)
{
	fprintf(stderr, "front_end: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* A terminal that nobody has open hangs up, and its output is dropped. */
static void open_terminal(struct door *d)
{
	struct termios raw;
	int slave;

	d->fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (d->fd < 0 || grantpt(d->fd) || unlockpt(d->fd))
		die("pseudo terminal");
	slave = open(ptsname(d->fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || tcgetattr(slave, &raw))
		die("pseudo terminal");
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	close(slave);
	snprintf(d->where, sizeof(d->where), "%s", ptsname(d->fd));
	if (!d->path)
		return;
	unlink(d->path);
	if (symlink(d->where, d->path))
		die(d->path);
	snprintf(d->where, sizeof(d->where), "%s", d->path);
}

/* `words` is HOST:PORT; the port is kept for the next time. */
static void open_listener(struct door *d, const char *words)
{
	struct addrinfo *ai,
		want = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);
	char host[64], port[8];
	int one = 1;

	if (sscanf(words, "%63[^:]:%7[0-9]", host, port) != 2 ||
	    getaddrinfo(host, port, &want, &ai))
		die("--listen tcp:HOST:PORT");
	d->listener = socket(ai->ai_family,
			     SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(d->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (d->listener < 0 || bind(d->listener, ai->ai_addr, ai->ai_addrlen) ||
	    listen(d->listener, 1) ||
	    getsockname(d->listener, (struct sockaddr *)&at, &len) ||
	    getnameinfo((struct sockaddr *)&at, len, NULL, 0, port,
			sizeof(port), NI_NUMERICSERV))
		die(words);
	freeaddrinfo(ai);
	snprintf(d->where, sizeof(d->where), "tcp:%s:%s", host, port);
}

static void unplug(struct door *d)
{
	if (d->fd >= 0)
		close(d->fd);
	if (d->listener >= 0)
		close(d->listener);
	else if (d->path)
		unlink(d->path);
	d->fd = -1;
	d->out = true;
}

static void plug(struct door *d)
{
	if (!d->out)
		return;
	d->out = false;
	if (d->listener >= 0)
		open_listener(d, d->where + strlen("tcp:"));
	else
		open_terminal(d);
}

static void hang_up(struct door *d)
{
	if (d->listener < 0)
		return;
	close(d->fd);
	d->fd = -1;
}

static void accept_host(struct door *d)
{
	int fd = accept(d->listener, NULL, NULL);

	if (fd < 0)
		return;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (d->fd >= 0)
		close(d->fd);
	d->fd = fd;
}

static void read_line(struct device *dev)
{
	char buf[256];
	ssize_t len = read(dev->door.fd, buf, sizeof(buf));

	if (len > 0)
		sim_front_put(dev->front, buf, (size_t)len);
	else if (len == 0)
		hang_up(&dev->door);
}

/* What the host does not read is gone, as on a wire. */
static void write_line(struct device *dev, bool heard)
{
	char buf[1024];
	size_t len = sim_front_take(dev->front, buf, sizeof(buf));

	if (len && heard && dev->door.fd >= 0 &&
	    write(dev->door.fd, buf, len) < 0 && errno != EAGAIN)
		hang_up(&dev->door);
}

/* ---- words ---- */

/* The pulses and sentences of the coming second are on their way. */
static int64_t from_s(const struct device *dev)
{
	return dev->n + 2;
}

static bool obey_pps(struct device *dev, const char *word, long value)
{
	struct sim_pps_fault fault = {.from_s = from_s(dev), .to_s = FOREVER};

	if (dev->pps.n_faults)
		dev->pps.fault[0].to_s = from_s(dev);
	if (!strcmp(word, "on"))
		return true;
	if (!strcmp(word, "off"))
		fault.kind = SIM_PPS_ABSENT;
	else if (!strcmp(word, "late"))
		fault.kind = SIM_PPS_LATE;
	else if (!strcmp(word, "double"))
		fault.kind = SIM_PPS_DOUBLE;
	else
		return false;
	fault.value_s =
		fault.kind == SIM_PPS_DOUBLE ? 0.3 : (double)value * 1e-9;
	dev->pps.fault[0] = fault;
	dev->pps.n_faults = 1;
	return true;
}

/* Once: what it has counted stays. */
static bool obey_osc(struct device *dev, long ppb)
{
	if (dev->osc.ramp_s > 0)
		return false;
	dev->osc.ramp_ppm = (double)ppb * 1e-3;
	dev->osc.ramp_from_s = (double)from_s(dev);
	dev->osc.ramp_s = 1;
	return true;
}

static void set_gps(struct device *dev, enum sim_gps_kind kind, int64_t value)
{
	sim_gps_fault(&dev->gps, (struct sim_gps_fault){kind, from_s(dev),
							FOREVER, value});
}

static void mend_gps(struct device *dev)
{
	for (int kind = SIM_GPS_LATE; kind <= SIM_GPS_CORRUPT; kind++)
		sim_gps_mend(&dev->gps, (enum sim_gps_kind)kind, from_s(dev));
}

static bool obey_nmea(struct device *dev, const char *word, long value)
{
	mend_gps(dev);
	if (!strcmp(word, "on"))
		return true;
	if (!strcmp(word, "off"))
		set_gps(dev, SIM_GPS_SILENT, 0);
	else if (!strcmp(word, "void"))
		set_gps(dev, SIM_GPS_VOID, 0);
	else if (!strcmp(word, "wrong"))
		set_gps(dev, SIM_GPS_WRONG, value);
	else if (!strcmp(word, "late"))
		set_gps(dev, SIM_GPS_LATE, value);
	else
		return false;
	return true;
}

static bool obey_one(struct device *dev, const char *verb)
{
	if (!strcmp(verb, "reset"))
		sim_front_reset(dev->front, false);
	else if (!strcmp(verb, "watchdog"))
		sim_front_reset(dev->front, true);
	else if (!strcmp(verb, "unplug"))
		unplug(&dev->door);
	else if (!strcmp(verb, "plug"))
		plug(&dev->door);
	else if (!strcmp(verb, "quit"))
		exit(0);
	else
		return false;
	return true;
}

static bool obey(struct device *dev, const char *line)
{
	char verb[16] = "", word[16] = "";
	long value = 0;
	int n = sscanf(line, "%15s %15s %ld", verb, word, &value);

	if (n >= 2 && !strcmp(verb, "pps"))
		return obey_pps(dev, word, value);
	if (n >= 2 && !strcmp(verb, "nmea"))
		return obey_nmea(dev, word, value);
	if (n == 2 && !strcmp(verb, "osc"))
		return obey_osc(dev, atol(word));
	return n == 1 && obey_one(dev, verb);
}

/* False: the input has ended. */
static bool read_words(struct device *dev)
{
	static char buf[256];
	static size_t len;
	ssize_t got = read(STDIN_FILENO, buf + len, sizeof(buf) - 1 - len);
	char *end;

	if (got <= 0)
		return got < 0 && errno == EAGAIN;
	len += (size_t)got;
	buf[len] = '\0';
	while ((end = strchr(buf, '\n'))) {
		*end = '\0';
		if (obey(dev, buf))
			printf("ok %lld\n",
			       (long long)(dev->gps.start_utc_s + from_s(dev)));
		else
			puts("what?");
		len -= (size_t)(end + 1 - buf);
		memmove(buf, end + 1, len + 1);
	}
	return len < sizeof(buf) - 1;
}

/* ---- time ---- */

static int64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void run_to(struct device *dev, int64_t *slice, int64_t target)
{
	struct sim_second second;

	for (; *slice < target; ++*slice) {
		sim_front_slice(dev->front, &second);
		dev->n = (*slice + 1) / SIM_FRONT_SLICES;
	}
}

static void begin(struct device *dev, int64_t start_utc_s)
{
	/* A good crystal in a room, a timing receiver. */
	dev->osc = (struct sim_osc){.tick_hz = TICK_HZ,
				    .off_ppm = 12,
				    .white = 1e-10,
				    .walk = 1e-11,
				    .seed = 1};
	dev->pps = (struct sim_pps){.jitter_ns = 10,
				    .sawtooth_ns = 15,
				    .sawtooth_s = 17.3,
				    .seed = 2};
	sim_gps_init(&dev->gps);
	dev->gps.start_utc_s = start_utc_s;
	dev->front = sim_front_new(&(struct sim_front_config){
		.tick_hz = TICK_HZ,
		.rate_hz = RATE_HZ,
		.first_tick = (uint32_t)start_utc_s,
		.osc = &dev->osc,
		.pps = &dev->pps,
		.gps = &dev->gps,
	});
}

/* A round a millisecond, however late this process comes to it. */
static void serve(struct device *dev, int64_t slice, int64_t origin_ns)
{
	for (;;) {
		struct pollfd fds[] = {
			{.fd = STDIN_FILENO, .events = POLLIN},
			{.fd = dev->door.fd, .events = POLLIN},
			{.fd = dev->door.out ? -1 : dev->door.listener,
			 .events = POLLIN},
		};

		if (poll(fds, 3, 1) < 0)
			die("poll");
		run_to(dev, &slice,
		       (clock_ns(CLOCK_MONOTONIC) - origin_ns) / 1000000);
		if (fds[2].revents)
			accept_host(&dev->door);
		else if (fds[1].revents & POLLIN)
			read_line(dev);
		else
			write_line(dev, !(fds[1].revents & POLLHUP));
		if (fds[0].revents && !read_words(dev))
			return;
	}
}

int main(int argc, char **argv)
{
	static struct device dev = {.door = {.listener = -1, .fd = -1}};
	int64_t slice = 0, real_ns, origin_ns, after_s = 90;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--link"))
			dev.door.path = argv[i + 1];
		else if (!strcmp(argv[i], "--after"))
			after_s = atol(argv[i + 1]);
		else if (!strncmp(argv[i + 1], "tcp:", 4))
			open_listener(&dev.door, argv[i + 1] + 4);
	}
	if (dev.door.listener < 0)
		open_terminal(&dev.door);
	real_ns = clock_ns(CLOCK_REALTIME);
	origin_ns = clock_ns(CLOCK_MONOTONIC) - real_ns % 1000000000 -
		    after_s * 1000000000;
	begin(&dev, real_ns / 1000000000 - after_s);
	run_to(&dev, &slice, after_s * SIM_FRONT_SLICES);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("link %s\n", dev.door.where);
	signal(SIGPIPE, SIG_IGN);
	serve(&dev, slice, origin_ns);
	sim_front_free(dev.front);
	return 0;
}

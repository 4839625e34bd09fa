/*
 * daqprobe.c - what a Comedi board's analogue inputs offer, and whether a
 * command on several of them keeps up. It shares no code with the program, so
 * what goes wrong in both is the board's or the kernel's.
 *
 *   daqprobe info [-d DEV]
 *   daqprobe test [-d DEV] [-n CHANS] [-s SCAN_NS] [-C CONVERT_NS] [-e PFI]
 *   daqprobe run  [-d DEV] [-n CHANS] [-s SCAN_NS] [-C CONVERT_NS] [-e PFI]
 *                 [-T PFI] [-t SECONDS] [-b BUFFER_BYTES] [-w FILE]
 *                 [-p SAW_PERIOD_US] [-S STALL_MS]
 *
 *   -e  scans are begun by edges at input PFI instead of the timer
 *   -T  the command starts at an edge at input PFI instead of at once
 *   -w  keep the samples as they come
 *   -p  channel 0 carries comedi_test's sawtooth of this period and 1 V: each
 *       sample is checked against its predecessor, which finds lost scans
 *   -S  sleep once for this long in the middle, to provoke an overrun
 *
 * Exit status of run: 0 all is well; 1 usage, or the command is refused; 2 the
 * rate is off by more than 1 %; 3 samples are lost, or none come for 1.5 s;
 * 4 the driver reported an overrun or an error; 5 the board is gone.
 */
#define _GNU_SOURCE
#include <comedilib.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_CHAN       64
#define MAX_TRIES      6
#define SILENCE_MS     1500
#define MAX_RATE_ERROR 0.01

enum status {
	OK,
	FAILED,
	WRONG_RATE,
	LOST,
	OVERRUN,
	GONE,
	GOING_ON,
};

struct opts {
	const char *dev, *out;
	unsigned n_chan, scan_ns, convert_ns, saw_us, stall_ms, buffer_len;
	int scan_pfi, start_pfi; /* -1: none */
	double duration_s;
};

struct probe {
	struct opts opts;
	comedi_t *dev;
	unsigned subdevice;
	unsigned chanlist[MAX_CHAN];
	comedi_cmd cmd;
	size_t code_len;
	size_t buf_len;
	uint8_t *buf; /* what was fetched last */
	FILE *out;
	comedi_range *range;
	lsampl_t max_code;
	/* totals */
	uint64_t n_sample, n_scan, n_fetch, n_misplaced;
	size_t max_fetch_len;
	double prev_uv, max_error_uv;
	double last_s;
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- what the board says ---- */

static void print_source(const char *what, unsigned src, unsigned arg)
{
	static const struct {
		unsigned mask;
		const char *name;
	} names[] = {
		{TRIG_NONE, "NONE"},     {TRIG_NOW, "NOW"},
		{TRIG_FOLLOW, "FOLLOW"}, {TRIG_TIME, "TIME"},
		{TRIG_TIMER, "TIMER"},   {TRIG_COUNT, "COUNT"},
		{TRIG_EXT, "EXT"},       {TRIG_INT, "INT"},
		{TRIG_OTHER, "OTHER"},
	};
	const char *sep = "";

	printf("  %s ", what);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(src & names[i].mask))
			continue;
		printf("%s%s", sep, names[i].name);
		sep = "|";
	}
	printf("%s:%u", *sep ? "" : "-", arg);
}

static void print_command(const char *what, const comedi_cmd *c)
{
	printf("%-8s", what);
	print_source("start", c->start_src, c->start_arg);
	print_source("scan_begin", c->scan_begin_src, c->scan_begin_arg);
	print_source("convert", c->convert_src, c->convert_arg);
	print_source("scan_end", c->scan_end_src, c->scan_end_arg);
	print_source("stop", c->stop_src, c->stop_arg);
	printf("\n");
}

static void print_subdevice(comedi_t *dev, unsigned s)
{
	int flags = comedi_get_subdevice_flags(dev, s);
	comedi_cmd mask = {0};

	printf("subdevice %u: type %d flags %#x%s%s channels %d maxdata %u "
	       "buffer %d of at most %d\n",
	       s, comedi_get_subdevice_type(dev, s), (unsigned)flags,
	       flags & SDF_LSAMPL ? " 32-bit samples" : " 16-bit samples",
	       flags & SDF_SOFT_CALIBRATED ? " calibrated by software" : "",
	       comedi_get_n_channels(dev, s), comedi_get_maxdata(dev, s, 0),
	       comedi_get_buffer_size(dev, s),
	       comedi_get_max_buffer_size(dev, s));
	for (int r = 0; r < comedi_get_n_ranges(dev, s, 0); r++) {
		comedi_range *range = comedi_get_range(dev, s, 0, (unsigned)r);

		printf("  range %d: %g to %g %s\n", r, range->min, range->max,
		       range->unit == UNIT_volt ? "V"
		       : range->unit == UNIT_mA ? "mA"
						: "-");
	}
	if (comedi_get_cmd_src_mask(dev, s, &mask) == 0)
		print_command("  can", &mask);
	else
		printf("  no commands\n");
}

static int info(struct probe *p)
{
	printf("comedi %#x driver %s board %s\n",
	       (unsigned)comedi_get_version_code(p->dev),
	       comedi_get_driver_name(p->dev), comedi_get_board_name(p->dev));
	for (int s = 0; s < comedi_get_n_subdevices(p->dev); s++)
		print_subdevice(p->dev, (unsigned)s);
	return OK;
}

/* ---- the command ---- */

static void fill_command(struct probe *p)
{
	const struct opts *o = &p->opts;
	bool ext_scan = o->scan_pfi >= 0, ext_start = o->start_pfi >= 0;
	comedi_cmd mask = {0};
	bool now = o->convert_ns == 0 &&
		   comedi_get_cmd_src_mask(p->dev, p->subdevice, &mask) == 0 &&
		   mask.convert_src & TRIG_NOW;

	for (unsigned i = 0; i < o->n_chan; i++)
		p->chanlist[i] = CR_PACK(i, 0, AREF_GROUND);
	p->cmd = (comedi_cmd){
		.subdev = p->subdevice,
		.start_src = ext_start ? TRIG_EXT : TRIG_NOW,
		.start_arg = ext_start ? (unsigned)o->start_pfi | CR_EDGE : 0,
		.scan_begin_src = ext_scan ? TRIG_EXT : TRIG_TIMER,
		.scan_begin_arg =
			ext_scan ? (unsigned)o->scan_pfi | CR_EDGE : o->scan_ns,
		.convert_src = now ? TRIG_NOW : TRIG_TIMER,
		.convert_arg = o->convert_ns,
		.scan_end_src = TRIG_COUNT,
		.scan_end_arg = o->n_chan,
		.stop_src = TRIG_NONE,
		.chanlist = p->chanlist,
		.chanlist_len = o->n_chan,
	};
}

/* 0: the board takes it, perhaps changed; else the step that refused it. */
static int negotiate(struct probe *p, bool show)
{
	int step = -1;

	for (int i = 0; i < MAX_TRIES && step != 0; i++) {
		step = comedi_command_test(p->dev, &p->cmd);
		if (show) {
			printf("step %d", step);
			print_command("", &p->cmd);
		}
		if (step < 0 || step == 1 || step == 2)
			break;
	}
	return step;
}

static int test(struct probe *p)
{
	static const unsigned tries_ns[] = {50000, 55000, 55555, 55556,
					    56000, 62500, 100000};

	fill_command(p);
	print_command("asked", &p->cmd);
	negotiate(p, true);
	for (size_t i = 0; i < sizeof(tries_ns) / sizeof(tries_ns[0]); i++) {
		int step;

		p->opts.scan_ns = tries_ns[i];
		fill_command(p);
		step = negotiate(p, false);
		printf("%6u ns: step %d, scan %u ns (%.4f Hz), convert %u ns\n",
		       tries_ns[i], step, p->cmd.scan_begin_arg,
		       1e9 / p->cmd.scan_begin_arg, p->cmd.convert_arg);
	}
	return OK;
}

/* ---- running it ---- */

static int set_up(struct probe *p)
{
	int flags = comedi_get_subdevice_flags(p->dev, p->subdevice);
	int fd = comedi_fileno(p->dev);

	p->code_len = flags & SDF_LSAMPL ? sizeof(lsampl_t) : sizeof(sampl_t);
	p->range = comedi_get_range(p->dev, p->subdevice, 0, 0);
	p->max_code = comedi_get_maxdata(p->dev, p->subdevice, 0);
	if (p->opts.buffer_len)
		comedi_set_buffer_size(p->dev, p->subdevice,
				       p->opts.buffer_len);
	p->buf_len = (size_t)comedi_get_buffer_size(p->dev, p->subdevice);
	p->buf = malloc(p->buf_len);
	if (!p->buf)
		return FAILED;
	if (p->opts.out && !(p->out = fopen(p->opts.out, "wb"))) {
		perror(p->opts.out);
		return FAILED;
	}
	fill_command(p);
	if (negotiate(p, false) != 0) {
		print_command("refused", &p->cmd);
		return FAILED;
	}
	print_command("run", &p->cmd);
	return fcntl(fd, F_SETFL, O_NONBLOCK) ? FAILED : OK;
}

static int failed_read(void)
{
	printf("read: %s\n", strerror(errno));
	return errno == ENODEV ? GONE : OVERRUN;
}

/* Bytes in buf: *len, 0 when there are none yet. */
static int fetch_by_read(struct probe *p, size_t *len)
{
	struct pollfd pfd = {.fd = comedi_fileno(p->dev), .events = POLLIN};
	bool silent = poll(&pfd, 1, SILENCE_MS) == 0;
	ssize_t n = read(pfd.fd, p->buf, p->buf_len);

	*len = n > 0 ? (size_t)n : 0;
	if (n > 0)
		return GOING_ON;
	if (n < 0 && errno != EAGAIN)
		return failed_read();
	if (n == 0) {
		printf("read: the command has ended\n");
		return OVERRUN;
	}
	if (silent)
		printf("no samples for %d ms\n", SILENCE_MS);
	return silent ? LOST : GOING_ON;
}

/* From one scan to the next the sawtooth rises by the same, or falls by 2 V. */
static void check_sawtooth(struct probe *p, lsampl_t code)
{
	double code_uv =
		(p->range->max - p->range->min) * 1e6 / (double)p->max_code;
	double uv = comedi_to_phys(code, p->range, p->max_code) * 1e6;
	double step_uv = 2e6 * (p->cmd.scan_begin_arg * 1e-3) / p->opts.saw_us;
	double error_uv = uv - p->prev_uv - step_uv;

	p->prev_uv = uv;
	if (p->n_scan == 1)
		return;
	if (error_uv < -1e6)
		error_uv += 2e6;
	p->max_error_uv = fmax(p->max_error_uv, fabs(error_uv));
	if (fabs(error_uv) > 2.5 * code_uv + 1)
		p->n_misplaced++;
}

static void take(struct probe *p, size_t len)
{
	p->n_fetch++;
	p->last_s = now_s();
	if (len > p->max_fetch_len)
		p->max_fetch_len = len;
	if (p->out)
		fwrite(p->buf, 1, len, p->out);
	for (size_t at = 0; at + p->code_len <= len; at += p->code_len) {
		lsampl_t code = 0;

		if (p->n_sample++ % p->opts.n_chan)
			continue;
		p->n_scan++;
		memcpy(&code, p->buf + at, p->code_len); /* little endian */
		if (p->opts.saw_us)
			check_sawtooth(p, code);
	}
}

static int sample_until(struct probe *p, double end_s)
{
	double stall_at_s = end_s - p->opts.duration_s / 2;
	int status = GOING_ON;

	while (status == GOING_ON && now_s() < end_s) {
		size_t len = 0;

		if (p->opts.stall_ms && now_s() > stall_at_s) {
			usleep(p->opts.stall_ms * 1000);
			p->opts.stall_ms = 0;
		}
		status = fetch_by_read(p, &len);
		if (len > 0)
			take(p, len);
	}
	return status;
}

static int judge(const struct probe *p, double start_s)
{
	double rate_hz = (double)p->n_scan / (p->last_s - start_s);
	double want_hz = 1e9 / p->cmd.scan_begin_arg;
	double scan_len = (double)p->code_len * p->opts.n_chan;
	bool ext = p->opts.scan_pfi >= 0;

	printf("%llu scans in %.3f s: %.2f Hz, by %llu reads of at most %.0f "
	       "scans\n",
	       (unsigned long long)p->n_scan, p->last_s - start_s, rate_hz,
	       (unsigned long long)p->n_fetch,
	       (double)p->max_fetch_len / scan_len);
	if (p->opts.saw_us)
		printf("sawtooth: %llu samples out of place, %.1f uV at most\n",
		       (unsigned long long)p->n_misplaced, p->max_error_uv);
	if (p->n_misplaced)
		return LOST;
	return !ext && !(fabs(rate_hz / want_hz - 1) <= MAX_RATE_ERROR)
		       ? WRONG_RATE
		       : OK;
}

static int run(struct probe *p)
{
	double start_s;
	int status = set_up(p);

	if (status != OK)
		return status;
	if (comedi_command(p->dev, &p->cmd) < 0) {
		comedi_perror("comedi_command");
		return FAILED;
	}
	start_s = now_s();
	status = sample_until(p, start_s + p->opts.duration_s);
	comedi_cancel(p->dev, p->subdevice);
	if (p->out && fclose(p->out))
		return FAILED;
	return status == GOING_ON ? judge(p, start_s) : status;
}

/* ---- the command line ---- */

static int parse(struct opts *o, int argc, char **argv)
{
	int c;

	optind = 2;
	while ((c = getopt(argc, argv, "d:n:s:C:t:b:p:w:S:e:T:")) != -1) {
		unsigned n = optarg ? (unsigned)strtoul(optarg, NULL, 0) : 0;

		switch (c) {
		case 'd':
			o->dev = optarg;
			break;
		case 'w':
			o->out = optarg;
			break;
		case 'n':
			o->n_chan = n;
			break;
		case 's':
			o->scan_ns = n;
			break;
		case 'C':
			o->convert_ns = n;
			break;
		case 'b':
			o->buffer_len = n;
			break;
		case 'p':
			o->saw_us = n;
			break;
		case 'S':
			o->stall_ms = n;
			break;
		case 'e':
			o->scan_pfi = (int)n;
			break;
		case 'T':
			o->start_pfi = (int)n;
			break;
		case 't':
			o->duration_s = strtod(optarg, NULL);
			break;
		default:
			return FAILED;
		}
	}
	return o->n_chan >= 1 && o->n_chan <= MAX_CHAN ? OK : FAILED;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*act)(struct probe *p);
	} modes[] = {{"info", info}, {"test", test}, {"run", run}};
	struct probe p = {.opts = {.dev = "/dev/comedi0",
				   .n_chan = 8,
				   .scan_ns = 55556,
				   .scan_pfi = -1,
				   .start_pfi = -1,
				   .duration_s = 5}};
	int s;

	if (argc < 2 || parse(&p.opts, argc, argv) != OK)
		goto usage;
	p.dev = comedi_open(p.opts.dev);
	if (!p.dev) {
		comedi_perror(p.opts.dev);
		return FAILED;
	}
	s = comedi_find_subdevice_by_type(p.dev, COMEDI_SUBD_AI, 0);
	if (s < 0) {
		fprintf(stderr, "%s: no analogue inputs\n", p.opts.dev);
		return FAILED;
	}
	p.subdevice = (unsigned)s;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(argv[1], modes[i].name))
			return modes[i].act(&p);
usage:
	fprintf(stderr, "usage: daqprobe info|test|run [options]; "
			"daqprobe.c says which\n");
	return FAILED;
}

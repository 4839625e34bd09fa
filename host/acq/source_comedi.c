/*
 * source_comedi.c - samples from a Comedi board, on the board's own clock.
 *
 * Time. Scan 0 lies between the moments before and after comedi_command(), or
 * at most one period later; how long a driver and its board take to start is
 * not known, and 1 ms is allowed for it. From then on the board's oscillator is
 * believed within 50 ppm. Both go into the clock's quality, which therefore
 * gets worse with every second: without an external clock a board cannot serve
 * as a reference, and its blocks say so.
 *
 * A board that stands still and goes on would be dated wrongly from then on, as
 * would one whose computer's clock is set. Both show when the driver's buffer
 * has been emptied, for then the last scan is of now: the command ends as if it
 * had overrun.
 */
#include "driver.h"

#include <comedilib.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/acq/clock.h"
#include "host/acq/comedi_cmd.h"
#include "host/acq/comedi_dev.h"
#include "host/acq/comedi_opts.h"
#include "host/acq/comedi_scale.h"

#define START_LATENCY_S 1e-3
#define OSCILLATOR_PPM  50.0
#define MAX_LATE_S      0.25
#define UNSYNC_S        31e-6 /* 1 % TVE at 50 Hz is 31.8 us */
#define MAX_RATE_ERROR  0.01
#define BUFFER_S        2.0 /* of samples in the driver's buffer */
#define MAX_BUFFER      1e9 /* bytes */
#define RAW_SCANS       1024
#define MAX_START_MS    2000

struct board {
	struct cis_source base;
	struct cis_comedi_opts opts;
	comedi_t *dev;
	unsigned subdevice;
	int flags; /* SDF_* */
	char detail[512];
	unsigned chanlist[CIS_MAX_CHAN];
	struct cis_comedi_scale scale[CIS_MAX_CHAN];
	double delay_s[CIS_MAX_CHAN];
	comedi_cmd cmd;
	struct cis_clock clock;
	/* from start to stop */
	struct cis_scan_clock scan_clock;
	double start_unc_s;
	uint64_t next_scan;
	bool gap;        /* flag the next block */
	size_t code_len; /* bytes of one sample */
	size_t scan_len;
	size_t raw_fill;
	uint8_t *raw; /* RAW_SCANS scans */
};

static struct board *to_board(struct cis_source *src)
{
	return (struct board *)src; /* base is the first member */
}

/* ---- open ---- */

static int open_device(struct board *b, struct cis_diag *diag)
{
	const char *path = b->opts.dev;
	int err = cis_comedi_open(path, &b->dev, diag);

	if (!err)
		err = cis_comedi_find_inputs(b->dev, path, b->opts.subdevice,
					     &b->subdevice, diag);
	if (err)
		return err;
	b->flags = comedi_get_subdevice_flags(b->dev, b->subdevice);
	return cis_comedi_claim(b->dev, path, b->subdevice, diag);
}

static int choose_aref(const struct board *b, unsigned *aref,
		       struct cis_diag *diag)
{
	static const struct {
		const char *name;
		int flag;
		unsigned aref;
	} kinds[] = {
		[CIS_AREF_DIFF] = {"diff", SDF_DIFF, AREF_DIFF},
		[CIS_AREF_GROUND] = {"ground", SDF_GROUND, AREF_GROUND},
		[CIS_AREF_COMMON] = {"common", SDF_COMMON, AREF_COMMON},
		[CIS_AREF_OTHER] = {"other", SDF_OTHER, AREF_OTHER},
	};
	enum cis_comedi_aref want = b->opts.aref;

	if (want == CIS_AREF_ANY)
		want = b->flags & SDF_DIFF ? CIS_AREF_DIFF : CIS_AREF_GROUND;
	else if (!(b->flags & kinds[want].flag))
		return cis_fail(diag, -EINVAL,
				"%s: the board has no inputs of aref=%s",
				b->opts.dev, kinds[want].name);
	*aref = kinds[want].aref;
	return 0;
}

static void name_channel(struct board *b, uint32_t i, unsigned unit)
{
	static const char *const six[] = {"VA", "VB", "VC", "IA", "IB", "IC"};
	struct cis_chan *c = &b->base.map.chan[i];
	bool named = b->opts.n_chan == 6;
	char name[16];

	snprintf(name, sizeof(name), "CH%u", i);
	b->base.map.n_chan = i + 1;
	cis_chan_set_name(&b->base.map, i, named ? six[i] : name);
	c->quantity = (named && i >= 3) || unit == UNIT_mA ? CIS_CURRENT
							   : CIS_VOLTAGE;
	strcpy(c->unit, c->quantity == CIS_CURRENT ? "A" : "V");
	c->position = i;
}

static int set_scale(struct board *b, uint32_t i, struct cis_diag *diag)
{
	struct cis_comedi_scale *s = &b->scale[i];
	int err = cis_comedi_scale(b->dev, b->opts.dev, b->subdevice,
				   b->chanlist[i], s, diag);

	if (err)
		return err;
	name_channel(b, i, s->unit);
	b->base.map.chan[i].range_min = s->min;
	b->base.map.chan[i].range_max = s->max;
	return 0;
}

static int set_channels(struct board *b, struct cis_diag *diag)
{
	unsigned aref = AREF_GROUND;
	int err = choose_aref(b, &aref, diag);

	for (uint32_t i = 0; !err && i < b->opts.n_chan; i++) {
		b->chanlist[i] = CR_PACK(b->opts.chan[i], b->opts.range, aref);
		err = set_scale(b, i, diag);
	}
	cis_chan_map_group(&b->base.map);
	if (!err && (b->flags & SDF_SOFT_CALIBRATED))
		cis_warn(&b->base.warn,
			 "%s: the board leaves calibration to software; its "
			 "nominal range is used",
			 b->opts.dev);
	return err;
}

/* ---- the command ---- */

static int set_command(struct board *b, struct cis_diag *diag)
{
	const struct cis_comedi_ask ask = {
		.path = b->opts.dev,
		.subdevice = b->subdevice,
		.rate_hz = b->opts.rate_hz,
		.chanlist = b->chanlist,
		.n_chan = b->opts.n_chan,
	};

	return cis_comedi_cmd(b->dev, &ask, &b->cmd, diag);
}

static int set_rate(struct board *b, struct cis_diag *diag)
{
	double asked_hz = b->opts.rate_hz;
	double rate_hz = 1e9 / b->cmd.scan_begin_arg;

	if (!(fabs(rate_hz / asked_hz - 1) <= MAX_RATE_ERROR))
		return cis_fail(diag, -EINVAL,
				"%s: the board cannot sample %u channels at "
				"%g Hz; %.6f Hz is the nearest it offers",
				b->opts.dev, (unsigned)b->opts.n_chan, asked_hz,
				rate_hz);
	if (fabs(rate_hz / asked_hz - 1) > 1e-12)
		cis_warn(
			&b->base.warn,
			"%s: the board samples at %.6f Hz (a period of %u ns), "
			"not at %g Hz",
			b->opts.dev, rate_hz, b->cmd.scan_begin_arg, asked_hz);
	b->base.info.rate_hz = rate_hz;
	if (b->cmd.convert_src == TRIG_TIMER)
		for (uint32_t i = 0; i < b->opts.n_chan; i++)
			b->delay_s[i] = i * (b->cmd.convert_arg * 1e-9);
	return 0;
}

/* Enlarging the buffer past the driver's limit takes privileges; a smaller one
 * only overruns sooner. */
static void set_buffer(struct board *b)
{
	bool asked = b->opts.buffer_s > 0;
	double len = (asked ? b->opts.buffer_s : BUFFER_S) *
		     b->base.info.rate_hz * (double)b->scan_len;
	unsigned want = (unsigned)fmin(len, MAX_BUFFER);
	int got = comedi_get_buffer_size(b->dev, b->subdevice);

	if (got > 0 && !asked && (unsigned)got >= want)
		return;
	if (comedi_get_max_buffer_size(b->dev, b->subdevice) < (int)want)
		comedi_set_max_buffer_size(b->dev, b->subdevice, want);
	comedi_set_buffer_size(b->dev, b->subdevice, want);
	got = comedi_get_buffer_size(b->dev, b->subdevice);
	if (asked && (got < 0 || (unsigned)got < want))
		cis_warn(&b->base.warn,
			 "%s: the driver's buffer is %d bytes, not %u; more "
			 "takes privileges",
			 b->opts.dev, got, want);
}

static int set_up(struct board *b, struct cis_diag *diag)
{
	int err = set_channels(b, diag);

	if (err)
		return err;
	b->code_len =
		b->flags & SDF_LSAMPL ? sizeof(lsampl_t) : sizeof(sampl_t);
	b->scan_len = b->code_len * b->opts.n_chan;
	err = set_command(b, diag);
	if (!err)
		err = set_rate(b, diag);
	if (err)
		return err;
	set_buffer(b);
	b->raw = malloc(b->scan_len * RAW_SCANS);
	if (!b->raw)
		return cis_fail(diag, -ENOMEM, "out of memory");
	fcntl(comedi_fileno(b->dev), F_SETFL, O_NONBLOCK);
	return 0;
}

static void board_close(struct cis_source *src)
{
	struct board *b = to_board(src);

	if (b->dev) {
		comedi_cancel(b->dev, b->subdevice);
		comedi_unlock(b->dev, b->subdevice);
		comedi_close(b->dev);
	}
	free(b->raw);
	free(b);
}

static int board_open(const char *opts, struct cis_source **out,
		      struct cis_diag *diag)
{
	struct board *b = calloc(1, sizeof(*b));
	int err;

	if (!b)
		return cis_fail(diag, -ENOMEM, "out of memory");
	b->base.ops = &cis_source_comedi;
	b->clock.kind = CIS_CLOCK_SYSTEM;
	err = cis_comedi_opts_parse(&b->opts, opts, diag);
	if (!err)
		err = open_device(b, diag);
	if (!err)
		err = set_up(b, diag);
	if (err) {
		board_close(&b->base);
		return err;
	}
	snprintf(b->detail, sizeof(b->detail), "%s: %s (driver %s)",
		 b->opts.dev, comedi_get_board_name(b->dev),
		 comedi_get_driver_name(b->dev));
	b->base.info = (struct cis_source_info){
		.origin = CIS_LIVE,
		.detail = b->detail,
		.rate_hz = b->base.info.rate_hz,
		.realtime = true,
		.map = &b->base.map,
		.warn = &b->base.warn,
	};
	*out = &b->base;
	return 0;
}

/* ---- start and stop ---- */

static void set_anchor(struct board *b, struct cis_time before,
		       struct cis_time after)
{
	int64_t period_ns = b->cmd.scan_begin_arg;
	int64_t half_ns = (cis_time_diff_ns(after, before) + period_ns) / 2;
	struct cis_time_quality q = cis_clock_quality(&b->clock);

	b->start_unc_s = q.unc_s + (double)half_ns * 1e-9 + START_LATENCY_S;
	b->scan_clock = (struct cis_scan_clock){
		.anchor = cis_time_add_ns(before, half_ns),
		.rate_hz = b->base.info.rate_hz,
		.quality = {.unc_s = b->start_unc_s,
			    .unlocked_s = q.unlocked_s},
	};
}

static int board_start(struct cis_source *src, struct cis_time at,
		       struct cis_diag *diag)
{
	struct board *b = to_board(src);
	struct cis_time before, after;

	cis_clock_wait(&b->clock, at, MAX_START_MS);
	b->next_scan = 0;
	b->raw_fill = 0;
	before = cis_clock_now(&b->clock);
	if (comedi_command(b->dev, &b->cmd) < 0)
		return cis_fail(diag, -ENODEV, "%s: the command is refused: %s",
				b->opts.dev, comedi_strerror(comedi_errno()));
	after = cis_clock_now(&b->clock);
	set_anchor(b, before, after);
	return 0;
}

static void board_stop(struct cis_source *src)
{
	struct board *b = to_board(src);

	comedi_cancel(b->dev, b->subdevice);
}

/* ---- read ---- */

/* From scan 0 to this one. */
static double age_of(const struct board *b, uint64_t scan)
{
	return (double)scan / b->scan_clock.rate_hz;
}

/* Quality as of the end of a block: see the head of this file. */
static void date_block(struct board *b, struct cis_block *blk)
{
	double age_s = age_of(b, b->next_scan);
	struct cis_time_quality *q = &blk->clock.quality;

	blk->clock = b->scan_clock;
	q->unc_s = b->start_unc_s + age_s * OSCILLATOR_PPM * 1e-6;
	q->unlocked_s += age_s;
	if (!(q->unc_s <= UNSYNC_S))
		blk->flags |= CIS_BLOCK_UNSYNC;
}

static void convert_channel(const struct board *b, struct cis_block *blk,
			    uint32_t c)
{
	const struct cis_comedi_codes codes = {
		.raw = b->raw + c * b->code_len,
		.code_len = b->code_len,
		.step = b->scan_len,
		.n = blk->n_scan,
	};

	if (cis_comedi_convert(&b->scale[c], &codes, cis_block_chan(blk, c)))
		blk->flags |= CIS_BLOCK_CLIP;
}

/* Whole scans go to the block; what is left of the last one stays. */
static void deliver(struct board *b, struct cis_block *blk)
{
	size_t used;

	blk->n_scan = (uint32_t)(b->raw_fill / b->scan_len);
	blk->first_scan = b->next_scan;
	blk->flags = b->gap ? CIS_BLOCK_GAP : 0;
	blk->delay_s = b->delay_s;
	b->gap = false;
	b->next_scan += blk->n_scan;
	date_block(b, blk);
	for (uint32_t c = 0; c < blk->n_chan; c++)
		convert_channel(b, blk, c);
	used = blk->n_scan * b->scan_len;
	b->raw_fill -= used;
	memmove(b->raw, b->raw + used, b->raw_fill);
}

/* Bytes, at most to the end of `want`; 0: nothing yet; -EPIPE, -ENODEV. */
static int fetch(struct board *b, size_t want)
{
	ssize_t n = read(comedi_fileno(b->dev), b->raw + b->raw_fill,
			 want - b->raw_fill);

	if (n > 0) {
		b->raw_fill += (size_t)n;
		return (int)n;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n == 0 || errno == EPIPE) {
		/* The command has ended: none of ours does by itself. */
		b->gap = true;
		return -EPIPE;
	}
	return -ENODEV;
}

/* The last scan, if all were fetched, is not much older than `before`, when they
 * were asked for, and not of the future. */
static bool misdated(const struct board *b, struct cis_time before)
{
	struct cis_time after = cis_clock_now(&b->clock);
	struct cis_time anchor = b->scan_clock.anchor;
	double age_s = age_of(b, b->next_scan + b->raw_fill / b->scan_len);
	double max_s = MAX_LATE_S + age_s * OSCILLATOR_PPM * 1e-6;

	return (double)cis_time_diff_ns(before, anchor) * 1e-9 >
		       age_s + max_s ||
	       (double)cis_time_diff_ns(after, anchor) * 1e-9 < age_s - max_s;
}

static int board_read(struct cis_source *src, struct cis_block *blk,
		      int timeout_ms)
{
	struct board *b = to_board(src);
	uint32_t room = blk->n_scan < RAW_SCANS ? blk->n_scan : RAW_SCANS;
	size_t want = room * b->scan_len;
	struct pollfd pfd = {.fd = comedi_fileno(b->dev), .events = POLLIN};
	struct cis_time before = cis_clock_now(&b->clock);
	int n = fetch(b, want);

	/* A board that is gone wakes nobody: read() is asked again anyway. */
	if (n >= 0 && b->raw_fill < b->scan_len) {
		poll(&pfd, 1, timeout_ms);
		before = cis_clock_now(&b->clock);
		n = fetch(b, want);
	}
	if (n < 0)
		return n;
	if (b->raw_fill < b->scan_len)
		return -ETIMEDOUT;
	if (b->raw_fill < want && misdated(b, before)) {
		b->gap = true;
		return -EPIPE;
	}
	deliver(b, blk);
	return 0;
}

const struct cis_source_ops cis_source_comedi = {
	.name = "comedi",
	.summary = "a data acquisition board, through Comedi",
	.open = board_open,
	.close = board_close,
	.start = board_start,
	.stop = board_stop,
	.read = board_read,
};

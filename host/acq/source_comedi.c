/*
 * source_comedi.c - samples from a Comedi board, on the board's own clock.
 *
 * The only file that knows comedilib. The command is filled by hand:
 * comedi_get_cmd_generic_timed() lets some drivers choose to be started by
 * FOLLOW, with a rate that is not the one asked for.
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
#include "host/acq/comedi_opts.h"

#define START_LATENCY_S 1e-3
#define OSCILLATOR_PPM  50.0
#define MAX_LATE_S      0.25
#define UNSYNC_S        31e-6 /* 1 % TVE at 50 Hz is 31.8 us */
#define MAX_RATE_ERROR  0.01
#define BUFFER_S        2.0 /* of samples in the driver's buffer */
#define MAX_BUFFER      1e9 /* bytes */
#define RAW_SCANS       1024
#define MAX_TRIES       6
#define MAX_START_MS    2000

/* Physical value = offset + gain * code. */
struct scale {
	double offset;
	double gain;
	lsampl_t max_code;
};

struct board {
	struct cis_source base;
	struct cis_comedi_opts opts;
	comedi_t *dev;
	unsigned subdevice;
	int flags; /* SDF_* */
	char detail[512];
	unsigned chanlist[CIS_MAX_CHAN];
	struct scale scale[CIS_MAX_CHAN];
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
	const char *why;
	int err;

	b->dev = comedi_open(b->opts.dev);
	if (b->dev)
		return 0;
	err = comedi_errno();
	switch (err) {
	case ENOENT:
		why = "no such device; load a driver for the board, or use the "
		      "source mock";
		break;
	case ENXIO:
	case ENODEV:
		why = "no board is attached to it; load a driver for the board";
		break;
	case EACCES:
		why = "no permission; is the user in the group that owns it?";
		break;
	case ENOTTY:
	case EISDIR:
	case EINVAL:
		why = "not a Comedi device";
		break;
	default:
		why = comedi_strerror(err);
	}
	return cis_fail(diag, -ENODEV, "%s: %s", b->opts.dev, why);
}

static int find_subdevice(struct board *b, struct cis_diag *diag)
{
	int s = b->opts.subdevice;

	if (s < 0)
		s = comedi_find_subdevice_by_type(b->dev, COMEDI_SUBD_AI, 0);
	if (s < 0)
		return cis_fail(diag, -ENODEV, "%s: no analogue inputs",
				b->opts.dev);
	if (s >= comedi_get_n_subdevices(b->dev) ||
	    comedi_get_subdevice_type(b->dev, (unsigned)s) != COMEDI_SUBD_AI)
		return cis_fail(diag, -EINVAL,
				"%s: subdevice %d is no analogue input",
				b->opts.dev, s);
	b->subdevice = (unsigned)s;
	b->flags = comedi_get_subdevice_flags(b->dev, b->subdevice);
	if (!(b->flags & SDF_CMD_READ))
		return cis_fail(diag, -ENODEV,
				"%s: subdevice %d cannot sample by itself",
				b->opts.dev, s);
	if (comedi_get_read_subdevice(b->dev) != s &&
	    comedi_set_read_subdevice(b->dev, b->subdevice) < 0)
		return cis_fail(diag, -ENODEV,
				"%s: subdevice %d cannot be read", b->opts.dev,
				s);
	if (comedi_lock(b->dev, b->subdevice) < 0)
		return cis_fail(diag, -ENODEV,
				"%s: subdevice %d is in use by another program",
				b->opts.dev, s);
	return 0;
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
	unsigned chan = b->opts.chan[i];
	comedi_range *range;
	lsampl_t max;
	double unit;

	if (chan >= (unsigned)comedi_get_n_channels(b->dev, b->subdevice))
		return cis_fail(
			diag, -EINVAL,
			"%s: no channel %u; the board has 0 to %d", b->opts.dev,
			chan, comedi_get_n_channels(b->dev, b->subdevice) - 1);
	range = comedi_get_range(b->dev, b->subdevice, chan, b->opts.range);
	if (!range)
		return cis_fail(
			diag, -EINVAL,
			"%s: no range %u; channel %u has 0 to %d", b->opts.dev,
			b->opts.range, chan,
			comedi_get_n_ranges(b->dev, b->subdevice, chan) - 1);
	max = comedi_get_maxdata(b->dev, b->subdevice, chan);
	if (max == 0 || !(range->max > range->min))
		return cis_fail(diag, -ENODEV,
				"%s: channel %u has no usable range",
				b->opts.dev, chan);
	unit = range->unit == UNIT_mA ? 1e-3 : 1;
	b->scale[i] = (struct scale){
		.offset = range->min * unit,
		.gain = (range->max - range->min) * unit / max,
		.max_code = max,
	};
	name_channel(b, i, range->unit);
	b->base.map.chan[i].range_min = range->min * unit;
	b->base.map.chan[i].range_max = range->max * unit;
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

static void fill_command(struct board *b)
{
	comedi_cmd mask = {0};
	bool now = comedi_get_cmd_src_mask(b->dev, b->subdevice, &mask) == 0 &&
		   (mask.convert_src & TRIG_NOW);

	b->cmd = (comedi_cmd){
		.subdev = b->subdevice,
		.start_src = TRIG_NOW,
		.scan_begin_src = TRIG_TIMER,
		.scan_begin_arg = (unsigned)llround(1e9 / b->opts.rate_hz),
		.convert_src = now ? TRIG_NOW : TRIG_TIMER,
		.scan_end_src = TRIG_COUNT,
		.scan_end_arg = b->opts.n_chan,
		.stop_src = TRIG_NONE,
		.chanlist = b->chanlist,
		.chanlist_len = b->opts.n_chan,
	};
}

/* Each call mends what the board cannot do, as near as it can; 0 is accepted,
 * 1 and 2 mean that a source does not exist, and stay. */
static int negotiate(struct board *b, struct cis_diag *diag)
{
	int step = -1;

	for (int i = 0; i < MAX_TRIES && step != 0; i++) {
		step = comedi_command_test(b->dev, &b->cmd);
		if (step < 0)
			return cis_fail(diag, -ENODEV, "%s: %s", b->opts.dev,
					comedi_strerror(comedi_errno()));
		if (step == 1 || step == 2)
			break;
	}
	if (step == 5)
		return cis_fail(diag, -EINVAL,
				"%s: the board cannot sample these channels in "
				"one scan",
				b->opts.dev);
	if (step != 0 || b->cmd.scan_begin_arg == 0)
		return cis_fail(diag, -ENODEV,
				"%s: the board cannot be started by software "
				"and clocked by its own timer",
				b->opts.dev);
	return 0;
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
	fill_command(b);
	err = negotiate(b, diag);
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
		err = find_subdevice(b, diag);
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

static lsampl_t code_at(const struct board *b, size_t at)
{
	lsampl_t wide;
	sampl_t narrow;

	if (b->code_len == sizeof(wide)) {
		memcpy(&wide, b->raw + at, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, b->raw + at, sizeof(narrow));
	return narrow;
}

static void convert_channel(const struct board *b, struct cis_block *blk,
			    uint32_t c)
{
	const struct scale *s = &b->scale[c];
	double *x = cis_block_chan(blk, c);
	bool clip = false;

	for (uint32_t i = 0; i < blk->n_scan; i++) {
		lsampl_t code = code_at(b, i * b->scan_len + c * b->code_len);

		x[i] = s->offset + s->gain * code;
		clip = clip || code == 0 || code >= s->max_code;
	}
	if (clip)
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

/*
 * source_comedi.c - samples from a Comedi board: started, read, watched over.
 *
 * Time. Started by software, scan 0 lies between the moments before and after
 * comedi_command(), or at most one period later; how long a driver and its board
 * take to start is not known, and 1 ms is allowed for it. From then on a board's
 * oscillator is believed within 50 ppm. Both go into the clock's quality. Started
 * by an external edge, scan 0 is on the whole second after the board was armed,
 * which is done well within the second before.
 *
 * Samples are delivered when the driver's buffer has been emptied and they turn
 * out to have arrived when they must (arrival.h): a board that stood still and
 * went on would be dated wrongly from then on. Where nothing arrives any more,
 * the board is asked why.
 */
#include "host/acq/driver.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arrival.h"
#include "host/acq/comedi/comedi_board.h"
#include "host/acq/dates/clock.h"

#define START_LATENCY_S 1e-3
#define OSCILLATOR_PPM  50.0
#define UNSYNC_S        31e-6 /* 1 % TVE at 50 Hz is 31.8 us */
#define MAX_SCANS       1024  /* in a block */
#define MAX_START_MS    2000
#define MAX_GO          4
#define LONG_GO_NS      INT64_C(1000000)
#define ARM_FROM_NS     INT64_C(200000000) /* of a second */
#define ARM_UNTIL_NS    INT64_C(700000000)
#define ARMED_BY_NS     INT64_C(900000000)
#define MAX_SET_NS      INT64_C(250000000) /* of the system's clock, by others */
#define MAX_ASK_S       0.12
#define STALL_S         0.7 /* without samples */
#define FIRST_STALL_S   1.0 /* from the start to the first */
#define N_STALL_WAITS   4   /* as long as so many between samples */
#define SMOOTHING       16
#define MAX_SILENT      2 /* starts that nobody hears of */
#define N_STALL_SCANS   8

struct comedi {
	struct cis_source base;
	struct cis_comedi_board board;
	char detail[512];
	double delay_s[CIS_COMEDI_MAX_LIST];
	double *timing; /* [MAX_SCANS]; NULL */
	struct cis_clock clock;
	struct cis_arrival arrival;
	bool begun; /* a start has succeeded */
	bool gone;  /* opened anew by start() */
	bool gap;   /* flag the next block */
	/* from start to stop */
	bool armed; /* the command runs; else read() begins it */
	struct cis_scan_clock scan_clock;
	double start_unc_s;
	int64_t scan0_ns;   /* scan 0, on the monotonic clock */
	int64_t offset_ns;  /* from that clock to the system's, then */
	int64_t arrived_ns; /* the last samples; or the start */
	int64_t asked_ns;   /* when there were none, last */
	double silent_s;    /* since there were */
	bool arrived;       /* since the start ... */
	bool delivered;     /* ... and ever: a block */
	double wait_s;      /* from samples to samples, smoothed */
	uint64_t next_scan;
	struct cis_time taken_by; /* of the sound samples */
	size_t head, sound, fill; /* in raw: delivered, to be, all */
	size_t raw_len;
	uint8_t *raw; /* twice the driver's buffer */
};

static struct comedi *to_comedi(struct cis_source *src)
{
	return (struct comedi *)src; /* base is the first member */
}

/* ---- open ---- */

static void name_channel(struct comedi *c, uint32_t i)
{
	static const char *const six[] = {"VA", "VB", "VC", "IA", "IB", "IC"};
	const struct cis_comedi_scale *s = &c->board.scale[i];
	struct cis_chan *ch = &c->base.map.chan[i];
	bool named = c->board.opts.n_chan == 6;
	char name[16];

	snprintf(name, sizeof(name), "CH%u", i);
	c->base.map.n_chan = i + 1;
	cis_chan_set_name(&c->base.map, i, named ? six[i] : name);
	ch->quantity = (named && i >= 3) || s->unit == UNIT_mA ? CIS_CURRENT
							       : CIS_VOLTAGE;
	strcpy(ch->unit, ch->quantity == CIS_CURRENT ? "A" : "V");
	ch->position = i;
	ch->range_min = s->min;
	ch->range_max = s->max;
}

static void describe(struct comedi *c)
{
	const struct cis_comedi_board *b = &c->board;

	for (uint32_t i = 0; i < b->opts.n_chan; i++)
		name_channel(c, i);
	cis_chan_map_group(&c->base.map);
	for (uint32_t i = 0; i < b->n_list; i++)
		c->delay_s[i] = i * b->convert_s;
	snprintf(c->detail, sizeof(c->detail), "%s: %s (driver %s)",
		 b->opts.dev, b->name, b->driver);
	c->base.info = (struct cis_source_info){
		.origin = CIS_LIVE,
		.detail = c->detail,
		.rate_hz = b->rate_hz,
		.realtime = true,
		.external = c->board.opts.clock.external &&
			    c->board.opts.start.external,
		.map = &c->base.map,
		.warn = &c->base.warn,
		.delay_s = c->delay_s,
	};
}

static void comedi_end(struct cis_source *src)
{
	struct comedi *c = to_comedi(src);

	cis_comedi_board_close(&c->board);
	free(c->timing);
	free(c->raw);
	free(c);
}

static int set_up(struct comedi *c, const char *opts, struct cis_diag *diag)
{
	struct cis_comedi_board *b = &c->board;
	int err = cis_comedi_opts_parse(&b->opts, opts, diag);

	if (!err)
		err = cis_comedi_board_open(b, &c->base.warn, diag);
	if (err)
		return err;
	c->raw_len = 2 * b->buffer_len;
	c->raw = malloc(c->raw_len);
	c->timing = malloc(MAX_SCANS * sizeof(*c->timing));
	if (!c->raw || !c->timing)
		return cis_fail(diag, -ENOMEM, "out of memory");
	describe(c);
	return 0;
}

static int comedi_begin(const char *opts, struct cis_source **out,
			struct cis_diag *diag)
{
	struct comedi *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return cis_fail(diag, -ENOMEM, "out of memory");
	c->base.ops = &cis_source_comedi;
	c->clock.kind = CIS_CLOCK_SYSTEM;
	cis_arrival_init(&c->arrival);
	err = set_up(c, opts, diag);
	if (err)
		comedi_end(&c->base);
	else
		*out = &c->base;
	return err;
}

/* ---- start and stop ---- */

static int64_t within_second(struct cis_time t)
{
	return t.tai_ns - cis_time_floor_s(t) * CIS_NS_PER_S;
}

static int64_t offset_of(struct cis_time t, int64_t monotonic_ns)
{
	return t.tai_ns - monotonic_ns;
}

/* Scan 0 is at `at` by the system's clock, known to half_ns. */
static void set_anchor(struct comedi *c, struct cis_time at, double half_s)
{
	struct cis_time_quality q = cis_clock_quality(&c->clock);
	int64_t now_ns = cis_clock_monotonic_ns();

	c->offset_ns = offset_of(cis_clock_now(&c->clock), now_ns);
	c->scan0_ns = at.tai_ns - c->offset_ns;
	c->start_unc_s = q.unc_s + half_s;
	c->scan_clock = (struct cis_scan_clock){
		.anchor = at,
		.rate_hz = c->board.rate_hz,
		.quality = {.unc_s = c->start_unc_s,
			    .unlocked_s = q.unlocked_s},
	};
	c->armed = true;
	c->arrived = false;
	c->arrived_ns = now_ns;
	c->asked_ns = now_ns;
	c->silent_s = 0;
	cis_arrival_start(&c->arrival, now_ns);
}

static int command(struct comedi *c, struct cis_diag *diag)
{
	struct cis_comedi_board *b = &c->board;

	if (comedi_command(b->dev, &b->cmd) == 0)
		return 0;
	return cis_fail(diag, -ENODEV, "%s: the command is refused: %s",
			b->opts.dev, comedi_strerror(comedi_errno()));
}

/* Scan 0 is some time from before the command to a period after it. Where this
 * computer was busy meanwhile, another try is better. */
static int go(struct comedi *c, struct cis_diag *diag)
{
	int64_t took_ns = INT64_MAX,
		period_ns = llround(1e9 / c->board.rate_hz);
	struct cis_time before;

	for (int i = 0; i < MAX_GO && took_ns > LONG_GO_NS; i++) {
		int err;

		if (i > 0)
			comedi_cancel(c->board.dev, c->board.subdevice);
		before = cis_clock_now(&c->clock);
		err = command(c, diag);
		if (err)
			return err;
		took_ns = cis_time_diff_ns(cis_clock_now(&c->clock), before);
	}
	took_ns += period_ns;
	set_anchor(c, cis_time_add_ns(before, took_ns / 2),
		   (double)took_ns * 0.5e-9 + START_LATENCY_S);
	return 0;
}

/* The edge that starts it comes on the next whole second. -EAGAIN: too near to
 * one. */
static int arm(struct comedi *c, struct cis_diag *diag)
{
	struct cis_time before = cis_clock_now(&c->clock), after;
	int64_t s = cis_time_floor_s(before) + 1;
	int err;

	if (within_second(before) < ARM_FROM_NS ||
	    within_second(before) > ARM_UNTIL_NS)
		return -EAGAIN;
	err = command(c, diag);
	if (err)
		return err;
	after = cis_clock_now(&c->clock);
	if (cis_time_floor_s(after) + 1 != s ||
	    within_second(after) > ARMED_BY_NS) {
		comedi_cancel(c->board.dev, c->board.subdevice);
		return -EAGAIN;
	}
	set_anchor(c, (struct cis_time){.tai_ns = s * CIS_NS_PER_S}, 0);
	return 0;
}

/* Waits until it is time to arm; at most max_ms. */
static void wait_to_arm(struct comedi *c, int max_ms)
{
	struct cis_time now = cis_clock_now(&c->clock);
	int64_t in_ns = within_second(now);
	int64_t left_ns = in_ns < ARM_FROM_NS
				  ? ARM_FROM_NS - in_ns
				  : CIS_NS_PER_S + ARM_FROM_NS - in_ns;

	cis_clock_wait(&c->clock, cis_time_add_ns(now, left_ns), max_ms);
}

/* A board that waits for an edge is armed by read(), in its time. */
static int begin(struct comedi *c, struct cis_diag *diag)
{
	c->armed = false;
	c->next_scan = 0;
	c->head = c->sound = c->fill = 0;
	c->wait_s = 0;
	return c->board.opts.start.external ? 0 : go(c, diag);
}

/* The first start waits for the second, so that a refusal is told. */
static int comedi_start(struct cis_source *src, struct cis_time at,
			struct cis_diag *diag)
{
	struct comedi *c = to_comedi(src);
	int err = 0;

	if (c->gone)
		err = cis_comedi_board_reopen(&c->board, diag);
	if (err)
		return err;
	c->gone = false;
	cis_clock_wait(&c->clock, at, MAX_START_MS);
	err = begin(c, diag);
	while (!err && !c->begun && !c->armed) {
		err = arm(c, diag);
		if (err == -EAGAIN) {
			wait_to_arm(c, MAX_START_MS);
			err = 0;
		}
	}
	if (!err)
		c->begun = true;
	return err;
}

static void comedi_halt(struct cis_source *src)
{
	struct comedi *c = to_comedi(src);

	if (c->board.dev)
		comedi_cancel(c->board.dev, c->board.subdevice);
}

/* ---- faults ---- */

static int lose(struct comedi *c, enum cis_event_kind kind)
{
	c->base.fault = kind;
	c->gap = true;
	return -EPIPE;
}

static int vanish(struct comedi *c)
{
	c->gone = true;
	c->gap = true;
	return -ENODEV;
}

/* read() failed; `got` bytes were there before it did. Comedi tells an overrun
 * from a driver's error by what was in the buffer alone. */
static int failed(struct comedi *c, size_t got, int err)
{
	if (err != EPIPE && err != 0)
		return vanish(c);
	return lose(c, got >= c->board.buffer_len - c->board.buffer_len / 8
			       ? CIS_EVENT_OVERFLOW
			       : CIS_EVENT_DEVICE_ERROR);
}

/* Before anything was delivered nothing is lost by another start. */
static int misdated(struct comedi *c, enum cis_event_kind kind)
{
	if (c->delivered || c->arrival.n_bad > MAX_SILENT)
		return lose(c, kind);
	comedi_cancel(c->board.dev, c->board.subdevice);
	return begin(c, NULL) ? vanish(c) : -ETIMEDOUT;
}

static enum cis_event_kind stopped(const struct comedi *c)
{
	return c->board.opts.clock.external ? CIS_EVENT_CLOCK_STOPPED
					    : CIS_EVENT_STALLED;
}

static double patience_s(const struct comedi *c)
{
	double s = c->arrived ? fmax(STALL_S, N_STALL_WAITS * c->wait_s)
			      : FIRST_STALL_S;

	return s + N_STALL_SCANS / c->board.rate_hz;
}

/* Nothing has arrived. 0: not for too long; else why, as far as the board
 * knows. */
static int ask_why(struct comedi *c, int64_t now_ns)
{
	int flags;

	/* While this computer stands still nobody can say what the board does. */
	c->silent_s += fmin((double)(now_ns - c->asked_ns) * 1e-9, MAX_ASK_S);
	c->asked_ns = now_ns;
	if (now_ns < c->scan0_ns)
		c->silent_s = 0;
	if (c->silent_s <= patience_s(c))
		return 0;
	flags = comedi_get_subdevice_flags(c->board.dev, c->board.subdevice);
	if (flags < 0)
		return vanish(c);
	if (!(flags & SDF_RUNNING) || !(flags & SDF_BUSY))
		return lose(c, CIS_EVENT_DEVICE_ERROR);
	return lose(c, stopped(c));
}

/* ---- read ---- */

/* Room behind what is there, for all that the driver can hold. */
static void make_room(struct comedi *c)
{
	if (c->head == 0)
		return;
	memmove(c->raw, c->raw + c->head, c->fill - c->head);
	c->fill -= c->head;
	c->sound -= c->head;
	c->head = 0;
}

/* All there is. Bytes; -EPIPE, -ENODEV. */
static int fetch(struct comedi *c)
{
	size_t got = 0;

	make_room(c);
	for (;;) {
		size_t room = c->raw_len - c->fill;
		ssize_t n;

		if (room == 0)
			return lose(c, CIS_EVENT_OVERFLOW);
		n = read(comedi_fileno(c->board.dev), c->raw + c->fill, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return (int)got;
		/* 0: the command has ended; none of ours does by itself. */
		if (n <= 0)
			return failed(c, got, n ? errno : 0);
		c->fill += (size_t)n;
		got += (size_t)n;
	}
}

static double lag_s(const struct comedi *c, uint64_t n_scan, int64_t now_ns)
{
	double age_s = (double)(n_scan - 1) / c->board.rate_hz;

	return (double)(now_ns - c->scan0_ns) * 1e-9 - age_s;
}

/* The samples that were fetched after before_ns are all there are: are they of
 * their time? 0: yes; -EAGAIN: not clear yet. */
static int judge(struct comedi *c, int64_t before_ns)
{
	size_t scan_len = c->board.scan_len;
	uint64_t n = c->next_scan + (c->fill - c->head) / scan_len;
	int64_t now_ns = cis_clock_monotonic_ns();
	struct cis_time now = cis_clock_now(&c->clock);
	int64_t set_ns = offset_of(now, now_ns) - c->offset_ns;

	if (c->arrived)
		c->wait_s +=
			((double)(now_ns - c->arrived_ns) * 1e-9 - c->wait_s) /
			SMOOTHING;
	c->arrived = true;
	c->arrived_ns = now_ns;
	c->asked_ns = now_ns;
	c->silent_s = 0;
	if (n == 0)
		return -EAGAIN;
	if (llabs(set_ns) > MAX_SET_NS)
		return lose(c, CIS_EVENT_SCAN_LOST);
	switch (cis_arrival_take(&c->arrival, lag_s(c, n, before_ns),
				 lag_s(c, n, now_ns), now_ns)) {
	case CIS_ARRIVAL_DOUBTFUL:
		return -EAGAIN;
	case CIS_ARRIVAL_LATE:
		return misdated(c, stopped(c));
	case CIS_ARRIVAL_EARLY:
		return misdated(c, CIS_EVENT_SCAN_LOST);
	default:
		c->sound = c->head + (c->fill - c->head) / scan_len * scan_len;
		c->taken_by = now;
		return 0;
	}
}

static int begin_later(struct comedi *c, int max_ms)
{
	int err = arm(c, NULL);

	if (err == -EAGAIN) {
		wait_to_arm(c, max_ms);
		return -ETIMEDOUT;
	}
	return err ? vanish(c) : 0;
}

/* Waits for samples that can be delivered. */
static int gather(struct comedi *c, int timeout_ms)
{
	int64_t now_ns = cis_clock_monotonic_ns();
	int64_t until_ns = now_ns + timeout_ms * INT64_C(1000000);

	for (;;) {
		struct pollfd pfd = {.fd = comedi_fileno(c->board.dev),
				     .events = POLLIN};
		int n = fetch(c), err = 0;

		if (n > 0)
			err = judge(c, now_ns);
		else if (n == 0)
			err = ask_why(c, now_ns);
		if (n < 0)
			return n;
		if (err != -EAGAIN && (err || n > 0))
			return err;
		now_ns = cis_clock_monotonic_ns();
		if (now_ns >= until_ns)
			return -ETIMEDOUT;
		/* A board that is gone wakes nobody: it is asked anyway. */
		poll(&pfd, 1, (int)((until_ns - now_ns) / 1000000) + 1);
		now_ns = cis_clock_monotonic_ns();
	}
}

/* Quality as of the end of a block: see the head of this file. */
static void date_block(struct comedi *c, struct cis_block *blk)
{
	double age_s = (double)c->next_scan / c->board.rate_hz;
	double ppm = c->board.opts.clock.external ? 0 : OSCILLATOR_PPM;
	struct cis_time_quality *q = &blk->clock.quality;

	blk->clock = c->scan_clock;
	q->unc_s = c->start_unc_s + age_s * ppm * 1e-6;
	q->unlocked_s += age_s;
	if (!(q->unc_s <= UNSYNC_S))
		blk->flags |= CIS_BLOCK_UNSYNC;
}

static bool convert(const struct comedi *c, uint32_t i, uint32_t n, double *x)
{
	const struct cis_comedi_codes codes = {
		.raw = c->raw + c->head + i * c->board.code_len,
		.code_len = c->board.code_len,
		.step = c->board.scan_len,
		.n = n,
	};

	return cis_comedi_convert(&c->board.scale[i], &codes, x);
}

static void deliver(struct comedi *c, struct cis_block *blk)
{
	size_t n_sound = (c->sound - c->head) / c->board.scan_len;
	uint32_t room = blk->n_scan < MAX_SCANS ? blk->n_scan : MAX_SCANS;

	blk->n_scan = n_sound < room ? (uint32_t)n_sound : room;
	blk->first_scan = c->next_scan;
	blk->flags = c->gap ? CIS_BLOCK_GAP : 0;
	blk->delay_s = c->delay_s;
	c->gap = false;
	c->delivered = true;
	c->next_scan += blk->n_scan;
	date_block(c, blk);
	for (uint32_t i = 0; i < blk->n_chan; i++)
		if (convert(c, i, blk->n_scan, cis_block_chan(blk, i)))
			blk->flags |= CIS_BLOCK_CLIP;
	if (c->board.n_list > blk->n_chan) {
		convert(c, blk->n_chan, blk->n_scan, c->timing);
		blk->timing = c->timing;
		blk->timing_delay_s = c->delay_s[blk->n_chan];
	}
	if (blk->n_scan == n_sound)
		blk->taken_by = c->taken_by;
	c->head += blk->n_scan * c->board.scan_len;
}

static int comedi_take(struct cis_source *src, struct cis_block *blk,
		       int timeout_ms)
{
	struct comedi *c = to_comedi(src);
	int err = 0;

	if (c->gone)
		return -ENODEV;
	if (!c->armed)
		err = begin_later(c, timeout_ms);
	if (!err && c->sound == c->head)
		err = gather(c, timeout_ms);
	if (err)
		return err;
	deliver(c, blk);
	return 0;
}

const struct cis_source_ops cis_source_comedi = {
	.name = "comedi",
	.summary = "a data acquisition board, through Comedi",
	.open = comedi_begin,
	.close = comedi_end,
	.start = comedi_start,
	.stop = comedi_halt,
	.read = comedi_take,
};

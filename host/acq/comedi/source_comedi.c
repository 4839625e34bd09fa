/*
 * source_comedi.c - samples from a Comedi board: started, read, watched over.
 *
 * From its start on (comedi_start.c) a board's oscillator is believed within 50
 * ppm; both go into the clock's quality.
 *
 * Samples are delivered when the driver's buffer has been emptied and they turn
 * out to have arrived when they must (arrival.h): a board that stood still and
 * went on would be dated wrongly from then on. Where nothing arrives any more,
 * the board is asked why.
 */
#include "comedi_run.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OSCILLATOR_PPM 50.0
#define UNSYNC_S       31e-6 /* 1 % TVE at 50 Hz is 31.8 us */
#define MAX_START_MS   2000
#define MAX_SET_NS     INT64_C(250000000) /* of the system's clock, by others */
#define MAX_SOON_S     0.2 /* by which a second's begin may be mistaken */
#define SMOOTHING      16

static struct cis_comedi *to_comedi(struct cis_source *src)
{
	return (struct cis_comedi *)src; /* base is the first member */
}

/* ---- open ---- */

static void name_channel(struct cis_comedi *c, uint32_t i)
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

static void describe(struct cis_comedi *c)
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
		.attested = c->front_end.mcu != NULL,
		.front_end = c->front_end.mcu,
		.map = &c->base.map,
		.warn = &c->base.warn,
		.delay_s = c->delay_s,
	};
}

static void comedi_end(struct cis_source *src)
{
	struct cis_comedi *c = to_comedi(src);

	cis_front_end_close(&c->front_end);
	cis_comedi_board_close(&c->board);
	free(c->timing);
	free(c->raw);
	free(c);
}

static int set_up(struct cis_comedi *c, const char *opts, struct cis_diag *diag)
{
	struct cis_comedi_board *b = &c->board;
	int err = cis_comedi_opts_parse(&b->opts, opts, diag);

	if (!err)
		err = cis_comedi_board_open(b, &c->base.warn, diag);
	if (!err)
		err = cis_front_end_open(&c->front_end, &b->opts.front_end,
					 b->opts.rate_hz, diag);
	if (err)
		return err;
	c->raw_len = 2 * b->buffer_len;
	c->raw = malloc(c->raw_len);
	c->timing = malloc(CIS_COMEDI_MAX_SCANS * sizeof(*c->timing));
	if (!c->raw || !c->timing)
		return cis_fail(diag, -ENOMEM, "out of memory");
	describe(c);
	return 0;
}

static int comedi_begin(const char *opts, struct cis_source **out,
			struct cis_diag *diag)
{
	struct cis_comedi *c = calloc(1, sizeof(*c));
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

/* The first start waits for the second, so that a refusal is told; a front end
 * that is not ready yet is waited for by read(). */
static int comedi_start(struct cis_source *src, struct cis_time at,
			struct cis_diag *diag)
{
	struct cis_comedi *c = to_comedi(src);
	int err = 0;

	if (c->gone)
		err = cis_comedi_board_reopen(&c->board, diag);
	if (err)
		return err;
	c->gone = false;
	if (!c->front_end.mcu)
		cis_clock_wait(&c->clock, at, MAX_START_MS);
	err = cis_comedi_begin(c, diag);
	if (!err && !c->begun && !c->armed)
		err = cis_comedi_arm(c, diag);
	if (!err)
		c->begun = true;
	return err;
}

static void comedi_halt(struct cis_source *src)
{
	struct cis_comedi *c = to_comedi(src);

	if (c->board.dev)
		comedi_cancel(c->board.dev, c->board.subdevice);
}

/* ---- read ---- */

/* Room behind what is there, for all that the driver can hold. */
static void make_room(struct cis_comedi *c)
{
	if (c->head == 0)
		return;
	memmove(c->raw, c->raw + c->head, c->fill - c->head);
	c->fill -= c->head;
	c->sound -= c->head;
	c->head = 0;
}

/* All there is. Bytes; -EPIPE, -ENODEV. */
static int fetch(struct cis_comedi *c)
{
	size_t got = 0;

	make_room(c);
	for (;;) {
		size_t room = c->raw_len - c->fill;
		ssize_t n;

		if (room == 0)
			return cis_comedi_lose(c, CIS_EVENT_OVERFLOW);
		n = read(comedi_fileno(c->board.dev), c->raw + c->fill, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return (int)got;
		/* 0: the command has ended; none of ours does by itself. */
		if (n <= 0)
			return cis_comedi_failed(c, got, n ? errno : 0);
		c->fill += (size_t)n;
		got += (size_t)n;
	}
}

static double lag_s(const struct cis_comedi *c, uint64_t n_scan, int64_t now_ns)
{
	double age_s = (double)(n_scan - 1) / c->board.rate_hz;

	return (double)(now_ns - c->scan0_ns) * 1e-9 - age_s;
}

/* Until the first scan is taken it may show that the report by which scan 0 was
 * awaited had been read late. */
static void look_again(struct cis_comedi *c)
{
	struct cis_front_end_start start = {.at = c->scan_clock.anchor,
					    .at_ns = c->scan0_ns};

	if (!c->front_end.mcu || c->next_scan > 0)
		return;
	cis_front_end_when(&c->front_end, &start);
	c->scan0_ns = start.at_ns;
}

/* No scan comes before the start that the front end agreed to, however often: the
 * board was started by something else. */
static bool too_soon(const struct cis_comedi *c, uint64_t n_scan,
		     int64_t now_ns)
{
	return c->front_end.mcu && c->next_scan == 0 &&
	       lag_s(c, n_scan, now_ns) < -MAX_SOON_S;
}

/* Samples came; the time between two such is averaged. */
static void note_arrival(struct cis_comedi *c, int64_t now_ns)
{
	if (c->arrived)
		c->wait_s +=
			((double)(now_ns - c->arrived_ns) * 1e-9 - c->wait_s) /
			SMOOTHING;
	c->arrived = true;
	c->arrived_ns = now_ns;
	c->asked_ns = now_ns;
	c->silent_s = 0;
}

/* The samples that were fetched after before_ns are all there are: are they of
 * their time? 0: yes; -EAGAIN: not clear yet. */
static int judge(struct cis_comedi *c, int64_t before_ns)
{
	size_t scan_len = c->board.scan_len;
	uint64_t n = c->next_scan + (c->fill - c->head) / scan_len;
	int64_t now_ns = cis_clock_monotonic_ns();
	struct cis_time now = cis_clock_now(&c->clock);
	int64_t set_ns = now.tai_ns - now_ns - c->offset_ns;

	note_arrival(c, now_ns);
	/* A board may deliver its scans by parts. */
	if (c->fill - c->head < scan_len)
		return -EAGAIN;
	if (llabs(set_ns) > MAX_SET_NS && !c->front_end.mcu)
		return cis_comedi_lose(c, CIS_EVENT_SCAN_LOST);
	look_again(c);
	if (too_soon(c, n, now_ns))
		return cis_comedi_lose(c, CIS_EVENT_SCAN_LOST);
	switch (cis_arrival_take(&c->arrival, lag_s(c, n, before_ns),
				 lag_s(c, n, now_ns), now_ns)) {
	case CIS_ARRIVAL_DOUBTFUL:
		return -EAGAIN;
	case CIS_ARRIVAL_LATE:
		return cis_comedi_misdated(c, cis_comedi_stopped(c));
	case CIS_ARRIVAL_EARLY:
		return cis_comedi_misdated(c, CIS_EVENT_SCAN_LOST);
	default:
		c->sound = c->head + (c->fill - c->head) / scan_len * scan_len;
		c->taken_by = now;
		return 0;
	}
}

/* Waits for samples that can be delivered. */
static int gather(struct cis_comedi *c, int timeout_ms)
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
			err = cis_comedi_ask_why(c, now_ns);
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
static void date_block(struct cis_comedi *c, struct cis_block *blk)
{
	double age_s = (double)c->next_scan / c->board.rate_hz;
	double ppm = c->board.opts.clock.external ? 0 : OSCILLATOR_PPM;
	struct cis_time_quality *q = &blk->clock.quality;

	blk->clock = c->scan_clock;
	cis_front_end_attest(&c->front_end, blk);
	if (c->front_end.mcu)
		return;
	q->unc_s = c->start_unc_s + age_s * ppm * 1e-6;
	q->unlocked_s += age_s;
	if (!(q->unc_s <= UNSYNC_S))
		blk->flags |= CIS_BLOCK_UNSYNC;
}

static bool convert(const struct cis_comedi *c, uint32_t i, uint32_t n,
		    double *x)
{
	const struct cis_comedi_codes codes = {
		.raw = c->raw + c->head + i * c->board.code_len,
		.code_len = c->board.code_len,
		.step = c->board.scan_len,
		.n = n,
	};

	return cis_comedi_convert(&c->board.scale[i], &codes, x);
}

static void deliver(struct cis_comedi *c, struct cis_block *blk)
{
	size_t n_sound = (c->sound - c->head) / c->board.scan_len;
	uint32_t room = blk->n_scan < CIS_COMEDI_MAX_SCANS
				? blk->n_scan
				: CIS_COMEDI_MAX_SCANS;

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
	struct cis_comedi *c = to_comedi(src);
	int err = 0;

	if (c->gone)
		return -ENODEV;
	if (!c->armed)
		err = cis_comedi_arm_later(c, timeout_ms);
	else if (c->front_end.mcu && cis_mcu_torn(c->front_end.mcu))
		err = cis_comedi_lose(c, CIS_EVENT_SCAN_LOST);
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

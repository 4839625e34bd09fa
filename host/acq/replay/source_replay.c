/*
 * source_replay.c - a COMTRADE recording as a source.
 *
 *     replay:FILE.cfg[,loop=1][,time=now][,primary=1]
 *
 * Dates are the recording's own; time=now moves them by whole seconds to the
 * start. A loop begins anew at a whole number of seconds after it began, so
 * that the part of the second is kept, and flags the gap.
 */
#include "host/acq/driver.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "replay_channels.h"
#include "replay_files.h"
#include "replay_opts.h"

/* As live samples: what makes 1 % TVE, with a power of ten as it is told. */
#define SYNC_S 26e-6

/* Where the next scan is, and what number and date it has. */
struct position {
	uint64_t next; /* scan of the recording */
	uint32_t segment;
	uint64_t pass_scan; /* scan number of the recording's first */
	int64_t shift_ns;   /* from the recording's dates to those given out */
	bool gap;           /* flag the next block */
};

struct replay {
	struct cis_source base;
	struct cis_replay_opts opt;
	struct cis_replay_files files;
	struct cis_comtrade *rec;
	const struct cis_comtrade_info *info;
	struct cis_replay_channels channels;
	int64_t pass_ns; /* one pass of a loop, whole seconds */
	struct position at;
};

static struct replay *to_replay(struct cis_source *src)
{
	return (struct replay *)src; /* base is the first member */
}

/* ---- open and close ---- */

static void replay_close(struct cis_source *src)
{
	struct replay *rp = to_replay(src);

	cis_comtrade_free(rp->rec);
	cis_replay_files_close(&rp->files);
	free(rp);
}

/* Whole seconds from one pass to the next: the next begins after the last
 * sample of this one. */
static int64_t pass_length_ns(const struct replay *rp)
{
	const struct cis_comtrade_segment *last =
		cis_comtrade_segment(rp->rec, rp->info->n_segment - 1);
	double end_s =
		(double)cis_time_diff_ns(last->start, rp->info->start) / 1e9 +
		(double)(last->n_scan - 1) / last->rate_hz;

	return ((int64_t)fmin(end_s, 1e9) + 1) * CIS_NS_PER_S;
}

/* Some recorders write the frequency as measured, 59.94. */
static double nominal_hz(double line_hz)
{
	if (fabs(line_hz - 50) < 3)
		return 50;
	return fabs(line_hz - 60) < 3 ? 60 : 0;
}

static void set_info(struct replay *rp)
{
	struct cis_source_info *info = &rp->base.info;

	info->origin = CIS_REPLAY;
	info->simulated = strstr(rp->info->station, "SIM") != NULL;
	info->detail = rp->opt.path;
	for (uint32_t i = 0; i < rp->info->n_segment; i++)
		info->rate_hz = fmax(info->rate_hz,
				     cis_comtrade_segment(rp->rec, i)->rate_hz);
	info->fnom_hz = nominal_hz(rp->info->fnom_hz);
	if (rp->info->fnom_hz > 0 && info->fnom_hz == 0)
		cis_warn(&rp->base.warn,
			 "%s: a line frequency of %g Hz is neither 50 nor 60; "
			 "50 is taken unless --fnom tells",
			 rp->opt.path, rp->info->fnom_hz);
	info->dated = !rp->opt.now;
	info->first = rp->info->start;
	info->delay_s = rp->channels.delay_s;
	info->map = &rp->base.map;
	info->warn = &rp->base.warn;
}

static int open_recording(struct replay *rp, struct cis_diag *diag)
{
	struct cis_comtrade_files files = {.name = rp->opt.path};
	int err = cis_replay_files_open(&rp->files, rp->opt.path, diag);

	if (err)
		return err;
	files.cfg = rp->files.cfg.bytes;
	files.cfg_len = rp->files.cfg.len;
	files.dat = rp->files.dat.bytes;
	files.dat_len = rp->files.dat.len;
	err = cis_comtrade_new(&files, &rp->rec, &rp->base.warn, diag);
	if (!err)
		rp->info = cis_comtrade_info(rp->rec);
	return err;
}

static int replay_open(const char *opts, struct cis_source **out,
		       struct cis_diag *diag)
{
	struct replay *rp = calloc(1, sizeof(*rp));
	int err;

	if (!rp)
		return cis_fail(diag, -ENOMEM, "replay: not enough memory");
	rp->base.ops = &cis_source_replay;
	err = cis_replay_opts_parse(opts, &rp->opt, diag);
	if (!err)
		err = open_recording(rp, diag);
	if (!err)
		err = cis_replay_channels_init(&rp->channels, rp->rec, &rp->opt,
					       &rp->base, diag);
	if (err) {
		replay_close(&rp->base);
		return err;
	}
	set_info(rp);
	rp->pass_ns = pass_length_ns(rp);
	*out = &rp->base;
	return 0;
}

/* ---- running ---- */

static int replay_start(struct cis_source *src, struct cis_time at,
			struct cis_diag *diag)
{
	struct replay *rp = to_replay(src);
	int64_t late_ns = cis_time_diff_ns(at, rp->info->start);

	(void)diag;
	rp->at = (struct position){.next = 0};
	if (rp->opt.now) /* up to the next whole second */
		rp->at.shift_ns =
			cis_time_floor_s((struct cis_time){late_ns - 1}) *
				CIS_NS_PER_S +
			CIS_NS_PER_S;
	return 0;
}

static void replay_stop(struct cis_source *src)
{
	(void)src;
}

/* A segment follows on when it begins a sample after the last one's end. */
static bool follows_on(const struct cis_comtrade_segment *a,
		       const struct cis_comtrade_segment *b)
{
	double last_s = (double)(a->n_scan - 1) / a->rate_hz;
	double d = (double)cis_time_diff_ns(b->start, a->start) / 1e9 - last_s;
	double shorter = 1 / fmax(a->rate_hz, b->rate_hz);
	double longer = 1 / fmin(a->rate_hz, b->rate_hz);

	return !b->unsync && d > 0.5 * shorter && d < 1.5 * longer;
}

/* Dates in ns end in 2262: a loop over years gets there. */
static bool past_all_dates(const struct replay *rp)
{
	return rp->info->start.tai_ns + rp->at.shift_ns >
	       INT64_MAX - 3 * rp->pass_ns;
}

/* To the segment of the next scan; false at the end of the recording. */
static bool advance(struct replay *rp)
{
	struct position *at = &rp->at;
	const struct cis_comtrade_segment *seg =
		cis_comtrade_segment(rp->rec, at->segment);

	if (at->next < seg->first_scan + seg->n_scan)
		return true;
	if (at->segment + 1 < rp->info->n_segment) {
		at->segment++;
		at->gap = !follows_on(
			seg, cis_comtrade_segment(rp->rec, at->segment));
		return true;
	}
	if (!rp->opt.loop || past_all_dates(rp))
		return false;
	at->next = 0;
	at->segment = 0;
	at->pass_scan += rp->info->n_scan;
	at->shift_ns += rp->pass_ns;
	at->gap = true;
	return true;
}

static void set_clock(const struct replay *rp,
		      const struct cis_comtrade_segment *seg,
		      struct cis_block *blk)
{
	struct cis_time_quality q = rp->info->quality;

	if (q.unc_s > SYNC_S || seg->unsync)
		blk->flags |= CIS_BLOCK_UNSYNC;
	if (isnan(q.unc_s) || seg->unsync)
		q.unc_s = q.unlocked_s = INFINITY;
	blk->clock = (struct cis_scan_clock){
		.anchor = cis_time_add_ns(seg->start, rp->at.shift_ns),
		.anchor_scan = rp->at.pass_scan + seg->first_scan,
		.rate_hz = seg->rate_hz,
		.quality = q,
	};
}

static int replay_read(struct cis_source *src, struct cis_block *blk,
		       int timeout_ms)
{
	struct replay *rp = to_replay(src);
	const struct cis_comtrade_segment *seg;
	uint64_t left;

	(void)timeout_ms;
	if (!advance(rp))
		return -ENODATA;
	seg = cis_comtrade_segment(rp->rec, rp->at.segment);
	left = seg->first_scan + seg->n_scan - rp->at.next;
	if (left < blk->n_scan)
		blk->n_scan = (uint32_t)left;
	blk->first_scan = rp->at.pass_scan + rp->at.next;
	blk->flags = rp->at.gap ? CIS_BLOCK_GAP : 0;
	blk->delay_s = rp->channels.delay_s;
	set_clock(rp, seg, blk);
	for (uint32_t c = 0; c < blk->n_chan; c++)
		if (cis_replay_channels_read(&rp->channels, c, rp->at.next,
					     blk->n_scan,
					     cis_block_chan(blk, c)))
			blk->flags |= CIS_BLOCK_CLIP;
	rp->at.next += blk->n_scan;
	rp->at.gap = false;
	return 0;
}

static bool replay_reads(const struct cis_source *src, const char *path)
{
	const struct replay *rp = (const struct replay *)src;

	return cis_replay_files_have(&rp->files, path);
}

const struct cis_source_ops cis_source_replay = {
	.name = "replay",
	.summary = "a COMTRADE recording (FILE.cfg or FILE.cff)",
	.open = replay_open,
	.close = replay_close,
	.start = replay_start,
	.stop = replay_stop,
	.read = replay_read,
	.reads = replay_reads,
};

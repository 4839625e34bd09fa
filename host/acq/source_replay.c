/*
 * source_replay.c - a COMTRADE recording as a source.
 *
 *     replay:FILE.cfg[,loop=1][,time=now][,primary=1]
 *
 * Dates are the recording's own; time=now moves them by whole seconds to the
 * start. A loop begins anew at a whole number of seconds after it began, so
 * that the part of the second is kept, and flags the gap.
 */
#include "driver.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cisoid/comtrade.h"
#include "host/acq/mapfile.h"
#include "host/core/opt.h"

/* As live samples: what makes 1 % TVE, with a power of ten as it is told. */
#define SYNC_S 26e-6

#define MAX_PATH 4096

struct options {
	char path[MAX_PATH];
	bool loop;
	bool now;
	bool primary;
};

struct replay {
	struct cis_source base;
	struct options opt;
	struct cis_mapfile cfg, dat;
	struct cis_comtrade *rec;
	const struct cis_comtrade_info *info;
	uint32_t index_of[CIS_MAX_CHAN]; /* channel in the file */
	double factor[CIS_MAX_CHAN];     /* to primary, or 1 */
	double clip_min[CIS_MAX_CHAN];   /* as read; -INFINITY: not known */
	double clip_max[CIS_MAX_CHAN];
	double delay_s[CIS_MAX_CHAN];
	int64_t pass_ns;    /* one pass of a loop, whole seconds */
	int64_t shift_ns;   /* from the recording's dates to those given out */
	uint64_t pass_scan; /* scan number of the recording's first */
	uint64_t next;      /* within the recording */
	uint32_t segment;
	bool gap; /* flag the next block */
};

static struct replay *to_replay(struct cis_source *src)
{
	return (struct replay *)src; /* base is the first member */
}

/* ---- options ---- */

static const char *const keys[] = {"loop", "time", "primary"};

/* ",key=" of small letters at `c` is meant for us, and misspelt. */
static bool looks_like_key(const char *c)
{
	size_t len = strspn(c + 1, "abcdefghijklmnopqrstuvwxyz_");

	return len > 0 && c[1 + len] == '=';
}

/* A name with a comma is that of a file, or ends in a key unknown to us. */
static int check_name(const char *path, struct cis_diag *diag)
{
	const char *c = strchr(path, ',');

	while (c && !looks_like_key(c))
		c = strchr(c + 1, ',');
	if (!c || !access(path, F_OK))
		return 0;
	return cis_fail(diag, -EINVAL,
			"replay: %.200s: no such file, and \"%.*s\" is no key; "
			"there are loop, time and primary",
			path, (int)strcspn(c + 1, "="), c + 1);
}

/* The file's name may hold commas: it ends where a key begins. */
static size_t path_len(const char *opts)
{
	for (const char *c = strchr(opts, ','); c; c = strchr(c + 1, ','))
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			size_t len = strlen(keys[i]);

			if (!strncmp(c + 1, keys[i], len) && c[1 + len] == '=')
				return (size_t)(c - opts);
		}
	return strlen(opts);
}

static int set_switch(const char *key, const char *value, bool *on,
		      struct cis_diag *diag)
{
	if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
		return cis_fail(diag, -EINVAL,
				"replay: %s=%.40s: 0 or 1 expected", key,
				value);
	*on = *value == '1';
	return 0;
}

static int set_option(struct options *o, char *item, struct cis_diag *diag)
{
	char *value = strchr(item, '=');

	if (value)
		*value++ = '\0';
	else
		value = item + strlen(item);
	if (!strcmp(item, "loop"))
		return set_switch(item, value, &o->loop, diag);
	if (!strcmp(item, "primary"))
		return set_switch(item, value, &o->primary, diag);
	if (strcmp(item, "time") != 0)
		return cis_fail(diag, -EINVAL,
				"replay: unknown option \"%.40s\"; there are "
				"loop, time and primary",
				item);
	if (strcmp(value, "now") != 0 && strcmp(value, "recorded") != 0)
		return cis_fail(diag, -EINVAL,
				"replay: time=%.40s: now or recorded expected",
				value);
	o->now = !strcmp(value, "now");
	return 0;
}

static int parse_options(const char *opts, struct options *o,
			 struct cis_diag *diag)
{
	size_t len = path_len(opts);
	char rest[256], *item = rest;
	struct cis_diag why;

	if (len == 0)
		return cis_fail(diag, -EINVAL,
				"replay: no file is named (replay:FILE.cfg)");
	if (len >= sizeof(o->path) || strlen(opts + len) >= sizeof(rest))
		return cis_fail(diag, -ENAMETOOLONG,
				"replay: %.60s...: name too long", opts);
	memcpy(o->path, opts, len);
	o->path[len] = '\0';
	if (check_name(o->path, diag))
		return -EINVAL;
	strcpy(rest, opts + len + (opts[len] == ','));
	if (cis_opt_once(rest, &why))
		return cis_fail(diag, -EINVAL, "replay: %.300s", why.msg);
	while (*item) {
		char *next = item + strcspn(item, ",");
		int err;

		if (*next)
			*next++ = '\0';
		err = set_option(o, item, diag);
		if (err)
			return err;
		item = next;
	}
	return 0;
}

/* ---- files ---- */

static bool has_extension(const char *path, const char *ext)
{
	size_t len = strlen(path);

	return len >= 4 && !strcasecmp(path + len - 4, ext);
}

/* The file beside `path` with the extension in whatever case; `to` has
 * MAX_PATH bytes. */
static int find_beside(const char *path, const char *ext, char *to)
{
	const char *slash = strrchr(path, '/');
	size_t dir_len = slash ? (size_t)(slash - path) + 1 : 0;
	const char *base = path + dir_len;
	size_t stem = strlen(base) - 4;
	char dir_name[MAX_PATH];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	memcpy(dir_name, path, dir_len);
	strcpy(dir_name + dir_len, ".");
	dir = opendir(dir_name);
	if (!dir)
		return -errno;
	while (!found && (entry = readdir(dir)))
		found = strlen(entry->d_name) == stem + 4 &&
			!memcmp(entry->d_name, base, stem) &&
			!strcasecmp(entry->d_name + stem, ext);
	if (found) {
		memcpy(to, path, dir_len + stem);
		strcpy(to + dir_len + stem, entry->d_name + stem);
	}
	closedir(dir);
	return found ? 0 : -ENOENT;
}

static int open_data(struct replay *rp, struct cis_diag *diag)
{
	const char *path = rp->opt.path;
	char beside[MAX_PATH];

	if (!has_extension(path, ".cfg"))
		return cis_fail(diag, -EBADMSG,
				"%s: a COMTRADE file ends with .cfg or .cff",
				path);
	if (find_beside(path, ".dat", beside))
		return cis_fail(diag, -ENOENT,
				"%s: there is no data file beside it "
				"(%.*s.dat): no such file",
				path, (int)strlen(path) - 4, path);
	return cis_mapfile_open(&rp->dat, beside, diag);
}

/* A .dat that is named by mistake stands for its .cfg. */
static void mend_path(struct options *o)
{
	char beside[MAX_PATH];

	if (has_extension(o->path, ".dat") &&
	    !find_beside(o->path, ".cfg", beside))
		strcpy(o->path, beside);
}

static int open_files(struct replay *rp, struct cis_diag *diag)
{
	struct cis_comtrade_files files = {.name = rp->opt.path};
	int err;

	mend_path(&rp->opt);
	err = cis_mapfile_open(&rp->cfg, rp->opt.path, diag);
	if (!err && !has_extension(rp->opt.path, ".cff"))
		err = open_data(rp, diag);
	if (err)
		return err;
	files.cfg = rp->cfg.bytes;
	files.cfg_len = rp->cfg.len;
	files.dat = rp->dat.bytes;
	files.dat_len = rp->dat.len;
	err = cis_comtrade_new(&files, &rp->rec, &rp->base.warn, diag);
	if (!err)
		rp->info = cis_comtrade_info(rp->rec);
	return err;
}

/* ---- channels ---- */

/* How many channels are on the other side of a transformer. */
struct sides {
	uint32_t primary, secondary, unknown, no_ratio;
};

static void set_side(struct replay *rp, uint32_t c,
		     const struct cis_comtrade_channel *ch, struct sides *n)
{
	bool ratio = ch->primary > 0 && ch->secondary > 0;

	rp->factor[c] = 1;
	if (ch->is_primary) {
		n->primary += !(ratio && ch->primary == ch->secondary);
	} else if (ratio && ch->primary == ch->secondary) {
		n->unknown += !ch->has_side;
	} else {
		n->secondary++;
		if (!ratio)
			n->no_ratio++;
		else if (rp->opt.primary)
			rp->factor[c] = ch->primary / ch->secondary;
	}
}

static void add_channel(struct replay *rp, uint32_t i, struct sides *sides)
{
	const struct cis_comtrade_channel *ch =
		cis_comtrade_channel(rp->rec, i);
	uint32_t c = rp->base.map.n_chan++;
	struct cis_chan *to = &rp->base.map.chan[c];

	cis_chan_set_name(&rp->base.map, c, ch->name);
	strcpy(to->phase, ch->phase);
	strcpy(to->unit, ch->unit);
	to->quantity = ch->quantity;
	to->position = i;
	rp->index_of[c] = i;
	rp->delay_s[c] = ch->skew_s;
	set_side(rp, c, ch, sides);
	if (ch->clips) {
		to->range_min = ch->min * rp->factor[c];
		to->range_max = ch->max * rp->factor[c];
	}
	rp->clip_min[c] = ch->clips && rp->info->binary ? ch->min : -INFINITY;
	rp->clip_max[c] = ch->clips && rp->info->binary ? ch->max : INFINITY;
}

static void tell_sides(struct replay *rp, const struct sides *n)
{
	struct cis_warn_list *warn = &rp->base.warn;
	const char *path = rp->opt.path;

	if (rp->opt.primary) {
		if (n->no_ratio)
			cis_warn(warn,
				 "%s: %u channels have no transformer ratio: "
				 "their values stay as recorded",
				 path, (unsigned)n->no_ratio);
		return;
	}
	if (n->secondary)
		cis_remark(warn,
			   "%s: values are as recorded, which is the secondary "
			   "side on %u of %u channels (--primary converts)",
			   path, (unsigned)n->secondary,
			   (unsigned)rp->base.map.n_chan);
	else if (n->primary)
		cis_remark(
			warn,
			"%s: values are as recorded, which is the primary side",
			path);
	if (n->unknown)
		cis_remark(warn,
			   "%s: values are as recorded; the file does not say "
			   "whether that is the primary or the secondary side",
			   path);
}

static int map_channels(struct replay *rp, struct cis_diag *diag)
{
	struct sides sides = {.primary = 0};
	uint32_t usable = 0;

	for (uint32_t i = 0; i < rp->info->n_channel; i++) {
		if (!cis_comtrade_channel(rp->rec, i)->usable)
			continue;
		usable++;
		if (rp->base.map.n_chan < CIS_MAX_CHAN)
			add_channel(rp, i, &sides);
	}
	if (usable == 0)
		return cis_fail(diag, -EBADMSG,
				"%s: none of its %u analogue channels is a "
				"voltage or a current",
				rp->opt.path, (unsigned)rp->info->n_channel);
	if (usable > CIS_MAX_CHAN)
		cis_warn(&rp->base.warn,
			 "%s: %u voltages and currents; the first %d are read",
			 rp->opt.path, (unsigned)usable, CIS_MAX_CHAN);
	tell_sides(rp, &sides);
	cis_chan_map_group(&rp->base.map);
	return 0;
}

/* ---- open and close ---- */

static void replay_close(struct cis_source *src)
{
	struct replay *rp = to_replay(src);

	cis_comtrade_free(rp->rec);
	cis_mapfile_close(&rp->cfg);
	cis_mapfile_close(&rp->dat);
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
	info->delay_s = rp->delay_s;
	info->map = &rp->base.map;
	info->warn = &rp->base.warn;
}

static int replay_open(const char *opts, struct cis_source **out,
		       struct cis_diag *diag)
{
	struct replay *rp = calloc(1, sizeof(*rp));
	int err;

	if (!rp)
		return cis_fail(diag, -ENOMEM, "replay: not enough memory");
	rp->base.ops = &cis_source_replay;
	err = parse_options(opts, &rp->opt, diag);
	if (!err)
		err = open_files(rp, diag);
	if (!err)
		err = map_channels(rp, diag);
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
	rp->next = 0;
	rp->segment = 0;
	rp->pass_scan = 0;
	rp->gap = false;
	rp->shift_ns = 0;
	if (rp->opt.now) /* up to the next whole second */
		rp->shift_ns =
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
	return rp->info->start.tai_ns + rp->shift_ns >
	       INT64_MAX - 3 * rp->pass_ns;
}

/* To the segment of the next scan; false at the end of the recording. */
static bool advance(struct replay *rp)
{
	const struct cis_comtrade_segment *seg =
		cis_comtrade_segment(rp->rec, rp->segment);

	if (rp->next < seg->first_scan + seg->n_scan)
		return true;
	if (rp->segment + 1 < rp->info->n_segment) {
		rp->segment++;
		rp->gap = !follows_on(
			seg, cis_comtrade_segment(rp->rec, rp->segment));
		return true;
	}
	if (!rp->opt.loop || past_all_dates(rp))
		return false;
	rp->pass_scan += rp->info->n_scan;
	rp->shift_ns += rp->pass_ns;
	rp->next = 0;
	rp->segment = 0;
	rp->gap = true;
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
		.anchor = cis_time_add_ns(seg->start, rp->shift_ns),
		.anchor_scan = rp->pass_scan + seg->first_scan,
		.rate_hz = seg->rate_hz,
		.quality = q,
	};
}

/* True when a sample is at the end of the converter's range. */
static bool read_channel(const struct replay *rp, uint32_t c, uint32_t n,
			 double *x)
{
	bool clip = false;

	cis_comtrade_read(rp->rec, rp->index_of[c], rp->next, n, x);
	for (uint32_t i = 0; i < n; i++) {
		clip |= x[i] <= rp->clip_min[c] || x[i] >= rp->clip_max[c];
		x[i] *= rp->factor[c];
	}
	return clip;
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
	seg = cis_comtrade_segment(rp->rec, rp->segment);
	left = seg->first_scan + seg->n_scan - rp->next;
	if (left < blk->n_scan)
		blk->n_scan = (uint32_t)left;
	blk->first_scan = rp->pass_scan + rp->next;
	blk->flags = rp->gap ? CIS_BLOCK_GAP : 0;
	blk->delay_s = rp->delay_s;
	set_clock(rp, seg, blk);
	for (uint32_t c = 0; c < blk->n_chan; c++)
		if (read_channel(rp, c, blk->n_scan, cis_block_chan(blk, c)))
			blk->flags |= CIS_BLOCK_CLIP;
	rp->next += blk->n_scan;
	rp->gap = false;
	return 0;
}

static bool replay_reads(const struct cis_source *src, const char *path)
{
	const struct replay *rp = (const struct replay *)src;

	return cis_mapfile_is(&rp->cfg, path) || cis_mapfile_is(&rp->dat, path);
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

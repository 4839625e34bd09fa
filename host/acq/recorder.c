/* recorder.c - see recorder.h. */
#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "row_dates.h"

#define MAX_PATH   4096
#define BUF_SIZE   (1u << 18)
#define MAX_FILL_S 3600.0 /* a longer gap ends the recording */
#define MAX_WAIT_S 60.0   /* after a gap, until dates are sure again */

struct cis_recorder {
	struct cis_comtrade_header head;
	char cfg_path[MAX_PATH], dat_path[MAX_PATH];
	char cfg_tmp[MAX_PATH + 32], dat_tmp[MAX_PATH + 32];
	int fd;
	int err; /* the first one of put() */
	uint64_t lost, bytes;
	uint64_t waited;             /* scans after a gap that are undated */
	bool loose;                  /* a gap was filled though unsure */
	bool unsync;                 /* the last block */
	uint64_t next_scan;          /* of the source, that should come */
	struct cis_scan_clock clock; /* of the last block that was written */
	struct cis_row_dates dates;
	double delay_s[CIS_MAX_CHAN];
	size_t fill; /* of buf */
	uint8_t buf[BUF_SIZE];
	char text[CIS_COMTRADE_CFG_SIZE];
};

/* ---- files ---- */

static int set_paths(struct cis_recorder *rec, const char *path,
		     struct cis_diag *diag)
{
	size_t len = strlen(path);
	bool upper;

	if (len >= MAX_PATH)
		return cis_fail(diag, -ENAMETOOLONG, "%.60s...: name too long",
				path);
	if (len < 4 || strcasecmp(path + len - 4, ".cfg") != 0)
		return cis_fail(diag, -EINVAL,
				"%s: a recording is written as FILE.cfg and "
				"FILE.dat; name the .cfg",
				path);
	upper = path[len - 3] == 'C';
	strcpy(rec->cfg_path, path);
	strcpy(rec->dat_path, path);
	strcpy(rec->dat_path + len - 3, upper ? "DAT" : "dat");
	snprintf(rec->cfg_tmp, sizeof(rec->cfg_tmp), "%s.%ld", rec->cfg_path,
		 (long)getpid());
	snprintf(rec->dat_tmp, sizeof(rec->dat_tmp), "%s.%ld", rec->dat_path,
		 (long)getpid());
	return 0;
}

static int check_free(const char *path, bool force, struct cis_diag *diag)
{
	struct stat st;

	if (stat(path, &st))
		return 0;
	if (S_ISDIR(st.st_mode))
		return cis_fail(diag, -EISDIR, "%s: is a directory", path);
	if (!force || !S_ISREG(st.st_mode))
		return cis_fail(diag, -EEXIST,
				"%s: exists; --force overwrites it", path);
	return 0;
}

static int fail_errno(const char *path, int err, struct cis_diag *diag)
{
	return cis_fail(diag, err, "%s: %s", path, strerror(-err));
}

static int write_all(int fd, const void *bytes, size_t len)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int open_files(struct cis_recorder *rec, bool force,
		      struct cis_diag *diag)
{
	int err = check_free(rec->cfg_path, force, diag);

	if (!err)
		err = check_free(rec->dat_path, force, diag);
	if (err)
		return err;
	rec->fd = open(rec->dat_tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		       0666);
	return rec->fd < 0 ? fail_errno(rec->dat_path, -errno, diag) : 0;
}

int cis_recorder_open(const struct cis_recorder_config *rc,
		      struct cis_recorder **out, struct cis_diag *diag)
{
	struct cis_recorder *rec = calloc(1, sizeof(*rec));
	int err;

	if (!rec)
		return cis_fail(diag, -ENOMEM, "%s: not enough memory",
				rc->path);
	rec->head = (struct cis_comtrade_header){
		.station = rc->station,
		.device = rc->device,
		.format = rc->format,
		.secondary = rc->secondary,
		.fnom_hz = rc->fnom_hz,
		.map = rc->map,
	};
	err = set_paths(rec, rc->path, diag);
	if (!err)
		err = cis_comtrade_check_range(&rec->head, diag);
	if (!err)
		err = open_files(rec, rc->force, diag);
	if (err) {
		free(rec);
		return err;
	}
	*out = rec;
	return 0;
}

/* ---- rows ---- */

static int flush(struct cis_recorder *rec)
{
	int err = write_all(rec->fd, rec->buf, rec->fill);

	rec->bytes += rec->fill;
	rec->fill = 0;
	return err;
}

static int add_row(struct cis_recorder *rec, const double *x, size_t stride)
{
	int err = 0;

	if (rec->fill + cis_comtrade_row_len(&rec->head) > BUF_SIZE)
		err = flush(rec);
	if (err)
		return err;
	rec->fill += cis_comtrade_row_encode(&rec->head, rec->head.n_scan, x,
					     stride, rec->buf + rec->fill);
	rec->head.n_scan++;
	return 0;
}

static void begin(struct cis_recorder *rec, const struct cis_block *blk)
{
	struct cis_comtrade_header *h = &rec->head;
	struct cis_split_time first =
		cis_scan_instant(&blk->clock, blk->first_scan);

	h->clock = blk->clock;
	h->clock.anchor_scan = 0;
	h->clock.anchor.tai_ns =
		first.tai_s * CIS_NS_PER_S + llround(first.frac_s * 1e9);
	rec->next_scan = blk->first_scan;
	rec->clock = blk->clock;
	if (blk->delay_s) {
		memcpy(rec->delay_s, blk->delay_s,
		       h->map->n_chan * sizeof(double));
		h->delay_s = rec->delay_s;
	}
}

static bool is_after_gap(const struct cis_recorder *rec,
			 const struct cis_block *blk)
{
	return blk->flags & CIS_BLOCK_GAP || rec->waited > 0;
}

/* The scan at an instant is known. */
static bool is_sure(const struct cis_recorder *rec,
		    const struct cis_scan_clock *clock)
{
	return clock->quality.unc_s <= 0.5 / rec->head.clock.rate_hz;
}

/* Scans that lie between what has been written and this block. */
static double missing_before(const struct cis_recorder *rec,
			     const struct cis_block *blk)
{
	struct cis_split_time want =
		cis_scan_instant(&rec->clock, rec->next_scan);
	struct cis_split_time is =
		cis_scan_instant(&blk->clock, blk->first_scan);
	double n = (double)(int64_t)(blk->first_scan - rec->next_scan);

	if (is_after_gap(rec, blk))
		n = round(cis_split_diff_s(is, want) * rec->clock.rate_hz);
	return n > 0 ? n : 0;
}

static int fill_gap(struct cis_recorder *rec, const struct cis_block *blk)
{
	static const double nothing = NAN;
	double n = missing_before(rec, blk);
	int err = 0;

	if (n > MAX_FILL_S * rec->head.clock.rate_hz)
		return -ERANGE;
	rec->loose = is_after_gap(rec, blk) &&
		     !(is_sure(rec, &rec->clock) && is_sure(rec, &blk->clock));
	rec->waited = 0;
	for (; n > 0 && !err; n--) {
		err = add_row(rec, &nothing, 0);
		rec->lost++;
	}
	return err;
}

/*
 * Where a clock that was sure has to be found anew after a gap, nobody knows how
 * many scans that was: what comes until then is not written, but filled later.
 */
static bool must_wait(const struct cis_recorder *rec,
		      const struct cis_block *blk)
{
	return is_after_gap(rec, blk) && is_sure(rec, &rec->clock) &&
	       !is_sure(rec, &blk->clock) &&
	       (double)rec->waited < MAX_WAIT_S * rec->head.clock.rate_hz;
}

static struct cis_row_point point(const struct cis_recorder *rec, uint64_t scan)
{
	return (struct cis_row_point){
		.row = rec->head.n_scan,
		.at = cis_scan_instant(&rec->clock, scan),
		.rate_hz = rec->clock.rate_hz,
		.unc_s = rec->clock.quality.unc_s,
		.unlocked_s = rec->clock.quality.unlocked_s,
		.unsync = rec->unsync,
		.loose = rec->loose,
	};
}

static int put(struct cis_recorder *rec, const struct cis_block *blk)
{
	double rate_hz = rec->head.clock.rate_hz;
	struct cis_row_point p;
	int err;

	if (!(fabs(blk->clock.rate_hz - rate_hz) <= 0.01 * rate_hz)) {
		rec->lost += blk->n_scan;
		return 0;
	}
	if (must_wait(rec, blk)) {
		rec->waited += blk->n_scan;
		return 0;
	}
	err = fill_gap(rec, blk);
	rec->clock = blk->clock;
	rec->unsync = blk->flags & CIS_BLOCK_UNSYNC;
	p = point(rec, blk->first_scan);
	cis_row_dates_put(&rec->dates, &p);
	for (uint32_t i = 0; i < blk->n_scan && !err; i++)
		err = add_row(rec, blk->x + i, blk->stride);
	rec->next_scan = blk->first_scan + blk->n_scan;
	return err;
}

int cis_recorder_put(struct cis_recorder *rec, const struct cis_block *blk)
{
	if (rec->err)
		return rec->err;
	if (blk->n_chan != rec->head.map->n_chan)
		return -EINVAL;
	if (rec->head.n_scan == 0)
		begin(rec, blk);
	rec->err = put(rec, blk);
	return rec->err;
}

/* ---- the end ---- */

void cis_recorder_stats(const struct cis_recorder *rec,
			struct cis_recorder_stats *stats)
{
	*stats = (struct cis_recorder_stats){
		.scans = rec->head.n_scan,
		.lost = rec->lost + rec->waited,
		.bytes = rec->bytes + rec->fill,
		.rate_hz = rec->head.clock.rate_hz,
		.start = rec->head.clock.anchor,
	};
}

static void date_rows(struct cis_recorder *rec)
{
	struct cis_row_point end = point(rec, rec->next_scan);
	struct cis_row_line line = cis_row_dates_line(&rec->dates, &end);

	rec->head.clock.rate_hz = line.rate_hz;
	rec->head.clock.anchor = line.start;
	rec->head.clock.quality = line.quality;
	rec->head.unsync = line.unsync;
}

static int write_cfg(struct cis_recorder *rec)
{
	int len, fd, err;

	date_rows(rec);
	len = cis_comtrade_cfg_encode(&rec->head, rec->text, sizeof(rec->text));
	if (len < 0)
		return len;
	fd = open(rec->cfg_tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	err = write_all(fd, rec->text, (size_t)len);
	if (!err && fsync(fd))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/* The device is full: the last rows make room for the CFG, so that the others
 * can be read. */
static int make_room(struct cis_recorder *rec)
{
	size_t row_len = cis_comtrade_row_len(&rec->head);
	off_t len = lseek(rec->fd, 0, SEEK_END) - (off_t)sizeof(rec->text);
	off_t rows = len > 0 ? len / (off_t)row_len : 0;

	if (rows == 0 || ftruncate(rec->fd, rows * (off_t)row_len))
		return -ENOSPC;
	rec->head.n_scan = (uint64_t)rows;
	return 0;
}

/* DAT before CFG: who finds a CFG finds its data. */
static int finish(struct cis_recorder *rec)
{
	int err = rec->err, late;

	if (!err || err == -ERANGE)
		late = flush(rec);
	else
		late = err;
	if (late)
		late = make_room(rec);
	if (!late && fsync(rec->fd))
		late = -errno;
	if (!late)
		late = write_cfg(rec);
	if (!late && (rename(rec->dat_tmp, rec->dat_path) ||
		      rename(rec->cfg_tmp, rec->cfg_path)))
		late = -errno;
	return late;
}

static int tell_end(const struct cis_recorder *rec, int err, bool kept,
		    struct cis_diag *diag)
{
	const char *why =
		err == -ERANGE ? "a gap of more than an hour" : strerror(-err);

	if (!kept)
		return cis_fail(diag, err, "%s: %s; nothing is kept",
				rec->cfg_path, why);
	return cis_fail(diag, err, "%s: %s; the first %llu samples are kept",
			rec->cfg_path, why,
			(unsigned long long)rec->head.n_scan);
}

int cis_recorder_close(struct cis_recorder *rec, struct cis_diag *diag)
{
	uint64_t n = rec->head.n_scan;
	int err = rec->err, late;

	if (n == 0) {
		err = cis_fail(diag, -ENODATA,
			       "%s: there were no samples; nothing is recorded",
			       rec->cfg_path);
		cis_recorder_abort(rec);
		return err;
	}
	late = finish(rec);
	if (!err)
		err = late ? late : rec->head.n_scan < n ? -ENOSPC : 0;
	if (err)
		tell_end(rec, err, !late, diag);
	cis_recorder_abort(rec);
	return err;
}

void cis_recorder_abort(struct cis_recorder *rec)
{
	if (!rec)
		return;
	close(rec->fd);
	unlink(rec->dat_tmp);
	unlink(rec->cfg_tmp);
	free(rec);
}

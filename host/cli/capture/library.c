/* library.c - a recording of every test; see library.h. */
#include "library.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/acq/recorder.h"

#define BLOCK 512

struct writer {
	const struct cis_library_config *cfg;
	struct cis_interrupt *interrupt;
	struct cis_plan *plan;
	struct cis_library_list list;
	struct cis_library_counts counts;
	struct cis_library_folder folder;
	/* The recording that is being made. */
	struct cis_plan_point point;
	struct cis_chan_map map;
	struct cis_scan_clock clock;
	struct cis_recorder *rec;
	double x[CIS_SIGNAL_N_CHAN * BLOCK];
};

/* ---- samples ---- */

/* Converters' ranges are the plan's; what is not quantised has none. */
static void describe(struct writer *w, const struct cis_library_item *item)
{
	const struct cis_signal *sig = &w->point.sig;
	struct cis_time t0 = w->cfg->start;

	cis_signal_map(sig, &w->map);
	for (uint32_t c = 0; c < w->map.n_chan; c++) {
		w->map.chan[c].range_max = c < 3 ? sig->range_v : sig->range_a;
		w->map.chan[c].range_min = -w->map.chan[c].range_max;
	}
	w->clock = (struct cis_scan_clock){
		.anchor = cis_time_add_ns(t0, (int64_t)item->first_s *
						      CIS_NS_PER_S),
		.rate_hz = w->cfg->rate_hz};
}

static void make_block(struct writer *w, struct cis_block *blk)
{
	int64_t t0_tai_s = cis_time_floor_s(w->cfg->start);

	for (uint32_t i = 0; i < blk->n_scan; i++) {
		uint64_t n = blk->first_scan + i;
		struct cis_split_time t = cis_scan_instant(&w->clock, n);

		for (uint32_t c = 0; c < blk->n_chan; c++)
			cis_block_chan(blk, c)[i] = cis_signal_sample(
				&w->point.sig, c, t.tai_s - t0_tai_s, t.frac_s,
				n);
	}
}

static int put_samples(struct writer *w, uint64_t n_scan)
{
	int err = 0;

	for (uint64_t n = 0; n < n_scan && !err; n += BLOCK) {
		struct cis_block blk = {.clock = w->clock,
					.first_scan = n,
					.n_chan = w->map.n_chan,
					.stride = BLOCK,
					.x = w->x};

		blk.n_scan =
			n_scan - n < BLOCK ? (uint32_t)(n_scan - n) : BLOCK;
		if (cis_interrupted(w->interrupt))
			return -ECANCELED;
		make_block(w, &blk);
		err = cis_recorder_put(w->rec, &blk);
	}
	return err;
}

/* ---- a recording ---- */

static int open_recording(struct writer *w, const struct cis_library_item *item,
			  struct cis_diag *diag)
{
	char path[CIS_LIBRARY_PATH + 80];
	struct cis_recorder_config rc = {.path = path,
					 .map = &w->map,
					 .station = w->cfg->station,
					 .device = item->name,
					 .fnom_hz = w->point.sig.fnom_hz,
					 .format = w->cfg->format,
					 .secondary = true};

	snprintf(path, sizeof(path), "%s/%s.cfg", w->folder.tmp, item->name);
	return cis_recorder_open(&rc, &w->rec, diag);
}

static int write_item(struct writer *w, const struct cis_library_item *item,
		      struct cis_diag *diag)
{
	double n_scan = (item->end_s - item->first_s) * w->cfg->rate_hz;
	struct cis_recorder_stats stats;
	int err;

	cis_plan_point(w->plan, item->point, &w->point);
	describe(w, item);
	err = open_recording(w, item, diag);
	if (err)
		return err;
	err = put_samples(w, (uint64_t)round(n_scan));
	if (err == -ECANCELED) {
		cis_recorder_abort(w->rec);
		return cis_fail(diag, err, "interrupted: nothing is written");
	}
	cis_recorder_stats(w->rec, &stats);
	w->counts.files++;
	w->counts.bytes += stats.bytes;
	return cis_recorder_close(w->rec, diag);
}

/* ---- all ---- */

static int write_files(struct writer *w, struct cis_diag *diag)
{
	int err = 0;

	for (uint32_t i = 0; i < w->list.n && !err; i++)
		err = write_item(w, &w->list.item[i], diag);
	if (err)
		return err;
	return cis_library_index(w->cfg, w->plan, &w->list, w->folder.tmp,
				 diag);
}

static int write_folder(struct writer *w, struct cis_diag *diag)
{
	const struct cis_library_config *cfg = w->cfg;
	int err =
		cis_library_folder_new(&w->folder, cfg->dir, cfg->force, diag);

	if (err)
		return err;
	err = write_files(w, diag);
	if (!err)
		err = cis_library_folder_commit(&w->folder, diag);
	if (err)
		cis_library_folder_drop(&w->folder);
	return err;
}

int cis_library_write(const struct cis_library_config *cfg,
		      struct cis_interrupt *interrupt,
		      struct cis_library_counts *counts, struct cis_diag *diag)
{
	struct writer *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return cis_fail(diag, -ENOMEM, "out of memory");
	w->cfg = cfg;
	w->interrupt = interrupt;
	err = cis_plan_new(&cfg->plan, &w->plan, diag);
	if (!err && cis_library_list(cfg, w->plan, &w->list))
		err = cis_fail(diag, -ENOMEM, "out of memory");
	if (!err)
		err = write_folder(w, diag);
	*counts = w->counts;
	cis_library_list_free(&w->list);
	cis_plan_free(w->plan);
	free(w);
	return err;
}

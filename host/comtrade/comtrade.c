/* comtrade.c - a recording as a whole: CFG, DAT and when its scans were taken. */
#include "cisoid/comtrade.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cff.h"
#include "dat.h"
#include "segment.h"

struct cis_comtrade {
	struct comtrade_cfg cfg;
	struct comtrade_dat dat;
	struct cis_comtrade_segment *segment;
};

static int load_cfg(const struct comtrade_parts *parts,
		    struct comtrade_cfg *cfg, const struct comtrade_tell *tell)
{
	char *text;
	int err = comtrade_text_decode(parts->cfg, parts->cfg_len, &text, tell);

	if (err)
		return cis_fail(tell->diag, err, "%s: not enough memory",
				tell->name);
	err = comtrade_cfg_parse(text, parts->cfg_line, cfg, tell);
	free(text);
	return err;
}

static int load(const struct comtrade_parts *parts, struct cis_comtrade *rec,
		const struct comtrade_tell *tell)
{
	struct cis_comtrade_info *info = &rec->cfg.info;
	int err = load_cfg(parts, &rec->cfg, tell);

	if (err)
		return err;
	err = comtrade_dat_open(&rec->cfg, parts->dat, parts->dat_len,
				&rec->dat, tell);
	if (err)
		goto no_data;
	err = comtrade_segments(&rec->cfg, &rec->dat, &rec->segment,
				&info->n_segment, tell);
	if (err)
		goto no_times;
	info->n_scan = rec->dat.n_scan;
	return 0;

no_times:
	comtrade_dat_free(&rec->dat);
no_data:
	comtrade_cfg_free(&rec->cfg);
	return err;
}

int cis_comtrade_new(const struct cis_comtrade_files *files,
		     struct cis_comtrade **out, struct cis_warn_list *warn,
		     struct cis_diag *diag)
{
	const struct comtrade_tell tell = {files->name, warn, diag};
	struct comtrade_parts parts = {.cfg = files->cfg,
				       .cfg_len = files->cfg_len,
				       .dat = files->dat,
				       .dat_len = files->dat_len};
	struct cis_comtrade *rec;
	int err = 0;

	if (files->cfg_len == 0)
		return cis_fail(diag, -EBADMSG, "%s: is empty", files->name);
	if (!files->dat)
		err = comtrade_cff_split(files->cfg, files->cfg_len, &parts,
					 &tell);
	if (err)
		return err;
	rec = calloc(1, sizeof(*rec));
	if (!rec)
		return cis_fail(diag, -ENOMEM, "%s: not enough memory",
				files->name);
	err = load(&parts, rec, &tell);
	if (err) {
		free(rec);
		return err;
	}
	*out = rec;
	return 0;
}

void cis_comtrade_free(struct cis_comtrade *rec)
{
	if (!rec)
		return;
	free(rec->segment);
	comtrade_dat_free(&rec->dat);
	comtrade_cfg_free(&rec->cfg);
	free(rec);
}

const struct cis_comtrade_info *
cis_comtrade_info(const struct cis_comtrade *rec)
{
	return &rec->cfg.info;
}

const struct cis_comtrade_channel *
cis_comtrade_channel(const struct cis_comtrade *rec, uint32_t i)
{
	assert(i < rec->cfg.info.n_channel);
	return &rec->cfg.channel[i];
}

const struct cis_comtrade_segment *
cis_comtrade_segment(const struct cis_comtrade *rec, uint32_t i)
{
	assert(i < rec->cfg.info.n_segment);
	return &rec->segment[i];
}

void cis_comtrade_read(const struct cis_comtrade *rec, uint32_t channel,
		       uint64_t first, uint32_t n, double *x)
{
	const struct comtrade_scale *s = &rec->cfg.scale[channel];
	double to_si = rec->cfg.channel[channel].to_si;

	assert(first + n <= rec->dat.n_scan);
	comtrade_dat_codes(&rec->dat, channel, first, n, x);
	for (uint32_t i = 0; i < n; i++) {
		double v = (s->a * x[i] + s->b) * to_si;

		x[i] = isfinite(v) ? v : NAN;
	}
}

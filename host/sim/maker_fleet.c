/*
 * maker_fleet.c - a stream for each PMU; see fleet.h.
 *
 * Where PMUs differ in their IDCODE alone, one frame is encoded at an instant,
 * and those of all others are made out of it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fleet.h"

struct maker {
	struct cis_maker m;
	struct cis_fleet fleet;
	struct cis_fleet_state state;
	struct cis_c37_config *cfg; /* of the PMU that was asked for last */
	struct cis_c37_data *data;

	bool alike;
	struct cis_c37_readdress readdress;
	bool has_frame; /* `frame` is that of frame_at */
	struct cis_instant frame_at;
	uint8_t *frame;
};

static uint16_t idcode(const struct cis_maker *m, uint32_t i)
{
	const struct maker *f = (const struct maker *)m;

	return (uint16_t)(f->fleet.stream.idcode + i);
}

static int encode(struct maker *f, uint32_t i, struct cis_instant at,
		  uint8_t *buf, size_t size)
{
	f->cfg->idcode = idcode(&f->m, i);
	cis_fleet_report(&f->fleet, i, at, &f->state);
	cis_c37_data_from_report(f->cfg, 0, &f->state.rep, f->fleet.test_mode,
				 f->data);
	cis_fleet_fill_rest(&f->cfg->pmu[0], at, &f->data->block[0]);
	return cis_c37_data_encode(f->cfg, f->data, buf, size);
}

static bool is_made(const struct maker *f, struct cis_instant at)
{
	return f->has_frame && at.k == f->frame_at.k &&
	       at.tai_s == f->frame_at.tai_s;
}

static int frame(struct cis_maker *m, uint32_t i, struct cis_instant at,
		 uint8_t *buf, size_t size)
{
	struct maker *f = (struct maker *)m;
	int len;

	if (!f->alike)
		return encode(f, i, at, buf, size);
	if (size < m->frame_max)
		return -EMSGSIZE;
	if (!is_made(f, at)) {
		len = encode(f, i, at, f->frame, m->frame_max);
		if (len < 0)
			return len;
		f->frame_at = at;
		f->has_frame = true;
	}
	memcpy(buf, f->frame, m->frame_max);
	cis_c37_readdress(&f->readdress, buf, idcode(m, i));
	return (int)m->frame_max;
}

static uint32_t edition(const struct cis_maker *m, uint32_t i,
			struct cis_instant at)
{
	(void)m;
	(void)i;
	(void)at;
	return 0;
}

static const struct cis_c37_config *config(struct cis_maker *m, uint32_t i,
					   struct cis_instant at)
{
	struct maker *f = (struct maker *)m;

	(void)at;
	f->cfg->idcode = idcode(m, i);
	f->cfg->pmu[0].idcode = f->cfg->idcode;
	cis_fleet_name(&f->fleet, i, f->cfg->pmu[0].station);
	return f->cfg;
}

static const char *header(const struct cis_maker *m, uint32_t i)
{
	(void)i;
	return ((const struct maker *)m)->fleet.header;
}

static void set_quality(struct cis_maker *m, const struct cis_time_quality *q)
{
	struct maker *f = (struct maker *)m;

	f->has_frame = false;
	f->state.quality = q ? *q : (struct cis_time_quality){0, 0};
}

static void free_maker(struct cis_maker *m)
{
	struct maker *f = (struct maker *)m;

	cis_c37_data_free(f->data);
	cis_c37_config_free(f->cfg);
	free(f->frame);
	free(f);
}

static const struct cis_maker_ops ops = {
	.idcode = idcode,
	.frame = frame,
	.edition = edition,
	.config = config,
	.header = header,
	.set_quality = set_quality,
	.free = free_maker,
};

static int prepare(struct maker *f, struct cis_diag *diag)
{
	int err = cis_fleet_config(&f->fleet, 1, &f->cfg, diag);

	if (err)
		return err;
	f->m.frame_max = cis_c37_data_len(f->cfg);
	f->frame = malloc(f->m.frame_max);
	if (!f->frame || cis_c37_data_new(f->cfg, &f->data))
		return cis_fail(diag, -ENOMEM, "out of memory");
	cis_c37_readdress_init(&f->readdress, f->m.frame_max);
	return 0;
}

int cis_maker_fleet(const struct cis_fleet *fleet, struct cis_maker **out,
		    struct cis_diag *diag)
{
	struct maker *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return cis_fail(diag, -ENOMEM, "out of memory");
	f->m.ops = &ops;
	f->m.n_stream = fleet->count;
	f->m.rate = fleet->stream.rate;
	f->fleet = *fleet;
	f->alike = cis_fleet_is_alike(fleet);
	cis_fleet_begin(fleet, &f->state);
	err = prepare(f, diag);
	if (err)
		free_maker(&f->m);
	else
		*out = &f->m;
	return err;
}

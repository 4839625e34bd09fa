/* maker_concentrated.c - all PMUs in one stream, as of a PDC; see fleet.h. */
#include <errno.h>
#include <stdlib.h>

#include "fleet.h"

struct maker {
	struct cis_maker m;
	struct cis_fleet fleet;
	struct cis_fleet_state state;
	struct cis_c37_config *cfg;
	struct cis_c37_data *data;
};

static uint16_t idcode(const struct cis_maker *m, uint32_t i)
{
	(void)i;
	return ((const struct maker *)m)->cfg->idcode;
}

static int frame(struct cis_maker *m, uint32_t i, struct cis_instant at,
		 uint8_t *buf, size_t size)
{
	struct maker *c = (struct maker *)m;

	(void)i;
	for (uint16_t p = 0; p < c->cfg->n_pmu; p++) {
		cis_fleet_report(&c->fleet, p, at, &c->state);
		cis_c37_data_from_report(c->cfg, p, &c->state.rep,
					 c->fleet.test_mode, c->data);
		cis_fleet_fill_rest(&c->cfg->pmu[p], at, &c->data->block[p]);
	}
	return cis_c37_data_encode(c->cfg, c->data, buf, size);
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
	(void)i;
	(void)at;
	return ((struct maker *)m)->cfg;
}

static const char *header(const struct cis_maker *m, uint32_t i)
{
	(void)i;
	return ((const struct maker *)m)->fleet.header;
}

static void set_quality(struct cis_maker *m, const struct cis_time_quality *q)
{
	((struct maker *)m)->state.quality =
		q ? *q : (struct cis_time_quality){0, 0};
}

static void free_maker(struct cis_maker *m)
{
	struct maker *c = (struct maker *)m;

	cis_c37_data_free(c->data);
	cis_c37_config_free(c->cfg);
	free(c);
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

static int prepare(struct maker *c, struct cis_diag *diag)
{
	int err = cis_fleet_config(&c->fleet, (uint16_t)c->fleet.count, &c->cfg,
				   diag);

	if (err)
		return err;
	c->m.frame_max = cis_c37_data_len(c->cfg);
	if (cis_c37_data_new(c->cfg, &c->data))
		return cis_fail(diag, -ENOMEM, "out of memory");
	return 0;
}

int cis_maker_concentrated(const struct cis_fleet *fleet,
			   struct cis_maker **out, struct cis_diag *diag)
{
	struct maker *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return cis_fail(diag, -ENOMEM, "out of memory");
	c->m.ops = &ops;
	c->m.n_stream = 1;
	c->m.rate = fleet->stream.rate;
	c->fleet = *fleet;
	cis_fleet_begin(fleet, &c->state);
	err = prepare(c, diag);
	if (err)
		free_maker(&c->m);
	else
		*out = &c->m;
	return err;
}

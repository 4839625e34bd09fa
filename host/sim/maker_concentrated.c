/*
 * maker_concentrated.c - all PMUs in one stream, as of a PDC; see fleet.h.
 *
 * What a silent PMU does not send is filled in, clause 6.3, table 7: values that
 * are none, and bit 15. The frame's own time quality is that of the concentrator.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "fleet.h"

struct maker {
	struct cis_maker m;
	struct cis_fleet_state state;
};

static uint16_t idcode(const struct cis_maker *m, uint32_t i)
{
	(void)i;
	return cis_fleet_idcode(&((const struct maker *)m)->state, 0);
}

static void begin(struct cis_maker *m, struct cis_instant first)
{
	cis_fleet_begin(&((struct maker *)m)->state, first);
}

static void fill_in(const struct cis_c37_pmu *pmu, struct cis_c37_block *block)
{
	block->stat = CIS_C37_STAT_TEST;
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		block->phasor_rms[i] = cis_rect(NAN, NAN);
	block->freq_hz = block->rocof_hz_per_s = NAN;
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		block->analog[i] = NAN;
}

static int frame(struct cis_maker *m, uint32_t i, struct cis_instant at,
		 uint8_t *buf, size_t size)
{
	struct cis_fleet_state *s = &((struct maker *)m)->state;
	struct cis_c37_head *head = &s->data->head;

	(void)i;
	for (uint16_t p = 0; p < s->cfg->n_pmu; p++) {
		cis_fleet_look(s, p, at);
		cis_fleet_shape(s, p, p, at, false);
		cis_fleet_fill(s, p, p, at);
		if (s->now.silent)
			fill_in(&s->cfg->pmu[p], &s->data->block[p]);
	}
	head->time_quality =
		(uint8_t)((head->time_quality & CIS_C37_LEAP_MASK) |
			  cis_c37_time_quality(&s->quality));
	return cis_c37_data_encode(s->cfg, s->data, buf, size);
}

/* Each change of any of them. */
static uint32_t edition(const struct cis_maker *m, uint32_t i,
			struct cis_instant at)
{
	const struct cis_fleet_state *s = &((const struct maker *)m)->state;
	uint32_t sum = 0;

	(void)i;
	for (uint16_t p = 0; p < s->cfg->n_pmu; p++)
		sum += cis_fleet_cfgcnt(s, p, at);
	return sum;
}

static const struct cis_c37_config *config(struct cis_maker *m, uint32_t i,
					   struct cis_instant at)
{
	struct cis_fleet_state *s = &((struct maker *)m)->state;

	(void)i;
	for (uint16_t p = 0; p < s->cfg->n_pmu; p++)
		cis_fleet_describe(s, p, p, at);
	return s->cfg;
}

static void set_quality(struct cis_maker *m, const struct cis_time_quality *q)
{
	cis_fleet_set_quality(&((struct maker *)m)->state, q);
}

static void set_stat(struct cis_maker *m, uint16_t stat)
{
	((struct maker *)m)->state.stat = stat;
}

static void set_count(struct cis_maker *m, uint32_t i, uint16_t k,
		      struct cis_instant at, uint16_t count)
{
	(void)i;
	cis_fleet_set_count(&((struct maker *)m)->state, k, at, count);
}

static void keep_scales(struct cis_maker *m, const struct cis_c37_pmu *pmu)
{
	cis_fleet_keep_scales(&((struct maker *)m)->state, pmu);
}

static void free_maker(struct cis_maker *m)
{
	cis_fleet_free(&((struct maker *)m)->state);
	free(m);
}

static const struct cis_maker_ops ops = {
	.idcode = idcode,
	.begin = begin,
	.frame = frame,
	.edition = edition,
	.config = config,
	.set_quality = set_quality,
	.set_stat = set_stat,
	.set_count = set_count,
	.keep_scales = keep_scales,
	.free = free_maker,
};

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
	c->m.header = fleet->header;
	err = cis_fleet_init(&c->state, fleet, (uint16_t)fleet->count, diag);
	if (err) {
		free(c);
		return err;
	}
	c->m.frame_max = c->state.frame_max;
	*out = &c->m;
	return 0;
}

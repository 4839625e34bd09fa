/*
 * maker_fleet.c - a stream for each PMU; see fleet.h.
 *
 * PMUs of one class differ in their IDCODE alone: one frame is encoded for them
 * at an instant, and those of all others are made out of it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fleet.h"

/* The frame of a class, as it is at `at`. */
struct made {
	uint64_t turn; /* of the maker, when it was made; 0: not yet */
	uint32_t k;
	int64_t tai_s;
	int len; /* 0: silent */
};

struct maker {
	struct cis_maker m;
	struct cis_fleet_state state;
	struct made *made; /* [n_class] */
	uint8_t *frame;    /* [n_class], of frame_max bytes */
	uint32_t n_class;
	uint64_t turn; /* frames of earlier ones are no longer true */
	struct cis_c37_readdress readdress; /* of the latest length */
};

static uint16_t idcode(const struct cis_maker *m, uint32_t i)
{
	return cis_fleet_idcode(&((const struct maker *)m)->state, i);
}

static void begin(struct cis_maker *m, struct cis_instant first)
{
	cis_fleet_begin(&((struct maker *)m)->state, first);
}

static int encode(struct cis_fleet_state *s, uint32_t i, struct cis_instant at,
		  uint8_t *buf, size_t size)
{
	cis_fleet_look(s, i, at);
	if (s->now.silent)
		return 0;
	cis_fleet_shape(s, 0, i, at, false);
	cis_fleet_fill(s, 0, i, at);
	s->cfg->idcode = cis_fleet_idcode(s, i);
	return cis_c37_data_encode(s->cfg, s->data, buf, size);
}

static const uint8_t *of_class(struct maker *f, uint32_t class, uint32_t i,
			       struct cis_instant at)
{
	struct made *made = &f->made[class];
	uint8_t *frame = f->frame + class * f->m.frame_max;

	if (made->turn == f->turn && made->k == at.k && made->tai_s == at.tai_s)
		return frame;
	made->len = encode(&f->state, i, at, frame, f->m.frame_max);
	made->turn = f->turn;
	made->k = at.k;
	made->tai_s = at.tai_s;
	return frame;
}

static int frame(struct cis_maker *m, uint32_t i, struct cis_instant at,
		 uint8_t *buf, size_t size)
{
	struct maker *f = (struct maker *)m;
	uint32_t class =
		cis_scenario_class(f->state.fleet.scenario, idcode(m, i));
	const uint8_t *from;
	int len;

	if (class == CIS_CLASS_NONE)
		return encode(&f->state, i, at, buf, size);
	from = of_class(f, class, i, at);
	len = f->made[class].len;
	if (len <= 0)
		return len;
	if ((size_t)len > size)
		return -EMSGSIZE;
	if ((size_t)len != f->readdress.len)
		cis_c37_readdress_init(&f->readdress, (size_t)len);
	memcpy(buf, from, (size_t)len);
	cis_c37_readdress(&f->readdress, buf, idcode(m, i));
	return len;
}

static uint32_t edition(const struct cis_maker *m, uint32_t i,
			struct cis_instant at)
{
	return cis_fleet_cfgcnt(&((const struct maker *)m)->state, i, at);
}

static const struct cis_c37_config *config(struct cis_maker *m, uint32_t i,
					   struct cis_instant at)
{
	struct cis_fleet_state *s = &((struct maker *)m)->state;

	cis_fleet_describe(s, 0, i, at);
	s->cfg->idcode = cis_fleet_idcode(s, i);
	return s->cfg;
}

static void make_anew(struct maker *f)
{
	f->turn++;
}

static void set_quality(struct cis_maker *m, const struct cis_time_quality *q)
{
	struct maker *f = (struct maker *)m;

	cis_fleet_set_quality(&f->state, q);
	make_anew(f);
}

static void set_stat(struct cis_maker *m, uint16_t stat)
{
	struct maker *f = (struct maker *)m;

	f->state.stat = stat;
	make_anew(f);
}

static void set_count(struct cis_maker *m, uint32_t i, uint16_t k,
		      struct cis_instant at, uint16_t count)
{
	(void)k;
	cis_fleet_set_count(&((struct maker *)m)->state, i, at, count);
}

static void keep_scales(struct cis_maker *m, const struct cis_c37_pmu *pmu)
{
	struct maker *f = (struct maker *)m;

	cis_fleet_keep_scales(&f->state, pmu);
	make_anew(f);
}

static void free_maker(struct cis_maker *m)
{
	struct maker *f = (struct maker *)m;

	cis_fleet_free(&f->state);
	free(f->made);
	free(f->frame);
	free(f);
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

static int make_room(struct maker *f, struct cis_diag *diag)
{
	f->m.frame_max = f->state.frame_max;
	f->n_class = cis_scenario_n_class(f->state.fleet.scenario);
	f->made = calloc(f->n_class + 1u, sizeof(*f->made));
	f->frame = calloc(f->n_class + 1u, f->m.frame_max);
	if (!f->made || !f->frame)
		return cis_fail(diag, -ENOMEM, "out of memory");
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
	f->m.header = fleet->header;
	f->turn = 1;
	err = cis_fleet_init(&f->state, fleet, 1, diag);
	if (err) {
		free(f);
		return err;
	}
	err = make_room(f, diag);
	if (err)
		free_maker(&f->m);
	else
		*out = &f->m;
	return err;
}

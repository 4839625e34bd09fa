/* sink_made.c - what was sent, made anew and read as anybody would read it. */
#include <stdlib.h>

#include "sink_in.h"

static bool has_room(const struct cis_sink *sink,
		     const struct cis_c37_config *cfg)
{
	if (!sink->data || cfg->n_pmu != sink->n_pmu)
		return false;
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		const uint16_t *room = &sink->room[3u * i];

		if (cfg->pmu[i].n_phasor > room[0] ||
		    cfg->pmu[i].n_analog > room[1] ||
		    cfg->pmu[i].n_digital > room[2])
			return false;
	}
	return true;
}

static bool make_room(struct cis_sink *sink, const struct cis_c37_config *cfg)
{
	struct cis_c37_data *data;
	uint16_t *room;

	if (has_room(sink, cfg))
		return true;
	if (cis_c37_data_new(cfg, &data))
		return false;
	room = malloc((size_t)cfg->n_pmu * 3 * sizeof(*room));
	if (!room) {
		cis_c37_data_free(data);
		return false;
	}
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		room[3u * i] = cfg->pmu[i].n_phasor;
		room[3u * i + 1] = cfg->pmu[i].n_analog;
		room[3u * i + 2] = cfg->pmu[i].n_digital;
	}
	cis_c37_data_free(sink->data);
	free(sink->room);
	sink->data = data;
	sink->room = room;
	sink->n_pmu = cfg->n_pmu;
	return true;
}

static bool make(struct cis_sink *sink, uint32_t stream, struct cis_instant at)
{
	struct cis_maker *m = sink->sc.maker;
	const struct cis_c37_config *cfg;
	int len = m->ops->frame(m, stream, at, sink->buf, m->frame_max);

	sink->made = false;
	if (len <= 0)
		return false;
	cfg = m->ops->config(m, stream, at);
	if (!cfg || !make_room(sink, cfg) ||
	    cis_c37_data_decode(cfg, sink->buf, (size_t)len, sink->data, NULL) <
		    0)
		return false;
	sink->made_cfg = cfg;
	sink->made_of = stream;
	sink->made_at = at;
	sink->made = true;
	return true;
}

static bool is_made(const struct cis_sink *sink, uint32_t stream,
		    struct cis_instant at)
{
	return sink->made && sink->made_of == stream &&
	       sink->made_at.tai_s == at.tai_s && sink->made_at.k == at.k;
}

bool cis_sink_make(struct cis_sink *sink, uint32_t unit, struct cis_instant at,
		   struct cis_diff_side *ours)
{
	const struct cis_roster_unit *u = cis_roster_unit(sink->roster, unit);

	if (!is_made(sink, u->stream, at) && !make(sink, u->stream, at))
		return false;
	if (u->pmu >= sink->made_cfg->n_pmu)
		return false;
	ours->pmu = &sink->made_cfg->pmu[u->pmu];
	ours->block = &sink->data->block[u->pmu];
	return true;
}

/* sink_lineup.c - the PDC's blocks and channels, lined up with ours. */
#include <errno.h>
#include <stdlib.h>

#include "cisoid/log.h"
#include "sink_in.h"

void cis_sink_lineup_free(struct cis_sink_stream *s)
{
	free(s->unit);
	free(s->first);
	free(s->shape);
	free(s->channel);
	s->unit = s->first = s->shape = NULL;
	s->channel = NULL;
	s->n_block = 0;
}

/* ---- blocks ---- */

static bool is_taken(const struct cis_sink_stream *s, uint16_t n, uint32_t unit)
{
	for (uint16_t i = 0; i < n; i++)
		if (s->unit[i] == unit)
			return true;
	return false;
}

static void find_blocks(struct cis_sink *sink, const struct cis_c37_config *cfg,
			struct cis_sink_stream *s)
{
	s->n_known = s->n_foreign = 0;
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		uint32_t unit = cis_roster_find(sink->roster, &cfg->pmu[i]);

		if (unit != CIS_ROSTER_NONE && is_taken(s, i, unit)) {
			cis_log(CIS_LOG_WARN,
				"sink: the PDC has the PMU of IDCODE %u twice; "
				"the second one is left out",
				cis_roster_unit(sink->roster, unit)->idcode);
			unit = CIS_ROSTER_NONE;
		}
		s->unit[i] = unit;
		if (unit == CIS_ROSTER_NONE) {
			s->n_foreign++;
			continue;
		}
		s->n_known++;
		sink->listed[unit / 64] |= UINT64_C(1) << unit % 64;
	}
}

/* ---- channels ---- */

/* Ours may be other ones after a change of the configuration. */
static uint32_t shape_of(const struct cis_c37_pmu *pmu)
{
	return (uint32_t)pmu->n_phasor << 16 | pmu->n_analog;
}

struct cis_diff_map cis_sink_channels(struct cis_sink_stream *s, uint16_t i,
				      const struct cis_c37_pmu *ours,
				      const struct cis_c37_pmu *theirs)
{
	int16_t *to = &s->channel[s->first[i]];
	const struct cis_diff_map map = {to, to + theirs->n_phasor};

	if (s->shape[i] == shape_of(ours))
		return map;
	s->shape[i] = shape_of(ours);
	cis_roster_channels(ours->phasor, ours->n_phasor, theirs->phasor,
			    theirs->n_phasor, to);
	cis_roster_channels(ours->analog, ours->n_analog, theirs->analog,
			    theirs->n_analog, to + theirs->n_phasor);
	return map;
}

/* ---- rate ---- */

/* A PDC may send a part of the instants that it gets: a grid of whole seconds
 * that divides ours. */
static void find_stride(struct cis_sink *sink, const struct cis_c37_config *cfg,
			struct cis_sink_stream *s)
{
	uint32_t ours = sink->sc.start.rate.num;
	uint32_t theirs = cfg->data_rate > 0 ? (uint32_t)cfg->data_rate : 0;

	s->stride = 1;
	if (theirs == 0 || sink->sc.start.rate.den > 1 || theirs == ours)
		return;
	if (ours % theirs == 0)
		s->stride = ours / theirs;
	cis_log(CIS_LOG_WARN, "sink: the PDC says %d frames/s of %u: %s",
		theirs, (unsigned)ours,
		s->stride > 1 ? "only those of its grid are expected"
			      : "frames between ours are left out");
}

int cis_sink_line_up(struct cis_sink *sink, const struct cis_c37_config *cfg,
		     struct cis_sink_stream *s)
{
	size_t n = 0;

	cis_sink_lineup_free(s);
	s->unit = calloc(cfg->n_pmu + 1u, sizeof(*s->unit));
	s->first = calloc(cfg->n_pmu + 1u, sizeof(*s->first));
	s->shape = calloc(cfg->n_pmu + 1u, sizeof(*s->shape));
	for (uint16_t i = 0; i < cfg->n_pmu && s->first && s->shape; i++) {
		s->first[i] = (uint32_t)n;
		s->shape[i] = UINT32_MAX;
		n += (size_t)cfg->pmu[i].n_phasor + cfg->pmu[i].n_analog;
	}
	s->channel = calloc(n + 1, sizeof(*s->channel));
	if (!s->unit || !s->first || !s->shape || !s->channel) {
		cis_sink_lineup_free(s);
		return -ENOMEM;
	}
	s->n_block = cfg->n_pmu;
	find_blocks(sink, cfg, s);
	find_stride(sink, cfg, s);
	return 0;
}

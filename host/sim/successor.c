/* successor.c - see successor.h. */
#include "successor.h"

#include <string.h>

/* ---- what a configuration says ---- */

/* As it is sent: a NaN equals itself. */
static uint32_t bits(float x)
{
	uint32_t u;

	memcpy(&u, &x, sizeof(u));
	return u;
}

static bool same_position(const struct cis_c37_position *a,
			  const struct cis_c37_position *b)
{
	return bits(a->lat_deg) == bits(b->lat_deg) &&
	       bits(a->lon_deg) == bits(b->lon_deg) &&
	       bits(a->elev_m) == bits(b->elev_m);
}

static bool same_channel(const struct cis_c37_channel *a,
			 const struct cis_c37_channel *b)
{
	return !strcmp(a->name, b->name) && a->unit == b->unit &&
	       bits(a->scale) == bits(b->scale) &&
	       bits(a->offset) == bits(b->offset) &&
	       a->modified == b->modified && a->component == b->component &&
	       a->user == b->user;
}

static bool same_word(const struct cis_c37_digital *a,
		      const struct cis_c37_digital *b)
{
	for (unsigned i = 0; i < 16; i++)
		if (strcmp(a->name[i], b->name[i]) != 0)
			return false;
	return a->mask == b->mask;
}

static bool same_channels(const struct cis_c37_pmu *a,
			  const struct cis_c37_pmu *b)
{
	if (a->n_phasor != b->n_phasor || a->n_analog != b->n_analog ||
	    a->n_digital != b->n_digital)
		return false;
	for (uint16_t i = 0; i < a->n_phasor; i++)
		if (!same_channel(&a->phasor[i], &b->phasor[i]))
			return false;
	for (uint16_t i = 0; i < a->n_analog; i++)
		if (!same_channel(&a->analog[i], &b->analog[i]))
			return false;
	for (uint16_t i = 0; i < a->n_digital; i++)
		if (!same_word(&a->digital[i], &b->digital[i]))
			return false;
	return true;
}

static bool same_pmu(const struct cis_c37_pmu *a, const struct cis_c37_pmu *b)
{
	return !strcmp(a->station, b->station) && a->idcode == b->idcode &&
	       a->format == b->format && a->fnom == b->fnom &&
	       a->svc_class == b->svc_class && a->window_us == b->window_us &&
	       a->grp_dly_us == b->grp_dly_us &&
	       !memcmp(a->g_pmu_id, b->g_pmu_id, sizeof(a->g_pmu_id)) &&
	       same_position(&a->position, &b->position) && same_channels(a, b);
}

/* What is said once for all. */
static bool same_stream(const struct cis_c37_config *a,
			const struct cis_c37_config *b)
{
	return a->version == b->version && a->time_base == b->time_base &&
	       a->data_rate == b->data_rate && a->n_pmu == b->n_pmu &&
	       (a->edition == 2005) == (b->edition == 2005);
}

/* ---- the change ---- */

void cis_succession_keep_scales(const struct cis_succession *s)
{
	const struct cis_c37_config *old =
		s->old->ops->config(s->old, s->shard.first, s->last);

	s->fresh->ops->keep_scales(s->fresh, &old->pmu[0]);
}

static uint32_t go_through(const struct cis_succession *s, uint32_t i,
			   bool count)
{
	const struct cis_c37_config *old =
		s->old->ops->config(s->old, i, s->last);
	const struct cis_c37_config *cfg =
		s->fresh->ops->config(s->fresh, i, s->at);
	bool same = same_stream(old, cfg);
	uint32_t n = 0;

	for (uint16_t k = 0; k < cfg->n_pmu; k++) {
		bool differs = !same || !same_pmu(&old->pmu[k], &cfg->pmu[k]);
		uint16_t cfgcnt = (uint16_t)(old->pmu[k].cfgcnt + differs);

		n += differs;
		if (count)
			s->fresh->ops->set_count(s->fresh, i, k, s->at, cfgcnt);
	}
	return n;
}

static uint32_t go_through_all(const struct cis_succession *s, bool count)
{
	uint32_t n = 0;

	for (uint32_t i = s->shard.first; i < s->shard.end; i++)
		n += go_through(s, i, count);
	return n;
}

uint32_t cis_succession_differs(const struct cis_succession *s)
{
	return go_through_all(s, false);
}

uint32_t cis_succession_count(const struct cis_succession *s)
{
	return go_through_all(s, true);
}

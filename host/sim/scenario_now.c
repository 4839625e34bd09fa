/*
 * scenario_now.c - the state of a PMU at an instant, and its configuration; see
 * cisoid/scenario.h.
 *
 * States follow the time stamp. How far it is from UTC moves the phasors alone.
 */
#include <math.h>
#include <string.h>

#include "occasion.h"
#include "scenario.h"

/* A clock that has just been compared is known to this. */
#define LOCKED_UNC_S 1e-6

/* ---- the clock ---- */

/* How far it is behind, without sign, where it drifts by `drift`. */
static double behind_s(const struct cis_event *e, double drift, double for_s,
		       const struct cis_occasion *o)
{
	double u = o->last.hi + o->last.lo;

	if (cis_occasion_lasts(o, for_s))
		return drift * fmax(u, 0);
	if (isinf(e->gps_loss.slew))
		return 0;
	return fmax(drift * for_s - e->gps_loss.slew * (u - for_s), 0);
}

static double rate_of(const struct cis_event *e, double behind, double drift,
		      bool lost)
{
	if (lost)
		return drift;
	return behind > 0 ? -e->gps_loss.slew : 0;
}

/* The bound is that of any clock of the event. */
static void lose_gps(const struct cis_scenario *sc, uint16_t idcode,
		     const struct cis_use *use, const struct cis_occasion *o,
		     struct cis_pmu_now *now)
{
	const struct cis_event *e = &sc->event[use->event];
	double drift =
		e->gps_loss.drift +
		e->gps_loss.spread *
			cis_pmu_draw(sc, idcode, CIS_PMU_DRIFT, use->event);
	double most = fabs(e->gps_loss.drift) + e->gps_loss.spread;
	bool lost = cis_occasion_lasts(o, use->for_s);
	double behind = behind_s(e, fabs(drift), use->for_s, o);
	double bound = behind_s(e, most, use->for_s, o);

	if (!lost && bound == 0)
		return;
	now->late_s += copysign(behind, drift);
	now->late_per_s +=
		copysign(1, drift) * rate_of(e, behind, fabs(drift), lost);
	now->has_quality = true;
	now->quality.unc_s += bound;
	if (lost)
		now->quality.unlocked_s =
			fmax(now->quality.unlocked_s, o->last.hi);
}

/* ---- the configuration ---- */

static void look_ahead(double in_s, double announce_s, struct cis_pmu_now *now)
{
	if (in_s > CIS_SAME_INSTANT_S &&
	    in_s <= announce_s + CIS_SAME_INSTANT_S && in_s < now->change_in_s)
		now->change_in_s = in_s;
}

/* Each occurrence changes it, and once more when it ends. */
static void change_config(const struct cis_event *e,
			  const struct cis_occasion *o, struct cis_pmu_now *now)
{
	double announce_s = e->config.announce_s - CIS_SAME_INSTANT_S;
	bool ends = !isinf(e->for_s);
	bool lasts = cis_occasion_lasts(o, e->for_s);
	double since_s = lasts ? o->last.hi : o->last.hi - e->for_s;

	look_ahead(o->next_in_s, e->config.announce_s, now);
	if (!o->begun)
		return;
	if (lasts && ends)
		look_ahead(e->for_s - o->last.hi, e->config.announce_s, now);
	now->variant += (uint32_t)(o->n_before * (ends ? 2 : 1)) + 1 + !lasts;
	now->change_behind = now->change_behind || since_s < announce_s;
}

struct latest {
	double station, n_analog, n_digital, format; /* s ago */
};

static void apply(const struct cis_config_change *from, double ago_s,
		  struct latest *latest, struct cis_config_change *to)
{
	if (from->station[0] && ago_s <= latest->station) {
		memcpy(to->station, from->station, sizeof(to->station));
		latest->station = ago_s;
	}
	if (from->n_analog >= 0 && ago_s <= latest->n_analog) {
		to->n_analog = from->n_analog;
		latest->n_analog = ago_s;
	}
	if (from->n_digital >= 0 && ago_s <= latest->n_digital) {
		to->n_digital = from->n_digital;
		latest->n_digital = ago_s;
	}
	if (from->format >= 0 && ago_s <= latest->format) {
		to->format = from->format;
		latest->format = ago_s;
	}
}

void cis_scenario_config(const struct cis_scenario *sc, uint16_t idcode,
			 int64_t t0_tai_s, struct cis_instant at,
			 struct cis_config_change *to)
{
	const struct cis_pmu_class *class = cis_class_of(sc, idcode);
	struct latest latest = {INFINITY, INFINITY, INFINITY, INFINITY};
	struct dd t = cis_scenario_time(t0_tai_s, at);

	*to = (struct cis_config_change){"", -1, -1, -1};
	for (uint32_t i = 0; i < class->n_use; i++) {
		uint32_t n = sc->use[class->first_use + i].event;
		const struct cis_event *e = &sc->event[n];
		struct cis_occasion o;

		if (e->kind != CIS_EVENT_CONFIG)
			continue;
		o = cis_event_occasion(e, t);
		if (cis_occasion_lasts(&o, e->for_s))
			apply(&e->config.to, o.last.hi, &latest, to);
	}
}

/* ---- all of it ---- */

static void add(const struct cis_scenario *sc, uint16_t idcode,
		const struct cis_use *use, struct dd t, struct cis_pmu_now *now)
{
	const struct cis_event *e = &sc->event[use->event];
	struct cis_occasion o;

	if (e->kind < CIS_EVENT_GPS_LOSS)
		return;
	o = cis_event_occasion(e, t);
	if (e->kind == CIS_EVENT_CONFIG)
		change_config(e, &o, now);
	if (!o.begun)
		return;
	if (e->kind == CIS_EVENT_GPS_LOSS)
		lose_gps(sc, idcode, use, &o, now);
	if (!cis_occasion_lasts(&o, use->for_s))
		return;
	if (e->kind == CIS_EVENT_OUTAGE && e->outage.invalid)
		now->invalid = true;
	else if (e->kind == CIS_EVENT_OUTAGE)
		now->silent = true;
	else if (e->kind == CIS_EVENT_FLAGS)
		now->stat |= e->flags.stat;
}

void cis_scenario_now(const struct cis_scenario *sc, uint16_t idcode,
		      int64_t t0_tai_s, struct cis_instant at,
		      struct cis_pmu_now *now)
{
	const struct cis_pmu_class *class = cis_class_of(sc, idcode);
	struct dd t = cis_scenario_time(t0_tai_s, at);

	*now = (struct cis_pmu_now){.change_in_s = INFINITY};
	for (uint32_t i = 0; i < class->n_use; i++)
		add(sc, idcode, &sc->use[class->first_use + i], t, now);
	now->change_ahead = now->change_in_s < INFINITY;
	if (now->has_quality)
		now->quality.unc_s += LOCKED_UNC_S;
}

uint16_t cis_pmu_now_stat(const struct cis_pmu_now *now,
			  const struct cis_c37_config *cfg, uint16_t stat)
{
	unsigned word = stat;

	if (cfg->edition == 2005 ? now->change_behind : now->change_ahead)
		word |= CIS_C37_STAT_CFG_CHANGE;
	return (uint16_t)(word | now->stat);
}

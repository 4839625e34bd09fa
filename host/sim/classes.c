/*
 * classes.c - which PMUs say the same; see scenario.h.
 *
 * All begin in one class. A group, then each event, divides every class into
 * those whom it befalls and those whom it does not.
 */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "motion.h"
#include "scenario.h"

#define MOST_USES (UINT32_C(1) << 24)
#define NOWHERE   UINT32_MAX

/* ---- division ---- */

struct division {
	uint32_t *next; /* [2 * count]: the new number of (class, whether) */
	uint8_t *has;   /* [count]: whom it befalls */
};

static void mark(const struct cis_scenario *sc, const struct cis_pmu_set *set,
		 uint8_t *has)
{
	uint32_t first = sc->first_idcode, end = first + sc->count;

	memset(has, set->n == 0, sc->count);
	for (uint32_t i = 0; i < set->n; i++) {
		uint32_t from = set->range[i].first, to = set->range[i].last;

		for (from = from < first ? first : from;
		     from <= to && from < end; from++)
			has[from - first] = 1;
	}
}

/* Numbers ascend with the IDCODE of the first PMU of each class. */
static void divide(struct cis_scenario *sc, const struct division *div)
{
	uint32_t n = 0;

	memset(div->next, 0xFF, 2 * sc->n_class * sizeof(*div->next));
	for (uint32_t i = 0; i < sc->count; i++) {
		uint32_t *next = &div->next[2 * sc->class_of[i] + div->has[i]];

		if (*next == NOWHERE)
			*next = n++;
		sc->class_of[i] = *next;
	}
	sc->n_class = n;
}

static int divide_all(struct cis_scenario *sc,
		      const struct cis_scenario_parts *parts)
{
	struct division div = {
		.next = calloc(2 * (size_t)sc->count, sizeof(*div.next)),
		.has = calloc(sc->count, 1),
	};
	int err = div.next && div.has ? 0 : -ENOMEM;

	sc->n_class = 1;
	for (uint32_t g = 0; !err && g < parts->n_group; g++) {
		mark(sc, &parts->group[g].pmus, div.has);
		divide(sc, &div);
	}
	for (uint32_t e = 0; !err && e < parts->n_event; e++) {
		if (parts->event[e].pmus.n == 0)
			continue;
		mark(sc, &parts->event[e].pmus, div.has);
		divide(sc, &div);
	}
	free(div.next);
	free(div.has);
	return err;
}

/* ---- what befalls a class ---- */

static bool is_noisy(const struct cis_signal *sig)
{
	bool noisy = sig->f_noise_hz != 0;

	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++)
		noisy = noisy || sig->mag_noise[c] != 0 ||
			sig->angle_noise_rad[c] != 0;
	return noisy;
}

static int signal_of(const struct cis_scenario_parts *parts, uint16_t idcode,
		     uint32_t *sig, struct cis_diag *diag)
{
	*sig = 0;
	for (uint32_t g = 0; g < parts->n_group; g++) {
		if (!cis_pmu_set_has(&parts->group[g].pmus, idcode))
			continue;
		if (*sig)
			return cis_fail(
				diag, -EINVAL,
				"groups: PMU %u is in two of them, %s and %s",
				idcode, parts->group[*sig - 1].name,
				parts->group[g].name);
		*sig = g + 1;
	}
	return 0;
}

static int add_use(struct cis_scenario *sc, const struct cis_use *use,
		   uint32_t *n_use, struct cis_diag *diag)
{
	struct cis_use *more;

	/* Room doubles at the powers of two. */
	if ((*n_use & (*n_use - 1)) == 0) {
		if (*n_use >= MOST_USES)
			return cis_fail(diag, -EINVAL,
					"too many events for too many kinds "
					"of PMUs");
		more = realloc(sc->use, (*n_use ? 2 * (size_t)*n_use : 1) *
						sizeof(*more));
		if (!more)
			return cis_fail(diag, -ENOMEM, "out of memory");
		sc->use = more;
	}
	sc->use[(*n_use)++] = *use;
	return 0;
}

static int fill_class(struct cis_scenario *sc,
		      const struct cis_scenario_parts *parts, uint16_t idcode,
		      struct cis_pmu_class *class, struct cis_diag *diag)
{
	uint32_t n_use = class->first_use;

	if (signal_of(parts, idcode, &class->sig, diag))
		return -EINVAL;
	class->alone = is_noisy(&sc->sig[class->sig]) || sc->spread.mag != 0 ||
		       sc->spread.rad != 0;
	for (uint32_t e = 0; e < parts->n_event; e++) {
		const struct cis_event *event = &parts->event[e];
		const struct cis_use use = {e, event->for_s};
		int err;

		if (!cis_pmu_set_has(&event->pmus, idcode))
			continue;
		err = add_use(sc, &use, &n_use, diag);
		if (err)
			return err;
		if (event->kind == CIS_EVENT_GPS_LOSS &&
		    event->gps_loss.spread != 0)
			class->alone = true;
	}
	class->n_use = n_use - class->first_use;
	return 0;
}

/* ---- ramps that were told where to end ---- */

/* The frequency without swings: ramps, as far as they are known, and islands. */
static double freq_at(const struct cis_scenario *sc,
		      const struct cis_pmu_class *class, double t_s)
{
	struct cis_signal sig = sc->sig[class->sig];
	struct cis_signal_truth truth;
	struct cis_motion motion;

	sig.pm_rad = 0;
	cis_signal_truth(&sig, 0, t_s, &truth);
	cis_motion_init(&motion);
	for (uint32_t i = 0; i < class->n_use; i++) {
		const struct cis_use *use = &sc->use[class->first_use + i];
		const struct cis_event *e = &sc->event[use->event];

		if ((e->kind == CIS_EVENT_RAMP && !isinf(use->for_s)) ||
		    e->kind == CIS_EVENT_ISLAND)
			cis_motion_add(&motion, e, use->for_s,
				       (struct dd){t_s, 0});
	}
	cis_motion_finish(&motion);
	return truth.freq_hz + motion.effect.freq_hz;
}

static struct cis_use *earliest_open(struct cis_scenario *sc,
				     const struct cis_pmu_class *class)
{
	struct cis_use *first = NULL;

	for (uint32_t i = 0; i < class->n_use; i++) {
		struct cis_use *use = &sc->use[class->first_use + i];
		const struct cis_event *e = &sc->event[use->event];

		if (e->kind == CIS_EVENT_RAMP && isinf(use->for_s) &&
		    (!first || e->at_s < sc->event[first->event].at_s))
			first = use;
	}
	return first;
}

static int close_ramp(const struct cis_event *e, double from_hz,
		      struct cis_use *use, struct cis_diag *diag)
{
	double lasts_s;

	use->for_s = (e->ramp.to_hz - from_hz) / e->ramp.hz_per_s;
	if (!(use->for_s > 0))
		return cis_fail(diag, -EINVAL,
				"to: %g Hz is never reached from %g Hz at "
				"%g Hz/s; change rocof",
				e->ramp.to_hz, from_hz, e->ramp.hz_per_s);
	lasts_s = use->for_s * (e->ramp.back ? 2 : 1);
	if (e->every_s > 0 && lasts_s > e->every_s * (1 + 1e-12))
		return cis_fail(diag, -EINVAL,
				"every: it lasts %g s, longer than the %g s "
				"until it begins anew",
				lasts_s, e->every_s);
	return 0;
}

static int close_ramps(struct cis_scenario *sc,
		       const struct cis_pmu_class *class, uint32_t *bad_event,
		       struct cis_diag *diag)
{
	struct cis_use *use;

	while ((use = earliest_open(sc, class))) {
		const struct cis_event *e = &sc->event[use->event];

		if (close_ramp(e, freq_at(sc, class, e->at_s), use, diag)) {
			*bad_event = use->event;
			return -EINVAL;
		}
	}
	return 0;
}

/* ---- all of it ---- */

int cis_scenario_classify(struct cis_scenario *sc,
			  const struct cis_scenario_parts *parts,
			  uint32_t *bad_event, struct cis_diag *diag)
{
	uint32_t next = 0, n_use = 0;

	if (divide_all(sc, parts))
		return cis_fail(diag, -ENOMEM, "out of memory");
	assert(sc->n_class > 0);
	sc->class = calloc(sc->n_class, sizeof(*sc->class));
	if (!sc->class)
		return cis_fail(diag, -ENOMEM, "out of memory");
	for (uint32_t i = 0; i < sc->count; i++) {
		struct cis_pmu_class *class = &sc->class[sc->class_of[i]];
		uint16_t idcode = (uint16_t)(sc->first_idcode + i);
		int err;

		if (sc->class_of[i] != next)
			continue;
		next++;
		class->first_use = n_use;
		err = fill_class(sc, parts, idcode, class, diag);
		if (!err)
			err = close_ramps(sc, class, bad_event, diag);
		if (err)
			return err;
		n_use += class->n_use;
	}
	return 0;
}

/* scenario.c - a scenario from its parts; see cisoid/scenario.h. */
#include "scenario.h"

#include <errno.h>
#include <stdlib.h>

#include "host/core/angle.h"
#include "host/core/draw.h"

double cis_pmu_draw(const struct cis_scenario *sc, uint16_t idcode,
		    enum cis_pmu_quantity quantity, uint64_t n)
{
	uint64_t what = UINT64_C(3) << 32 | (uint64_t)idcode << 8 | quantity;

	return 2 * cis_draw_unit(sc->seed, what, n) - 1;
}

/* ---- checks ---- */

static int check_fleet(const struct cis_scenario_parts *parts,
		       struct cis_diag *diag)
{
	uint32_t last = parts->first_idcode + parts->count - 1;

	if (parts->first_idcode < 1 || parts->count < 1 ||
	    parts->count > CIS_MAX_IDCODE || last > CIS_MAX_IDCODE)
		return cis_fail(diag, -EINVAL,
				"count: %u PMUs from IDCODE %u are not within "
				"1 to %d",
				(unsigned)parts->count, parts->first_idcode,
				CIS_MAX_IDCODE);
	if (!(parts->spread.mag >= 0 && parts->spread.mag <= 1))
		return cis_fail(diag, -EINVAL,
				"mag: a spread of %g is not within 0 to 1",
				parts->spread.mag);
	if (!(parts->spread.rad >= 0 && parts->spread.rad < 6.3))
		return cis_fail(diag, -EINVAL,
				"deg: a spread of %g is not within 0 to 360",
				parts->spread.rad * CIS_DEG_PER_RAD);
	if (parts->n_event > CIS_MAX_EVENT)
		return cis_fail(diag, -EINVAL, "events: %u are more than %d",
				(unsigned)parts->n_event, CIS_MAX_EVENT);
	return 0;
}

static int check(const struct cis_scenario_parts *parts, uint32_t *bad_event,
		 struct cis_diag *diag)
{
	if (check_fleet(parts, diag))
		return -EINVAL;
	for (uint32_t e = 0; e < parts->n_event; e++) {
		*bad_event = e;
		if (cis_event_check(&parts->event[e], diag))
			return -EINVAL;
	}
	*bad_event = parts->n_event;
	return 0;
}

/* ---- making ---- */

static int copy(struct cis_scenario *sc, const struct cis_scenario_parts *parts)
{
	sc->spread = parts->spread;
	sc->seed = parts->sig.seed;
	sc->first_idcode = parts->first_idcode;
	sc->count = parts->count;
	sc->n_sig = 1 + parts->n_group;
	sc->n_event = parts->n_event;
	sc->sig = calloc(sc->n_sig, sizeof(*sc->sig));
	sc->event = calloc(sc->n_event + 1, sizeof(*sc->event));
	sc->class_of = calloc(sc->count, sizeof(*sc->class_of));
	if (!sc->sig || !sc->event || !sc->class_of)
		return -ENOMEM;
	sc->sig[0] = parts->sig;
	for (uint32_t g = 0; g < parts->n_group; g++)
		sc->sig[g + 1] = parts->group[g].sig;
	for (uint32_t e = 0; e < sc->n_event; e++) {
		sc->event[e] = parts->event[e];
		sc->event[e].pmus = (struct cis_pmu_set){0, NULL};
	}
	return 0;
}

int cis_scenario_new(const struct cis_scenario_parts *parts,
		     struct cis_scenario **out, uint32_t *bad_event,
		     struct cis_diag *diag)
{
	uint32_t ignored;
	struct cis_scenario *sc;
	int err;

	if (!bad_event)
		bad_event = &ignored;
	*bad_event = parts->n_event;
	if (check(parts, bad_event, diag))
		return -EINVAL;
	sc = calloc(1, sizeof(*sc));
	if (!sc || copy(sc, parts)) {
		cis_scenario_free(sc);
		return cis_fail(diag, -ENOMEM, "out of memory");
	}
	err = cis_scenario_classify(sc, parts, bad_event, diag);
	if (err) {
		cis_scenario_free(sc);
		return err;
	}
	*out = sc;
	return 0;
}

void cis_scenario_free(struct cis_scenario *sc)
{
	if (!sc)
		return;
	free(sc->sig);
	free(sc->event);
	free(sc->use);
	free(sc->class);
	free(sc->class_of);
	free(sc);
}

/* ---- questions ---- */

uint32_t cis_scenario_n_class(const struct cis_scenario *sc)
{
	return sc->n_class;
}

uint32_t cis_scenario_class(const struct cis_scenario *sc, uint16_t idcode)
{
	uint32_t c = sc->class_of[idcode - sc->first_idcode];

	return sc->class[c].alone ? CIS_CLASS_NONE : c;
}

const struct cis_signal *cis_scenario_signal(const struct cis_scenario *sc,
					     uint16_t idcode)
{
	return &sc->sig[cis_class_of(sc, idcode)->sig];
}

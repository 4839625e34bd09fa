/* scenario_report.c - what a PMU reports; see cisoid/scenario.h. */
#include <math.h>

#include "host/core/angle.h"
#include "motion.h"
#include "scenario.h"

static void add_spread(const struct cis_scenario *sc, uint16_t idcode,
		       struct cis_signal_effect *effect)
{
	static const enum cis_pmu_quantity quantity[] = {CIS_PMU_VOLTAGE,
							 CIS_PMU_CURRENT};
	double mag[2];

	for (unsigned i = 0; i < 2; i++)
		mag[i] = 1 + sc->spread.mag *
				     cis_pmu_draw(sc, idcode, quantity[i], 0);
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++)
		effect->level[c] *= mag[c / 3];
	effect->turns += sc->spread.rad / CIS_TWO_PI *
			 cis_pmu_draw(sc, idcode, CIS_PMU_ANGLE, 0);
}

/* Events are those of the instant that the PMU sees. */
static void make_effect(const struct cis_scenario *sc,
			const struct cis_signal_frame *frame,
			const struct cis_pmu_now *now,
			struct cis_motion *motion)
{
	const struct cis_pmu_class *class = cis_class_of(sc, frame->idcode);
	struct dd t = cis_scenario_time(frame->t0_tai_s, frame->at);

	t = dd_add(t, dd_sum(sc->sig[class->sig].err_s, now->late_s));
	cis_motion_init(motion);
	for (uint32_t i = 0; i < class->n_use; i++) {
		const struct cis_use *use = &sc->use[class->first_use + i];

		cis_motion_add(motion, &sc->event[use->event], use->for_s, t);
	}
	cis_motion_finish(motion);
	motion->effect.late_s = now->late_s;
	motion->effect.late_per_s = now->late_per_s;
	if (sc->spread.mag != 0 || sc->spread.rad != 0)
		add_spread(sc, frame->idcode, &motion->effect);
}

static void take_values(struct cis_report *rep)
{
	for (uint32_t i = 0; i < rep->n_phasor; i++)
		rep->phasor_rms[i] = cis_rect(NAN, NAN);
	rep->freq_hz = rep->rocof_hz_per_s = NAN;
	rep->flags |= CIS_REPORT_NOSIGNAL;
}

void cis_scenario_report(const struct cis_scenario *sc,
			 const struct cis_signal_frame *frame,
			 const struct cis_pmu_now *now, struct cis_report *rep)
{
	struct cis_motion motion;

	make_effect(sc, frame, now, &motion);
	cis_signal_report_with(cis_scenario_signal(sc, frame->idcode),
			       &motion.effect, frame, rep);
	if (now->has_quality)
		rep->time_quality = now->quality;
	if (now->invalid)
		take_values(rep);
}

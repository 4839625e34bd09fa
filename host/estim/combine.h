/*
 * combine.h - from the channels to the system: sequences, frequency, ROCOF.
 */
#ifndef HOST_ESTIM_COMBINE_H
#define HOST_ESTIM_COMBINE_H

#include "cisoid/chan.h"
#include "cisoid/report.h"
#include "dyn.h"

/* One channel's window: what to fit, and what came of it. */
struct cis_chan_fit {
	const double *s; /* samples; NULL: none */
	double offset_s; /* of the report instant from the middle */
	uint32_t before; /* CIS_REPORT_* known from the samples alone */
	struct cis_dyn dyn;
};

/* What the frequency of a report is made from, and whether it is any good. */
struct cis_system {
	uint32_t flags; /* CIS_REPORT_NOSIGNAL or _NOFIT: no source is good */
	uint32_t notes; /* CIS_NOTE_ACB, CIS_NOTE_DISTURBED */
	struct cis_rate_of rate;
};

/*
 * The first of these that is good: the voltage groups in order, the voltages in
 * order, the current groups, the currents. A group is good while it rotates, one
 * of its phases has a signal and none is missing or without a fit; both, while
 * the frequency is known to 0.6 Hz. Where none is good the verdict is the first
 * one's.
 */
struct cis_system cis_combine(const struct cis_chan_map *map,
			      const struct cis_chan_fit *fit, double fnom_hz);

/* Positive sequence of a group, peak, in the nominal frame. */
double complex cis_combine_positive(const struct cis_group *group,
				    const struct cis_chan_fit *fit);

/* What takes an X at the instant to the synchrophasor: to the angle against a
 * cosine of fnom that peaks at the second, and from peak to rms. */
double complex cis_combine_turn(double fnom_hz, struct cis_instant at);

#endif

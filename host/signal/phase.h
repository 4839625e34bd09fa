/*
 * phase.h - what waveforms and phasors have in common: phase and amplitude.
 *
 * Phases are in turns, time in double-doubles.
 */
#ifndef HOST_SIGNAL_PHASE_H
#define HOST_SIGNAL_PHASE_H

#include "cisoid/signal.h"
#include "host/core/angle.h"
#include "host/core/dd.h"

static inline struct dd cis_signal_time(int64_t s, double frac_s)
{
	return dd_sum((double)s, frac_s);
}

/* Integral of f from 0 to t, less whole turns. */
double cis_signal_turns(const struct cis_signal *sig, struct dd t);

/* Phase modulation and step at t. */
double cis_signal_extra_turns(const struct cis_signal *sig, struct dd t);

/* Amplitude modulation and step at t: 1 where there is neither. */
double cis_signal_level(const struct cis_signal *sig, struct dd t);

/* Frequency and its rate of change, modulation included. */
double cis_signal_freq_hz(const struct cis_signal *sig, struct dd t);
double cis_signal_rocof_hz_per_s(const struct cis_signal *sig, struct dd t);

/* Constants of the ramp; called by finish(). */
void cis_signal_plan_ramp(struct cis_signal *sig);

#endif

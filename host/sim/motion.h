/*
 * motion.h - what events do to phasors, frequency and ROCOF at an instant.
 */
#ifndef HOST_SIM_MOTION_H
#define HOST_SIM_MOTION_H

#include "cisoid/scenario.h"
#include "host/core/dd.h"

/* A sum over events. What grows with the number of repeats, the turns of all
 * channels and the frequency, is apart until the end. */
struct cis_motion {
	struct dd turns, hz;
	struct cis_signal_effect effect;
};

void cis_motion_init(struct cis_motion *motion);

/* Adds an event at t; for_s is the event's own, or what became of a ramp's
 * to_hz. Those that do not move anything are left out. */
void cis_motion_add(struct cis_motion *motion, const struct cis_event *event,
		    double for_s, struct dd t);

/* Completes the effect; whole turns are taken out. */
void cis_motion_finish(struct cis_motion *motion);

#endif

/*
 * wander.h - how far the oscillator goes astray when nobody watches it: the
 * record of what the model would have foretold.
 *
 * While pulses come, the model's states of some while ago are carried on to now
 * as a holdover would have done and compared with the model of now, which has
 * seen the pulses. The mean square of the difference, for each of nine lags
 * from 8 to 2048 s, is what a holdover of that length is off (the structure
 * function of the prediction's error; compare IEEE 1139 on time error
 * prediction). The same for four ways to carry on: the drift last seen is
 * believed for 0, 128, 512 or 2048 s. The one that did best is used.
 */
#ifndef FIRMWARE_CORE_WANDER_H
#define FIRMWARE_CORE_WANDER_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/osc.h"

#define FE_WANDER_LEVELS 3
#define FE_WANDER_LAGS   9
#define FE_WANDER_WAYS   4
#define FE_WANDER_BACK   8

/* The model at some time. */
struct fe_wander_state {
	uint64_t mark_q32;
	uint64_t second_q32;
	float drift;
};

struct fe_wander {
	/* Each 4, 32, 256 s; newest first. */
	struct fe_wander_state was[FE_WANDER_LEVELS][FE_WANDER_BACK];
	uint32_t n_was[FE_WANDER_LEVELS];
	uint32_t age_s; /* since the record began or was interrupted */
	/* Mean squares, ns^2, and how many they are of. */
	float miss2[FE_WANDER_LAGS][FE_WANDER_WAYS];
	uint32_t n[FE_WANDER_LAGS];
};

void fe_wander_init(struct fe_wander *w);

/* A second in which the model is good. */
void fe_wander_second(struct fe_wander *w, const struct fe_osc *o);

/* The next one does not follow the last. What was learned stays. */
void fe_wander_interrupt(struct fe_wander *w);

/* So long the drift is to be believed. */
uint32_t fe_wander_drift_s(const struct fe_wander *w);

/* Standard deviation of the model after so long without pulses, ns. */
float fe_wander_ns(const struct fe_wander *w, uint32_t after_s);

#endif

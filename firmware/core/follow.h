/*
 * follow.h - what the servo makes of a pulse, and of none; private to servo.
 * Of servo.h, fe_servo_pulse() and fe_servo_fault() are here.
 *
 * With the model, a pulse is met by a gate (pps.h), and an oscillator that goes
 * another way of a sudden is told from a receiver that jumps: the former bends
 * the line of the pulses, the latter breaks it. Without, and after a minute of
 * holdover, four pulses in a line are looked for.
 */
#ifndef FIRMWARE_CORE_FOLLOW_H
#define FIRMWARE_CORE_FOLLOW_H

#include "firmware/core/servo.h"

/* Bounds are so many standard deviations. */
#define FE_SIGMA 3.0f

/* Farther off than that, edges are put on the second anew. */
#define FE_STEP_NS 1e6f

void fe_follow_enter(struct fe_servo *s, enum fe_state state);

/* Once a second, when its pulse is in. */
void fe_follow_second(struct fe_servo *s);

/* Variance of the model's second against UTC. */
float fe_follow_ns2(const struct fe_servo *s);

#endif

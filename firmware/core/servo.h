/*
 * servo.h - the edges are kept on the pulses: states, steering, and how far off
 * they may be.
 *
 * The pulses make a model of the oscillator (osc.h); the edges follow the
 * model. Where second k begins on the count is m(k), and its edge 0 was put at
 * e(k); with p = e - m, the coming second is made m(k+1) - m(k) - p/T long. The
 * loop integrates in the model, whose rate and drift are fed forward so; T = 2 s
 * only says how hard edges are pulled to it (p shrinks to a half each second),
 * the noise of the pulses is the model's affair. p/T is at most 1 us less three
 * standard deviations of the model's rate, so that true periods keep to 1 us/s.
 *
 *   INIT      no pulse for a minute, or ever
 *   ACQUIRE   pulses; four in a line are looked for, then the edges are put on
 *             them (fe_steer.align)
 *   TRACK     aligned, not yet close, or the label is not believed
 *   LOCKED    for 5 s the model has known the second better than a pulse tells
 *             (half the variance), the edges are within 100 ns of it (or a
 *             pulse's jitter, if that is more), and the label is believed;
 *             until it is ten times that
 *   HOLDOVER  no good pulse for more than 2 s after TRACK or LOCKED
 *   FAULT     two and more pulses a second for 8 s, none in a line for 10 s, or
 *             fe_servo_fault()
 *
 * A pulse that comes back within a minute, where the model says, is followed at
 * once; otherwise four in a line are asked for, and thirty seconds of lines where
 * they lie outside the bound. What is then less than 1 ms off is slewed to; else
 * the servo aligns anew.
 *
 * Counts are ticks in Q32.32 modulo 2^64 (differences within +-2^31 ticks).
 * Nothing here reads a clock. Call all from one thread.
 */
#ifndef FIRMWARE_CORE_SERVO_H
#define FIRMWARE_CORE_SERVO_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/link.h"
#include "firmware/core/osc.h"
#include "firmware/core/pps.h"
#include "firmware/core/wander.h"

/* What became of a pulse. */
enum fe_pps_verdict {
	FE_PPS_USED,   /* the edges follow it */
	FE_PPS_HELD,   /* kept, until more come */
	FE_PPS_DOUBLE, /* another one of this second was used */
	FE_PPS_REFUSED /* not where a pulse can be */
};

/* What the divider is to do. */
struct fe_steer {
	bool align; /* edge 0 is to be at at_q32, 0.1 to 2 s ahead */
	uint64_t at_q32;
	uint64_t second_q32; /* ticks of a second, from now on */
};

struct fe_servo_status {
	enum fe_state state;
	bool has_phase, has_freq, has_error;
	int32_t phase_ns;  /* edge 0 less pulse, of this second */
	int32_t freq_ppb;  /* of the oscillator against UTC; + is fast */
	uint32_t error_ns; /* edge against UTC, k = 3 */
	bool slewing;      /* still moving, at the greatest rate */
	bool aligned;      /* edges are on seconds */
};

struct fe_servo {
	struct fe_osc osc;
	struct fe_pps pps;
	struct fe_wander wander;
	enum fe_state state;
	bool modelled; /* osc holds something */
	bool aligned;
	bool aligning; /* ordered, not yet done */
	bool labelled;
	bool used;      /* a pulse in this second */
	bool has_phase; /* as told */
	bool slewing;
	bool refused; /* a pulse, and none near the middle since */
	bool apart;   /* a line was found elsewhere */
	bool lined;   /* a line was found in this second */
	uint64_t align_q32;
	uint64_t used_q32; /* the pulse of this second */
	uint64_t last_q32; /* pulse of any kind */
	uint64_t delay_q32;
	int64_t off_q32;      /* edge 0 less model */
	uint32_t silent_s;    /* without a pulse at all */
	uint32_t missing_s;   /* without a good one */
	uint32_t settled_s;   /* close to the model */
	uint32_t crowded_s;   /* seconds of several pulses */
	uint32_t unlined_s;   /* with pulses that make no line */
	uint32_t apart_s;     /* of lines elsewhere */
	uint32_t model_s;     /* since the model began */
	uint32_t n_pulses;    /* in this second */
	uint64_t steered_q32; /* the present second's length as ordered */
	float gone_ns;        /* that edges go astray until it changes */
	float late_ns;        /* the last pulse, of the model; ... */
	bool strays;          /* ... it went there by little after little */
	float missed2_ns2;    /* mean square of the last pulses' residuals */
	float held_ns2;       /* variance of the model when it was left alone */
	int32_t phase_ns;
};

void fe_servo_init(struct fe_servo *s, uint32_t tick_hz);

/* Antenna, receiver and cable: a pulse comes so much after its second. */
void fe_servo_delay(struct fe_servo *s, uint32_t delay_ns);

/* The second's name is believed; without, nothing is LOCKED. */
void fe_servo_label(struct fe_servo *s, bool believed);

/* Somebody knows that the pulses are wrong: FAULT, and all is acquired anew. */
void fe_servo_fault(struct fe_servo *s);

/* A pulse was captured, in this whole tick; in order, each before the next
 * second's. */
enum fe_pps_verdict fe_servo_pulse(struct fe_servo *s, uint64_t pulse_q32);

/*
 * Edge 0 was put at edge0_q32 (as the divider has it, before rounding), 50 to
 * 900 ms ago, and the pulse that belongs to it has been handed over, if there
 * was one. Once for each edge 0, aligned or not. The bound reckons with the new
 * length being in force 1/8 s after edge 0.
 */
void fe_servo_second(struct fe_servo *s, uint64_t edge0_q32,
		     struct fe_steer *out);

void fe_servo_status(const struct fe_servo *s, struct fe_servo_status *status);

#endif

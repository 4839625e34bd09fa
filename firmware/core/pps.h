/*
 * pps.h - pulses by themselves: which belong together, and how much they jitter.
 *
 * Two questions. With no model of the oscillator: is there a pulse each second,
 * and what line do the last four make (fe_pps_line)? With one: does a pulse lie
 * where it must (fe_pps_gate_ns), and how far do those that do lie scatter?
 *
 * Counts are ticks in Q32.32 modulo 2^64.
 */
#ifndef FIRMWARE_CORE_PPS_H
#define FIRMWARE_CORE_PPS_H

#include <stdbool.h>
#include <stdint.h>

#define FE_PPS_KEPT 12
/* Pulses of a line. */
#define FE_PPS_LINE 4

struct fe_pps {
	uint64_t nominal_q32; /* ticks of a nominal second */
	float q32_per_ns;
	uint64_t kept_q32[FE_PPS_KEPT]; /* the last ones, newest first */
	uint32_t n_kept;
	float var_ns2; /* of a pulse about its true place */
	uint32_t n_var;
};

void fe_pps_init(struct fe_pps *p, uint32_t tick_hz);

/* A pulse came. */
void fe_pps_note(struct fe_pps *p, uint64_t pulse_q32);

/* All that came are forgotten, the jitter is not. */
void fe_pps_forget(struct fe_pps *p);

/* Where a second begins, and how long it is; and what the pulses scatter about
 * the line, of two degrees of freedom. */
struct fe_pps_line {
	uint64_t mark_q32;
	uint64_t second_q32;
	float scatter2_ns2;
};

/*
 * The newest pulse is the fourth of four that are a second apart, within 200
 * ppm of the nominal and 5 us of one another, and at most one other pulse came
 * among them. The least-squares line through them, at the newest.
 */
bool fe_pps_find(const struct fe_pps *p, struct fe_pps_line *line);

/* The last pulse goes on with the line as the others' jitter allows: no jump
 * of the receiver's. */
bool fe_pps_smooth(const struct fe_pps *p, const struct fe_pps_line *line);

/* A line's scatter, where that is more than was known: anew, or besides. */
void fe_pps_begin(struct fe_pps *p, const struct fe_pps_line *line, bool anew);

/* Standard deviation of a pulse, ns. */
float fe_pps_jitter_ns(const struct fe_pps *p);

/* Farther off a pulse is not of this clock; var is its place's as foretold, in
 * units of the jitter's. */
float fe_pps_gate_ns(const struct fe_pps *p, float var);

/* A pulse inside the gate was so late. */
void fe_pps_learn(struct fe_pps *p, float late_ns, float var);

#endif

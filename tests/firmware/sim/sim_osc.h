/*
 * sim_osc.h - a simulated oscillator: how many ticks it has made at true time.
 *
 * Closed forms of time, so any moment can be asked for in any order; constant
 * rate, ageing, a swing and a ramp of temperature, and noise. Good to 1e-6
 * ticks over days.
 *
 * The noise of time x(t) is a sum of smooth random curves, one for each octave
 * from 1 s to 2^17 s, of an amplitude that goes with the octave's period T as
 * white noise of the rate makes it (T^1/2) or a random walk of it (T^3/2).
 */
#ifndef TESTS_FIRMWARE_SIM_SIM_OSC_H
#define TESTS_FIRMWARE_SIM_SIM_OSC_H

#include <stdint.h>

struct sim_osc {
	uint32_t tick_hz;
	double off_ppm;         /* + is fast */
	double age_ppm_per_day; /* of the rate, from second 0 on */
	/* swing_ppm * sin(2 pi t / swing_s + swing_rad) on the rate. */
	double swing_ppm;
	double swing_s; /* 0: none */
	double swing_rad;
	/* The rate goes by ramp_ppm from ramp_from_s on, in ramp_s. */
	double ramp_ppm;
	double ramp_from_s;
	double ramp_s; /* 0: none */
	double white;  /* of the rate's noise, rms over 1 s */
	double walk;   /* that the rate walks, rms in 1 s */
	uint64_t seed;
};

/* Ticks since second 0; 0 <= part < 1. */
struct sim_count {
	int64_t whole;
	double part;
};

/* At n + u seconds. */
struct sim_count sim_osc_count(const struct sim_osc *o, int64_t n, double u);

/* Seconds after n at which the count is c; within some minutes of n. */
double sim_osc_when(const struct sim_osc *o, int64_t n, struct sim_count c);

/* What the oscillator has gained on true time, s. */
double sim_osc_gained_s(const struct sim_osc *o, int64_t n, double u);

#endif

/*
 * sim_pps.h - a simulated receiver's pulses, with their faults: a function of
 * the second, so any may be asked for in any order.
 */
#ifndef TESTS_FIRMWARE_SIM_SIM_PPS_H
#define TESTS_FIRMWARE_SIM_SIM_PPS_H

#include <stddef.h>
#include <stdint.h>

/* Pulses of a second. */
#define SIM_PPS_MAX    16
#define SIM_PPS_FAULTS 8

enum sim_pps_kind {
	SIM_PPS_ABSENT, /* no pulses */
	SIM_PPS_DOUBLE, /* one more, value_s after the first */
	SIM_PPS_LATE,   /* all value_s later */
	SIM_PPS_JITTER, /* Gaussian besides, value_s rms */
	SIM_PPS_RATE    /* value_s apart instead of 1 s, from from_s on */
};

/* For the seconds from_s <= n < to_s, each every_s-th of them (0: each). */
struct sim_pps_fault {
	enum sim_pps_kind kind;
	int64_t from_s, to_s;
	int64_t every_s;
	double value_s;
};

struct sim_pps {
	double jitter_ns;   /* Gaussian, rms */
	double sawtooth_ns; /* from - to + of this, as receivers' clocks make */
	double sawtooth_s;  /* its period; 0: none */
	uint64_t seed;
	struct sim_pps_fault fault[SIM_PPS_FAULTS];
	size_t n_faults;
};

/* The pulses of second n, in order: so much after the second. Returns how
 * many. */
size_t sim_pps_pulses(const struct sim_pps *p, int64_t n,
		      double at_s[SIM_PPS_MAX]);

#endif

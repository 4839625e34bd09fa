/*
 * noise.h - noise as a function of where it stands, not of what came before.
 */
#ifndef HOST_SIGNAL_NOISE_H
#define HOST_SIGNAL_NOISE_H

#include <stdint.h>

/* What a number is for: samples of channel c, frames of PMU idcode. */
static inline uint64_t cis_noise_of_chan(unsigned chan)
{
	return chan;
}

static inline uint64_t cis_noise_of_pmu(uint16_t idcode, unsigned quantity)
{
	return UINT64_C(1) << 32 | (uint64_t)idcode << 8 | quantity;
}

/* Number n of the stream `what` of seed: normal, mean 0, standard deviation 1. */
double cis_noise_gauss(uint64_t seed, uint64_t what, uint64_t n);

/* The same, evenly spread over [-1, 1). */
double cis_noise_uniform(uint64_t seed, uint64_t what, uint64_t n);

#endif

/*
 * draw.h - random numbers as a function of where they stand, not of what came
 * before: any process, on any machine, draws the same.
 */
#ifndef HOST_CORE_DRAW_H
#define HOST_CORE_DRAW_H

#include <stdint.h>

/* Number n of the stream `what` of a seed: 64 random bits. */
uint64_t cis_draw_bits(uint64_t seed, uint64_t what, uint64_t n);

/* The same, evenly spread over [0, 1), in steps of 2^-53. */
double cis_draw_unit(uint64_t seed, uint64_t what, uint64_t n);

#endif

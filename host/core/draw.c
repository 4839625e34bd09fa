/* draw.c - counter-based random numbers; see draw.h. */
#include "draw.h"

/* The finaliser of SplitMix64: Steele, Lea, Flood, "Fast splittable
 * pseudorandom number generators", 2014, with Stafford's constants. */
static uint64_t mix(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

/* Each argument moves the state by the golden ratio before it is mixed in, so
 * that zeros do not stay zeros. */
uint64_t cis_draw_bits(uint64_t seed, uint64_t what, uint64_t n)
{
	const uint64_t step = UINT64_C(0x9E3779B97F4A7C15);
	uint64_t h = mix(seed + step);

	h = mix((h ^ what) + step);
	return mix((h ^ n) + step);
}

double cis_draw_unit(uint64_t seed, uint64_t what, uint64_t n)
{
	return (double)(cis_draw_bits(seed, what, n) >> 11) * 0x1p-53;
}

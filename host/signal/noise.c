/* noise.c - counter-based noise; see noise.h. */
#include "noise.h"

#include <math.h>

#define TWO_PI 6.283185307179586476925

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
static uint64_t hash(uint64_t seed, uint64_t what, uint64_t n)
{
	const uint64_t step = UINT64_C(0x9E3779B97F4A7C15);
	uint64_t h = mix(seed + step);

	h = mix((h ^ what) + step);
	return mix((h ^ n) + step);
}

/* [0, 1), of 53 bits. */
static double unit(uint64_t bits)
{
	return (double)(bits >> 11) * 0x1p-53;
}

double cis_noise_uniform(uint64_t seed, uint64_t what, uint64_t n)
{
	return 2 * unit(hash(seed, what, n)) - 1;
}

/* Box and Muller, 1958. */
double cis_noise_gauss(uint64_t seed, uint64_t what, uint64_t n)
{
	double u = 1 - unit(hash(seed, what, 2 * n));
	double v = unit(hash(seed, what, 2 * n + 1));

	return sqrt(-2 * log(u)) * cos(TWO_PI * v);
}

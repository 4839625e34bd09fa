/* real.c - see real.h. */
#include "firmware/core/real.h"

#include <stdint.h>

float fe_root(float v)
{
	/* Half the exponent, of IEEE 754's binary32: within 4 %. */
	union {
		float value;
		uint32_t bits;
	} y = {.value = v};

	if (!(v > 0))
		return 0;
	y.bits = 0x1fbb4f2eu + (y.bits >> 1);
	for (int i = 0; i < 3; i++)
		y.value = 0.5f * (y.value + v / y.value);
	return y.value;
}

float fe_magnitude(float v)
{
	return v < 0 ? -v : v;
}

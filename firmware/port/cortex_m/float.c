/* float.c - see float.h. */
#include "firmware/port/cortex_m/float.h"

#include <stdbool.h>

enum { FRACTION_BITS = 23, EXPONENT_MASK = 0xff, EXPONENT_BIAS = 127 };

int64_t __aeabi_f2lz(uint32_t bits)
{
	int32_t exponent = (int32_t)(bits >> FRACTION_BITS & EXPONENT_MASK) -
			   EXPONENT_BIAS;
	uint64_t fraction =
		(bits & ((1u << FRACTION_BITS) - 1)) | 1u << FRACTION_BITS;
	bool negative = bits >> 31;
	int64_t whole;

	if (exponent < 0)
		return 0;
	if (exponent >= 63)
		return negative ? INT64_MIN : INT64_MAX;
	whole = (int64_t)(exponent < FRACTION_BITS
				  ? fraction >> (FRACTION_BITS - exponent)
				  : fraction << (exponent - FRACTION_BITS));
	return negative ? -whole : whole;
}

/* test_float_to_integer.c - what the images take for libgcc's conversion. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "check.h"
#include "firmware/port/cortex_m/float.h"

static uint32_t bits_of(float v)
{
	uint32_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return bits;
}

static void every_float_that_fits_is_cut_as_by_the_language(void **state)
{
	(void)state;
	/* Each exponent, and a step that is odd and no power of two. */
	for (uint64_t b = 0; b <= UINT32_MAX; b += 4099) {
		uint32_t bits = (uint32_t)b;
		float v;

		memcpy(&v, &bits, sizeof(v));
		if (fabsf(v) < 0x1p63f)
			assert_true(__aeabi_f2lz(bits) == (int64_t)v);
	}
}

static void what_does_not_fit_is_the_nearest_that_does(void **state)
{
	(void)state;
	assert_true(__aeabi_f2lz(bits_of(0x1p63f)) == INT64_MAX);
	assert_true(__aeabi_f2lz(bits_of(-0x1p63f)) == INT64_MIN);
	assert_true(__aeabi_f2lz(bits_of(INFINITY)) == INT64_MAX);
	assert_true(__aeabi_f2lz(bits_of(-INFINITY)) == INT64_MIN);
	assert_true(__aeabi_f2lz(bits_of(-0.0f)) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			every_float_that_fits_is_cut_as_by_the_language),
		cmocka_unit_test(what_does_not_fit_is_the_nearest_that_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

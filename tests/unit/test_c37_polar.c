/*
 * test_c37_polar.c - magnitudes and angles as floats against libm in double,
 * over random phasors of all sizes and those where such code goes wrong.
 */
#include <float.h>
#include <string.h>

#include "check.h"
#include "host/c37/polar.h"

/* The distance to the next float. */
static double ulp(double v)
{
	float f = (float)fabs(v);

	return f < FLT_MIN ? 0x1p-149 : (double)(nextafterf(f, INFINITY) - f);
}

/*
 * Half a unit is what rounding to float may cost; the arc tangent's 7.6e-13 of
 * its value is 1.3e-5 units of float at most (a float has 2^24 units), the square
 * root's 2^-53 less. The test allows 2e-5 for both.
 */
static void check_float(float got, double want, const char *what,
			double complex p)
{
	if (fabs((double)got - want) <= (0.5 + 2e-5) * ulp(want) &&
	    !signbit(got) == !signbit(want))
		return;
	fail_msg("%s of %.17g %+.17gi: %.9g, not %.17g", what, creal(p),
		 cimag(p), (double)got, want);
}

static void check_phasor(double complex p, float mag, float rad)
{
	double m = hypot(creal(p), cimag(p));

	if (!isfinite(creal(p)) || !isfinite(cimag(p)) || m > (double)FLT_MAX) {
		assert_true(isnan(mag));
		assert_true(isnan(rad));
		return;
	}
	check_float(mag, m, "magnitude", p);
	check_float(rad, atan2(cimag(p), creal(p)), "angle", p);
}

static double uniform(void)
{
	static uint64_t state = 7;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (double)(state >> 11) * 0x1p-53;
}

/* Magnitudes from 1e-44 to 1e38, each component with a size of its own in one
 * half of the cases. */
static double complex any_phasor(unsigned i)
{
	double mag = pow(10, 82 * uniform() - 44);
	double rad = 6.283185307179586 * (uniform() - 0.5);
	double other = pow(10, 82 * uniform() - 44);

	if (i % 2)
		return CMPLX(mag * cos(rad), mag * sin(rad));
	return CMPLX(uniform() < 0.5 ? mag : -mag,
		     uniform() < 0.5 ? other : -other);
}

static void magnitude_and_angle_are_those_of_libm(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		double complex p[C37_POLAR_MAX];
		float mag[C37_POLAR_MAX], rad[C37_POLAR_MAX];
		unsigned n = i % C37_POLAR_MAX + 1;

		for (unsigned k = 0; k < n; k++)
			p[k] = any_phasor(i + k);
		c37_polar(p, n, mag, rad);
		for (unsigned k = 0; k < n; k++)
			check_phasor(p[k], mag[k], rad[k]);
	}
}

static void zeros_infinities_and_extremes_are_right(void **state)
{
	static const double value[] = {
		0, 1, 0.5, 3, 0x1p-1074, 0x1p-1022, 1e-200, 1e-46, 0x1p-149,
		FLT_MIN, 1e-20, 1e20, FLT_MAX, 1e39, 1e200, DBL_MAX, INFINITY,
		NAN,
		/* tan(pi/8), where the formula changes, and beside it. */
		0.4142135623730950, 0.4142135623730951, 0.4142135623730952,
		0.9999999999999999, 1.0000000000000002, 2.414213562373095};
	const size_t n = sizeof(value) / sizeof(value[0]);

	(void)state;
	for (size_t i = 0; i < 4 * n * n; i++) {
		double x = value[i / 4 / n], y = value[i / 4 % n];
		float mag[C37_POLAR_MAX], rad[C37_POLAR_MAX];
		double complex p = CMPLX(i % 2 ? -x : x, i % 4 > 1 ? -y : y);

		c37_polar(&p, 1, mag, rad);
		check_phasor(p, mag[0], rad[0]);
	}
}

/* Along the circle in steps of a ten-thousandth of a degree. */
static void every_angle_is_met(void **state)
{
	const double rad_per_step = 3.14159265358979323846 / 1.8e6;

	(void)state;
	for (int i = -1800000; i <= 1800000; i += C37_POLAR_MAX) {
		double complex p[C37_POLAR_MAX];
		float mag[C37_POLAR_MAX], rad[C37_POLAR_MAX];

		for (int k = 0; k < C37_POLAR_MAX; k++)
			p[k] = CMPLX(63.5e3 * cos((i + k) * rad_per_step),
				     63.5e3 * sin((i + k) * rad_per_step));
		c37_polar(p, C37_POLAR_MAX, mag, rad);
		for (int k = 0; k < C37_POLAR_MAX; k++)
			check_phasor(p[k], mag[k], rad[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(magnitude_and_angle_are_those_of_libm),
		cmocka_unit_test(zeros_infinities_and_extremes_are_right),
		cmocka_unit_test(every_angle_is_met),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

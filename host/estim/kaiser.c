/*
 * kaiser.c - its Bessel function by the power series, all terms positive.
 */
#include "kaiser.h"

#include <math.h>

static double bessel_i0(double x)
{
	double q = 0.25 * x * x, term = 1, sum = 1;

	for (int k = 1; term > 1e-17 * sum; k++) {
		term *= q / ((double)k * k);
		sum += term;
	}
	return sum;
}

double cis_kaiser(double beta, size_t i, size_t half)
{
	double u = (double)i / ((double)half + 0.5);

	return bessel_i0(beta * sqrt(1 - u * u)) / bessel_i0(beta);
}

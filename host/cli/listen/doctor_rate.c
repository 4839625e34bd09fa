/* doctor_rate.c - see doctor_rate.h. */
#include "doctor_rate.h"

#include <math.h>

#define LEAST 8 /* frames: fewer say too little of their delays */

static double least(const double *v, size_t n)
{
	double least = INFINITY;

	for (size_t i = 0; i < n; i++)
		least = fmin(least, v[i]);
	return least;
}

/* From the first half to the last one. */
double doctor_rate_hz(double stamped_hz, const double *delay_s, size_t n)
{
	size_t half = n / 2;
	double apart_s = (double)(n - half) / stamped_hz;
	double grown_s;

	if (n < LEAST)
		return stamped_hz;
	grown_s = least(delay_s + n - half, half) - least(delay_s, half);
	return stamped_hz / (1 + grown_s / apart_s);
}

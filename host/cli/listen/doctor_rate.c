/* doctor_rate.c - see doctor_rate.h. */
#include "doctor_rate.h"

#include <stdlib.h>

#define LEAST 8 /* frames: fewer have no median worth the name */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_size);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* By the medians of the first half and of the last. */
double doctor_rate_hz(double stamped_hz, double *delay_s, size_t n)
{
	size_t half = n / 2;
	double apart_s = (double)(n - half) / stamped_hz;
	double grown_s;

	if (n < LEAST)
		return stamped_hz;
	grown_s = median(delay_s + n - half, half) - median(delay_s, half);
	return stamped_hz / (1 + grown_s / apart_s);
}

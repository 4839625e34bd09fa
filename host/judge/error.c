/* error.c - see judge.h. */
#include "cisoid/judge.h"

double cis_tve(double complex x, double complex truth)
{
	return cabs(x - truth) / cabs(truth);
}

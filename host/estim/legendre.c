/*
 * legendre.c - Legendre polynomials up to the third.
 */
#include "legendre.h"

#include <string.h>

void cis_legendre(double u, double q[CIS_N_POLY])
{
	q[0] = 1;
	q[1] = u;
	q[2] = 1.5 * u * u - 0.5;
	q[3] = (2.5 * u * u - 1.5) * u;
}

void cis_legendre_at_0(double half_s, double d[CIS_N_POLY][CIS_N_POLY])
{
	static const double by_u[CIS_N_POLY][CIS_N_POLY] = {
		{1, 0, -0.5, 0}, {0, 1, 0, -1.5}, {0, 0, 3, 0}, {0, 0, 0, 15}};
	double scale = 1;

	for (int r = 0; r < CIS_N_POLY; r++) {
		for (int k = 0; k < CIS_N_POLY; k++)
			d[r][k] = by_u[r][k] * scale;
		scale /= half_s;
	}
}

/*
 * legendre.h - the polynomials of the dynamic phasor, orders 0 to 3.
 */
#ifndef HOST_ESTIM_LEGENDRE_H
#define HOST_ESTIM_LEGENDRE_H

#define CIS_N_POLY 4

/* Values at u in [-1, 1]. */
void cis_legendre(double u, double q[CIS_N_POLY]);

/* Derivatives at t = 0 by time, u = t/half_s: d[r][k] is the r-th of q[k]. */
void cis_legendre_at_0(double half_s, double d[CIS_N_POLY][CIS_N_POLY]);

#endif

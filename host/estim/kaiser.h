/*
 * kaiser.h - the window that weighs P and filters before M and R.
 */
#ifndef HOST_ESTIM_KAISER_H
#define HOST_ESTIM_KAISER_H

#include <stddef.h>

/* I0(beta sqrt(1 - (i/(half + 1/2))^2)) / I0(beta), i <= half. */
double cis_kaiser(double beta, size_t i, size_t half);

#endif

/*
 * judge.h - how far a report is from the truth. IEC/IEEE 60255-118-1, clause 4.
 */
#ifndef CISOID_JUDGE_H
#define CISOID_JUDGE_H

#include <complex.h>

/* Total vector error, as a fraction: |x - truth| / |truth|. */
double cis_tve(double complex x, double complex truth);

#endif

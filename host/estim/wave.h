/*
 * wave.h - evenly spaced samples of a cosine and a sine.
 */
#ifndef HOST_ESTIM_WAVE_H
#define HOST_ESTIM_WAVE_H

#include <stddef.h>

/* c[i] = cos(2 pi turns i), s[i] = sin(2 pi turns i), i = 0..n-1, each right
 * to 4e-16 for the double `turns` as it stands. */
void cis_wave(double turns, size_t n, double *c, double *s);

#endif

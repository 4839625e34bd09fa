/*
 * columns.c - the real columns of docs/estimator.md 3.
 */
#include "columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "legendre.h"
#include "wave.h"

size_t cis_columns_harmonics(double seed_hz, unsigned top, double limit_hz)
{
	size_t n = 0;

	for (unsigned h = 2; h <= top && h * seed_hz < limit_hz; h++)
		n++;
	return n;
}

size_t cis_columns_count(unsigned odd, size_t n_harmonic)
{
	return CIS_N_POLY + (size_t)!odd + n_harmonic;
}

void cis_columns_phasor(const struct cis_carrier *at, unsigned odd, unsigned k,
			double *col)
{
	bool cosine = (k + odd) % 2 == 0;

	for (size_t i = 0; i <= at->half; i++) {
		double q[CIS_N_POLY];

		cis_legendre((double)i / (double)at->half, q);
		col[i] = q[k] * (cosine ? at->c[i] : -at->s[i]);
	}
}

bool cis_columns_rest(struct cis_part *p, double turns)
{
	size_t len = p->n + p->odd, k = CIS_N_POLY;
	double *c = malloc(2 * len * sizeof(double)), *s;

	if (!c)
		return false;
	s = c + len;
	if (!p->odd) {
		for (size_t i = 0; i < p->n; i++)
			p->x[k * p->n + i] = 1;
		k++;
	}
	for (unsigned h = 2; k < p->m; h++, k++) {
		cis_wave(h * turns, len, c, s);
		memcpy(p->x + k * p->n, p->odd ? s + 1 : c,
		       p->n * sizeof(double));
	}
	free(c);
	return true;
}

void cis_columns_target(struct cis_part *p, double half_s)
{
	double d[CIS_N_FORM][CIS_N_POLY];

	cis_legendre_at_0(half_s, d);
	for (size_t f = 0; f < CIS_N_FORM; f++)
		memcpy(p->d + f * p->m, d[f], sizeof(d[f]));
}

/*
 * dyn.c - see dyn.h.
 *
 * With a = X'/X and b = X''/X, f = fnom + Im(a)/(2 pi) and ROCOF = (Im(b) -
 * 2 Re(a) Im(a))/(2 pi), exactly. Their noise is that of the linear forms
 * Im{(dX' - a dX)/X} and Im{(dX'' - b dX - 2 a (dX' - a dX))/X}.
 */
#include "dyn.h"

#include <math.h>

/* Variance of Im{sum l[m] x[m]}. */
static double variance(const struct cis_dyn *d, const double complex l[3])
{
	double sum = 0;

	for (unsigned j = 0; j < CIS_DYN_NOISE; j++) {
		double g = 0;

		for (unsigned m = 0; m < 3; m++)
			g += cimag(l[m]) * d->noise[2 * m][j] +
			     creal(l[m]) * d->noise[2 * m + 1][j];
		sum += g * g;
	}
	return d->sigma * d->sigma * sum;
}

/* Standard deviation of Im{sum over i, m of l[m] w[i] x[m]}. */
static double deviation(const struct cis_dyn *const dyn[],
			const double complex w[], uint32_t n,
			const double complex l[3])
{
	double var = 0;

	for (uint32_t i = 0; i < n; i++) {
		double complex lw[3] = {l[0] * w[i], l[1] * w[i], l[2] * w[i]};

		var += variance(dyn[i], lw);
	}
	return sqrt(var);
}

void cis_dyn_put_rates(struct cis_dyn *dyn, double fnom_hz)
{
	double complex a = dyn->x[1] / dyn->x[0], b = dyn->x[2] / dyn->x[0];

	dyn->freq_hz = fnom_hz + cimag(a) / (2 * CIS_PI);
	dyn->rocof_hz_per_s =
		(cimag(b) - 2 * creal(a) * cimag(a)) / (2 * CIS_PI);
}

struct cis_rate_of cis_dyn_rates(const struct cis_dyn *const dyn[],
				 const double complex w[], uint32_t n,
				 double fnom_hz)
{
	double complex x[3] = {0, 0, 0}, a, b, per_x;
	struct cis_rate_of r;

	for (uint32_t i = 0; i < n; i++)
		for (unsigned m = 0; m < 3; m++)
			x[m] += w[i] * dyn[i]->x[m];
	a = x[1] / x[0];
	b = x[2] / x[0];
	per_x = 1 / (2 * CIS_PI * x[0]);
	r.freq_hz = fnom_hz + cimag(a) / (2 * CIS_PI);
	r.rocof_hz_per_s = (cimag(b) - 2 * creal(a) * cimag(a)) / (2 * CIS_PI);
	r.u_freq_hz =
		deviation(dyn, w, n, (double complex[3]){-a * per_x, per_x, 0});
	r.u_rocof_hz_per_s =
		deviation(dyn, w, n,
			  (double complex[3]){(2 * a * a - b) * per_x,
					      -2 * a * per_x, per_x});
	return r;
}

double cis_dyn_u_mag(const struct cis_dyn *d)
{
	return sqrt(variance(d, (double complex[3]){I / d->x[0], 0, 0}));
}

double cis_dyn_u_phase_rad(const struct cis_dyn *d)
{
	return sqrt(variance(d, (double complex[3]){1 / d->x[0], 0, 0}));
}

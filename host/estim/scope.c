/* scope.c - see scope.h. */
#include "scope.h"

#include <fftw3.h>
#include <math.h>
#include <stdlib.h>

#include "dyn.h"

#define MAX_LOG2 31

struct cis_scope {
	double rate_hz;
	size_t hop, half;    /* of phasors: spacing, half the weights */
	size_t thin;         /* one of so many samples */
	double complex *ref; /* [2 half + 1] weights of the phasors */
	double complex *z;   /* in place; the spectrum's power in front */
	fftw_plan plan[MAX_LOG2];
};

static double hann(double u)
{
	return 0.5 + 0.5 * cos(CIS_PI * u); /* u from -1 to 1 */
}

static size_t at_least_one(double x)
{
	size_t n = x > 1 ? (size_t)x : 0;

	return n > 0 ? n : 1;
}

static unsigned log2_for(size_t n)
{
	unsigned log2 = 6;

	while (log2 < MAX_LOG2 - 1 && (size_t)1 << log2 < 2 * n)
		log2++;
	return log2;
}

static int plan_all(struct cis_scope *sc, unsigned top)
{
	for (unsigned i = 6; i <= top; i++) {
		sc->plan[i] = fftw_plan_dft_1d(1 << i, sc->z, sc->z,
					       FFTW_FORWARD, FFTW_ESTIMATE);
		if (!sc->plan[i])
			return -1;
	}
	return 0;
}

struct cis_scope *cis_scope_new(size_t max_n, double rate_hz, double fnom_hz)
{
	struct cis_scope *sc = calloc(1, sizeof(*sc));
	unsigned top;

	if (!sc)
		return NULL;
	sc->rate_hz = rate_hz;
	sc->hop = at_least_one(rate_hz / fnom_hz / 4);
	sc->half = at_least_one(2 * rate_hz / fnom_hz);
	sc->thin = at_least_one(rate_hz / fnom_hz / 16);
	top = log2_for(max_n / (sc->thin < sc->hop ? sc->thin : sc->hop) + 2);
	sc->ref = calloc(2 * sc->half + 1, sizeof(*sc->ref));
	sc->z = fftw_alloc_complex((size_t)1 << top);
	if (sc->ref && sc->z && !plan_all(sc, top))
		return sc;
	cis_scope_free(sc);
	return NULL;
}

void cis_scope_free(struct cis_scope *sc)
{
	if (!sc)
		return;
	for (unsigned i = 0; i < MAX_LOG2; i++)
		if (sc->plan[i])
			fftw_destroy_plan(sc->plan[i]);
	free(sc->ref);
	fftw_free(sc->z);
	free(sc);
}

/* ---- series ---- */

static void weigh(struct cis_scope *sc, size_t half, double f_hz)
{
	double sum = 0;

	for (size_t j = 0; j <= 2 * half; j++) {
		double t = (double)j - (double)half;
		double w = hann(t / ((double)half + 1));

		sum += w;
		sc->ref[j] = w * cexp(-2 * CIS_PI * I * f_hz * t / sc->rate_hz);
	}
	for (size_t j = 0; j <= 2 * half; j++)
		sc->ref[j] /= sum;
}

/* Weighted sums around every hop-th sample. */
static struct cis_view filter(struct cis_scope *sc, const double *s, size_t n,
			      size_t half, size_t hop)
{
	struct cis_view v = {.z = sc->z, .rate_hz = sc->rate_hz / (double)hop};
	size_t middle = n / 2;

	v.first_s = ((double)half - (double)middle) / sc->rate_hz;
	for (size_t at = 0; at + 2 * half < n; at += hop) {
		double complex sum = 0;

		for (size_t j = 0; j <= 2 * half; j++)
			sum += sc->ref[j] * s[at + j];
		v.z[v.n++] = sum;
	}
	return v;
}

struct cis_view cis_scope_phasors(struct cis_scope *sc, const double *s,
				  size_t n, double f_hz)
{
	struct cis_view v;

	weigh(sc, sc->half, f_hz);
	v = filter(sc, s, n, sc->half, sc->hop);
	for (size_t k = 0; k < v.n; k++) {
		double t = v.first_s + (double)k / v.rate_hz;

		v.z[k] *= 2 * cexp(-2 * CIS_PI * I * f_hz * t);
	}
	return v;
}

struct cis_view cis_scope_thin(struct cis_scope *sc, const double *s, size_t n)
{
	size_t half = sc->thin > 1 ? 2 * sc->thin : 0;

	weigh(sc, half, 0);
	return filter(sc, s, n, half, sc->thin);
}

/* ---- spectrum ---- */

struct cis_spectrum cis_scope_spectrum(struct cis_scope *sc,
				       const struct cis_view *v)
{
	unsigned log2 = log2_for(v->n);
	size_t n_fft = (size_t)1 << log2;
	double *power = (double *)sc->z;
	double unit = 0;

	for (size_t k = 0; k < v->n; k++) {
		double w = hann((2 * (double)k + 1) / (double)v->n - 1);

		unit += w;
		sc->z[k] *= w;
	}
	for (size_t k = v->n; k < n_fft; k++)
		sc->z[k] = 0;
	fftw_execute(sc->plan[log2]);
	for (size_t k = 0; k < n_fft; k++) {
		double re = creal(sc->z[k]), im = cimag(sc->z[k]);

		power[k] = re * re + im * im; /* never ahead of z */
	}
	return (struct cis_spectrum){.n = n_fft,
				     .bin_hz = v->rate_hz / (double)n_fft,
				     .unit = unit,
				     .power = power};
}

double cis_spectrum_vertex_hz(const struct cis_spectrum *sp, size_t i)
{
	double a = log(sp->power[i - 1]), b = log(sp->power[i]);
	double c = log(sp->power[i + 1]), bend = a - 2 * b + c;
	double d = bend < 0 ? 0.5 * (a - c) / bend : 0;

	return ((double)i + (fabs(d) <= 1 ? d : 0)) * sp->bin_hz;
}

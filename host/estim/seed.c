/*
 * seed.c - Hann window, zero padding, a parabola through the logarithms of the
 * largest line and its neighbours.
 */
#include "seed.h"

#include <complex.h>
#include <fftw3.h>
#include <math.h>
#include <stdlib.h>

#include "dyn.h"

struct cis_seed {
	size_t max_n;
	size_t n_fft; /* power of two, >= 4 max_n */
	double *in;
	fftw_complex *out;
	fftw_plan plan;
};

struct cis_seed *cis_seed_new(size_t max_n)
{
	struct cis_seed *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->max_n = max_n;
	for (s->n_fft = 64; s->n_fft < 4 * max_n;)
		s->n_fft *= 2;
	s->in = fftw_alloc_real(s->n_fft);
	s->out = fftw_alloc_complex(s->n_fft / 2 + 1);
	if (s->in && s->out)
		s->plan = fftw_plan_dft_r2c_1d((int)s->n_fft, s->in, s->out,
					       FFTW_ESTIMATE);
	if (s->plan)
		return s;
	cis_seed_free(s);
	return NULL;
}

void cis_seed_free(struct cis_seed *s)
{
	if (!s)
		return;
	if (s->plan)
		fftw_destroy_plan(s->plan);
	fftw_free(s->in);
	fftw_free(s->out);
	free(s);
}

static void load(struct cis_seed *s, const double *x, size_t n)
{
	double mean = 0;

	for (size_t i = 0; i < n; i++)
		mean += x[i] / (double)n;
	for (size_t i = 0; i < n; i++) {
		double w = 0.5 - 0.5 * cos(2 * CIS_PI * ((double)i + 0.5) /
					   (double)n);

		s->in[i] = w * (x[i] - mean);
	}
	for (size_t i = n; i < s->n_fft; i++)
		s->in[i] = 0;
}

/* Where between bins i-1 and i+1 the parabola through their logs is highest */
static double vertex(const fftw_complex *bin, size_t i)
{
	double a = log(cabs(bin[i - 1])), b = log(cabs(bin[i])),
	       c = log(cabs(bin[i + 1]));
	double bend = a - 2 * b + c;
	double d = bend < 0 ? 0.5 * (a - c) / bend : 0;

	return (double)i + (fabs(d) <= 1 ? d : 0);
}

double cis_seed_find(struct cis_seed *s, const double *x, size_t n,
		     double rate_hz, double fnom_hz)
{
	double bin_hz = rate_hz / (double)s->n_fft;
	size_t lo = (size_t)ceil(0.6 * fnom_hz / bin_hz);
	size_t hi = (size_t)floor(1.4 * fnom_hz / bin_hz);
	size_t best = 0;
	double most = 0;

	if (n > s->max_n) {
		x += n - s->max_n;
		n = s->max_n;
	}
	load(s, x, n);
	fftw_execute(s->plan);
	for (size_t i = lo > 1 ? lo : 1; i <= hi && i < s->n_fft / 2; i++) {
		double m = cabs(s->out[i]);

		if (m > most) {
			most = m;
			best = i;
		}
	}
	return best ? vertex(s->out, best) * bin_hz : fnom_hz;
}

/*
 * scope.h - slow and narrow views of a long recording: demodulated, thinned
 * out, and as a spectrum. For first values and for what a fit has left.
 */
#ifndef HOST_ESTIM_SCOPE_H
#define HOST_ESTIM_SCOPE_H

#include <complex.h>
#include <stddef.h>

struct cis_scope;

/* For recordings of at most max_n samples at rate_hz. NULL: no memory. FFTW's
 * planner wants one caller at a time. */
struct cis_scope *cis_scope_new(size_t max_n, double rate_hz, double fnom_hz);
void cis_scope_free(struct cis_scope *scope); /* NULL is allowed */

/* A series of complex values, at rate_hz, the first at first_s from the
 * recording's middle; valid until the next call. */
struct cis_view {
	size_t n;
	double rate_hz, first_s;
	double complex *z;
};

/* Phasors (peak) against exp(j 2 pi f t), t from the middle: of four cycles,
 * Hann weighted, four a cycle. */
struct cis_view cis_scope_phasors(struct cis_scope *scope, const double *s,
				  size_t n, double f_hz);
/* The samples, thinned out to some 16 a cycle, real. Lines above 2.5 fnom are
 * not to be believed. */
struct cis_view cis_scope_thin(struct cis_scope *scope, const double *s,
			       size_t n);

/* |spectrum|^2 of a series, Hann weighted, which it replaces: power of line i,
 * for i from 0 (0 Hz) to n (just below rate_hz). A line of amplitude a in the
 * middle of its bin has the power (a unit)^2, as exp(j w t), half of it as a
 * cosine. */
struct cis_spectrum {
	size_t n;
	double bin_hz;
	double unit;
	const double *power;
};

struct cis_spectrum cis_scope_spectrum(struct cis_scope *scope,
				       const struct cis_view *view);

/* Where between lines i-1 and i+1 the parabola through their logarithms is
 * highest, Hz. */
double cis_spectrum_vertex_hz(const struct cis_spectrum *sp, size_t i);

#endif

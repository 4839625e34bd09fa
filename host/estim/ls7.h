/*
 * ls7.h - the seven-column iterative least-squares fit (L. Dominguez Pose,
 * "Development and validation of a least squares algorithm for static and
 * dynamic synchrophasor tests").
 *
 *     s(t) = Re{(c0 + c1 t + c2 t^2) exp(j 2 pi t (f0 + f1 t))} + dc
 *
 * with t from the middle of the window. Where the iteration ends, c1/c0 and
 * c2/c0 are real, whatever the origin of t: f0 and f1 are the frequency and
 * half its rate, and the amplitude is the real polynomial (A0, A1, A2).
 */
#ifndef HOST_ESTIM_LS7_H
#define HOST_ESTIM_LS7_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

#include "dyn.h"
#include "mgs.h"

/* The seed of a fit: frequency, Hz, and half its rate, Hz/s. */
struct cis_chirp {
	double f0_hz;
	double f1_hz_per_s;
};

/* The columns of one window length, sampling rate and seed, factored. */
struct cis_ls7 {
	struct cis_mgs mgs;
	struct cis_chirp seed;
	double rate_hz;
	double half_s; /* from the middle to the last sample */
};

struct cis_ls7_fit {
	struct cis_chirp seed;
	double complex c[3]; /* peak; V or A, per s, per s^2 */
	double dc;
	double rss; /* sum of the squares of the residual */
};

int cis_ls7_init(struct cis_ls7 *d, size_t max_n);
void cis_ls7_fini(struct cis_ls7 *d);

void cis_ls7_design(struct cis_ls7 *d, size_t n, double rate_hz,
		    struct cis_chirp seed);

/* work: n doubles. */
void cis_ls7_solve(const struct cis_ls7 *d, const double *s, double *work,
		   struct cis_ls7_fit *fit);

/* By how much f0 and f1 are to be corrected; equations (11) and (12). */
struct cis_chirp cis_ls7_step(const struct cis_ls7_fit *fit);

/* The dynamic phasor offset_s after the middle of the window of design d. */
void cis_ls7_dyn(const struct cis_ls7 *d, const struct cis_ls7_fit *fit,
		 double offset_s, double fnom_hz, struct cis_dyn *dyn);

#endif

/* ls7.c - see ls7.h. */
#include "ls7.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Samples between two exact sines; the rotation in between errs by as many
 * roundings at most. */
#define ANCHOR 24

int cis_ls7_init(struct cis_ls7 *d, size_t max_n)
{
	*d = (struct cis_ls7){.mgs.stride = (max_n + 7) / 8 * 8};
	d->mgs.q = calloc(CIS_MGS_COL * d->mgs.stride, sizeof(*d->mgs.q));
	return d->mgs.q ? 0 : -ENOMEM;
}

void cis_ls7_fini(struct cis_ls7 *d)
{
	free(d->mgs.q);
	d->mgs.q = NULL;
}

/* Phase of the seed, rad, t seconds from the middle. */
static double seed_phase(struct cis_chirp seed, double t)
{
	return 2 * CIS_PI * t * (seed.f0_hz + seed.f1_hz_per_s * t);
}

/*
 * cos and -sin of the seed's phase, so that (A, B) are the real and imaginary
 * part of c. Consecutive samples differ by a rotation which itself rotates.
 */
static void carrier(const struct cis_ls7 *d, double *re, double *im)
{
	size_t n = d->mgs.n;
	double dt = 1 / d->rate_hz, mid = 0.5 * (double)(n - 1);
	double bend = 4 * CIS_PI * d->seed.f1_hz_per_s * dt * dt;
	double turn_re = cos(bend), turn_im = sin(bend);

	for (size_t from = 0; from < n; from += ANCHOR) {
		size_t to = from + ANCHOR < n ? from + ANCHOR : n;
		double t = ((double)from - mid) * dt;
		double p = seed_phase(d->seed, t);
		double step = 2 * CIS_PI * dt * d->seed.f0_hz +
			      4 * CIS_PI * d->seed.f1_hz_per_s * dt * t +
			      0.5 * bend;
		double zr = cos(p), zi = sin(p);
		double wr = cos(step), wi = sin(step);

		for (size_t i = from; i < to; i++) {
			double r = zr * wr - zi * wi, w;

			re[i] = zr;
			im[i] = -zi;
			zi = zr * wi + zi * wr;
			zr = r;
			w = wr * turn_re - wi * turn_im;
			wi = wr * turn_im + wi * turn_re;
			wr = w;
		}
	}
}

void cis_ls7_design(struct cis_ls7 *d, size_t n, double rate_hz,
		    struct cis_chirp seed)
{
	double *col[CIS_MGS_COL], mid = 0.5 * (double)(n - 1);

	d->mgs.n = n;
	d->rate_hz = rate_hz;
	d->seed = seed;
	d->half_s = mid / rate_hz;
	for (size_t k = 0; k < CIS_MGS_COL; k++)
		col[k] = d->mgs.q + k * d->mgs.stride;
	carrier(d, col[0], col[1]);
	for (size_t i = 0; i < n; i++) {
		double u = ((double)i - mid) / mid;

		col[2][i] = u * col[0][i];
		col[3][i] = u * col[1][i];
		col[4][i] = u * col[2][i];
		col[5][i] = u * col[3][i];
		col[6][i] = 1;
	}
	cis_mgs_factor(&d->mgs);
}

void cis_ls7_solve(const struct cis_ls7 *d, const double *s, double *work,
		   struct cis_ls7_fit *fit)
{
	double theta[CIS_MGS_COL], scale = 1;

	for (size_t i = 0; i < d->mgs.n; i++)
		work[i] = s[i];
	fit->seed = d->seed;
	fit->rss = cis_mgs_solve(&d->mgs, work, theta);
	for (unsigned k = 0; k < 3; k++) {
		fit->c[k] = (theta[2 * k] + I * theta[2 * k + 1]) * scale;
		scale /= d->half_s;
	}
	fit->dc = theta[6];
}

struct cis_chirp cis_ls7_step(const struct cis_ls7_fit *fit)
{
	return (struct cis_chirp){
		.f0_hz = cimag(fit->c[1] / fit->c[0]) / (2 * CIS_PI),
		.f1_hz_per_s = cimag(fit->c[2] / fit->c[0]) / (2 * CIS_PI)};
}

/* X, X', X'' at `offset_s` as linear forms of c0, c1, c2. */
static void forms(struct cis_chirp seed, double offset_s, double fnom_hz,
		  double complex m[3][3])
{
	double t = offset_s;
	double w =
		2 * CIS_PI * (seed.f0_hz - fnom_hz + 2 * seed.f1_hz_per_s * t);
	double complex dw = I * 4 * CIS_PI * seed.f1_hz_per_s - w * w;
	double complex turn = cexp(I * seed_phase(seed, t));
	double complex p[3][3] = {{turn, turn * t, turn * t * t},
				  {0, turn, turn * 2 * t},
				  {0, 0, turn * 2}};

	for (unsigned k = 0; k < 3; k++) {
		m[0][k] = p[0][k];
		m[1][k] = p[1][k] + I * w * p[0][k];
		m[2][k] = p[2][k] + 2 * I * w * p[1][k] + dw * p[0][k];
	}
}

/* How independent unit noise on the samples reaches X, X', X''. */
static void spread(const struct cis_ls7 *d, double complex m[3][3],
		   double noise[6][CIS_DYN_NOISE])
{
	double inv[CIS_MGS_COL][CIS_MGS_COL];

	cis_mgs_inverse(&d->mgs, inv);
	for (unsigned i = 0; i < 3; i++) {
		noise[2 * i][CIS_MGS_COL] = 0;
		noise[2 * i + 1][CIS_MGS_COL] = 0;
		for (unsigned j = 0; j < CIS_MGS_COL; j++) {
			double complex sum = 0;
			double scale = 1;

			for (unsigned k = 0; k < 3; k++) {
				sum += m[i][k] * scale *
				       (inv[2 * k][j] + I * inv[2 * k + 1][j]);
				scale /= d->half_s;
			}
			noise[2 * i][j] = creal(sum);
			noise[2 * i + 1][j] = cimag(sum);
		}
	}
}

void cis_ls7_dyn(const struct cis_ls7 *d, const struct cis_ls7_fit *fit,
		 double offset_s, double fnom_hz, struct cis_dyn *dyn)
{
	const double complex *c = fit->c;
	double t = offset_s, n = (double)d->mgs.n;
	double complex at = c[0] + t * (c[1] + t * c[2]);
	double complex along = at != 0 ? conj(at) / cabs(at) : 0;
	struct cis_chirp step = cis_ls7_step(fit);
	double complex m[3][3];

	forms(fit->seed, t, fnom_hz, m);
	for (unsigned i = 0; i < 3; i++)
		dyn->x[i] = m[i][0] * c[0] + m[i][1] * c[1] + m[i][2] * c[2];
	dyn->a1_per_s = creal(along * (c[1] + 2 * t * c[2]));
	dyn->a2_per_s2 = creal(along * c[2]);
	dyn->dc = fit->dc;
	dyn->rocof_hz_per_s = 2 * (fit->seed.f1_hz_per_s + step.f1_hz_per_s);
	dyn->freq_hz = fit->seed.f0_hz + step.f0_hz + dyn->rocof_hz_per_s * t;
	dyn->resid_rms = sqrt(fit->rss / n);
	dyn->sigma = n > CIS_MGS_COL ? sqrt(fit->rss / (n - CIS_MGS_COL)) : 0;
	spread(d, m, dyn->noise);
}

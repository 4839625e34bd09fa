/*
 * selfcheck_fit.h - a periodic signal in windows of equal length, by least
 * squares; see selfcheck.h.
 */
#ifndef HOST_JUDGE_SELFCHECK_FIT_H
#define HOST_JUDGE_SELFCHECK_FIT_H

#include <complex.h>
#include <stdint.h>

#define CIS_FIT_MAX_HARM 50
/* 1, cos, sin, both times the time, and pairs for harmonics. */
#define CIS_FIT_MAX_COL  (5 + 2 * (CIS_FIT_MAX_HARM - 1))

struct cis_fit {
	double rate_hz, freq_hz;
	uint32_t len;    /* scans of a window */
	uint32_t n_harm; /* the highest */
	uint32_t n_col;
	double chol[CIS_FIT_MAX_COL][CIS_FIT_MAX_COL]; /* of the Gram matrix */
};

/* What one window of one channel shows. */
struct cis_fit_window {
	double complex peak; /* fundamental, at the middle of the window */
	double dc;
	double harm_power;  /* sum of squares of the harmonics' peaks */
	double resid_power; /* sum of squares of what is left */
};

/* Windows of five periods; harmonics up to `n_harm` at most, and to 0.45 times
 * the sampling rate. */
void cis_fit_init(struct cis_fit *fit, double rate_hz, double freq_hz,
		  uint32_t n_harm);

/* x has fit->len samples; what is left of each is added to resid, if there is
 * one. */
void cis_fit_window(const struct cis_fit *fit, const double *x, double *resid,
		    struct cis_fit_window *out);

/* The frequency of the strongest tone between 10 Hz and a fifth of the sampling
 * rate, to a fraction of 1/duration; 0: there is none. */
double cis_fit_guess(const double *x, uint32_t n, double rate_hz);

#endif

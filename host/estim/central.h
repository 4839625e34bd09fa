/*
 * central.h - what is left of the samples of the central cycle when the
 * fundamental is taken away: offset, residual, noise. docs/estimator.md, 5, 6.
 */
#ifndef HOST_ESTIM_CENTRAL_H
#define HOST_ESTIM_CENTRAL_H

#include "rows.h"

struct cis_central {
	uint32_t half; /* samples on either side of the middle, ... */
	double edge;   /* ... of which the outermost two count this much */
	double *wave;  /* cos, then -sin of the seed, from -half to half */
	/* Expectation of the residual's sum of squares for white noise of unit
	 * variance on the samples. */
	double freedom;
};

struct cis_residual {
	double dc;
	double rms;
	double sigma; /* of one sample, were it white */
};

int cis_central_init(struct cis_central *c, const struct cis_rows *rows);
void cis_central_fini(struct cis_central *c);

/* d: p, p' and p'' at s[0] by the rows, real and imaginary parts. */
struct cis_residual cis_central_residual(const struct cis_central *c,
					 double rate_hz, const double *s,
					 const double d[6]);

#endif

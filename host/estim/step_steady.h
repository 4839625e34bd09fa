/*
 * step_steady.h - one frequency, and in each of several stretches a phasor,
 * harmonics and a constant of its own.
 *
 * Least squares: for a given frequency the normal equations, whose matrix is
 * known in closed form; the frequency by Gauss and Newton.
 */
#ifndef HOST_ESTIM_STEP_STEADY_H
#define HOST_ESTIM_STEP_STEADY_H

#include <complex.h>
#include <stddef.h>
#include <stdint.h>

#define CIS_MAX_SEG     4
#define CIS_STEADY_HARM 50

/* The samples mid[-half..half]. */
struct cis_seg {
	const double *mid;
	uint32_t half;
};

/* x[i] = dc + Re sum p[k] exp(j k w i), k = 1..top. */
struct cis_steady_seg {
	unsigned top;
	double dc;
	double complex p[CIS_STEADY_HARM + 1];
	/* Of unit noise on the samples: variances of Re p[1] and Im p[1] for a
	 * known w, and what an error of w adds to p[1]. */
	double var_re, var_im;
	double complex along;
};

struct cis_steady {
	double w;     /* rad per sample */
	double var_w; /* of unit noise */
	struct cis_steady_seg seg[CIS_MAX_SEG];
};

struct cis_steady_work {
	double *even, *odd, *c, *s, *c1, *s1; /* [max_half + 1] each */
	double *mem;
};

int cis_steady_init(struct cis_steady_work *work, uint32_t max_half);
void cis_steady_fini(struct cis_steady_work *work);

/*
 * Starts at fit->w, within some ten per cent. -ERANGE: the frequency runs away,
 * or a stretch is too short to tell.
 */
int cis_steady_fit(struct cis_steady_work *work, const struct cis_seg *seg,
		   unsigned n_seg, struct cis_steady *fit);
/* Starts at fit->w, which a fit of these stretches has found. */
int cis_steady_refine(struct cis_steady_work *work, const struct cis_seg *seg,
		      unsigned n_seg, unsigned top_harm,
		      struct cis_steady *fit);

/* r[0..2 half] = samples minus model. */
void cis_steady_residual(struct cis_steady_work *work,
			 const struct cis_seg *seg, double w,
			 const struct cis_steady_seg *sol, double *r);

#endif

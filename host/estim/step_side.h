/*
 * step_side.h - one stretch whose phasor moves: a polynomial times the carrier,
 * a constant, and harmonics where there is room for them.
 */
#ifndef HOST_ESTIM_STEP_SIDE_H
#define HOST_ESTIM_STEP_SIDE_H

#include "dyn.h"
#include "step_steady.h"

#define CIS_SIDE_POLY   6
#define CIS_SIDE_HARM   15
/* The longest stretch, in cycles of the nominal frequency. Of a modulation of
 * 5 Hz six terms leave 2e-3 there, of one of 2 Hz 1e-5. */
#define CIS_SIDE_CYCLES 6

struct cis_side_work {
	double *q; /* [n_col + 1][stride], for one parity after the other */
	double *c, *s;
	double *mem;
	size_t stride;
};

int cis_side_init(struct cis_side_work *work, uint32_t max_half);
void cis_side_fini(struct cis_side_work *work);

/* In the frame of the carrier, exp(j w i) about the middle of the stretch. */
struct cis_side {
	double w;            /* rad per sample */
	double complex p[3]; /* p, p', p'' at the instant, per sample */
	double noise[6][6];  /* of Re p, Im p, Re p', ...: lower factor */
	double dc;
	double harm; /* power of the harmonics */
	double rss;
	unsigned n_col;
};

/*
 * `at`: the instant, in samples from the middle. top_harm 1: no harmonics.
 * Starts at side->w. -ERANGE: less than a cycle, or it runs away.
 */
int cis_side_fit(struct cis_side_work *work, const struct cis_seg *seg,
		 unsigned top_harm, double at, struct cis_side *side);

/* r[0..2 half] = samples minus model, of the last fit. */
void cis_side_residual(const struct cis_side_work *work,
		       const struct cis_seg *seg, double *r);

#endif

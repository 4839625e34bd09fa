/*
 * aware_models.h - the waveforms of known tests, and their derivatives.
 *
 * y(t) = a(t) cos(psi(t)) + dc, plus an interharmonic for the tone; time is
 * relative to the recording's centre. docs/estimator.md, 9.
 */
#ifndef HOST_ESTIM_AWARE_MODELS_H
#define HOST_ESTIM_AWARE_MODELS_H

#include <complex.h>

#include "cisoid/aware.h"

#define CIS_WAVEFORM_PAR 9

/* Parameters common to all models; what follows is the model's own, and the
 * last is the offset. */
enum {
	CIS_PAR_A,
	CIS_PAR_PHI,
	CIS_PAR_F,
	CIS_PAR_OWN,
	CIS_PAR_R = CIS_PAR_OWN,  /* ramp: Hz/s */
	CIS_PAR_CORNER,           /* s; see cis_waveform_corners() */
	CIS_PAR_AC = CIS_PAR_OWN, /* mod: amplitude, cos and sin; ... */
	CIS_PAR_AS,
	CIS_PAR_PC, /* ... phase, cos and sin, rad; Hz */
	CIS_PAR_PS,
	CIS_PAR_FM,
	CIS_PAR_U = CIS_PAR_OWN, /* tone: cos and sin; Hz */
	CIS_PAR_V,
	CIS_PAR_FI,
	CIS_PAR_A2 = CIS_PAR_OWN, /* step: after it */
	CIS_PAR_PHI2,
};

/* A time whose whole seconds are apart: 2 pi f t is exact to rounding for any
 * length of the recording. */
struct cis_lapse {
	double whole_s, rest_s;
};

struct cis_waveform {
	enum cis_model model;
	unsigned n_par;
	double par[CIS_WAVEFORM_PAR];
	double step_s; /* instant of the step, from the centre */
	/* Parameters that are the ramp's first and last instant, s; 0: it
	 * began before the recording, and ends after it. */
	unsigned from, to;
};

/* Amplitude and phase at one instant: themselves and two derivatives in time,
 * and how each depends on the parameters. */
struct cis_motion {
	double a[3], psi[3];
	double da[3][CIS_WAVEFORM_PAR], dpsi[3][CIS_WAVEFORM_PAR];
};

/* All parameters zero. */
void cis_waveform_init(struct cis_waveform *w, enum cis_model model);
/* A ramp's corners, that there are; before any fit. */
void cis_waveform_corners(struct cis_waveform *w, bool first, bool last);

/* f t in turns, less whole ones. */
double cis_turns(double f_hz, struct cis_lapse t);
static inline double cis_lapse_s(struct cis_lapse t)
{
	return t.whole_s + t.rest_s;
}

void cis_waveform_motion(const struct cis_waveform *w, struct cis_lapse t,
			 struct cis_motion *m);

/* One sample; dy/dpar into row[n_par]. */
struct cis_waveform_at {
	double y;         /* with the offset, and the tone */
	double a;         /* amplitude */
	double complex e; /* exp(j psi) */
};

struct cis_waveform_at cis_waveform_row(const struct cis_waveform *w,
					struct cis_lapse t, double *row);

/* X, X', X'' in the frame of fnom (peak; see dyn.h) and their dependence on
 * each parameter. */
struct cis_phasor_of {
	double complex x[3];
	double complex dx[3][CIS_WAVEFORM_PAR];
};

void cis_waveform_phasor(const struct cis_waveform *w, struct cis_lapse t,
			 double fnom_hz, struct cis_phasor_of *p);

#endif

/*
 * aware_fit.h - Gauss-Newton: one channel's whole recording, one waveform.
 */
#ifndef HOST_ESTIM_AWARE_FIT_H
#define HOST_ESTIM_AWARE_FIT_H

#include "aware_models.h"
#include "dyn.h"
#include "history.h"
#include "lsq.h"

#define CIS_AWARE_HARM 50
#define CIS_AWARE_COL  (2 * (CIS_AWARE_HARM - 1) + CIS_WAVEFORM_PAR)

/* One channel of a recording without a hole. */
struct cis_track {
	const struct cis_history *h;
	uint32_t chan;
	struct cis_split_time origin; /* of the model's time */
	double rate_hz;               /* about: of the first clock */
};

size_t cis_track_n(const struct cis_track *t);
const double *cis_track_samples(const struct cis_track *t);
/* When sample i was taken, delay included. */
struct cis_lapse cis_track_lapse(const struct cis_track *t, size_t i);
struct cis_lapse cis_track_since(const struct cis_track *t,
				 struct cis_split_time at);

/* A waveform that has been fitted, and how well. Harmonics follow the wave:
 * a(t) cos(h psi(t)) and a(t) sin(h psi(t)), h from 2 to top_harm. */
struct cis_fitted {
	struct cis_waveform wave; /* in: first values */
	unsigned top_harm;        /* 1: none */
	double harm[2 * (CIS_AWARE_HARM - 1)];
	double resid_rms;
	double sigma; /* of one sample */
	unsigned n_pass;
	/* The parameters' noise is sigma * noise * w, w independent and of
	 * unit variance. */
	double noise[CIS_WAVEFORM_PAR][CIS_WAVEFORM_PAR];
};

/* 0; -EDOM: the samples do not tell all parameters; -ELOOP: no end within
 * twelve passes; -ENODATA: too few samples. */
int cis_aware_fit(struct cis_lsq *q, const struct cis_track *t, bool harmonics,
		  struct cis_fitted *f);

/* The fitted waveform, harmonics included. */
double cis_fitted_at(const struct cis_fitted *f, struct cis_lapse t);
/* Samples minus waveform, e[cis_track_n()]; 0 beside a step. */
void cis_fitted_residual(const struct cis_fitted *f, const struct cis_track *t,
			 double *e);

/* The dynamic phasor at an instant. */
void cis_fitted_dyn(const struct cis_fitted *f, struct cis_lapse t,
		    double fnom_hz, struct cis_dyn *dyn);

#endif

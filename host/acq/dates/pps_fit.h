/*
 * pps_fit.h - the least-squares fit of one RC edge: model and minimum; private
 * to pps_edge.
 *
 * Times are in scans after sample `rise`. Levenberg-Marquardt over all five
 * parameters, once for each choice of the first sample after t0.
 */
#ifndef HOST_ACQ_PPS_FIT_H
#define HOST_ACQ_PPS_FIT_H

#include "pps_edge.h"

enum cis_pps_par {
	CIS_PPS_V0,    /* V, at sample `rise` */
	CIS_PPS_SLOPE, /* V per scan */
	CIS_PPS_V1,
	CIS_PPS_T0,
	CIS_PPS_TAU,
	CIS_PPS_N_PAR,
};

struct cis_pps_fit {
	const struct cis_pps_opts *opts;
	const double *v;
	uint32_t from; /* of the samples fitted, index in v */
	uint32_t n;
	double rise;
	double first; /* t of the first sample after t0: a whole number */
	double lsb_v;
	double noise_v;
	uint32_t n_used;
	double par[CIS_PPS_N_PAR];
	double ss; /* sum of squares of the residual */
	double inv[CIS_PPS_N_PAR][CIS_PPS_N_PAR]; /* of the normal matrix */
	bool use[CIS_PPS_WINDOW];
};

/* t of sample from + i. */
static inline double cis_pps_fit_at(const struct cis_pps_fit *fit, uint32_t i)
{
	return (double)(fit->from + i) - fit->rise;
}

/* Sample from + i minus the model. */
double cis_pps_fit_resid(const struct cis_pps_fit *fit, uint32_t i);

/* Partial derivatives of the model at t. */
void cis_pps_fit_gradient(const struct cis_pps_fit *fit, double t,
			  double *grad);

/* From par, V0, SLOPE, V1 and TAU being roughly right and T0 to a scan or two,
 * to the least ss; sets `first` and ss too. */
void cis_pps_fit_descend(struct cis_pps_fit *fit);

/* Sets inv; false where some parameter is not determined. */
bool cis_pps_fit_invert(struct cis_pps_fit *fit);

#endif

/*
 * dyn.h - the dynamic phasor of one channel at one instant: what every fit
 * yields and what frequency, ROCOF and sequences are made of.
 */
#ifndef HOST_ESTIM_DYN_H
#define HOST_ESTIM_DYN_H

#include <complex.h>
#include <stdint.h>

#define CIS_PI 3.14159265358979323846

#define CIS_DYN_NOISE 8

/*
 * s(t) = Re{X(t) exp(j 2 pi fnom t)} + dc, t from the report instant; x is X,
 * X', X'' at t = 0, peak values. The noise of Re x0, Im x0, Re x1, ... is
 * sigma * noise * w, with w independent and of unit variance.
 */
struct cis_dyn {
	double complex x[3];
	double a1_per_s, a2_per_s2; /* of the peak amplitude, see report.h */
	double dc;
	double freq_hz; /* of this channel alone */
	double rocof_hz_per_s;
	double resid_rms;
	double sigma; /* of one sample, from the residual */
	double noise[6][CIS_DYN_NOISE];
	uint32_t flags; /* CIS_REPORT_* */
};

/* Sets freq_hz and rocof_hz_per_s from x. */
void cis_dyn_put_rates(struct cis_dyn *dyn, double fnom_hz);

/* Frequency, ROCOF and their noise. */
struct cis_rate_of {
	double freq_hz, rocof_hz_per_s;
	double u_freq_hz, u_rocof_hz_per_s;
};

/* Of the sum of w[i] times dyn[i], n terms whose noises are independent. */
struct cis_rate_of cis_dyn_rates(const struct cis_dyn *const dyn[],
				 const double complex w[], uint32_t n,
				 double fnom_hz);

/* Standard uncertainty of the magnitude, relative, and of the phase. */
double cis_dyn_u_mag(const struct cis_dyn *d);
double cis_dyn_u_phase_rad(const struct cis_dyn *d);

#endif

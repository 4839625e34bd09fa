/*
 * signal.h - the standard's test signals as functions of time, in closed form.
 *
 * Pure. Every t is t - t0, given as whole seconds and a fraction, so that
 * results are exact to rounding for any t. Channels are VA VB VC IA IB IC.
 * Keys, defaults and formulas: cli.md, "Signal keys".
 */
#ifndef CISOID_SIGNAL_H
#define CISOID_SIGNAL_H

#include <complex.h>
#include <stdbool.h>
#include <stdint.h>

#include "cisoid/chan.h"
#include "cisoid/diag.h"
#include "cisoid/report.h"

#define CIS_SIGNAL_N_CHAN   6
#define CIS_SIGNAL_MAX_HARM 50

struct cis_signal {
	double fnom_hz;
	double f_hz;
	double rocof_hz_per_s, rocof_s, f_to_hz;
	double rms[CIS_SIGNAL_N_CHAN]; /* V or A */
	double angle_rad[CIS_SIGNAL_N_CHAN];
	double am, am_hz, pm_rad, pm_hz;
	double step_mag, step_rad, step_s; /* step_s NaN: no step */
	double harm[CIS_SIGNAL_MAX_HARM + 1], harm_rad[CIS_SIGNAL_MAX_HARM + 1];
	double ih_hz, ih;
	double dc;
	double snr_db; /* INFINITY: no noise */
	unsigned bits;
	double range_v, range_a;
	bool noise_uniform;
	double f_noise_hz;
	double mag_noise[CIS_SIGNAL_N_CHAN];
	double angle_noise_rad[CIS_SIGNAL_N_CHAN];
	double err_mag, err_rad, err_s; /* of a simulated PMU */
	double gain[CIS_SIGNAL_N_CHAN];
	double delay_s[CIS_SIGNAL_N_CHAN];
	double clock_ppm, skew_s;
	bool declared;
	uint64_t seed;
};

/* Defaults, then keys in any order, then finish(). */
void cis_signal_init(struct cis_signal *sig);

/* NULL-terminated list of every key (h2..h50, h2_deg.. included). */
const char *const *cis_signal_keys(void);

/* -ENOENT: no such key (no message); -EINVAL, with a message: bad value. */
int cis_signal_set(struct cis_signal *sig, const char *key, const char *value,
		   struct cis_diag *diag);

/* Resolves what depends on other keys, and checks; -EINVAL with a message. */
int cis_signal_finish(struct cis_signal *sig, struct cis_diag *diag);

/* Names, phases, quantities, nominal magnitudes and ranges of the six. */
void cis_signal_map(const struct cis_signal *sig, struct cis_chan_map *map);

struct cis_signal_truth {
	double complex phasor_rms[CIS_SIGNAL_N_CHAN]; /* synchrophasors */
	double complex pos_rms[2];                    /* V+, I+ */
	double freq_hz;
	double rocof_hz_per_s;
};

/* The truth at t = s + frac_s. */
void cis_signal_truth(const struct cis_signal *sig, int64_t s, double frac_s,
		      struct cis_signal_truth *out);

/*
 * The voltage or current of one channel at t = s + frac_s, with gain, noise of
 * sample number n, and quantisation; the channel's delay is the caller's to take
 * from t.
 */
double cis_signal_sample(const struct cis_signal *sig, unsigned chan, int64_t s,
			 double frac_s, uint64_t n);

/*
 * What a simulated PMU reports at instant `at` of a signal that began at t0:
 * the truth, then its noise (of frame number n of this idcode) and its errors.
 * Channels in order, then V+ and I+.
 */
void cis_signal_report(const struct cis_signal *sig, uint16_t idcode,
		       int64_t t0_tai_s, struct cis_instant at, uint64_t n,
		       struct cis_report *rep);

#endif

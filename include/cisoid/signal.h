/*
 * signal.h - the standard's test signals as functions of time, in closed form.
 *
 * Pure. Every t is t - t0, given as whole seconds and a fraction, so that
 * results are exact to rounding for any t. Channels are VA VB VC IA IB IC.
 * Keys, defaults and formulas: SIGNAL KEYS of cisoid-simulate(1).
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

/*
 * What the keys say, in SI units. Written by cis_signal_set() and
 * cis_signal_finish(); everyone else reads.
 */
struct cis_signal {
	double fnom_hz;
	double f_hz;
	double rocof_hz_per_s, rocof_s, f_to_hz; /* f_to_hz NaN: never */
	double rms[CIS_SIGNAL_N_CHAN];           /* V or A */
	double angle_rad[CIS_SIGNAL_N_CHAN];
	double am, am_hz, pm_rad, pm_hz;
	double step_mag, step_rad, step_s; /* step_s NaN: no step */
	double harm[CIS_SIGNAL_MAX_HARM + 1], harm_rad[CIS_SIGNAL_MAX_HARM + 1];
	double ih_hz, ih; /* ih_hz NaN: none */
	double dc;
	double snr_db; /* INFINITY: no noise */
	double bits;   /* 0: not quantised */
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

	/* As given: shorthands, and single phases (NaN: not given). */
	struct cis_signal_given {
		double f_hz;
		double rms[2], deg[2];
		bool acb;
		double mag_noise, angle_noise_rad;
		double phase_rms[CIS_SIGNAL_N_CHAN];
		double phase_deg[CIS_SIGNAL_N_CHAN];
		double phase_mag_noise[CIS_SIGNAL_N_CHAN];
		double phase_angle_noise_rad[CIS_SIGNAL_N_CHAN];
		double range[2];
	} given;

	/* By finish(). */
	unsigned top_harm;    /* the highest harmonic there is, or 0 */
	double ramp_end_s;    /* INFINITY: never */
	double ramp_turns_hi; /* phase at f_to_hz once the ramp has ended, */
	double ramp_turns_lo; /* less f_to_hz * t: in two doubles, turns */
	double sigma[CIS_SIGNAL_N_CHAN]; /* of a sample's noise, V or A */
	double lsb[2];                   /* quantisation step, V and A; or 0 */
};

/* Defaults, then keys in any order, then finish(). */
void cis_signal_init(struct cis_signal *sig);

/* NULL-terminated list of every key (h2..h50, h2_deg.. included). */
const char *const *cis_signal_keys(void);

/* -ENOENT: no such key (no message); -EINVAL, with a message: bad value. */
int cis_signal_set(struct cis_signal *sig, const char *key, const char *value,
		   struct cis_diag *diag);

/*
 * Resolves what depends on other keys, and checks; -EINVAL with a message. May
 * be called again after more keys.
 */
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
 * sample number n, and quantisation. The channel's delay is the caller's to take
 * from t; frac_s may lie a little outside [0, 1).
 *
 * theta(t) is 2 pi times the integral of f from 0, plus the phase modulation,
 * the channel's angle and the step. Harmonic n is h_n times the fundamental's
 * amplitude at n theta(t) + h_n_deg: the wave of phase B is that of phase A a
 * third of a period later. The interharmonic has the channel's angle at t = 0;
 * it and the offset are fractions of the unmodulated amplitude. Noise has the
 * power that snr_db says, whatever its distribution.
 */
double cis_signal_sample(const struct cis_signal *sig, unsigned chan, int64_t s,
			 double frac_s, uint64_t n);

/* Whether a sample is the first or the last of the converter's 2^bits values. */
bool cis_signal_clips(const struct cis_signal *sig, unsigned chan, double x);

/*
 * What a simulated PMU reports at instant `at` of a signal that began at t0:
 * the truth, then its noise (of frame number n of this idcode) and its errors.
 * err_s is how late it samples: it sees the signal of at + err_s. Channels in
 * order, then V+ and I+, of the channels as reported. The time quality is the
 * caller's to set.
 */
void cis_signal_report(const struct cis_signal *sig, uint16_t idcode,
		       int64_t t0_tai_s, struct cis_instant at, uint64_t n,
		       struct cis_report *rep);

/*
 * What befalls a PMU besides its signal: everything as it is at the instant that
 * the PMU sees. Turns may be many; they are added to those of the signal.
 */
struct cis_signal_effect {
	double late_s;     /* sees the signal of at + err_s + late_s, */
	double late_per_s; /* and this grows: its seconds are longer */
	double turns;
	double freq_hz, rocof_hz_per_s;
	double level[CIS_SIGNAL_N_CHAN]; /* factors */
	double chan_turns[CIS_SIGNAL_N_CHAN];
};

/* Frame number n (periods since t0) of a PMU. */
struct cis_signal_frame {
	uint16_t idcode;
	int64_t t0_tai_s;
	struct cis_instant at;
	uint64_t n;
};

/* cis_signal_report() with an effect; NULL: none. */
void cis_signal_report_with(const struct cis_signal *sig,
			    const struct cis_signal_effect *effect,
			    const struct cis_signal_frame *frame,
			    struct cis_report *rep);

#endif

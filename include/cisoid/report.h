/*
 * report.h - one report: the phasors of one instant, and how good they are.
 *
 * What the estimator makes, the encoder sends, the judge compares and the page
 * draws. A value that does not exist is NaN.
 */
#ifndef CISOID_REPORT_H
#define CISOID_REPORT_H

#include <complex.h>
#include <stdint.h>

#include "cisoid/chan.h"
#include "cisoid/time.h"

#define CIS_MAX_PHASOR (CIS_MAX_CHAN + CIS_MAX_GROUP)

/* re + j im, exactly, also where a part is NaN. CMPLX of C11 is not there for
 * clang with Debian 12's C library. */
static inline double complex cis_rect(double re, double im)
{
	const union {
		double part[2]; /* C11 6.2.5: real, then imaginary */
		double complex z;
	} u = {{re, im}};

	return u.z;
}

/* The value must not be used for a verdict. */
#define CIS_REPORT_GAP      (1u << 0) /* samples missing in the window */
#define CIS_REPORT_CLIP     (1u << 1) /* a converter at its limit */
#define CIS_REPORT_NOSIGNAL (1u << 2) /* no fundamental to be found */
#define CIS_REPORT_NOFIT    (1u << 3) /* no convergence, or out of range */
#define CIS_REPORT_UNSYNC   (1u << 4) /* the source says: not UTC */

/* Only worth knowing. */
#define CIS_NOTE_DISTURBED (1u << 0) /* large residual */
#define CIS_NOTE_STEP      (1u << 1) /* two-sided estimate */
#define CIS_NOTE_RESEED    (1u << 2) /* frequency seeded anew by FFT */
#define CIS_NOTE_ACB       (1u << 3) /* phases turn backwards */
#define CIS_NOTE_FAR       (1u << 4) /* rows of a far seed: off by > 1e-4 % */
#define CIS_NOTE_BLIND     (1u << 5) /* the test-aware fit does not hold */
#define CIS_NOTE_SIM       (1u << 6) /* simulated: no measurement */
#define CIS_NOTE_CAL       (1u << 7) /* outside the table of a correction */

/* What the fit says of one channel. x(t) is the sum of the fundamental with
 * rms magnitude rms + a1 t + a2 t^2 (t from the report instant) and dc. */
struct cis_fit {
	double a1_per_s;  /* V or A, rms, per s */
	double a2_per_s2; /* V or A, rms, per s^2 */
	double dc;        /* V or A */
	double resid;     /* rms of the residual over the fundamental's rms */
	double u_mag;     /* standard uncertainty of the magnitude, relative */
	double u_phase_rad;
	double freq_hz; /* of this channel alone, for diagnosis */
	uint32_t flags; /* CIS_REPORT_*, of this channel */
};

struct cis_report {
	struct cis_instant at;
	struct cis_time_quality time_quality;
	uint32_t flags; /* CIS_REPORT_* */
	uint32_t notes; /* CIS_NOTE_* */
	double freq_hz;
	double rocof_hz_per_s;
	double u_freq_hz;
	double u_rocof_hz_per_s;
	uint32_t n_chan;
	uint32_t n_phasor; /* channels in order, then positive sequences */
	double complex phasor_rms[CIS_MAX_PHASOR]; /* V or A */
	struct cis_fit fit[CIS_MAX_CHAN];
};

/*
 * What the fit says of channel `chan` at t_s after the report instant, V or A: the
 * fundamental at the report's frequency and ROCOF, and dc. NaN without a value.
 */
double cis_report_wave(const struct cis_report *rep, uint32_t chan,
		       double fnom_hz, double t_s);

/* "ok", or of gap clip nosignal nofit unsync joined by '+'. Returns buf. */
#define CIS_FLAGS_SIZE 64
const char *cis_report_flags(uint32_t flags, char buf[CIS_FLAGS_SIZE]);
/* "", or of disturbed step reseed acb farseed blind sim uncal joined by '+'.
 * Returns buf. */
const char *cis_report_notes(uint32_t notes, char buf[CIS_FLAGS_SIZE]);

#endif

/*
 * selfcheck.h - what the inputs of a board show of a periodic signal: levels,
 * noise, and, where all show the same, the gain and delay of each against one.
 *
 * Pure. The record is cut into windows of five periods. In each, offset,
 * fundamental (whose amplitude and phase may change linearly) and harmonics are
 * fitted by least squares. Channels are compared window by window, so that a
 * wandering frequency or level, which all of them see, cancels. What windows
 * scatter is the noise; what they have in common besides, when sampling is
 * coherent with the signal, are the converter's steps, and counts as well.
 */
#ifndef CISOID_SELFCHECK_H
#define CISOID_SELFCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cisoid/chan.h"
#include "cisoid/diag.h"

/* One signal on two channels: their frequencies, angles and levels differ by no
 * more than this (frequencies: and 6 standard uncertainties more). */
#define CIS_COMMON_HZ    1e-3
#define CIS_COMMON_DEG   5.0
#define CIS_COMMON_LEVEL 0.05

struct cis_selfcheck_in {
	double rate_hz;
	const struct cis_chan_map *map; /* channels, and the ends of ranges */
	uint32_t n_scan;
	size_t stride;         /* from one channel to the next in x */
	const double *x;       /* V or A */
	const double *delay_s; /* of each channel in its scan; NULL: none */
	uint32_t against;      /* the channel others are compared with */
};

struct cis_selfcheck_chan {
	bool whole;       /* every sample has a value; else nothing below */
	bool signal;      /* the fundamental stands out of the noise */
	uint64_t n_clip;  /* samples at an end of the range */
	double min, max;  /* of the samples, V or A */
	double dc;        /* V or A */
	double rms;       /* of the fundamental, V or A */
	double noise_rms; /* beside fundamental and harmonics */
	double thd;       /* harmonics to the fundamental, a ratio */
	double code;      /* one step of the converter, V or A; 0: not seen */
	double freq_hz;
	double angle_rad; /* against the channel `against`, delays counted */
	/* What remains, against `against`; with standard uncertainties. */
	double gain, u_gain;
	double delay_s, u_delay_s;   /* above 0: later */
	double drift_hz, u_drift_hz; /* its frequency less the other's */
	bool common;                 /* it shows what `against` shows */
};

struct cis_selfcheck {
	double freq_hz;
	uint32_t n_window;
	uint32_t n_harm; /* the highest that is fitted */
	bool common;     /* one signal on all channels, of two at least */
	struct cis_selfcheck_chan chan[CIS_MAX_CHAN];
};

enum cis_order {
	CIS_ORDER_UNCLEAR, /* no three voltages or currents of a system */
	CIS_ORDER_ABC,
	CIS_ORDER_ACB,
	CIS_ORDER_COMMON, /* the three are one signal */
};

/* -ENODATA: fewer than three windows of a signal, samples that move without a
 * period, or no channel that has all its values; -ENOMEM; with a sentence. */
int cis_selfcheck(const struct cis_selfcheck_in *in, struct cis_selfcheck *out,
		  struct cis_diag *diag);

/* Of three channels: angles within 30 degrees of a symmetric system's. */
enum cis_order cis_selfcheck_order(const struct cis_selfcheck *sc,
				   const uint32_t chan[3]);

#endif

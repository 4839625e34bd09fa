/*
 * pps_edge.h - finds the second's edge in a stream of samples and dates it.
 *
 * The pulse comes through one resistor and one capacitor, so that it rises over
 * several samples and its begin t0 can be computed far below the sample period:
 *
 *     v(t) = v0 + s (t - t0)                                  t <= t0
 *     v(t) = v0 + s (t - t0) + v1 (1 - exp(-(t - t0) / tau))   t >  t0
 *
 * fitted by least squares over a stretch before the edge and one after it, which
 * ends where the pulse does. s is the slow baseline. v0, s and v1 are linear; t0
 * and tau are found by Gauss-Newton. u_scan is the standard deviation that
 * this fit has for the noise seen (the Cramer-Rao bound of white Gaussian noise),
 * and what the converter's steps add where the noise does not dither them:
 * flat stretches are then off by up to half a step, all samples alike (B. Widrow,
 * I. Kollar, "Quantization Noise", 2008, chapter 9).
 *
 * Without the network the edge falls between two samples and nobody knows where:
 * it is bare, put in the middle, with u = 1/sqrt(12) scan (uniform).
 *
 * The delay of the network is none: t0 is when the pulse began. Only what comes
 * before (cable, driver) is the caller's to subtract.
 *
 * Rising edges only, with hysteresis. Pulses shorter than CIS_PPS_MIN_HIGH_S are
 * glitches and not told. Up to three single samples far off the model are left
 * out. What remains off the model beyond the noise adds to u_scan and bias_scan;
 * beyond 1 % of the step the edge is told with fit false: not to be used as a
 * date.
 *
 * Pure: no clock, no thread; no allocation at all.
 */
#ifndef HOST_ACQ_PPS_EDGE_H
#define HOST_ACQ_PPS_EDGE_H

#include <stdbool.h>
#include <stdint.h>

#define CIS_PPS_MIN_HIGH_S 0.5e-3
#define CIS_PPS_TAU_MAX_S  1e-3
#define CIS_PPS_PRE        64   /* samples before the edge that are fitted */
#define CIS_PPS_WINDOW     1024 /* samples held, at most */

struct cis_pps_edge {
	uint64_t scan;    /* the last at or before t0 */
	double frac;      /* t0 in scans after `scan`, 0 <= frac < 1 */
	double u_scan;    /* standard uncertainty of t0, in scans, in all */
	double bias_scan; /* bound of the part that is alike in every edge and
	                    * so is not averaged away; bare: 0.5 */
	double tau_scan;  /* time constant, in scans; bare: 0 */
	double step_v;    /* v1 */
	double base_v;    /* v0 */
	double resid_v;   /* rms of the residual */
	double noise_v;   /* rms of the noise before the edge */
	bool bare;
	bool fit; /* the model holds */
};

struct cis_pps_opts {
	double rate_hz;    /* nominal */
	double min_step_v; /* lesser rises are none; 0: 0.5 V */
	double top_v;      /* samples from here on are clipped; 0: unknown */
	double lsb_v;      /* the converter's step; 0: seen from the samples */
};

enum cis_pps_state {
	CIS_PPS_FILL, /* not enough samples to know the baseline */
	CIS_PPS_LOW,
	CIS_PPS_RISING, /* samples after the edge are collected */
	CIS_PPS_HIGH,   /* until the pulse has ended */
};

/* All members are the finder's own. */
struct cis_pps_finder {
	struct cis_pps_opts opts;
	enum cis_pps_state state;
	uint64_t next_scan; /* of the sample to come */
	uint32_t n;         /* samples held in v */
	uint32_t n_before;  /* kept before a threshold is crossed */
	uint32_t n_after;   /* the most that are taken after it */
	uint32_t n_high;    /* lesser pulses are glitches */
	uint32_t rise;      /* the first above the threshold, index in v */
	uint32_t n_fallen;  /* in a row, since the pulse began to fall */
	double base_v;      /* follows the samples while low */
	double peak_v;      /* of the pulse */
	bool waiting;       /* `edge` is to be told */
	struct cis_pps_edge edge;
	double v[CIS_PPS_WINDOW]; /* oldest first */
};

void cis_pps_finder_init(struct cis_pps_finder *finder,
			 const struct cis_pps_opts *opts);

/* What came before is forgotten: scans were lost, or the count is a new one. */
void cis_pps_finder_reset(struct cis_pps_finder *finder);

/*
 * The n samples from scan first_scan on; true where *edge was found. A first_scan
 * that does not follow the block before resets. The edge is told when the stretch
 * after it is complete, 6 of the longest time constants (6 ms) later at most. A
 * second edge in one block is told by the next call, a third not at all.
 */
bool cis_pps_finder_push(struct cis_pps_finder *finder, uint64_t first_scan,
			 const double *v, uint32_t n,
			 struct cis_pps_edge *edge);

/*
 * The fit alone: v[0..n) with the edge next to sample `rise`, the first one that
 * is clearly above the base. edge->scan counts from v[0]. False where it is no
 * edge at all (v1 <= 0, or too few samples).
 */
bool cis_pps_edge_fit(const struct cis_pps_opts *opts, const double *v,
		      uint32_t n, uint32_t rise, struct cis_pps_edge *edge);

#endif

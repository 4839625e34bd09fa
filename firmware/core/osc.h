/*
 * osc.h - the model of the oscillator: where seconds begin on its count, how
 * long they are, and how their length changes.
 *
 * Five Kalman filters of three states (time, rate, drift; Zucca and Tavella,
 * IEEE Trans. UFFC 52 (2005) 289) run side by side on the same pulses. They
 * differ in the memory: the drift's random walk is r^2 / T^6, of the pulses'
 * variance r^2 and T seconds. Which of them foretells the pulses best is what
 * is believed, so that nobody has to say beforehand how restless the
 * oscillator is. Covariances are in units of r^2: a filter's gains depend on
 * which seconds had pulses and on nothing else, and r is measured (pps.h).
 *
 * Counts are ticks in Q32.32 modulo 2^64. Of floats: ns, and s of UTC.
 */
#ifndef FIRMWARE_CORE_OSC_H
#define FIRMWARE_CORE_OSC_H

#include <stdbool.h>
#include <stdint.h>

#define FE_OSC_FILTERS 5

/* Of the covariance's upper triangle. */
enum fe_osc_cov { FE_XX, FE_XY, FE_XD, FE_YY, FE_YD, FE_DD, FE_N_COV };

struct fe_osc_filter {
	uint64_t mark_q32;   /* the present second began */
	uint64_t second_q32; /* its length, were there no drift */
	float drift;         /* of the length, ns/s^2 */
	float cov[FE_N_COV]; /* in r^2, r^2/s, ... */
	float miss2;         /* of what it foretold, mean square, ns^2 */
};

struct fe_osc {
	uint64_t nominal_q32; /* ticks of a nominal second */
	float q32_per_ns;
	uint32_t n_scored;
	uint32_t best;
	struct fe_osc_filter filter[FE_OSC_FILTERS];
};

void fe_osc_init(struct fe_osc *o, uint32_t tick_hz);

/* What a model begins with. */
enum fe_osc_start {
	FE_OSC_COLD,  /* nothing */
	FE_OSC_WARM,  /* the drift it had, and what the filters were worth */
	FE_OSC_TURNED /* the same, but the drift is another one */
};

/* Begins anew from four pulses' line through them: its end and slope. */
void fe_osc_start(struct fe_osc *o, uint64_t mark_q32, uint64_t second_q32,
		  float jitter_ns, enum fe_osc_start how);

/* Goes on to the second whose beginning is nearest to t, forwards only.
 * Returns how many seconds that was. */
uint32_t fe_osc_advance(struct fe_osc *o, uint64_t t_q32);

/* The drift is not believed any further. */
void fe_osc_settle(struct fe_osc *o);

/* A pulse, after fe_osc_advance() to it; jitter_ns is its standard deviation. */
void fe_osc_pulse(struct fe_osc *o, uint64_t pulse_q32, float jitter_ns);

/* All of it happens so much later. */
void fe_osc_shift(struct fe_osc *o, int64_t by_q32);

/* Of the filter that is believed: this second's beginning, the next one's; the
 * length of a second now, and how much off nominal it is; the variances of a
 * beginning and of the length in units of r^2. */
uint64_t fe_osc_mark(const struct fe_osc *o);
uint64_t fe_osc_next(const struct fe_osc *o);
uint64_t fe_osc_length(const struct fe_osc *o);
float fe_osc_var(const struct fe_osc *o);
float fe_osc_length_var(const struct fe_osc *o);
float fe_osc_off_ns_per_s(const struct fe_osc *o);
float fe_osc_drift(const struct fe_osc *o);

/* A difference of counts in ns, and back. */
float fe_osc_ns(const struct fe_osc *o, int64_t q32);
int64_t fe_osc_q32(const struct fe_osc *o, float ns);

#endif

/*
 * mock_pps.h - the mock's spare input: a pulse a second through a resistor and
 * a capacitor, as it would come to a board.
 */
#ifndef HOST_ACQ_MOCK_PPS_H
#define HOST_ACQ_MOCK_PPS_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/diag.h"
#include "cisoid/time.h"

struct cis_mock_pps {
	bool on;         /* there is such an input */
	double peak_v;   /* of the pulse */
	double tau_s;    /* of the network; 0: a bare edge */
	double width_s;  /* of the pulse */
	double noise_v;  /* rms */
	double jitter_s; /* rms, of each edge */
	double every_s;  /* from pulse to pulse */
	double late_s;   /* of all of them */
	double off_s;    /* no pulses from here on ... */
	double on_s;     /* ... to here, seconds from t0 */
	uint64_t seed;
};

/* All keys there are; ends with NULL. */
extern const char *const cis_mock_pps_keys[];

void cis_mock_pps_init(struct cis_mock_pps *pps);

/* -ENOENT: no such key. -EINVAL, with a message. */
int cis_mock_pps_set(struct cis_mock_pps *pps, const char *key,
		     const char *text, struct cis_diag *diag);

/* The input's voltage at t, in scan n; t0_tai_s is the second of t0. */
double cis_mock_pps_sample(const struct cis_mock_pps *pps,
			   struct cis_split_time t, int64_t t0_tai_s,
			   uint64_t n);

#endif

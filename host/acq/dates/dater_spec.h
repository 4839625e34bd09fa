/*
 * dater_spec.h - the words of --time: which time source, and what is known of it.
 */
#ifndef HOST_ACQ_DATER_SPEC_H
#define HOST_ACQ_DATER_SPEC_H

#include <stdbool.h>

#include "cisoid/diag.h"
#include "host/acq/dates/clock.h"

enum cis_dater_kind {
	CIS_DATER_SYSTEM,
	CIS_DATER_NONE,
	CIS_DATER_EXTERNAL,
	CIS_DATER_PPS_CHANNEL,
	CIS_DATER_PPS_DEV,
};

/* The words of --time. */
struct cis_dater_spec {
	enum cis_dater_kind kind;
	unsigned channel;   /* pps-channel: the board's number */
	double delay_s;     /* of the pulse's cable and driver, calibrated */
	double error_s;     /* bound of what is left of that, or of the edges */
	bool error_told;    /* that was said */
	double drift_per_s; /* of the board's rate, standard deviation */
	char dev[64];       /* pps:DEV */
};

/* "external[,error_ns=100]",
 * "pps-channel:7[,delay_ns=120][,error_ns=100][,drift_ppb=10]",
 * "pps:/dev/pps0[,...]", "system", "none"; -EINVAL with a message. */
int cis_dater_parse(const char *text, struct cis_dater_spec *spec,
		    struct cis_diag *diag);

/* "external", "pps-channel", "pps", "system", "none". */
const char *cis_dater_name(enum cis_dater_kind kind);

/* The clock that names the second. */
enum cis_clock_kind cis_dater_clock(enum cis_dater_kind kind);

#endif

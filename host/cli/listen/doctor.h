/*
 * doctor.h - a PMU's connection, step by step: what works, what does not, and
 * why that may be.
 */
#ifndef HOST_CLI_DOCTOR_H
#define HOST_CLI_DOCTOR_H

#include "host/cli/cli.h"

struct cis_doctor_config {
	const char *spec;
	uint16_t idcode;  /* 0: 1 */
	unsigned cfg;     /* 2 or 3: that alone; 0: 3, then 2 */
	double timeout_s; /* for a connection or an answer; 0: the usual */
	bool json;
};

/* Prints to standard output. Returns the exit status: 0, 6 no connection, 7
 * connected and a step failed. */
int cis_doctor_run(const struct cis_doctor_config *dc);

#endif

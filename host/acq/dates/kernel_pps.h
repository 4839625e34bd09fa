/*
 * kernel_pps.h - the pulse a second that the kernel stamps: /dev/ppsN, RFC 2783.
 */
#ifndef HOST_ACQ_KERNEL_PPS_H
#define HOST_ACQ_KERNEL_PPS_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/diag.h"

struct cis_kernel_pps {
	int fd; /* below 0: none */
	bool seen;
	uint32_t last_seq;
};

/* -ENODEV, -EACCES and the like: a sentence. */
int cis_kernel_pps_open(struct cis_kernel_pps *pps, const char *dev,
			struct cis_diag *diag);
void cis_kernel_pps_close(struct cis_kernel_pps *pps);

/*
 * The last pulse, if there was one since the last call: the system's clock at it
 * less the nearest whole second. Does not wait.
 */
bool cis_kernel_pps_fetch(struct cis_kernel_pps *pps, double *offset_s);

#endif

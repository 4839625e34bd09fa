/*
 * kernel.h - the inner loops of the profiles, one file per instruction set.
 *
 * Results differ between instruction sets by rounding alone: by less than
 * 1e-15 times the sum of the terms' magnitudes.
 */
#ifndef HOST_ESTIM_KERNEL_H
#define HOST_ESTIM_KERNEL_H

#include <stdbool.h>

#include "rows.h"

struct cis_kernel {
	const char *name; /* "base", "avx2", "avx512" */
	/*
	 * d[c][0..n_row) = the rows' forms of channel c, whose window has its
	 * middle at centre[c]. n_row is 6, or 8 with the third derivative.
	 */
	void (*apply)(const struct cis_rows *rows, unsigned n_row,
		      unsigned n_chan, const double *const centre[],
		      double d[][CIS_N_ROW]);
};

/* The widest that this machine has. */
const struct cis_kernel *cis_kernel_best(void);
/* By name; NULL where the program or the machine does not have it. */
const struct cis_kernel *cis_kernel_named(const char *name);

#endif

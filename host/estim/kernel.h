/*
 * kernel.h - the inner loop of the profiles P, M and R, one file per
 * instruction set. docs/estimator.md, 3.3 and 11.
 *
 * One pass folds the window and takes all dot products; channels share the
 * loads of the rows. Results differ between instruction sets by rounding
 * alone: by less than 1e-15 times the sum of the terms' magnitudes.
 *
 * No sample outside of the window is read. A sample that is not finite makes
 * every form of its channel NaN or infinite, and touches no other channel.
 */
#ifndef HOST_ESTIM_KERNEL_H
#define HOST_ESTIM_KERNEL_H

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

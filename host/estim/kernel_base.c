/* kernel_base.c - the inner loop for any machine. */
#include "kernel_sets.h"

#define LANES 2
#define BLOCK 2

typedef double vec __attribute__((vector_size(LANES * sizeof(double))));

static inline vec reverse(vec v)
{
	return __builtin_shufflevector(v, v, 1, 0);
}

#include "kernel_body.h"

static void apply(const struct cis_rows *rows, unsigned n_row, unsigned n_chan,
		  const double *const centre[], double d[][CIS_N_ROW])
{
	body(rows, n_row, n_chan, centre, d);
}

const struct cis_kernel cis_kernel_base = {"base", apply};

/* figures.c - errors of many pairs; see tally.h. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "tally.h"

int cis_figures_init(struct cis_figures *f, uint32_t n)
{
	f->chan = calloc(n, sizeof(*f->chan));
	return f->chan ? 0 : -ENOMEM;
}

void cis_figures_release(struct cis_figures *f)
{
	free(f->chan);
}

static bool is_missing(double complex x)
{
	return isnan(creal(x)) || isnan(cimag(x));
}

static void add_chan(struct cis_figures_chan *to,
		     const struct cis_row_chan *from, struct cis_instant at)
{
	/* No error is relative to a reference of 0. */
	to->n_without[CIS_REF] += is_missing(from->ref) || from->ref == 0;
	to->n_without[CIS_DUT] += is_missing(from->dut);
	for (int e = 0; e < CIS_N_CHAN_ERR; e++) {
		double x = from->error[e];

		/* About the first, so that half a turn does not flip. */
		if (e == CIS_ERR_PHASE && to->error[e].n == 0)
			to->first_rad = x;
		else if (e == CIS_ERR_PHASE)
			x = to->first_rad + cis_angle_wrap(x - to->first_rad);
		cis_error_add(&to->error[e], x, from->u[e], at);
	}
}

void cis_figures_add(struct cis_figures *f, const struct cis_row *row)
{
	for (int e = 0; e < CIS_ERR_LATENCY; e++)
		cis_error_add(&f->pmu[e], row->pmu[e], row->pmu_u[e], row->at);
	for (uint32_t i = 0; i < row->n_chan; i++)
		add_chan(&f->chan[i], &row->chan[i], row->at);
}

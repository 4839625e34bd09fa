/* step_look.c - see step_look.h. */
#include "step_look.h"

#include <math.h>
#include <stdlib.h>

#include "bank.h"

/* A design whose seed is farther from the frequency does not serve. */
#define NEAR_HZ  1.0
#define AHEAD_HZ 1.0

static void *make(const void *ctx, double seed_hz)
{
	const struct cis_step_kind *k = ctx;

	return cis_jump_design(k->rate_hz, k->fnom_hz, seed_hz);
}

static void unmake(void *item)
{
	cis_jump_free(item);
}

bool cis_step_designs_begin(struct cis_step_designs *d,
			    const struct cis_estim_config *cfg, double rate_hz)
{
	double fnom = cfg->fnom_hz;
	struct cis_bank_kind kind = {.grid_hz = CIS_JUMP_GRID_HZ,
				     .low_hz = 0.6 * fnom,
				     .high_hz = 1.4 * fnom,
				     .make = make,
				     .free = unmake,
				     .ctx = &d->kind};
	struct cis_bank *bank = cis_bank_new(&kind);
	double *work = calloc(cis_jump_work(rate_hz, fnom), sizeof(*work));
	int mid, reach = (int)(AHEAD_HZ / CIS_JUMP_GRID_HZ);

	if (!bank || !work) {
		cis_bank_free(bank);
		free(work);
		return false;
	}
	cis_bank_free(d->bank);
	free(d->work);
	d->cfg = cfg;
	d->bank = bank;
	d->work = work;
	d->kind = (struct cis_step_kind){.rate_hz = rate_hz, .fnom_hz = fnom};
	d->half = cis_jump_half(rate_hz, fnom);
	mid = cis_bank_index(d->bank, fnom);
	cis_bank_make(d->bank, mid);
	for (int i = 1; i <= reach && cfg->background; i++) {
		cis_bank_want(d->bank, mid + i);
		cis_bank_want(d->bank, mid - i);
	}
	return true;
}

void cis_step_designs_fini(struct cis_step_designs *d)
{
	cis_bank_free(d->bank);
	free(d->work);
}

/* The bank's is for another sampling rate, maybe. */
void cis_step_look_by(struct cis_step_look *k, double freq_hz)
{
	struct cis_step_designs *d = k->designs;
	double f_hz = freq_hz * d->kind.rate_hz / k->span->rate_hz;
	int index = cis_bank_index(d->bank, f_hz), found = index;
	const void *j = cis_bank_get(d->bank, index);

	if (!j)
		j = d->cfg->background
			    ? cis_bank_nearest(d->bank, index, &found)
			    : cis_bank_make(d->bank, index);
	if (fabs(cis_bank_seed_hz(d->bank, found) - f_hz) > NEAR_HZ)
		j = NULL;
	k->jump = j;
}

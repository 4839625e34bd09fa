/*
 * step_look.h - one channel's samples around an instant, looked at with the
 * design of their frequency. docs/estimator.md, 8.
 */
#ifndef HOST_ESTIM_STEP_LOOK_H
#define HOST_ESTIM_STEP_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/estim.h"
#include "history.h"
#include "jump.h"

struct cis_bank;

/* ---- designs ---- */

/* What they are for. */
struct cis_step_kind {
	double rate_hz, fnom_hz;
};

struct cis_step_designs {
	const struct cis_estim_config *cfg;
	struct cis_step_kind kind;
	struct cis_bank *bank; /* by frequency */
	uint32_t half;         /* samples on either side of a candidate */
	double *work;
};

/* Designs for a sampling rate; the nominal frequency's at once. It begins as
 * zeros and must stay where it is. False, and all as it was: no memory. */
bool cis_step_designs_begin(struct cis_step_designs *d,
			    const struct cis_estim_config *cfg, double rate_hz);
void cis_step_designs_fini(struct cis_step_designs *d);

/* ---- looks ---- */

/* What there is to look at: scans from..end of a history, at rate_hz. */
struct cis_watch_span {
	const struct cis_history *hist;
	double rate_hz;
	int64_t from, end;
};

struct cis_step_look {
	struct cis_step_designs *designs;
	const struct cis_watch_span *span;
	uint32_t chan;
	const struct cis_jump *jump; /* NULL: none that serves */
};

/* Takes the design for a frequency. */
void cis_step_look_by(struct cis_step_look *k, double freq_hz);

static inline const double *cis_step_after(const struct cis_step_look *k,
					   int64_t at)
{
	const struct cis_history *h = k->span->hist;

	return h->x + (size_t)k->chan * h->cap + (at - (int64_t)h->first);
}

/* The whole window of a candidate is there. */
static inline bool cis_step_inside(const struct cis_step_look *k, int64_t at)
{
	const struct cis_history *h = k->span->hist;
	int64_t half = k->designs->half, first = (int64_t)h->first;

	return at - half >= first && at + half <= first + (int64_t)h->n;
}

/* The candidate before sample `at`, as the design sees it. */
static inline struct cis_jump_glance
cis_step_glance(const struct cis_step_look *k, int64_t at)
{
	return cis_jump_glance(k->jump, cis_step_after(k, at),
			       k->designs->work);
}

static inline struct cis_jump_found cis_step_test(const struct cis_step_look *k,
						  int64_t at)
{
	return cis_jump_test(k->jump, cis_step_after(k, at), k->designs->work);
}

#endif

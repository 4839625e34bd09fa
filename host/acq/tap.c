/* tap.c - see tap.h. */
#include "tap.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BYTES ((size_t)64 * 1024 * 1024)
#define MARGIN_S  0.25 /* of samples, beyond what must be kept */
#define EVERY_S   0.05 /* views are not made more often */
#define MAX_DRIFT 0.01 /* of the rate, as estim.h says */
#define NEW       4u   /* `newest` has not been looked at */
#define WHICH     3u

struct cis_tap {
	struct cis_tap_config cfg;
	uint32_t n_scan; /* of a view */
	atomic_bool wanted;
	_Atomic unsigned newest; /* of view[], and NEW */
	unsigned filling, looked_at;
	struct cis_tap_view view[3];
	/* est's: the last scans, end - n to end. */
	uint64_t end;
	uint32_t n, size;
	struct cis_scan_clock clock;
	bool made_once;
	struct cis_split_time made;
	double *x; /* [n_chan][size] */
	double *delay_s;
};

static size_t bytes_of(const struct cis_tap *tap)
{
	return ((size_t)tap->size + 3 * (size_t)tap->n_scan) * tap->cfg.n_chan *
	       sizeof(double);
}

static int allocate(struct cis_tap *tap)
{
	const size_t n_chan = tap->cfg.n_chan;
	bool ok;

	tap->x = calloc(n_chan * tap->size, sizeof(double));
	tap->delay_s = calloc(n_chan, sizeof(double));
	ok = tap->x && tap->delay_s;
	for (unsigned i = 0; i < 3; i++) {
		struct cis_tap_view *view = &tap->view[i];

		view->n_chan = (uint32_t)n_chan;
		view->n_scan = tap->n_scan;
		view->x = calloc(n_chan * tap->n_scan, sizeof(double));
		view->delay_s = calloc(n_chan, sizeof(double));
		ok = ok && view->x && view->delay_s;
	}
	return ok ? 0 : -ENOMEM;
}

int cis_tap_new(const struct cis_tap_config *cfg, struct cis_tap **out)
{
	struct cis_tap *tap = calloc(1, sizeof(*tap));
	const double kept_s = cfg->history_s + CIS_TAP_S + MARGIN_S;
	int err = -ENOMEM;

	if (!tap)
		return err;
	tap->cfg = *cfg;
	tap->filling = 0;
	tap->looked_at = 1;
	atomic_init(&tap->newest, 2);
	atomic_init(&tap->wanted, false);
	if (kept_s * cfg->rate_hz * cfg->n_chan * sizeof(double) <
	    (double)MAX_BYTES) {
		tap->n_scan = (uint32_t)ceil(CIS_TAP_S * cfg->rate_hz) + 1;
		tap->size = (uint32_t)ceil(kept_s * cfg->rate_hz);
		err = bytes_of(tap) > MAX_BYTES ? -EMSGSIZE : allocate(tap);
	} else {
		err = -EMSGSIZE;
	}
	if (err)
		cis_tap_free(tap);
	else
		*out = tap;
	return err;
}

void cis_tap_free(struct cis_tap *tap)
{
	if (!tap)
		return;
	for (unsigned i = 0; i < 3; i++) {
		free(tap->view[i].x);
		free(tap->view[i].delay_s);
	}
	free(tap->x);
	free(tap->delay_s);
	free(tap);
}

/* ---- est's thread ---- */

/* Relaxed: a view more or less is no matter. */
static bool is_wanted(const struct cis_tap *tap)
{
	return atomic_load_explicit(&tap->wanted, memory_order_relaxed);
}

static bool goes_on(const struct cis_tap *tap, const struct cis_block *blk)
{
	return tap->n > 0 && blk->first_scan == tap->end &&
	       !(blk->flags & CIS_BLOCK_GAP) &&
	       fabs(blk->clock.rate_hz - tap->clock.rate_hz) <
		       MAX_DRIFT * tap->clock.rate_hz;
}

/* The last `n` scans of one channel of the block. */
static void keep(struct cis_tap *tap, const struct cis_block *blk, uint32_t c,
		 uint32_t n)
{
	const double *from = cis_block_chan(blk, c) + blk->n_scan - n;
	double *to = tap->x + (size_t)c * tap->size;
	const uint32_t at =
		(uint32_t)((blk->first_scan + blk->n_scan - n) % tap->size);
	const uint32_t first = n < tap->size - at ? n : tap->size - at;

	memcpy(to + at, from, first * sizeof(double));
	memcpy(to, from + first, (n - first) * sizeof(double));
}

void cis_tap_block(struct cis_tap *tap, const struct cis_block *blk)
{
	uint32_t n;

	if (!tap)
		return;
	if (!is_wanted(tap) || blk->n_chan != tap->cfg.n_chan) {
		tap->n = 0;
		return;
	}
	if (!goes_on(tap, blk))
		tap->n = 0;
	n = blk->n_scan < tap->size ? blk->n_scan : tap->size;
	for (uint32_t c = 0; c < blk->n_chan; c++) {
		keep(tap, blk, c, n);
		tap->delay_s[c] = blk->delay_s ? blk->delay_s[c] : 0;
	}
	tap->end = blk->first_scan + blk->n_scan;
	tap->n = tap->n + n < tap->size ? tap->n + n : tap->size;
	tap->clock = blk->clock;
}

/* Half of them before the instant, unless there are not so many after it. */
static bool find(const struct cis_tap *tap, struct cis_split_time at,
		 uint64_t *first)
{
	const int64_t n = tap->n_scan, end = (int64_t)tap->end;
	double offset_s;
	int64_t from = cis_scan_nearest(&tap->clock, at, &offset_s) - n / 2;

	if (from + n > end)
		from = end - n;
	if (from < end - (int64_t)tap->n)
		return false;
	*first = (uint64_t)from;
	return true;
}

static void fill(const struct cis_tap *tap, struct cis_tap_view *view,
		 const struct cis_report *rep, uint64_t first)
{
	const uint32_t at = (uint32_t)(first % tap->size);
	const uint32_t n = view->n_scan;
	const uint32_t before = n < tap->size - at ? n : tap->size - at;

	view->rep = *rep;
	view->rate_hz = tap->clock.rate_hz;
	view->from_s = cis_split_diff_s(cis_scan_instant(&tap->clock, first),
					cis_instant_split(rep->at));
	memcpy(view->delay_s, tap->delay_s, view->n_chan * sizeof(double));
	for (uint32_t c = 0; c < view->n_chan; c++) {
		const double *from = tap->x + (size_t)c * tap->size;
		double *to = view->x + (size_t)c * n;

		memcpy(to, from + at, before * sizeof(double));
		memcpy(to + before, from, (n - before) * sizeof(double));
	}
}

void cis_tap_report(struct cis_tap *tap, const struct cis_report *rep)
{
	const struct cis_split_time at = cis_instant_split(rep->at);
	uint64_t first;

	if (!tap || tap->n == 0 || rep->n_chan != tap->cfg.n_chan)
		return;
	if (tap->made_once && fabs(cis_split_diff_s(at, tap->made)) < EVERY_S)
		return;
	if (!find(tap, at, &first))
		return;
	fill(tap, &tap->view[tap->filling], rep, first);
	tap->made_once = true;
	tap->made = at;
	/* Release: the looker sees what was filled. Acquire: it is done with
	 * what comes back. */
	tap->filling = WHICH & atomic_exchange_explicit(&tap->newest,
							tap->filling | NEW,
							memory_order_acq_rel);
}

/* ---- the looker's ---- */

/* What was made when it was wanted last is old. */
static void forget(struct cis_tap *tap)
{
	cis_tap_look(tap);
	tap->view[tap->looked_at].rep.n_chan = 0;
}

void cis_tap_want(struct cis_tap *tap, bool wanted)
{
	if (!tap)
		return;
	if (wanted && !is_wanted(tap))
		forget(tap);
	atomic_store_explicit(&tap->wanted, wanted, memory_order_relaxed);
}

const struct cis_tap_view *cis_tap_look(struct cis_tap *tap)
{
	if (!tap)
		return NULL;
	/* As in cis_tap_report(). */
	if (atomic_load_explicit(&tap->newest, memory_order_relaxed) & NEW)
		tap->looked_at = WHICH & atomic_exchange_explicit(
						 &tap->newest, tap->looked_at,
						 memory_order_acq_rel);
	return tap->view[tap->looked_at].rep.n_chan > 0
		       ? &tap->view[tap->looked_at]
		       : NULL;
}

double cis_tap_fit(const struct cis_tap_view *view, uint32_t chan,
		   double fnom_hz, uint32_t i)
{
	return cis_report_wave(&view->rep, chan, fnom_hz,
			       view->from_s + i / view->rate_hz +
				       view->delay_s[chan]);
}

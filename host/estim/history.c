/* history.c - see history.h. */
#include "history.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Part of a sample by which a window may be off the nearest. */
#define TIE 1e-3

int cis_history_init(struct cis_history *h, uint32_t n_chan, size_t keep,
		     size_t max_block)
{
	*h = (struct cis_history){.n_chan = n_chan, .keep = keep};
	/* Room to slide back only once in many blocks. */
	h->cap = keep + (max_block > keep ? max_block : keep);
	h->x = malloc(n_chan * h->cap * sizeof(*h->x));
	h->flags = malloc(h->cap);
	h->delay_s = calloc(n_chan, sizeof(*h->delay_s));
	if (h->x && h->flags && h->delay_s)
		return 0;
	cis_history_fini(h);
	return -ENOMEM;
}

void cis_history_fini(struct cis_history *h)
{
	free(h->x);
	free(h->flags);
	free(h->delay_s);
	*h = (struct cis_history){.n_chan = 0};
}

static bool same_model(const struct cis_scan_clock *a,
		       const struct cis_scan_clock *b)
{
	return a->anchor.tai_ns == b->anchor.tai_ns &&
	       a->anchor_scan == b->anchor_scan && a->rate_hz == b->rate_hz;
}

/* Small steps only: rate within 1 %, date within half a sample. */
static bool continues(const struct cis_history *h, const struct cis_block *blk)
{
	const struct cis_scan_clock *old, *new = &blk->clock;
	double step_s;

	if (h->n_epoch == 0 || (blk->flags & CIS_BLOCK_GAP) ||
	    blk->first_scan != h->first + h->n)
		return false;
	old = &h->epoch[h->n_epoch - 1].clock;
	if (same_model(old, new))
		return true;
	step_s = cis_split_diff_s(cis_scan_instant(new, blk->first_scan),
				  cis_scan_instant(old, blk->first_scan));
	return fabs(new->rate_hz - old->rate_hz) <= 0.01 * old->rate_hz &&
	       fabs(step_s) * old->rate_hz <= 0.5;
}

static void add_epoch(struct cis_history *h, const struct cis_block *blk)
{
	struct cis_epoch *last = h->epoch + (h->n_epoch ? h->n_epoch - 1 : 0);

	if (h->n_epoch > 0 && same_model(&last->clock, &blk->clock)) {
		last->clock.quality = blk->clock.quality;
		return;
	}
	if (h->n_epoch == CIS_N_EPOCH) {
		memmove(h->epoch, h->epoch + 1,
			(CIS_N_EPOCH - 1) * sizeof(h->epoch[0]));
		h->n_epoch--;
	}
	h->epoch[h->n_epoch++] = (struct cis_epoch){
		.from_scan = blk->first_scan, .clock = blk->clock};
}

static void slide(struct cis_history *h)
{
	size_t drop = h->n - h->keep;

	for (uint32_t c = 0; c < h->n_chan; c++)
		memmove(h->x + c * h->cap, h->x + c * h->cap + drop,
			h->keep * sizeof(*h->x));
	memmove(h->flags, h->flags + drop, h->keep);
	h->first += drop;
	h->n = h->keep;
}

bool cis_history_push(struct cis_history *h, const struct cis_block *blk)
{
	bool fresh = !continues(h, blk);

	if (fresh) {
		h->n = 0;
		h->n_epoch = 0;
		h->first = blk->first_scan;
	}
	add_epoch(h, blk);
	if (h->n + blk->n_scan > h->cap)
		slide(h);
	for (uint32_t c = 0; c < h->n_chan; c++) {
		memcpy(h->x + c * h->cap + h->n, cis_block_chan(blk, c),
		       blk->n_scan * sizeof(*h->x));
		h->delay_s[c] = blk->delay_s ? blk->delay_s[c] : 0;
	}
	memset(h->flags + h->n, (int)(blk->flags & 0xFF), blk->n_scan);
	h->n += blk->n_scan;
	return fresh;
}

const struct cis_scan_clock *cis_history_clock(const struct cis_history *h,
					       struct cis_split_time at)
{
	uint32_t e = h->n_epoch - 1;
	double offset_s;

	while (e > 0 && cis_scan_nearest(&h->epoch[e].clock, at, &offset_s) <
				(int64_t)h->epoch[e].from_scan)
		e--;
	return &h->epoch[e].clock;
}

static struct cis_split_time split_sub(struct cis_split_time t, double s)
{
	double f = t.frac_s - s, whole = floor(f);

	t.tai_s += (int64_t)whole;
	t.frac_s = f - whole;
	return t;
}

struct cis_window cis_history_window(const struct cis_history *h, uint32_t chan,
				     struct cis_split_time at, uint32_t n)
{
	const struct cis_scan_clock *clock = cis_history_clock(h, at);
	double period_s = 1 / clock->rate_hz, shift_s;
	struct cis_window w = {.n = n, .rate_hz = clock->rate_hz};

	/* The middle of an even window lies half a sample after a scan. Of two
	 * windows as near as each other, the earlier: not left to rounding. */
	shift_s = (n % 2 ? 0 : 0.5 * period_s) + TIE * period_s;
	at = split_sub(at, h->delay_s[chan] + shift_s);
	w.first = cis_scan_nearest(clock, at, &w.offset_s) - (n - 1) / 2;
	w.offset_s += TIE * period_s;
	return w;
}

const double *cis_history_samples(const struct cis_history *h, uint32_t chan,
				  const struct cis_window *w)
{
	int64_t i = w->first - (int64_t)h->first;

	if (i < 0 || i + w->n > (int64_t)h->n)
		return NULL;
	return h->x + chan * h->cap + i;
}

uint32_t cis_history_flags(const struct cis_history *h,
			   const struct cis_window *w)
{
	const uint8_t *f = h->flags + (w->first - (int64_t)h->first);
	uint32_t all = 0;

	for (uint32_t i = 0; i < w->n; i++)
		all |= f[i];
	return all;
}

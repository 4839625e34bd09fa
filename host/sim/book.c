/*
 * book.c - see book.h.
 *
 * Instant n after the first one is in slot n % n_slot. A unit's bit says
 * that something came; its stream's send time, in microseconds after the
 * instant, that it was sent.
 */
#include "book.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UNSENT     INT32_MIN
#define NEVER      INT64_MAX
#define MAX_WINDOW 86400
#define MAX_BYTES  ((size_t)1 << 32)

struct unit {
	uint32_t stream;
	uint32_t stride;
	int64_t from; /* position; NEVER: not begun */
	struct cis_book_counts n;
};

struct cis_book {
	uint32_t n_stream, n_unit;
	uint32_t n_slot;
	struct cis_rate rate;
	int64_t late_ns;
	bool placed;
	struct cis_instant base; /* position 0 */
	int64_t head;            /* the latest position */
	struct unit *unit;
	int32_t *sent_us; /* [n_slot][n_stream], after the instant */
	uint64_t *came;   /* [n_slot][n_word] */
	size_t n_word;
};

/* ---- new ---- */

static int allocate(struct cis_book *b, const struct cis_book_config *bc)
{
	size_t n_sent;

	b->n_word = (b->n_unit + 63u) / 64;
	n_sent = (size_t)b->n_slot * b->n_stream;
	b->unit = calloc(b->n_unit, sizeof(*b->unit));
	b->came = calloc((size_t)b->n_slot * b->n_word, sizeof(*b->came));
	b->sent_us = malloc(n_sent * sizeof(*b->sent_us));
	if (!b->unit || !b->came || !b->sent_us)
		return -ENOMEM;
	for (size_t i = 0; i < n_sent; i++)
		b->sent_us[i] = UNSENT;
	for (uint32_t u = 0; u < b->n_unit; u++) {
		b->unit[u].stream = bc->stream_of[u];
		b->unit[u].from = NEVER;
		b->unit[u].stride = 1;
	}
	return 0;
}

int cis_book_new(const struct cis_book_config *bc, struct cis_book **out,
		 struct cis_diag *diag)
{
	double slots = ceil(bc->window_s * cis_rate_hz(bc->rate)) + 1;
	struct cis_book *b;

	if (!(bc->window_s > 0 && bc->window_s <= MAX_WINDOW) ||
	    !(bc->late_s > 0) || bc->n_stream == 0 || bc->n_unit == 0)
		return cis_fail(diag, -EINVAL, "nothing to keep a book of");
	if (slots * (4.0 * bc->n_stream + bc->n_unit / 8.0) > (double)MAX_BYTES)
		return cis_fail(diag, -EINVAL,
				"so many PMUs for %.0f s do not go into memory",
				bc->window_s);
	b = calloc(1, sizeof(*b));
	if (!b)
		return cis_fail(diag, -ENOMEM, "out of memory");
	b->n_stream = bc->n_stream;
	b->n_unit = bc->n_unit;
	b->n_slot = (uint32_t)slots;
	b->rate = bc->rate;
	b->late_ns = (int64_t)fmin(bc->late_s * 1e9, 0x1p62);
	if (allocate(b, bc)) {
		cis_book_free(b);
		return cis_fail(diag, -ENOMEM, "out of memory");
	}
	*out = b;
	return 0;
}

void cis_book_free(struct cis_book *b)
{
	if (!b)
		return;
	free(b->unit);
	free(b->sent_us);
	free(b->came);
	free(b);
}

/* ---- places ---- */

static int64_t position(const struct cis_book *b, struct cis_instant at)
{
	return cis_instant_diff(at, b->base);
}

/* Positions before the first one are in the window, too, while it fills. */
static size_t slot_of(const struct cis_book *b, int64_t pos)
{
	int64_t slot = pos % (int64_t)b->n_slot;

	return (size_t)(slot < 0 ? slot + (int64_t)b->n_slot : slot);
}

static bool is_inside(const struct cis_book *b, int64_t pos)
{
	return b->placed && pos <= b->head &&
	       pos > b->head - (int64_t)b->n_slot;
}

static int32_t *sent_at(const struct cis_book *b, size_t slot, uint32_t stream)
{
	return &b->sent_us[slot * b->n_stream + stream];
}

static uint64_t *came_word(const struct cis_book *b, size_t slot, uint32_t unit)
{
	return &b->came[slot * b->n_word + unit / 64];
}

static bool has_come(const struct cis_book *b, size_t slot, uint32_t unit)
{
	return *came_word(b, slot, unit) >> unit % 64 & 1;
}

/* k of the second: the grid of a slower PDC lies on whole seconds. */
static uint32_t index_in_second(const struct cis_book *b, int64_t pos)
{
	int64_t n = b->rate.num;
	int64_t k = (pos + b->base.k) % n;

	return (uint32_t)(k < 0 ? k + n : k);
}

static bool is_expected(const struct cis_book *b, const struct unit *u,
			int64_t pos)
{
	return pos >= u->from &&
	       (u->stride == 1 || index_in_second(b, pos) % u->stride == 0);
}

/* ---- what leaves the window ---- */

static bool is_lost(const struct cis_book *b, int64_t pos, uint32_t i)
{
	const struct unit *u = &b->unit[i];
	size_t slot = slot_of(b, pos);

	return *sent_at(b, slot, u->stream) != UNSENT &&
	       !has_come(b, slot, i) && is_expected(b, u, pos);
}

static void settle(struct cis_book *b, int64_t pos)
{
	size_t slot = slot_of(b, pos);

	for (uint32_t i = 0; i < b->n_unit; i++)
		b->unit[i].n.lost += is_lost(b, pos, i);
	for (uint32_t i = 0; i < b->n_stream; i++)
		*sent_at(b, slot, i) = UNSENT;
	memset(&b->came[slot * b->n_word], 0, b->n_word * sizeof(*b->came));
}

void cis_book_advance(struct cis_book *b, struct cis_instant at)
{
	int64_t pos, n;

	if (!b->placed) {
		b->base = at;
		b->placed = true;
		return;
	}
	pos = position(b, at);
	n = pos - b->head < b->n_slot ? pos - b->head : b->n_slot;
	/* Oldest first: a jump empties the whole window. */
	for (int64_t i = 1; i <= n; i++)
		settle(b, b->head + i - b->n_slot);
	if (pos > b->head)
		b->head = pos;
}

void cis_book_close(struct cis_book *b)
{
	if (!b->placed)
		return;
	for (int64_t i = 1; i <= b->n_slot; i++)
		settle(b, b->head + i - b->n_slot);
}

bool cis_book_waits(const struct cis_book *b)
{
	if (!b->placed)
		return false;
	for (int64_t i = 0; i < b->n_slot; i++)
		for (uint32_t u = 0; u < b->n_unit; u++)
			if (is_lost(b, b->head - i, u))
				return true;
	return false;
}

/* ---- sent ---- */

static int32_t micros_after(struct cis_time when, struct cis_instant at)
{
	int64_t us = cis_time_diff_ns(when, cis_instant_time(at)) / 1000;

	if (us > INT32_MAX)
		return INT32_MAX;
	return us <= UNSENT ? UNSENT + 1 : (int32_t)us;
}

static void count_sent(struct cis_book *b, uint32_t stream, int64_t pos)
{
	size_t slot = slot_of(b, pos);
	uint32_t first = 0, end = b->n_unit;

	/* A fleet has one unit a stream, in the same order. */
	if (b->n_unit == b->n_stream && b->unit[stream].stream == stream) {
		first = stream;
		end = stream + 1;
	}
	for (uint32_t i = first; i < end; i++) {
		struct unit *u = &b->unit[i];

		if (u->stream != stream)
			continue;
		u->n.sent++;
		if (has_come(b, slot, i) && is_expected(b, u, pos)) {
			u->n.outpaced++;
			u->n.filled--;
		}
	}
}

void cis_book_sent(struct cis_book *b, uint32_t stream, struct cis_instant at,
		   struct cis_time when)
{
	int64_t pos;
	int32_t *sent;

	cis_book_advance(b, at);
	pos = position(b, at);
	if (!is_inside(b, pos))
		return;
	sent = sent_at(b, slot_of(b, pos), stream);
	if (*sent != UNSENT)
		return;
	*sent = micros_after(when, at);
	count_sent(b, stream, pos);
}

/* ---- what comes back ---- */

void cis_book_begin(struct cis_book *b, uint32_t unit, struct cis_instant at,
		    uint32_t stride)
{
	struct unit *u = &b->unit[unit];

	u->stride = stride ? stride : 1;
	if (u->from == NEVER && is_inside(b, position(b, at)))
		u->from = position(b, at);
}

bool cis_book_begun(const struct cis_book *b, uint32_t unit)
{
	return b->unit[unit].from != NEVER;
}

enum cis_book_place cis_book_find(const struct cis_book *b, uint32_t unit,
				  struct cis_instant at)
{
	int64_t pos = b->placed ? position(b, at) : 0;
	size_t slot;

	if (!b->placed || pos > b->head)
		return CIS_BOOK_UNSENT;
	if (!is_inside(b, pos))
		return CIS_BOOK_OUTSIDE;
	slot = slot_of(b, pos);
	if (*sent_at(b, slot, b->unit[unit].stream) == UNSENT)
		return CIS_BOOK_UNSENT;
	return has_come(b, slot, unit) ? CIS_BOOK_BACK : CIS_BOOK_SENT;
}

static void mark(struct cis_book *b, uint32_t unit, int64_t pos)
{
	*came_word(b, slot_of(b, pos), unit) |= UINT64_C(1) << unit % 64;
}

static int64_t latency(const struct cis_book *b, uint32_t unit,
		       struct cis_instant at, struct cis_time arrival)
{
	size_t slot = slot_of(b, position(b, at));
	int32_t us = *sent_at(b, slot, b->unit[unit].stream);

	return cis_time_diff_ns(arrival, cis_instant_time(at)) -
	       (int64_t)us * 1000;
}

static void count_back(struct cis_book_counts *n, enum cis_back back)
{
	if (back == CIS_BACK_WHOLE)
		n->whole++;
	else if (back == CIS_BACK_CHANGED)
		n->changed++;
	else
		n->missing++;
}

enum cis_book_place cis_book_came(struct cis_book *b, uint32_t unit,
				  const struct cis_book_block *block,
				  int64_t *latency_ns)
{
	enum cis_book_place place = cis_book_find(b, unit, block->at);
	struct cis_book_counts *n = &b->unit[unit].n;
	int64_t pos = b->placed ? position(b, block->at) : 0;

	switch (place) {
	case CIS_BOOK_SENT:
		count_back(n, block->back);
		*latency_ns = latency(b, unit, block->at, block->arrival);
		n->late += *latency_ns > b->late_ns;
		mark(b, unit, pos);
		break;
	case CIS_BOOK_BACK:
		n->doubled++;
		break;
	case CIS_BOOK_OUTSIDE:
		n->stale++;
		break;
	case CIS_BOOK_UNSENT:
		if (block->back != CIS_BACK_MISSING) {
			n->unknown++;
			break;
		}
		n->filled++;
		if (is_inside(b, pos))
			mark(b, unit, pos);
		break;
	}
	return place;
}

/* ---- sums ---- */

void cis_book_unit(const struct cis_book *b, uint32_t unit,
		   struct cis_book_counts *counts)
{
	*counts = b->unit[unit].n;
}

static void add(struct cis_book_counts *sum, const struct cis_book_counts *n)
{
	sum->sent += n->sent;
	sum->whole += n->whole;
	sum->changed += n->changed;
	sum->missing += n->missing;
	sum->lost += n->lost;
	sum->late += n->late;
	sum->doubled += n->doubled;
	sum->unknown += n->unknown;
	sum->filled += n->filled;
	sum->outpaced += n->outpaced;
	sum->stale += n->stale;
}

void cis_book_total(const struct cis_book *b, struct cis_book_counts *counts)
{
	struct cis_book_counts sum = {0};

	for (uint32_t i = 0; i < b->n_unit; i++)
		add(&sum, &b->unit[i].n);
	*counts = sum;
}

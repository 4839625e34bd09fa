/*
 * book.h - what was sent to a PDC and when, and what came back of it.
 *
 * Pure. A stream is what is sent as one frame, a unit one PMU within it; what a
 * PDC sends back is compared unit by unit. The book holds a window of instants:
 * a send time for each stream and a bit for each unit. What has not come back
 * when its instant leaves the window is lost.
 *
 * A unit counts from the instant it is begun with: what was sent before is
 * nobody's loss. From then on each of its frames is one of whole, changed,
 * missing, lost and outpaced.
 */
#ifndef HOST_SIM_BOOK_H
#define HOST_SIM_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/diag.h"
#include "cisoid/time.h"

struct cis_book;

struct cis_book_config {
	uint32_t n_stream, n_unit;
	const uint32_t *stream_of; /* [n_unit], below n_stream; copied */
	struct cis_rate rate;      /* of what is sent */
	double window_s;
	double late_s;
};

/* What somebody found in a block that came back. */
enum cis_back {
	CIS_BACK_WHOLE,
	CIS_BACK_CHANGED,
	CIS_BACK_MISSING, /* it says that it has no data */
};

struct cis_book_counts {
	uint64_t sent;     /* begun or not */
	uint64_t whole;    /* as sent */
	uint64_t changed;  /* with other values */
	uint64_t missing;  /* as "no data", though it was sent */
	uint64_t lost;     /* never */
	uint64_t late;     /* of these that came: more than late_s after */
	uint64_t doubled;  /* once more */
	uint64_t unknown;  /* with values that nobody sent */
	uint64_t filled;   /* as "no data", and none was sent */
	uint64_t outpaced; /* it was filled in before it was sent */
	uint64_t stale;    /* of an instant that has left the window */
};

/* -EINVAL, -ENOMEM with a message. */
int cis_book_new(const struct cis_book_config *bc, struct cis_book **out,
		 struct cis_diag *diag);
void cis_book_free(struct cis_book *book); /* NULL is allowed */

/* The time goes on to `at`, whether anything is sent or not. */
void cis_book_advance(struct cis_book *book, struct cis_instant at);

/* The frame of `at` was sent, whole; a second time changes nothing. */
void cis_book_sent(struct cis_book *book, uint32_t stream,
		   struct cis_instant at, struct cis_time when);

/* From `at` on, every `stride`-th instant of a second is expected back of this
 * unit (a PDC may send fewer frames than it gets); 1: each. An instant outside
 * the window begins nothing; once begun, only the stride changes. */
void cis_book_begin(struct cis_book *book, uint32_t unit, struct cis_instant at,
		    uint32_t stride);
bool cis_book_begun(const struct cis_book *book, uint32_t unit);

enum cis_book_place {
	CIS_BOOK_SENT,    /* and waited for */
	CIS_BOOK_BACK,    /* it came already */
	CIS_BOOK_UNSENT,  /* nothing was sent (yet) */
	CIS_BOOK_OUTSIDE, /* older than the window */
};

enum cis_book_place cis_book_find(const struct cis_book *book, uint32_t unit,
				  struct cis_instant at);

struct cis_book_block {
	struct cis_instant at;
	struct cis_time arrival;
	enum cis_back back;
};

/*
 * A block of the unit came back. Returns its place as it was before, and the
 * latency, of CIS_BOOK_SENT alone.
 */
enum cis_book_place cis_book_came(struct cis_book *book, uint32_t unit,
				  const struct cis_book_block *block,
				  int64_t *latency_ns);

/* Whether something that is expected may still come. */
bool cis_book_waits(const struct cis_book *book);

/* Nothing more will come: what has not is lost. */
void cis_book_close(struct cis_book *book);

void cis_book_unit(const struct cis_book *book, uint32_t unit,
		   struct cis_book_counts *counts);
void cis_book_total(const struct cis_book *book,
		    struct cis_book_counts *counts);

#endif

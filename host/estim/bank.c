/*
 * bank.c - see bank.h.
 *
 * A design is published with release and read with acquire: who sees the
 * pointer sees what it points to. A ticket changes with both, so that who takes
 * a wish up also sees a design that was made before the wish. The number of
 * wishes is a hint, and relaxed.
 */
#include "bank.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

/* A seed's state, or from FIRST_TICKET on its place among the wishes. */
enum {
	IDLE,
	FAILED, /* never wanted again */
	MAKING,
	FIRST_TICKET,
};

struct slot {
	_Atomic(void *) item;
	_Atomic uint32_t ticket;
};

struct cis_bank {
	struct cis_bank_kind kind;
	int first, n; /* seeds are (first + index) * grid */
	_Atomic uint32_t next_ticket;
	_Atomic uint32_t n_wanted; /* never less than the tickets there are */
	struct slot slot[];
};

struct cis_bank *cis_bank_new(const struct cis_bank_kind *kind)
{
	int first = (int)floor(kind->low_hz / kind->grid_hz);
	int n = (int)ceil(kind->high_hz / kind->grid_hz) - first + 1;
	struct cis_bank *bank =
		calloc(1, sizeof(*bank) + (size_t)n * sizeof(bank->slot[0]));

	if (!bank)
		return NULL;
	bank->kind = *kind;
	bank->first = first;
	bank->n = n;
	atomic_init(&bank->next_ticket, FIRST_TICKET);
	atomic_init(&bank->n_wanted, 0);
	for (int i = 0; i < n; i++) {
		atomic_init(&bank->slot[i].item, NULL);
		atomic_init(&bank->slot[i].ticket, IDLE);
	}
	return bank;
}

static void *item_of(const struct slot *s)
{
	return atomic_load_explicit(&s->item, memory_order_acquire);
}

static uint32_t ticket_of(const struct slot *s)
{
	return atomic_load_explicit(&s->ticket, memory_order_relaxed);
}

/* False where another thread was first. */
static bool change(struct slot *s, uint32_t from, uint32_t to)
{
	return atomic_compare_exchange_strong_explicit(&s->ticket, &from, to,
						       memory_order_acq_rel,
						       memory_order_relaxed);
}

void cis_bank_free(struct cis_bank *bank)
{
	if (!bank)
		return;
	for (int i = 0; i < bank->n; i++) {
		void *item = item_of(&bank->slot[i]);

		if (item)
			bank->kind.free(item);
	}
	free(bank);
}

int cis_bank_index(const struct cis_bank *bank, double f_hz)
{
	double i = rint(f_hz / bank->kind.grid_hz) - bank->first;

	if (!(i > 0))
		return 0;
	return i < bank->n ? (int)i : bank->n - 1;
}

double cis_bank_seed_hz(const struct cis_bank *bank, int index)
{
	return (bank->first + index) * bank->kind.grid_hz;
}

void cis_bank_want(struct cis_bank *bank, int index)
{
	struct slot *s = &bank->slot[index];
	uint32_t ticket;

	if (item_of(s) || ticket_of(s) != IDLE)
		return;
	atomic_fetch_add_explicit(&bank->n_wanted, 1, memory_order_relaxed);
	ticket = atomic_fetch_add_explicit(&bank->next_ticket, 1,
					   memory_order_relaxed);
	if (!change(s, IDLE, ticket))
		atomic_fetch_sub_explicit(&bank->n_wanted, 1,
					  memory_order_relaxed);
}

bool cis_bank_wants(const struct cis_bank *bank)
{
	return atomic_load_explicit(&bank->n_wanted, memory_order_relaxed) > 0;
}

const void *cis_bank_get(struct cis_bank *bank, int index)
{
	const void *item = item_of(&bank->slot[index]);

	if (!item)
		cis_bank_want(bank, index);
	return item;
}

const void *cis_bank_nearest(const struct cis_bank *bank, int index, int *found)
{
	for (int away = 0; away < bank->n; away++) {
		for (int i = index - away; i <= index + away;
		     i += away ? 2 * away : 1) {
			const void *item;

			if (i < 0 || i >= bank->n)
				continue;
			item = item_of(&bank->slot[i]);
			if (!item)
				continue;
			*found = i;
			return item;
		}
	}
	return NULL;
}

/* Takes a wish back, or up: from its ticket to `to`. */
static bool settle(struct cis_bank *bank, struct slot *s, uint32_t ticket,
		   uint32_t to)
{
	if (ticket < FIRST_TICKET || !change(s, ticket, to))
		return false;
	atomic_fetch_sub_explicit(&bank->n_wanted, 1, memory_order_relaxed);
	return true;
}

/* Of two threads that make the same, the first one's stays. */
static void *make(struct cis_bank *bank, int index)
{
	struct slot *s = &bank->slot[index];
	void *there = NULL, *item;

	item = bank->kind.make(bank->kind.ctx, cis_bank_seed_hz(bank, index));
	if (!item || atomic_compare_exchange_strong_explicit(
			     &s->item, &there, item, memory_order_release,
			     memory_order_acquire))
		return item;
	bank->kind.free(item);
	return there;
}

/* The number of the oldest wish, now being made; -1: there is none. */
static int take_wish(struct cis_bank *bank)
{
	for (;;) {
		uint32_t oldest = UINT32_MAX;
		int found = -1;

		for (int i = 0; i < bank->n; i++) {
			uint32_t t = ticket_of(&bank->slot[i]);

			if (t < FIRST_TICKET || t >= oldest)
				continue;
			oldest = t;
			found = i;
		}
		if (found < 0)
			return -1;
		if (settle(bank, &bank->slot[found], oldest, MAKING) &&
		    !item_of(&bank->slot[found]))
			return found;
	}
}

int cis_bank_make_one(struct cis_bank *bank)
{
	int index = take_wish(bank);
	bool made;

	if (index < 0)
		return 0;
	made = make(bank, index);
	change(&bank->slot[index], MAKING, made ? IDLE : FAILED);
	return made ? 1 : -ENOMEM;
}

const void *cis_bank_make(struct cis_bank *bank, int index)
{
	struct slot *s = &bank->slot[index];
	void *item = item_of(s);

	if (!item)
		item = make(bank, index);
	settle(bank, s, ticket_of(s), item ? IDLE : FAILED);
	return item;
}

/*
 * bank.h - designs by seed frequency, made off the streaming path.
 *
 * One thread or several ask, one or several make; nobody waits for anybody. A
 * design, once there, stays and never changes: each slot is one atomic pointer.
 */
#ifndef HOST_ESTIM_BANK_H
#define HOST_ESTIM_BANK_H

#include <stdbool.h>

struct cis_bank;

struct cis_bank_kind {
	double grid_hz;         /* seeds are whole multiples of it ... */
	double low_hz, high_hz; /* ... from about here to about there */
	void *(*make)(const void *ctx, double seed_hz); /* NULL: failed */
	void (*free)(void *item);
	const void *ctx; /* borrowed until free */
};

struct cis_bank *cis_bank_new(const struct cis_bank_kind *kind);
void cis_bank_free(struct cis_bank *bank); /* NULL is allowed */

/* Number of the seed nearest to f, within the bank's range; its frequency. */
int cis_bank_index(const struct cis_bank *bank, double f_hz);
double cis_bank_seed_hz(const struct cis_bank *bank, int index);

/* The design; NULL, and it is wanted from now on. Does not allocate. */
const void *cis_bank_get(struct cis_bank *bank, int index);
/* The nearest there is, whose number goes to *found; NULL: none at all. */
const void *cis_bank_nearest(const struct cis_bank *bank, int index,
			     int *found);
/* It is wanted, after those that already are. */
void cis_bank_want(struct cis_bank *bank, int index);
bool cis_bank_wants(const struct cis_bank *bank);

/* Makes one that is wanted: 1; 0: none is; -ENOMEM: it failed, and is not
 * wanted any more. */
int cis_bank_make_one(struct cis_bank *bank);
/* The design, made here and now if need be; NULL: failed. */
const void *cis_bank_make(struct cis_bank *bank, int index);

#endif

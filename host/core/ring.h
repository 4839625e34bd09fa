/*
 * ring.h - a ring of fixed slots: one producer, one consumer, no locks.
 *
 * Both sides work in place: begin gives a slot, end hands it over. The two
 * sides may be different threads; each side is one thread at a time.
 */
#ifndef HOST_CORE_RING_H
#define HOST_CORE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cis_ring;

/* n_slot slots of slot_size bytes, zeroed, aligned for any type; -ENOMEM. */
int cis_ring_new(uint32_t n_slot, size_t slot_size, struct cis_ring **out);
void cis_ring_free(struct cis_ring *ring); /* NULL is allowed */

/* Slots that are taken; any thread may ask. */
uint32_t cis_ring_used(const struct cis_ring *ring);
uint32_t cis_ring_size(const struct cis_ring *ring);
/* More than half of the slots are. */
bool cis_ring_half_full(const struct cis_ring *ring);

/* A free slot, or NULL when the ring is full. */
void *cis_ring_put_begin(struct cis_ring *ring);
void cis_ring_put_end(struct cis_ring *ring);

/* The oldest slot, or NULL when the ring is empty. */
void *cis_ring_get_begin(struct cis_ring *ring);
void cis_ring_get_end(struct cis_ring *ring);

#endif

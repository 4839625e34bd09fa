/* ring.c - see ring.h. head and tail only grow; each has one writer. */
#include "ring.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_LINE 64

struct cis_ring {
	_Alignas(CACHE_LINE) _Atomic uint64_t head; /* the producer's */
	_Alignas(CACHE_LINE) _Atomic uint64_t tail; /* the consumer's */
	_Alignas(CACHE_LINE) uint32_t n_slot;
	size_t stride;
	unsigned char *slots;
};

int cis_ring_new(uint32_t n_slot, size_t slot_size, struct cis_ring **out)
{
	struct cis_ring *ring = aligned_alloc(CACHE_LINE, sizeof(*ring));
	size_t stride = (slot_size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;

	if (!ring)
		return -ENOMEM;
	ring->slots = n_slot <= SIZE_MAX / stride
			      ? aligned_alloc(CACHE_LINE, n_slot * stride)
			      : NULL;
	if (!ring->slots) {
		free(ring);
		return -ENOMEM;
	}
	/* Written, so that every page is there before it is in a hurry. */
	memset(ring->slots, 0, n_slot * stride);
	ring->n_slot = n_slot;
	ring->stride = stride;
	atomic_init(&ring->head, 0);
	atomic_init(&ring->tail, 0);
	*out = ring;
	return 0;
}

void cis_ring_free(struct cis_ring *ring)
{
	if (!ring)
		return;
	free(ring->slots);
	free(ring);
}

static void *slot(struct cis_ring *ring, uint64_t n)
{
	return ring->slots + n % ring->n_slot * ring->stride;
}

uint32_t cis_ring_size(const struct cis_ring *ring)
{
	return ring->n_slot;
}

/* The tail first: seen from a third thread it never overtakes the head. */
uint32_t cis_ring_used(const struct cis_ring *ring)
{
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	uint64_t used = head - tail;

	return used < ring->n_slot ? (uint32_t)used : ring->n_slot;
}

bool cis_ring_half_full(const struct cis_ring *ring)
{
	return 2 * (uint64_t)cis_ring_used(ring) > ring->n_slot;
}

void *cis_ring_put_begin(struct cis_ring *ring)
{
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);

	if (head - tail == ring->n_slot)
		return NULL;
	return slot(ring, head);
}

void cis_ring_put_end(struct cis_ring *ring)
{
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);

	atomic_store_explicit(&ring->head, head + 1, memory_order_release);
}

void *cis_ring_get_begin(struct cis_ring *ring)
{
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_acquire);

	if (head == tail)
		return NULL;
	return slot(ring, tail);
}

void cis_ring_get_end(struct cis_ring *ring)
{
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
}

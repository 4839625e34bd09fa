/* frame_ring.c - see frame_ring.h. */
#include "frame_ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BYTES  (1u << 20) /* of all frames */
#define MIN_FRAMES 4

int cis_frame_ring_init(struct cis_frame_ring *ring, uint64_t n)
{
	if (n > MAX_BYTES / ring->frame_size)
		n = MAX_BYTES / ring->frame_size;
	ring->n_slot = n < MIN_FRAMES ? MIN_FRAMES : n;
	ring->slots =
		malloc(ring->n_slot * (CIS_FRAME_RING_HEAD + ring->frame_size));
	return ring->slots ? 0 : -ENOMEM;
}

void cis_frame_ring_free(struct cis_frame_ring *ring)
{
	free(ring->slots);
}

int cis_frame_ring_widen(struct cis_frame_ring *ring, size_t frame_size)
{
	struct cis_frame_ring wide = *ring;

	if (frame_size <= ring->frame_size)
		return 0;
	wide.frame_size = frame_size;
	wide.slots = malloc(ring->n_slot * (CIS_FRAME_RING_HEAD + frame_size));
	if (!wide.slots)
		return -ENOMEM;
	for (uint64_t n = cis_frame_ring_oldest(ring); n < ring->n_made; n++)
		memcpy(cis_frame_ring_slot(&wide, n),
		       cis_frame_ring_slot(ring, n),
		       CIS_FRAME_RING_HEAD + ring->frame_size);
	free(ring->slots);
	*ring = wide;
	return 0;
}

void cis_frame_ring_swap(struct cis_frame_ring *a, struct cis_frame_ring *b)
{
	const struct cis_frame_ring was = *a;

	a->slots = b->slots;
	a->frame_size = b->frame_size;
	a->n_slot = b->n_slot;
	b->slots = was.slots;
	b->frame_size = was.frame_size;
	b->n_slot = was.n_slot;
}

uint64_t cis_frame_ring_oldest(const struct cis_frame_ring *ring)
{
	uint64_t n =
		ring->n_made > ring->n_slot ? ring->n_made - ring->n_slot : 0;

	return n > ring->n_first ? n : ring->n_first;
}

/*
 * frame_ring.h - the last data frames of a feed, in slots that all readers share.
 *
 * Frame n is in slot n % n_slot: two bytes for its length, and the frame. A
 * reader is a number n of its own; what the ring no longer holds is lost to it.
 */
#ifndef HOST_NET_FRAME_RING_H
#define HOST_NET_FRAME_RING_H

#include <stddef.h>
#include <stdint.h>

#define CIS_FRAME_RING_HEAD 2 /* bytes: the length of the frame */

struct cis_frame_ring {
	uint8_t *slots;    /* NULL: none, where nobody puts a frame */
	size_t frame_size; /* the most that a frame may have */
	uint64_t n_slot;
	uint64_t n_made;
	uint64_t n_first; /* older frames are of another configuration, or were
			     wanted by nobody */
};

/* Room for n frames of frame_size bytes, which is set; fewer where they are long,
 * and never less than a few. -ENOMEM. free() takes what is zero, too. */
int cis_frame_ring_init(struct cis_frame_ring *ring, uint64_t n);
void cis_frame_ring_free(struct cis_frame_ring *ring);

/* Frames may have so many bytes from now on, never less; those that it holds
 * stay. -ENOMEM. */
int cis_frame_ring_widen(struct cis_frame_ring *ring, size_t frame_size);

/* The two exchange their slots, and each counts on: the frames that it made are
 * no longer there, and forget() is due. */
void cis_frame_ring_swap(struct cis_frame_ring *a, struct cis_frame_ring *b);

/* The oldest frame that it holds; n_made: none. */
uint64_t cis_frame_ring_oldest(const struct cis_frame_ring *ring);

static inline uint8_t *cis_frame_ring_slot(const struct cis_frame_ring *ring,
					   uint64_t n)
{
	return ring->slots +
	       n % ring->n_slot * (CIS_FRAME_RING_HEAD + ring->frame_size);
}

/* Frame n, which must not be older than the oldest. */
static inline const uint8_t *
cis_frame_ring_at(const struct cis_frame_ring *ring, uint64_t n, size_t *len)
{
	const uint8_t *slot = cis_frame_ring_slot(ring, n);

	*len = (size_t)slot[0] << 8 | slot[1];
	return slot + CIS_FRAME_RING_HEAD;
}

/* Where the next frame is written to; then it is made. */
static inline uint8_t *cis_frame_ring_next(const struct cis_frame_ring *ring)
{
	return cis_frame_ring_slot(ring, ring->n_made) + CIS_FRAME_RING_HEAD;
}

/* Returns the frame. */
static inline const uint8_t *cis_frame_ring_made(struct cis_frame_ring *ring,
						 size_t len)
{
	uint8_t *slot = cis_frame_ring_slot(ring, ring->n_made++);

	slot[0] = (uint8_t)(len >> 8);
	slot[1] = (uint8_t)len;
	return slot + CIS_FRAME_RING_HEAD;
}

/* The frames that it holds are nobody's any more. */
static inline void cis_frame_ring_forget(struct cis_frame_ring *ring)
{
	ring->n_first = ring->n_made;
}

/* A frame was made that nobody wants: it need not be written. */
static inline void cis_frame_ring_skip(struct cis_frame_ring *ring)
{
	ring->n_first = ++ring->n_made;
}

#endif

/* level.c - see level.h. */
#include "level.h"

void cis_level_init(struct cis_level *l, const struct cis_ring *ring,
		    double size_s, double rate_hz)
{
	l->ring = ring;
	l->size_s = size_s;
	l->rate_hz = rate_hz;
}

/* est may be faster than this count: what it took of a slot that is not counted
 * yet is nothing. */
static uint64_t fill(const struct cis_level *l)
{
	uint64_t taken = atomic_load_explicit(&l->taken, memory_order_relaxed);
	uint64_t put = atomic_load_explicit(&l->put, memory_order_relaxed);

	return put > taken ? put - taken : 0;
}

/* The marks have one writer. */
void cis_level_put(struct cis_level *l, uint32_t n_scan)
{
	uint32_t n_slot = cis_ring_used(l->ring);
	uint64_t scans;

	atomic_fetch_add_explicit(&l->put, n_scan, memory_order_relaxed);
	scans = fill(l);
	if (scans > atomic_load_explicit(&l->high_scans, memory_order_relaxed))
		atomic_store_explicit(&l->high_scans, scans,
				      memory_order_relaxed);
	if (n_slot >
	    atomic_load_explicit(&l->high_n_slot, memory_order_relaxed))
		atomic_store_explicit(&l->high_n_slot, n_slot,
				      memory_order_relaxed);
}

void cis_level_take(struct cis_level *l, uint32_t n_scan)
{
	atomic_fetch_add_explicit(&l->taken, n_scan, memory_order_relaxed);
}

struct cis_ring_level cis_level_get(const struct cis_level *l)
{
	double slot_pct = 100.0 / cis_ring_size(l->ring);
	uint64_t high =
		atomic_load_explicit(&l->high_scans, memory_order_relaxed);

	return (struct cis_ring_level){
		.size_s = l->size_s,
		.fill_pct = cis_ring_used(l->ring) * slot_pct,
		.fill_s = (double)fill(l) / l->rate_hz,
		.high_pct = atomic_load_explicit(&l->high_n_slot,
						 memory_order_relaxed) *
			    slot_pct,
		.high_s = (double)high / l->rate_hz,
	};
}

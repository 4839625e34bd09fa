/* rec.c - see rec.h. */
#include "rec.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/ring.h"

#define RING_S    8.0 /* of samples: a disk may pause that long */
#define MIN_SLOTS 64

struct slot {
	struct cis_block blk;
	double x[];
};

struct cis_rec {
	struct cis_recorder *recorder;
	struct cis_ring *ring;
	uint32_t n_chan;
	uint32_t max_block;
	pthread_t thread;
	sem_t filled;
	atomic_bool done;
	_Atomic uint64_t lost;
	bool dropped; /* acq's own: flag the next block */
};

static void *rec_main(void *arg)
{
	struct cis_rec *rec = arg;

	for (;;) {
		bool done =
			atomic_load_explicit(&rec->done, memory_order_acquire);
		struct slot *slot = cis_ring_get_begin(rec->ring);

		if (slot) {
			/* An error is kept by the recorder, told at the end. */
			(void)cis_recorder_put(rec->recorder, &slot->blk);
			cis_ring_get_end(rec->ring);
		} else if (done) {
			return NULL;
		} else {
			while (sem_wait(&rec->filled) && errno == EINTR)
				;
		}
	}
}

static void rec_free(struct cis_rec *rec)
{
	cis_ring_free(rec->ring);
	sem_destroy(&rec->filled);
	free(rec);
}

int cis_rec_open(const struct cis_recorder_config *rc, uint32_t max_block,
		 double rate_hz, struct cis_rec **out, struct cis_diag *diag)
{
	struct cis_rec *rec = calloc(1, sizeof(*rec));
	double n = fmax(ceil(RING_S * rate_hz / max_block), MIN_SLOTS);
	int err;

	if (!rec)
		return cis_fail(diag, -ENOMEM, "%s: out of memory", rc->path);
	sem_init(&rec->filled, 0, 0);
	rec->n_chan = rc->map->n_chan;
	rec->max_block = max_block;
	if (cis_ring_new((uint32_t)n,
			 sizeof(struct slot) +
				 sizeof(double) * max_block * rec->n_chan,
			 &rec->ring)) {
		rec_free(rec);
		return cis_fail(diag, -ENOMEM, "%s: out of memory", rc->path);
	}
	err = cis_recorder_open(rc, &rec->recorder, diag);
	if (!err) {
		err = -pthread_create(&rec->thread, NULL, rec_main, rec);
		if (err) {
			cis_recorder_abort(rec->recorder);
			cis_fail(diag, err, "cannot start a thread: %s",
				 strerror(-err));
		}
	}
	if (err) {
		rec_free(rec);
		return err;
	}
	*out = rec;
	return 0;
}

void cis_rec_offer(struct cis_rec *rec, const struct cis_block *blk)
{
	struct slot *slot = cis_ring_put_begin(rec->ring);

	if (!slot) {
		atomic_fetch_add_explicit(&rec->lost, blk->n_scan,
					  memory_order_relaxed);
		rec->dropped = true;
		return;
	}
	slot->blk = *blk;
	slot->blk.x = slot->x;
	slot->blk.stride = rec->max_block;
	if (rec->dropped)
		slot->blk.flags |= CIS_BLOCK_GAP;
	rec->dropped = false;
	for (uint32_t c = 0; c < rec->n_chan; c++)
		memcpy(cis_block_chan(&slot->blk, c), cis_block_chan(blk, c),
		       blk->n_scan * sizeof(double));
	cis_ring_put_end(rec->ring);
	sem_post(&rec->filled);
}

uint64_t cis_rec_lost(const struct cis_rec *rec)
{
	return atomic_load_explicit(&rec->lost, memory_order_relaxed);
}

static void end_thread(struct cis_rec *rec)
{
	atomic_store_explicit(&rec->done, true, memory_order_release);
	sem_post(&rec->filled);
	pthread_join(rec->thread, NULL);
}

int cis_rec_close(struct cis_rec *rec, struct cis_diag *diag)
{
	int err;

	end_thread(rec);
	err = cis_recorder_close(rec->recorder, diag);
	rec_free(rec);
	return err;
}

void cis_rec_abort(struct cis_rec *rec)
{
	if (!rec)
		return;
	end_thread(rec);
	cis_recorder_abort(rec->recorder);
	rec_free(rec);
}

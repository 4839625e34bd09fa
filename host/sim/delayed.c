/* delayed.c - see delayed.h: a binary heap of places in one block of memory. */
#include "delayed.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct node {
	int64_t due_ns; /* TAI */
	uint64_t seq;
	uint32_t place;
};

struct cis_delayed {
	uint32_t size, n;
	uint64_t seq;
	size_t frame_max;
	struct node *heap;               /* [size], the first n are in use */
	uint32_t *spare;                 /* [size], the first size - n */
	struct cis_delayed_frame *place; /* [size] */
	uint8_t *bytes;                  /* [size][frame_max] */
};

/* ---- memory ---- */

static double bytes_each(const struct cis_delayed_config *cfg)
{
	return (double)(cfg->frame_max + sizeof(struct node) +
			sizeof(uint32_t) + sizeof(struct cis_delayed_frame));
}

static double places(const struct cis_delayed_config *cfg)
{
	return ceil(cfg->longest_s * cfg->frames_per_s) + cfg->at_once + 1;
}

static int allocate(struct cis_delayed *d)
{
	d->heap = calloc(d->size, sizeof(*d->heap));
	d->spare = calloc(d->size, sizeof(*d->spare));
	d->place = calloc(d->size, sizeof(*d->place));
	d->bytes = calloc(d->size, d->frame_max);
	return d->heap && d->spare && d->place && d->bytes ? 0 : -ENOMEM;
}

int cis_delayed_new(const struct cis_delayed_config *cfg,
		    struct cis_delayed **out, struct cis_diag *diag)
{
	double n = places(cfg);
	double bytes = n * bytes_each(cfg);
	struct cis_delayed *d;

	if (!(bytes <= CIS_DELAYED_MAX_BYTES))
		return cis_fail(diag, -EINVAL,
				"frames that wait up to %.3g s, %.6g of them a "
				"second and %zu bytes each, need %.4g MiB of "
				"memory, and %u MiB are allowed; delay less, "
				"or fewer PMUs",
				cfg->longest_s, cfg->frames_per_s,
				cfg->frame_max, bytes / (1 << 20),
				CIS_DELAYED_MAX_BYTES >> 20);
	d = calloc(1, sizeof(*d));
	if (!d)
		return cis_fail(diag, -ENOMEM, "out of memory");
	d->size = (uint32_t)n;
	d->frame_max = cfg->frame_max;
	if (allocate(d)) {
		cis_delayed_free(d);
		return cis_fail(diag, -ENOMEM, "out of memory");
	}
	for (uint32_t i = 0; i < d->size; i++)
		d->spare[i] = i;
	*out = d;
	return 0;
}

void cis_delayed_free(struct cis_delayed *d)
{
	if (!d)
		return;
	free(d->heap);
	free(d->spare);
	free(d->place);
	free(d->bytes);
	free(d);
}

/* ---- the heap ---- */

static bool before(const struct node *a, const struct node *b)
{
	if (a->due_ns != b->due_ns)
		return a->due_ns < b->due_ns;
	return a->seq < b->seq;
}

static void sift_up(struct cis_delayed *d, uint32_t i)
{
	struct node moving = d->heap[i];

	while (i > 0 && before(&moving, &d->heap[(i - 1) / 2])) {
		d->heap[i] = d->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	d->heap[i] = moving;
}

static void sift_down(struct cis_delayed *d, struct node moving)
{
	uint32_t i = 0, child;

	while ((child = 2 * i + 1) < d->n) {
		if (child + 1 < d->n &&
		    before(&d->heap[child + 1], &d->heap[child]))
			child++;
		if (!before(&d->heap[child], &moving))
			break;
		d->heap[i] = d->heap[child];
		i = child;
	}
	d->heap[i] = moving;
}

int cis_delayed_put(struct cis_delayed *d, const struct cis_delayed_frame *f)
{
	uint32_t place;
	uint8_t *bytes;

	if (f->len > d->frame_max)
		return -EMSGSIZE;
	if (d->n == d->size)
		return -ENOBUFS;
	place = d->spare[d->size - d->n - 1];
	bytes = d->bytes + (size_t)place * d->frame_max;
	memcpy(bytes, f->frame, f->len);
	d->place[place] = *f;
	d->place[place].frame = bytes;
	d->heap[d->n] = (struct node){f->due.tai_ns, d->seq++, place};
	sift_up(d, d->n++);
	return 0;
}

const struct cis_delayed_frame *cis_delayed_first(const struct cis_delayed *d)
{
	return d->n ? &d->place[d->heap[0].place] : NULL;
}

void cis_delayed_pop(struct cis_delayed *d)
{
	if (d->n == 0)
		return;
	d->n--;
	d->spare[d->size - d->n - 1] = d->heap[0].place;
	if (d->n > 0)
		sift_down(d, d->heap[d->n]);
}

bool cis_delayed_has_room(const struct cis_delayed *d,
			  const struct cis_delayed_config *cfg)
{
	return places(cfg) <= d->size && cfg->frame_max <= d->frame_max;
}

void cis_delayed_move(struct cis_delayed *from, struct cis_delayed *to)
{
	const struct cis_delayed_frame *f;

	while ((f = cis_delayed_first(from))) {
		cis_delayed_put(to, f);
		cis_delayed_pop(from);
	}
}

uint32_t cis_delayed_count(const struct cis_delayed *d)
{
	return d->n;
}
